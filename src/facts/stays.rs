//! Trees that differ in nothing that facts stand on: an edit of a text, a unit file that leaves. Facts
//! of one are those of the other.
//!
//! Facts stand on Python files, on configuration, on which folders there are, on links, and on what
//! commands start. Whatever is not sure to be none of this counts as a difference.

use std::collections::BTreeSet;

use super::commands::Started;
use super::memo::Memo;
use super::{ARCHIVE, Index, Settings, config};
use crate::path::RepoPath;
use crate::tree::{Listed, Mode, ReadError, Tree};

/// What an index was made of.
#[derive(Debug)]
pub(super) struct Basis {
    pub(super) tree: Tree,
    pub(super) settings: Settings,
    /// The folders that are not looked into.
    pub(super) hidden: BTreeSet<RepoPath>,
    /// The files that configuration includes, be they there or not.
    pub(super) included: BTreeSet<RepoPath>,
}

impl Index {
    /// Tells whether all of this is true of `tree`, too.
    pub(super) fn stays(
        &self,
        tree: &Tree,
        settings: &Settings,
        memo: &Memo,
    ) -> Result<bool, ReadError> {
        let basis = &self.basis;
        let is_archive =
            |tree: &Tree| RepoPath::new(ARCHIVE).is_ok_and(|folder| tree.is_folder(&folder));
        let is_link = |tree: &Tree| tree.entries().values().any(|it| it.mode == Mode::Link);
        if basis.settings != *settings
            || is_archive(&basis.tree) != is_archive(tree)
            || is_link(&basis.tree)
        {
            return Ok(false);
        }
        let (new, gone) = basis.tree.differences(tree);
        let before = new.iter().filter_map(|it| basis.tree.entries().get_key_value(it.0));
        let old: Vec<Listed<'_>> = before.chain(gone).collect();
        let stands = old.iter().all(|it| basis.is_beside(*it, tree))
            && new.iter().all(|it| basis.is_beside(*it, &basis.tree));
        if !stands
            || self.has_python(&basis.tree, &old, memo)?
            || self.has_python(tree, &new, memo)?
        {
            return Ok(false);
        }
        let is_hidden = |path: &RepoPath| basis.is_hidden(path);
        Ok(Started::of(tree, memo, &self.files, &is_hidden)? == self.commands)
    }

    /// Tells whether the other one says the same, for as much as is said before imports are resolved.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let folders = |index: &Self| {
            let folders = index.table.folders();
            folders.map(|(_, it)| (it.path.clone(), it.holds_python)).collect::<Vec<_>>()
        };
        self.files == other.files
            && folders(self) == folders(other)
            && self.shown == other.shown
            && self.archives == other.archives
            && self.renamed == other.renamed
            && self.declared == other.declared
            && self.made == other.made
            && self.scripts == other.scripts
            && self.commands == other.commands
            && (self.target, self.oldest) == (other.target, other.oldest)
    }

    /// Tells whether some of these are Python files, by their first line.
    fn has_python(
        &self,
        tree: &Tree,
        listed: &[Listed<'_>],
        memo: &Memo,
    ) -> Result<bool, ReadError> {
        let listed = listed.iter().copied().filter(|it| !self.basis.is_hidden(it.0));
        Ok(!memo.files(tree, self.target, listed)?.is_empty())
    }
}

impl Basis {
    fn is_hidden(&self, path: &RepoPath) -> bool {
        self.hidden.iter().any(|folder| path.is_under(folder))
    }

    /// Tells whether something tells facts nothing by its name and by its place, as long as it is no
    /// Python file after all. In the other tree something else stands in its folder.
    fn is_beside(&self, (path, entry): Listed<'_>, other: &Tree) -> bool {
        let counts = matches!(path.extension(), "py" | "pyi" | "pyw" | "so" | "pyd" | "pyx");
        let tells = config::kind_of(path).is_some()
            || !config::made_of(path).is_empty()
            || self.included.contains(path)
            || path.name() == b"pyvenv.cfg";
        let has_company = |folder: RepoPath| {
            folder.is_root() || other.under(&folder).any(|(it, _)| !self.is_hidden(it))
        };
        entry.mode.is_file()
            && !counts
            && !tells
            && (self.is_hidden(path) || path.parent().is_some_and(has_company))
    }
}
