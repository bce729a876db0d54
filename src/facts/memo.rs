//! The facts of single files by blob id: what did not change is not parsed again.
//!
//! A memo lives as long as a run. What it knows of earlier ones somebody tells it, with
//! [`Memo::learn`], and what it reads itself, [`Memo::fresh`], somebody may keep.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;

use super::Map;
use super::config::{self, Config};
use super::references::Sieves;
use crate::path::RepoPath;
use crate::python::{self, FileFacts};
use crate::tree::{Entry, Id, ReadError, Tree};

/// The facts of single files by blob id, shared by every index of a run: what did not change is not
/// parsed again.
#[derive(Default)]
pub struct Memo {
    files: Mutex<Map<Key, Known>>,
    /// What finds facts that earlier runs read.
    earlier: OnceLock<Earlier>,
    /// What was read here, not learnt.
    fresh: Mutex<Vec<Key>>,
    configs: Mutex<HashMap<(Id, config::Kind), Arc<Config>>>,
    sieves: Arc<Sieves>,
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").field("files", &locked(&self.files).len()).finish_non_exhaustive()
    }
}

/// Finds what earlier runs read, of as many of these as they did.
pub type Earlier = Box<dyn Fn(&[Key]) -> Vec<(Key, Known)> + Send + Sync>;

/// What the facts of a file depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The bytes.
    pub id: Id,
    /// The version that the code is written for.
    pub target: (u8, u8),
    /// Nothing runs a stub: its syntax may be newer than the target.
    pub stub: bool,
    /// A file without a Python extension counts only where it begins with a Python shebang.
    pub shebang: bool,
}

/// The facts of a file; `None` where it is no Python file after all.
pub type Known = Option<Arc<FileFacts>>;

impl Memo {
    /// Takes facts that an earlier run read.
    pub fn learn(&self, facts: impl IntoIterator<Item = (Key, Known)>) {
        let mut files = locked(&self.files);
        for (key, known) in facts {
            files.entry(key).or_insert(known);
        }
    }

    /// Returns which words the files have, as far as somebody asked.
    #[must_use]
    pub fn sieves(&self) -> &Arc<Sieves> {
        &self.sieves
    }

    /// Asks `earlier` from now on, before a file is read.
    pub fn ask(&self, earlier: Earlier) {
        // Whoever came first is as good.
        let _ = self.earlier.set(earlier);
    }

    /// Tells whether the facts of a file are known.
    #[must_use]
    pub fn knows(&self, key: &Key) -> bool {
        locked(&self.files).contains_key(key)
    }

    /// Returns what was read here and not learnt, in order.
    #[must_use]
    pub fn fresh(&self) -> Vec<(Key, Known)> {
        let files = locked(&self.files);
        let mut fresh = locked(&self.fresh).clone();
        fresh.sort_unstable();
        fresh.iter().filter_map(|key| Some((*key, files.get(key)?.clone()))).collect()
    }

    /// Returns the facts of every Python file among `entries`.
    pub(super) fn files<'a>(
        &self,
        tree: &Tree,
        target: (u8, u8),
        entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
    ) -> Result<BTreeMap<RepoPath, Arc<FileFacts>>, ReadError> {
        let wanted: Vec<(&RepoPath, Key)> = entries
            .filter_map(|(path, entry)| {
                let shebang = needs_shebang(path, entry)?;
                let stub = path.extension() == "pyi";
                Some((path, Key { id: entry.id, target, stub, shebang }))
            })
            .collect();
        let unknown = || -> BTreeMap<&RepoPath, Key> {
            let known = locked(&self.files);
            wanted.iter().filter(|(_, key)| !known.contains_key(key)).copied().collect()
        };
        let mut unread = unknown();
        if let Some(earlier) = self.earlier.get().filter(|_| !unread.is_empty()) {
            let keys: Vec<Key> = unread.values().copied().collect();
            self.learn(earlier(&keys));
            unread = unknown();
        }
        let read: Vec<_> =
            unread.into_par_iter().map(|(path, key)| Ok((key, read(tree, path, key)?))).collect();
        let mut known = locked(&self.files);
        let mut fresh = locked(&self.fresh);
        for result in read {
            let (key, facts) = result?;
            if known.insert(key, facts).is_none() {
                fresh.push(key);
            }
        }
        let facts = |key: &Key| known.get(key).and_then(Option::as_ref).map(Arc::clone);
        Ok(wanted
            .into_iter()
            .filter_map(|(path, key)| Some((path.clone(), facts(&key)?)))
            .collect())
    }

    /// Returns what the configuration file at `path` says.
    pub(super) fn config(
        &self,
        tree: &Tree,
        (path, id): (&RepoPath, Id),
        kind: config::Kind,
    ) -> Result<Arc<Config>, ReadError> {
        if let Some(known) = locked(&self.configs).get(&(id, kind)) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(config::read(kind, &String::from_utf8_lossy(&tree.read(path)?)));
        locked(&self.configs).insert((id, kind), Arc::clone(&read));
        Ok(read)
    }
}

/// Returns whether a file has to begin with a Python shebang to count; `None` where it never counts.
fn needs_shebang(path: &RepoPath, entry: &Entry) -> Option<bool> {
    match path.extension() {
        _ if !entry.mode.is_file() => None,
        "py" | "pyi" => Some(false),
        "" => Some(true),
        _ => None,
    }
}

fn read(tree: &Tree, path: &RepoPath, key: Key) -> Result<Known, ReadError> {
    let bytes = tree.read(path)?;
    if key.shebang && !has_python_shebang(&bytes) {
        return Ok(None);
    }
    let read = if key.stub { python::read_stub } else { python::read };
    Ok(Some(Arc::new(read(&bytes, key.target))))
}

fn has_python_shebang(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"#!") && line.windows(6).any(|word| word == b"python")
}

/// A thread that panicked leaves whole entries behind, so its lock is still good.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
