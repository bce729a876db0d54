//! What speaks for taking two files for one: how alike they are, and which names only one of them has.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Consolidate;
use super::alike::{Said, nearest};
use crate::facts::{Member, Module};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{All, Binding, DefinitionKind};
use crate::steps::packages::is_init;
use crate::steps::relocate::Relocation;
use crate::steps::used_names::{UsedNames, used_names};
use crate::steps::{Stage, StepError};

/// So many names, or places, are listed.
const LISTED: usize = 6;

/// Returns the public names that `left` defines and `right` does not have.
pub(super) fn only_in(
    stage: &Stage<'_>,
    left: &RepoPath,
    right: &RepoPath,
    leaving: &dyn Fn(&RepoPath) -> bool,
) -> BTreeSet<String> {
    let Some(facts) = stage.facts.files().get(left) else { return BTreeSet::new() };
    let names = &facts.names;
    let defines = |it: &Binding| match it {
        Binding::Definition { kind, .. } => *kind != DefinitionKind::Annotation,
        Binding::Import { .. } => false,
    };
    let is_public = |name: &str| match &names.all {
        All::Names(listed) => listed.iter().any(|(it, _)| it == name),
        All::Absent | All::Dynamic(_) => !name.starts_with('_'),
    };
    let own = names.bound.iter().filter(|(name, bound)| {
        is_public(name) && bound.iter().any(defines) && !offers(stage, right, name, leaving)
    });
    own.map(|(name, _)| name.to_owned()).collect()
}

/// Tells whether a module has a name, other than from a file that leaves.
fn offers(
    stage: &Stage<'_>,
    module: &RepoPath,
    name: &str,
    leaving: &dyn Fn(&RepoPath) -> bool,
) -> bool {
    match stage.facts.member(&Module::File(module.clone()), name) {
        Member::Missing => false,
        Member::Definition { file, .. } => !leaving(&file),
        Member::Module(_) | Member::External | Member::Assumed => true,
    }
}

/// Says how alike two files are, and which names only one of them has.
pub(super) fn compared(
    stage: &Stage<'_>,
    (left, right): (&RepoPath, &RepoPath),
    percent: Option<usize>,
) -> String {
    let mut parts: Vec<String> = percent.map(|it| format!("{it} % alike")).into_iter().collect();
    for (one, other) in [(left, right), (right, left)] {
        let names = only_in(stage, one, other, &|_| false);
        if !names.is_empty() {
            parts.push(format!("only `{one}` has {}", listed(names.iter())));
        }
    }
    parts.join(", ")
}

/// Names modules that move, and that are much like one of the folder that receives them, the most alike
/// first.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn proposals(
    step: &Consolidate,
    stage: &Stage<'_>,
    relocation: &Relocation,
) -> Result<Vec<Finding>, StepError> {
    let is_module = |path: &RepoPath| path.extension() == "py" && !is_init(path);
    let moving =
        |path: &RepoPath| path.is_under(&step.from) || relocation.merged.contains_key(path);
    let chosen = |path: &RepoPath| {
        let below = path.relative_to(&step.from);
        below.is_some_and(|it| step.rename.contains_key(&it))
    };
    let lefts = relocation.files.keys().filter(|it| is_module(it) && !chosen(it));
    let lefts: Vec<&RepoPath> = lefts.collect();
    if lefts.is_empty() {
        return Ok(Vec::new());
    }
    let known = stage.facts.files().keys().filter(|it| it.is_under(&step.into) && is_module(it));
    let rights: Vec<&RepoPath> =
        known.filter(|it| !moving(it) && !stage.facts.is_archived(it)).collect();
    let said = |paths: &[&RepoPath]| -> Result<Vec<Said>, StepError> {
        paths.par_iter().map(|it| Said::read(stage, it)).collect()
    };
    let near = nearest(&said(&lefts)?, &said(&rights)?);
    let near = lefts.iter().zip(near).filter_map(|(left, near)| near.map(|it| (*left, it)));
    let mut near: Vec<_> = near.map(|(left, (at, percent))| (percent, left, rights[at])).collect();
    near.sort_by_key(|(percent, left, _)| (std::cmp::Reverse(*percent), *left));
    let tell = |(percent, left, right): (usize, &RepoPath, &RepoPath)| {
        let row = row(step, left, right)?;
        let compared = compared(stage, (left, right), Some(percent));
        let message = format!("`{right}` may be the same: {compared}");
        Some(Finding::note(Some(left.clone()), message).with_hint(row))
    };
    Ok(near.into_iter().filter_map(tell).collect())
}

