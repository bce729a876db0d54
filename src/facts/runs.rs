//! Runs: what a file that is started on its own has on its path, and what it loads that way.
//!
//! `python tools/build.py` has `tools` on its path and not the repository's root, whatever other
//! runs have. So an import may resolve for the repository as a whole and still fail in such a run.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::resolve::Walk;
use super::roots::is_test;
use super::table::FolderId;
use super::{Edge, Facts, Found, Index, Map, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, PathSpot};

/// Paths: asked for at every import, so seeded and fast.
type Paths<'a> = HashSet<&'a RepoPath, foldhash::fast::RandomState>;

/// The folders of this tree that one `sys.path` has, in order; what is installed comes after them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchPath(Vec<RepoPath>);

/// What a run loads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The files, with those that were started; of each the imports that find what they mean, as
    /// indexes into [`Facts::edges_of`], in order.
    pub loads: BTreeMap<RepoPath, Vec<usize>>,
}

impl Run {
    /// Tells whether a file is loaded, and finds what an import of it means.
    #[must_use]
    pub fn finds(&self, file: &RepoPath, edge: usize) -> bool {
        self.loads.get(file).is_some_and(|it| it.binary_search(&edge).is_ok())
    }
}

/// A path on which a file finds a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// That of `python FILE`.
    Script,
    /// What configuration, pytest and the file itself put on it.
    Project,
    /// One folder that is on the path of some runs.
    Alone(RepoPath),
}

impl Facts {
    /// Returns the files that are started on their own: those with a main block or the mode of a
    /// program, and those that nothing imports and that are no part of a package, or that need what
    /// only their own folder has.
    #[must_use]
    pub fn started(&self) -> &BTreeSet<RepoPath> {
        self.0.started.get_or_init(|| {
            let is_started = |path: &RepoPath, file: &FileFacts| {
                let alone = || {
                    path.extension() == "py"
                        && !is_test(path)
                        && !self.0.is_package(&own(path))
                        && self.users(path).next().is_none()
                        && (!self.0.is_packaged(path) || self.0.needs_own_folder(path, file))
                };
                file.main_guard || self.0.scripts.contains(path) || alone()
            };
            let files = self.files().iter().filter(|(path, file)| is_started(path, file));
            files.map(|(path, _)| path.clone()).collect()
        })
    }

    /// Returns the path of `python FILE`.
    #[must_use]
    pub fn script_path(&self, file: &RepoPath) -> SearchPath {
        let ids = self.0.script_path(file);
        SearchPath(ids.into_iter().map(|id| self.0.table.folder(id).path.clone()).collect())
    }

    /// Returns what starting these files loads, where each has `path` to begin with. What a loaded
    /// file inserts is on the path, too: after the rest, for nothing tells when.
    #[must_use]
    pub fn run(&self, path: &SearchPath, files: &[&RepoPath]) -> Run {
        let mut folders: Vec<FolderId> =
            path.0.iter().filter_map(|folder| self.0.table.id(folder)).collect();
        loop {
            let run = self.load(&folders, files);
            let known = folders.len();
            for file in run.loads.keys() {
                for (_, id) in self.0.roots.inserted(file) {
                    if !folders.contains(id) {
                        folders.push(*id);
                    }
                }
            }
            if folders.len() == known {
                return run;
            }
        }
    }

