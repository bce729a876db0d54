//! Roots, and which file sees which of them, in which order.
//!
//! A running program has one `sys.path`; a repository has many programs. What configuration, pytest
//! or the file itself puts on the path is *firm* for the files that it concerns. What is there only
//! in some runs (the folder of a script that imports the file, another project's roots) is *soft*.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bstr::ByteSlice as _;

use super::table::{FolderId, Table};
use super::{Map, Root, Settings};
use crate::path::RepoPath;
use crate::python::{FileFacts, PathSpot};

mod detect;
mod evidence;
mod loaded;

pub(super) use detect::{Project, is_test};

/// What put a root on the path. The order is that of firm roots on the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// The file, or a `conftest.py` above it, inserts it into `sys.path`.
    Inserted,
    /// The file is a script in it.
    Started,
    /// pytest inserts it for a test or a `conftest.py` below it.
    Tests,
    /// The file, or a `conftest.py` above it, puts it behind the first folder of `sys.path`.
    InsertedSecond,
    /// The configuration of the project that the file belongs to, or the project's own folder.
    Project,
    /// The file, or a `conftest.py` above it, puts it at the end of `sys.path`.
    Appended,
    /// A script stands in it, or a module that finds others there: on the path of whatever they import.
    Scripts,
    /// A script of a package stands in it, and loads the file by way of it.
    Loaded,
    /// Something below it is built or run by itself: a Dockerfile, a list of requirements.
    Workplace,
    /// A module of no package, or one with a main block, stands in it, and finds its siblings where
    /// it is run as a script.
    Siblings,
}

impl Tier {
    /// Tells whether such roots are told of: others concern single files, or are everywhere.
    fn is_shown(self) -> bool {
        !matches!(self, Self::Loaded | Self::Siblings)
    }
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
    by_file: Map<RepoPath, usize>,
    by_folder: Map<RepoPath, usize>,
    by_home: Map<RepoPath, Vec<usize>>,
    everywhere: Vec<usize>,
    /// What each file puts on `sys.path`, in order.
    inserted: HashMap<RepoPath, Vec<(PathSpot, FolderId)>>,
    /// The folders of installed projects; whether modules of theirs are installed, too.
    installed: Vec<(FolderId, bool)>,
}

/// What roots are found in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) settings: &'a Settings,
    pub(super) projects: &'a [Project],
    pub(super) table: &'a Table,
    pub(super) files: &'a BTreeMap<RepoPath, Arc<FileFacts>>,
    /// The files that are started.
    pub(super) scripts: &'a BTreeSet<RepoPath>,
    /// The modules of dependencies, in lower case.
    pub(super) declared: &'a BTreeSet<String>,
}

/// The paths that a file meets, beside the one of its own run.
#[derive(Debug, Default)]
pub(super) struct Sights {
    /// What configuration, pytest and the file itself put on one path.
    pub(super) project: Vec<FolderId>,
    /// Folders that are each on the path of some runs.
    pub(super) alone: Vec<FolderId>,
}

impl RootMap {
    /// Finds the roots of a tree.
    pub(super) fn new(sources: Sources<'_>) -> Self {
        let Sources { projects, table, files, .. } = sources;
        let roots = detect::detect(sources);
        let mut by_home: Map<RepoPath, Vec<usize>> = Map::default();
        for (index, placed) in roots.iter().enumerate() {
            by_home.entry(placed.home.clone()).or_default().push(index);
        }
        let everywhere = (0..roots.len()).filter(|it| roots[*it].root.scope.is_root()).collect();
        let mut map = Self {
            roots,
            by_home,
            everywhere,
            sets: Vec::new(),
            by_file: Map::default(),
            by_folder: Map::default(),
            inserted: inserted(table, files),
            installed: detect::installed(projects, table),
        };
        map.group(table, files);
        map
    }

    /// Returns the folders of installed projects; whether modules of theirs are installed, too.
    pub(super) fn installed(&self) -> &[(FolderId, bool)] {
        &self.installed
    }

    /// Returns what `file` puts on `sys.path`, in order.
    pub(super) fn inserted(&self, file: &RepoPath) -> &[(PathSpot, FolderId)] {
        self.inserted.get(file).map_or(&[], Vec::as_slice)
    }

    /// Returns the paths that `file` meets, beside the one of its own run.
    pub(super) fn sights(&self, file: &RepoPath) -> Sights {
        let mut sights = Sights::default();
        let Some(folder) = file.parent() else { return sights };
        let is_test = detect::is_test(file);
        for index in self.at_home(&folder, Some(file)) {
            let placed = &self.roots[index];
            match placed.tier {
                Tier::Inserted | Tier::InsertedSecond | Tier::Project | Tier::Appended => {
                    sights.project.push(placed.folder);
                }
                Tier::Tests if is_test => sights.project.push(placed.folder),
                Tier::Started => {}
                Tier::Siblings if placed.home != folder => {}
                Tier::Tests | Tier::Scripts | Tier::Loaded | Tier::Workplace | Tier::Siblings => {
                    sights.alone.push(placed.folder);
                }
            }
        }
        sights.alone.extend(self.everywhere.iter().map(|index| self.roots[*index].folder));
        sights
    }

