//! What still means something that is removed: listed, never edited.

use std::collections::BTreeSet;

use super::mention;
use super::select::Unit;
use super::{Stage, StepError};
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
    let whole = units.iter().filter(|it| it.folder).map(|it| it.path.clone());
    let targets: Vec<RepoPath> = gone.iter().map(|it| (*it).clone()).chain(whole).collect();
    for mention in mention::mentions(stage, &targets)? {
        if !gone.contains(&mention.by) {
            let message = format!("names `{}`, which is removed", mention.target);
            let path = Some(mention.by);
            let finding = match mention.documentation {
                true => Finding::note(path, message),
                false => Finding::warning(path, message),
            };
            found.insert(finding.at_line(mention.line));
        }
    }
    stage.outcome.findings.extend(found);
    Ok(())
}
