//! What runs while a module or a package begins: all that it imports, what that imports, and the packages
//! above those. Until then the package around it has no attribute of its name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::places::{Places, found};
use crate::facts::Module;
use crate::path::RepoPath;

/// Which side of the move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    Before,
    After,
}

/// Files, in order.
type Files = Arc<BTreeSet<RepoPath>>;

/// What runs with each file, found once; paths are those before.
#[derive(Debug, Default)]
pub(super) struct Begun(Mutex<BTreeMap<(When, RepoPath), Files>>);

impl Places<'_> {
    /// Tells whether `file` may run while a module on the way to the absolute name `dotted` still does:
    /// the package around that one has no attribute of its name by then. The top of a name needs none.
    pub(super) fn is_begun(&self, when: When, file: &RepoPath, dotted: &str) -> bool {
        let above = std::iter::successors(Some(dotted), |it| Some(it.rsplit_once('.')?.0));
        let mut above = above.filter(|it| it.contains('.'));
        above.any(|name| {
            let module = match when {
                When::Before => found(self.before, file, 0, name),
                When::After => {
                    let now = self.moves.paths.get(file).unwrap_or(file);
                    found(self.after, now, 0, name)
                }
            };
            let Some(Module::File(path)) = module else { return false };
            let old = match when {
                When::Before => Some(&path),
                When::After => self.origin(&path),
            };
            old.is_some_and(|old| self.run_with(when, old).contains(file))
        })
    }

    /// Returns the files that run where the file at `root` begins, itself among them; the packages that it
    /// is in do so before.
    pub(super) fn run_with(&self, when: When, root: &RepoPath) -> Files {
        let key = (when, root.clone());
        let known = |key| {
            let known = self.begun.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.get(key).cloned()
        };
        if let Some(known) = known(&key) {
            return known;
        }
        let own = self.packages_above(when, root);
        let mut run = BTreeSet::from([root.clone()]);
        let mut open = vec![root.clone()];
        while let Some(file) = open.pop() {
            let Some(facts) = self.before.files().get(&file) else { continue };
            for edge in self.before.edges_of(&file) {
                let import = facts.imports.get(edge.import);
                if import.is_none_or(|it| it.deferred || it.type_checking) {
                    continue;
                }
                for to in self.packages_above(when, &edge.to).into_iter().chain([edge.to.clone()]) {
                    if !own.contains(&to) && run.insert(to.clone()) {
                        open.push(to);
                    }
                }
            }
        }
        let run = Arc::new(run);
        let mut known = self.begun.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, Arc::clone(&run));
        run
    }

    /// Returns the `__init__.py` files of the packages that a file is in, by their paths before.
    fn packages_above(&self, when: When, file: &RepoPath) -> Vec<RepoPath> {
        let inits = |path: &RepoPath| {
            let inits: Vec<RepoPath> =
                path.folders().filter_map(|it| it.child("__init__.py").ok()).collect();
            inits
        };
        match when {
            When::Before => {
                let known = |init: &RepoPath| self.before.files().contains_key(init);
                inits(file).into_iter().filter(known).collect()
            }
            When::After => {
                let now = self.file(file).as_ref().map_or_else(Vec::new, inits);
                now.iter().filter_map(|it| self.origin(it).cloned()).collect()
            }
        }
    }
}
