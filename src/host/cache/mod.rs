//! What earlier runs read of files, on disk: packs of facts in one folder, and beside it packs of the
//! words that plans look for.
//!
//! A run that read files anew adds one pack, written aside and renamed, and takes smaller ones up
//! into it. So packs stay few, and nothing is written where nothing is new. A pack is never changed,
//! so whoever reads needs no lock; of those who would write at one time, one does. What is not
//! exactly what this version wrote is not there: such a file is read again, and such a pack goes.
//!
//! Whoever can write here can also write objects, refs and hooks: this is no door of its own.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustix::process::Resource;

use self::answers::is_answer;
use self::pack::{Pack, Row, Writer};
use super::files::is_link;
use super::repo::Repo;
use crate::facts::{Fresh, Key, Known, Memo};
use crate::tree::Snapshot;

mod answers;
mod facts;
mod pack;
#[cfg(test)]
mod tests;
mod words;

/// All packs together are no larger than this; the oldest go first.
const LARGEST: u64 = 512 << 20;
/// The name of the pack that is being written.
const ASIDE: &str = "new";
const EXTENSION: &str = "pack";
const FACTS: &str = "facts";
const WORDS: &str = "words";

/// A folder of packs.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    largest: u64,
}

impl Repo {
    /// Returns the cache that all work trees of this repository share.
    #[must_use]
    pub fn cache(&self) -> Cache {
        Cache::at(self.shared_dir().join(FACTS))
    }
}

