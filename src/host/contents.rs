//! Bytes on demand: from the work tree where they stand there as git has them, else from the
//! object store.
//!
//! What comes from the disk is believed only where its hash is the id that was asked for. So a
//! file that changed, that git would convert (line ends, encodings), or that another commit has,
//! is never taken for the blob. No link is followed: not the file, nor a folder above it.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::repo::{Pool, oid_of, path_of};
use crate::path::RepoPath;
use crate::tree::{BlobHash, Contents, Id, ReadError, blob_id};

/// What is hashed in one go of files that need not be held.
const PIECE: usize = 64 << 10;

/// A buffer that is larger is not used again.
const LARGEST_BUFFER: usize = 1 << 20;

thread_local! {
    /// What files are read into that nobody keeps: memory that was used before is at hand.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes of a repository's files.
#[derive(Debug)]
pub(super) struct DiskContents {
    pool: Arc<Pool>,
    disk: Disk,
}

impl DiskContents {
    pub(super) fn new(pool: Arc<Pool>, root: &Path) -> Self {
        Self { pool, disk: Disk::new(root) }
    }

    fn stored(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        let read = |repo: &git2::Repository| Ok(Arc::from(repo.find_blob(oid_of(id)?)?.content()));
        self.pool.with(read).flatten().map_err(|error: git2::Error| ReadError {
            path: path.clone(),
            source: error.message().to_owned().into(),
        })
    }
}

impl Contents for DiskContents {
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        if let Ok(bytes) = self.disk.read(path)
            && blob_id(&bytes) == id
        {
            return Ok(Arc::from(bytes));
        }
        self.stored(path, id)
    }

    fn look(&self, path: &RepoPath, id: Id, work: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
        let mut buffer = BUFFER.take();
        let length = self.disk.read_into(path, &mut buffer);
        match length.ok().and_then(|it| buffer.get(..it)).filter(|it| blob_id(it) == id) {
            Some(bytes) => work(bytes),
            None => work(&self.stored(path, id)?),
        }
        if buffer.len() <= LARGEST_BUFFER {
            BUFFER.set(buffer);
        }
        Ok(())
    }
}

/// A work tree, seen without following links.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// Whether folders really are folders, all the way up: of those that something was asked of.
    folders: RwLock<HashMap<RepoPath, bool>>,
}

impl Disk {
    /// Takes the root of the work tree.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), folders: RwLock::default() }
    }

    /// Reads the bytes of a file, or the target of a link.
    pub(super) fn read(&self, path: &RepoPath) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let length = self.read_into(path, &mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }

    /// As [`Disk::read`], into the beginning of `bytes`; returns how many there are.
    fn read_into(&self, path: &RepoPath, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let place = self.place(path)?;
        match open_file(&place)? {
            Some(file) => read_whole(file, bytes),
            None => {
                *bytes = fs::read_link(place)?.into_os_string().into_encoded_bytes();
                Ok(bytes.len())
            }
        }
    }

    /// Hashes what stands at `path`, as git does, without holding it: it may be large.
    pub(super) fn hash(&self, path: &RepoPath) -> io::Result<(Kind, Id)> {
        let place = self.place(path)?;
        let Some(mut file) = open_file(&place)? else {
            let target = fs::read_link(place)?.into_os_string().into_encoded_bytes();
            return Ok((Kind::Link, blob_id(&target)));
        };
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(no_file());
        }
        let size = usize::try_from(meta.len()).map_or(PIECE, |it| it.clamp(1, PIECE));
        let (mut hash, mut piece, mut length) = (BlobHash::new(meta.len()), vec![0; size], 0);
        loop {
            match file.read(&mut piece)? {
                0 => break,
                read => {
                    hash.add(&piece[..read]);
                    length += read as u64;
                }
            }
        }
        if length != meta.len() {
            return Err(io::Error::other("it changed while it was read"));
        }
        Ok((if is_executable(&meta) { Kind::Executable } else { Kind::File }, hash.id()))
    }

    /// Returns where `path` is on disk, and what stands there.
    pub(super) fn look(&self, path: &RepoPath) -> io::Result<(PathBuf, Kind)> {
        let place = self.place(path)?;
        let meta = fs::symlink_metadata(&place)?;
        if meta.is_symlink() {
            return Ok((place, Kind::Link));
        }
        if !meta.is_file() {
            return Err(no_file());
        }
        Ok((place, if is_executable(&meta) { Kind::Executable } else { Kind::File }))
    }

    /// Returns where `path` is on disk, if no link is above it.
    pub(super) fn place(&self, path: &RepoPath) -> io::Result<PathBuf> {
        let folder = path.parent().ok_or_else(no_file)?;
        if !self.is_folder(&folder) {
            return Err(no_file());
        }
        Ok(self.root.join(path_of(path.as_bytes())))
    }

    fn is_folder(&self, folder: &RepoPath) -> bool {
        let Some(above) = folder.parent() else { return true };
        let known =
            self.folders.read().unwrap_or_else(PoisonError::into_inner).get(folder).copied();
        known.unwrap_or_else(|| {
            let place = || self.root.join(path_of(folder.as_bytes()));
            let real =
                self.is_folder(&above) && fs::symlink_metadata(place()).is_ok_and(|it| it.is_dir());
            let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
            folders.insert(folder.clone(), real);
            real
        })
    }
}

fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no file stands here")
}

/// Opens what stands at `place`; `None` for a link. A named pipe does not make us wait for ever.
#[cfg(unix)]
fn open_file(place: &Path) -> io::Result<Option<fs::File>> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    match rustix::fs::open(place, flags, Mode::empty()) {
        Ok(file) => Ok(Some(fs::File::from(file))),
        Err(rustix::io::Errno::LOOP) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens what stands at `place`; `None` for a link.
#[cfg(not(unix))]
fn open_file(place: &Path) -> io::Result<Option<fs::File>> {
    let link = fs::symlink_metadata(place)?.is_symlink();
    if link { Ok(None) } else { fs::File::open(place).map(Some) }
}

/// Reads a file to its end, which is where the system gives less than it was asked for.
fn read_whole(mut file: fs::File, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(no_file());
    }
    let more = usize::try_from(meta.len()).map_err(io::Error::other)?.saturating_add(1);
    let mut length = 0;
    loop {
        let end = length + more;
        if bytes.len() < end {
            bytes.try_reserve(end - bytes.len())?;
            bytes.resize(end, 0);
        }
        let read = file.read(&mut bytes[length..end])?;
        length += read;
        if read < more {
            return Ok(length);
        }
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
