//! Imports, module-level names and uses equal those of CPython's own `ast` and `symtable`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use overhaul::python::{self, FileFacts, Import, Status, Target};
use overhaul::text::{Lines, Text};
use rayon::prelude::*;
use serde_json::{Value, json};

/// A file that neither side reads is no difference; one that only we read has an error which CPython
/// finds in a later pass than parsing (`from __future__ import no_such_feature`).
fn compare(answer: &Value, version: (u8, u8)) -> Vec<String> {
    let path = answer["path"].as_str().unwrap();
    let bytes = std::fs::read(path).unwrap();
    let facts = python::read(&bytes, version);
    if answer.get("error").is_some() {
        return Vec::new();
    }
    if facts.status != Status::Parsed {
        return vec![format!("{path}: {:?}", facts.status)];
    }
    let mut found = Vec::new();
    differ(&mut found, path, &answer["imports"], &json!(imports(&facts)));
    let unsure = set(&answer["unsure"]);
    let theirs: BTreeSet<&str> = set(&answer["names"]);
    let ours: BTreeSet<&str> = facts.names.bound.keys().collect();
    differ(&mut found, path, &json!(&theirs - &unsure), &json!(&ours - &unsure));
    if answer.get("uses").is_some() {
        differ(&mut found, path, &answer["uses"], &json!(uses(&bytes, answer, version)));
    }
    found
}

fn set(names: &Value) -> BTreeSet<&str> {
    names.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

/// Lists what only one side has.
fn differ(found: &mut Vec<String>, path: &str, theirs: &Value, ours: &Value) {
    let (theirs, ours) = (theirs.as_array().unwrap(), ours.as_array().unwrap());
    let missing =
        theirs.iter().filter(|it| !ours.contains(it)).map(|it| format!("{path}: lacks {it}"));
    let wrong =
        ours.iter().filter(|it| !theirs.contains(it)).map(|it| format!("{path}: invents {it}"));
    let before = found.len();
    found.extend(missing.chain(wrong));
    if found.len() == before && theirs != ours {
        found.push(format!("{path}: another order or number"));
    }
}

fn imports(facts: &FileFacts) -> Vec<Value> {
    facts.imports.iter().filter_map(import).collect()
}

fn import(it: &Import) -> Option<Value> {
    let names = match &it.target {
        Target::Call { .. } => return None,
        Target::Module { .. } => Value::Null,
        Target::Star => return Some(json!([it.line, it.column, it.level, it.module, "*"])),
        Target::Names(names) => {
            json!(
                names
                    .iter()
                    .map(|it| json!([it.name, it.asname, it.line, it.column]))
                    .collect::<Vec<_>>()
            )
        }
    };
    Some(json!([it.line, it.column, it.level, it.module, names]))
}

/// Lists the reads of names that imports bind, but for those that `symtable` has no word on: names
/// in strings, and names that a class both binds and reads.
fn uses(bytes: &[u8], answer: &Value, version: (u8, u8)) -> Vec<Value> {
    let text = Text::decode_python(bytes).unwrap();
    let lines = Lines::new(text.source());
    let strings: Vec<[u32; 4]> = serde_json::from_value(answer["strings"].clone()).unwrap();
    let unsure = answer["unsure_uses"].as_array().unwrap();
    let imports = python::read(bytes, version).imports;
    let bindings = python::bindings(text.source(), &imports, &BTreeMap::new(), version);
    let mut found = BTreeSet::new();
    let is_name = |import: usize| !matches!(imports[import].target, Target::Call { .. });
    let uses = bindings.uses.iter().filter(|((import, _), _)| is_name(*import));
    for it in uses.flat_map(|(_, uses)| uses).filter(|it| !it.written) {
        let (name, span) = &it.parts[0];
        let (line, column) = lines.position(span.start);
        let within =
            |it: &[u32; 4]| (it[0], it[1]) <= (line, column) && (line, column) < (it[2], it[3]);
        if !strings.iter().any(within) && !unsure.contains(&json!([name, line, column])) {
            found.insert((name, line, column));
        }
    }
    found.into_iter().map(|it| json!(it)).collect()
}

#[test]
fn ast_and_symtable_agree() {
    let (version, files) = super::library();
    let ask = |files: &[PathBuf]| {
        let input: String = files.iter().map(|it| format!("{}\n", it.display())).collect();
        let answers = super::ask("facts.py", &input);
        assert_eq!(answers.len(), files.len());
        answers.par_iter().flat_map_iter(|it| compare(it, version)).collect::<Vec<_>>()
    };
    let differences: Vec<String> = files.par_chunks(64).flat_map_iter(ask).collect();
    super::report(&differences);
}

/// Prints each package of the library with the modules in it.
const PACKAGES: &str = r#"
import os, pkgutil, sysconfig
folder = sysconfig.get_path("stdlib")
skip = ("_pyrepl", "__phello__", "encodings", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "turtledemo")
for info in pkgutil.iter_modules([folder]):
    if info.ispkg and info.name not in skip:
        for inner in pkgutil.iter_modules([os.path.join(folder, info.name)]):
            if inner.name not in ("__main__", "test", "tests"):
                print(info.name, inner.name)
"#;

#[test]
fn every_module_in_a_package_of_the_library_is_known() {
    let output = std::process::Command::new("python3").args(["-c", PACKAGES]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("email mime\n"), "{text}");
    let unknown = text.lines().filter(|line| {
        let (package, name) = line.split_once(' ').unwrap();
        !python::is_stdlib_submodule(package, name)
    });
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&str>::new());
}
