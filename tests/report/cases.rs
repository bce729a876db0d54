//! One shape of change at a time.

use overhaul::tree::{Mode, Tree};

use super::{Files, check, path, tree};

/// Starts from four text files, a program, a binary, an empty file and two links.
fn files() -> Files {
    let long: String = (0..40).map(|line| format!("line {line}\n")).collect();
    let rows: [(&[u8], Mode, &[u8]); 10] = [
        (b"a.py", Mode::File, b"a = 1\n"),
        (b"b.py", Mode::File, b"b = 2\n"),
        (b"pkg/long.py", Mode::File, long.as_bytes()),
        (b"pkg/crlf.txt", Mode::File, b"one\r\ntwo\r\nthree"),
        (b"run", Mode::Executable, b"#!/bin/sh\n"),
        (b"logo.png", Mode::File, b"\x89PNG\0\0\xff\xfe"),
        (b"pkg/__init__.py", Mode::File, b""),
        (b"link", Mode::Link, b"a.py"),
        (b"pkg/other", Mode::Link, b"../b.py"),
        (b"caf\xe9 \t\"x\".txt", Mode::File, b"caf\xe9\n"),
    ];
    rows.into_iter().map(|(name, mode, bytes)| (path(name), (mode, bytes.to_vec()))).collect()
}

#[track_caller]
fn case(edit: impl FnOnce(&mut Tree)) {
    let files = files();
    let mut after = tree(&files);
    edit(&mut after);
    check(&files, &after);
}

fn rename(tree: &mut Tree, from: &str, to: &str) {
    tree.rename(&path(from), path(to));
}

fn write(tree: &mut Tree, at: &str, bytes: &[u8]) {
    tree.write(path(at), Mode::File, bytes);
}

#[test]
fn nothing() {
    case(|_| {});
}

#[test]
fn text_is_edited() {
    case(|tree| {
        let text = String::from_utf8(tree.read(&path("pkg/long.py")).unwrap().to_vec()).unwrap();
        let edited = text.replace("line 3\n", "").replace("line 30\n", "line 30\nnew\n");
        write(tree, "pkg/long.py", edited.as_bytes());
        write(tree, "a.py", b"a = 1");
        write(tree, "pkg/crlf.txt", b"one\r\n2\r\nthree\r\n");
        write(tree, "b.py", b"");
    });
}

#[test]
fn files_come_and_go() {
    case(|tree| {
        write(tree, "new/empty.py", b"");
        write(tree, "new/with space.py", b"x\n");
        write(tree, "new/with space", b"");
        tree.write(path("new/tool"), Mode::Executable, *b"#!/bin/sh");
        tree.write(path("new/link"), Mode::Link, *b"../a.py");
        for gone in ["run", "pkg/__init__.py", "link", "logo.png", "b.py"] {
            tree.remove(&path(gone));
        }
    });
}

#[test]
fn modes_change() {
    case(|tree| {
        tree.write(path("a.py"), Mode::Executable, *b"a = 1\n");
        tree.write(path("run"), Mode::File, *b"#!/bin/bash\n");
        tree.write(path("pkg/__init__.py"), Mode::Executable, *b"");
    });
}

#[test]
fn binary_content_changes() {
    case(|tree| {
        write(tree, "logo.png", &[&[0; 300][..], b"\x01\x02"].concat());
        write(tree, "a.py", b"now\0binary");
        write(tree, "new.bin", &(0..=255).cycle().take(70_000).collect::<Vec<u8>>());
        rename(tree, "pkg/crlf.txt", "pkg/was.txt");
        write(tree, "pkg/was.txt", b"\0");
        // Git looks at the first 8000 bytes only: a NUL beyond them is text.
        write(tree, "b.py", &[&b"b = 2\n".repeat(2000)[..], b"a\0b\n\0"].concat());
    });
}

#[test]
fn binary_patches_work_backwards() {
    let files = files();
    let before = tree(&files);
    let mut after = before.clone();
    write(&mut after, "logo.png", &[0; 300]);
    let repo = super::repository(&files);
    let patch = super::patch_of(&before, &after);
    assert_eq!(super::apply(&repo, &["--index"], &patch), after.id().to_string());
    assert_eq!(super::apply(&repo, &["--index", "-R"], &patch), before.id().to_string());
}

#[test]
fn names_that_git_quotes() {
    case(|tree| {
        tree.rename(&path(b"caf\xe9 \t\"x\".txt"), path(b"new\n\\\xff.txt"));
        write(tree, "é/ü ö.py", b"x = 1\n");
        write(tree, "trailing ", b"x\n");
        write(tree, "a b/b b", b"x\n");
    });
    case(|tree| tree.write(path(b"caf\xe9 \t\"x\".txt"), Mode::Executable, *b"new\n"));
}

