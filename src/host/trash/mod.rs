//! The trash: what leaves the disk, under the git directory of the work tree.
//!
//! Of what git will delete it has copies ([`copied`]); junk is moved there ([`moved`]). What a run puts
//! there is listed first, aside, and the list then renamed, so it is whole or not there. Bringing back
//! never overwrites: what stands in the place by now stays, and what is in the trash stays too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::moved::Slot;
use super::contents::Disk;
use super::error::{HostError, Refusal};
use super::files::{list_folder, remove_all, remove_file, settle, write_aside};
use super::lock::Lock;
use super::publish::Trash;
use super::recover::recover;
use super::repo::{Repo, path_of};
use super::runs::{Record, record};
use crate::path::RepoPath;
use crate::plan::{Junk, JunkKind, Weight};

mod copied;
mod moved;

/// A file, or a whole folder, in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// The run that put it there.
    pub run: String,
    /// Where it was.
    pub path: RepoPath,
    /// Whether it is a folder.
    pub folder: bool,
    /// How much it is.
    pub weight: Weight,
}

/// What bringing back did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// What was missing and is there again.
    pub restored: Vec<RepoPath>,
    /// How many files that is.
    pub files: u64,
    /// Those in whose place something else stands: left alone, and kept in the trash.
    pub kept: Vec<RepoPath>,
}

/// Lists the trash of this work tree, by run and path.
///
/// # Errors
/// When it cannot be read.
pub fn trash(repo: &Repo) -> Result<Vec<Trashed>, HostError> {
    let mut found = Vec::new();
    for id in ids(repo)? {
        let place = folder(repo).join(id.to_string());
        for (number, item) in manifest(repo, id)?.items.iter().enumerate() {
            let path = item.path()?;
            if item.moved.is_none() || Slot::new(repo, &place, number, &path).is_kept() {
                let weight = Weight { files: item.files(), bytes: item.size };
                let folder = item.moved.as_ref().is_some_and(|it| it.folder);
                found.push(Trashed { run: id.to_string(), path, folder, weight });
            }
        }
    }
    Ok(found)
}

/// Brings back what a run put in the trash. Of what it copied there the trash keeps the copies.
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
    // Where that could not be taken back, the next command goes on with it.
    let restored = try_bring_back(repo, record.id, Which::All)?;
    remove_file(&note)?;
    restored
}

