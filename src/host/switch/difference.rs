//! What a switch changes on the disk, and how it is taken back where git did not finish: what it
//! wrote goes, what it removed comes back.
//!
//! HEAD and the index are then as they were. A path is touched only where the branch has it
//! otherwise, and where nothing stands on the disk, or what git wrote: the file of the branch, or a
//! beginning of it. What anybody else wrote there stays.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bstr::ByteSlice as _;

use crate::host::contents::Disk;
use crate::host::error::{HostError, Refusal};
use crate::host::files::remove_file;
use crate::host::git::Git;
use crate::host::load::Base;
use crate::host::lock::Lock;
use crate::host::repo::{Repo, path_of};
use crate::host::runs::Record;
use crate::path::RepoPath;
use crate::tree::{Entry, Mode};

/// What HEAD and the branch of a run have otherwise.
pub(super) struct Difference {
    old: Arc<BTreeMap<RepoPath, Entry>>,
    new: Arc<BTreeMap<RepoPath, Entry>>,
    paths: Vec<RepoPath>,
    disk: Disk,
}

impl Difference {
    /// Compares the two trees.
    pub(super) fn read(repo: &Repo, record: &Record) -> Result<Self, HostError> {
        let old = repo.snapshot(&repo.commit("HEAD")?)?.entries;
        let to = Base { commit: record.tip, tree: record.tree, time: record.time };
        let new = repo.snapshot(&to)?.entries;
        let same = |path: &&RepoPath| match (old.get(*path), new.get(*path)) {
            (Some(old), Some(new)) => (old.mode, old.id) == (new.mode, new.id),
            _ => false,
        };
        let paths: BTreeSet<&RepoPath> = old.keys().chain(new.keys()).collect();
        let paths: Vec<RepoPath> = paths.into_iter().filter(|it| !same(it)).cloned().collect();
        let disk = Disk::new(repo.root());
        Ok(Self { old, new, paths, disk })
    }

    /// Refuses where a file that nobody tracks stands in the place of a new one.
    pub(super) fn check_clear(&self, repo: &Repo) -> Result<(), Refusal> {
        let found = in_the_way(repo, &self.old, self.paths.iter());
        if found.is_empty() { Ok(()) } else { Err(Refusal::InTheWay(found)) }
    }

    /// Takes back what git did on its way to the branch.
    pub(super) fn take_back(
        &self,
        repo: &Repo,
        record: &Record,
        folder: &Path,
        lock: &Lock,
    ) -> Result<(), HostError> {
        let branch = Branch::read(repo, record, folder)?;
        let mut missing = Vec::new();
        for path in &self.paths {
            let written = match self.disk.read(path) {
                Ok(bytes) => self.new.contains_key(path) && branch.wrote(path, &bytes)?,
                Err(_) => false,
            };
            if written {
                remove(repo, path)?;
            }
            let tracked = self.old.get(path).is_some_and(|it| it.mode != Mode::Submodule);
            if tracked && (written || self.disk.look(path).is_err()) {
                missing.push(path_of(path.as_bytes()).into_os_string());
            }
        }
        let git = repo.git().clone().holding(lock);
        for some in missing.chunks(500) {
            let words = ["checkout-index", "--quiet", "--"].map(OsString::from);
            git.run(&[&words, some].concat())?;
        }
        Ok(())
    }
}

/// Returns what nobody tracks and stands on the disk where one of these paths is to be written.
pub(super) fn in_the_way<'a>(
    repo: &Repo,
    tracked: &BTreeMap<RepoPath, Entry>,
    paths: impl Iterator<Item = &'a RepoPath>,
) -> Vec<RepoPath> {
    // There, the file found may be a tracked one by another name.
    if repo.config().is_on("core.ignorecase") {
        return Vec::new();
    }
    let kind = |path: &RepoPath| {
        fs::symlink_metadata(repo.root().join(path_of(path.as_bytes()))).map(|it| it.file_type())
    };
    let holds_tracked = |path: &RepoPath| {
        let next = tracked.range::<RepoPath, _>(path..).next();
        next.is_some_and(|(it, _)| it.is_under(path))
    };
    let blocks = |path: &RepoPath| !tracked.contains_key(path) && kind(path).is_ok();
    let mut found = BTreeSet::new();
    for path in paths.filter(|it| !tracked.contains_key(*it)) {
        let above = path.folders().filter(|it| !it.is_root());
        let file = above.into_iter().find(|it| blocks(it) && !kind(it).is_ok_and(|it| it.is_dir()));
        let itself = || (blocks(path) && !holds_tracked(path)).then(|| path.clone());
        found.extend(file.or_else(itself));
    }
    found.into_iter().collect()
}

/// The branch that git was on its way to.
struct Branch<'a> {
    git: &'a Git,
    tree: String,
    /// Its paths of which the disk has something else, or nothing.
    otherwise: BTreeSet<RepoPath>,
}

impl<'a> Branch<'a> {
    /// Compares the disk with the branch: git, which knows of line ends, does it by an index.
    fn read(repo: &'a Repo, record: &Record, folder: &Path) -> Result<Self, HostError> {
        let tree = record.tree.to_string();
        // A kill may have come here before.
        remove_file(&folder.join("branch.lock"))?;
        let git = repo.git().clone().with_index(Some(folder.join("branch")));
        git.run(&["read-tree", &tree])?;
        // Its exit code says whether anything differs, which the next command tells in full.
        git.output(&["update-index", "-q", "--refresh"])?;
        let listing = git.run(&["diff-files", "--name-only", "-z"])?;
        let paths = listing.split(|byte| *byte == 0).filter(|it| !it.is_empty());
        let otherwise = paths.filter_map(|it| RepoPath::from_bytes(it).ok()).collect();
        Ok(Self { git: repo.git(), tree, otherwise })
    }

    /// Tells whether `bytes`, which stand on the disk, are what git wrote there, or a part of it.
    fn wrote(&self, path: &RepoPath, bytes: &[u8]) -> Result<bool, HostError> {
        if !self.otherwise.contains(path) {
            return Ok(true);
        }
        let name = [self.tree.as_bytes(), b":", path.as_bytes()].concat();
        let name = path_of(&name).into_os_string();
        let whole = self.git.run(&["cat-file".into(), "--filters".into(), name])?;
        Ok(whole.starts_with_str(bytes))
    }
}

/// Removes a file, and the folders that are empty without it.
fn remove(repo: &Repo, path: &RepoPath) -> Result<(), HostError> {
    let place = repo.root().join(path_of(path.as_bytes()));
    fs::remove_file(&place).map_err(|error| HostError::disk("remove", &place, error))?;
    for folder in path.folders().filter(|it| !it.is_root()) {
        if fs::remove_dir(repo.root().join(path_of(folder.as_bytes()))).is_err() {
            break;
        }
    }
    Ok(())
}
