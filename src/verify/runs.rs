//! What is started on its own, before and after: does it still find what it loads?
//!
//! Facts look at a repository as a whole. A run has one path: an import that it found there and that
//! only another path finds now has changed its meaning, however well it resolves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::check::{failure, written};
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
    /// It is not written as it was: somebody wants it so.
    pub(super) respelled: bool,
    /// A command that stands in the tree starts such a run.
    pub(super) known: bool,
}

/// Files that are started with the same path, before and after.
struct Group<'a> {
    /// The files, where each was and is.
    starts: Vec<(&'a RepoPath, &'a RepoPath)>,
    paths: (SearchPath, SearchPath),
    before: Arc<Run>,
    after: Run,
}

/// Runs, by the path that they look in and the files that they start.
type Runs = HashMap<(SearchPath, Vec<RepoPath>), Arc<Run>>;

/// What was started in one tree, each time with the same path.
#[derive(Default)]
pub(super) struct Started(Mutex<Runs>);

impl Started {
    /// Returns what starting these files loads, where somebody is concerned with it: only that is kept.
    fn run(
        &self,
        facts: &Facts,
        (path, files): (&SearchPath, &[&RepoPath]),
        is_concerned: impl Fn(&Run) -> bool,
    ) -> Option<Arc<Run>> {
        let key = (path.clone(), files.iter().copied().cloned().collect());
        let runs = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = runs().get(&key).cloned();
        if let Some(known) = known {
            return is_concerned(&known).then_some(known);
        }
        let run = Some(Arc::new(facts.run(path, files))).filter(|it| is_concerned(it))?;
        runs().insert(key, Arc::clone(&run));
        Some(run)
    }
}

/// Returns the imports that runs do not find any more, in order.
pub(super) fn lost(matches: &Matches<'_>, known: &Started) -> Vec<Lost> {
    let groups = groups(matches, known);
    let mut found: BTreeMap<Unresolved, Lost> = BTreeMap::new();
    for group in &groups {
        let gone = gone(matches, group);
        let alone = if gone.is_empty() { Vec::new() } else { group.each_alone(matches) };
        for (was, now) in gone {
            let mut losing = alone.iter().filter(|it| it.group.loses(matches, was, now)).peekable();
            // What one start found and only another one still loads is lost to none of them.
            let Some(Start { file, .. }) = losing.peek() else { continue };
            let said = said(matches.after.1, file, now);
            let command = losing.find_map(|it| it.command.as_deref());
            let said = match command {
                Some(place) => Unresolved { why: Some(started_by(place)), ..said },
                None => said,
            };
            let elsewhere = || keeps_a_sight(matches, was, now);
            let elsewhere = groups.iter().any(|it| it.keeps(matches, was, now)) || elsewhere();
            let respelled = module_of(matches.before.1, was) != module_of(matches.after.1, now);
            let lost = found.entry(said).or_insert_with_key(|said| {
                let import = said.clone();
                Lost { import, elsewhere: false, respelled, known: false }
            });
            lost.elsewhere |= elsewhere;
            lost.known |= command.is_some();
        }
    }
    // One row for each import is enough.
    let key = |it: &Unresolved| (it.path.clone(), it.line, it.module.clone());
    let known = found.values().filter(|it| it.known).map(|it| key(&it.import));
    let known: BTreeSet<_> = known.collect();
    let mut seen = BTreeSet::new();
    found.retain(|it, lost| (lost.known || !known.contains(&key(it))) && seen.insert(key(it)));
    found.into_values().collect()
}

/// Returns the module of an import as it is written.
fn module_of(facts: &Facts, edge: &Edge) -> Option<String> {
    facts.files().get(&edge.from)?.imports.get(edge.import).map(written)
}