/// Ends what was begun with the trash of runs that happened, and removes what a kill left over.
pub(super) fn finish(repo: &Repo, known: &[u64], lock: &Lock) -> Result<(), HostError> {
    remove_all(&emptied(repo))?;
    for entry in list_folder(&folder(repo))? {
        let id = entry.file_name().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
        let Some(id) = id.filter(|it| known.contains(it)) else {
            remove_all(&entry)?;
            continue;
        };
        clear(repo, id)?;
        let note = entry.join(RESTORING);
        if note.exists() {
            bring_back(repo, id, Which::All, lock)?;
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

/// Returns the runs that have moved something, or bring something back.
pub(super) fn movers(repo: &Repo) -> Result<Vec<u64>, HostError> {
    // Who only reads does not mind what stands there instead.
    if !folder(repo).is_dir() {
        return Ok(Vec::new());
    }
    let place = |id: &u64| folder(repo).join(id.to_string());
    let moves = |it: &u64| place(it).join(MOVED).exists() || place(it).join(RESTORING).exists();
    Ok(ids(repo)?.into_iter().filter(moves).collect())
}

/// Tells whether something of run `id` is on its way between the disk and the trash, or back.
pub(super) fn is_under_way(repo: &Repo, id: u64, ending: bool) -> Result<bool, HostError> {
    let place = folder(repo).join(id.to_string());
    let moves = place.join(MOVED).exists();
    Ok(place.join(RESTORING).exists() || (moves && ending) || has_copies(&place)?)
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
        Ok(()) => remove_all(&emptied)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(HostError::disk("remove", &place, error)),
    }
    Ok(found)
}

/// Copies files into the trash of run `id`, and lists junk that is to be moved there; a file that is
/// not on disk is left out.
pub(super) fn store(
    repo: &Repo,
    id: u64,
    copies: &[Trash],
    junk: &[Junk],
) -> Result<(), HostError> {
    let disk = Disk::new(repo.root());
    let aside = folder(repo).join(format!("{id}.new"));
    remove_all(&aside)?;
    let make = |folder: &Path| {
        fs::create_dir_all(folder).map_err(|error| HostError::disk("make", folder, error))
    };
    let mut items = Vec::new();
    for Trash { path, stays } in copies {
        let Ok((place, kind)) = disk.look(path) else { continue };
        if items.is_empty() {
            make(&aside)?;
        }
        let copy = aside.join(items.len().to_string());
        let item = copied::copy(path, &place, kind, &copy);
        let item = item.map_err(|error| HostError::disk("copy to the trash", &place, error))?;
        items.push(Item { stays: *stays, ..item });
    }
    if !junk.is_empty() {
        make(&aside.join(MOVED))?;
        items.extend(junk.iter().map(Item::to_move));
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

/// Moves what is listed as junk of run `id` into the trash. On another file system only copies are
/// made, for [`clear`].
pub(super) fn take(repo: &Repo, id: u64) -> Result<(), HostError> {
    each_slot(repo, id, |slot, _| slot.take())?;
    settle(repo.root())?;
    settle(repo.common_dir())
}

/// Removes from the disk what [`take`] copied: the run has happened.
pub(super) fn clear(repo: &Repo, id: u64) -> Result<(), HostError> {
    if !has_copies(&folder(repo).join(id.to_string()))? {
        return Ok(());
    }
    settle(repo.common_dir())?;
    each_slot(repo, id, |slot, _| if slot.is_to_clear() { slot.clear() } else { Ok(()) })
}

/// Tells whether there are copies in a folder of the trash of which the originals are to go.
fn has_copies(place: &Path) -> Result<bool, HostError> {
    let moved = list_folder(&place.join(MOVED))?;
    Ok(moved.iter().any(|it| it.extension().is_some_and(|it| it == moved::COPY)))
}

/// Puts back what [`take`] took for a run that never happened. The trash goes where nothing is left
/// in it; what had to stay there is returned.
pub(super) fn give_back(repo: &Repo, id: u64) -> Result<Vec<RepoPath>, HostError> {
    let mut kept = Vec::new();
    each_slot(repo, id, |slot, path| {
        slot.drop_copies()?;
        if slot.put_back()? == Put::Occupied {
            kept.push(path.clone());
        }
        slot.drop_back()
    })?;
    if kept.is_empty() {
        settle(repo.root())?;
        discard(repo, id)?;
    }
    Ok(kept)
}

/// Does something for each thing that run `id` moves.
fn each_slot(
    repo: &Repo,
    id: u64,
    mut work: impl FnMut(&Slot<'_>, &RepoPath) -> Result<(), HostError>,
) -> Result<(), HostError> {
    let place = folder(repo).join(id.to_string());
    if !place.exists() {
        return Ok(());
    }
    for (number, item) in manifest(repo, id)?.items.iter().enumerate() {
        let path = item.path()?;
        if item.moved.is_some() {
            work(&Slot::new(repo, &place, number, &path), &path)?;
        }
    }
    Ok(())
}

/// What is to be brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// What git deleted in a switch, but for junk.
    Switched,
    /// Everything.
    All,
}

/// Puts what is in the trash of run `id` back where it is missing: all, or nothing where one of them
/// fails.
pub(super) fn bring_back(
    repo: &Repo,
    id: u64,
    which: Which,
    _: &Lock,
) -> Result<Restored, HostError> {
    try_bring_back(repo, id, which)?
}

/// As [`bring_back`]; the error inside is one after which everything is in the trash again.
fn try_bring_back(
    repo: &Repo,
    id: u64,
    which: Which,
) -> Result<Result<Restored, HostError>, HostError> {
    let mut done = Restored::default();
    let place = folder(repo).join(id.to_string());
    if !place.exists() {
        return Ok(Ok(done));
    }
    let items = manifest(repo, id)?.items;
    let paths: Vec<RepoPath> = items.iter().map(Item::path).collect::<Result<_, _>>()?;
    let slot = |number: usize| Slot::new(repo, &place, number, &paths[number]);
    let mut back = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let path = &paths[number];
        let put = match (&item.moved, which) {
            (Some(_), Which::Switched) => continue,
            (None, Which::Switched) if item.stays => continue,
            (Some(_), Which::All) => slot(number).put_back(),
            (None, _) => copied::put_back(item, repo.root(), path, &place.join(number.to_string()))
                .map_err(|error| HostError::disk("restore", &slot(number).place(), error)),
        };
        match put {
            Ok(Put::Back) => back.push(number),
            Ok(Put::Same) => {}
            Ok(Put::Occupied) => done.kept.push(path.clone()),
            Err(error) => {
                for number in back {
                    match items[number].moved {
                        Some(_) => slot(number).take_again()?,
                        None => remove_file(&slot(number).place())?,
                    }
                }
                return Ok(Err(error));
            }
        }
    }
    if which == Which::All {
        each_slot(repo, id, |slot, _| slot.drop_back())?;
    }
    done.files = back.iter().map(|it| items[*it].files()).sum();
    done.restored = back.into_iter().map(|it| paths[it].clone()).collect();
    Ok(Ok(done))
}

/// Refuses to work on the trash of a run that was made in another work tree.
pub(super) fn check_here(repo: &Repo, record: &Record) -> Result<(), Refusal> {
    match is_elsewhere(repo, record) {
        true => Err(Refusal::OtherWorkTree(record.id.to_string())),
        false => Ok(()),
    }
}

/// Tells whether a run put something in the trash of another work tree.
pub(super) fn is_elsewhere(repo: &Repo, record: &Record) -> bool {
    let there = repo.dir_of(&record.work_tree).join("trash").join(record.id.to_string());
    record.work_tree != repo.work_tree_name() && there.exists()
}

/// Removes the trash of run `id`.
pub(super) fn discard(repo: &Repo, id: u64) -> Result<(), HostError> {
    let place = folder(repo).join(id.to_string());
    let aside = folder(repo).join(format!("{id}.old"));
    remove_all(&aside)?;
    match fs::rename(&place, &aside) {
        Ok(()) => remove_all(&aside),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(HostError::disk("remove", &place, error)),
    }
}

const MANIFEST: &str = "manifest.json";

/// The folder beside the manifest with what was moved. What is in it is not ours: links may be.
pub(super) const MOVED: &str = "moved";

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
    /// Whether it stays in the trash where git deletes it: it is junk from then on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stays: bool,
    /// Of junk, which is moved and not copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved: Option<Moved>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Moved {
    folder: bool,
    files: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    Back,
    Same,
    Occupied,
}

impl Item {
    fn to_move(junk: &Junk) -> Self {
        let Weight { files, bytes } = junk.weight;
        Self {
            path: junk.path.as_bytes().to_vec(),
            link: junk.kind == JunkKind::Link,
            size: bytes,
            changed: None,
            stays: true,
            moved: Some(Moved { folder: junk.kind == JunkKind::Folder, files }),
        }
    }

    fn files(&self) -> u64 {
        self.moved.as_ref().map_or(1, |it| it.files)
    }

    fn path(&self) -> Result<RepoPath, Refusal> {
        Ok(RepoPath::from_bytes(&self.path)?)
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
