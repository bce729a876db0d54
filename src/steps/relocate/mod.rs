//! Carries files to new places, and everything that means them along: what `move` and `consolidate`
//! share.
//!
//! The new tree is built first and judged as a whole, so that files may swap places and a folder may
//! be lifted out of itself. Then links and imports follow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::archive::Archive;
use super::edits;
use super::packages::{self, Placed};
use super::shim::Shim;
use super::{Stage, StepError, place};
use crate::path::RepoPath;
use crate::rewrite::{self, Moves, Sides, Uses};
use crate::tree::Tree;

mod commands;
mod doubles;
mod emptied;
mod hazards;
mod links;
mod listed;

/// What goes where.
#[derive(Debug, Default)]
pub(super) struct Relocation {
    /// Files that change their place: old → new.
    pub(super) files: BTreeMap<RepoPath, RepoPath>,
    /// Files that go because another one stands for them: old → that one, where it stands afterwards.
    pub(super) merged: BTreeMap<RepoPath, RepoPath>,
    /// Of the merged ones, those that somebody may still want to read.
    pub(super) archived: BTreeSet<RepoPath>,
    /// The folder that receives them.
    pub(super) archive: Option<RepoPath>,
    /// Folders whose contents have a new place: old → new.
    pub(super) folders: BTreeMap<RepoPath, RepoPath>,
    /// Names that are found in another module afterwards.
    pub(super) names: BTreeMap<(String, String), (String, String)>,
    /// Names of modules that a merged file bound, and that what it yields to does not.
    pub(super) dropped: BTreeMap<RepoPath, BTreeSet<String>>,
    /// What the modules that move leave at their old places, if anything.
    pub(super) shim: Option<Shim>,
}

impl Relocation {
    /// Tells whether nothing is to be done.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.merged.is_empty()
    }

    /// Returns where a file is afterwards.
    pub(super) fn place_of<'a>(&'a self, file: &'a RepoPath) -> &'a RepoPath {
        self.files.get(file).or_else(|| self.merged.get(file)).unwrap_or(file)
    }

    /// Does it: files, packages, links, imports and mentions.
    ///
    /// # Errors
    /// When two files want one place, or Python could not import the result.
    pub(super) fn carry_out(self, stage: &mut Stage<'_>, uses: Uses) -> Result<(), StepError> {
        let before = stage.tree.clone();
        self.check_places(stage)?;
        self.archive(stage)?;
        place_files(&mut stage.tree, &self.files, &self.merged);
        self.check_clashes(&stage.tree)?;
        let placed = self.files.iter().map(|(from, to)| Placed { from: Some(from), to });
        packages::complete(&before, &mut stage.tree, placed, &self.folders);
        links::follow(stage, &before, &self)?;

        let context = stage.context;
        let moves = self.moves(&stage.tree);
        let (known, after) = (Arc::clone(&stage.facts), stage.tree.clone());
        let editable = |path: &RepoPath| edits::is_editable(context, path);
        let own = rewrite::own_places((&before, &known), &after, &moves, &editable)?;
        // What a file inserts into `sys.path` decides what it sees.
        let preview = edits::preview(&after, &own.files)?;
        let facts = known.index_again(&preview, &context.settings, &context.memo)?;
        hazards::look(stage, &self, &facts)?;
        stage.outcome.findings.extend(own.findings);
        let sides = Sides { before: (&before, &known), after: (&after, &facts) };
        edits::follow_with(stage, sides, &moves, uses, own.files)?;
        if !self.merged.is_empty() {
            doubles::leave_out(stage, &after)?;
        }
        commands::tell(stage, &self, &facts);
        if let Some(shim) = &self.shim {
            shim.leave(stage, &self.files)?;
        }
        emptied::drop_packages(stage, &self)?;
        listed::follow(stage, &self, (&before, &known), &facts)
    }

    /// Says what moved in the words of the rewriting engine.
    fn moves(&self, after: &Tree) -> Moves {
        let mut paths = self.merged.clone();
        paths.extend(self.files.clone());
        // A folder of which something stays behind has not moved.
        let whole = self.folders.iter().filter(|(from, to)| {
            after.under(from).all(|(path, _)| path.is_under(to) && !from.is_under(to))
        });
        let folders = whole.map(|(from, to)| (from.clone(), to.clone())).collect();
        let (names, dropped) = (self.names.clone(), self.dropped.clone());
        Moves { paths, folders, names, dropped, ..Moves::default() }
    }

    /// Refuses places that are taken, frozen or out of reach.
    fn check_places(&self, stage: &Stage<'_>) -> Result<(), StepError> {
        let leaves =
            |path: &RepoPath| self.files.contains_key(path) || self.merged.contains_key(path);
        let mut targets: BTreeMap<&RepoPath, &RepoPath> = BTreeMap::new();
        for (from, to) in &self.files {
            if let Some(package) = stage.facts.renamed(from).filter(|_| packages::is_python(from)) {
                let message =
                    format!("`{from}` is installed in `{package}`, which is not where it stands");
                let hint = "`package-dir` gives it that name; imports by it cannot be followed";
                return Err(StepError::new(message).with_hint(hint));
            }
            if let Some(other) = targets.insert(to, from) {
                let message = format!("`{other}` and `{from}` would both become `{to}`");
                return Err(StepError::new(message));
            }
            if stage.tree.entry(to).is_some() && !leaves(to) {
                return Err(StepError::new(format!("`{from}` cannot become `{to}`, which exists"))
                    .with_hint("`consolidate` folds what is there twice"));
            }
            if stage.context.frozen.covers(to) {
                return Err(StepError::new(format!(
                    "`{from}` cannot become `{to}`, which `[keep] frozen` covers"
                )));
            }
        }
        Ok(())
    }

    /// Refuses a file where a folder stands, and a path below what is no folder.
    fn check_clashes(&self, after: &Tree) -> Result<(), StepError> {
        for to in self.files.values() {
            place::reachable(after, to)?;
            if after.under(to).any(|(path, _)| path != to) {
                return Err(StepError::new(format!("`{to}` is a folder")).with_hint(
                    "`to` is the new path itself; name the file that is to stand there",
                ));
            }
        }
        Ok(())
    }

    fn archive(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let Some(folder) = self.archive.clone().filter(|_| !self.archived.is_empty()) else {
            return Ok(());
        };
        Archive { folder, flat: false }.receive(stage, &self.archived)
    }
}

/// Takes all files up before it puts any down, so that they may swap places.
fn place_files(
    tree: &mut Tree,
    files: &BTreeMap<RepoPath, RepoPath>,
    merged: &BTreeMap<RepoPath, RepoPath>,
) {
    let taken: Vec<_> =
        files.iter().filter_map(|(from, to)| Some((to, tree.remove(from)?))).collect();
    for path in merged.keys() {
        tree.remove(path);
    }
    for (to, entry) in taken {
        tree.put(to.clone(), entry);
    }
}
