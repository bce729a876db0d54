//! The facts of single files by blob id: what did not change is not parsed again.
//!
//! A memo lives as long as a run. What it knows of earlier ones somebody tells it, with
//! [`Memo::learn`], and what it reads itself, [`Memo::take_fresh`], somebody may keep.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::commands::{self, Commands, Dialect};
use super::config::{self, Config};
use super::references::{SieveKey, Sieves};
use super::{Map, locked};
use crate::path::RepoPath;
use crate::python::{self, FileFacts};
use crate::tree::{Entry, Id, ReadError, Tree, blob_id};

/// The facts of single files by blob id, shared by every index of a run: what did not change is not
/// parsed again.
#[derive(Default)]
pub struct Memo {
    files: Mutex<Map<Key, Known>>,
    /// What finds facts that earlier runs read.
    earlier: OnceLock<Earlier>,
    /// What finds import graphs that earlier runs resolved.
    graphs: OnceLock<EarlierGraphs>,
    outlines: Mutex<Map<Key, Id>>,
    /// What was read here, not learnt.
    fresh: Mutex<Vec<Key>>,
    configs: Mutex<HashMap<(Id, config::Kind), Arc<Config>>>,
    commands: Mutex<HashMap<(Id, Dialect), Arc<Commands>>>,
    sieves: Arc<Sieves>,
    /// Somebody will ask for the words of most files.
    reads_words: AtomicBool,
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").field("files", &locked(&self.files).len()).finish_non_exhaustive()
    }
}

/// Finds what earlier runs read, of as many of these as they did.
pub type Earlier = Box<dyn Fn(&[Key]) -> Vec<(Key, Known)> + Send + Sync>;

/// Finds an import graph that an earlier run resolved, by the id of all that decides it.
pub type EarlierGraphs = Box<dyn Fn(Id) -> Option<Vec<u8>> + Send + Sync>;

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

