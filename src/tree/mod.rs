//! The repository as a value: an immutable [`Snapshot`], and a [`Tree`] that is a snapshot plus
//! planned changes.
//!
//! Contents are lazy: an [`Entry`] carries the id of its blob, and bytes are read through
//! [`Contents`], which `host/` and [`Memory`] implement. A move only re-keys an entry, so it reads
//! nothing. Symbolic links and submodules are entries like others; nothing here follows them.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::path::RepoPath;

mod id;
mod memory;
mod renames;
mod similarity;

pub use id::{BlobHash, Id, blob_id, tree_id};
pub use memory::Memory;
pub use similarity::{Pieces, Similarity};

/// What kind of thing an entry is: git's file modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A file, `100644`.
    File,
    /// An executable file, `100755`.
    Executable,
    /// A symbolic link, `120000`: its bytes are its target.
    Link,
    /// A submodule, `160000`: its id is a commit, and it has no bytes here.
    Submodule,
}

impl Mode {
    /// Returns git's six octal digits.
    #[must_use]
    pub fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
        }
    }

    /// Tells whether this is a file with bytes of its own, executable or not.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }
}

/// One path of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// File, executable, link or submodule.
    pub mode: Mode,
    /// The git id of its bytes (of the commit, for a submodule).
    pub id: Id,
    /// Where the entry stood in the snapshot; `None` for one that the plan made.
    pub origin: Option<RepoPath>,
}

/// Bytes by id. A failed read is an error, never an empty file.
pub trait Contents: Send + Sync {
    /// Reads the blob `id`, which the snapshot has at `path`.
    ///
    /// # Errors
    /// When the bytes cannot be had, or are not those of `id`.
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError>;

    /// As [`Contents::read`], for one look at bytes that nobody keeps.
    ///
    /// # Errors
    /// As for [`Contents::read`].
    fn look(&self, path: &RepoPath, id: Id, work: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        self.read(path, id).map(|bytes| work(&bytes))
    }
}

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read `{path}`")]
pub struct ReadError {
    /// The file.
    pub path: RepoPath,
    /// What the disk or the object store said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// An immutable listing of a commit or of a work tree.
#[derive(Clone)]
pub struct Snapshot {
    /// Every tracked path (of a work tree: and every untracked one that is not ignored).
    pub entries: Arc<BTreeMap<RepoPath, Entry>>,
    /// Where the bytes come from.
    pub contents: Arc<dyn Contents>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// A path and what stands there.
pub type Listed<'a> = (&'a RepoPath, &'a Entry);

/// A snapshot plus planned changes. Cloning is cheap; a change copies the listing once.
#[derive(Debug, Clone)]
pub struct Tree {
    snapshot: Snapshot,
    entries: Arc<BTreeMap<RepoPath, Entry>>,
    fresh: Arc<BTreeMap<Id, Arc<[u8]>>>,
}

impl Tree {
    /// Starts from `snapshot`, unchanged.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let entries = Arc::clone(&snapshot.entries);
        Self { snapshot, entries, fresh: Arc::default() }
    }

    /// Returns the snapshot that the changes stand on.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Returns the tree as if it had been loaded: every entry stands where it always stood.
    #[must_use]
    pub fn settled(&self) -> Self {
        let entries = self.entries.iter().map(|(path, entry)| {
            (path.clone(), Entry { origin: Some(path.clone()), ..entry.clone() })
        });
        let entries = Arc::new(entries.collect());
        Self::new(Snapshot { entries, contents: Arc::new(self.clone()) })
    }

    /// Returns the listing, in byte order of paths.
    #[must_use]
    pub fn entries(&self) -> &BTreeMap<RepoPath, Entry> {
        &self.entries
    }

    /// Returns the entry at exactly this path; folders have none.
    #[must_use]
    pub fn entry(&self, path: &RepoPath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Tells whether something stands at `path`: a file, a link, a submodule or a folder.
    #[must_use]
    pub fn exists(&self, path: &RepoPath) -> bool {
        self.entries.contains_key(path) || self.is_folder(path)
    }

    /// Tells whether `path` is a folder, which is to have an entry below it.
    #[must_use]
    pub fn is_folder(&self, path: &RepoPath) -> bool {
        path.is_root() || self.under(path).next().is_some_and(|(first, _)| first != path)
    }

    /// Returns what stands in `after` and not here, with these bytes and this mode, and the paths that
    /// stand here and not in `after`; both in order.
    #[must_use]
    pub fn differences<'a>(&'a self, after: &'a Self) -> (Vec<Listed<'a>>, Vec<Listed<'a>>) {
        let (mut came, mut gone) = (Vec::new(), Vec::new());
        if Arc::ptr_eq(&self.entries, &after.entries) {
            return (came, gone);
        }
        let (mut old, mut new) = (self.entries.iter().peekable(), after.entries.iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (Some((old, _)), Some((new, _))) => old.cmp(new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return (came, gone),
            };
            let was = if order.is_le() { old.next() } else { None };
            let is = if order.is_ge() { new.next() } else { None };
            match (was, is) {
                (Some((_, was)), Some((_, is))) if was.id == is.id && was.mode == is.mode => {}
                (_, Some(is)) => came.push(is),
                (was, None) => gone.extend(was),
            }
        }
    }

