//! The trash: copies of what leaves the disk, under the git directory of the work tree.
//!
//! A run's trash is filled aside and then renamed, so it is whole or not there. Bringing back never
//! overwrites: what stands in the place by now stays, and the copy stays too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::contents::{Disk, Kind};
use super::error::{HostError, Refusal};
use super::files::{list_folder, remove_file, remove_folder, write_aside};
use super::lock::Lock;
use super::recover::recover;
use super::repo::{Repo, path_of};
use super::runs::{Record, record};
use crate::path::RepoPath;

/// A file in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// The run that put it there.
    pub run: String,
    /// Where it was.
    pub path: RepoPath,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What bringing back did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files that were missing and are there again.
    pub restored: Vec<RepoPath>,
    /// Files in whose place something else stands: left alone, their copies kept in the trash.
    pub kept: Vec<RepoPath>,
}

/// Lists the trash of this work tree, by run and path.
///
/// # Errors
/// When it cannot be read.
pub fn trash(repo: &Repo) -> Result<Vec<Trashed>, HostError> {
    let mut found = Vec::new();
    for id in ids(repo)? {
        for item in manifest(repo, id)?.items {
            found.push(Trashed { run: id.to_string(), path: item.path()?, bytes: item.size });
        }
    }
    Ok(found)
}

/// Brings back what a run put in the trash. The trash keeps its copies.
///
/// # Errors
/// When there is no such run, its trash is in another work tree, or the disk fails.
pub fn restore(repo: &Repo, run: &str) -> Result<Restored, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    let record = record(repo, run)?;
    check_here(repo, &record)?;
    let place = folder(repo).join(record.id.to_string());
    if !place.exists() {
        return Ok(Restored::default());
    }
    let note = place.join(RESTORING);
    write_aside(&note, b"").map_err(|error| HostError::disk("write", &note, error))?;
    let restored = bring_back(repo, record.id, &lock);
    remove_file(&note)?;
    restored
}

/// Ends a restoring that was begun, and removes what a kill left over.
pub(super) fn finish(repo: &Repo, known: &[u64], lock: &Lock) -> Result<(), HostError> {
    remove_folder(&emptied(repo))?;
    for entry in list_folder(&folder(repo))? {
        let id = entry.file_name().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
        let Some(id) = id.filter(|it| known.contains(it)) else {
            remove_folder(&entry)?;
            continue;
        };
        let note = entry.join(RESTORING);
        if note.exists() {
            bring_back(repo, id, lock)?;
            remove_file(&note)?;
        }
        let left = list_folder(&entry)?;
        let aside = |it: &&PathBuf| {
            it.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(ASIDE.as_bytes()))
        };
        left.iter().filter(aside).try_for_each(|it| remove_file(it))?;
    }
    Ok(())
}

/// Empties the trash of this work tree, and returns what was in it.
///
/// # Errors
/// When the disk fails.
pub fn empty_trash(repo: &Repo) -> Result<Vec<Trashed>, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    let found = trash(repo)?;
    let (place, emptied) = (folder(repo), emptied(repo));
    match fs::rename(&place, &emptied) {
        Ok(()) => remove_folder(&emptied)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(HostError::disk("remove", &place, error)),
    }
    Ok(found)
}

/// Copies files into the trash of run `id`; what is not on disk is left out.
pub(super) fn store(repo: &Repo, id: u64, paths: &[RepoPath]) -> Result<(), HostError> {
    let disk = Disk::new(repo.root());
    let aside = folder(repo).join(format!("{id}.new"));
    remove_folder(&aside)?;
    let mut items = Vec::new();
    for path in paths {
        let Ok((place, kind)) = disk.look(path) else { continue };
        if items.is_empty() {
            fs::create_dir_all(&aside).map_err(|error| HostError::disk("make", &aside, error))?;
        }
        let copy = aside.join(items.len().to_string());
        let item = Item::copy(path, &place, kind, &copy);
        items.push(item.map_err(|error| HostError::disk("copy to the trash", &place, error))?);
    }
    if items.is_empty() {
        return Ok(());
    }
    let manifest = Manifest { format: Format::One, items };
    let path = aside.join(MANIFEST);
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|source| HostError::Record { path: path.clone(), source })?;
    fs::write(&path, text).map_err(|error| HostError::disk("write", &path, error))?;
    let place = folder(repo).join(id.to_string());
    fs::rename(&aside, &place).map_err(|error| HostError::disk("write", &place, error))
}

/// Puts the files of run `id` back where they are missing: all, or none where one of them fails.
pub(super) fn bring_back(repo: &Repo, id: u64, _: &Lock) -> Result<Restored, HostError> {
    let mut done = Restored::default();
    if !folder(repo).join(id.to_string()).exists() {
        return Ok(done);
    }
    for (number, item) in manifest(repo, id)?.items.iter().enumerate() {
        let path = item.path()?;
        let copy = folder(repo).join(id.to_string()).join(number.to_string());
        match item.put_back(repo.root(), &path, &copy) {
            Ok(Put::Back) => done.restored.push(path),
            Ok(Put::Same) => {}
            Ok(Put::Occupied) => done.kept.push(path),
            Err(error) => {
                let place = |path: &RepoPath| repo.root().join(path_of(path.as_bytes()));
                done.restored.iter().try_for_each(|it| remove_file(&place(it)))?;
                return Err(HostError::disk("restore", &place(&path), error));
            }
        }
    }
    Ok(done)
}

