//! What differs between two trees that stand on the same snapshot.

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::path::RepoPath;
use crate::tree::{Entry, Tree};

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
    let (came, gone) = before.differences(after);
    // All paths of a tree are asked: seeded maps, and faster than the standard ones.
    let origins: HashSet<&RepoPath, RandomState> =
        came.iter().filter_map(|it| it.1.origin.as_ref()).collect();
    // Where what came stood in `before`.
    let mut stood: HashMap<&RepoPath, &RepoPath, RandomState> = HashMap::default();
    if !origins.is_empty() {
        let known = before.entries().iter();
        let known = known.filter_map(|(path, entry)| Some((entry.origin.as_ref()?, path)));
        stood.extend(known.filter(|(origin, _)| origins.contains(origin)));
    }
    let mut left = BTreeSet::new();
    let mut found = Vec::new();
    // Two equal files that change places are no difference: there is nothing to do for git.
    for (path, new) in came {
        let from = new.origin.as_ref().and_then(|it| stood.get(it).copied());
        let from = from.filter(|it| *it != path);
        left.extend(from);
        let old = before.entry(from.unwrap_or(path)).cloned();
        found.push(Change { path: path.clone(), from: from.cloned(), old, new: Some(new.clone()) });
    }
    // What the plan made where something left is new there.
    let is_new = |it: &&mut Change| {
        it.new.as_ref().is_some_and(|it| it.origin.is_none()) && left.contains(&it.path)
    };
    found.iter_mut().filter(is_new).for_each(|it| it.old = None);
    for (path, old) in gone.into_iter().filter(|(path, _)| !left.contains(path)) {
        found.push(Change { path: path.clone(), from: None, old: Some(old.clone()), new: None });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Memory, Mode};

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Applies `change` to a tree of three files, and says what `changes` makes of it.
    fn check(change: impl FnOnce(&mut Tree), expected: &[&str]) {
        let files = [("a.py", "a"), ("b.py", "b"), ("c.py", "c")];
        let before = Tree::new(Memory::texts(files).unwrap());
        let mut after = before.clone();
        change(&mut after);
        let shown = |it: &Change| match &it.from {
            Some(from) => format!("{:?} {from} -> {}", it.kind(), it.path),
            None => format!("{:?} {}", it.kind(), it.path),
        };
        assert_eq!(changes(&before, &after).iter().map(shown).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_kind_of_change() {
        check(|_| (), &[]);
        check(|tree| tree.rename(&path("a.py"), path("x/a.py")), &["Moved a.py -> x/a.py"]);
        check(|tree| tree.write(path("a.py"), Mode::File, *b"z"), &["Edited a.py"]);
        check(|tree| tree.write(path("n.py"), Mode::File, *b"z"), &["Added n.py"]);
        check(|tree| drop(tree.remove(&path("b.py"))), &["Removed b.py"]);
        check(|tree| tree.write(path("a.py"), Mode::Executable, *b"a"), &["Edited a.py"]);
    }

    #[test]
    fn a_move_with_an_edit_is_one_change() {
        let moved = |tree: &mut Tree| {
            tree.rename(&path("a.py"), path("x.py"));
            tree.write(path("x.py"), Mode::File, *b"aa");
        };
        check(moved, &["MovedAndEdited a.py -> x.py"]);
    }

    #[test]
    fn a_new_file_where_another_one_left_is_added() {
        let shim = |tree: &mut Tree| {
            tree.rename(&path("a.py"), path("x.py"));
            tree.write(path("a.py"), Mode::File, *b"shim");
        };
        check(shim, &["Added a.py", "Moved a.py -> x.py"]);
    }

    #[test]
    fn a_path_that_is_left_and_taken_again_is_two_moves() {
        let chain = |tree: &mut Tree| {
            tree.rename(&path("b.py"), path("d.py"));
            tree.rename(&path("a.py"), path("b.py"));
        };
        check(chain, &["Moved a.py -> b.py", "Moved b.py -> d.py"]);
    }
}
