//! What is moved into the trash, and back: files, links and whole folders.
//!
//! On one file system a move is one rename, so a thing is in its place or in the trash. Elsewhere it
//! is copied first, and the original goes when the run is recorded; the name in the trash says how
//! far that is:
//!
//! | name | is |
//! |---|---|
//! | `N` | the thing |
//! | `N.part` | a copy that is not whole yet; the original is in its place |
//! | `N.copy` | a copy that is whole; the original is in its place, or some of it |
//! | `N.back` | the thing; its copy appears in the place, or has |

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{ASIDE, MOVED, Put, make_folders};
use crate::host::contents::Disk;
use crate::host::files::{remove_all, settle};
use crate::host::repo::path_of;
use crate::host::{HostError, Repo};
use crate::path::RepoPath;

/// A thing of the trash: where it is kept, and where it belongs.
pub(super) struct Slot<'a> {
    repo: &'a Repo,
    path: &'a RepoPath,
    /// `N` in the folder for what the run moved.
    kept: PathBuf,
    /// Where a copy is made, beside the place.
    aside: PathBuf,
}

impl<'a> Slot<'a> {
    pub(super) fn new(repo: &'a Repo, folder: &Path, number: usize, path: &'a RepoPath) -> Self {
        let id = folder.file_name().unwrap_or_default().to_string_lossy();
        let above = path.parent().unwrap_or_else(RepoPath::root);
        let above = repo.root().join(path_of(above.as_bytes()));
        let aside = above.join(format!("{ASIDE}{id}-{number}"));
        Self { repo, path, kept: folder.join(MOVED).join(number.to_string()), aside }
    }

    pub(super) fn place(&self) -> PathBuf {
        self.repo.root().join(path_of(self.path.as_bytes()))
    }

    fn named(&self, word: &str) -> PathBuf {
        self.kept.with_extension(word)
    }

    /// Tells whether the trash has it, or a whole copy.
    pub(super) fn is_kept(&self) -> bool {
        [self.kept.clone(), self.named(COPY), self.named(BACK)].iter().any(|it| exists(it))
    }

    /// Takes it off the disk or, where that is another one, copies it. What is gone by now is no
    /// matter.
    pub(super) fn take(&self) -> Result<(), HostError> {
        let failed = |error| HostError::disk("move to the trash", &self.place(), error);
        let Ok(place) = Disk::new(self.repo.root()).place(self.path) else { return Ok(()) };
        match fs::rename(&place, &self.kept) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                copy_all(&place, &self.named(PART)).map_err(failed)?;
                fs::rename(self.named(PART), self.named(COPY)).map_err(failed)
            }
            done => done.map_err(failed),
        }
    }

    /// Forgets a copy of what was never taken.
    pub(super) fn drop_copies(&self) -> Result<(), HostError> {
        [PART, COPY].iter().try_for_each(|it| remove_all(&self.named(it)))
    }

    /// Tells whether there is a copy, and the original is to go.
    pub(super) fn is_to_clear(&self) -> bool {
        exists(&self.named(COPY))
    }

    /// Removes what was copied. What is not as it was copied stays.
    pub(super) fn clear(&self) -> Result<(), HostError> {
        let copy = self.named(COPY);
        if let Ok(place) = Disk::new(self.repo.root()).place(self.path) {
            remove_same(&place, &copy)?;
        }
        fs::rename(&copy, &self.kept).map_err(|error| HostError::disk("write", &self.kept, error))
    }

    /// Puts it back in its place, where that is free. Begun before, it is ended.
    pub(super) fn put_back(&self) -> Result<Put, HostError> {
        if self.is_to_clear() {
            self.clear()?;
        }
        self.try_put_back().map_err(|error| HostError::disk("restore", &self.place(), error))
    }

    fn try_put_back(&self) -> io::Result<Put> {
        if exists(&self.named(BACK)) {
            return if exists(&self.aside) { self.appear() } else { Ok(Put::Back) };
        }
        if !exists(&self.kept) {
            return Ok(Put::Same);
        }
        if exists(&self.place()) || !make_folders(self.repo.root(), self.path)? {
            return Ok(Put::Occupied);
        }
        match rename_new(&self.kept, &self.place()) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                remove_all(&self.aside).map_err(io::Error::other)?;
                if let Err(error) = copy_all(&self.kept, &self.aside) {
                    // What failed is what is told.
                    let _ = remove_all(&self.aside);
                    return Err(error);
                }
                settle(self.repo.root()).map_err(io::Error::other)?;
                fs::rename(&self.kept, self.named(BACK))?;
                self.appear()
            }
            done => put(done),
        }
    }

    /// Gives the copy beside the place its name.
    fn appear(&self) -> io::Result<Put> {
        let put = put(rename_new(&self.aside, &self.place()))?;
        if put == Put::Occupied {
            fs::rename(self.named(BACK), &self.kept)?;
            remove_all(&self.aside).map_err(io::Error::other)?;
        }
        Ok(put)
    }

    /// Takes back that it was put back.
    pub(super) fn take_again(&self) -> Result<(), HostError> {
        let failed = |error| HostError::disk("move to the trash", &self.place(), error);
        if exists(&self.named(BACK)) {
            // Under this name first: whatever is removed then, it is known that the trash has it.
            fs::rename(self.named(BACK), self.named(COPY)).map_err(failed)?;
            return self.clear();
        }
        fs::rename(self.place(), &self.kept).map_err(failed)
    }

    /// Forgets what is back in its place.
    pub(super) fn drop_back(&self) -> Result<(), HostError> {
        remove_all(&self.named(BACK))
    }
}

