//! The attributes of modules that files read while they are themselves imported: `a.b.X` in a default, a
//! base class, at module level.
//!
//! A module that is still running may not have them yet, and a package has no attribute of its submodule
//! before that has run. Only a file that meets a running module is read for this.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::alone::File;
use super::targets::Side;
use crate::facts::{Bound, Facts, Module};
use crate::path::RepoPath;
use crate::python::bindings;
use crate::text::Text;
use crate::tree::{Id, ReadError, Tree};

/// One chain of attributes.
pub(super) struct Read {
    /// Where it stands.
    pub(super) at: usize,
    /// What its first name may stand for.
    pub(super) modules: Vec<Module>,
    /// The attributes, in order.
    pub(super) names: Vec<String>,
}

/// An import, and which of the names that it binds.
type Key = (usize, Option<usize>);

/// What one text reads: where, from which binding, and the attributes. In order of bindings.
type Early = Vec<(usize, Key, Vec<String>)>;

/// What texts read, told by their bytes: trees have most of them in common.
#[derive(Default)]
pub(super) struct Texts(Mutex<BTreeMap<TextKey, Arc<Early>>>);

/// The bytes, the version that they are read as, whether as a stub, and what star imports bind.
type TextKey = (Id, (u8, u8), bool, BTreeMap<Key, String>);

/// What the files of a tree read, each looked at once.
pub(super) struct Reads<'a> {
    side: Option<Side<'a>>,
    texts: Arc<Texts>,
    known: Vec<OnceLock<Vec<Read>>>,
    failed: Mutex<Option<ReadError>>,
}

impl<'a> Reads<'a> {
    /// Takes all files to read nothing.
    pub(super) fn none() -> Self {
        Self { side: None, texts: Arc::default(), known: Vec::new(), failed: Mutex::new(None) }
    }

    /// Looks at the files of a tree, but for the texts that are known.
    pub(super) fn of(side: Side<'a>, texts: &Arc<Texts>) -> Self {
        let known = side.1.files().iter().map(|_| OnceLock::new()).collect();
        Self { side: Some(side), texts: Arc::clone(texts), known, failed: Mutex::new(None) }
    }

    /// Tells whether files are looked at.
    pub(super) fn are_known(&self) -> bool {
        self.side.is_some()
    }

    /// Returns what a file reads, in order.
    pub(super) fn by(&self, file: File, path: &RepoPath) -> &[Read] {
        let (Some((tree, facts)), Some(known)) = (self.side, self.known.get(file)) else {
            return &[];
        };
        known.get_or_init(|| match self.texts.reads(tree, facts, path) {
            Ok(reads) => reads,
            Err(error) => {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Vec::new()
            }
        })
    }

    /// Tells whether all files that were asked for could be read.
    ///
    /// # Errors
    /// When one could not.
    pub(super) fn whole(&self) -> Result<(), ReadError> {
        match self.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Texts {
    fn reads(&self, tree: &Tree, facts: &Facts, path: &RepoPath) -> Result<Vec<Read>, ReadError> {
        let Bound { modules, stars } = facts.bound_modules(path);
        if modules.is_empty() {
            return Ok(Vec::new());
        }
        let mut reads: BTreeMap<usize, Read> = BTreeMap::new();
        for (at, key, names) in self.early(tree, facts, (path, stars))?.iter() {
            let Some(module) = modules.get(key) else { continue };
            let read = reads.entry(*at);
            let read =
                read.or_insert_with(|| Read { at: *at, modules: Vec::new(), names: names.clone() });
            read.modules.push(module.clone());
        }
        Ok(reads.into_values().collect())
    }

    /// Returns what a file reads of whatever its imports bind; star imports bind these names.
    fn early(
        &self,
        tree: &Tree,
        facts: &Facts,
        (path, stars): (&RepoPath, &BTreeMap<Key, String>),
    ) -> Result<Arc<Early>, ReadError> {
        let id = tree.entry(path).map(|it| it.id);
        let key = id.map(|id| (id, facts.target(), path.extension() == "pyi", stars.clone()));
        let texts = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = key.as_ref().and_then(|key| texts().get(key).cloned()) {
            return Ok(known);
        }
        let mut early = Early::new();
        if let Ok(text) = Text::decode_python(&tree.read(path)?) {
            let imports = &facts.files()[path].imports;
            let bindings = bindings(text.source(), imports, stars, facts.target());
            for (key, starts) in &bindings.early {
                let used = bindings.uses.get(key).into_iter().flatten().filter(|it| !it.written);
                early.extend(used.filter_map(|used| {
                    let at = used.parts.first().map_or(0, |(_, span)| span.start);
                    let names = used.parts.iter().skip(1).map(|(name, _)| name.clone());
                    starts.contains(&at).then(|| (at, *key, names.collect()))
                }));
            }
        }
        let early = Arc::new(early);
        if let Some(key) = key {
            texts().insert(key, Arc::clone(&early));
        }
        Ok(early)
    }
}
