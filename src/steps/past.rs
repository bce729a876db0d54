//! What a tree was like before the steps that it shows as done.
//!
//! A later step may put something where an earlier one takes things from. On the result of such a
//! playbook the earlier step would take that for its own; so the steps are taken back first, the last
//! one first, as far as the tree shows them as done, and what came by a later one is out of reach.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::{is_init, says_nothing};
use crate::path::RepoPath;
use crate::tree::{Entry, ReadError, Tree};

/// A tree, seen as it was before steps that are done.
#[derive(Debug, Clone)]
pub struct Past {
    tree: Tree,
    /// Where files stood → where they stand.
    places: BTreeMap<RepoPath, RepoPath>,
    /// The files that stood elsewhere, or nowhere.
    arrived: BTreeSet<RepoPath>,
}

impl Past {
    /// Starts from `tree`, nothing taken back.
    #[must_use]
    pub fn new(tree: Tree) -> Self {
        Self { tree, places: BTreeMap::new(), arrived: BTreeSet::new() }
    }

    /// Returns two files that the steps exchange: nothing shows whether that is done.
    #[must_use]
    pub fn exchanged(&self) -> Option<(&RepoPath, &RepoPath)> {
        self.places.iter().find(|(place, file)| {
            let mut way = std::iter::successors(Some(*file), |it| self.places.get(*it));
            // A way that does not come back ends, but it may end in a circle that it is not part of.
            way.by_ref().take(self.places.len()).any(|it| it == *place)
        })
    }

    /// Tells whether a later step put `file` where it stands.
    pub(super) fn came(&self, file: &RepoPath) -> bool {
        self.arrived.contains(file)
    }

    /// Returns where something stands now that stood at `place`.
    pub(super) fn went(&self, place: &RepoPath) -> Option<&RepoPath> {
        self.places.get(place)
    }

    /// Tells whether a file or a folder stood at `place`.
    pub(super) fn exists(&self, place: &RepoPath) -> bool {
        self.below(place).next().is_some()
    }

    /// Returns the entry of the file that stood at `place`.
    pub(super) fn entry(&self, place: &RepoPath) -> Option<&Entry> {
        let here = || (!self.arrived.contains(place)).then_some(place);
        self.tree.entry(self.places.get(place).or_else(here)?)
    }

    /// Takes a move back, where nothing is left at `from`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn take_back(&mut self, from: &RepoPath, to: &RepoPath) -> Result<(), ReadError> {
        if self.exists(from) {
            return Ok(());
        }
        let moved: Vec<RepoPath> = self.below(to).cloned().collect();
        if moved.is_empty() {
            return Ok(());
        }
        for place in moved {
            let file = self.lift(&place);
            let Some(back) = place.rebase(to, from) else { continue };
            if back == file {
                self.arrived.remove(&file);
            } else {
                self.places.insert(back, file);
            }
        }
        self.lift_lone_inits(to)
    }

    /// Takes back that the file at `place` was made.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn forget(&mut self, place: &RepoPath) -> Result<(), ReadError> {
        self.lift(place);
        self.lift_lone_inits(place)
    }

    /// Returns the places at or below `place` at which files stood.
    fn below<'a>(&'a self, place: &'a RepoPath) -> impl Iterator<Item = &'a RepoPath> {
        let stayed = self.tree.under(place).map(|(file, _)| file);
        let back = self.places.keys().filter(move |it| it.is_under(place));
        stayed.filter(|file| !self.arrived.contains(*file)).chain(back)
    }

    /// Takes up what stood at `place`, and returns where it stands now.
    pub(super) fn lift(&mut self, place: &RepoPath) -> RepoPath {
        let file = self.places.remove(place).unwrap_or_else(|| place.clone());
        self.arrived.insert(file.clone());
        file
    }

    /// Takes up the `__init__` files of the folders above `place` in which nothing else is left: they
    /// came with what came there.
    fn lift_lone_inits(&mut self, place: &RepoPath) -> Result<(), ReadError> {
        for folder in place.folders().filter(|it| !it.is_root()) {
            let left: Vec<RepoPath> = self.below(&folder).cloned().collect();
            for place in &left {
                let file = self.places.get(place).unwrap_or(place);
                let own = is_init(place) && place.parent().as_ref() == Some(&folder);
                if !own || !says_nothing(&self.tree.read(file)?) {
                    return Ok(());
                }
            }
            for place in &left {
                self.lift(place);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Takes moves back, the last one first; tells what came by them.
    fn check(files: &[&str], moves: &[(&str, &str)], came: &[&str]) -> Past {
        let tree = Tree::new(Memory::texts(files.iter().map(|it| (*it, ""))).unwrap());
        let mut past = Past::new(tree);
        for (from, to) in moves.iter().rev() {
            past.take_back(&path(from), &path(to)).unwrap();
        }
        assert_eq!(past.arrived.iter().map(ToString::to_string).collect::<Vec<_>>(), came);
        past
    }

    #[test]
    fn a_chain_is_taken_back() {
        check(&["b"], &[("a", "b")], &["b"]);
        check(&["a"], &[("a", "b")], &[]);
        check(&["a", "b"], &[("a", "b"), ("c", "a")], &["a", "b"]);
        check(&["a", "d"], &[("a", "b"), ("c", "a"), ("b", "d")], &["a", "d"]);
        check(&["a"], &[("a", "b"), ("c", "a")], &["a"]);
        check(&["a"], &[("a", "b"), ("b", "a")], &[]);
    }

    #[test]
    fn a_folder_that_holds_only_its_init_is_none() {
        let files = ["a/__init__.py", "a/x.py", "b/y.py"];
        check(&files, &[("a", "b"), ("c.py", "a/x.py")], &files);
    }

    #[test]
    fn an_exchange_looks_the_same_before_and_after() {
        let past = check(&["x", "y"], &[("x", "t"), ("y", "x"), ("t", "y")], &["x", "y"]);
        assert_eq!(past.exchanged(), Some((&path("x"), &path("y"))));
        let past = check(&["a", "b"], &[("a", "b"), ("c", "a")], &["a", "b"]);
        assert_eq!(past.exchanged(), None);
    }
}
