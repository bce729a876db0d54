//! `into` and `rest`: which row takes what.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::{Pattern, RepoPath};
use crate::steps::packages::stub_of;
use crate::steps::relocate::Relocation;
use crate::steps::select::{Closed, Spare, Unit};
use crate::steps::shim::{self, Shim};
use crate::steps::{Stage, StepError, guard, place, select};
use crate::tree::Tree;

type Rows = BTreeMap<RepoPath, Vec<Pattern>>;

/// What the rows take.
#[derive(Default)]
struct Taken<'a> {
    /// Unit → the folder that it goes to.
    targets: BTreeMap<RepoPath, RepoPath>,
    /// File → the row that took it, for the message about two rows.
    owners: BTreeMap<RepoPath, (&'a RepoPath, &'a Pattern)>,
}

/// Plans what the rows ask for.
pub(super) fn relocation(
    stage: &mut Stage<'_>,
    into: &Rows,
    rest: &Rows,
    shim: Option<Shim>,
) -> Result<Relocation, StepError> {
    for folder in into.keys().chain(rest.keys()) {
        place::reachable(&stage.tree, folder)?;
    }
    let closed = Closed::of(stage);
    let tree = stage.tree.clone();
    let mut taken = Taken::default();
    let all: Vec<&RepoPath> = into.keys().chain(rest.keys()).collect();
    for (folder, pattern) in rows(into) {
        let found = matches(&tree, &closed, pattern, &all)?;
        nothing_matched(stage, folder, pattern, found.is_empty());
        for path in found {
            taken.claim(&tree, path, folder, pattern)?;
        }
    }
    let by_into: BTreeSet<RepoPath> = taken.owners.keys().cloned().collect();
    for (folder, pattern) in rows(rest) {
        let found = matches(&tree, &closed, pattern, &all)?;
        nothing_matched(stage, folder, pattern, found.is_empty());
        let is_placed = |path: &RepoPath| all.iter().any(|it| stands_in(path, it));
        let is_left = |path: &RepoPath| !tree.under(path).any(|(it, _)| by_into.contains(it));
        for path in found.into_iter().filter(|it| !is_placed(it) && is_left(it)) {
            taken.claim(&tree, path, folder, pattern)?;
        }
    }
    taken.targets.retain(|path, folder| path.parent().as_ref() != Some(folder));
    settles(&taken.targets, into)?;
    taken.add_stubs(&tree);
    let mut units = select::units(stage, &closed, &taken.targets.keys().cloned().collect());
    let place = |unit: &Unit| Some(taken.targets.get(&unit.path)?.join(&name_of(&unit.path)));
    if shim.is_some() {
        shim::drop_from(stage, &mut units, place);
    }
    let units = guard::hold(stage, units)?;
    let placed = units.iter().filter_map(|unit| Some((unit, place(unit)?)));
    Ok(super::relocation(placed, shim))
}

/// Returns what the rows move, and where to. Where from is known of paths, not of wildcards.
pub(super) fn ways(tables: [&Rows; 2]) -> Vec<(RepoPath, RepoPath)> {
    let literal = tables.into_iter().flat_map(rows).filter_map(|(folder, pattern)| {
        let from = pattern.literal()?;
        Some((from.clone(), folder.join(&name_of(from))))
    });
    literal.collect()
}

fn rows(rows: &Rows) -> impl Iterator<Item = (&RepoPath, &Pattern)> {
    rows.iter().flat_map(|(folder, patterns)| patterns.iter().map(move |it| (folder, it)))
}

/// Returns what a pattern of a row matches. A wildcard does not mean the folders that rows fill.
fn matches(
    tree: &Tree,
    closed: &Closed,
    pattern: &Pattern,
    targets: &[&RepoPath],
) -> Result<Vec<RepoPath>, StepError> {
    let mut found = select::matches(tree, closed, pattern, Spare::FolderFiles)?;
    let filled = |path: &RepoPath| targets.iter().find(|it| it.is_under(path)).copied();
    if let (Some(path), Some(target)) = (pattern.literal(), pattern.literal().and_then(filled)) {
        return Err(super::into_itself(path, target));
    }
    found.retain(|it| filled(it).is_none());
    Ok(found)
}

/// Warns of a pattern that matches nothing, unless what it would match is in its place.
fn nothing_matched(stage: &mut Stage<'_>, folder: &RepoPath, pattern: &Pattern, nothing: bool) {
    let text = pattern.as_text();
    let last = text.rsplit('/').next().and_then(|it| Pattern::new(it).ok());
    let arrived = || {
        let below = stage.tree.under(folder).filter_map(|(path, _)| {
            let below = path.relative_to(folder)?;
            below.folders().filter(|it| !it.is_root()).last().or(Some(below))
        });
        below.into_iter().any(|it| last.as_ref().is_some_and(|last| last.matches(&it)))
    };
    if nothing && !arrived() {
        stage.warn_nothing(text, format!("`{text}` matches nothing"));
    }
}

/// Tells whether `path` stands in a folder that a row fills.
fn stands_in(path: &RepoPath, folder: &RepoPath) -> bool {
    if folder.is_root() { path.depth() == 1 } else { path.is_under(folder) }
}

impl<'a> Taken<'a> {
    /// Gives what stands at `path` to a row.
    fn claim(
        &mut self,
        tree: &Tree,
        path: RepoPath,
        folder: &'a RepoPath,
        pattern: &'a Pattern,
    ) -> Result<(), StepError> {
        for (file, _) in tree.under(&path) {
            let owner = self.owners.insert(file.clone(), (folder, pattern));
            if let Some((other, first)) = owner.filter(|(other, _)| *other != folder) {
                return Err(StepError::new(format!(
                    "two rows match `{file}`: `{}` of `{other}` and `{}` of `{folder}`",
                    first.as_text(),
                    pattern.as_text()
                )));
            }
        }
        self.targets.insert(path, folder.clone());
        Ok(())
    }

    /// Sends the stubs that no row took where their modules go.
    fn add_stubs(&mut self, tree: &Tree) {
        let stubs = self.targets.iter().filter(|(path, _)| tree.entry(path).is_some());
        let stubs: Vec<_> = stubs
            .filter_map(|(path, folder)| Some((stub_of(path)?, folder.clone())))
            .filter(|(stub, _)| tree.entry(stub).is_some() && !self.owners.contains_key(stub))
            .collect();
        self.targets.extend(stubs);
    }
}

/// Refuses rows that would move on, the next time, what they have just moved.
fn settles(targets: &BTreeMap<RepoPath, RepoPath>, into: &Rows) -> Result<(), StepError> {
    for (path, folder) in targets {
        let place = folder.join(&name_of(path));
        let again = rows(into).find(|(other, pattern)| *other != folder && pattern.covers(&place));
        if let Some((other, pattern)) = again {
            return Err(StepError::new(format!(
                "`{path}` would become `{place}`, and `{}` of `{other}` would move it on",
                pattern.as_text()
            )));
        }
    }
    Ok(())
}

/// Returns the last part of a path as a path of its own.
fn name_of(path: &RepoPath) -> RepoPath {
    path.parent().and_then(|it| path.relative_to(&it)).unwrap_or_else(|| path.clone())
}
