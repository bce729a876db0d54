//! Steps that undo each other: the plan changes nothing by them, and yet they are never done.

use std::collections::{BTreeMap, BTreeSet};

use super::PlannedStep;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::tree::Tree;

/// Returns a warning for each group of steps that change files which end as they began.
pub(super) fn warnings(steps: &[PlannedStep], before: &Tree, after: &Tree) -> Vec<Finding> {
    let mut by_path: BTreeMap<&RepoPath, BTreeSet<&str>> = BTreeMap::new();
    for step in steps {
        for change in &step.changes {
            for path in [Some(&change.path), change.from.as_ref()].into_iter().flatten() {
                by_path.entry(path).or_default().insert(&step.id);
            }
        }
    }
    let stays = |path: &RepoPath| {
        let same = |it: &Tree| it.entry(path).map(|it| (it.id, it.mode));
        before.entry(path).is_some() && same(before) == same(after)
    };
    let mut by_steps: BTreeMap<BTreeSet<&str>, Vec<&RepoPath>> = BTreeMap::new();
    for (path, steps) in by_path.into_iter().filter(|(path, _)| stays(path)) {
        by_steps.entry(steps).or_default().push(path);
    }
    by_steps.iter().filter_map(|(steps, paths)| warning(steps, paths)).collect()
}

fn warning(steps: &BTreeSet<&str>, paths: &[&RepoPath]) -> Option<Finding> {
    let (first, more) = paths.split_first()?;
    let steps: Vec<String> = steps.iter().map(|it| format!("`{it}`")).collect();
    let more = match more.len() {
        0 => String::new(),
        count => format!(", and so do {count} more"),
    };
    let said = format!(
        "steps undo each other ({}): the file ends as it began{more}, so they are never done",
        steps.join(", ")
    );
    Some(Finding::warning(Some((*first).clone()), said).with_hint("take one of them out"))
}
