//! One whole tree: roots, modules, resolution, the import graph. Facts describe, they never decide.
//!
//! Names are resolved the way Python does it (<https://docs.python.org/3/reference/import.html>):
//! root by root, a package before a module, a namespace package only where nothing else is found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::path::RepoPath;
use crate::python::FileFacts;
use crate::tree::{Id, ReadError, Tree};

mod archives;
mod attributes;
mod cache;
mod commands;
mod config;
mod distributions;
mod graph;
mod kept_graph;
mod links;
mod lookups;
mod members;
mod memo;
pub mod references;
mod reflection;
mod resolve;
mod roots;
mod runs;
mod same;
mod stays;
mod survey;
mod table;
mod users;

pub use archives::{ARCHIVE, NO_TESTS};
pub use attributes::Bound;
pub use commands::Command;
pub use config::LineLengths;
pub use lookups::{How, Lookup, Lookups};
pub use memo::{Earlier, EarlierGraphs, Fresh, Key, Known, Memo};
pub use runs::{Run, SearchPath, Sight};
pub use users::{Subject, Users};

/// What a playbook or a host tells about a tree before it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The roots, where the playbook names them; detected otherwise.
    pub roots: Option<Vec<RepoPath>>,
    /// The target version, such as `(3, 12)`; detected otherwise.
    pub target: Option<(u8, u8)>,
    /// Folders that are never looked into: the archives that a playbook names. Others, and virtual
    /// environments, are found by themselves.
    pub skip: Vec<RepoPath>,
    /// Top-level modules that a virtual environment has installed. Only `verify` fills this: a plan
    /// is the same with and without one.
    pub installed: Option<std::collections::BTreeSet<String>>,
}

/// A directory from which absolute imports resolve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The directory.
    pub folder: RepoPath,
    /// Which files see it: those at or below this path. The repository's root: all.
    pub scope: RepoPath,
    /// Why it is a root, for `verify --explain`: "`[tool.setuptools.packages.find] where` in `pyproject.toml`".
    pub why: String,
}

/// A first-party module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Module {
    /// A file: a module, the `__init__.py` of a package, a stub, a compiled module.
    File(RepoPath),
    /// A namespace package: its portions, in the order of the roots.
    Namespace(Vec<RepoPath>),
}

impl Module {
    /// Returns the folders that its submodules stand in; none for what is no package.
    #[must_use]
    pub fn folders(&self) -> Vec<RepoPath> {
        match self {
            Self::File(path) if path.name_str().starts_with("__init__.") => {
                path.parent().into_iter().collect()
            }
            Self::File(_) => Vec::new(),
            Self::Namespace(portions) => portions.clone(),
        }
    }
}

/// Returns the distributions that are known to install a top-level module.
#[must_use]
pub fn distributions_of(module: &str) -> Vec<&'static str> {
    distributions::of_module(module)
}

/// Returns the top-level modules, in lower case, that a distribution of this normalised name may
/// install.
#[must_use]
pub fn modules_of(distribution: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    distributions::add_modules(&mut modules, distribution);
    modules
}

/// Tells whether a file asks for distributions by its name.
#[must_use]
pub fn lists_requirements(path: &RepoPath) -> bool {
    use config::Kind::{Environment, Pipfile, Pyproject, Requirements, SetupPy};
    let kind = config::kind_of(path);
    kind.is_some_and(|it| matches!(it, Environment | Pipfile | Pyproject | Requirements | SetupPy))
        || matches!(path.name(), b"setup.cfg" | b"constraints.txt")
}

/// Joins a path that a file names to the folder that it counts from; `None` where it leads outside.
#[must_use]
pub fn path_from(folder: &RepoPath, path: &str) -> Option<RepoPath> {
    config::join(folder, path)
}

/// What a dotted module name leads to, seen from one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A module of this tree.
    Module(Module),
    /// A module of the standard library.
    Stdlib,
    /// A declared or installed dependency.
    ThirdParty,
    /// Neither here, nor in the standard library, nor declared.
    Undeclared,
    /// Begins with a module of this tree and then fails: the longest part that resolves, and its
    /// module. A relative import that leaves its package fails with an empty part.
    Missing {
        /// The dotted part that resolves.
        prefix: String,
    },
    /// Below a module that may make submodules in ways that cannot be read (`__path__` changed,
    /// compiled, third party).
    Assumed,
}

