//! What a failing import asks for, so that it is known again after a move.
//!
//! A name that leads nowhere has no place of its own. What can be told in both trees is the last
//! module on the way there, which is seen through the move map, and what is left of the name.

use super::Unresolved;
use super::check::written;
use super::targets::Matches;
use crate::facts::{Facts, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};

/// One thing that an import asks for.
#[derive(Debug)]
pub(super) struct Ask {
    /// As it is written.
    spelling: Spelling,
    /// The last module on the way there, and what is left of the name.
    way: Option<(Module, String)>,
}

/// The module with its dots, and the name: `*` for all of them.
type Spelling = (String, Option<String>);

impl Ask {
    /// Tells whether this, of the tree before, is what `after` asks for.
    pub(super) fn is(&self, after: &Self, matches: &Matches<'_>) -> bool {
        let ways = self.way.as_ref().zip(after.way.as_ref());
        let leads_there = |((old, rest), (new, left)): (&(Module, String), &(Module, String))| {
            rest == left && matches.is_same(old, new)
        };
        self.is_spelled_as(after) || ways.is_some_and(leads_there)
    }

    /// Tells whether both are written the same.
    pub(super) fn is_spelled_as(&self, other: &Self) -> bool {
        self.spelling == other.spelling
    }

    /// Tells whether an import of the file is written so.
    pub(super) fn is_written_in(&self, file: &FileFacts) -> bool {
        let same = |it: &Import| names(it).contains(&self.spelling.1.as_deref());
        file.imports.iter().any(|it| written(it) == self.spelling.0 && same(it))
    }
}

/// Returns what a failing import asks for and does not get.
pub(super) fn asks(
    facts: &Facts,
    (path, file): (&RepoPath, &FileFacts),
    failure: &Unresolved,
) -> Vec<Ask> {
    let Some(import) = file.imports.iter().find(|it| is_of(it, failure)) else {
        return Vec::new();
    };
    let near = facts.nearest(path, import.level, &import.module);
    let ask = |name: Option<&str>| {
        let way = near.as_ref().map(|(module, left)| {
            let parts = [Some(*left), name].into_iter().flatten().filter(|it| !it.is_empty());
            (module.clone(), parts.collect::<Vec<_>>().join("."))
        });
        Ask { spelling: (failure.module.clone(), name.map(str::to_owned)), way }
    };
    match (&failure.name, &import.target) {
        // One that is missing is enough for a star to fail.
        (Some(name), Target::Names(_)) => vec![ask(Some(name))],
        _ => names(import).into_iter().map(ask).collect(),
    }
}

/// Tells whether a failure is of this import.
fn is_of(import: &Import, failure: &Unresolved) -> bool {
    let place = (failure.line, failure.column);
    let at_name = || match &import.target {
        Target::Names(names) => names.iter().any(|it| (it.line, it.column) == place),
        Target::Module { .. } | Target::Star | Target::Call { .. } => false,
    };
    written(import) == failure.module && ((import.line, import.column) == place || at_name())
}

/// Returns the names that an import takes; one that is none for the module itself.
fn names(import: &Import) -> Vec<Option<&str>> {
    match &import.target {
        Target::Names(names) => names.iter().map(|it| Some(it.name.as_str())).collect(),
        Target::Star => vec![Some("*")],
        Target::Module { .. } | Target::Call { .. } => vec![None],
    }
}
