//! Two trees: what got better, what got worse.
//!
//! Files are matched by their origin. Failures are matched to failures: one that was there before,
//! spelled the same or leading to the same absolute name, is still broken; any other is new. Which
//! line it stands on does not matter, for the plan may have edited it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::check::{unreadable, unresolved, written};
use super::{Kind, Proof, Unresolved, cycles};
use crate::facts::{Facts, Found, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Status};
use crate::tree::Tree;

/// One tree and its facts.
type Side<'a> = (&'a Tree, &'a Facts);

/// Compares two trees that stand on the same snapshot: files are matched through the move map, and
/// imports by the place that they lead to. `frozen` files are the ones that may not be edited.
#[must_use]
pub fn compare(before: Side<'_>, after: Side<'_>, frozen: &dyn Fn(&RepoPath) -> bool) -> Proof {
    let matches = Matches::new(before.0, after.0);
    let files: Vec<(&RepoPath, &FileFacts)> =
        after.1.files().iter().map(|(path, file)| (path, &**file)).collect();
    let judged = files.par_iter().map(|(path, file)| {
        let was = matches.was(path).and_then(|old| before.1.files().get_key_value(old));
        judge(before, after, was.map(|(old, file)| (old, &**file)), (path, file))
    });
    let mut proof = Proof::default();
    for ((path, file), judged) in files.iter().zip(judged.collect::<Vec<_>>()) {
        proof.fixed.extend(judged.fixed);
        proof.still_broken.extend(judged.still_broken);
        let editable = file.status == Status::Parsed && !frozen(path);
        let worse = if editable { &mut proof.broken } else { &mut proof.unproved };
        worse.extend(judged.broken);
        if judged.unreadable {
            proof.unreadable.extend(unreadable(path, file));
        }
    }
    proof.new_cycles = cycles::new(before.1, after.1, |path| matches.was(path).cloned());
    proof
}

/// Where each file stood before.
struct Matches<'a> {
    was: BTreeMap<&'a RepoPath, &'a RepoPath>,
}

impl<'a> Matches<'a> {
    fn new(before: &'a Tree, after: &'a Tree) -> Self {
        let mut by_origin: BTreeMap<&RepoPath, &RepoPath> = BTreeMap::new();
        for (path, entry) in before.entries() {
            by_origin.extend(entry.origin.as_ref().map(|origin| (origin, path)));
        }
        let mut was = BTreeMap::new();
        for (path, entry) in after.entries() {
            let old = match &entry.origin {
                Some(origin) => by_origin.get(origin).copied(),
                // What an earlier step of the plan made is known by its path.
                None => before.entries().get_key_value(path).map(|(old, _)| old),
            };
            was.extend(old.map(|old| (path, old)));
        }
        Self { was }
    }

    fn was(&self, path: &RepoPath) -> Option<&'a RepoPath> {
        self.was.get(path).copied()
    }
}

/// What became of one file.
#[derive(Default)]
struct Judged {
    fixed: Vec<Unresolved>,
    broken: Vec<Unresolved>,
    still_broken: Vec<Unresolved>,
    unreadable: bool,
}

fn judge(
    before: Side<'_>,
    after: Side<'_>,
    was: Option<(&RepoPath, &FileFacts)>,
    (path, file): (&RepoPath, &FileFacts),
) -> Judged {
    let now = unresolved(after.1, path, file);
    let Some((old_path, old_file)) = was else {
        // A file that the plan made has no excuse but the ones that it states itself.
        let counts = |it: &Unresolved| !it.optional && it.kind != Kind::Undeclared;
        return Judged {
            broken: now.into_iter().filter(counts).collect(),
            unreadable: file.status != Status::Parsed && !is_copy(before.0, after.0, path),
            ..Judged::default()
        };
    };
    let then = unresolved(before.1, old_path, old_file);
    let mut judged = Judged {
        unreadable: file.status != Status::Parsed && old_file.status == Status::Parsed,
        ..Judged::default()
    };
    let old_names = keys(before.1, &then);
    let new_names = keys(after.1, &now);
    let shown = |it: &Unresolved| !it.optional && it.kind != Kind::Undeclared;
    let resolved = OnceCell::new();
    let resolved = || {
        let files = ((old_path, old_file), (path, file));
        resolved.get_or_init(|| Resolved::new(before, after, files.0, files.1))
    };
    for (failure, key) in now.iter().zip(&new_names) {
        if old_names.iter().any(|old| old.same(key)) {
            judged.still_broken.extend(shown(failure).then(|| failure.clone()));
        } else if failure.kind != Kind::Undeclared || resolved().lost(failure) {
            judged.broken.push(failure.clone());
        }
    }
    for (failure, key) in then.iter().zip(&old_names) {
        if shown(failure) && !new_names.iter().any(|new| new.same(key)) {
            judged.fixed.push(failure.clone());
        }
    }
    judged
}

