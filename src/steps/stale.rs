//! What still means something that is removed: listed, never edited.

use std::collections::BTreeSet;

use super::mention::Mentions;
use super::select::Unit;
use super::{Stage, StepError, link};
use crate::facts::references::Subjects;
use crate::facts::{How, Lookup, Lookups};
use crate::finding::Finding;
use crate::path::RepoPath;

/// Lists the imports and mentions of `units` in what stays.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn list(stage: &mut Stage<'_>, units: &[Unit]) -> Result<(), StepError> {
    let gone: BTreeSet<&RepoPath> = units.iter().flat_map(|it| &it.files).collect();
    let stays = || stage.tree.entries().keys().filter(|it| !gone.contains(it));
    let mut found = BTreeSet::new();
    for edge in stays().flat_map(|it| stage.facts.edges_of(it)).filter(|it| gone.contains(&it.to)) {
        let file = stage.facts.files().get(&edge.from);
        let line = file.and_then(|it| it.imports.get(edge.import)).map_or(0, |it| it.line);
        let message = format!("imports `{}`, which is removed", edge.to);
        found.insert(Finding::warning(Some(edge.from.clone()), message).at_line(line));
    }
    let whole = units.iter().filter(|it| it.folder).map(|it| &it.path);
    let targets: BTreeSet<&RepoPath> = gone.iter().copied().chain(whole).collect();
    for lookup in Lookups::new(&stage.facts, &stage.tree, &targets).by(stays())? {
        found.extend(looked_for(stage, &gone, &lookup));
    }
    let subjects = Subjects::new(&stage.facts, targets);
    for mention in Mentions::new(stage, &subjects).of(stays())? {
        let message = format!("names `{}`, which is removed", mention.target);
        let path = Some(mention.by);
        let finding = match mention.is_use {
            true => Finding::warning(path, message),
            false => Finding::note(path, message),
        };
        found.insert(finding.at_line(mention.line));
    }
    for link in link::links(&stage.tree)? {
        let meant = link.meant_from(&link.path);
        let hit = meant.filter(|it| gone.contains(it) || units.iter().any(|unit| unit.path == *it));
        if let Some(path) = hit.filter(|_| !gone.contains(&link.path)) {
            let message = format!("leads to `{path}`, which is removed");
            found.insert(Finding::warning(Some(link.path), message));
        }
    }
    stage.outcome.findings.extend(found);
    Ok(())
}

/// Says which removed modules some code reaches without an import of theirs.
fn looked_for(stage: &Stage<'_>, gone: &BTreeSet<&RepoPath>, lookup: &Lookup) -> Option<Finding> {
    let of = &lookup.of;
    let below = || gone.range::<RepoPath, _>(of..).copied().filter(|it| lookup.reaches(it));
    let below = matches!(lookup.how, How::Listed { .. }).then(below).into_iter().flatten();
    let reached = gone.get(of).copied().into_iter().chain(below.filter(|it| *it != of));
    let mut modules = reached.filter(|it| stage.facts.files().contains_key(*it));
    let first = modules.next()?;
    let message = match (lookup.how, modules.count()) {
        (How::Attribute, _) => format!("uses `{first}`, which is removed"),
        (How::Quoted, _) => format!("imports, in a string, `{first}`, which is removed"),
        (How::Loaded, _) => format!("has a framework load `{first}`, which is removed"),
        (How::Listed { .. }, 0) => {
            format!("looks for modules in `{}`, where `{first}` is removed", lookup.of)
        }
        (How::Listed { .. }, more) => format!(
            "looks for modules in `{}`, where `{first}` and {more} more are removed",
            lookup.of
        ),
    };
    Some(Finding::warning(Some(lookup.by.clone()), message).at_line(lookup.line))
}
