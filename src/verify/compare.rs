//! Two trees: what got better, what got worse.
//!
//! Files are matched by their origin. Failures are matched to failures: one that was there before,
//! spelled the same or asking for the same thing, is still broken; any other is new. Which line it
//! stands on does not matter, for the plan may have edited it.

use rayon::prelude::*;

use super::asks::{Ask, asks};
use super::check::{unreadable, unresolved};
use super::runs::{self, Lost};
use super::targets::{Matches, Side, Targets};
use super::{Kind, Proof, Unresolved, cycles};
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::python::{FileFacts, Status};
use crate::tree::{ReadError, Tree};

/// Compares two trees that stand on the same snapshot: files are matched through the move map, and
/// imports by the place that they lead to. Not a byte may change of the files that are frozen.
///
/// # Errors
/// When a file cannot be read.
pub fn compare(
    before: Side<'_>,
    after: Side<'_>,
    is_frozen: &dyn Fn(&RepoPath) -> bool,
) -> Result<Proof, ReadError> {
    Before::new(before).compare(after, is_frozen)
}

/// A tree that others are compared with: what one comparison finds out about it serves the next.
pub(super) struct Before<'a> {
    side: Side<'a>,
    cycles: cycles::Then<'a>,
    started: runs::Started,
}

impl<'a> Before<'a> {
    /// Takes the tree before.
    pub(super) fn new(side: Side<'a>) -> Self {
        Self { side, cycles: cycles::Then::new(side), started: runs::Started::default() }
    }

    /// See [`compare`].
    ///
    /// # Errors
    /// As there.
    pub(super) fn compare(
        &self,
        after: Side<'_>,
        is_frozen: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Proof, ReadError> {
        let before = self.side;
        let matches = Matches::new(before, after);
        let files: Vec<(&RepoPath, &FileFacts)> =
            after.1.files().iter().map(|(path, file)| (path, &**file)).collect();
        // All threads resolve the imports, so none may wait for them inside the loop.
        let _ = (before.1.edges(), after.1.edges());
        let judged = files.par_iter().map(|(path, file)| {
            let was = matches.was(path).and_then(|old| before.1.files().get_key_value(old));
            judge(&matches, was.map(|(old, file)| (old, &**file)), (path, file))
        });
        let new_cycles = || cycles::new(&self.cycles, after, |path| matches.was(path).cloned());
        let (judged, new_cycles) = rayon::join(|| judged.collect::<Vec<_>>(), new_cycles);
        let mut proof = Proof::default();
        let left_alone = |path: &RepoPath, file: &FileFacts| {
            let why = match file.status {
                _ if is_frozen(path) => "may not be edited",
                Status::Parsed => return None,
                Status::Broken { .. } | Status::Undecodable(_) => "does not parse",
            };
            Some(format!("this file {why}"))
        };
        for ((path, file), judged) in files.iter().zip(judged) {
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
        for Lost { import, elsewhere, respelled, known } in runs::lost(&matches, &self.started) {
            let excused = is_frozen(&import.path) || !known && (elsewhere || respelled);
            if excused { &mut proof.unproved } else { &mut proof.broken }.push(import);
        }
        proof.broken.sort();
        proof.unproved.sort();
        proof.new_cycles = new_cycles?;
        Ok(proof)
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
    let targets = Targets::new(matches, (old_path, old_file), (path, file));
    let then = asked(before.1, (old_path, old_file), unresolved(before.1, old_path, old_file));
    let now = asked(after.1, (path, file), unresolved(after.1, path, file));
    let mut judged = Judged {
        unreadable: file.status != Status::Parsed && old_file.status == Status::Parsed,
        ..Judged::default()
    };
    for (failure, asks) in &then {
        let fails = |ask: &Ask| now.iter().flat_map(|it| &it.1).any(|it| ask.is(it, matches));
        if counts(failure) && !asks.iter().any(fails) {
            judged.fixed.push(failure.clone());
        }
    }
    for (mut failure, asks) in now {
        let failed = failed_before((old_file, &then), &asks, matches);
        if failure.kind == Kind::Undeclared {
            let was_ours = match &failed {
                Some(failed) => failed.iter().any(|it| it.kind != Kind::Undeclared),
                None => targets.lost(&failure),
            };
            if !was_ours {
                continue;
            }
            failure.kind = Kind::MissingModule;
        }
        match failed {
            None => judged.broken.push(failure),
            Some(_) if failure.optional => {}
            Some(_) => judged.still_broken.push(failure),
        }
    }
    judged.broken.extend(targets.vanished());
    judged.broken.extend(targets.astray());
    judged.broken.sort();
    judged.broken.dedup();
    judged
}

/// Tells whether a failure is one to mend, where nothing else is known of it.
fn counts(failure: &Unresolved) -> bool {
    !failure.optional && failure.kind != Kind::Undeclared
}

/// A failure with what it asks for.
type Failure = (Unresolved, Vec<Ask>);

fn asked(facts: &Facts, file: (&RepoPath, &FileFacts), failures: Vec<Unresolved>) -> Vec<Failure> {
    let asked = failures.into_iter().map(|it| {
        let asks = asks(facts, file, &it);
        (it, asks)
    });
    asked.collect()
}

/// Returns the failures of before that together asked for all of this, if there are such. What is
/// written as an import that did resolve is no failure of before, wherever it leads.
fn failed_before<'a>(
    (file, then): (&FileFacts, &'a [Failure]),
    asks: &[Ask],
    matches: &Matches<'_>,
) -> Option<Vec<&'a Unresolved>> {
    let find = |ask: &Ask| {
        let spelled = ask.is_written_in(file);
        let same = |it: &Ask| if spelled { it.is_spelled_as(ask) } else { it.is(ask, matches) };
        then.iter().find(|(_, asks)| asks.iter().any(same)).map(|(failure, _)| failure)
    };
    let failed: Option<Vec<_>> = asks.iter().map(find).collect();
    failed.filter(|it| !it.is_empty())
}

/// Tells whether a file that the plan made has the bytes of one that was there.
fn is_copy(before: &Tree, after: &Tree, path: &RepoPath) -> bool {
    let id = after.entry(path).map(|entry| entry.id);
    before.entries().values().any(|entry| Some(entry.id) == id)
}
