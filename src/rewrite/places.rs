//! Where things are now: modules and names of the tree before, mapped to the tree after.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::sync::Arc;

use super::begun::Begun;
use super::{Moves, Sides};
use crate::facts::{Facts, Member, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Target};
use crate::tree::{Id, Tree};

/// Both trees and what happened between them.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) before: &'a Facts,
    pub(super) after: &'a Facts,
    pub(super) tree_before: &'a Tree,
    pub(super) tree_after: &'a Tree,
    pub(super) moves: &'a Moves,
    /// Files in which `import a.b` leads elsewhere now, with the names that they lose by it; and
    /// [`Moves::dropped`].
    pub(super) lost: BTreeMap<RepoPath, BTreeSet<String>>,
    pub(super) begun: Begun,
    /// The old path of each file that moved, by its new one.
    origins: BTreeMap<&'a RepoPath, &'a RepoPath>,
}

/// A Python file of both trees: where it was and the id of its bytes, where it is, and its facts.
pub(super) type Stayed<'a> = ((&'a RepoPath, Id), &'a RepoPath, &'a Arc<FileFacts>);

/// Where something that an import named is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A module of the tree after.
    Module(Module),
    /// A dotted name that was asked for, and that leads to no module of the tree.
    Dotted(String),
    /// What is left of a name below a module of the tree after, and leads nowhere in it: a module
    /// that only a build makes, or that is missing.
    Below(Module, String),
}

impl<'a> Places<'a> {
    pub(super) fn new(sides: Sides<'a>, moves: &'a Moves) -> Self {
        let ((tree_before, before), (tree_after, after)) = (sides.before, sides.after);
        let same = |old: &RepoPath, new: &RepoPath| {
            let (old, new) = (tree_before.entry(old), tree_after.entry(new));
            old.zip(new).is_some_and(|(old, new)| old.id == new.id)
        };
        let origins =
            moves.paths.iter().filter(|(old, new)| same(old, new)).map(|(old, new)| (new, old));
        let origins = origins.collect();
        let lost = BTreeMap::new();
        let begun = Begun::default();
        Self { before, after, tree_before, tree_after, moves, lost, begun, origins }
    }

    /// Returns where the file at `now` was before, where its bytes are the same; `None` for a new one.
    pub(super) fn origin<'b>(&'b self, now: &'b RepoPath) -> Option<&'b RepoPath> {
        let stayed = !self.moves.paths.contains_key(now)
            && self.tree_before.entry(now).map(|it| it.id)
                == self.tree_after.entry(now).map(|it| it.id);
        if stayed { Some(now) } else { self.origins.get(now).copied() }
    }

    /// Returns the Python files of the tree after that were in the one before: where they were, with
    /// the id of their bytes, where they are, and their facts. Spans count in a file as it was, and
    /// the facts after may know of edits.
    pub(super) fn files(&self) -> Vec<Stayed<'_>> {
        let mut was = self.tree_before.entries().iter().peekable();
        let mut is = self.tree_after.entries().iter().peekable();
        let mut known = self.before.files().iter().peekable();
        let came = |new| {
            let old = self.origin(new)?;
            let (old, facts) = self.before.files().get_key_value(old)?;
            Some(((old, self.tree_before.entry(old)?.id), new, facts))
        };
        let files = self.after.files().keys().filter_map(|new| {
            let ids = find(&mut was, new).zip(find(&mut is, new)).map(|(was, is)| (was.id, is.id));
            match (ids, find(&mut known, new)) {
                (Some((was, is)), Some(facts))
                    if was == is && !self.moves.paths.contains_key(new) =>
                {
                    Some(((new, was), new, facts))
                }
                _ => came(new),
            }
        });
        files.collect()
    }

    /// Returns where a file is now; `None` where it is gone.
    pub(super) fn file(&self, old: &RepoPath) -> Option<RepoPath> {
        let now = self.moves.paths.get(old).unwrap_or(old);
        self.tree_after.entry(now).map(|_| now.clone())
    }

    /// Returns the module that a module has become; `None` where it is gone.
    pub(super) fn module(&self, old: &Module) -> Option<Module> {
        match old {
            Module::File(path) => self.file(path).map(Module::File),
            Module::Namespace(portions) => {
                let mut now: Vec<RepoPath> =
                    portions.iter().filter_map(|portion| self.folder(portion)).collect();
                now.dedup();
                let made_package = now.iter().find_map(|folder| self.init_of(folder));
                match made_package {
                    Some(init) => Some(Module::File(init)),
                    None if now.is_empty() => None,
                    None => Some(Module::Namespace(now)),
                }
            }
        }
    }

    /// Returns where a folder is now: where it was, if anything is left in it, else where what it
    /// held went, if that is one place.
    fn folder(&self, old: &RepoPath) -> Option<RepoPath> {
        let moved = std::iter::once(old.clone())
            .chain(old.folders())
            .find_map(|above| old.rebase(&above, self.moves.folders.get(&above)?));
        if let Some(now) = moved {
            return self.tree_after.is_folder(&now).then_some(now);
        }
        if self.tree_after.is_folder(old) {
            return Some(old.clone());
        }
        let mut homes = self.tree_before.under(old).filter_map(|(path, _)| {
            let below = path.relative_to(old)?;
            let now = self.moves.paths.get(path)?;
            let head = now.as_bytes().strip_suffix(below.as_bytes())?.strip_suffix(b"/")?;
            RepoPath::from_bytes(head).ok()
        });
        let home = homes.next()?;
        homes.all(|other| other == home).then_some(home)
    }

    fn init_of(&self, folder: &RepoPath) -> Option<RepoPath> {
        let init = folder.child("__init__.py").ok()?;
        self.tree_after.entry(&init).map(|_| init)
    }

    /// Tells whether a module loses this name.
    pub(super) fn loses(&self, module: &Module, name: &str) -> bool {
        let lost = |path: &RepoPath| self.lost.get(path).is_some_and(|it| it.contains(name));
        matches!(module, Module::File(path) if lost(path))
    }

    /// Returns the module that a name of a module stood for, where what took its place does not bind it.
    pub(super) fn dropped(&self, module: &Module, name: &str) -> Option<Module> {
        let Module::File(path) = module else { return None };
        self.moves.dropped.get(path).filter(|it| it.contains(name))?;
        member_module(self.before, module, name)
    }

    /// Tells whether the maps of dotted names know `dotted` or something below it.
    pub(super) fn may_be_named(&self, dotted: &str) -> bool {
        let is_at_or_below = |known: &str| {
            known.strip_prefix(dotted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.moves.modules.keys().any(|known| is_at_or_below(known))
            || self.moves.names.keys().any(|(known, _)| is_at_or_below(known))
    }
}

/// Returns what stands at a path; paths are asked for in order.
fn find<'a, V>(
    entries: &mut Peekable<impl Iterator<Item = (&'a RepoPath, &'a V)>>,
    path: &RepoPath,
) -> Option<&'a V> {
    while entries.next_if(|(at, _)| *at < path).is_some() {}
    entries.peek().filter(|(at, _)| *at == path).map(|(_, value)| *value)
}