/// Tells whether a file that the plan made has the bytes of one that was there.
fn is_copy(before: &Tree, after: &Tree, path: &RepoPath) -> bool {
    let id = after.entry(path).map(|entry| entry.id);
    before.entries().values().any(|entry| Some(entry.id) == id)
}

/// A failure as it is known in both trees: as written, and by its absolute name.
struct Key {
    written: (String, Option<String>),
    absolute: Option<(String, Option<String>)>,
}

impl Key {
    fn same(&self, other: &Self) -> bool {
        self.written == other.written
            || (self.absolute.is_some() && self.absolute == other.absolute)
    }
}

fn keys(facts: &Facts, failures: &[Unresolved]) -> Vec<Key> {
    let key = |failure: &Unresolved| Key {
        written: (failure.module.clone(), failure.name.clone()),
        absolute: absolute(facts, failure).map(|module| (module, failure.name.clone())),
    };
    failures.iter().map(key).collect()
}

/// Returns the module that a failing import asks for, by its absolute name.
fn absolute(facts: &Facts, failure: &Unresolved) -> Option<String> {
    let name = failure.module.trim_start_matches('.');
    let level = failure.module.len() - name.len();
    if level == 0 {
        return Some(name.to_owned());
    }
    let (_, package) = facts.package_of(&failure.path)?;
    let mut parts: Vec<&str> = package.split('.').collect();
    let kept = parts.len().checked_sub(level - 1)?;
    parts.truncate(kept);
    parts.extend(Some(name).filter(|name| !name.is_empty()));
    Some(parts.join("."))
}

/// What the imports of a file led to, before and after.
struct Resolved {
    /// What led to a module of this tree before, as written. A dependency that is declared no more
    /// is as importable as it was.
    before: BTreeSet<String>,
    /// A module of this tree that the file imported and that is still here is imported no more.
    lost: bool,
}

impl Resolved {
    fn new(
        before: Side<'_>,
        after: Side<'_>,
        (old_path, old_file): (&RepoPath, &FileFacts),
        (path, file): (&RepoPath, &FileFacts),
    ) -> Self {
        let mut written_before = BTreeSet::new();
        let mut old = BTreeSet::new();
        for import in &old_file.imports {
            let found = before.1.find(old_path, import.level, &import.module);
            if matches!(found, Found::Module(_) | Found::Assumed) {
                written_before.insert(written(import));
            }
            old.extend(origin(before.0, &found));
        }
        let found = file.imports.iter().map(|it| after.1.find(path, it.level, &it.module));
        let new: BTreeSet<RepoPath> = found.filter_map(|found| origin(after.0, &found)).collect();
        Self { before: written_before, lost: !old.is_subset(&new) }
    }

    /// Tells whether an import that is undeclared now resolved before. Where it is spelled anew,
    /// that is taken for granted if something else was lost.
    fn lost(&self, failure: &Unresolved) -> bool {
        self.before.contains(&failure.module) || self.lost
    }
}

/// Returns where the file of a module stood in the snapshot.
fn origin(tree: &Tree, found: &Found) -> Option<RepoPath> {
    let Found::Module(Module::File(path)) = found else { return None };
    tree.entry(path)?.origin.clone()
}
