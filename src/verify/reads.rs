//! The attributes of modules that files read while they are themselves imported: `a.b.X` in a default, a
//! base class, at module level.
//!
//! A module that is still running may not have them yet, and a package has no attribute of its submodule
//! before that has run. Only a file that meets a running module is read for this.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::alone::File;
use super::targets::Side;
use crate::facts::{Facts, Module};
use crate::path::RepoPath;
use crate::python::bindings;
use crate::text::Text;
use crate::tree::{ReadError, Tree};

/// One chain of attributes.
pub(super) struct Read {
    /// Where it stands.
    pub(super) at: usize,
    /// What its first name may stand for.
    pub(super) modules: Vec<Module>,
    /// The attributes, in order.
    pub(super) names: Vec<String>,
}

/// What the files of a tree read, each looked at once.
pub(super) struct Reads<'a> {
    side: Option<Side<'a>>,
    known: Vec<OnceLock<Vec<Read>>>,
    failed: Mutex<Option<ReadError>>,
}

impl<'a> Reads<'a> {
    /// Takes all files to read nothing.
    pub(super) fn none() -> Self {
        Self { side: None, known: Vec::new(), failed: Mutex::new(None) }
    }

    /// Looks at the files of a tree.
    pub(super) fn of(side: Side<'a>) -> Self {
        let known = side.1.files().iter().map(|_| OnceLock::new()).collect();
        Self { side: Some(side), known, failed: Mutex::new(None) }
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
        known.get_or_init(|| match reads(tree, facts, path) {
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

fn reads(tree: &Tree, facts: &Facts, path: &RepoPath) -> Result<Vec<Read>, ReadError> {
    let (bound, stars) = facts.bound_modules(path);
    if bound.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(text) = Text::decode_python(&tree.read(path)?) else { return Ok(Vec::new()) };
    let imports = &facts.files()[path].imports;
    let bindings = bindings(text.source(), imports, &stars, facts.target());
    let mut reads: BTreeMap<usize, Read> = BTreeMap::new();
    for (key, starts) in &bindings.early {
        let Some(module) = bound.get(key) else { continue };
        for used in bindings.uses.get(key).into_iter().flatten().filter(|it| !it.written) {
            let at = used.parts.first().map_or(0, |(_, span)| span.start);
            if !starts.contains(&at) {
                continue;
            }
            let names = || used.parts.iter().skip(1).map(|(name, _)| name.clone()).collect();
            let read = reads.entry(at);
            let read = read.or_insert_with(|| Read { at, modules: Vec::new(), names: names() });
            read.modules.push(module.clone());
        }
    }
    Ok(reads.into_values().collect())
}
