//! CPython's own library as a tree: what Python has there, we must not miss.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use overhaul::facts::{Facts, Member, Memo, Module, Settings};
use overhaul::path::RepoPath;
use overhaul::tree::{Memory, Mode, Tree};
use overhaul::verify::{self, Kind};

use super::python;

/// Prints the folder of the library and the version; then for each module that can be imported in
/// peace its file and the names that it has.
const LIST: &str = r#"
import contextlib, io, os, pkgutil, sys, sysconfig, warnings
warnings.simplefilter("ignore")
folder = os.path.realpath(sysconfig.get_path("stdlib"))
print(folder, *sys.version_info[:2], sep="\n")
skip = ("test", "idlelib", "tkinter", "turtle", "lib2to3", "antigravity", "this", "site-packages", "ensurepip")
def walk(path, prefix=""):
    for info in pkgutil.iter_modules(path):
        name = prefix + info.name
        if any(part.startswith(skip) or part == "__main__" for part in name.split(".")):
            continue
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                module = __import__(name, fromlist=["x"])
        except BaseException:
            continue
        file = os.path.realpath(getattr(module, "__file__", None) or "")
        if file.startswith(folder + "/") and file.endswith(".py"):
            # What `warnings` leaves behind is no name of the module.
            print(file[len(folder) + 1:], *(vars(module).keys() - {"__warningregistry__"}))
        if info.ispkg:
            walk(module.__path__, name + ".")
walk([folder])
"#;

/// Prints for each line `module name` whether Python can take that name from that module.
const TAKE: &str = r#"
import sys
for row in sys.stdin.read().splitlines():
    module, _, name = row.partition(" ")
    try:
        exec(f"from {module} import {name}" if name else f"import {module}", {})
        print("works", row)
    except BaseException:
        print("fails", row)
"#;

/// Reads the Python files of the library; installed packages and its own tests aside.
fn library(folder: &Path) -> Tree {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let aside = ["site-packages", "dist-packages", "__pycache__", "test", "tests"];
            if path.is_symlink() || aside.contains(&name) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if matches!(path.extension().and_then(|it| it.to_str()), Some("py" | "so")) {
                let below = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(below, fs::read(&path).unwrap());
            }
        }
    }
    let files = files.iter().map(|(path, bytes)| (path.as_str(), Mode::File, bytes.as_slice()));
    Tree::new(Memory::snapshot(files).unwrap())
}

#[test]
fn the_library_resolves_as_python_resolves_it() {
    let listing = python(Path::new("."), LIST, "");
    let mut rows = listing.lines();
    let folder = PathBuf::from(rows.next().unwrap());
    let mut number = || rows.next().unwrap().parse().unwrap();
    let target = (number(), number());
    let settings = Settings {
        roots: Some(vec![RepoPath::root()]),
        target: Some(target),
        ..Settings::default()
    };
    let facts = Facts::index(&library(&folder), &settings, &Memo::default()).unwrap();

    let mut missed = Vec::new();
    let mut modules = 0;
    for row in rows {
        let (file, names) = row.split_once(' ').unwrap();
        let module = Module::File(RepoPath::new(file).unwrap());
        let missing = |name: &&str| facts.member(&module, name) == Member::Missing;
        missed.extend(names.split(' ').filter(missing).map(|name| format!("{file}: {name}")));
        modules += 1;
    }
    assert!(modules > 200, "{modules} modules are too few to say anything");
    assert!(missed.is_empty(), "Python has these: {missed:#?}");

    let report = verify::check(&facts);
    let hard = report.unresolved.iter().filter(|it| !it.optional && it.kind != Kind::Undeclared);
    // A relative import is asked for by its absolute name.
    let asked: String = hard
        .filter_map(|it| {
            let name = it.module.trim_start_matches('.');
            let package = facts.package_of(&it.path).map_or(String::new(), |(_, it)| it);
            let parts: Vec<&str> = package.split('.').collect();
            let level = it.module.len() - name.len();
            let module = match level {
                0 => name.to_owned(),
                _ => parts.get(..(parts.len() + 1).checked_sub(level)?)?.join(".") + "." + name,
            };
            let module = module.trim_matches('.');
            Some(format!("{module} {}\n", it.name.as_deref().unwrap_or_default()))
        })
        .collect();
    let said = python(Path::new("."), TAKE, &asked);
    let wrong: Vec<&str> = said.lines().filter(|line| line.starts_with("works")).collect();
    assert!(wrong.is_empty(), "Python can: {wrong:#?}");
}