    /// Returns the entries at or below `folder`, in order.
    pub fn under<'a>(
        &'a self,
        folder: &'a RepoPath,
    ) -> impl Iterator<Item = (&'a RepoPath, &'a Entry)> {
        // `a-b` sorts between `a` and `a/b`: look at the folder itself, then at what starts with `a/`.
        let own = (!folder.is_root()).then(|| self.entries.get_key_value(folder)).flatten();
        let mut head = folder.as_bytes().to_vec();
        if !folder.is_root() {
            head.push(b'/');
        }
        let from = (std::ops::Bound::Included(head.as_slice()), std::ops::Bound::Unbounded);
        let below = self.entries.range::<[u8], _>(from);
        own.into_iter().chain(below.take_while(move |(path, _)| path.as_bytes().starts_with(&head)))
    }

    /// Reads a file or the target of a link.
    ///
    /// # Errors
    /// When the bytes cannot be had. A path without an entry, or a submodule, reads as not found.
    pub fn read(&self, path: &RepoPath) -> Result<Arc<[u8]>, ReadError> {
        let entry = self.with_bytes(path)?;
        if let Some(bytes) = self.fresh.get(&entry.id) {
            return Ok(Arc::clone(bytes));
        }
        let place = entry.origin.as_ref().unwrap_or(path);
        self.snapshot.contents.read(place, entry.id)
    }

    /// As [`Tree::read`], for one look at bytes that nobody keeps.
    ///
    /// # Errors
    /// As for [`Tree::read`].
    pub fn look(&self, path: &RepoPath, work: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let entry = self.with_bytes(path)?;
        if let Some(bytes) = self.fresh.get(&entry.id) {
            work(bytes);
            return Ok(());
        }
        let place = entry.origin.as_ref().unwrap_or(path);
        self.snapshot.contents.look(place, entry.id, work)
    }

    fn with_bytes(&self, path: &RepoPath) -> Result<&Entry, ReadError> {
        let missing =
            || ReadError { path: path.clone(), source: "no such file in this tree".into() };
        self.entries.get(path).filter(|it| it.mode != Mode::Submodule).ok_or_else(missing)
    }

    /// Writes `bytes` at `path`. An entry that stands there keeps its origin, so it reads as edited.
    pub fn write(&mut self, path: RepoPath, mode: Mode, bytes: impl Into<Arc<[u8]>>) {
        let bytes = bytes.into();
        self.write_as(path, mode, (blob_id(&bytes), bytes));
    }

    /// As [`Tree::write`], where the id of the bytes is known.
    pub fn write_as(&mut self, path: RepoPath, mode: Mode, (id, bytes): (Id, Arc<[u8]>)) {
        let entries = Arc::make_mut(&mut self.entries);
        let origin = entries.get(&path).and_then(|it| it.origin.clone());
        Arc::make_mut(&mut self.fresh).insert(id, bytes);
        entries.insert(path, Entry { mode, id, origin });
    }

    /// Takes the entry at `path` out, and returns it.
    pub fn remove(&mut self, path: &RepoPath) -> Option<Entry> {
        Arc::make_mut(&mut self.entries).remove(path)
    }

    /// Puts an entry that another path had, or had before, at `path`.
    pub fn put(&mut self, path: RepoPath, entry: Entry) {
        Arc::make_mut(&mut self.entries).insert(path, entry);
    }

    /// Moves the one entry at `from` to `to`, whatever stands there. Nothing happens where `from`
    /// has none.
    pub fn rename(&mut self, from: &RepoPath, to: RepoPath) {
        if let Some(entry) = self.remove(from) {
            self.put(to, entry);
        }
    }

    /// Returns the bytes that the plan made, by id: what has to be written before the tree can be.
    pub fn fresh(&self) -> impl Iterator<Item = (Id, &Arc<[u8]>)> {
        self.fresh.iter().map(|(id, bytes)| (*id, bytes))
    }

    /// Returns the id that git gives to this tree.
    #[must_use]
    pub fn id(&self) -> Id {
        tree_id(&self.entries)
    }

    /// Returns git's tree objects of this tree: id and bytes, what is inside first, the root last.
    #[must_use]
    pub fn objects(&self) -> Vec<(Id, Vec<u8>)> {
        id::tree_objects(&self.entries)
    }

    /// Returns where each entry of the snapshot that is still here stands now, for those that
    /// moved: old → new.
    #[must_use]
    pub fn moves(&self) -> BTreeMap<RepoPath, RepoPath> {
        let moved = self.entries.iter().filter_map(|(path, entry)| {
            let origin = entry.origin.as_ref()?;
            (origin != path).then(|| (origin.clone(), path.clone()))
        });
        moved.collect()
    }
}

impl Contents for Tree {
    fn read(&self, path: &RepoPath, _id: Id) -> Result<Arc<[u8]>, ReadError> {
        Self::read(self, path)
    }
}

impl std::borrow::Borrow<[u8]> for RepoPath {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}