    fn load(&self, path: &[FolderId], files: &[&RepoPath]) -> Run {
        let mut loads: Map<&RepoPath, Vec<usize>> = Map::default();
        let mut known: Map<&str, Walk> = Map::default();
        let mut packages = Packages::new(self);
        let mut met: Paths<'_> = files.iter().copied().collect();
        let mut open: Vec<&RepoPath> = met.iter().copied().collect();
        while let Some(file) = open.pop() {
            let mut finds = Vec::new();
            let imports = self.files().get(file).map_or(&[][..], |it| &it.imports);
            let set = self.0.roots.set_of(file);
            // Edges of one import stand side by side.
            let mut last = None;
            for (index, edge) in self.edges_of(file).iter().enumerate() {
                let Some(import) = imports.get(edge.import).filter(|it| !it.type_checking) else {
                    continue;
                };
                if import.level == 0 {
                    let name = import.module.as_str();
                    if !matches!(&last, Some((at, _)) if *at == edge.import) {
                        last = Some((edge.import, self.0.find_from((file, set), 0, name)));
                    }
                    let walk = known.entry(name).or_insert_with(|| self.0.walk_on(path, name));
                    if !last.as_ref().is_some_and(|(_, found)| means(walk, edge, found)) {
                        continue;
                    }
                }
                finds.push(index);
                if met.insert(&edge.to) {
                    open.push(&edge.to);
                    open.extend(packages.above(&edge.to).into_iter().filter(|it| met.insert(it)));
                }
            }
            loads.insert(file, finds);
        }
        Run { loads: loads.into_iter().map(|(file, finds)| (file.clone(), finds)).collect() }
    }

    /// Returns the files of which a run may load one of these: whatever leads there, on whichever path.
    /// `None` where that is more than a part of all files, of which it is hardly worth asking.
    #[must_use]
    pub fn may_load<'a>(&'a self, files: impl Iterator<Item = &'a RepoPath>) -> Option<Paths<'a>> {
        let most = 16 + self.files().len() / 8;
        let mut open: Vec<&RepoPath> = files.collect();
        let mut found: Paths<'_> = open.iter().copied().collect();
        let mut left = Paths::default();
        let imported = LazyCell::new(|| {
            let mut all: Vec<&RepoPath> = self.turned().imported().collect();
            all.sort_unstable();
            all
        });
        while let Some(file) = open.pop() {
            if found.len() > most {
                return None;
            }
            // A package runs before all that is below it.
            let folder = file.as_bytes().strip_suffix(b"__init__.py");
            let folder = folder.filter(|it| matches!(it.last(), None | Some(b'/')));
            let below = folder.map_or(&[][..], |folder| {
                let from = imported.partition_point(|it| it.as_bytes() < folder);
                let rest = &imported[from..];
                &rest[..rest.partition_point(|it| it.as_bytes().starts_with(folder))]
            });
            for to in below.iter().copied().chain([file]) {
                if left.insert(to) {
                    let users = self.users(to).map(|edge| &edge.from);
                    open.extend(users.filter(|it| found.insert(it)));
                }
            }
        }
        Some(found)
    }

    /// Returns the paths on which `file` finds `meant` by the absolute name `module`.
    #[must_use]
    pub fn sights(&self, file: &RepoPath, module: &str, meant: &Module) -> BTreeSet<Sight> {
        let index = &self.0;
        let finds = |path: &[FolderId]| match index.walk_on(path, module) {
            Walk::Found(found) => shares(&found, meant),
            Walk::Assumed => true,
            Walk::Fails { .. } => false,
        };
        let paths = index.roots.sights(file);
        let mut sights = BTreeSet::new();
        sights.extend(finds(&index.script_path(file)).then_some(Sight::Script));
        sights.extend(finds(&paths.project).then_some(Sight::Project));
        let alone = paths.alone.iter().filter(|folder| finds(&[**folder]));
        sights.extend(alone.map(|id| Sight::Alone(index.table.folder(*id).path.clone())));
        sights
    }
}

impl Index {
    fn script_path(&self, file: &RepoPath) -> Vec<FolderId> {
        let inserted = self.roots.inserted(file).iter();
        let (first, more): (Vec<_>, Vec<_>) =
            inserted.copied().partition(|(spot, _)| *spot == PathSpot::First);
        let own = self.table.id(&own(file)).map(|id| (PathSpot::First, id));
        first.into_iter().chain(own).chain(more).map(|(_, id)| id).collect()
    }

