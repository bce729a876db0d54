//! Snapshots: of a commit, of the index, of the work tree.
//!
//! Which files differ from the index is for `git status` to say; git's library is wrong about some
//! repositories. Of a file that differs, and of an untracked one, the bytes on disk are taken.

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use bstr::ByteSlice as _;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::contents::{Disk, DiskContents, Kind};
use super::error::{HostError, Refusal};
use super::git::{Git, Running, is_true};
use super::repo::{Repo, id_of, oid_of};
use super::status::{Changed, Status, mode_of, not_understood};
use super::{refuse, size};
use crate::path::RepoPath;
use crate::tree::{Entry, Id, Mode, Snapshot};

/// No checkout could have a longer path.
pub(super) const LONGEST_PATH: usize = 4096;

/// A commit that something starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The commit.
    pub commit: Id,
    /// Its tree.
    pub tree: Id,
    /// When it was committed, in seconds since 1970, UTC.
    pub time: i64,
}

/// The work tree as it is now.
#[derive(Debug, Clone)]
pub struct WorkTree {
    /// What is tracked, as it stands on disk, and what is untracked but not ignored.
    pub snapshot: Snapshot,
    /// Tracked paths that differ from HEAD, in the index or on disk; also those deleted.
    pub dirty: Vec<RepoPath>,
    /// Untracked paths that are not ignored.
    pub untracked: Vec<RepoPath>,
    /// Tracked files that cannot be read, with what the system says: the snapshot has them as the
    /// index does.
    pub unreadable: Vec<(RepoPath, String)>,
}

impl Repo {
    /// Finds a commit by any name that git knows: `HEAD`, a branch, a tag, an id, `main~3`.
    ///
    /// # Errors
    /// When there is no such commit, or no commit at all.
    pub fn commit(&self, revision: &str) -> Result<Base, HostError> {
        self.library(|repo| {
            let found = repo.revparse_single(revision).and_then(|it| it.peel_to_commit());
            let commit = found.map_err(|_| match repo.head() {
                Err(head) if head.code() == git2::ErrorCode::UnbornBranch => {
                    HostError::Refused(Refusal::NoCommit)
                }
                _ => HostError::UnknownRevision(revision.to_owned()),
            })?;
            let time = commit.time().seconds();
            Ok(Base { commit: id_of(commit.id())?, tree: id_of(commit.tree_id())?, time })
        })
    }

    /// Lists the tree of a commit. Its bytes are read when they are asked for.
    ///
    /// # Errors
    /// When the tree cannot be read, or has a path that no checkout could have.
    pub fn snapshot(&self, base: &Base) -> Result<Snapshot, HostError> {
        let entries = self.library(|repo| {
            size::check(repo, base.tree)?;
            tree_entries(repo, base.tree)
        })?;
        Ok(self.with_contents(entries))
    }

    /// Lists what is staged. Of a conflict, our side; what is only intended to be added is absent.
    ///
    /// # Errors
    /// When git fails, or the index has a path that no checkout could have.
    pub fn staged(&self) -> Result<Snapshot, HostError> {
        let git = self.git_in_hook()?;
        let mut entries = index_entries(&git)?;
        size::check_head(self, &entries)?;
        for change in Status::read(&git)?.tracked {
            if change.intended {
                entries.remove(&change.path);
            }
        }
        Ok(self.with_contents(entries))
    }

    /// Lists the work tree: tracked files as they stand on disk, and untracked ones that are not
    /// ignored. What is deleted is absent; submodules are as the index has them; nested
    /// repositories, and what is neither a file nor a link, are left out.
    ///
    /// # Errors
    /// When git fails, or a path is none that a checkout could have.
    pub fn work_tree(&self) -> Result<WorkTree, HostError> {
        Ok(Looking::of(self.clone(), None)?.end()?.1)
    }

