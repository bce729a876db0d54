//! The names of an `__init__` that only re-exports its folder, and that yields to another one: where
//! each is afterwards, or why a use of one cannot be followed.

use std::collections::{BTreeMap, BTreeSet};

use super::taken::{Taken, What, taken};
use crate::facts::{Member, Module};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Import, Target};
use crate::steps::module::dotted_name;
use crate::steps::packages::is_init;
use crate::steps::relocate::Relocation;
use crate::steps::{Stage, StepError};

/// Two `__init__` files of one place, and what becomes of the files beside them.
pub(super) struct Names<'a, 's> {
    pub(super) stage: &'a Stage<'s>,
    /// The one that would go.
    pub(super) init: &'a RepoPath,
    /// The one that would stay.
    pub(super) other: &'a RepoPath,
    pub(super) relocation: &'a Relocation,
}

/// What follows the names of an `__init__` that yields.
pub(super) struct Followed {
    /// Names by dotted module → where they are defined.
    pub(super) names: BTreeMap<(String, String), (String, String)>,
    /// Names of modules.
    pub(super) dropped: BTreeSet<String>,
    /// What a person should know.
    pub(super) findings: Vec<Finding>,
}

/// Where a name is afterwards.
enum Now {
    /// It is defined in a module, under this name.
    Defined(RepoPath, String),
    /// It is a module.
    Module(RepoPath),
    /// No such name is made by the `__init__`.
    Nothing,
    /// It cannot be told.
    Unknown,
}

impl Names<'_, '_> {
    /// Tells whether a name of `init` would take the place of another thing of that name in the package
    /// of `other`, which binds nothing itself.
    pub(super) fn would_hide(&self) -> bool {
        let other = Module::File(self.other.clone());
        self.names().into_iter().any(|name| match self.stage.facts.member(&other, &name) {
            Member::Missing => false,
            Member::Module(Module::File(there)) => match self.now(&name) {
                Now::Module(here) => here != *self.relocation.place_of(&there),
                Now::Nothing => false,
                Now::Defined(..) | Now::Unknown => true,
            },
            Member::Module(Module::Namespace(_))
            | Member::Definition { .. }
            | Member::External
            | Member::Assumed => true,
        })
    }

