//! Bytes on demand: from the work tree where they stand there as git has them, else from the
//! object store.
//!
//! What comes from the disk is believed only where its hash is the id that was asked for. So a
//! file that changed, that git would convert (line ends, encodings), or that another commit has,
//! is never taken for the blob. No link is followed: not the file, nor a folder above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::repo::{Pool, oid_of, path_of};
use crate::path::RepoPath;
use crate::tree::{Contents, Entry, Id, ReadError, blob_id};

/// The bytes of a repository's files.
#[derive(Debug)]
pub(super) struct DiskContents {
    pool: Arc<Pool>,
    root: PathBuf,
    entries: Arc<BTreeMap<RepoPath, Entry>>,
    /// Looked at when the first file is read: a tree of which all is known reads none.
    disk: OnceLock<Disk>,
}

impl DiskContents {
    pub(super) fn new(
        pool: Arc<Pool>,
        root: &Path,
        entries: Arc<BTreeMap<RepoPath, Entry>>,
    ) -> Self {
        Self { pool, root: root.to_owned(), entries, disk: OnceLock::new() }
    }

    fn stored(&self, id: Id) -> Result<Arc<[u8]>, git2::Error> {
        let oid = oid_of(id)?;
        self.pool.with(|repo| Ok(Arc::from(repo.find_blob(oid)?.content())))?
    }
}

impl Contents for DiskContents {
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        let disk = self.disk.get_or_init(|| Disk::new(&self.root, self.entries.keys()));
        if let Ok(bytes) = disk.read(path)
            && blob_id(&bytes) == id
        {
            return Ok(Arc::from(bytes));
        }
        self.stored(id).map_err(|error| ReadError {
            path: path.clone(),
            source: error.message().to_owned().into(),
        })
    }
}

/// A work tree, seen without following links.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// The folders that really are folders, all the way up.
    folders: BTreeSet<RepoPath>,
}

impl Disk {
    /// Looks at the folders above `paths`, once.
    pub(super) fn new<'a>(root: &Path, paths: impl IntoIterator<Item = &'a RepoPath>) -> Self {
        let mut disk = Self { root: root.to_owned(), folders: BTreeSet::from([RepoPath::root()]) };
        let mut seen = BTreeSet::new();
        for path in paths {
            let Some(folder) = path.parent().filter(|it| seen.insert(it.clone())) else { continue };
            disk.admit(&folder);
        }
        disk
    }

    /// Reads the bytes of a file, or the target of a link.
    pub(super) fn read(&self, path: &RepoPath) -> io::Result<Vec<u8>> {
        match self.look(path)? {
            (place, Kind::Link) => Ok(fs::read_link(place)?.into_os_string().into_encoded_bytes()),
            (place, Kind::File | Kind::Executable) => fs::read(place),
        }
    }

    /// Returns where `path` is on disk, and what stands there.
    pub(super) fn look(&self, path: &RepoPath) -> io::Result<(PathBuf, Kind)> {
        let no_file = || io::Error::new(io::ErrorKind::NotFound, "no file stands here");
        let folder = path.parent().ok_or_else(no_file)?;
        if !self.folders.contains(&folder) {
            return Err(no_file());
        }
        let place = self.root.join(path_of(path.as_bytes()));
        let meta = fs::symlink_metadata(&place)?;
        if meta.is_symlink() {
            return Ok((place, Kind::Link));
        }
        // A named pipe would make us wait for ever.
        if !meta.is_file() {
            return Err(no_file());
        }
        Ok((place, if is_executable(&meta) { Kind::Executable } else { Kind::File }))
    }

    fn admit(&mut self, folder: &RepoPath) -> bool {
        if self.folders.contains(folder) {
            return true;
        }
        let above = folder.parent().is_some_and(|it| self.admit(&it));
        let place = self.root.join(path_of(folder.as_bytes()));
        let real = above && fs::symlink_metadata(place).is_ok_and(|it| it.is_dir());
        if real {
            self.folders.insert(folder.clone());
        }
        real
    }
}

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A regular file that may be run.
    Executable,
    /// A symbolic link.
    Link,
}

#[cfg(unix)]
fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