    fn with_contents(&self, entries: BTreeMap<RepoPath, Entry>) -> Snapshot {
        let entries = Arc::new(entries);
        let pool = Arc::clone(self.pool());
        let contents = DiskContents::new(pool, self.root());
        Snapshot { entries, contents: Arc::new(contents) }
    }
}

/// A work tree that git still looks at.
#[derive(Debug)]
pub struct Looking {
    repo: Repo,
    listed: Snapshot,
    status: Running,
    /// Whether there are files that go through a filter, where that was not asked before.
    filtered: Option<Running>,
}

impl Looking {
    /// Finds the repository that `folder` is in, as [`Repo::open`] does, and begins to look at its work
    /// tree. That it is one that overhaul could get wrong may come out at the end.
    ///
    /// # Errors
    /// As for [`Repo::open`] and [`Repo::work_tree`].
    pub fn begin(folder: &Path) -> Result<Self, HostError> {
        let (repo, filtered) = Repo::begin(folder)?;
        Self::of(repo, Some(filtered))
    }

    fn of(repo: Repo, filtered: Option<Running>) -> Result<Self, HostError> {
        let status = Status::begin(repo.git())?;
        let entries = index_entries(repo.git())?;
        size::check_head(&repo, &entries)?;
        let listed = repo.with_contents(entries);
        Ok(Self { repo, listed, status, filtered })
    }

    /// Returns the repository.
    #[must_use]
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Returns what the index lists. Most of it is what the work tree has.
    #[must_use]
    pub fn listed(&self) -> &Snapshot {
        &self.listed
    }

    /// Waits for git, and lists the work tree as [`Repo::work_tree`] does.
    ///
    /// # Errors
    /// As for [`Looking::begin`].
    pub fn end(self) -> Result<(Repo, WorkTree), HostError> {
        let Self { repo, listed: Snapshot { mut entries, contents }, status, filtered } = self;
        if let Some(filtered) = filtered {
            refuse::by_filters(repo.git(), filtered)?;
        }
        let status = Status::end(status)?;
        let disk = Disk::new(repo.root());
        let (changed, unreadable) = changed(&disk, &status.tracked);
        let executables = repo.config().get("core.filemode").is_none_or(is_true);
        let untracked: Vec<Entry> = status
            .untracked
            .par_iter()
            .filter_map(|path| untracked_entry(&disk, path, executables))
            .collect();
        let named = untracked.into_iter().filter_map(|it| Some((it.origin.clone()?, it)));
        let untracked: BTreeMap<RepoPath, Entry> = named.collect();
        if !changed.is_empty() || !untracked.is_empty() {
            let entries = Arc::make_mut(&mut entries);
            for (path, entry) in changed {
                match entry {
                    Some(entry) => drop(entries.insert(path, entry)),
                    None => drop(entries.remove(&path)),
                }
            }
            for path in untracked.keys() {
                remove_below(entries, path);
            }
            entries.extend(untracked.clone());
        }
        let snapshot = Snapshot { entries, contents };
        let untracked = untracked.into_keys().collect();
        Ok((repo, WorkTree { snapshot, dirty: status.dirty, untracked, unreadable }))
    }
}

/// Tracked paths that differ on disk, with what is there now, if anything; and those that cannot be
/// read, with what the system says.
type Differing = (Vec<(RepoPath, Option<Entry>)>, Vec<(RepoPath, String)>);

/// Looks at the tracked files that differ on disk.
fn changed(disk: &Disk, tracked: &[Changed]) -> Differing {
    let entries: Vec<_> = tracked.par_iter().map(|it| tracked_entry(disk, it)).collect();
    let (mut changed, mut unreadable) = (Vec::new(), Vec::new());
    for (change, entry) in tracked.iter().zip(entries) {
        match entry {
            Ok(entry) => changed.push((change.path.clone(), entry)),
            Err(error) => unreadable.push((change.path.clone(), error.kind().to_string())),
        }
    }
    (changed, unreadable)
}

