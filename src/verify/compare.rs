//! Two trees: what got better, what got worse.
//!
//! Files are matched by their origin. Failures are matched to failures: one that was there before,
//! spelled the same or leading to the same absolute name, is still broken; any other is new. Which
//! line it stands on does not matter, for the plan may have edited it.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::check::{unreadable, unresolved, written};
use super::runs::{self, Lost};
use super::targets::{Matches, Side, Targets};
use super::{Kind, Proof, Unresolved, cycles};
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Status, Target};
use crate::tree::Tree;

/// What a person said of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms<'a> {
    /// Nothing: it is edited as the moves need it.
    Open,
    /// Not a byte of it may change.
    Frozen,
    /// Looked at edits of it that are only probably right, and wants them: these words stand in the
    /// imports that they make.
    Reviewed(&'a BTreeSet<String>),
}

/// Compares two trees that stand on the same snapshot: files are matched through the move map, and
/// imports by the place that they lead to. `terms` hold for files of the tree after.
#[must_use]
pub fn compare<'a>(
    before: Side<'_>,
    after: Side<'_>,
    terms: &dyn Fn(&RepoPath) -> Terms<'a>,
) -> Proof {
    let matches = Matches::new(before, after);
    let files: Vec<(&RepoPath, &FileFacts)> =
        after.1.files().iter().map(|(path, file)| (path, &**file)).collect();
    // All threads resolve the imports, so none may wait for them inside the loop.
    let _ = (before.1.edges(), after.1.edges());
    let judged = files.par_iter().map(|(path, file)| {
        let was = matches.was(path).and_then(|old| before.1.files().get_key_value(old));
        judge(&matches, was.map(|(old, file)| (old, &**file)), (path, file))
    });
    let mut proof = Proof::default();
    let left_alone = |path: &RepoPath, file: &FileFacts| {
        let why = match terms(path) {
            Terms::Frozen => "may not be edited",
            Terms::Open | Terms::Reviewed(_) if file.status != Status::Parsed => "does not parse",
            Terms::Open | Terms::Reviewed(_) => return None,
        };
        Some(format!("this file {why}"))
    };
    for ((path, file), judged) in files.iter().zip(judged.collect::<Vec<_>>()) {
        proof.fixed.extend(judged.fixed);
        proof.still_broken.extend(judged.still_broken);
        match left_alone(path, file) {
            None => proof.broken.extend(judged.broken),
            why => {
                let unproved = judged.broken.into_iter();
                proof.unproved.extend(unproved.map(|it| Unresolved { why: why.clone(), ..it }));
            }
        }
        if judged.unreadable {
            proof.unreadable.extend(unreadable(path, file));
        }
    }
    for Lost { import, elsewhere } in runs::lost(&matches) {
        let open = !elsewhere
            && match terms(&import.path) {
                Terms::Open => true,
                Terms::Frozen => false,
                Terms::Reviewed(words) => !words.contains(&import.module),
            };
        if open { &mut proof.broken } else { &mut proof.unproved }.push(import);
    }
    proof.broken.sort();
    proof.unproved.sort();
    proof.new_cycles = cycles::new(before.1, after.1, |path| matches.was(path).cloned());
    proof
}

/// What became of one file.
#[derive(Default)]
struct Judged {
    fixed: Vec<Unresolved>,
    broken: Vec<Unresolved>,
    still_broken: Vec<Unresolved>,
    unreadable: bool,
}

impl Judged {
    /// Tells whether nothing got better or worse, and nothing is broken.
    fn is_nothing(&self) -> bool {
        let Self { fixed, broken, still_broken, unreadable } = self;
        fixed.is_empty() && broken.is_empty() && still_broken.is_empty() && !unreadable
    }
}

fn judge(
    matches: &Matches<'_>,
    was: Option<(&RepoPath, &FileFacts)>,
    (path, file): (&RepoPath, &FileFacts),
) -> Judged {
    let (before, after) = (matches.before, matches.after);
    let Some((old_path, old_file)) = was else {
        let now = unresolved(after.1, path, file);
        // A file that the plan made has no excuse but the ones that it states itself.
        let counts = |it: &Unresolved| !it.optional && it.kind != Kind::Undeclared;
        return Judged {
            broken: now.into_iter().filter(counts).collect(),
            unreadable: file.status != Status::Parsed && !is_copy(before.0, after.0, path),
            ..Judged::default()
        };
    };
    if matches.is_as_before((old_path, old_file), (path, file)) {
        debug_assert!(judge_both(matches, (old_path, old_file), (path, file)).is_nothing());
        return Judged::default();
    }
    judge_both(matches, (old_path, old_file), (path, file))
}

fn judge_both(
    matches: &Matches<'_>,
    (old_path, old_file): (&RepoPath, &FileFacts),
    (path, file): (&RepoPath, &FileFacts),
) -> Judged {
    let (before, after) = (matches.before, matches.after);
    let now = unresolved(after.1, path, file);
    let then = unresolved(before.1, old_path, old_file);
    let mut judged = Judged {
        unreadable: file.status != Status::Parsed && old_file.status == Status::Parsed,
        ..Judged::default()
    };
    let old_names = keys(before.1, &then);
    let new_names = keys(after.1, &now);
    let shown = |it: &Unresolved| !it.optional && it.kind != Kind::Undeclared;
    let targets = Targets::new(matches, (old_path, old_file), (path, file));
    for (failure, key) in now.iter().zip(&new_names) {
        let same = |key: &Key| old_names.iter().any(|old| old.same(key));
        let names = named_by(file, failure);
        let unnamed = names.is_some_and(|mut names| names.all(|name| same(&key.of(name))));
        if unnamed || same(key) {
            let counts = shown(failure) || (unnamed && !failure.optional);
            judged.still_broken.extend(counts.then(|| failure.clone()));
        } else if failure.kind != Kind::Undeclared || targets.lost(failure) {
            judged.broken.push(failure.clone());
        }
    }
    judged.broken.extend(targets.vanished());
    judged.broken.extend(targets.astray());
    judged.broken.sort();
    judged.broken.dedup();
    for (failure, key) in then.iter().zip(&old_names) {
        if shown(failure) && !new_names.iter().any(|new| new.same(key) || new.holds(key)) {
            judged.fixed.push(failure.clone());
        }
    }
    judged
}

/// Returns the names that an import takes of a module that is not there.
fn named_by<'a>(
    file: &'a FileFacts,
    failure: &'a Unresolved,
) -> Option<impl Iterator<Item = &'a str>> {
    let fails = |it: &&Import| {
        (it.line, it.column) == (failure.line, failure.column) && written(it) == failure.module
    };
    let import = file.imports.iter().find(fails).filter(|_| failure.name.is_none())?;
    match &import.target {
        Target::Names(names) => Some(names.iter().map(|it| it.name.as_str())),
        Target::Module { .. } | Target::Star | Target::Call => None,
    }
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

    /// Returns the failure of one name of this module.
    fn of(&self, name: &str) -> Self {
        let of = |module: &String| (module.clone(), Some(name.to_owned()));
        Self { written: of(&self.written.0), absolute: self.absolute.as_ref().map(|it| of(&it.0)) }
    }

    /// Tells whether this is the whole module of `name`: a name of a module that is gone by now is
    /// not found any better than before.
    fn holds(&self, name: &Self) -> bool {
        let module = |key: &Self| key.absolute.as_ref().map(|it| it.0.clone());
        self.written.1.is_none()
            && (self.written.0 == name.written.0
                || (self.absolute.is_some() && module(self) == module(name)))
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
