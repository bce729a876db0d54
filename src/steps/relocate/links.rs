//! Symbolic links of the repository that lead to what moved, or that moved themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::Relocation;
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::steps::{Note, Stage, StepError, link};
use crate::tree::{Mode, Tree};

/// Re-points the links whose targets are elsewhere now.
pub(super) fn follow(
    stage: &mut Stage<'_>,
    before: &Tree,
    relocation: &Relocation,
) -> Result<(), StepError> {
    let sources: BTreeMap<&RepoPath, &RepoPath> =
        relocation.files.iter().map(|(from, to)| (to, from)).collect();
    for one in link::links(&stage.tree)? {
        let link = one.path.clone();
        let Some(meant) = one.meant_from(sources.get(&link).unwrap_or(&&link)) else { continue };
        if !before.exists(&meant) {
            continue;
        }
        let wanted = new_place(relocation, &stage.tree, &meant);
        if one.meant_from(&link).as_ref() == Some(&wanted) {
            continue;
        }
        let text = link::relative(&link, &wanted);
        if stage.context.frozen.covers(&link) {
            let message = format!("this frozen link leads to `{meant}`, which is `{wanted}` now");
            stage.tell(Finding::warning(Some(link), message));
            continue;
        }
        stage.outcome.edits.push(Note {
            path: link.clone(),
            line: 1,
            before: one.target,
            after: text.clone(),
            safety: Safety::Safe,
            why: format!("`{meant}` is seen from here as `{text}`"),
            applied: true,
        });
        stage.tree.write(link, Mode::Link, text.into_bytes());
    }
    Ok(())
}

/// Returns where something of the old tree is now: a file that moved, or a folder of which
/// everything did.
fn new_place(relocation: &Relocation, after: &Tree, old: &RepoPath) -> RepoPath {
    let file = relocation.files.get(old).or_else(|| relocation.merged.get(old));
    if let Some(new) = file {
        return new.clone();
    }
    if after.exists(old) {
        return old.clone();
    }
    let moved = old.folders().find_map(|it| old.rebase(&it, relocation.folders.get(&it)?));
    let moved = relocation.folders.get(old).cloned().or(moved);
    moved.or_else(|| only_place_below(relocation, old)).unwrap_or_else(|| old.clone())
}

/// Returns the one folder to which all files of `old` went, each keeping its place below it.
fn only_place_below(relocation: &Relocation, old: &RepoPath) -> Option<RepoPath> {
    let tops = relocation.files.iter().filter_map(|(from, to)| {
        let below = from.relative_to(old)?;
        Some(to.folders().nth(below.depth().checked_sub(1)?))
    });
    let tops: BTreeSet<Option<RepoPath>> = tops.collect();
    match tops.first() {
        Some(only) if tops.len() == 1 => only.clone(),
        _ => None,
    }
}