/// What was read of a file.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// What the facts depend on.
    pub key: Key,
    /// The facts.
    pub facts: Known,
    /// The id of what other files can see of it: see [`FileFacts::outline`].
    pub outline: Id,
}

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

    /// Looks at the words of each Python file that is read from now on, while its bytes are at hand.
    pub fn read_words(&self) {
        self.reads_words.store(true, Ordering::Relaxed);
    }

    /// Asks `earlier` from now on, before a file is read.
    pub fn ask(&self, earlier: Earlier) {
        // Whoever came first is as good.
        let _ = self.earlier.set(earlier);
    }

    /// Asks `graphs` from now on, before the imports of a tree are resolved.
    pub fn ask_graphs(&self, graphs: EarlierGraphs) {
        let _ = self.graphs.set(graphs);
    }

    pub(super) fn earlier_graphs(&self) -> Option<&EarlierGraphs> {
        self.graphs.get()
    }

    /// Takes the outlines of files that an earlier run read.
    pub fn learn_outlines(&self, outlines: impl IntoIterator<Item = (Key, Id)>) {
        locked(&self.outlines).extend(outlines);
    }

    /// Tells whether the facts of a file are known.
    #[must_use]
    pub fn knows(&self, key: &Key) -> bool {
        locked(&self.files).contains_key(key)
    }

    /// Returns what was read here and not learnt, in order, each only once.
    #[must_use]
    pub fn take_fresh(&self) -> Vec<Fresh> {
        let (files, outlines) = (locked(&self.files), locked(&self.outlines));
        let mut fresh = std::mem::take(&mut *locked(&self.fresh));
        fresh.sort_unstable();
        let one = |key: &Key| {
            let (facts, outline) = (files.get(key)?.clone(), *outlines.get(key)?);
            Some(Fresh { key: *key, facts, outline })
        };
        fresh.iter().filter_map(one).collect()
    }

    /// Returns the facts of every Python file among `entries`.
    pub(super) fn files<'a>(
        &self,
        tree: &Tree,
        target: (u8, u8),
        entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
    ) -> Result<BTreeMap<RepoPath, Arc<FileFacts>>, ReadError> {
        let wanted = wanted(target, entries);
        let unknown = |wanted: &[(&'a RepoPath, Key)]| -> Vec<(&'a RepoPath, Key)> {
            let known = locked(&self.files);
            wanted.iter().filter(|(_, key)| !known.contains_key(key)).copied().collect()
        };
        let mut unread = unknown(&wanted);
        if let Some(earlier) = self.earlier.get().filter(|_| !unread.is_empty()) {
            self.learn(earlier(&unread.iter().map(|(_, key)| *key).collect::<Vec<_>>()));
            unread = unknown(&unread);
        }
        self.read(tree, unread)?;
        let known = locked(&self.files);
        let facts = |key: &Key| known.get(key).and_then(Option::as_ref).map(Arc::clone);
        Ok(wanted
            .into_iter()
            .filter_map(|(path, key)| Some((path.clone(), facts(&key)?)))
            .collect())
    }

    /// Reads those files among `entries` that may be Python files, and of which no outline is known.
    pub(super) fn read_ahead<'a>(
        &self,
        tree: &Tree,
        target: (u8, u8),
        entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
    ) -> Result<(), ReadError> {
        self.read(tree, self.without_outline(&wanted(target, entries)))
    }

    /// Returns the outline of every file among `entries` that may be a Python file.
    pub(super) fn outlines<'a>(
        &self,
        tree: &Tree,
        target: (u8, u8),
        entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
    ) -> Result<BTreeMap<RepoPath, Id>, ReadError> {
        let wanted = wanted(target, entries);
        self.read(tree, self.without_outline(&wanted))?;
        let known = locked(&self.outlines);
        let outline = |(path, key): (&RepoPath, Key)| Some((path.clone(), *known.get(&key)?));
        Ok(wanted.into_iter().filter_map(outline).collect())
    }

    /// Returns those of `wanted` of which no outline is known.
    fn without_outline<'a>(&self, wanted: &[(&'a RepoPath, Key)]) -> Vec<(&'a RepoPath, Key)> {
        let known = locked(&self.outlines);
        wanted.iter().filter(|(_, key)| !known.contains_key(key)).copied().collect()
    }

    /// Reads files of which nothing is known.
    fn read(&self, tree: &Tree, unread: Vec<(&RepoPath, Key)>) -> Result<(), ReadError> {
        if unread.is_empty() {
            return Ok(());
        }
        let sieves = self.reads_words.load(Ordering::Relaxed).then_some(&*self.sieves);
        let read = unread.into_par_iter().map(|(path, key)| {
            let facts = read(tree, path, key, sieves)?;
            let outline = outline(&facts);
            Ok((key, facts, outline))
        });
        let read: Vec<_> = read.collect();
        let mut known = locked(&self.files);
        let mut outlines = locked(&self.outlines);
        let mut fresh = locked(&self.fresh);
        for result in read {
            let (key, facts, outline) = result?;
            outlines.insert(key, outline);
            if known.insert(key, facts).is_none() {
                fresh.push(key);
            }
        }
        Ok(())
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

    /// Returns the commands in the text at `path`.
    pub(super) fn commands(
        &self,
        tree: &Tree,
        path: &RepoPath,
        id: Id,
    ) -> Result<Arc<Commands>, ReadError> {
        let key = (id, Dialect::of(path));
        if let Some(known) = locked(&self.commands).get(&key) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(commands::read(&String::from_utf8_lossy(&tree.read(path)?), key.1));
        locked(&self.commands).insert(key, Arc::clone(&read));
        Ok(read)
    }
}

/// Returns what the facts of the files that may be Python files depend on.
fn wanted<'a>(
    target: (u8, u8),
    entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
) -> Vec<(&'a RepoPath, Key)> {
    let key = |(path, entry): (&'a RepoPath, &Entry)| {
        let shebang = needs_shebang(path, entry)?;
        let stub = path.extension() == "pyi";
        Some((path, Key { id: entry.id, target, stub, shebang }))
    };
    entries.filter_map(key).collect()
}

/// Returns the id of what other files can see of a file; of one that is no Python file, of nothing.
fn outline(facts: &Known) -> Id {
    blob_id(&facts.as_ref().map(|it| it.outline()).unwrap_or_default())
}

/// Returns whether a file has to begin with a Python shebang to count; `None` where it never counts.
fn needs_shebang(path: &RepoPath, entry: &Entry) -> Option<bool> {
    match path.extension() {
        _ if !entry.mode.is_file() => None,
        "py" | "pyi" | "pyw" => Some(false),
        "" => Some(true),
        _ => None,
    }
}

/// Reads a file, and its words where they are asked for.
fn read(
    tree: &Tree,
    path: &RepoPath,
    key: Key,
    sieves: Option<&Sieves>,
) -> Result<Known, ReadError> {
    let read = if key.stub { python::read_stub } else { python::read };
    let mut known = None;
    tree.look(path, &mut |bytes| {
        let counts = !key.shebang || has_python_shebang(bytes);
        known = counts.then(|| Arc::new(read(bytes, key.target)));
        if let (Some(facts), Some(sieves)) = (&known, sieves) {
            let python = Some((key.target, key.stub));
            sieves.read(SieveKey { id: key.id, python }, bytes, facts);
        }
    })?;
    Ok(known)
}

fn has_python_shebang(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"#!") && line.windows(6).any(|word| word == b"python")
}