    /// Returns the roots that a person would name, those of all files first: without folders that
    /// only their own modules see, and without what a wider root says already.
    pub(super) fn shown(&self) -> Vec<Root> {
        let mut shown: Vec<Root> = Vec::new();
        for Placed { root, .. } in self.roots.iter().filter(|it| it.tier.is_shown()) {
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

    /// Returns every set, in the order of ids.
    pub(super) fn sets(&self) -> &[RootSet] {
        &self.sets
    }

    /// Returns the folders that configuration or the playbook names as roots, in order.
    pub(super) fn declared(&self) -> impl Iterator<Item = &RepoPath> {
        self.roots.iter().filter(|it| it.declared).map(|it| &it.root.folder)
    }

    /// Returns what `file` sees; of a file that is not in the tree, what its folder would.
    pub(super) fn set_of(&self, file: &RepoPath) -> &RootSet {
        let by_folder = || above(file).find_map(|folder| self.by_folder.get(folder));
        let index = self.by_file.get(file).or_else(by_folder);
        &self.sets[index.copied().unwrap_or_default()]
    }

    /// Returns what a file in `folder` sees of which nothing else is known.
    pub(super) fn set_of_folder(&self, folder: &RepoPath) -> &RootSet {
        let index = self.by_folder.get(folder);
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
        let mut sets = Sets::default();
        let mut by_folder = Map::default();
        let folders = table.folders().map(|(_, folder)| folder);
        let folders = folders.filter(|it| it.holds_python || it.path.is_root());
        for folder in folders {
            let seen = self.seen(&folder.path, None);
            by_folder.insert(folder.path.clone(), sets.intern(&self.roots, seen));
        }
        let mut by_file = Map::default();
        for path in files.keys() {
            if detect::is_test(path) || self.by_home.contains_key(path) {
                let Some(folder) = path.parent() else { continue };
                let seen = self.seen(&folder, Some(path));
                by_file.insert(path.clone(), sets.intern(&self.roots, seen));
            }
        }
        (self.sets, self.by_file, self.by_folder) = (sets.sets, by_file, by_folder);
    }

    /// Returns the roots whose home `file` in `folder` is at or below, in order.
    fn at_home(&self, folder: &RepoPath, file: Option<&RepoPath>) -> Vec<usize> {
        let homes = file.into_iter().cloned().chain([folder.clone()]).chain(folder.folders());
        let found = homes.flat_map(|home| self.by_home.get(&home).into_iter().flatten().copied());
        let mut found: Vec<usize> = found.collect();
        found.sort_by_key(|index| {
            let placed = &self.roots[*index];
            (placed.tier, Reverse(placed.home.depth()), *index)
        });
        found
    }

    /// Returns the roots that `file` in `folder` sees, firm ones and soft ones, each in order.
    fn seen(&self, folder: &RepoPath, file: Option<&RepoPath>) -> (Vec<usize>, Vec<usize>) {
        let is_test = file.is_some_and(detect::is_test);
        let (mut firm, mut soft) = (Vec::new(), Vec::new());
        for index in self.at_home(folder, file) {
            let placed = &self.roots[index];
            match placed.tier {
                Tier::Inserted | Tier::Started | Tier::InsertedSecond => firm.push(index),
                Tier::Project | Tier::Appended => firm.push(index),
                Tier::Tests if is_test => firm.push(index),
                Tier::Siblings if placed.root.folder != *folder => {}
                Tier::Tests | Tier::Scripts | Tier::Loaded => soft.push(index),
                Tier::Workplace | Tier::Siblings => soft.push(index),
            }
        }
        soft.extend(&self.everywhere);
        (firm, soft)
    }
}

/// Returns what each file puts on `sys.path`, in order.
fn inserted(
    table: &Table,
    files: &BTreeMap<RepoPath, Arc<FileFacts>>,
) -> HashMap<RepoPath, Vec<(PathSpot, FolderId)>> {
    let mut found: HashMap<RepoPath, Vec<(PathSpot, FolderId)>> = HashMap::new();
    for (path, facts) in files {
        for (folder, insert) in detect::insertions(table, path, facts) {
            let Some(id) = table.id(&folder) else { continue };
            found.entry(path.clone()).or_default().push((insert.spot, id));
        }
    }
    found
}

/// Returns the folders above a path, as bytes: asked for every import, so no path is made of them.
fn above(path: &RepoPath) -> impl Iterator<Item = &[u8]> {
    let parent = |path: &[u8]| path.rfind_byte(b'/').unwrap_or_default();
    let path = path.as_bytes();
    let ends = std::iter::successors(Some(parent(path)), move |end| {
        (*end > 0).then(|| parent(&path[..*end]))
    });
    ends.map(move |end| &path[..end])
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
        let (mut known, mut shown) = (BTreeSet::new(), BTreeSet::new());
        let inserted = [Tier::Inserted, Tier::InsertedSecond, Tier::Appended];
        let grows = firm.iter().any(|it| inserted.contains(&roots[*it].tier));
        for (indices, folders) in [(firm, &mut set.firm), (soft, &mut set.soft)] {
            for index in indices {
                if known.insert(roots[index].folder) {
                    folders.push(roots[index].folder);
                    set.order.extend(shown.insert(roots[index].folder).then_some(index));
                }
            }
            // An import before the insertion does not see what is inserted: each is tried alone.
            if grows {
                known.clear();
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
