//! Second opinions on what one Python file says: CPython's `ast`, `symtable` and import system, and
//! `rustpython-parser`, over the standard library of the `python3` at hand.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

mod alone;
mod cpython;
mod dotenv;
mod encodings;
mod folded;
mod moved;
mod own;
mod robust;
mod runtime;
mod rustpython;
mod shims;
mod skim;
mod styles;
mod symbols;
mod versions;

/// Tests of CPython that hold the odd corners of the grammar and of scopes.
const CORNERS: [&str; 22] = [
    "test_grammar",
    "test_scope",
    "test_symtable",
    "test_named_expressions",
    "test_patma",
    "test_syntax",
    "test_global",
    "test_positional_only_arg",
    "test_fstring",
    "test_exceptions",
    "test_unpack_ex",
    "test_listcomps",
    "test_genexps",
    "test_class",
    "test_coroutines",
    "test_typing",
    "test_type_comments",
    "test_except_star",
    "test_with",
    "test_enum",
    "test_source_encoding",
    "test_unicode_identifiers",
];

/// Returns the version of `python3` and the files of its standard library, tests aside.
fn library() -> ((u8, u8), Vec<PathBuf>) {
    let code = "import sys, sysconfig; print(*sys.version_info[:2], sysconfig.get_path('stdlib'))";
    let output = Command::new("python3").args(["-c", code]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.trim_end().splitn(3, ' ');
    let version = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
    let folder = PathBuf::from(words.next().unwrap());
    let mut files = Vec::new();
    let mut open = vec![folder.clone()];
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() {
                let skipped = ["site-packages", "dist-packages", "test", "tests", "__pycache__"];
                if !skipped.contains(&&*name) {
                    open.push(path);
                }
            } else if name.ends_with(".py") {
                files.push(path);
            }
        }
    }
    let corners = CORNERS.iter().map(|it| folder.join("test").join(format!("{it}.py")));
    files.extend(corners.filter(|it| it.exists()));
    files.sort();
    assert!(files.len() > 300, "{} is no standard library", folder.display());
    (version, files)
}

/// Runs one of the scripts beside this file; each line in `input` gives a line of JSON.
fn ask(script: &str, input: &str) -> Vec<Value> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(script);
    let mut python = Command::new("python3")
        .arg("-I")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = python.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

/// Fails with all differences at once.
#[track_caller]
fn report(differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}
