//! What a moved file computes from its own place: rewritten to reach what it reached.
//!
//! A path leads to a place of the tree before. Where that is now is known of what is tracked, and of
//! what stands elsewhere than in the file's own folder; what else a file means by its own folder is
//! for a person to say.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edit, FileEdits, Followed, Moves};
use crate::facts::Facts;
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::python::{self, OwnBase, OwnPath, Status};
use crate::text::{Lines, Text, TextEdit, apply};
use crate::tree::{ReadError, Tree};

mod respell;
mod targets;
#[cfg(test)]
mod tests;

use respell::{parts_after, respell};
use targets::Targets;

/// The parts of a path from the root; the first ones are `..` where it leaves the repository.
type Parts = Vec<String>;

/// Returns the edits that let moved files find from their new places what they found. A path that
/// cannot be followed is a finding.
///
/// # Errors
/// When a file cannot be read.
pub fn own_places(
    before: (&Tree, &Facts),
    after: &Tree,
    moves: &Moves,
    editable: &dyn Fn(&RepoPath) -> bool,
) -> Result<Followed, ReadError> {
    let mut followed = Followed::default();
    for (from, to) in &moves.paths {
        let Some(facts) = before.1.files().get(from).filter(|_| from != to) else { continue };
        let id = |tree: &Tree, path: &RepoPath| tree.entry(path).map(|it| it.id);
        if id(before.0, from) != id(after, to) || !editable(to) {
            continue;
        }
        let Ok(text) = Text::decode_python(&after.read(to)?) else { continue };
        let source = text.source();
        if !source.contains("__file__") && !source.contains("currentframe") {
            continue;
        }
        let (Some(old), Some(new)) = (parts_of(from), parts_of(to)) else { continue };
        let paths = match facts.status {
            Status::Parsed => python::own_paths(source, before.1.target()),
            Status::Broken { .. } | Status::Undecodable(_) => continue,
        };
        let taken = before.1.users(from).filter_map(|edge| edge.name.clone()).collect();
        let targets = Targets { before, after, moves, from, to };
        let file = File { source, target: before.1.target(), targets, old, new, taken };
        let (edits, doubts) = file.follow(&paths);
        let lines = Lines::new(source);
        let doubts: BTreeSet<u32> = doubts.iter().map(|at| lines.line(*at)).collect();
        followed.findings.extend(doubts.into_iter().map(|line| {
            let message = "uses `__file__`, and stands elsewhere now";
            Finding::warning(Some(to.clone()), message).at_line(line)
        }));
        if !edits.is_empty() {
            followed.files.push(FileEdits { path: to.clone(), edits });
        }
    }
    followed.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(followed)
}

/// Returns what a file computes from its own place, with where the paths stand in it; what it puts on
/// the path of imports aside.
#[must_use]
pub fn reached_from(file: &RepoPath, source: &str, target: (u8, u8)) -> Vec<(usize, RepoPath)> {
    let Some(own) = parts_of(file) else { return Vec::new() };
    let paths = python::own_paths(source, target);
    let mut values: Vec<Parts> = Vec::new();
    for path in &paths {
        let base = base_of(&paths, path).and_then(|base| values.get(base));
        values.push(parts_after(base.unwrap_or(&own), &path.steps));
    }
    let known = paths.iter().zip(&values).filter(|(path, _)| !path.inserted);
    known
        .filter_map(|(path, value)| Some((path.span.start, RepoPath::new(&value.join("/")).ok()?)))
        .collect()
}

/// One moved file.
struct File<'a> {
    source: &'a str,
    target: (u8, u8),
    targets: Targets<'a>,
    /// Where it was and is.
    old: Parts,
    new: Parts,
    /// Names that other files take from it.
    taken: BTreeSet<String>,
}

/// One of its paths.
struct Way<'a> {
    path: &'a OwnPath,
    /// The path that its base stands for; nothing where that is the file.
    base: Option<usize>,
    /// Where it should lead now, where that is known.
    want: Option<Parts>,
    /// Where it led.
    was: Parts,
}

