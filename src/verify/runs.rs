//! What is started on its own, before and after: does it still find what it loads?
//!
//! Facts look at a repository as a whole. A run has one path: an import that it found there and that
//! only another path finds now has changed its meaning, however well it resolves.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::check::failure;
use super::targets::Matches;
use super::{Kind, Unresolved};
use crate::facts::references::{self, Form, Subjects};
use crate::facts::{Edge, Facts, Found, Run, SearchPath, Sight};
use crate::path::RepoPath;

/// An import that some run found before, and does not find now.
pub(super) struct Lost {
    /// The import, as it is after.
    pub(super) import: Unresolved,
    /// A path that found it before still does.
    pub(super) elsewhere: bool,
    /// A command that stands in the tree starts such a run.
    pub(super) known: bool,
}

/// Files that are started with the same path, before and after.
struct Group<'a> {
    /// Where they were and are.
    starts: Vec<(&'a RepoPath, &'a RepoPath)>,
    /// The first of them, where it is now.
    first: &'a RepoPath,
    before: Run,
    after: Run,
}

/// Returns the imports that runs do not find any more, in order.
pub(super) fn lost(matches: &Matches<'_>) -> Vec<Lost> {
    let groups = groups(matches);
    let mut found: BTreeMap<Unresolved, (bool, bool)> = BTreeMap::new();
    for group in &groups {
        let gone = gone(matches, group);
        let known = if gone.is_empty() { Vec::new() } else { group.known(matches) };
        for (was, now) in gone {
            let elsewhere = || keeps_a_sight(matches, was, now);
            let elsewhere = groups.iter().any(|it| it.keeps(matches, was, now)) || elsewhere();
            let command = known.iter().find(|it| it.group.loses(matches, now));
            let said = said(matches.after.1, group.first, now);
            let said = match command {
                Some(Known { place, .. }) => Unresolved { why: Some(started_by(place)), ..said },
                None => said,
            };
            let (any_elsewhere, any_known) = found.entry(said).or_default();
            *any_elsewhere |= elsewhere;
            *any_known |= command.is_some();
        }
    }
    // One row for each import is enough.
    let key = |it: &Unresolved| (it.path.clone(), it.line, it.module.clone());
    let known = found.iter().filter(|(_, (_, known))| *known).map(|(it, _)| key(it));
    let known: BTreeSet<_> = known.collect();
    let mut seen = BTreeSet::new();
    found.retain(|it, (_, is_known)| {
        (*is_known || !known.contains(&key(it))) && seen.insert(key(it))
    });
    let lost = |(import, (elsewhere, known))| Lost { import, elsewhere, known };
    found.into_iter().map(lost).collect()
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
        let after = || after.run(new, &now);
        touched.then(|| Group {
            starts: starts.clone(),
            first: now[0],
            before: run,
            after: after(),
        })
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

/// One run that a command in the tree starts, and where that stands.
struct Known<'a> {
    group: Group<'a>,
    place: String,
}

impl<'a> Group<'a> {
    /// Returns the runs of this group that commands in the tree start, each alone.
    fn known(&self, matches: &Matches<'a>) -> Vec<Known<'a>> {
        let (before, after) = (matches.before.1, matches.after.1);
        let commands = commands(matches, self.starts.iter().map(|(was, _)| *was));
        let starts = self.starts.iter().filter_map(|(was, now)| {
            let place = commands.get(*was)?.clone();
            let then = before.run(&before.script_path(was), &[was]);
            let since = after.run(&after.script_path(now), &[now]);
            let starts = vec![(*was, *now)];
            Some(Known { group: Group { starts, first: now, before: then, after: since }, place })
        });
        starts.collect()
    }

    /// Tells whether these runs do not find an import any more.
    fn loses(&self, matches: &Matches<'_>, import: &Edge) -> bool {
        gone(matches, self).iter().any(|(_, now)| *now == import)
    }
}

/// Returns which of these files a line of the tree before starts with `python FILE`, and where. One
/// that sets `PYTHONPATH` has a path of its own, of which nothing is said.
fn commands<'a>(
    matches: &Matches<'_>,
    files: impl Iterator<Item = &'a RepoPath> + Clone,
) -> BTreeMap<RepoPath, String> {
    let (tree, facts) = matches.before;
    let subjects = Subjects::new(facts, files.clone());
    let found = match references::mentions(tree, facts, &subjects) {
        Ok(found) => found,
        // What cannot be read may start any of them.
        Err(error) => return files.map(|it| (it.clone(), error.to_string())).collect(),
    };
    let mut commands = BTreeMap::new();
    for it in found.into_iter().filter(|it| it.place.is_use() && it.form != Form::Dotted) {
        let Ok(bytes) = tree.read(&it.file) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().nth(it.line.saturating_sub(1) as usize).unwrap_or_default();
        let command = line.split(it.text.as_str()).next().unwrap_or_default().to_lowercase();
        let starts = ["python", "executable", "run "].iter().any(|word| command.contains(word));
        if starts && !text.contains("PYTHONPATH") {
            commands.entry(it.subject).or_insert_with(|| format!("{}:{}", it.file, it.line));
        }
    }
    commands
}

fn started_by(place: &str) -> String {
    format!("the run that `{place}` starts does not find it any more")
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
