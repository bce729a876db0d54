//! Finds the roots: what configuration says, what pytest does, where scripts stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::Root;
use super::super::config::{self, Config};
use super::super::table::{FolderId, Table};
use super::evidence::{Evidence, evidence};
use super::loaded::loaded;
use super::{Placed, Sources, Tier};
use crate::path::RepoPath;
use crate::python::{FileFacts, PathInsert, PathSpot};

/// A folder with configuration files, and what they say.
#[derive(Debug)]
pub(in crate::facts) struct Project {
    /// The folder.
    pub(in crate::facts) folder: RepoPath,
    /// The files and what they say, in order of path.
    pub(in crate::facts) configs: Vec<(RepoPath, Arc<Config>)>,
}

/// Tells whether pytest would collect the file, or load it as a `conftest.py`.
pub(in crate::facts) fn is_test(path: &RepoPath) -> bool {
    // Asked of every file.
    let Some(stem) = path.name().strip_suffix(b".py") else { return false };
    let named = stem == b"conftest" || stem.starts_with(b"test_") || stem.ends_with(b"_test");
    named && std::str::from_utf8(stem).is_ok()
}

/// Returns every root, those of all files first.
pub(super) fn detect(sources: Sources<'_>) -> Vec<Placed> {
    let Sources { settings, projects, table, files, scripts, declared } = sources;
    let mut listing = Listing { table, roots: Vec::new(), met: BTreeSet::new() };
    match &settings.roots {
        Some(roots) => {
            for folder in roots {
                let why = || "named by the playbook".to_owned();
                listing.add(folder, (RepoPath::root(), None), (Tier::Project, true), why);
            }
        }
        None => listing.root_project(projects, files),
    }
    let nested = projects.iter().filter(|project| !project.folder.is_root());
    nested.for_each(|project| listing.nested_project(project));
    files.iter().for_each(|(path, facts)| listing.inserted(path, facts));
    files.keys().filter(|path| is_test(path)).for_each(|path| listing.tested(path));
    scripts.iter().for_each(|path| listing.script(path, files));
    listing.told(files, declared);
    listing.siblings(files);
    listing.roots.sort_by_key(|placed| !placed.root.scope.is_root());
    listing.roots
}

struct Listing<'a> {
    table: &'a Table,
    roots: Vec<Placed>,
    met: BTreeSet<(RepoPath, RepoPath, Tier)>,
}

