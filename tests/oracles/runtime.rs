//! Every name that a module of the standard library really has, once imported, is among the names
//! that we read from its file; and `__all__` is what we read.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use overhaul::python::{self, All, Binding, DefinitionKind};
use serde_json::{Value, json};

/// Importing these does something to the screen, or to the rest of the run.
const NOISY: [&str; 6] = ["__main__", "antigravity", "idlelib", "lib2to3", "this", "turtledemo"];

/// Returns the dotted name of a file below the folder of the standard library.
fn module(file: &Path, folder: &Path) -> Option<String> {
    let below = file.strip_prefix(folder).ok()?.with_extension("");
    let parts: Vec<&str> = below.iter().map(|it| it.to_str().unwrap()).collect();
    let named = parts.iter().all(|it| python::is_identifier(it) && !NOISY.contains(it));
    let whole = parts.join(".");
    (named && parts[0] != "test").then(|| whole.trim_end_matches(".__init__").to_owned())
}

fn compare(answer: &Value, version: (u8, u8), found: &mut Vec<String>) -> bool {
    let path = answer["path"].as_str().unwrap();
    let names = python::read(&std::fs::read(path).unwrap(), version).names;
    let defined =
        |it: &Binding| !matches!(it, Binding::Definition { kind: DefinitionKind::Annotation, .. });
    for name in answer["names"].as_array().unwrap() {
        let bound =
            names.bound.get(name.as_str().unwrap()).is_some_and(|it| it.iter().any(defined));
        if !bound && !names.open {
            found.push(format!("{path}: lacks {name}"));
        }
    }
    let real: Option<BTreeSet<&str>> =
        answer["all"].as_array().map(|it| it.iter().map(|it| it.as_str().unwrap()).collect());
    let (read, whole) = match &names.all {
        All::Absent => (None, true),
        All::Names(names) => (Some(names), true),
        All::Dynamic(names) => (Some(names), false),
    };
    let read: Option<BTreeSet<&str>> = read.map(|it| it.iter().map(|it| it.0.as_str()).collect());
    let agree = match (&read, &real) {
        // What a branch for another platform adds is not there, and neither is its definition.
        (Some(read), Some(real)) if whole => {
            let names = answer["names"].as_array().unwrap();
            real.is_subset(read) && read.difference(real).all(|it| !names.contains(&json!(it)))
        }
        (Some(read), Some(real)) => read.is_subset(real),
        _ => read == real,
    };
    if !agree && !names.open {
        found.push(format!("{path}: __all__ is {real:?}, not {read:?}"));
    }
    names.open
}

#[test]
fn every_module_of_the_standard_library_is_known() {
    let (version, _) = super::library();
    let code = "import sys; print(*sys.stdlib_module_names)";
    let output = Command::new("python3").args(["-c", code]).output().unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    assert!(names.split_whitespace().count() > 200, "{names}");
    let unknown: Vec<&str> =
        names.split_whitespace().filter(|it| !python::is_stdlib(it, version)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn python_has_no_names_that_we_do_not_know() {
    let (version, files) = super::library();
    let folder = files.iter().find(|it| it.ends_with("os.py")).unwrap().parent().unwrap();
    let named = files.iter().filter_map(|it| Some((it, module(it, folder)?)));
    let input: String = named.map(|(file, name)| format!("{}\t{name}\n", file.display())).collect();
    let answers = super::ask("runtime.py", &input);
    assert!(answers.len() > 300, "only {} modules can be imported", answers.len());
    let mut differences = Vec::new();
    let open = answers.iter().filter(|it| compare(it, version, &mut differences));
    let open: Vec<&Value> = open.map(|it| &it["path"]).collect();
    assert!(open.len() * 20 < answers.len(), "too many modules are open: {open:?}");
    super::report(&differences);
}