/// Every folder above something that moved.
#[derive(Debug)]
pub(super) struct MovedFolders(std::collections::BTreeSet<RepoPath>);

impl MovedFolders {
    pub(super) fn of(moves: &Moves) -> Self {
        Self(moves.paths.keys().flat_map(RepoPath::folders).collect())
    }

    /// Tells whether something in or below this package moved.
    pub(super) fn hold(&self, module: &Module) -> bool {
        match module {
            Module::File(path) => {
                path.name_str().starts_with("__init__.")
                    && path.parent().is_some_and(|folder| self.0.contains(&folder))
            }
            Module::Namespace(portions) => portions.iter().any(|it| self.0.contains(it)),
        }
    }
}

/// Tells whether a module itself binds `name`, so that no submodule of that name is looked for.
pub(super) fn binds(facts: &Facts, module: &Module, name: &str) -> bool {
    let Module::File(path) = module else { return false };
    let Some(file) = facts.files().get(path) else { return false };
    let by_star = || {
        let stars = file.imports.iter().filter(|it| it.target == Target::Star && !it.deferred);
        stars.into_iter().any(|it| {
            let other = found(facts, path, it.level, &it.module).filter(|other| other != module);
            other.is_some_and(|other| match facts.star_names(&other) {
                Some(names) => names.contains(name),
                // Where an `__all__` cannot be read, what it leaves out is used by nobody.
                None => facts.star_modules(&other).contains_key(name),
            })
        })
    };
    file.names.bound.contains_key(name) || by_star()
}

/// Returns the submodule that `from module import name` takes, where it takes one: the module itself
/// does not bind the name.
pub(super) fn submodule(facts: &Facts, module: &Module, name: &str) -> Option<Module> {
    below(facts, module, name).filter(|_| !binds(facts, module, name))
}

/// Returns the submodule of that name, whatever the package itself binds.
pub(super) fn below(facts: &Facts, module: &Module, name: &str) -> Option<Module> {
    // The namespace of a package is left aside: in the tree after, its imports are not edited yet.
    match module {
        Module::File(init) if init.name_str().starts_with("__init__.") => {
            found(facts, init, 1, name)
        }
        Module::File(_) => None,
        Module::Namespace(_) => member_module(facts, module, name),
    }
}

/// Returns the module of the tree that an import leads to.
pub(super) fn found(facts: &Facts, file: &RepoPath, level: u32, module: &str) -> Option<Module> {
    facts.find(file, level, module).module()
}

/// Returns the module that a name of a module stands for, be it a submodule or a re-export.
pub(super) fn member_module(facts: &Facts, module: &Module, name: &str) -> Option<Module> {
    match facts.member(module, name) {
        Member::Module(module) => Some(module),
        Member::Definition { .. } | Member::External | Member::Assumed | Member::Missing => None,
    }
}

/// Returns the path of a module as imports see it: without `__init__` and extension.
pub(super) fn module_path(module: &Module) -> Option<RepoPath> {
    match module {
        Module::Namespace(portions) => portions.first().cloned(),
        Module::File(path) => {
            let folder = path.parent()?;
            match path.name_str().split('.').next()? {
                "__init__" => Some(folder),
                stem => folder.child(stem).ok(),
            }
        }
    }
}