    /// Goes along a name on one path, and then on what is installed of this tree.
    fn walk_on(&self, path: &[FolderId], module: &str) -> Walk {
        let parts: Vec<&str> = module.split('.').collect();
        let walk = self.walk(path, &parts);
        if !matches!(walk, Walk::Fails { depth: 0, .. }) {
            return walk;
        }
        for (folder, whole) in self.roots.installed() {
            match self.walk(&[*folder], &parts) {
                Walk::Fails { .. } => {}
                Walk::Found(found) if !whole && !self.is_installed(&found) => {}
                end @ (Walk::Found(_) | Walk::Assumed) => return end,
            }
        }
        walk
    }

    /// Tells whether a module goes with a package that is installed.
    fn is_installed(&self, module: &Module) -> bool {
        match module {
            Module::File(path) => self.is_packaged(path),
            Module::Namespace(portions) => portions.iter().any(|it| self.is_packaged(it)),
        }
    }

    /// Tells whether a package stands above, right there or with plain folders between: these are
    /// portions of it. The root has no name that an import could use.
    fn is_packaged(&self, path: &RepoPath) -> bool {
        path.folders().any(|folder| !folder.is_root() && self.is_package(&folder))
    }

    /// Tells whether a file imports what it finds only where its own folder is on the path.
    fn needs_own_folder(&self, path: &RepoPath, file: &FileFacts) -> bool {
        let firm = &self.roots.set_of(path).firm;
        let is_beside = |found: &Module| match found {
            Module::File(found) => found.is_under(&own(path)),
            Module::Namespace(portions) => portions.iter().any(|it| it.is_under(&own(path))),
        };
        file.imports.iter().filter(|it| it.level == 0).any(|it| {
            let parts: Vec<&str> = it.module.split('.').collect();
            matches!(self.walk(firm, &parts), Walk::Fails { depth: 0, .. })
                && matches!(self.find(path, 0, &it.module), Found::Module(found) if is_beside(&found))
        })
    }

    fn is_package(&self, folder: &RepoPath) -> bool {
        self.table.id(folder).is_some_and(|id| self.table.is_package(id))
    }
}

/// Tells whether what a name leads to in a run is what the import means otherwise.
fn means(walk: &Walk, edge: &Edge, meant: &Found) -> bool {
    match (walk, meant) {
        (Walk::Assumed, _) => true,
        (Walk::Found(Module::Namespace(found)), Found::Module(Module::Namespace(_))) => {
            found.iter().any(|portion| edge.to.is_under(portion))
        }
        (Walk::Found(found), Found::Module(meant)) => found == meant,
        (Walk::Found(_) | Walk::Fails { .. }, _) => false,
    }
}

/// The packages above files, each folder looked at once.
struct Packages<'a> {
    facts: &'a Facts,
    met: HashSet<RepoPath, foldhash::fast::RandomState>,
}

impl<'a> Packages<'a> {
    fn new(facts: &'a Facts) -> Self {
        Self { facts, met: HashSet::default() }
    }

    /// Returns the `__init__` files of the folders above a file of which no other file told yet.
    fn above(&mut self, file: &RepoPath) -> Vec<&'a RepoPath> {
        let mut found = Vec::new();
        for folder in file.folders() {
            let init = folder.child("__init__.py").ok();
            // What is above a folder is told with it.
            if !self.met.insert(folder) {
                break;
            }
            let init = init.and_then(|it| self.facts.files().get_key_value(&it));
            found.extend(init.map(|(path, _)| path));
        }
        found
    }
}

/// Tells whether these are one module, or portions of one.
fn shares(found: &Module, meant: &Module) -> bool {
    match (found, meant) {
        (Module::Namespace(found), Module::Namespace(meant)) => {
            found.iter().any(|it| meant.contains(it))
        }
        _ => found == meant,
    }
}

/// Returns the folder that a file stands in.
fn own(file: &RepoPath) -> RepoPath {
    file.parent().unwrap_or_else(RepoPath::root)
}
