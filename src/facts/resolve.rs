//! Dotted names to modules, the way Python's path finder goes.
//!
//! The roots that a file sees are of two kinds. The *firm* ones make up one `sys.path`, and are
//! searched as Python does. The *soft* ones (a folder that holds scripts, the sibling modules of a
//! file) are on the path only of some runs: each is tried alone, after the firm ones.

use super::distributions::is_well_known;
use super::roots::RootSet;
use super::table::{FolderId, Step, module_name};
use super::{Found, Index, Module};
use crate::path::RepoPath;
use crate::python;

/// Modules that are built in, loaded before the first line of a program runs, or only there for the
/// compiler and the type checker: no root can shadow them.
const ALWAYS_LOADED: [&str; 26] = [
    "__future__",
    "__main__",
    "_abc",
    "_codecs",
    "_imp",
    "_io",
    "_signal",
    "_thread",
    "_typeshed",
    "_warnings",
    "abc",
    "atexit",
    "builtins",
    "codecs",
    "encodings",
    "errno",
    "faulthandler",
    "gc",
    "io",
    "itertools",
    "marshal",
    "os",
    "posix",
    "site",
    "sys",
    "time",
];

/// How far a dotted name leads.
#[derive(Debug)]
pub(super) enum Walk {
    /// To a module.
    Found(Module),
    /// Below something that cannot be read.
    Assumed,
    /// Not to its end.
    Fails {
        /// How many parts resolve.
        depth: usize,
        /// The first part is a module or a package with an `__init__`.
        regular: bool,
    },
}

impl Index {
    /// See [`super::Facts::find`].
    pub(super) fn find(&self, file: &RepoPath, level: u32, module: &str) -> Found {
        self.find_from((file, self.roots.set_of(file)), level, module)
    }

    /// As [`Index::find`], for a file of which it is known what it sees.
    pub(super) fn find_from(
        &self,
        (file, set): (&RepoPath, &RootSet),
        level: u32,
        module: &str,
    ) -> Found {
        if level > 0 {
            let found = self.find_relative(file, level, module);
            // What stands beside a package that has another name there is not seen from here.
            let fails = matches!(found, Found::Missing { .. });
            let renamed = fails && self.renamed.iter().any(|(it, _)| file.is_under(it));
            return if renamed { Found::Assumed } else { found };
        }
        let found = self.cache.found(set.id, module, || self.find_absolute(set, module));
        let ours = matches!(found, Found::Module(_) | Found::Missing { .. });
        if ours && self.is_itself(file, set, module) { Found::Undeclared } else { found }
    }

    /// Tells whether the module that stands for a name is the importing file itself, and only where
    /// that is started: `import docker` in `tools/docker.py` means another one.
    fn is_itself(&self, file: &RepoPath, set: &RootSet, module: &str) -> bool {
        let top = module.split('.').next().unwrap_or_default();
        // Asked for every import, and hardly ever so.
        let begins = file.name().starts_with(top.as_bytes());
        if !begins
            || top != file.stem()
            || !matches!(self.walk(&set.firm, &[top]), Walk::Fails { .. })
        {
            return false;
        }
        let mut soft = set.soft.iter().map(|root| self.walk(&[*root], &[top]));
        let first = soft.find(|it| !matches!(it, Walk::Fails { .. }));
        matches!(first, Some(Walk::Found(Module::File(it))) if it == *file)
    }

    fn find_absolute(&self, set: &RootSet, module: &str) -> Found {
        let parts: Vec<&str> = module.split('.').collect();
        let top = parts[0];
        if ALWAYS_LOADED.contains(&top) {
            return Found::Stdlib;
        }
        let firm = self.walk(&set.firm, &parts);
        match &firm {
            Walk::Found(found) if !self.loses_to_external(&set.firm, &parts) => {
                return Found::Module(found.clone());
            }
            Walk::Assumed => return Found::Assumed,
            Walk::Found(_) | Walk::Fails { .. } => {}
        }
        let missing = |depth: usize| Found::Missing { prefix: parts[..depth].join(".") };
        // A namespace package, while the standard library has a regular one of that name.
        if let (Walk::Found(_), [_, below, ..]) = (&firm, parts.as_slice()) {
            let is_there = python::is_stdlib_submodule(top, below);
            return if is_there { Found::Stdlib } else { missing(1) };
        }
        let regular = matches!(firm, Walk::Fails { regular: true, .. });
        if !regular && self.is_stdlib(top) {
            return Found::Stdlib;
        }
        if !regular && self.is_third_party(top) {
            return Found::ThirdParty;
        }
        let ours = !is_well_known(top);
        let mut near = match firm {
            Walk::Fails { depth, regular } if depth > 0 && (regular || ours) => Some(depth),
            Walk::Fails { .. } | Walk::Found(_) | Walk::Assumed => None,
        };
        // Who writes `import yaml` in a package seldom means the `yaml.py` beside it.
        let soft = set.soft.iter().filter(|root| ours || !self.table.is_package(**root));
        for root in soft {
            match self.walk(&[*root], &parts) {
                Walk::Found(found) => return Found::Module(found),
                Walk::Assumed => return Found::Assumed,
                Walk::Fails { depth, regular } => {
                    near = near.or_else(|| (depth > 0 && (regular || ours)).then_some(depth));
                }
            }
        }
        match near {
            Some(depth) => missing(depth),
            None if self.made.contains(top) => Found::Assumed,
            None => Found::Undeclared,
        }
    }

