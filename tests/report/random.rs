//! Whatever happens to a tree, git makes the same of the patch.

use overhaul::path::RepoPath;
use overhaul::tree::{Mode, Tree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Files, check, path, tree};

const NAMES: [&[u8]; 14] = [
    b"a",
    b"b",
    b"c.py",
    b"a/x",
    b"a/y.py",
    b"d/e/f",
    b"d/e/g",
    b"d/e",
    b"with space",
    b"caf\xe9",
    b"d/\"q\"\t",
    "é.py".as_bytes(),
    b"back\\slash",
    b"d/new\nline",
];

#[derive(Debug, Clone)]
enum Change {
    Rename(Index, RepoPath),
    Swap(Index, Index),
    Copy(Index, RepoPath),
    Write(RepoPath, Mode, Vec<u8>),
    Edit(Index, Vec<(Index, Vec<u8>)>),
    Mode(Index, Mode),
    Remove(Index),
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let body = select(vec![&b"x"[..], b"y", b"def f():", b"    return", b"", b"caf\xe9", b"-- a"]);
    let end = prop_oneof![8 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..]), 1 => Just(&b"\r"[..])];
    (body, 0..9u8, end).prop_map(|(body, digit, end)| [body, &[b'0' + digit], end].concat())
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => vec(line(), 0..25).prop_map(|lines| lines.concat()),
        2 => vec(line(), 1..4).prop_map(|lines| lines.concat().trim_ascii_end().to_vec()),
        1 => vec(any::<u8>(), 0..200),
        1 => vec(any::<u8>(), 0..60).prop_map(|bytes| [&bytes, &b"\0"[..]].concat()),
    ]
}

fn place() -> impl Strategy<Value = RepoPath> {
    select(&NAMES[..]).prop_map(path)
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![6 => Just(Mode::File), 2 => Just(Mode::Executable), 1 => Just(Mode::Link)]
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), place()).prop_map(|(at, to)| Change::Rename(at, to)),
        2 => (index(), index()).prop_map(|(a, b)| Change::Swap(a, b)),
        1 => (index(), place()).prop_map(|(at, to)| Change::Copy(at, to)),
        2 => (place(), mode(), content()).prop_map(|(at, mode, it)| Change::Write(at, mode, it)),
        3 => (index(), vec((index(), line()), 1..4)).prop_map(|(at, it)| Change::Edit(at, it)),
        1 => (index(), mode()).prop_map(|(at, mode)| Change::Mode(at, mode)),
        1 => index().prop_map(Change::Remove),
    ]
}

/// A link needs a target that a file system takes.
fn fit(mode: Mode, bytes: Vec<u8>) -> Vec<u8> {
    match mode {
        Mode::Link => [b"to", &b"x".repeat(bytes.len() % 50)[..]].concat(),
        Mode::File | Mode::Executable | Mode::Submodule => bytes,
    }
}

fn pick(tree: &Tree, at: &Index) -> Option<RepoPath> {
    let paths: Vec<_> = tree.entries().keys().collect();
    (!paths.is_empty()).then(|| (*at.get(&paths)).clone())
}

/// Takes out what cannot stand beside `path`: files above it, and all below it.
fn clear(tree: &mut Tree, path: &RepoPath) {
    for above in path.folders() {
        tree.remove(&above);
    }
    let below: Vec<_> = tree.under(path).map(|(it, _)| it.clone()).collect();
    below.iter().filter(|it| *it != path).for_each(|it| drop(tree.remove(it)));
}

fn carry_out(tree: &mut Tree, change: Change) -> Option<()> {
    match change {
        Change::Rename(at, to) => {
            let entry = tree.remove(&pick(tree, &at)?)?;
            clear(tree, &to);
            tree.put(to, entry);
        }
        Change::Swap(a, b) => {
            let (a, b) = (pick(tree, &a)?, pick(tree, &b)?);
            let (first, second) = (tree.entry(&a)?.clone(), tree.entry(&b)?.clone());
            tree.put(a, second);
            tree.put(b, first);
        }
        Change::Copy(at, to) => {
            let entry = tree.entry(&pick(tree, &at)?)?.clone();
            clear(tree, &to);
            tree.put(to, entry);
        }
        Change::Write(at, mode, bytes) => {
            clear(tree, &at);
            tree.write(at, mode, fit(mode, bytes));
        }
        Change::Edit(at, lines) => {
            let at = pick(tree, &at)?;
            let mode = tree.entry(&at)?.mode;
            let mut bytes = tree.read(&at).unwrap().to_vec();
            for (place, line) in lines {
                let place = place.index(bytes.len() + 1);
                bytes.splice(place..place, line);
            }
            tree.write(at, mode, fit(mode, bytes));
        }
        Change::Mode(at, mode) => {
            let at = pick(tree, &at)?;
            let bytes = tree.read(&at).unwrap().to_vec();
            tree.write(at, mode, fit(mode, bytes));
        }
        Change::Remove(at) => drop(tree.remove(&pick(tree, &at)?)),
    }
    Some(())
}

fn files() -> impl Strategy<Value = Files> {
    vec((place(), mode(), content()), 0..8).prop_map(|rows| {
        let mut made = tree(&Files::new());
        for (at, mode, bytes) in rows {
            clear(&mut made, &at);
            made.write(at, mode, fit(mode, bytes));
        }
        let row = |(at, entry): (&RepoPath, &overhaul::tree::Entry)| {
            (at.clone(), (entry.mode, made.read(at).unwrap().to_vec()))
        };
        made.entries().iter().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn git_apply_makes_the_very_tree(files in files(), changes in vec(change(), 1..7)) {
        let mut after = tree(&files);
        for change in changes {
            let _ = carry_out(&mut after, change);
        }
        check(&files, &after);
    }
}