#[test]
fn renames_with_and_without_edits() {
    case(|tree| {
        rename(tree, "a.py", "lib/a.py");
        rename(tree, "pkg/long.py", "lib/long.py");
        let text = tree.read(&path("lib/long.py")).unwrap();
        write(tree, "lib/long.py", &text[7..]);
        rename(tree, "run", "bin/run");
        tree.write(path("bin/run"), Mode::File, *b"#!/bin/sh\nexit\n");
        rename(tree, "pkg/__init__.py", "lib/__init__.py");
        rename(tree, "logo.png", "lib/logo.png");
        rename(tree, "link", "lib/link");
        rename(tree, "pkg/other", "lib/deep/other");
        tree.write(path("lib/deep/other"), Mode::Link, *b"../../b.py");
    });
}

#[test]
fn swaps_chains_and_rings() {
    case(|tree| {
        rename(tree, "a.py", "spare");
        rename(tree, "b.py", "a.py");
        rename(tree, "spare", "b.py");
    });
    case(|tree| {
        rename(tree, "logo.png", "z");
        rename(tree, "a.py", "logo.png");
        rename(tree, "b.py", "a.py");
        write(tree, "a.py", b"b = 2\nmore\n");
    });
    case(|tree| {
        rename(tree, "a.py", "spare");
        rename(tree, "b.py", "a.py");
        rename(tree, "run", "b.py");
        rename(tree, "spare", "run");
        write(tree, "run", b"a = 1\n");
    });
    case(|tree| {
        rename(tree, "link", "spare");
        rename(tree, "a.py", "link");
        rename(tree, "spare", "a.py");
    });
}

#[test]
fn a_new_file_stands_where_one_moved_away() {
    case(|tree| {
        rename(tree, "a.py", "0.py");
        write(tree, "a.py", b"from 0 import *\n");
        rename(tree, "b.py", "z.py");
        write(tree, "b.py", b"from z import *\n");
    });
}

#[test]
fn onto_a_file_that_goes() {
    case(|tree| rename(tree, "a.py", "b.py"));
    case(|tree| {
        rename(tree, "b.py", "run");
        rename(tree, "a.py", "b.py");
    });
}

#[test]
fn one_file_at_two_places() {
    case(|tree| {
        let entry = tree.remove(&path("pkg/long.py")).unwrap();
        tree.put(path("one.py"), entry.clone());
        tree.put(path("two.py"), entry.clone());
        tree.put(path("a.py"), entry);
    });
}

#[test]
fn nature_changes() {
    case(|tree| {
        tree.write(path("a.py"), Mode::Link, *b"b.py");
        write(tree, "link", b"a = 1\n");
        rename(tree, "b.py", "c.py");
        tree.write(path("c.py"), Mode::Link, *b"a.py");
    });
}

#[test]
fn folders_and_files_trade_places() {
    case(|tree| {
        rename(tree, "a.py", "a.py/__init__.py");
        tree.remove(&path("link"));
        write(tree, "link/x", b"x\n");
    });
    case(|tree| {
        for name in ["long.py", "crlf.txt", "other"] {
            tree.remove(&path(format!("pkg/{name}")));
        }
        rename(tree, "pkg/__init__.py", "pkg");
    });
    case(|tree| {
        for name in ["crlf.txt", "other", "__init__.py"] {
            tree.remove(&path(format!("pkg/{name}")));
        }
        rename(tree, "pkg/long.py", "pkg");
        write(tree, "pkg", b"x\n");
    });
}

#[test]
fn submodules_are_named_by_their_commit() {
    let mut files = files();
    files.insert(path("sub"), (Mode::Submodule, b"one".to_vec()));
    files.insert(path("gone"), (Mode::Submodule, b"two".to_vec()));
    let mut after = tree(&files);
    rename(&mut after, "sub", "vendor/sub");
    after.remove(&path("gone"));
    check_index(&files, &after);
}

/// Expects the patch to give the very tree in the index; submodules have no work tree here.
#[track_caller]
fn check_index(files: &Files, after: &Tree) {
    let repo = super::repository(files);
    let patch = super::patch_of(&tree(files), after);
    assert_eq!(super::apply(&repo, &["--index"], &patch), after.id().to_string());
}

#[test]
fn a_link_makes_way_for_a_folder() {
    case(|tree| rename(tree, "link", "link/below"));
    case(|tree| {
        rename(tree, "link", "elsewhere");
        write(tree, "link/new.py", b"x = 1\n");
    });
}