impl Listing<'_> {
    /// Adds a root, where its folder exists and `home` does not have it yet. Without a scope of its
    /// own its scope is its home.
    fn add(
        &mut self,
        folder: &RepoPath,
        (home, scope): (RepoPath, Option<RepoPath>),
        (tier, declared): (Tier, bool),
        why: impl FnOnce() -> String,
    ) {
        let Some(id) = self.table.id(folder) else { return };
        if self.met.insert((folder.clone(), home.clone(), tier)) {
            let scope = scope.unwrap_or_else(|| home.clone());
            let root = Root { folder: folder.clone(), scope, why: why() };
            self.roots.push(Placed { root, folder: id, home, tier, declared });
        }
    }

    fn is_package(&self, folder: &RepoPath) -> bool {
        self.table.id(folder).is_some_and(|id| self.table.is_package(id))
    }

    /// Returns the first folder upward that is no package: the one that pytest inserts.
    fn base(&self, path: &RepoPath) -> RepoPath {
        path.folders().find(|folder| !self.is_package(folder)).unwrap_or_else(RepoPath::root)
    }

    fn root_project(&mut self, projects: &[Project], files: &BTreeMap<RepoPath, Arc<FileFacts>>) {
        let root = RepoPath::root();
        if let Some(project) = projects.iter().find(|project| project.folder.is_root()) {
            self.declared(project, &root);
        }
        let why = || "a folder named `src`".to_owned();
        if let Some(source) = self.source_folder(&root).filter(|it| is_meant(it, self.table, files))
        {
            self.add(&source, (root.clone(), None), (Tier::Project, false), why);
        }
        self.add(&root, (root.clone(), None), (Tier::Project, false), || {
            "the repository's root".to_owned()
        });
    }

    fn nested_project(&mut self, project: &Project) {
        let home = &project.folder;
        let packaged = project.configs.iter().any(|(_, config)| config.packaged);
        let scope = if packaged { RepoPath::root() } else { home.clone() };
        self.declared(project, &scope);
        let Some((file, _)) = project.configs.iter().find(|(_, config)| config.project) else {
            // A folder that only collects lists of requirements is no place to work.
            let is_list =
                |file: &RepoPath| file.parent().is_some_and(|it| it.name_str() == "requirements");
            let mut places = project.configs.iter().filter(|(file, _)| !is_list(file));
            if let Some((file, _)) = places.find(|(_, config)| config.workplace) {
                let why = || format!("`{file}` stands in it");
                self.add(home, (home.clone(), None), (Tier::Workplace, false), why);
            }
            return;
        };
        if let Some(source) = self.source_folder(home) {
            let why = || format!("`src` beside `{file}`");
            let place = (home.clone(), Some(scope.clone()));
            self.add(&source, place, (Tier::Project, false), why);
        }
        // A package with a configuration of its own is still found from outside first.
        let tier = if self.is_package(home) { Tier::Workplace } else { Tier::Project };
        let why = || format!("`{file}` stands in it");
        self.add(home, (home.clone(), Some(scope)), (tier, false), why);
    }

    /// Adds the roots that configuration files of a project name.
    fn declared(&mut self, project: &Project, scope: &RepoPath) {
        for (file, config) in &project.configs {
            for (folder, key) in &config.roots {
                let Some(folder) = config::join(&project.folder, folder) else { continue };
                let place = (project.folder.clone(), Some(scope.clone()));
                self.add(&folder, place, (Tier::Project, true), || format!("`{key}` in `{file}`"));
            }
        }
    }

    /// Returns the `src` below a folder, where it holds Python and is no package.
    fn source_folder(&self, folder: &RepoPath) -> Option<RepoPath> {
        let source = folder.child("src").ok()?;
        let id = self.table.id(&source)?;
        (self.table.folder(id).holds_python && !self.table.is_package(id)).then_some(source)
    }

    /// Adds what a file inserts into `sys.path`: for itself; a `conftest.py` or the `__init__.py` of
    /// a package for all below its folder, as it runs before them.
    fn inserted(&mut self, path: &RepoPath, facts: &FileFacts) {
        if facts.path_inserts.is_empty() {
            return;
        }
        let Some(own) = path.parent() else { return };
        let for_folder = matches!(path.name(), b"conftest.py" | b"__init__.py");
        let home = if for_folder { own } else { path.clone() };
        for (target, PathInsert { line, spot, .. }) in insertions(self.table, path, facts) {
            let why = || format!("`sys.path` in `{path}`, line {line}");
            let tier = match spot {
                PathSpot::First => Tier::Inserted,
                PathSpot::Second => Tier::InsertedSecond,
                PathSpot::Last => Tier::Appended,
            };
            self.add(&target, (home.clone(), None), (tier, false), why);
        }
    }

    fn tested(&mut self, path: &RepoPath) {
        let base = self.base(path);
        if !base.is_root() {
            let why = || format!("pytest inserts it for `{path}`");
            self.add(&base.clone(), (base, None), (Tier::Tests, false), why);
        }
    }

    fn script(&mut self, path: &RepoPath, files: &BTreeMap<RepoPath, Arc<FileFacts>>) {
        let Some(folder) = path.parent() else { return };
        let why = || format!("`{path}` is a script in it");
        if !self.is_package(&folder) {
            self.add(&folder, (folder.clone(), None), (Tier::Scripts, false), why);
        }
        self.add(&folder, (path.clone(), None), (Tier::Started, false), why);
        if self.is_package(&folder) {
            let why = || format!("`{path}`, a script in it, loads what is there");
            for file in loaded(self.table, files, path) {
                self.add(&folder, (file, None), (Tier::Loaded, false), why);
            }
        }
    }

    fn told(&mut self, files: &BTreeMap<RepoPath, Arc<FileFacts>>, declared: &BTreeSet<String>) {
        let known = self.roots.iter().map(|it| (it.root.scope.clone(), it.folder));
        let known: Vec<(RepoPath, FolderId)> = known.collect();
        for told in evidence(self.table, &known, declared, files) {
            let Evidence { folder, file, module } = told;
            let why = || format!("`{file}` imports `{module}` from it");
            self.add(&folder, (folder.clone(), None), (Tier::Scripts, false), why);
        }
    }

    /// A module of no package finds its siblings where it is started; so does one of a package that
    /// is made to be started.
    fn siblings(&mut self, files: &BTreeMap<RepoPath, Arc<FileFacts>>) {
        for (id, folder) in self.table.folders() {
            if self.table.holds_modules(id) && !self.table.is_package(id) {
                let place = (folder.path.clone(), None);
                let why = || "modules of no package stand in it".to_owned();
                self.add(&folder.path, place, (Tier::Siblings, false), why);
            }
        }
        for (path, _) in files.iter().filter(|(_, facts)| facts.main_guard) {
            let Some(folder) = path.parent().filter(|folder| self.is_package(folder)) else {
                continue;
            };
            let why = || format!("`{path}` can be started in it");
            self.add(&folder, (path.clone(), None), (Tier::Siblings, false), why);
        }
    }
}