/// Takes out what is tracked below a path where a file or a link stands by now. git does not see
/// that it is gone where the link leads to itself.
fn remove_below(entries: &mut BTreeMap<RepoPath, Entry>, path: &RepoPath) {
    let head = [path.as_bytes(), b"/"].concat();
    let below = entries.range::<[u8], _>((Bound::Included(head.as_slice()), Bound::Unbounded));
    let below = below.map(|(it, _)| it).take_while(|it| it.as_bytes().starts_with(&head));
    for gone in below.cloned().collect::<Vec<_>>() {
        entries.remove(&gone);
    }
}

/// Lists a tree, folder by folder.
fn tree_entries(repo: &git2::Repository, tree: Id) -> Result<BTreeMap<RepoPath, Entry>, HostError> {
    let failed = |error| HostError::store(format!("read tree `{tree}`"), &error);
    let mut entries = Vec::new();
    let mut open = vec![(Vec::new(), oid_of(tree).map_err(failed)?)];
    while let Some((head, oid)) = open.pop() {
        let folder = repo.find_tree(oid).map_err(failed)?;
        for row in &folder {
            let bytes = [head.as_slice(), row.name_bytes()].concat();
            if row.kind() == Some(git2::ObjectType::Tree) && bytes.len() < LONGEST_PATH {
                open.push(([bytes.as_slice(), b"/"].concat(), row.id()));
                continue;
            }
            let mode = match row.filemode() {
                0o100_755 => Mode::Executable,
                0o120_000 => Mode::Link,
                0o160_000 => Mode::Submodule,
                _ => Mode::File,
            };
            entries.push(entry(&bytes, mode, id_of(row.id())?)?);
        }
    }
    Ok(entries.into_iter().collect())
}

/// Lists the index. git prints `mode SP id SP stage TAB path NUL`.
pub(super) fn index_entries(git: &Git) -> Result<BTreeMap<RepoPath, Entry>, HostError> {
    let listing = git.run(&["ls-files", "--stage", "--full-name", "-z"])?;
    let records = listing.split(|byte| *byte == 0).filter(|it| !it.is_empty());
    let entry = |record: &[u8]| -> Result<_, HostError> {
        let read = || {
            let (head, path) = record.split_once_str("\t")?;
            let mut words = head.to_str().ok()?.splitn(3, ' ');
            Some((mode_of(words.next()?)?, words.next()?.parse().ok()?, words.next()?, path))
        };
        let (mode, id, stage, path) = read().ok_or_else(|| not_understood("ls-files", record))?;
        Ok(matches!(stage, "0" | "2").then(|| entry(path, mode, id)).transpose()?)
    };
    records.filter_map(|record| entry(record).transpose()).collect()
}

/// Makes the entry of a path that something lists.
fn entry(path: &[u8], mode: Mode, id: Id) -> Result<(RepoPath, Entry), Refusal> {
    let path = RepoPath::from_bytes(path)?;
    if path.as_bytes().len() >= LONGEST_PATH {
        return Err(Refusal::LongPath);
    }
    Ok((path.clone(), Entry { mode, id, origin: Some(path) }))
}

/// Returns the entry of a tracked file that differs on disk; `None` where it is gone.
fn tracked_entry(disk: &Disk, change: &Changed) -> io::Result<Option<Entry>> {
    let Some(mode) = change.mode else { return Ok(None) };
    match disk.hash(&change.path) {
        Ok((_, id)) => Ok(Some(Entry { mode, id, origin: Some(change.path.clone()) })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the entry that an untracked file would get; `None` where it is no file, is gone by now
/// or cannot be read: nobody asked for it.
fn untracked_entry(disk: &Disk, path: &RepoPath, executables: bool) -> Option<Entry> {
    let (found, id) = disk.hash(path).ok()?;
    let mode = match found {
        Kind::Link => Mode::Link,
        Kind::Executable if executables => Mode::Executable,
        Kind::File | Kind::Executable => Mode::File,
    };
    Some(Entry { mode, id, origin: Some(path.clone()) })
}
