//! Patches, judged by git itself: law L2 of the design.

mod cases;
mod like_git;
mod random;
mod whole;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Stdio;
use std::sync::Arc;

use overhaul::path::RepoPath;
use overhaul::plan::changes;
use overhaul::report::patch;
use overhaul::tree::{Contents, Entry, Id, Mode, ReadError, Snapshot, Tree, blob_id};

use super::support::Repo;

/// The files of a tree: path → mode and bytes (of a submodule: anything; its id is made of them).
type Files = BTreeMap<RepoPath, (Mode, Vec<u8>)>;

#[derive(Debug)]
struct Blobs(BTreeMap<Id, Arc<[u8]>>);

impl Contents for Blobs {
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        let found = self.0.get(&id).cloned();
        found.ok_or_else(|| ReadError { path: path.clone(), source: "no such blob".into() })
    }
}

fn path(bytes: impl AsRef<[u8]>) -> RepoPath {
    RepoPath::from_bytes(bytes.as_ref()).unwrap()
}

fn tree(files: &Files) -> Tree {
    let entry = |(path, (mode, bytes)): (&RepoPath, &(Mode, Vec<u8>))| {
        let entry = Entry { mode: *mode, id: blob_id(bytes), origin: Some(path.clone()) };
        (path.clone(), entry)
    };
    let blobs = files.values().map(|(_, bytes)| (blob_id(bytes), Arc::from(bytes.as_slice())));
    Tree::new(Snapshot {
        entries: Arc::new(files.iter().map(entry).collect()),
        contents: Arc::new(Blobs(blobs.collect())),
    })
}

fn patch_of(before: &Tree, after: &Tree) -> Vec<u8> {
    patch(before, after, &changes(before, after)).unwrap()
}

/// Builds a repository whose only commit is `files`.
fn repository(files: &Files) -> Repo {
    let repo = Repo::new();
    for (path, (mode, bytes)) in files {
        let place = repo.path(OsStr::from_bytes(path.as_bytes()));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        match mode {
            Mode::Link => symlink(OsStr::from_bytes(bytes), place).unwrap(),
            Mode::Submodule => fs::create_dir(place).unwrap(),
            Mode::File | Mode::Executable => {
                fs::write(&place, bytes).unwrap();
                let bits = if *mode == Mode::Executable { 0o755 } else { 0o644 };
                fs::set_permissions(&place, fs::Permissions::from_mode(bits)).unwrap();
            }
        }
    }
    repo.git(["add", "--all", "--force"]);
    for (path, (_, bytes)) in files.iter().filter(|(_, (mode, _))| *mode == Mode::Submodule) {
        let row = format!("160000,{},{path}", blob_id(bytes));
        repo.git(["update-index", "--add", "--cacheinfo", &row]);
    }
    repo.git(["commit", "-q", "--allow-empty", "-m", "base"]);
    repo
}

/// Gives `patch` to `git apply`, and returns the tree that comes of it.
#[track_caller]
fn apply(repo: &Repo, options: &[&str], patch: &[u8]) -> String {
    let mut command = repo.command("git", &repo.root());
    command.arg("apply").args(options).arg("--whitespace=nowarn").arg("--allow-empty");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(patch).unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(patch);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git apply {options:?}:\n{error}\n{shown}");
    if !options.contains(&"--index") {
        repo.git(["add", "--all", "--force"]);
    }
    repo.git(["write-tree"])
}

/// Expects the patch of `files` → `after` to give the very tree, with and without the index.
#[track_caller]
fn check(files: &Files, after: &Tree) {
    let before = tree(files);
    let repo = repository(files);
    assert_eq!(repo.git(["write-tree"]), before.id().to_string(), "the base tree");
    let patch = patch_of(&before, after);
    let shown = String::from_utf8_lossy(&patch);
    assert_eq!(apply(&repo, &["--index"], &patch), after.id().to_string(), "{shown}");
    assert_eq!(
        repo.git(["diff-files", "--name-only"]),
        "",
        "the work tree is as the index: {shown}"
    );
    repo.git(["reset", "-q", "--hard"]);
    assert_eq!(apply(&repo, &[], &patch), after.id().to_string(), "in the work tree: {shown}");
}
