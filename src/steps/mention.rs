//! Mentions of what a step takes, outside imports.

use super::select::Closed;
use super::{KINDS, Stage, StepError};
use crate::facts::references::{Form, Search, Subjects, is_changelog};
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
    /// It is named as a module, so as a package where it is the `__init__` of one.
    pub(super) dotted: bool,
}

/// A search for the lines that name something, in some files and then in others. What archives,
/// changelogs and playbooks name is gone, or is to go.
pub(super) struct Mentions<'a> {
    stage: &'a Stage<'a>,
    closed: Closed,
    search: Search<'a>,
}

impl<'a> Mentions<'a> {
    /// Prepares to look for `subjects`.
    pub(super) fn new(stage: &'a Stage<'_>, subjects: &'a Subjects) -> Self {
        let search = Search::new(&stage.tree, &stage.facts, subjects);
        Self { stage, closed: Closed::of(stage), search }
    }

    /// Finds the lines in some files, in order.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn of<'p>(
        &self,
        files: impl Iterator<Item = &'p RepoPath>,
    ) -> Result<Vec<Mention>, StepError> {
        let stage = self.stage;
        let speaks = |file: &&RepoPath| {
            self.closed.sees(file) && !stage.facts.is_archived(file) && !is_changelog(file)
        };
        let mut found = Vec::new();
        for one in self.search.mentions(files.filter(speaks))? {
            if !is_playbook(&stage.tree, &one.file)? {
                let is_use = one.place.is_use();
                let (by, line, target) = (one.file, one.line, one.subject);
                found.push(Mention { by, line, target, is_use, dotted: one.form == Form::Dotted });
            }
        }
        Ok(found)
    }
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