const PART: &str = "part";
pub(super) const COPY: &str = "copy";
const BACK: &str = "back";

fn put(done: io::Result<()>) -> io::Result<Put> {
    match done {
        Ok(()) => Ok(Put::Back),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Put::Occupied),
        Err(error) => Err(error),
    }
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Renames, and overwrites nothing.
#[cfg(target_os = "linux")]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot; nothing stood there a moment ago.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => fs::rename(from, to),
        done => Ok(done?),
    }
}

/// Renames; nothing stood there a moment ago.
#[cfg(not(target_os = "linux"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Copies a file, a link or a folder with all that is in it to a new place, with modes, owners and
/// times.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(from)?;
    if meta.is_symlink() {
        return super::link(&fs::read_link(from)?, to);
    }
    let opened = if meta.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy_all(&from.join(&name), &to.join(&name))?;
        }
        File::open(to)?
    } else if meta.is_file() {
        let mut copy = File::options().write(true).create_new(true).open(to)?;
        io::copy(&mut File::open(from)?, &mut copy)?;
        copy
    } else {
        return Err(io::Error::other("it is neither a file nor a folder"));
    };
    // Only root can give a file away.
    let _ = keep_owner(&opened, &meta);
    if let Ok(time) = meta.modified() {
        opened.set_modified(time)?;
    }
    opened.set_permissions(meta.permissions())
}

#[cfg(unix)]
fn keep_owner(file: &File, meta: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    std::os::unix::fs::fchown(file, Some(meta.uid()), Some(meta.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Removes what stands at `place` as far as it is what `copy` is.
fn remove_same(place: &Path, copy: &Path) -> Result<(), HostError> {
    let failed = |error| HostError::disk("remove", place, error);
    let (Ok(now), Ok(then)) = (fs::symlink_metadata(place), fs::symlink_metadata(copy)) else {
        return Ok(());
    };
    if now.is_dir() && then.is_dir() {
        for entry in fs::read_dir(copy).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            remove_same(&place.join(&name), &copy.join(&name))?;
        }
        return match fs::remove_dir(place) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            done => done.map_err(failed),
        };
    }
    let same = if now.is_symlink() && then.is_symlink() {
        fs::read_link(place).ok() == fs::read_link(copy).ok()
    } else {
        now.is_file() && then.is_file() && same_bytes(place, copy).map_err(failed)?
    };
    if same { fs::remove_file(place).map_err(failed) } else { Ok(()) }
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (io::BufReader::new(one), io::BufReader::new(other));
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = read_piece(&mut one, &mut left)?;
        if read != read_piece(&mut other, &mut right)? || left[..read] != right[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Reads until the piece is full or the file ends.
fn read_piece(file: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match file.read(&mut piece[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}