/// Returns the folders that a file inserts into `sys.path`, as far as they can be told.
pub(super) fn insertions<'a>(
    table: &'a Table,
    path: &'a RepoPath,
    facts: &'a FileFacts,
) -> impl Iterator<Item = (RepoPath, &'a PathInsert)> {
    facts.path_inserts.iter().filter_map(move |insert| {
        let own = path.parent().unwrap_or_else(RepoPath::root);
        let there = |it: &RepoPath| table.id(it).is_some();
        let from_own = config::join(&own, &insert.folder);
        let target = match insert.from_file {
            true => from_own,
            false => config::join(&RepoPath::root(), &insert.folder).filter(there).or(from_own),
        };
        Some((target?, insert))
    })
}

/// Returns the folders that are on every path once the projects of the tree are installed; of a
/// project's own folder, only its packages are.
pub(super) fn installed(projects: &[Project], table: &Table) -> Vec<(FolderId, bool)> {
    let mut found = Vec::new();
    let packaged = |it: &&Project| it.configs.iter().any(|(_, config)| config.packaged);
    for Project { folder, configs } in projects.iter().filter(packaged) {
        let roots = configs.iter().flat_map(|(_, config)| &config.roots);
        let named = roots.filter_map(|(root, _)| config::join(folder, root));
        let places = named.chain(folder.child("src")).chain([folder.clone()]);
        let places = places.filter_map(|it| Some((table.id(&it)?, it != *folder)));
        found.extend(places.filter(|(id, _)| !table.is_package(*id)));
    }
    found
}

/// Tells whether the code means a folder named `src` as a root. Where imports begin with `src.`, and
/// none begins with what stands in it, it is a namespace package instead.
fn is_meant(source: &RepoPath, table: &Table, files: &BTreeMap<RepoPath, Arc<FileFacts>>) -> bool {
    let Some(id) = table.id(source) else { return false };
    let absolute = || {
        let imports = files.values().flat_map(|facts| &facts.imports);
        imports.filter(|import| import.level == 0).filter_map(|it| it.module.split('.').next())
    };
    let named = absolute().any(|top| top == "src");
    !named || absolute().any(|top| top != "src" && table.child(id, top).is_some())
}
