//! The patch, byte for byte as `git diff` writes it, where git sees the same renames.

use overhaul::tree::{Mode, Tree};

use super::{Files, patch_of, path, repository, tree};

#[track_caller]
fn check(files: &[(&[u8], &[u8])], edit: impl FnOnce(&mut Tree)) {
    let files: Files =
        files.iter().map(|(name, bytes)| (path(name), (Mode::File, bytes.to_vec()))).collect();
    let before = tree(&files);
    let mut after = before.clone();
    edit(&mut after);
    let ours = patch_of(&before, &after);
    let repo = repository(&files);
    super::apply(&repo, &["--index"], &ours);
    let args = ["diff", "--cached", "--binary", "--full-index", "-M"];
    let theirs = repo.try_git(args).stdout;
    snapbox::assert_data_eq!(
        String::from_utf8_lossy(&ours).into_owned(),
        snapbox::Data::text(String::from_utf8_lossy(&theirs).into_owned()).raw()
    );
}

#[test]
fn edits_with_headings() {
    let text: String = (0..30).map(|it| format!("def f{it}():\n    return {it}\n\n")).collect();
    let edited = text.replace("return 3\n", "return 33\n").replace("return 20\n", "return -20");
    check(&[(b"a.py", text.as_bytes()), (b"b", b"x")], |tree| {
        tree.write(path("a.py"), Mode::File, edited.into_bytes());
        tree.write(path("b"), Mode::File, *b"x\ny");
    });
}

#[test]
fn additions_removals_modes() {
    check(&[(b"a", b"1\n"), (b"gone", b"1\n2\n")], |tree| {
        tree.write(path("a"), Mode::Executable, *b"1\n");
        tree.write(path("new"), Mode::Executable, *b"");
        tree.write(path("new one"), Mode::File, *b"x");
        tree.write(path("link"), Mode::Link, *b"a");
        tree.remove(&path("gone"));
    });
    check(&[(b"empty", b"")], |tree| drop(tree.remove(&path("empty"))));
}

#[test]
fn a_file_becomes_a_link() {
    check(&[(b"a", b"1\n")], |tree| tree.write(path("a"), Mode::Link, *b"b"));
}

#[test]
fn renames_and_quoted_names() {
    let text: String = (0..30).map(|it| format!("value {it}\n")).collect();
    check(&[(b"a \xff.py", text.as_bytes()), (b"b.py", b"b\n")], |tree| {
        tree.rename(&path(b"a \xff.py"), path(b"x\ty.py"));
        tree.write(path(b"x\ty.py"), Mode::File, text.replace("value 3\n", "").into_bytes());
        tree.rename(&path("b.py"), path("c d.py"));
    });
}
