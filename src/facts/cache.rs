//! Answers that were given before: a pure function of one index, so they never grow stale.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Found, Map, Member};
use crate::path::RepoPath;

/// Answers of one index, filled as questions come.
#[derive(Debug)]
pub(super) struct Cache {
    /// By root set, then by dotted name.
    found: Vec<RwLock<Map<Box<str>, Found>>>,
    /// By file, then by name.
    members: RwLock<Map<RepoPath, Map<Box<str>, Member>>>,
    /// By file.
    stars: RwLock<Map<RepoPath, StarNames>>,
}

/// The names that a star import takes; `None` where they cannot be told.
pub(super) type StarNames = Option<Arc<BTreeSet<String>>>;

impl Cache {
    /// Makes an empty cache for this many root sets.
    pub(super) fn new(sets: usize) -> Self {
        let found = std::iter::repeat_with(RwLock::default).take(sets).collect();
        Self { found, members: RwLock::default(), stars: RwLock::default() }
    }

    /// Returns what `module` leads to from the files of a root set.
    pub(super) fn found(&self, set: usize, module: &str, find: impl FnOnce() -> Found) -> Found {
        let lock = &self.found[set];
        if let Some(known) = lock.read().unwrap_or_else(PoisonError::into_inner).get(module) {
            return known.clone();
        }
        let found = find();
        let mut known = lock.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(module.into(), found.clone());
        found
    }

    /// Returns what a name of the module at `path` leads to.
    pub(super) fn member(
        &self,
        path: &RepoPath,
        name: &str,
        follow: impl FnOnce() -> Member,
    ) -> Member {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = members.get(path).and_then(|names| names.get(name)) {
            return known.clone();
        }
        drop(members);
        let member = follow();
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        members.entry(path.clone()).or_default().insert(name.into(), member.clone());
        member
    }
    /// Returns what a star import of the module at `path` takes.
    pub(super) fn star_names(
        &self,
        path: &RepoPath,
        collect: impl FnOnce() -> StarNames,
    ) -> StarNames {
        let stars = self.stars.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = stars.get(path) {
            return known.clone();
        }
        drop(stars);
        let names = collect();
        let mut stars = self.stars.write().unwrap_or_else(PoisonError::into_inner);
        stars.insert(path.clone(), names.clone());
        names
    }
}
