//! What is started on its own, before and after: does it still find what it loads?
//!
//! Facts look at a repository as a whole. A run has one path: an import that it found there and that
//! only another path finds now has changed its meaning, however well it resolves.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::check::failure;
use super::targets::Matches;
use super::{Kind, Unresolved};
use crate::facts::{Edge, Facts, Found, Run, SearchPath, Sight};
use crate::path::RepoPath;

/// An import that some run found before, and does not find now.
pub(super) struct Lost {
    /// The import, as it is after.
    pub(super) import: Unresolved,
    /// A path that found it before still does.
    pub(super) elsewhere: bool,
}

/// Files that are started with the same path, before and after.
struct Group<'a> {
    /// The first of them, where it is now.
    first: &'a RepoPath,
    before: Run,
    after: Run,
}

/// Returns the imports that runs do not find any more, in order.
pub(super) fn lost(matches: &Matches<'_>) -> Vec<Lost> {
    let groups = groups(matches);
    let mut found: BTreeMap<Unresolved, bool> = BTreeMap::new();
    for group in &groups {
        for (was, now) in gone(matches, group) {
            let elsewhere = || keeps_a_sight(matches, was, now);
            let elsewhere = groups.iter().any(|it| it.keeps(matches, was, now)) || elsewhere();
            *found.entry(said(matches.after.1, group.first, now)).or_default() |= elsewhere;
        }
    }
    // One row for each import is enough.
    let mut seen = BTreeSet::new();
    found.retain(|it, _| seen.insert((it.path.clone(), it.line, it.module.clone())));
    found.into_iter().map(|(import, elsewhere)| Lost { import, elsewhere }).collect()
}

/// Groups what is started before, and is still there, by its path; groups that nothing touches are
/// left out.
fn groups<'a>(matches: &Matches<'a>) -> Vec<Group<'a>> {
    let (before, after) = (matches.before.1, matches.after.1);
    let mut starts: BTreeMap<(SearchPath, SearchPath), Vec<(&RepoPath, &RepoPath)>> =
        BTreeMap::new();
    for was in before.started() {
        if let Some(now) = matches.now(was) {
            let paths = (before.script_path(was), after.script_path(now));
            starts.entry(paths).or_default().push((was, now));
        }
    }
    let starts: Vec<_> = starts.into_iter().collect();
    let groups = starts.par_iter().filter_map(|((old, new), starts)| {
        let (was, now): (Vec<&RepoPath>, Vec<&'a RepoPath>) = starts.iter().copied().unzip();
        let run = before.run(old, &was);
        let touched = old != new || run.loads.iter().any(|it| matches.is_touched(it));
        touched.then(|| Group { first: now[0], before: run, after: after.run(new, &now) })
    });
    groups.collect()
}

impl Group<'_> {
    /// Tells whether these runs found what `was` imports, and find it by `now`.
    fn keeps(&self, matches: &Matches<'_>, was: &Edge, now: &Edge) -> bool {
        self.before.loads.contains(&was.from)
            && self.after.loads.contains(&now.from)
            && finds(matches.before.1, &self.before, (&was.from, &was.to))
            && finds(matches.after.1, &self.after, (&now.from, &now.to))
    }
}

/// Tells whether a run goes from one file to the other.
fn finds(facts: &Facts, run: &Run, (from, to): (&RepoPath, &RepoPath)) -> bool {
    facts.edges_of(from).any(|(index, it)| it.to == *to && run.edges.contains(&index))
}

/// Returns the imports that runs of a group found, with those that lead to the same place now and
/// that they do not find.
fn gone<'a>(matches: &Matches<'a>, group: &Group<'_>) -> Vec<(&'a Edge, &'a Edge)> {
    let (before, after) = (matches.before.1, matches.after.1);
    let mut found = Vec::new();
    for was in group.before.edges.iter().filter_map(|index| before.edges().get(*index)) {
        let (Some(from), Some(to)) = (matches.now(&was.from), matches.now(&was.to)) else {
            continue;
        };
        if !group.after.loads.contains(from) || finds(after, &group.after, (from, to)) {
            continue;
        }
        let now = after.edges_of(from).map(|(_, edge)| edge).find(|edge| edge.to == *to);
        found.extend(now.map(|now| (was, now)));
    }
    found
}

/// Tells whether a path that some other run may have finds what is imported, before and after.
fn keeps_a_sight(matches: &Matches<'_>, was: &Edge, now: &Edge) -> bool {
    let sights = |facts: &Facts, edge: &Edge| {
        let import = facts.files().get(&edge.from)?.imports.get(edge.import)?.clone();
        let Found::Module(meant) = facts.find(&edge.from, import.level, &import.module) else {
            return None;
        };
        let mut sights = facts.sights(&edge.from, &import.module, &meant);
        sights.remove(&Sight::Script);
        Some(sights)
    };
    let both = sights(matches.before.1, was).zip(sights(matches.after.1, now));
    both.is_some_and(|(before, after)| !before.is_disjoint(&after))
}

fn said(after: &Facts, start: &RepoPath, edge: &Edge) -> Unresolved {
    let import = &after.files()[&edge.from].imports[edge.import];
    let place = (import.line, import.column);
    let why = match edge.from == *start {
        true => format!("`python {start}` does not find it any more"),
        false => format!("`python {start}`, which loads this file, does not find it any more"),
    };
    let lost = failure(&edge.from, import, (Kind::MissingModule, None), place);
    Unresolved { why: Some(why), ..lost }
}
