//! The pages that people write are true: the README shows a real run, and the architecture page
//! names tests that exist and every dependency.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Repo;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Returns the text of all tests: of this binary, and those beside the code.
fn tests() -> String {
    let mut text = String::new();
    let mut open: Vec<PathBuf> =
        ["src", "tests"].map(|it| Path::new(env!("CARGO_MANIFEST_DIR")).join(it)).into();
    while let Some(folder) = open.pop() {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|it| it.is_dir());
        open.extend(folders);
        for file in files.iter().filter(|it| it.extension().is_some_and(|it| it == "rs")) {
            text += &fs::read_to_string(file).unwrap();
        }
    }
    text
}

/// Returns what stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_readme_shows_a_real_run() {
    let readme = read("README.md");
    let folder = Repo::folder().env("NO_COLOR", "1");
    assert!(readme.contains("`overhaul demo --keep messy`"));
    drop(folder.run(["demo", "--keep", "messy"]).exit(0));
    let blocks = readme.split("```").skip(1).step_by(2).filter(|it| it.starts_with("\n$ overhaul"));
    let runs = blocks.flat_map(|it| it.split("\n$ overhaul ").skip(1));
    let mut count = 0;
    for run in runs {
        let (command, shown) = run.split_once('\n').unwrap();
        let args = ["-C", "messy"].into_iter().chain(command.split_whitespace());
        let ran = folder.run_on_terminal(&[], args);
        let (said, shown) = (ran.text(), format!("{}\n", shown.trim_end()));
        // What is left out is `…`, on a line of its own.
        let parts: Vec<&str> = shown.split("…\n").collect();
        let mut rest = said;
        for (at, part) in parts.iter().enumerate() {
            let (before, behind) =
                rest.split_once(part).unwrap_or_else(|| panic!("no `{part}` in {said}"));
            assert!(at > 0 || before.is_empty(), "`{command}` begins with {before}");
            rest = behind;
        }
        assert!(parts.last() == Some(&"") || rest.is_empty(), "`{command}` goes on with {rest}");
        count += 1;
    }
    assert_eq!(count, 4, "the README lost its run");
}

#[test]
fn every_invariant_names_tests_that_exist() {
    let (page, tests) = (read("docs/architecture.md"), tests());
    let invariants: Vec<&str> = page.split("*Invariant:*").skip(1).collect();
    assert!(invariants.len() > 10, "the page lost its invariants");
    for invariant in invariants {
        let invariant = invariant.split("\n- ").next().unwrap().split("\n\n").next().unwrap();
        let named = quoted(invariant).into_iter().filter(|it| it.matches('_').count() > 1);
        let named: Vec<&str> = named.filter(|it| !it.contains(['.', ':', '/'])).collect();
        assert!(!named.is_empty(), "no test holds:{invariant}");
        for test in named {
            assert!(tests.contains(&format!("fn {test}(")), "there is no test `{test}`");
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let (page, manifest) = (read("docs/architecture.md"), read("Cargo.toml"));
    let table = page.split("## Dependencies").nth(1).unwrap().split("\n## ").next().unwrap();
    let sections = manifest.split("\n[").filter(|it| it.contains("dependencies]\n"));
    let lines = sections.flat_map(str::lines).filter_map(|line| line.split_once(" = "));
    let mut declared: Vec<&str> = lines.map(|(name, _)| name).collect();
    let cells = table.lines().filter_map(|row| row.strip_prefix("| ")?.split(" |").next());
    let mut explained: Vec<&str> = cells.flat_map(quoted).collect();
    declared.sort_unstable();
    explained.sort_unstable();
    assert_eq!(explained, declared);
}