    /// Returns where the names of `init` are; in place of that a reason why a use cannot be followed.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn followed(&self) -> Result<Result<Followed, String>, StepError> {
        let taken = taken(self.stage, self.init, &self.relocation.archived)?;
        if let Some(reason) = taken.iter().find_map(|it| self.unfollowed(it)) {
            return Ok(Err(reason));
        }
        // Inside the package, its `__init__` may still be running.
        let mut folders = [self.init.parent(), self.other.parent()].into_iter().flatten();
        let outside = !folders.any(|folder| taken.iter().any(|it| it.by.is_under(&folder)));
        let used = taken.iter().filter_map(|it| match &it.what {
            What::Name(name) | What::Said(name) | What::Loaded(name) => Some(name.clone()),
            What::Set(_) | What::Star | What::Whole => None,
        });
        let used: BTreeSet<String> = used.collect();
        let (mut names, mut dropped) = (BTreeMap::new(), BTreeSet::new());
        for name in self.names().union(&used) {
            match self.now(name) {
                Now::Module(_) => _ = dropped.insert(name.clone()),
                Now::Defined(file, own) if !(outside && self.offers(name, &file, &own)) => {
                    let Some(module) = dotted_name(self.stage, &file) else { continue };
                    for old in self.stage.facts.names_of(self.init) {
                        names.insert((old, name.clone()), (module.clone(), own.clone()));
                    }
                }
                Now::Defined(..) | Now::Nothing | Now::Unknown => {}
            }
        }
        let findings = self.not_run(&used);
        Ok(Ok(Followed { names, dropped, findings }))
    }

    /// Returns why a use cannot be followed, where it cannot.
    fn unfollowed(&self, taken: &Taken) -> Option<String> {
        let Self { init, .. } = self;
        let place = format!("`{}:{}`", taken.by, taken.line);
        let (name, what) = match &taken.what {
            What::Star => return Some(format!("{place} takes all names of `{init}`")),
            What::Whole => {
                return Some(format!("{place} hands on the package of `{init}` as a value"));
            }
            What::Set(name) => return Some(format!("{place} sets `{name}` of `{init}`")),
            What::Name(name) | What::Said(name) | What::Loaded(name) => (name, &taken.what),
        };
        let unclear = match (self.now(name), what) {
            (Now::Unknown, _) | (Now::Module(_), What::Loaded(_)) => true,
            (Now::Module(place), _) => self.is_shadowed(&place),
            (Now::Defined(..), What::Said(_)) => self.below(name).is_some(),
            // A file does not import from itself.
            (Now::Defined(file, _), _) => file == *self.relocation.place_of(&taken.by),
            (Now::Nothing, _) => false,
        };
        unclear
            .then(|| format!("{place} uses `{name}` of `{init}`, and where that is cannot be told"))
    }

    /// Returns a use of a module that `init`, which says nothing, had below it, and that would lead to
    /// what `other` binds to the name.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn shadowed(&self) -> Result<Option<String>, StepError> {
        let mut names = self.names().into_iter();
        if !names.any(|it| matches!(self.now(&it), Now::Module(place) if self.is_shadowed(&place)))
        {
            return Ok(None);
        }
        let taken = taken(self.stage, self.init, &self.relocation.archived)?;
        let named = |it: &&Taken| !matches!(it.what, What::Star | What::Whole);
        Ok(taken.iter().filter(named).find_map(|it| self.unfollowed(it)))
    }

    /// Tells whether the package of `other` binds the name of a module in it to something else.
    fn is_shadowed(&self, place: &RepoPath) -> bool {
        let module = if is_init(place) { place.parent() } else { Some(place.clone()) };
        let Some(module) = module.filter(|it| it.parent() == self.other.parent()) else {
            return false;
        };
        match self.stage.facts.member(&Module::File(self.other.clone()), module.stem()) {
            Member::Missing | Member::Module(Module::Namespace(_)) => false,
            Member::Module(Module::File(found)) => self.relocation.place_of(&found) != place,
            Member::Definition { .. } | Member::External | Member::Assumed => true,
        }
    }

    fn facts(&self) -> Option<&FileFacts> {
        self.stage.facts.files().get(self.init).map(AsRef::as_ref)
    }

    /// Returns the names that `init` has once it has run, as far as they can be read.
    fn names(&self) -> BTreeSet<String> {
        let Some(facts) = self.facts() else { return BTreeSet::new() };
        let mut names: BTreeSet<String> = facts.names.bound.keys().map(str::to_owned).collect();
        let package = Module::File(self.init.clone());
        names
            .extend(self.stage.facts.star_names(&package).iter().flat_map(|it| it.iter().cloned()));
        for import in &facts.imports {
            let Some(module) = self.module(import) else { continue };
            if import.target == Target::Star {
                let starred = self.stage.facts.star_names(&module);
                names.extend(starred.iter().flat_map(|it| it.iter().cloned()));
            }
        }
        let folder = self.init.parent();
        let own = self.stage.facts.files().keys().filter_map(|it| it.relative_to(folder.as_ref()?));
        let first = own.filter_map(|it| Some(it.as_str()?.split(['/', '.']).next()?.to_owned()));
        names.extend(first.filter(|it| it != "__init__"));
        names
    }

    fn module(&self, import: &Import) -> Option<Module> {
        self.stage.facts.find(self.init, import.level, &import.module).module()
    }

    /// Finds out where a name of `init` is afterwards.
    fn now(&self, name: &str) -> Now {
        let package = Module::File(self.init.clone());
        let bound = self.facts().is_some_and(|it| it.names.bound.contains_key(name));
        if self.is_ambiguous(name) {
            return Now::Unknown;
        }
        match self.stage.facts.member(&package, name) {
            Member::Definition { file, name } => self.stands(&file, name),
            Member::Module(Module::File(file)) => {
                Now::Module(self.relocation.place_of(&file).clone())
            }
            Member::Module(Module::Namespace(portions)) => match portions.as_slice() {
                [one] => Now::Module(one.clone()),
                _ => Now::Unknown,
            },
            Member::External | Member::Assumed if bound => {
                self.source(name).unwrap_or(Now::Unknown)
            }
            // What every package has.
            Member::External if name.starts_with("__") => Now::Nothing,
            Member::External | Member::Assumed => Now::Unknown,
            Member::Missing => Now::Nothing,
        }
    }

    /// Tells whether a name is bound to several things, one after the other: which of them is meant
    /// depends on what has run. Importing a submodule binds its name, too.
    fn is_ambiguous(&self, name: &str) -> bool {
        let Some(facts) = self.facts() else { return false };
        let bound = facts.names.bound.get(name).unwrap_or_default();
        let mut things: Vec<Member> = bound.iter().map(|it| self.thing(facts, it)).collect();
        for import in facts.imports.iter().filter(|it| it.target == Target::Star) {
            let Some(module) = self.module(import) else { continue };
            if self.stage.facts.star_names(&module).is_none_or(|it| it.contains(name)) {
                things.push(self.stage.facts.member(&module, name));
            }
        }
        if things.windows(2).any(|it| it[0] != it[1]) {
            return true;
        }
        let Some(below) = self.below(name) else { return false };
        // In `from .client import client` the module is imported first, and never again.
        let from_below = bound.iter().any(|it| match it {
            Binding::Import { import, .. } => {
                facts.imports.get(*import).and_then(|it| self.module(it)).as_ref() == Some(&below)
            }
            Binding::Definition { .. } => false,
        });
        let below = Member::Module(below);
        !from_below && things.iter().any(|it| *it != below)
    }

    /// Returns the submodule of that name.
    fn below(&self, name: &str) -> Option<Module> {
        self.stage.facts.find(self.init, 1, name).module()
    }

    /// Returns what one binding of `init` binds.
    fn thing(&self, facts: &FileFacts, binding: &Binding) -> Member {
        let Binding::Import { import, name } = binding else { return Member::Assumed };
        let Some(import) = facts.imports.get(*import) else { return Member::Assumed };
        let Some(module) = self.module(import) else { return Member::Assumed };
        match (&import.target, name) {
            (Target::Names(names), Some(at)) => self.stage.facts.member(&module, &names[*at].name),
            (Target::Module { asname: Some(_) }, None) => Member::Module(module),
            _ => Member::Assumed,
        }
    }

    /// Returns the module of this folder that `init` takes a name from.
    fn source(&self, name: &str) -> Option<Now> {
        let facts = self.facts()?;
        let [Binding::Import { import, name: Some(at) }] = facts.names.bound.get(name)? else {
            return None;
        };
        let import = facts.imports.get(*import)?;
        let (Module::File(file), Target::Names(names)) = (self.module(import)?, &import.target)
        else {
            return None;
        };
        (file != *self.init).then(|| self.stands(&file, names[*at].name.clone()))
    }

    /// Returns where a name of a file is, where what stands for the file has it.
    fn stands(&self, file: &RepoPath, name: String) -> Now {
        let place = self.relocation.place_of(file);
        if self.relocation.archived.contains(file) {
            let arrives = self.relocation.files.iter().find(|(_, to)| *to == place);
            let right = arrives.map_or(place, |(from, _)| from);
            if self.stage.facts.member(&Module::File(right.clone()), &name) == Member::Missing {
                return Now::Unknown;
            }
        }
        Now::Defined(place.clone(), name)
    }

    /// Tells whether `other` has the very thing under this name.
    fn offers(&self, name: &str, file: &RepoPath, own: &str) -> bool {
        let other = Module::File(self.other.clone());
        match self.stage.facts.member(&other, name) {
            Member::Definition { file: there, name } => {
                self.relocation.place_of(&there) == file && name == own
            }
            Member::Module(_) | Member::External | Member::Assumed | Member::Missing => false,
        }
    }

    /// Tells of modules that ran because `init` imports them, that do more than define things, and of
    /// which nobody takes anything by way of it.
    fn not_run(&self, used: &BTreeSet<String>) -> Vec<Finding> {
        let Some(facts) = self.facts() else { return Vec::new() };
        let places = |init: &RepoPath| -> BTreeSet<RepoPath> {
            let edges = self.stage.facts.edges_of(init).iter();
            edges.map(|it| self.relocation.place_of(&it.to).clone()).collect()
        };
        let mut still = places(self.other);
        still.extend(used.iter().filter_map(|it| match self.now(it) {
            Now::Defined(file, _) | Now::Module(file) => Some(file),
            Now::Nothing | Now::Unknown => None,
        }));
        let mut loaded = BTreeSet::new();
        for edge in self.stage.facts.edges_of(self.init) {
            let runs = |it: &Import| !it.deferred && !it.type_checking;
            if facts.imports.get(edge.import).is_some_and(runs) && edge.to != *self.init {
                loaded.insert(&edge.to);
            }
        }
        let acts =
            |it: &RepoPath| self.stage.facts.files().get(it).is_some_and(|it| !it.names.idle);
        let lost = loaded
            .into_iter()
            .filter(|it| acts(it) && !still.contains(self.relocation.place_of(it)));
        let tell = |it: &RepoPath| {
            let message = format!(
                "`{}` imported this, and yields: it does not run by that any more",
                self.init
            );
            Finding::warning(Some(self.relocation.place_of(it).clone()), message)
        };
        lost.map(tell).collect()
    }
}
