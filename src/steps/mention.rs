//! Mentions of what a step takes, outside imports.

use super::{KINDS, Stage, StepError};
use crate::facts::references::{self, Subjects, is_changelog};
use crate::path::RepoPath;
use crate::tree::Tree;

/// A line that names something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    /// The file that holds the line.
    pub(super) by: RepoPath,
    /// The line, from 1.
    pub(super) line: u32,
    /// What it names.
    pub(super) target: RepoPath,
    /// Whether something runs or reads what it names; documentation and comments do not.
    pub(super) is_use: bool,
}

/// Finds the lines that name one of `targets`. What archives, changelogs and playbooks name is gone,
/// or is to go.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn mentions<'a>(
    stage: &Stage<'_>,
    targets: impl IntoIterator<Item = &'a RepoPath>,
) -> Result<Vec<Mention>, StepError> {
    let closed = super::select::Closed::of(stage);
    let subjects = Subjects::new(&stage.facts, targets);
    let mut found = Vec::new();
    for one in references::mentions(&stage.tree, &stage.facts, &subjects)? {
        let file = &one.file;
        if closed.sees(file)
            && !stage.facts.is_archived(file)
            && !is_changelog(file)
            && !is_playbook(&stage.tree, file)?
        {
            let is_use = one.place.is_use();
            found.push(Mention { by: one.file, line: one.line, target: one.subject, is_use });
        }
    }
    Ok(found)
}

/// Tells whether a file is a playbook: TOML with steps of a known kind.
fn is_playbook(tree: &Tree, path: &RepoPath) -> Result<bool, StepError> {
    if path.extension() != "toml" {
        return Ok(false);
    }
    let bytes = tree.read(path)?;
    let table =
        std::str::from_utf8(&bytes).ok().and_then(|it| toml::from_str::<toml::Table>(it).ok());
    let steps = table.as_ref().and_then(|it| it.get("step")?.as_array());
    let kind = |step: &toml::Value| step.get("kind").and_then(|it| it.as_str().map(str::to_owned));
    Ok(steps.is_some_and(|it| {
        let mut kinds = it.iter().filter_map(kind);
        kinds.any(|kind| KINDS.iter().any(|it| it.name == kind))
    }))
}
