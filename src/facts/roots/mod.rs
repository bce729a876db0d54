//! Roots, and which file sees which of them, in which order.
//!
//! A running program has one `sys.path`; a repository has many programs. What configuration, pytest
//! or the file itself puts on the path is *firm* for the files that it concerns. What is there only
//! in some runs (the folder of a script that imports the file, another project's roots) is *soft*.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::table::{FolderId, Table};
use super::{Root, Settings};
use crate::path::RepoPath;
use crate::python::FileFacts;

mod detect;
mod evidence;

pub(super) use detect::Project;

/// What put a root on the path. The order is that of firm roots on the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// The file, or a `conftest.py` above it, inserts it into `sys.path`.
    Inserted,
    /// The file is a script in it.
    Started,
    /// pytest inserts it for a test or a `conftest.py` below it.
    Tests,
    /// The configuration of the project that the file belongs to, or the project's own folder.
    Project,
    /// A script stands in it, or a module that finds others there: on the path of whatever they import.
    Scripts,
    /// Something below it is built or run by itself: a Dockerfile, a list of requirements.
    Workplace,
    /// A module of no package, or one with a main block, stands in it, and finds its siblings where
    /// it is run as a script.
    Siblings,
}

/// A root with what decides who sees it.
#[derive(Debug)]
struct Placed {
    root: Root,
    folder: FolderId,
    /// Files at or below this path see it as what it is; of a project root, others see it softly.
    home: RepoPath,
    tier: Tier,
    /// Named by configuration or by the playbook: certainly no package itself.
    declared: bool,
}

/// The roots that a group of files sees.
#[derive(Debug, Default, Clone)]
pub(super) struct RootSet {
    /// Place among the sets.
    pub(super) id: usize,
    /// The folders of one `sys.path`, in order.
    pub(super) firm: Vec<FolderId>,
    /// Folders that are each tried alone.
    pub(super) soft: Vec<FolderId>,
    order: Vec<usize>,
}

/// All roots of a tree.
#[derive(Debug)]
pub(super) struct RootMap {
    roots: Vec<Placed>,
    sets: Vec<RootSet>,
    by_file: HashMap<RepoPath, usize>,
    by_folder: HashMap<RepoPath, usize>,
}

impl RootMap {
    /// Finds the roots of a tree.
    pub(super) fn new(
        settings: &Settings,
        projects: &[Project],
        table: &Table,
        files: &BTreeMap<RepoPath, Arc<FileFacts>>,
        scripts: &BTreeSet<RepoPath>,
        declared: &BTreeSet<String>,
    ) -> Self {
        let roots = detect::detect(settings, projects, table, files, scripts, declared);
        let mut map =
            Self { roots, sets: Vec::new(), by_file: HashMap::new(), by_folder: HashMap::new() };
        map.group(table, files);
        map
    }

    /// Returns the roots that a person would name, those of all files first: without folders that
    /// only their own modules see, and without what a wider root says already.
    pub(super) fn shown(&self) -> Vec<Root> {
        let mut shown: Vec<Root> = Vec::new();
        for Placed { root, .. } in self.roots.iter().filter(|it| it.tier != Tier::Siblings) {
            let covers = |it: &Root| it.folder == root.folder && root.scope.is_under(&it.scope);
            if !shown.iter().any(covers) {
                shown.push(root.clone());
            }
        }
        shown
    }

    /// Returns the roots that the files of `set` see, in order.
    pub(super) fn of(&self, set: &RootSet) -> Vec<&Root> {
        set.order.iter().map(|index| &self.roots[*index].root).collect()
    }

    /// Returns how many sets there are.
    pub(super) fn sets(&self) -> usize {
        self.sets.len()
    }

    /// Returns what `file` sees; of a file that is not in the tree, what its folder would.
    pub(super) fn set_of(&self, file: &RepoPath) -> &RootSet {
        let by_folder = || file.folders().find_map(|folder| self.by_folder.get(&folder));
        let index = self.by_file.get(file).or_else(by_folder);
        &self.sets[index.copied().unwrap_or_default()]
    }

