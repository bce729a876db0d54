//! Whether definitions, once they are where they go, make modules import each other in a ring.

use std::collections::{BTreeMap, BTreeSet};

use super::along::stands_for;
use super::choose::{Choice, Chooser};
use crate::facts::{Edge, Found};
use crate::path::RepoPath;
use crate::python::{Mentioned, Target};

impl Chooser<'_> {
    /// Returns the ring of imports that a choice makes, where it makes a new one. Stubs do not run.
    pub(super) fn ring(&self, choice: &Choice) -> Option<Vec<RepoPath>> {
        if self.from.path.extension() == "pyi" {
            return None;
        }
        self.fresh(choice).into_iter().find_map(|(one, other)| {
            let back = self.way(&other, &one, Some(choice), &|_| true)?;
            let was = |one, other| self.way(one, other, None, &|_| true).is_some();
            let (old, there) = (self.origin(&one), self.origin(&other));
            let is_old = match old == there {
                true => {
                    let inside = |it: &RepoPath| self.origin(it) == old;
                    self.way(&other, &one, Some(choice), &inside).is_none()
                }
                false => was(old, there) && was(there, old),
            };
            let ring = || std::iter::once(one.clone()).chain(back).collect();
            (!is_old).then(ring)
        })
    }

    /// Returns the module that a file is a part of: what is new is in the rings of that.
    fn origin<'b>(&'b self, file: &'b RepoPath) -> &'b RepoPath {
        let is_new = *file == self.to.path && self.to.parts.is_empty();
        let is_part = is_new || self.request.parts.contains(file);
        if is_part { &self.from.path } else { file }
    }

    /// Returns the imports that a choice makes necessary: by whom, and of what.
    fn fresh(&self, choice: &Choice) -> Vec<(RepoPath, RepoPath)> {
        let (from, to) = (&self.from.path, &self.to.path);
        let mut fresh = Vec::new();
        let is_lasting = |it: &&String| !self.request.reserved.contains(*it);
        if choice.taken.iter().any(|it| is_lasting(&it)) {
            fresh.push((to.clone(), from.clone()));
        }
        if !choice.given.is_empty() {
            fresh.push((from.clone(), to.clone()));
        }
        fresh.extend(self.along(choice).into_iter().map(|it| (to.clone(), it)));
        let users = self.facts.users(from).filter(|edge| {
            let moved = match &edge.name {
                Some(name) => self.follows(&edge.from, name, choice),
                None => self.uses_moved(&edge.from, choice),
            };
            moved && edge.from != *to && edge.from != *from && self.runs(&edge.from, edge.import)
        });
        fresh.extend(users.map(|edge| (edge.from.clone(), to.clone())));
        fresh
    }

    /// Tells whether a file uses something of the source that goes, and follows it.
    fn uses_moved(&self, file: &RepoPath, choice: &Choice) -> bool {
        let mut used = self.request.used.iter().filter(|(_, files)| files.contains_key(file));
        used.any(|(name, _)| self.follows(file, name, choice))
    }

    /// Tells whether an import runs with its module.
    fn runs(&self, file: &RepoPath, import: usize) -> bool {
        let import = self.facts.files().get(file).and_then(|it| it.imports.get(import));
        import.is_some_and(|it| !it.deferred && !it.type_checking)
    }

    /// Returns what the target imports because what goes does.
    fn along(&self, choice: &Choice) -> Vec<RepoPath> {
        let (from, to) = (&self.from.path, &self.to.path);
        let names = self.needs(&choice.parts).filter(|it| self.from.is_import(it));
        let keys = names.flat_map(|it| self.from.importers(it)).map(|(_, key)| key.0);
        let mut keys: BTreeSet<usize> = keys.filter(|it| self.runs(from, *it)).collect();
        keys.extend(self.stars(choice));
        let edges = self.facts.edges_of(from).iter();
        let edges = edges.filter(|it| keys.contains(&it.import) && it.to != *to && it.to != *from);
        edges.map(|it| it.to.clone()).collect()
    }

    /// Returns the star imports of the source that what goes takes something from.
    fn stars(&self, choice: &Choice) -> impl Iterator<Item = usize> {
        let mentions = choice.parts.iter().flat_map(|it| &self.from.parts[*it].mentions);
        let names = mentions.filter(|it| !it.known).map(Mentioned::name);
        let names: BTreeSet<&str> = names.collect();
        let imports = self.from.facts.imports.iter().enumerate();
        imports
            .filter(move |(_, it)| {
                let found = self.facts.find(&self.from.path, it.level, &it.module);
                let Found::Module(module) = found else { return false };
                let taken = self.facts.star_names(&module);
                let gives = taken.is_some_and(|it| names.iter().any(|name| it.contains(*name)));
                it.target == Target::Star && !it.deferred && gives
            })
            .map(|(index, _)| index)
    }

    /// Returns how one module leads to another, through these files, by imports that run with it, once the
    /// definitions are where a choice puts them.
    fn way(
        &self,
        start: &RepoPath,
        end: &RepoPath,
        choice: Option<&Choice>,
        through: &dyn Fn(&RepoPath) -> bool,
    ) -> Option<Vec<RepoPath>> {
        let fresh = choice.map(|it| self.fresh(it)).unwrap_or_default();
        let mut came: BTreeMap<RepoPath, RepoPath> = BTreeMap::new();
        let mut open = vec![start.clone()];
        while let Some(at) = open.pop() {
            let known = self.facts.edges_of(&at).iter().enumerate();
            let known = known.filter(|(_, it)| self.runs(&at, it.import));
            let known = known.filter(|(_, it)| choice.is_none_or(|choice| !self.goes(it, choice)));
            let fresh = fresh.iter().filter(|(one, _)| *one == at).map(|(_, other)| other);
            let all: Vec<RepoPath> = known.map(|(_, it)| &it.to).chain(fresh).cloned().collect();
            for next in all {
                if next == *start || came.contains_key(&next) || !through(&next) {
                    continue;
                }
                came.insert(next.clone(), at.clone());
                if next == *end {
                    let back = std::iter::successors(Some(next), |it| came.get(it).cloned());
                    let mut way: Vec<RepoPath> = back.collect();
                    way.reverse();
                    return Some(way);
                }
                open.push(next);
            }
        }
        None
    }

    /// Tells whether an import is none any more once the definitions are where they go.
    fn goes(&self, edge: &Edge, choice: &Choice) -> bool {
        let (from, to) = (&self.from.path, &self.to.path);
        let name = edge.name.as_ref();
        let moved = || name.is_some_and(|it| self.follows(&edge.from, it, choice));
        edge.to == *from && moved()
            || edge.from == *from && self.leaves(edge.import, choice)
            || edge.from == *to && edge.to == *from && self.only_moved(edge.import, choice)
    }

    /// Tells whether all that the target uses of the source by an import of the module goes.
    fn only_moved(&self, import: usize, choice: &Choice) -> bool {
        let mut keys =
            self.to.imported().flat_map(|(name, keys)| keys.iter().map(move |it| (name, it.1)));
        keys.any(|(name, key)| {
            let depth = stands_for(self.facts, self.to, key, &self.from.path);
            let Some(depth) = depth.filter(|_| key.0 == import) else { return false };
            let mentions = self.to.parts.iter().flat_map(|it| &it.mentions);
            let mut own = mentions.filter(|it| it.name() == name).peekable();
            own.peek().is_some()
                && own.all(|it| it.parts.get(depth).is_some_and(|it| choice.names.contains(&it.0)))
        })
    }

    /// Tells whether what goes uses an import of the source, and nothing that stays does.
    fn leaves(&self, import: usize, choice: &Choice) -> bool {
        let own = self.from.imported().filter(|(_, keys)| keys.iter().any(|it| it.1.0 == import));
        let mut names = own.map(|(name, _)| name).peekable();
        names.peek().is_some()
            && names.all(|name| {
                let mut users = self.from.users(name).peekable();
                users.peek().is_some()
                    && users.all(|it| choice.parts.contains(&it))
                    && !self.is_used_outside(name)
            })
    }
}