/// Returns what to write for `right` to stand for `left`: a line of the step, or of its `same`.
pub(super) fn row(step: &Consolidate, left: &RepoPath, right: &RepoPath) -> Option<String> {
    let (left, right) = (left.relative_to(&step.from)?, right.relative_to(&step.into)?);
    let quoted = |path: &RepoPath| path.as_str().map(|it| toml::Value::from(it).to_string());
    let (left, right) = (quoted(&left)?, quoted(&right)?);
    Some(match step.same.is_empty() {
        true => format!("to let it stand for both: `same.{left} = {right}`"),
        false => format!("to let it stand for both, in `same`: `{left} = {right}`"),
    })
}

/// Refuses to drop a name that somebody uses. `stands_for` tells which file is to offer the names of
/// which dropped one.
///
/// # Errors
/// When a used name would be dropped, or a file cannot be read.
pub(super) fn keep_names(
    stage: &mut Stage<'_>,
    stands_for: &BTreeMap<RepoPath, RepoPath>,
    relocation: &Relocation,
) -> Result<(), StepError> {
    let leaving = |path: &RepoPath| stands_for.contains_key(path);
    let (mut messages, mut hints) = (Vec::new(), Vec::new());
    for (dropped, right) in
        stands_for.iter().filter(|(it, _)| stage.facts.files().contains_key(*it))
    {
        let mut lost = used_names(stage, dropped, &leaving)?;
        let old = Module::File(dropped.clone());
        lost.retain(|name, _| {
            !offers(stage, right, name, &leaving)
                && stage.facts.member(&old, name) != Member::Missing
        });
        if !lost.is_empty() {
            messages.push(format!(
                "`{right}` does not itself define {}, which others take from `{dropped}`",
                listed(lost.keys())
            ));
            hints.extend(users(&lost));
            hints.push(format!("define {} in `{right}`, or keep both files", one_or_all(&lost)));
        }
    }
    if !messages.is_empty() {
        return Err(StepError::new(messages.join("; ")).with_hint(hints.join("; ")));
    }
    for (dropped, right) in stands_for {
        let lost = only_in(stage, dropped, right, &leaving);
        let without = match lost.is_empty() {
            true => String::new(),
            false => format!(", without {}, which nobody uses", listed(lost.iter())),
        };
        let message = match relocation.place_of(right) {
            place if place == dropped => format!("replaced by `{right}`{without}"),
            place => format!("`{place}` stands for it now{without}"),
        };
        stage.tell(Finding::note(Some(dropped.clone()), message));
    }
    Ok(())
}

/// Says who uses each of some names.
fn users(lost: &UsedNames) -> Vec<String> {
    let places = lost.iter().map(|(name, places)| {
        let s = if places.len() == 1 { "s" } else { "" };
        let places: Vec<String> = places.iter().map(|(by, line)| format!("{by}:{line}")).collect();
        format!("{} use{s} `{name}`", listed(places.iter()))
    });
    places.collect()
}

fn one_or_all(names: &UsedNames) -> &'static str {
    if names.len() == 1 { "it" } else { "them" }
}

/// Lists words in backticks, the first of many.
fn listed<'a>(words: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = words.len().saturating_sub(LISTED);
    let shown = words.take(LISTED).map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
