//! What still means something that is removed: listed, never edited.

use std::collections::BTreeSet;

use super::select::Unit;
use super::{Stage, StepError, link, mention};
use crate::facts::{How, Lookup};
use crate::finding::Finding;
use crate::path::RepoPath;

/// Lists the imports and mentions of `units` in what stays.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn list(stage: &mut Stage<'_>, units: &[Unit]) -> Result<(), StepError> {
    let gone: BTreeSet<&RepoPath> = units.iter().flat_map(|it| &it.files).collect();
    let mut found = BTreeSet::new();
    for edge in stage.facts.edges() {
        if gone.contains(&edge.to) && !gone.contains(&edge.from) {
            let file = stage.facts.files().get(&edge.from);
            let line = file.and_then(|it| it.imports.get(edge.import)).map_or(0, |it| it.line);
            let message = format!("imports `{}`, which is removed", edge.to);
            found.insert(Finding::warning(Some(edge.from.clone()), message).at_line(line));
        }
    }
    let whole = units.iter().filter(|it| it.folder).map(|it| &it.path);
    let targets: BTreeSet<&RepoPath> = gone.iter().copied().chain(whole).collect();
    for lookup in stage.facts.lookups(&stage.tree, &targets)? {
        if !gone.contains(&lookup.by) {
            found.extend(looked_for(stage, &gone, &lookup));
        }
    }
    for mention in mention::mentions(stage, targets)? {
        if !gone.contains(&mention.by) {
            let message = format!("names `{}`, which is removed", mention.target);
            let path = Some(mention.by);
            let finding = match mention.is_use {
                true => Finding::warning(path, message),
                false => Finding::note(path, message),
            };
            found.insert(finding.at_line(mention.line));
        }
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
    let is_module = |it: &&&RepoPath| stage.facts.files().contains_key(**it);
    let mut modules = gone.iter().filter(is_module).filter(|it| lookup.reaches(it));
    let first = modules.next()?;
    let message = match (lookup.how, modules.count()) {
        (How::Attribute, _) => format!("uses `{first}`, which is removed"),
        (How::Quoted, _) => format!("imports, in a string, `{first}`, which is removed"),
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
