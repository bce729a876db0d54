//! Runs the steps of a playbook in order over one tree, and keeps every change with its reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::Facts;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::steps::Outcome;
use crate::tree::{Entry, Id, Tree};

/// All planned changes of a playbook over one commit.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The playbook's name.
    pub playbook: String,
    /// What the playbook says of itself.
    pub description: String,
    /// The commit that was read.
    pub base: Id,
    /// The tree of that commit.
    pub before: Tree,
    /// The facts of `before`.
    pub facts_before: Arc<Facts>,
    /// The tree that the plan makes.
    pub after: Tree,
    /// The facts of `after`.
    pub facts_after: Arc<Facts>,
    /// The git id of `after`.
    pub tree: Id,
    /// The steps, in order, also those that change nothing.
    pub steps: Vec<PlannedStep>,
    /// What a person should know that belongs to no step.
    pub findings: Vec<Finding>,
}

/// One step, carried out in memory.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Its id: given, or made of its number and kind.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// The sprint that it belongs to.
    pub sprint: Option<String>,
    /// Why the playbook wants it.
    pub why: Option<String>,
    /// Why it did not run, where a `when` or a filter held it back.
    pub skipped: Option<String>,
    /// The tree that it leaves.
    pub after: Tree,
    /// The facts of that tree.
    pub facts: Arc<Facts>,
    /// What it changed, by path.
    pub changes: Vec<Change>,
    /// What it says about its work.
    pub outcome: Outcome,
}

/// What happened to one path between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path afterwards; of a removal, the path that is gone.
    pub path: RepoPath,
    /// The path before, where it moved.
    pub from: Option<RepoPath>,
    /// The entry before; `None` for an addition.
    pub old: Option<Entry>,
    /// The entry afterwards; `None` for a removal.
    pub new: Option<Entry>,
}

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A new path.
    Added,
    /// Other bytes or another mode.
    Edited,
    /// Another path, the same bytes and mode.
    Moved,
    /// Another path, and other bytes or another mode.
    MovedAndEdited,
    /// A path that is gone.
    Removed,
}

impl Change {
    /// Returns what kind of change it is.
    #[must_use]
    pub fn kind(&self) -> ChangeKind {
        let same = match (&self.old, &self.new) {
            (None, _) => return ChangeKind::Added,
            (_, None) => return ChangeKind::Removed,
            (Some(old), Some(new)) => old.id == new.id && old.mode == new.mode,
        };
        match (self.from.is_some(), same) {
            (true, true) => ChangeKind::Moved,
            (true, false) => ChangeKind::MovedAndEdited,
            (false, _) => ChangeKind::Edited,
        }
    }
}

/// Returns what changed between two trees that stand on the same snapshot, in order of path. What
/// moved is known by its origin, not guessed from its bytes.
#[must_use]
pub fn changes(before: &Tree, after: &Tree) -> Vec<Change> {
    let origins: BTreeMap<&RepoPath, &RepoPath> = before
        .entries()
        .iter()
        .filter_map(|(path, entry)| Some((entry.origin.as_ref()?, path)))
        .collect();
    let mut moved_from: BTreeMap<&RepoPath, ()> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, new) in after.entries() {
        let old_here = before.entry(path);
        if old_here.is_some_and(|old| old.id == new.id && old.mode == new.mode) {
            continue;
        }
        let from = new.origin.as_ref().and_then(|origin| origins.get(origin)).copied();
        let from = from.filter(|from| {
            *from != path && after.entry(from).is_none_or(|it| it.origin != new.origin)
        });
        let old = match from {
            Some(from) => before.entry(from),
            None => old_here,
        };
        if let Some(from) = from {
            moved_from.insert(from, ());
        }
        found.push(Change {
            path: path.clone(),
            from: from.cloned(),
            old: old.cloned(),
            new: Some(new.clone()),
        });
    }
    for (path, old) in before.entries() {
        if after.entry(path).is_none() && !moved_from.contains_key(path) {
            found.push(Change {
                path: path.clone(),
                from: None,
                old: Some(old.clone()),
                new: None,
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
