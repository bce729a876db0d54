//! Cases in Markdown: a small repository, a playbook, and what comes of it.
//!
//! Each file below `tests/cases/` is one; adding one needs no Rust. It has a title, the files of the
//! repository (a line with the path in backticks, then a block with the text), and the sections
//! `## Playbook` and `## Result`. A playbook of the binary is named instead of written:
//! `rename-module --set from=a.py --set to=b.py`, in a block of `text`. `UPDATE=1 cargo test cases` writes the results; read the difference.
//!
//! A path may be followed by `executable`, `link` (the text is the target), `submodule`, `crlf` or
//! `latin-1`; a text that ends in `∅` has no final newline, and `␀` is a null byte.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::plan::{Base, Options, plan};
use overhaul::playbook::{self, Inputs, SHIPPED, Shipped, Unset};
use overhaul::tree::{Id, Memory, Mode, Snapshot, Tree};

mod show;

const DAY: &str = "20261121";

/// One file below `tests/cases/`.
struct Case {
    /// The file, without its result.
    head: String,
    files: Vec<(String, Mode, Vec<u8>)>,
    playbook: Written,
    result: String,
}

/// The playbook of a case.
enum Written {
    /// Its text.
    Here(String),
    /// One of the binary, with its `--set` arguments.
    Shipped(&'static Shipped, Vec<(String, String)>),
}

#[test]
fn every_case_gives_its_result() {
    let files = listed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    assert!(!files.is_empty(), "there are no cases");
    let mut failed = Vec::new();
    let mut untried: BTreeSet<&str> =
        SHIPPED.iter().filter(|it| !it.file.starts_with("examples/")).map(|it| it.name).collect();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let case = read(&text).unwrap_or_else(|what| panic!("{}: {what}", file.display()));
        if let Written::Shipped(playbook, _) = &case.playbook {
            untried.remove(playbook.name);
        }
        let result = run(&case);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, format!("{}\n````text\n{result}````\n", case.head)).unwrap();
        } else if result != case.result {
            failed.push(format!("{}:\n{result}", file.display()));
        }
    }
    assert!(untried.is_empty(), "no case runs {untried:?}");
    assert!(failed.is_empty(), "{} cases differ; they give\n\n{}", failed.len(), failed.join("\n"));
}

/// Returns the Markdown files below a folder, in order.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Reads a case; says what is missing from it.
fn read(text: &str) -> Result<Case, &'static str> {
    let (repository, rest) = text.split_once("\n## Playbook\n").ok_or("no `## Playbook`")?;
    let (playbook, result) = rest.split_once("\n## Result\n").ok_or("no `## Result`")?;
    let head = text[..text.len() - result.len()].to_owned();
    let mut files = Vec::new();
    let mut lines = repository.lines().peekable();
    while let Some(line) = lines.next() {
        let header = line.strip_prefix('`').and_then(|it| it.split_once('`'));
        let header = header.filter(|_| lines.peek().is_some_and(|it| it.starts_with("```")));
        let Some((path, words)) = header else { continue };
        let block = block(&mut lines).ok_or("a path without a block")?;
        let (mode, bytes) = file(words.trim(), &block).ok_or("an unknown word after a path")?;
        files.push((path.to_owned(), mode, bytes));
    }
    let is_command = playbook.trim_start().starts_with("```text");
    let playbook = block(&mut playbook.lines()).ok_or("no block with the playbook")?;
    let playbook = match is_command {
        true => shipped(&playbook).ok_or("no playbook of the binary")?,
        false => Written::Here(playbook),
    };
    let result = block(&mut result.lines()).unwrap_or_default();
    Ok(Case { head, files, playbook, result })
}

/// Returns the text of the next block.
fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<String> {
    let open = lines.find(|it| it.starts_with("```"))?;
    let fence = &open[..open.len() - open.trim_start_matches('`').len()];
    Some(lines.take_while(|it| *it != fence).map(|it| format!("{it}\n")).collect())
}

/// Finds a playbook of the binary, and reads its arguments.
fn shipped(command: &str) -> Option<Written> {
    let (name, arguments) = command.trim().split_once(' ').unwrap_or((command.trim(), ""));
    let playbook = SHIPPED.iter().find(|it| it.name == name)?;
    let set = arguments.split("--set ").filter_map(|it| it.trim().split_once('='));
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(Written::Shipped(playbook, set))
}

fn file(words: &str, text: &str) -> Option<(Mode, Vec<u8>)> {
    let text = text.strip_suffix("∅\n").unwrap_or(text).replace('␀', "\0");
    Some(match words {
        "" => (Mode::File, text.into_bytes()),
        "executable" => (Mode::Executable, text.into_bytes()),
        "link" => (Mode::Link, text.trim_end().into()),
        "submodule" => (Mode::Submodule, Vec::new()),
        "crlf" => (Mode::File, text.replace('\n', "\r\n").into()),
        "latin-1" => (Mode::File, text.chars().map(|it| u8::try_from(it).unwrap()).collect()),
        _ => return None,
    })
}

/// Plans, plans again on the result, and shows what came of it.
fn run(case: &Case) -> String {
    let (text, set) = match &case.playbook {
        Written::Here(text) if text.starts_with("name = ") => (text.clone(), &[][..]),
        Written::Here(text) => (format!("name = \"case\"\n{text}"), &[][..]),
        Written::Shipped(playbook, set) => (playbook.text.to_owned(), &set[..]),
    };
    let inputs = Inputs { set, date: DAY, unset: Unset::IsMistake };
    let playbook = match playbook::read("case.toml", text.as_bytes(), &inputs) {
        Ok(playbook) => playbook,
        Err(error) => return show::mistakes(&error),
    };
    let files = case.files.iter().map(|(path, mode, bytes)| (path.as_str(), *mode, &bytes[..]));
    let memo = Arc::new(Memo::default());
    let planned = |snapshot| {
        let base = Base { commit: Id::from_bytes([1; 20]), date: DAY.to_owned(), snapshot };
        plan(&base, &playbook, &Options::default(), &memo)
    };
    let first = match planned(Memory::snapshot(files).unwrap()) {
        Ok(plan) => plan,
        Err(error) => return show::error(&error),
    };
    let again = planned(snapshot(&first.after));
    format!("{}{}", show::plan(&first, &playbook.frozen), show::again(again))
}

/// Makes a snapshot of a planned tree, as if it had been committed.
fn snapshot(tree: &Tree) -> Snapshot {
    let files: Vec<_> = tree
        .entries()
        .iter()
        .map(|(path, entry)| {
            let bytes = match entry.mode {
                Mode::Submodule => Vec::new(),
                Mode::File | Mode::Executable | Mode::Link => tree.read(path).unwrap().to_vec(),
            };
            (path.to_string(), entry.mode, bytes)
        })
        .collect();
    let rows = files.iter().map(|(path, mode, bytes)| (path.as_str(), *mode, &bytes[..]));
    Memory::snapshot(rows).unwrap()
}