impl Found {
    /// Returns the module of this tree, where it is one.
    #[must_use]
    pub fn module(self) -> Option<Module> {
        match self {
            Self::Module(module) => Some(module),
            Self::Stdlib
            | Self::ThirdParty
            | Self::Undeclared
            | Self::Missing { .. }
            | Self::Assumed => None,
        }
    }
}

/// What a name of a module leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A real definition: the file and the name there, at the end of all re-exports.
    Definition {
        /// The file that defines it.
        file: RepoPath,
        /// Its name there.
        name: String,
    },
    /// A submodule, or a module that is re-exported.
    Module(Module),
    /// Comes from outside this tree.
    External,
    /// May exist: the module is open, has `__getattr__`, is compiled, or does not parse.
    Assumed,
    /// Nothing binds it.
    Missing,
}

/// One import, resolved: what the file at the other end is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The importing file.
    pub from: RepoPath,
    /// Index into the imports of that file.
    pub import: usize,
    /// The file that is imported (of a package its `__init__.py`).
    pub to: RepoPath,
    /// The name taken from it, where one is.
    pub name: Option<String>,
}

/// A hash map for keys of a repository, which may be made to collide: seeded, and faster than the
/// standard one where millions are looked up.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Everything derived from one tree. Same tree and settings, same facts, in the same order.
#[derive(Debug, Clone)]
pub struct Facts(Arc<Index>);

/// The facts behind [`Facts`], and the answers given so far.
#[derive(Debug)]
struct Index {
    basis: stays::Basis,
    files: BTreeMap<RepoPath, Arc<FileFacts>>,
    /// The files that alone stand for their module: no stub and nothing compiled is beside them.
    lone: Map<RepoPath, Arc<FileFacts>>,
    table: table::Table,
    roots: roots::RootMap,
    shown: Vec<Root>,
    /// Folders that hold what was removed.
    archives: Vec<RepoPath>,
    /// Those of earlier runs, where none of `files` means one of them.
    unused: Vec<RepoPath>,
    /// Folders that are installed as packages of another name, with that name.
    renamed: Vec<(RepoPath, String)>,
    target: (u8, u8),
    /// The oldest version that the project says it runs on.
    oldest: (u8, u8),
    /// Top-level modules of the declared dependencies, in lower case.
    declared: BTreeSet<String>,
    installed: Option<BTreeSet<String>>,
    /// Last parts of the names of modules that a build makes.
    made: BTreeSet<String>,
    /// Files that are started on their own: by a command, by their mode, or by a main block outside
    /// packages.
    scripts: BTreeSet<RepoPath>,
    /// Those of a command.
    commands: commands::Started,
    reflection: reflection::Reflection,
    cache: cache::Cache,
    sieves: Arc<references::Sieves>,
    graph: OnceLock<graph::Graph>,
    /// The id of all that decides the graph, where it is worth keeping.
    question: Option<Id>,
    /// The facts of a tree from which much of the graph can be taken, until it is made.
    earlier: Mutex<Option<Facts>>,
    /// The edges that lead to each file.
    users: OnceLock<graph::Users>,
    started: OnceLock<BTreeSet<RepoPath>>,
}