impl Cache {
    /// Takes a folder, which need not exist.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, largest: LARGEST }
    }

    /// Tells `memo` what earlier runs read of the files of `snapshot`. A cache that cannot be read
    /// is an empty one.
    pub fn load(&self, snapshot: &Snapshot, memo: &Memo) {
        let unknown = |row: &Row| !memo.knows(&facts::from_key(&row.key));
        let read =
            |row: &Row, bytes: &[u8]| Some((facts::from_key(&row.key), facts::from_bytes(bytes)?));
        self.wanted(snapshot, unknown, read, |facts| memo.learn(facts));
    }

    /// Lets `memo` ask for what earlier runs read of other files, of those that a plan makes, too, and
    /// for the graphs of whole trees.
    pub fn lend(&self, memo: &Memo) {
        let cache = self.clone();
        memo.ask(Box::new(move |keys| cache.find(keys)));
        let cache = self.clone();
        memo.ask_graphs(Box::new(move |question| cache.graph(question)));
    }

    fn find(&self, keys: &[Key]) -> Vec<(Key, Known)> {
        let wanted: HashSet<pack::Name> = keys.iter().map(facts::to_name).collect();
        let packs = self.packs().unwrap_or_default().into_iter();
        packs
            .flat_map(|pack| {
                let rows: Vec<&Row> =
                    pack.rows.iter().filter(|it| wanted.contains(&pack::name(&it.key))).collect();
                let read = |row: &Row, bytes: &[u8]| {
                    Some((facts::from_key(&row.key), facts::from_bytes(bytes)?))
                };
                pack.read(&rows, read)
            })
            .collect()
    }

    /// As [`Cache::load`], for the outlines of the files alone.
    pub fn load_outlines(&self, snapshot: &Snapshot, memo: &Memo) {
        let wanted = LazyCell::new(|| ids(snapshot));
        for pack in self.packs().unwrap_or_default() {
            let rows = pack.rows.iter().filter(|row| wanted.contains(&row.key[..20]));
            let outline = |row: &Row| (facts::from_key(&row.key), facts::outline(&row.key));
            memo.learn_outlines(rows.map(outline));
        }
    }

    /// As [`Cache::load`], for the words that a plan looks for.
    pub fn load_words(&self, snapshot: &Snapshot, memo: &Memo) {
        let read =
            |row: &Row, bytes: &[u8]| Some((words::from_key(&row.key), words::from_bytes(bytes)));
        self.words().wanted(snapshot, |_| true, read, |words| memo.sieves().learn(words));
    }

    /// Returns the cache of words.
    fn words(&self) -> Self {
        Self { folder: self.folder.with_file_name(WORDS), largest: self.largest }
    }

    /// Reads what the packs hold of the blobs of a snapshot.
    fn wanted<T: Send>(
        &self,
        snapshot: &Snapshot,
        unknown: impl Fn(&Row) -> bool,
        read: impl Fn(&Row, &[u8]) -> Option<T> + Sync,
        learn: impl Fn(Vec<T>),
    ) {
        let wanted = LazyCell::new(|| ids(snapshot));
        for pack in self.packs().unwrap_or_default() {
            let is_wanted = |row: &&Row| wanted.contains(&row.key[..20]) && unknown(row);
            let rows: Vec<&Row> = pack.rows.iter().filter(is_wanted).collect();
            learn(pack.read(&rows, &read));
        }
    }

    /// Keeps what `memo` read anew. What cannot be kept (a full disk, a repository that we may only
    /// read, another run that writes) costs the next run time, and nothing else: it is no error.
    pub fn keep(&self, memo: &Memo) {
        self.keep_facts(&memo.take_fresh());
        let fresh = memo.sieves().fresh();
        let rows: Vec<_> = fresh.iter().map(|(key, it)| (words::to_key(key), it)).collect();
        self.words().keep_rows(&rows, |it| words::to_bytes(it));
    }

    fn keep_facts(&self, fresh: &[Fresh]) {
        let rows: Vec<_> = fresh.iter().map(|it| (facts::to_key(it), &it.facts)).collect();
        self.keep_rows(&rows, |it| facts::to_bytes(it));
    }

    fn keep_rows<T: Sync>(&self, fresh: &[(pack::Key, T)], kept: impl Fn(&T) -> Vec<u8> + Sync) {
        if !fresh.is_empty() {
            let _: io::Result<()> = self.alone(|| self.write(fresh, &kept));
        }
    }

    /// Does `work` in our folder, unless somebody else does something there.
    fn alone(&self, work: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        // The system does not let a file grow beyond the limit: it ends whoever tries.
        if rustix::process::getrlimit(Resource::Fsize).current.is_some_and(|it| it < LARGEST) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if self.folder.parent().is_some_and(is_link) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if !is_folder(&self.folder) {
            clear(&self.folder)?;
            fs::create_dir_all(&self.folder)?;
        }
        let path = self.folder.join("lock");
        if is_link(&path) {
            clear(&path)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let done = work();
        // Closing alone would leave it to a program that was being started at this moment.
        done.and(lock.unlock())
    }

    /// Writes a pack, while we hold the lock.
    fn write<T: Sync>(
        &self,
        fresh: &[(pack::Key, T)],
        kept: &(impl Fn(&T) -> Vec<u8> + Sync),
    ) -> io::Result<()> {
        let packs = self.clean()?;
        let aside = self.folder.join(ASIDE);
        let mut writer = Writer::create(&aside, self.largest)?;
        let written = self.fill(&mut writer, (fresh, kept), &packs).and_then(|taken| {
            writer.finish()?;
            let last = packs.last().and_then(|it| number_of(&it.path)).unwrap_or(0);
            fs::rename(
                &aside,
                self.folder.join(format!("{:08}.{EXTENSION}", last.saturating_add(1))),
            )?;
            Ok(taken)
        });
        let taken = written.inspect_err(|_| drop(fs::remove_file(&aside)))?;
        for path in taken {
            fs::remove_file(path)?;
        }
        self.bound()
    }

    /// Fills a pack with what is fresh and with what smaller packs hold; returns those.
    fn fill<T: Sync>(
        &self,
        writer: &mut Writer,
        (fresh, kept): (&[(pack::Key, T)], &(impl Fn(&T) -> Vec<u8> + Sync)),
        packs: &[Pack],
    ) -> io::Result<Vec<PathBuf>> {
        for some in fresh.chunks(512) {
            let bytes: Vec<_> = some.par_iter().map(|(key, value)| (*key, kept(value))).collect();
            for (key, bytes) in bytes {
                writer.add(key, &bytes)?;
            }
        }
        let mut has: HashSet<pack::Key> = fresh.iter().map(|(key, _)| *key).collect();
        let mut taken = Vec::new();
        let mut by_size: Vec<&Pack> = packs.iter().collect();
        by_size.sort_by_key(|it| it.size);
        for pack in by_size {
            // Each pack is at least twice as large as the next, and what is large grows old alone.
            if pack.size > 2 * writer.size() || pack.size > self.largest / 8 {
                break;
            }
            let rows: Vec<&Row> = pack.rows.iter().filter(|it| has.insert(it.key)).collect();
            for (key, bytes) in pack.read(&rows, |row, bytes| Some((row.key, bytes.to_vec()))) {
                writer.add(key, &bytes)?;
            }
            taken.push(pack.path.clone());
        }
        Ok(taken)
    }

    /// Returns the packs, oldest first.
    fn packs(&self) -> io::Result<Vec<Pack>> {
        let mut found = Vec::new();
        if is_folder(&self.folder) {
            for path in self.listed()? {
                if number_of(&path).is_some() && is_file(&path) {
                    found.extend(Pack::open(&path).ok().flatten());
                }
            }
        }
        Ok(found)
    }

    /// Returns the packs, and removes whatever else stands in the folder: what a run that was killed
    /// left, packs of other versions, broken ones.
    fn clean(&self) -> io::Result<Vec<Pack>> {
        let packs = self.packs()?;
        for path in self.listed()? {
            let ours = path.file_name().is_some_and(|it| it == "lock") || is_answer(&path);
            if !ours && packs.iter().all(|it| it.path != path) {
                clear(&path)?;
            }
        }
        Ok(packs)
    }

    fn listed(&self) -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.folder)?.map(|it| it.map(|it| it.path()));
        let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        Ok(paths)
    }

    /// Removes the oldest packs until all together are small enough.
    fn bound(&self) -> io::Result<()> {
        let packs = self.packs()?;
        let mut size: u64 = packs.iter().map(|it| it.size).sum();
        for pack in packs {
            if size <= self.largest {
                break;
            }
            fs::remove_file(&pack.path)?;
            size -= pack.size;
        }
        Ok(())
    }
}

fn ids(snapshot: &Snapshot) -> HashSet<&[u8]> {
    snapshot.entries.values().map(|it| it.id.as_bytes().as_slice()).collect()
}

/// Returns the number of a pack by its name.
fn number_of(path: &Path) -> Option<u32> {
    let named = path.extension().is_some_and(|it| it == EXTENSION);
    path.file_stem().filter(|_| named)?.to_str()?.parse().ok()
}

/// Tells whether a folder of ours is one of the cache.
pub(super) fn is_cache(folder: &Path) -> bool {
    [FACTS, WORDS].iter().any(|it| folder.file_name().is_some_and(|name| name == *it))
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_dir())
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_file())
}

/// Removes whatever stands at `path`; no link is followed.
fn clear(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}
