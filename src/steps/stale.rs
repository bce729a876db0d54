//! What still means something that is removed: listed, never edited.

use std::collections::BTreeSet;

use super::select::Unit;
use super::{Stage, StepError, link, mention};
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
    let targets = gone.iter().copied().chain(whole);
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