impl File<'_> {
    /// Returns the edits, and where paths stand that cannot be followed.
    fn follow(&self, paths: &[OwnPath]) -> (Vec<Edit>, Vec<usize>) {
        let ways = self.ways(paths);
        let (mut edits, mut doubts) = (Vec::new(), Vec::new());
        let mut values: Vec<Parts> = Vec::new();
        for (index, way) in ways.iter().enumerate() {
            let base = way.base.map_or(&self.new, |base| &values[base]);
            let now = parts_after(base, &way.path.steps);
            let is_before = |it: &&OwnPath| way.path.before.as_ref() == Some(&it.span);
            let first = paths.iter().zip(&values).find(|(it, _)| is_before(it));
            let (value, is_sure) = match (&way.path.name, first) {
                // What a name stands for is chosen where it is bound first.
                (_, Some((first, value))) => (value.clone(), !doubts.contains(&first.span.start)),
                (Some(name), None) => self.choose(&ways, index, name, &now),
                // What becomes of the file itself is not said here.
                (None, None) if way.path.steps.is_empty() && way.base.is_none() => {
                    (now.clone(), false)
                }
                (None, None) => (way.want.clone().unwrap_or(now.clone()), way.want.is_some()),
            };
            let start = way.path.span.start;
            if !is_sure {
                doubts.push(start);
            }
            let found = match value == now {
                true => Some(Vec::new()),
                false => respell(way.path, self.source, base, &value),
            };
            match found {
                Some(found) => {
                    let place = match way.was.is_empty() {
                        true => "the root".to_owned(),
                        false => format!("`{}`", way.was.join("/")),
                    };
                    let why = format!("this file moved, and still reaches {place}");
                    edits.extend(found.into_iter().map(|edit| (edit, why.clone())));
                    values.push(value);
                }
                None => {
                    doubts.push(start);
                    values.push(now);
                }
            }
        }
        let plain: Vec<TextEdit> = edits.iter().map(|(edit, _)| edit.clone()).collect();
        if !plain.is_empty() && self.values_of(&plain).as_ref() != Some(&values) {
            return (Vec::new(), paths.iter().map(|it| it.span.start).collect());
        }
        let mut edits: Vec<Edit> =
            edits.into_iter().map(|(edit, why)| Edit { edit, safety: Safety::Safe, why }).collect();
        edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
        (edits, doubts)
    }

    fn ways<'b>(&self, paths: &'b [OwnPath]) -> Vec<Way<'b>> {
        let mut ways: Vec<Way<'b>> = Vec::new();
        for path in paths {
            let base = base_of(paths, path).filter(|base| *base < ways.len());
            let was = parts_after(base.map_or(&self.old, |base| &ways[base].was), &path.steps);
            let want = self.targets.now(&was, path.inserted);
            ways.push(Way { path, base, want, was });
        }
        ways
    }

    /// Returns what a name should stand for: what serves most of its uses with the fewest edits; and
    /// whether that is sure.
    fn choose(&self, ways: &[Way<'_>], index: usize, name: &str, now: &Parts) -> (Parts, bool) {
        let way = &ways[index];
        let uses: Vec<&Way<'_>> = ways.iter().filter(|it| it.base == Some(index)).collect();
        if uses.is_empty() || way.path.loose || self.taken.contains(name) {
            return (way.want.clone().unwrap_or(now.clone()), way.want.is_some());
        }
        let edits = |value: &Parts| {
            let wrong = |it: &&&Way<'_>| {
                it.want.as_ref().is_some_and(|want| parts_after(value, &it.path.steps) != *want)
            };
            let wrong = uses.iter().filter(wrong).count();
            // Where it is known what the name means, that is kept, unless every use is served as it is.
            let means_other = way.want.is_some() && wrong > 0;
            usize::from(value != now || means_other) + wrong
        };
        let old = self.targets.is_folder(&way.was).then(|| way.was.clone());
        let choices = [way.want.clone(), Some(now.clone()), old];
        let best = choices.into_iter().flatten().min_by_key(edits);
        (best.unwrap_or(now.clone()), true)
    }

    /// Returns what the paths of the edited file lead to.
    fn values_of(&self, edits: &[TextEdit]) -> Option<Vec<Parts>> {
        let edited = apply(self.source, edits).ok()?;
        let paths = python::own_paths(&edited, self.target);
        let mut values: Vec<Parts> = Vec::new();
        for path in &paths {
            let base = base_of(&paths, path).and_then(|base| values.get(base));
            values.push(parts_after(base.unwrap_or(&self.new), &path.steps));
        }
        Some(values)
    }
}

/// Returns the path that the base of another one stands for.
fn base_of(paths: &[OwnPath], path: &OwnPath) -> Option<usize> {
    match &path.base {
        OwnBase::File => None,
        OwnBase::Name { bound, .. } => paths.iter().position(|it| it.span == *bound),
    }
}

fn parts_of(path: &RepoPath) -> Option<Parts> {
    if path.is_root() {
        return Some(Vec::new());
    }
    Some(path.as_str()?.split('/').map(str::to_owned).collect())
}

/// Unites edits of the same files; of two that touch, the first one stays.
#[must_use]
pub fn united(first: Vec<FileEdits>, second: Vec<FileEdits>) -> Vec<FileEdits> {
    let mut files: BTreeMap<RepoPath, Vec<Edit>> = BTreeMap::new();
    for FileEdits { path, edits } in first.into_iter().chain(second) {
        let known = files.entry(path).or_default();
        let touches = |one: &Edit, other: &Edit| {
            let (one, other) = (&one.edit.span, &other.edit.span);
            one.start < other.end && other.start < one.end
        };
        let fresh: Vec<Edit> =
            edits.into_iter().filter(|it| !known.iter().any(|other| touches(it, other))).collect();
        known.extend(fresh);
        known.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
    }
    files.into_iter().map(|(path, edits)| FileEdits { path, edits }).collect()
}
