//! What modules do to each other behind the import system: entries that they make in `sys.modules`,
//! attributes that they set on each other, functions that reach into whoever takes them.
//!
//! All of it may make names or modules, and never takes any away: it turns "missing" into "assumed".
//! Only a package that says that nothing is below it turns what stands there into that, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::members::Met;
use super::{Found, Index, Map, Member, Module};
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Target};

/// What the files of one tree tell.
#[derive(Debug, Default)]
pub(super) struct Reflection {
    /// Paths of modules that are made, without extension: whole ones, and ends that begin with `/`.
    modules: BTreeSet<String>,
    /// Packages of which no file is found as a part, whatever else may be.
    childless: BTreeSet<RepoPath>,
    /// By attribute: who sets it, and on what.
    given: BTreeMap<String, Vec<(RepoPath, String)>>,
    /// Some definition reaches into other modules.
    reaching: bool,
    /// Whether files take such a definition: of those that it was asked of.
    reached: RwLock<Map<RepoPath, bool>>,
}

impl Reflection {
    /// Gathers what the files tell.
    pub(super) fn new(files: &BTreeMap<RepoPath, Arc<FileFacts>>) -> Self {
        let mut all = Self::default();
        for (path, facts) in files {
            let names = &facts.names;
            all.reaching |= !names.reaching.is_empty();
            all.childless.extend(names.childless.then(|| path.clone()));
            for module in &names.modules {
                let below = module.replace('.', "/");
                // `.a` counts from the module itself; an absolute name may start at any root.
                let own = if module.starts_with('.') { place_of(path) } else { "/".to_owned() };
                all.modules.insert(own + &below);
            }
            for given in &names.given {
                let Some((object, attribute)) = given.rsplit_once('.') else { continue };
                let givers = all.given.entry(attribute.to_owned()).or_default();
                givers.push((path.clone(), object.to_owned()));
            }
        }
        all
    }

    /// Tells whether both make and hide the same modules.
    pub(super) fn makes_as(&self, other: &Self) -> bool {
        self.modules == other.modules && self.childless == other.childless
    }

    /// Tells whether no file below `module` is found by its name.
    pub(super) fn hides(&self, module: &Module) -> bool {
        matches!(module, Module::File(path) if self.childless.contains(path))
    }

    /// Tells whether some file may make names in others.
    pub(super) fn gives(&self) -> bool {
        self.reaching || !self.given.is_empty()
    }
}

impl Index {
    /// Tells whether some file makes a module of this name below `module`.
    pub(super) fn is_made(&self, module: &Module, name: &str) -> bool {
        let made = &self.reflection.modules;
        let is_made = |place: String| {
            let whole = format!("/{place}/{name}");
            let ends = |it: &String| it.starts_with('/') && whole.ends_with(it);
            made.contains(&whole[1..]) || made.iter().any(ends)
        };
        !made.is_empty()
            && match module {
                Module::File(path) => is_made(place_of(path)),
                Module::Namespace(portions) => portions.iter().any(|it| is_made(it.to_string())),
            }
    }

    /// Tells whether some file sets `name` on the module at `path`.
    pub(super) fn is_given(&self, path: &RepoPath, name: &str, met: &mut Met) -> bool {
        let givers = self.reflection.given.get(name).into_iter().flatten();
        let mut givers = givers.filter(|(giver, _)| giver != path);
        givers.any(|(giver, object)| {
            let mut at = Module::File(giver.clone());
            for part in object.split('.') {
                let Member::Module(module) = self.follow(&at, part, met) else { return false };
                at = module;
            }
            at == Module::File(path.clone())
        })
    }

    /// Tells whether the file at `path` takes a definition that may make names in it.
    pub(super) fn is_reached(&self, path: &RepoPath) -> bool {
        if !self.reflection.reaching {
            return false;
        }
        let reached = &self.reflection.reached;
        let known = reached.read().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        known.unwrap_or_else(|| {
            let facts = self.files.get(path);
            // What calls nothing does not call what it takes.
            let is_reached =
                facts.is_some_and(|it| !it.names.idle && self.takes_reaching(path, it));
            let mut reached = reached.write().unwrap_or_else(PoisonError::into_inner);
            reached.insert(path.clone(), is_reached);
            is_reached
        })
    }

    fn takes_reaching(&self, path: &RepoPath, facts: &FileFacts) -> bool {
        let mut seen = BTreeSet::new();
        let mut bound = facts.names.bound.values().iter();
        bound.any(|binding| self.binds_reaching(path, facts, binding, &mut seen))
    }

    /// Tells whether what a file binds is such a definition, or a module that has one.
    fn binds_reaching(
        &self,
        path: &RepoPath,
        facts: &FileFacts,
        binding: &Binding,
        seen: &mut BTreeSet<(RepoPath, String)>,
    ) -> bool {
        let Binding::Import { import, name: taken } = binding else { return false };
        let Some(import) = facts.imports.get(*import) else { return false };
        let Found::Module(module) = self.find(path, import.level, &import.module) else {
            return false;
        };
        let (Target::Names(names), Some(index)) = (&import.target, *taken) else {
            return self.has_reaching(&module);
        };
        let Some(name) = names.get(index).map(|it| &it.name) else { return false };
        match self.submodule(&module, name) {
            Ok(Some(module)) => self.has_reaching(&module),
            _ => self.gives_reaching(&module, name, seen),
        }
    }

    /// Tells whether `name` of a module is such a definition, of its own or from elsewhere.
    fn gives_reaching(
        &self,
        module: &Module,
        name: &str,
        seen: &mut BTreeSet<(RepoPath, String)>,
    ) -> bool {
        let Module::File(path) = module else { return false };
        let Some(facts) = self.files.get(path) else { return false };
        if facts.names.reaching.contains(name) {
            return true;
        }
        if !seen.insert((path.clone(), name.to_owned())) {
            return false;
        }
        let mut bound = facts.names.bound.get(name).into_iter().flatten();
        if bound.any(|binding| self.binds_reaching(path, facts, binding, seen)) {
            return true;
        }
        let mut stars = facts.imports.iter().filter(|it| it.target == Target::Star);
        stars.any(|it| {
            let found = self.find(path, it.level, &it.module);
            matches!(found, Found::Module(module) if self.gives_reaching(&module, name, seen))
        })
    }

    fn has_reaching(&self, module: &Module) -> bool {
        let Module::File(path) = module else { return false };
        self.files.get(path).is_some_and(|it| !it.names.reaching.is_empty())
    }
}

/// Returns the path of a module without its extension; of an `__init__` its folder.
fn place_of(path: &RepoPath) -> String {
    let whole = path.to_string();
    let bare = whole.strip_suffix(&format!(".{}", path.extension())).unwrap_or(&whole);
    let folder = bare.strip_suffix("__init__").map(|it| it.trim_end_matches('/'));
    folder.unwrap_or(bare).to_owned()
}