/// Refuses to work on the trash of a run that was made in another work tree.
pub(super) fn check_here(repo: &Repo, record: &Record) -> Result<(), Refusal> {
    let elsewhere = record.work_tree != repo.work_tree_name();
    let there = repo.dir_of(&record.work_tree).join("trash").join(record.id.to_string());
    if elsewhere && there.exists() {
        return Err(Refusal::OtherWorkTree(record.id.to_string()));
    }
    Ok(())
}

/// Removes the trash of run `id`.
pub(super) fn discard(repo: &Repo, id: u64) -> Result<(), HostError> {
    let place = folder(repo).join(id.to_string());
    let aside = folder(repo).join(format!("{id}.old"));
    remove_folder(&aside)?;
    match fs::rename(&place, &aside) {
        Ok(()) => remove_folder(&aside),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(HostError::disk("remove", &place, error)),
    }
}

const MANIFEST: &str = "manifest.json";

/// Stands beside the manifest while the files are put back.
const RESTORING: &str = "restoring";

/// How the name of a file begins that gets its own when it is whole.
const ASIDE: &str = ".overhaul-";

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: Format,
    /// Their copies are named by their place in this list.
    items: Vec<Item>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "overhaul.trash/1")]
    One,
}

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    path: Vec<u8>,
    link: bool,
    size: u64,
    /// Seconds and nanoseconds since 1970, where the time is known and not before.
    changed: Option<(u64, u32)>,
}

enum Put {
    Back,
    Same,
    Occupied,
}

impl Item {
    fn copy(path: &RepoPath, place: &Path, kind: Kind, copy: &Path) -> io::Result<Self> {
        let meta = fs::symlink_metadata(place)?;
        let link = kind == Kind::Link;
        if link {
            fs::write(copy, fs::read_link(place)?.into_os_string().into_encoded_bytes())?;
        } else {
            fs::copy(place, copy)?;
        }
        let since =
            meta.modified().ok().and_then(|it| it.duration_since(SystemTime::UNIX_EPOCH).ok());
        let changed = since.map(|it| (it.as_secs(), it.subsec_nanos()));
        Ok(Self { path: path.as_bytes().to_vec(), link, size: meta.len(), changed })
    }

    fn path(&self) -> Result<RepoPath, Refusal> {
        Ok(RepoPath::from_bytes(&self.path)?)
    }

    /// Puts the copy in its place through a new name beside it, so that it appears at once.
    fn put_back(&self, root: &Path, path: &RepoPath, copy: &Path) -> io::Result<Put> {
        let place = root.join(path_of(path.as_bytes()));
        if fs::symlink_metadata(&place).is_ok() {
            let disk = Disk::new(root);
            let same = disk.read(path).is_ok_and(|now| fs::read(copy).is_ok_and(|it| it == now));
            return Ok(if same { Put::Same } else { Put::Occupied });
        }
        if !make_folders(root, path)? {
            return Ok(Put::Occupied);
        }
        let put = if self.link {
            link(&path_of(&fs::read(copy)?), &place)
        } else {
            match self.appear(copy, copy, &place) {
                // The git directory may be on another disk than the work tree.
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    self.appear(copy, &place, &place)
                }
                done => done,
            }
        };
        match put {
            Ok(()) => Ok(Put::Back),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Put::Occupied),
            Err(error) => Err(error),
        }
    }

    /// Copies `copy` to a new file in the folder of `near`, and gives that the name `place`.
    fn appear(&self, copy: &Path, near: &Path, place: &Path) -> io::Result<()> {
        let folder = near.parent().unwrap_or(near);
        let file = tempfile::Builder::new().prefix(ASIDE).tempfile_in(folder)?;
        fs::copy(copy, file.path())?;
        if let Some((seconds, nanos)) = self.changed {
            let time = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            file.as_file().set_modified(time)?;
        }
        file.persist_noclobber(place).map(|_| ()).map_err(|error| error.error)
    }
}

/// Makes the folders above `path`; tells whether all are folders, for a link among them would lead
/// out of the repository.
fn make_folders(root: &Path, path: &RepoPath) -> io::Result<bool> {
    let folders: Vec<RepoPath> = path.folders().collect();
    for folder in folders.iter().rev().filter(|it| !it.is_root()) {
        let place = root.join(path_of(folder.as_bytes()));
        match fs::symlink_metadata(&place) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&place)?,
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

#[cfg(unix)]
fn link(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

fn manifest(repo: &Repo, id: u64) -> Result<Manifest, HostError> {
    let path = folder(repo).join(id.to_string()).join(MANIFEST);
    let bytes = fs::read(&path).map_err(|error| HostError::disk("read", &path, error))?;
    serde_json::from_slice(&bytes).map_err(|source| HostError::Record { path, source })
}

/// Returns the runs that have something in the trash.
fn ids(repo: &Repo) -> Result<Vec<u64>, HostError> {
    let names = list_folder(&folder(repo))?;
    let ids = names.iter().filter_map(|it| it.file_name()?.to_str()?.parse().ok());
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    Ok(ids)
}

fn folder(repo: &Repo) -> PathBuf {
    repo.dir_of(repo.work_tree_name()).join("trash")
}

/// Returns where the trash goes when it is emptied: at once, and then file by file.
fn emptied(repo: &Repo) -> PathBuf {
    repo.dir_of(repo.work_tree_name()).join("trash.old")
}