/// Groups what is started before, and is still there, by its path; groups that nothing touches are
/// left out.
fn groups<'a>(matches: &Matches<'a>, known: &Started) -> Vec<Group<'a>> {
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
    if starts.is_empty() {
        return Vec::new();
    }
    let touched: HashSet<&RepoPath> = matches.touched().collect();
    let near = before.may_load(touched.iter().copied());
    let groups = starts.into_par_iter().filter_map(|(paths, starts)| {
        let was: Vec<&RepoPath> = starts.iter().map(|it| it.0).collect();
        let same = paths.0 == paths.1;
        if same && near.as_ref().is_some_and(|near| !was.iter().any(|it| near.contains(it))) {
            debug_assert!(!before.run(&paths.0, &was).loads.keys().any(|it| touched.contains(it)));
            return None;
        }
        let is_concerned = |run: &Run| !same || run.loads.keys().any(|it| touched.contains(it));
        let run = known.run(before, (&paths.0, &was), is_concerned)?;
        Some(Group::new(matches, starts, paths, run))
    });
    groups.collect()
}

impl<'a> Group<'a> {
    fn new(
        matches: &Matches<'a>,
        starts: Vec<(&'a RepoPath, &'a RepoPath)>,
        paths: (SearchPath, SearchPath),
        before: Arc<Run>,
    ) -> Self {
        let now: Vec<&RepoPath> = starts.iter().map(|it| it.1).collect();
        let after = matches.after.1.run(&paths.1, &now);
        Self { starts, paths, before, after }
    }

    /// Starts each file alone.
    fn each_alone(&self, matches: &Matches<'a>) -> Vec<Start<'a>> {
        let (tree, facts) = matches.before;
        let files = self.starts.iter().map(|(was, _)| *was);
        // What cannot be read may start any of them.
        let mut commands = facts
            .commands(tree, files.clone())
            .unwrap_or_else(|error| files.map(|it| (it.clone(), error.to_string())).collect());
        let commands = self.starts.iter().map(|(was, _)| commands.remove(*was));
        let starts: Vec<_> = self.starts.iter().zip(commands).collect();
        let alone = starts.into_par_iter().map(|(start, command)| {
            let before = Arc::new(matches.before.1.run(&self.paths.0, &[start.0]));
            let group = Self::new(matches, vec![*start], self.paths.clone(), before);
            Start { file: start.1, group, command }
        });
        alone.collect()
    }

    /// Tells whether these runs found what `was` imports, and now load the file and do not.
    fn loses(&self, matches: &Matches<'_>, was: &Edge, now: &Edge) -> bool {
        finds(matches.before.1, &self.before, (&was.from, &was.to))
            && self.after.loads.contains_key(&now.from)
            && !finds(matches.after.1, &self.after, (&now.from, &now.to))
    }

    /// Tells whether these runs found what `was` imports, and find it by `now`.
    fn keeps(&self, matches: &Matches<'_>, was: &Edge, now: &Edge) -> bool {
        self.before.loads.contains_key(&was.from)
            && self.after.loads.contains_key(&now.from)
            && finds(matches.before.1, &self.before, (&was.from, &was.to))
            && finds(matches.after.1, &self.after, (&now.from, &now.to))
    }
}

/// One file that is started.
struct Start<'a> {
    /// Where it is now.
    file: &'a RepoPath,
    group: Group<'a>,
    /// Where a command stands that starts it.
    command: Option<String>,
}

fn started_by(place: &str) -> String {
    format!("the run that `{place}` starts does not find it any more")
}

/// Tells whether a run goes from one file to the other.
fn finds(facts: &Facts, run: &Run, (from, to): (&RepoPath, &RepoPath)) -> bool {
    let mut edges = facts.edges_of(from).iter().enumerate();
    edges.any(|(index, it)| it.to == *to && run.finds(from, index))
}

/// Returns the imports that runs of a group found, with those that lead to the same place now and
/// that they do not find.
fn gone<'a>(matches: &Matches<'a>, group: &Group<'_>) -> Vec<(&'a Edge, &'a Edge)> {
    let (before, after) = (matches.before.1, matches.after.1);
    let mut found = Vec::new();
    let edges_of = |file: &RepoPath, found: &[usize]| {
        let edges = before.edges_of(file);
        found.iter().filter_map(|index| edges.get(*index)).collect::<Vec<_>>()
    };
    for was in group.before.loads.iter().flat_map(|(file, found)| edges_of(file, found)) {
        let (Some(from), Some(to)) = (matches.now(&was.from), matches.now(&was.to)) else {
            continue;
        };
        if !group.after.loads.contains_key(from) || finds(after, &group.after, (from, to)) {
            continue;
        }
        let now = after.edges_of(from).iter().find(|edge| edge.to == *to);
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