    /// Tells whether a namespace package of this tree gives way: Python takes a regular package or
    /// module from any later place on the path before it.
    fn loses_to_external(&self, roots: &[FolderId], parts: &[&str]) -> bool {
        let top = parts[0];
        let external = match parts {
            [top] => self.is_stdlib(top) || self.is_third_party(top),
            // Only where no version lets the namespace package live.
            _ => self.versions().all(|minor| is_stdlib(top, minor)),
        };
        external && matches!(self.table.step(roots, top), Step::Namespace(_))
    }

    fn find_relative(&self, file: &RepoPath, level: u32, module: &str) -> Found {
        let leaves = Found::Missing { prefix: String::new() };
        let mut above = file.folders();
        let Some(base) = above.nth(level as usize - 1) else { return leaves };
        let Some(id) = self.table.id(&base) else { return leaves };
        let dots = ".".repeat(level as usize);
        let (start, below) = match self.table.init(id) {
            Some(init) => (Module::File(init.clone()), vec![id]),
            None if base.is_root() || self.roots.is_declared(&base) => return leaves,
            None => {
                let namespace = self.namespace_of(file, &base);
                let below = self.table.portions(&namespace);
                (namespace, below)
            }
        };
        if module.is_empty() {
            return Found::Module(start);
        }
        let parts: Vec<&str> = module.split('.').collect();
        match self.descend(start, below, &parts) {
            Walk::Found(found) => Found::Module(found),
            Walk::Assumed => Found::Assumed,
            Walk::Fails { depth, .. } => {
                Found::Missing { prefix: dots + &parts[..depth].join(".") }
            }
        }
    }

    /// Returns the namespace package that `folder` is a portion of, seen from `file`.
    fn namespace_of(&self, file: &RepoPath, folder: &RepoPath) -> Module {
        let named = self.name_for(file, folder).map(|name| self.find(file, 0, &name));
        match named {
            Some(Found::Module(module @ Module::Namespace(_))) => module,
            _ => Module::Namespace(vec![folder.clone()]),
        }
    }

    /// Goes along `parts` from the folders of a path.
    pub(super) fn walk(&self, path: &[FolderId], parts: &[&str]) -> Walk {
        let (module, below, regular) = match self.table.step(path, parts[0]) {
            Step::Package(folder, init) => (Module::File(init), vec![folder], true),
            Step::Module(file) => (Module::File(file), Vec::new(), true),
            Step::Opaque => return Walk::Assumed,
            Step::Nothing => return Walk::Fails { depth: 0, regular: false },
            Step::Namespace(portions) => {
                // A folder of data is not what a program means by `import docker`.
                let holds_python = |id: &FolderId| self.table.folder(*id).holds_python;
                if !portions.iter().any(holds_python) {
                    return Walk::Fails { depth: 0, regular: false };
                }
                (self.table.namespace(&portions), portions, false)
            }
        };
        match self.descend(module, below, &parts[1..]) {
            Walk::Fails { depth, .. } => Walk::Fails { depth: depth + 1, regular },
            end @ (Walk::Found(_) | Walk::Assumed) => end,
        }
    }

    /// Goes along `parts` below `module`, whose submodules stand in the folders `below`.
    fn descend(&self, mut module: Module, mut below: Vec<FolderId>, parts: &[&str]) -> Walk {
        for (depth, part) in parts.iter().enumerate() {
            if self.reflection.hides(&module) {
                return Walk::Assumed;
            }
            (module, below) = match self.table.step(&below, part) {
                Step::Package(folder, init) => (Module::File(init), vec![folder]),
                Step::Module(file) => (Module::File(file), Vec::new()),
                Step::Namespace(portions) => (self.table.namespace(&portions), portions),
                Step::Opaque => return Walk::Assumed,
                Step::Nothing if self.may_make_submodules(&module) => return Walk::Assumed,
                Step::Nothing if self.made.contains(*part) => return Walk::Assumed,
                Step::Nothing if self.is_made(&module, part) => return Walk::Assumed,
                Step::Nothing => return Walk::Fails { depth, regular: true },
            };
        }
        Walk::Found(module)
    }

    /// Returns the submodule of that name; `Ok(None)` where there is none, an error where one may
    /// exist that cannot be seen.
    pub(super) fn submodule(&self, module: &Module, name: &str) -> Result<Option<Module>, Unseen> {
        match self.descend(module.clone(), self.table.portions(module), &[name]) {
            Walk::Found(found) => Ok(Some(found)),
            Walk::Fails { .. } => Ok(None),
            Walk::Assumed => Err(Unseen),
        }
    }