    /// Tells whether configuration or the playbook names this folder as a root.
    pub(super) fn is_declared(&self, folder: &RepoPath) -> bool {
        self.roots.iter().any(|it| it.declared && it.root.folder == *folder)
    }

    /// Returns the folders of the roots that all files see.
    pub(super) fn of_all_files(&self) -> impl Iterator<Item = FolderId> {
        self.roots.iter().filter(|it| it.root.scope.is_root()).map(|it| it.folder)
    }

    fn group(&mut self, table: &Table, files: &BTreeMap<RepoPath, Arc<FileFacts>>) {
        let mut by_home: HashMap<&RepoPath, Vec<usize>> = HashMap::new();
        for (index, placed) in self.roots.iter().enumerate() {
            by_home.entry(&placed.home).or_default().push(index);
        }
        let everywhere: Vec<usize> =
            (0..self.roots.len()).filter(|index| self.roots[*index].root.scope.is_root()).collect();
        let mut sets = Sets::default();
        let mut by_folder = HashMap::new();
        let folders = table.folders().map(|(_, folder)| folder);
        let folders = folders.filter(|it| it.holds_python || it.path.is_root());
        for folder in folders {
            let seen = self.seen(&by_home, &everywhere, &folder.path, None);
            by_folder.insert(folder.path.clone(), sets.intern(&self.roots, seen));
        }
        let mut by_file = HashMap::new();
        for path in files.keys() {
            if detect::is_test(path) || by_home.contains_key(path) {
                let Some(folder) = path.parent() else { continue };
                let seen = self.seen(&by_home, &everywhere, &folder, Some(path));
                by_file.insert(path.clone(), sets.intern(&self.roots, seen));
            }
        }
        (self.sets, self.by_file, self.by_folder) = (sets.sets, by_file, by_folder);
    }

    /// Returns the roots that `file` in `folder` sees, firm ones and soft ones, each in order.
    fn seen(
        &self,
        by_home: &HashMap<&RepoPath, Vec<usize>>,
        everywhere: &[usize],
        folder: &RepoPath,
        file: Option<&RepoPath>,
    ) -> (Vec<usize>, Vec<usize>) {
        let is_test = file.is_some_and(detect::is_test);
        let (mut firm, mut soft) = (Vec::new(), Vec::new());
        let homes = file.into_iter().cloned().chain([folder.clone()]).chain(folder.folders());
        let at_home = homes.flat_map(|home| by_home.get(&home).into_iter().flatten().copied());
        for index in at_home {
            let placed = &self.roots[index];
            match placed.tier {
                Tier::Inserted | Tier::Started | Tier::Project => firm.push(index),
                Tier::Tests if is_test => firm.push(index),
                Tier::Siblings if placed.root.folder != *folder => {}
                Tier::Tests | Tier::Scripts | Tier::Workplace | Tier::Siblings => soft.push(index),
            }
        }
        let key = |index: &usize| {
            let placed = &self.roots[*index];
            (placed.tier, Reverse(placed.home.depth()), *index)
        };
        firm.sort_by_key(key);
        soft.sort_by_key(key);
        soft.extend(everywhere);
        (firm, soft)
    }
}

/// The sets found so far.
#[derive(Default)]
struct Sets {
    sets: Vec<RootSet>,
    known: HashMap<Vec<usize>, usize>,
}

impl Sets {
    /// Returns the place of the set of these roots, without what stands in it twice.
    fn intern(&mut self, roots: &[Placed], (firm, soft): (Vec<usize>, Vec<usize>)) -> usize {
        let mut set = RootSet { id: self.sets.len(), ..RootSet::default() };
        let mut seen = BTreeSet::new();
        for (indices, folders) in [(firm, &mut set.firm), (soft, &mut set.soft)] {
            for index in indices {
                if seen.insert(roots[index].folder) {
                    folders.push(roots[index].folder);
                    set.order.push(index);
                }
            }
        }
        let mut key = set.firm.clone();
        key.push(usize::MAX);
        key.extend(&set.soft);
        *self.known.entry(key).or_insert_with(|| {
            self.sets.push(set);
            self.sets.len() - 1
        })
    }
}