impl Facts {
    /// Indexes `tree`. A file that cannot be decoded or parsed is a finding of its own
    /// [`crate::python::Status`], never an error.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn index(tree: &Tree, settings: &Settings, memo: &Memo) -> Result<Self, ReadError> {
        let kept = |files: &survey::Files| {
            let find = memo.earlier_graphs()?;
            let question = kept_graph::question(tree, settings)?;
            let graph = find(question).and_then(|bytes| kept_graph::from_bytes(&bytes, files));
            Some((question, graph))
        };
        let (mut index, kept) = survey::survey((tree, None), settings, memo, kept)?;
        if let Some((question, graph)) = kept {
            index.question = Some(question);
            index.graph = graph.map(OnceLock::from).unwrap_or_default();
        }
        Ok(Self(Arc::new(index)))
    }

    /// As [`Facts::index`], for a tree that has much in common with this one: what imports of it lead
    /// to the same is not resolved again. Where nothing differs that facts stand on, these are the facts.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn index_again(
        &self,
        tree: &Tree,
        settings: &Settings,
        memo: &Memo,
    ) -> Result<Self, ReadError> {
        let survey = || survey::survey((tree, Some(&self.0)), settings, memo, |_| ());
        if self.0.stays(tree, settings, memo)? {
            debug_assert!(survey()?.0.is_as(&self.0), "what counts as no difference is one");
            return Ok(self.clone());
        }
        let (index, ()) = survey()?;
        // Facts whose graph nobody asked for stand for those that they were made from.
        let earlier = match self.0.graph.get() {
            Some(_) => None,
            None => locked(&self.0.earlier).clone(),
        };
        *locked(&index.earlier) = Some(earlier.unwrap_or_else(|| self.clone()));
        Ok(Self(Arc::new(index)))
    }

    /// Tells whether these are the very same facts.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns the outlines of the files of `tree` that may be Python files: see
    /// [`FileFacts::outline`]. Trees that differ in nothing else have the same facts, places aside.
    /// `None` where that cannot be told before all facts are read.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn outlines(
        tree: &Tree,
        settings: &Settings,
        memo: &Memo,
    ) -> Result<Option<BTreeMap<RepoPath, Id>>, ReadError> {
        survey::outlines(tree, settings, memo)
    }

    /// Reads the files of `tree` of which `memo` has no outline, for whoever asks of this tree, or of one
    /// that hardly differs, later.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read_ahead(tree: &Tree, settings: &Settings, memo: &Memo) -> Result<(), ReadError> {
        survey::read_ahead(tree, settings, memo)
    }

    /// Returns the Python files (`.py`, `.pyi`, `.pyw`, and scripts with a Python
    /// shebang) with their facts.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<RepoPath, Arc<FileFacts>> {
        &self.0.files
    }

    /// Tells whether `path` is in an archive: it was removed, so nothing in it is read or followed.
    #[must_use]
    pub fn is_archived(&self, path: &RepoPath) -> bool {
        self.0.archives.iter().any(|it| path.is_under(it))
    }

    /// Returns the package that `path` is installed in, where that has another name than its folder:
    /// by which name it is imported cannot be told from where it stands. What the root stands for may
    /// be all of the repository, so there it has to be imported by that name.
    #[must_use]
    pub fn renamed(&self, path: &RepoPath) -> Option<&str> {
        let is_named = |package: &str| {
            self.users(path).any(|edge| {
                let import =
                    self.files().get(&edge.from).and_then(|it| it.imports.get(edge.import));
                let rest = import.and_then(|it| it.module.strip_prefix(package));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let mut renamed = self.0.renamed.iter().filter(|(folder, _)| path.is_under(folder));
        let found = renamed.find(|(folder, package)| !folder.is_root() || is_named(package));
        found.map(|(_, package)| &**package)
    }

    /// Returns the roots, those of all files first. Folders of modules that belong to no package are
    /// roots for those modules, too; they are not listed.
    #[must_use]
    pub fn roots(&self) -> &[Root] {
        &self.0.shown
    }

    /// Returns the roots that `file` sees, in the order in which Python would look.
    #[must_use]
    pub fn roots_of(&self, file: &RepoPath) -> Vec<&Root> {
        self.0.roots.of(self.0.roots.set_of(file))
    }

    /// Returns the version that the code is written for.
    #[must_use]
    pub fn target(&self) -> (u8, u8) {
        self.0.target
    }

    /// Returns the top-level modules that the declared dependencies may install, in lower case.
    #[must_use]
    pub fn declared(&self) -> &BTreeSet<String> {
        &self.0.declared
    }

    /// Finds a module as `file` would: `level` leading dots, then the dotted name. The prefix of a
    /// relative import that fails below its package begins with its dots.
    #[must_use]
    pub fn find(&self, file: &RepoPath, level: u32, module: &str) -> Found {
        self.0.find(file, level, module)
    }

    /// Returns the last module of this tree on the way to a name as `file` finds it, and what is left
    /// of the name.
    #[must_use]
    pub fn nearest<'a>(
        &self,
        file: &RepoPath,
        level: u32,
        module: &'a str,
    ) -> Option<(Module, &'a str)> {
        let mut known = module;
        loop {
            match self.find(file, level, known) {
                Found::Module(found) => {
                    return Some((found, module[known.len()..].trim_start_matches('.')));
                }
                Found::Missing { .. } | Found::Assumed if !known.is_empty() => {}
                Found::Missing { .. } | Found::Assumed => return None,
                Found::Stdlib | Found::ThirdParty | Found::Undeclared => return None,
            }
            known = match known.rsplit_once('.') {
                Some((above, _)) => above,
                None if level > 0 => "",
                None => return None,
            };
        }
    }

    /// Finds what `module.name` is, as `from module import name` sees it: the namespace first, then
    /// a submodule, then `__getattr__`.
    #[must_use]
    pub fn member(&self, module: &Module, name: &str) -> Member {
        self.0.member(module, name)
    }

    /// Returns the submodule of that name, whatever the package itself binds.
    #[must_use]
    pub fn submodule(&self, module: &Module, name: &str) -> Option<Module> {
        self.0.submodule(module, name).ok().flatten()
    }

    /// Returns the names that `from module import *` takes; `None` where they cannot be told.
    #[must_use]
    pub fn star_names(&self, module: &Module) -> Option<Arc<BTreeSet<String>>> {
        self.0.star_names(module)
    }

    /// Returns the absolute dotted name under which `file` finds the module at `path` (for a package
    /// its `__init__.py` or its folder), the way Python would look; `None` where it sees it under none.
    #[must_use]
    pub fn name_for(&self, file: &RepoPath, path: &RepoPath) -> Option<String> {
        self.0.name_for(file, path)
    }

    /// Returns every absolute dotted name that the module at `path` has from a root of all files.
    #[must_use]
    pub fn names_of(&self, path: &RepoPath) -> Vec<String> {
        self.0.names_of(path)
    }

    /// Returns the package that relative imports of `file` count from, as (root folder, dotted name);
    /// `None` where the file is in no package.
    #[must_use]
    pub fn package_of(&self, file: &RepoPath) -> Option<(RepoPath, String)> {
        self.0.package_of(file)
    }

    /// Returns every import of a first-party file, resolved, in order of file and appearance. The
    /// implicit import of parent packages is no edge.
    pub fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.graph().edges()
    }

    /// Returns the imports of `file`, resolved, in order of appearance.
    #[must_use]
    pub fn edges_of(&self, file: &RepoPath) -> &[Edge] {
        self.graph().of(file).map_or(&[], |ways| &ways.edges)
    }

    /// Returns the imports of `file`, as [`Facts::edges_of`] does, where all of them certainly lead
    /// somewhere, and to the same in both trees.
    #[must_use]
    pub fn edges_as_in(&self, other: &Self, file: &RepoPath) -> Option<&[Edge]> {
        let (one, other) = self.graph().of(file).zip(other.graph().of(file))?;
        (Arc::ptr_eq(one, other) && one.doubtful.is_empty()).then_some(&one.edges)
    }

    /// Returns the imports of `file`, by their place in it, that may fail: the module, or a name of
    /// it, may be missing. All others certainly lead somewhere.
    #[must_use]
    pub fn doubtful(&self, file: &RepoPath) -> &[usize] {
        self.graph().of(file).map_or(&[], |ways| &ways.doubtful)
    }

    fn graph(&self) -> &graph::Graph {
        self.0.graph.get_or_init(|| {
            let earlier = locked(&self.0.earlier).take();
            self.0.resolve(earlier.as_ref())
        })
    }

    /// Returns where the imports lead, as bytes, for whoever finds earlier graphs ([`Memo::ask_graphs`])
    /// in the next run, with the id that it is asked for by; `None` where there is nothing new.
    #[must_use]
    pub fn fresh_graph(&self) -> Option<(Id, Vec<u8>)> {
        let (question, graph) = (self.0.question?, self.0.graph.get()?);
        (!graph.learnt).then(|| (question, kept_graph::to_bytes(graph, &self.0.files)))
    }

    /// Returns the edges that lead to `file`, in order: who imports it, or a name from it.
    pub fn users(&self, file: &RepoPath) -> impl Iterator<Item = &Edge> {
        self.turned().of(self.graph(), file)
    }

    /// Returns the files that take modules out of the package of this `__init__`, in order.
    fn takers(&self, init: &RepoPath) -> impl Iterator<Item = &RepoPath> {
        self.turned().through(self.graph(), init)
    }

    fn turned(&self) -> &graph::Users {
        let graph = self.graph();
        self.0.users.get_or_init(|| graph.users())
    }
}

/// A thread that panicked leaves a whole value behind, so its lock is still good.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