    /// Tells whether modules may be found below `module` in ways that cannot be read.
    pub(super) fn may_make_submodules(&self, module: &Module) -> bool {
        let Module::File(path) = module else { return false };
        let Some(facts) = self.files.get(path) else { return true };
        let names = &facts.names;
        // A package has a `__path__` of its own; a module is asked for one.
        let may_have = match path.stem() {
            "__init__" => names.registers,
            _ => names.getattr.may_answer("__path__"),
        };
        may_have || names.path_changed || path.extension() == "pyi"
    }

    fn is_stdlib(&self, top: &str) -> bool {
        self.versions().any(|minor| is_stdlib(top, minor))
    }

    /// Returns the minor versions that the code may run on.
    fn versions(&self) -> impl Iterator<Item = u8> + use<> {
        self.oldest.1.min(NEWEST)..=NEWEST
    }

    pub(super) fn is_third_party(&self, top: &str) -> bool {
        self.declared.contains(&top.to_lowercase())
            || self.installed.as_ref().is_some_and(|installed| installed.contains(top))
    }

    /// See [`super::Facts::name_for`].
    pub(super) fn name_for(&self, file: &RepoPath, path: &RepoPath) -> Option<String> {
        let wanted = self.module_at(path)?;
        let set = self.roots.set_of(file);
        let mut firm = set.firm.clone();
        // Where roots nest, the inner one gives the name that people write.
        firm.sort_by_key(|root| std::cmp::Reverse(self.table.folder(*root).path.depth()));
        let mut names = firm.iter().chain(&set.soft).filter_map(|root| {
            let below = path.relative_to(&self.table.folder(*root).path)?;
            dotted(&below, self.table.id(path).is_some())
        });
        names.find(|name| {
            let found = self.find(file, 0, name);
            matches!(found, Found::Module(found) if same(&found, &wanted))
        })
    }

    /// See [`super::Facts::names_of`].
    pub(super) fn names_of(&self, path: &RepoPath) -> Vec<String> {
        let Some(wanted) = self.module_at(path) else { return Vec::new() };
        let mut names = Vec::new();
        for root in self.roots.of_all_files() {
            let Some(below) = path.relative_to(&self.table.folder(root).path) else { continue };
            let Some(name) = dotted(&below, self.table.id(path).is_some()) else { continue };
            let parts: Vec<&str> = name.split('.').collect();
            let found = self.walk(&[root], &parts);
            if matches!(found, Walk::Found(found) if same(&found, &wanted))
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names
    }

    /// See [`super::Facts::package_of`].
    pub(super) fn package_of(&self, file: &RepoPath) -> Option<(RepoPath, String)> {
        let folder = file.parent()?;
        let is_package =
            |path: &RepoPath| self.table.id(path).is_some_and(|id| self.table.is_package(id));
        let base =
            std::iter::once(folder.clone()).chain(folder.folders()).find(|it| !is_package(it))?;
        // A run that starts the file in its own folder has no package: relative imports are of others.
        let set = match self.scripts.contains(file) {
            true => self.roots.set_of_folder(&folder),
            false => self.roots.set_of(file),
        };
        let roots = set.firm.iter().map(|id| &self.table.folder(*id).path);
        let nearest = roots.filter(|root| base.is_under(root)).max_by_key(|root| root.depth());
        let root = nearest.cloned().unwrap_or(base);
        let name = dotted(&folder.relative_to(&root)?, true)?;
        Some((root, name))
    }

    /// Returns the module that the file or folder at `path` is, whatever finds it.
    pub(super) fn module_at(&self, path: &RepoPath) -> Option<Module> {
        if let Some(id) = self.table.id(path) {
            return Some(match self.table.init(id) {
                Some(init) => Module::File(init.clone()),
                None => Module::Namespace(vec![path.clone()]),
            });
        }
        // Nothing imports a `.pyw`, but it may have the name of the module beside it.
        let twins = self.table.twins(path).filter(|_| path.extension() != "pyw")?;
        Some(Module::File(twins.file()?.clone()))
    }
}

/// A module may exist, and cannot be seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unseen;

/// The newest minor version whose standard library is known.
const NEWEST: u8 = 14;

fn is_stdlib(top: &str, minor: u8) -> bool {
    // The interpreter's own test suite is no match: whoever imports `test` means their own.
    top != "test" && python::is_stdlib(top, (3, minor))
}

fn same(found: &Module, wanted: &Module) -> bool {
    match (found, wanted) {
        (Module::Namespace(found), Module::Namespace(wanted)) => {
            wanted.iter().all(|portion| found.contains(portion))
        }
        _ => found == wanted,
    }
}

/// Returns the dotted name of a path below a root; `None` where it has none.
fn dotted(below: &RepoPath, is_folder: bool) -> Option<String> {
    let mut parts: Vec<&str> =
        below.parts().map(|part| std::str::from_utf8(part).ok()).collect::<Option<_>>()?;
    if !is_folder {
        parts.pop();
        let name = module_name(below);
        if name != "__init__" {
            parts.push(name);
        }
    }
    let valid = !parts.is_empty() && parts.iter().all(|part| python::is_identifier(part));
    valid.then(|| parts.join("."))
}
