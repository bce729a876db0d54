//! The archive: where removed files go, out of the way of imports and of test collection.

use std::collections::BTreeSet;

use super::{Stage, StepError, packages, place};
use crate::facts::{ARCHIVE, NO_TESTS};
use crate::finding::Finding;
use crate::path::{PathError, RepoPath};
use crate::tree::{Entry, Mode, Tree};

/// A folder that receives what is removed.
pub(super) struct Archive {
    /// The folder.
    pub(super) folder: RepoPath,
    /// Files go side by side, without the folders that they stood in.
    pub(super) flat: bool,
}

impl Archive {
    /// Returns the folder that is used where a playbook names none.
    pub(super) fn default_folder() -> RepoPath {
        RepoPath::root().child(ARCHIVE).unwrap_or_else(|_| RepoPath::root())
    }

    /// Moves files into the archive, each with the bytes and under the path of the base commit. What
    /// the plan itself made is nobody's loss.
    ///
    /// # Errors
    /// When the archive is no place for files.
    pub(super) fn receive(
        &self,
        stage: &mut Stage<'_>,
        gone: &BTreeSet<RepoPath>,
    ) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.folder)?;
        if let Some(entry) = stage.tree.entry(&self.folder) {
            let what = place::noun(entry.mode);
            return Err(StepError::new(format!("the archive `{}` is {what}", self.folder)));
        }
        if let Some(package) =
            self.folder.folders().find(|it| packages::is_package(&stage.tree, it))
        {
            let message =
                format!("the archive `{}` is inside the package `{package}`", self.folder);
            let hint = "an archive outside of all packages cannot be imported";
            stage.tell(Finding::warning(Some(self.folder.clone()), message).with_hint(hint));
        }
        let mut marked = false;
        for path in gone {
            let Some((original, entry)) = original(stage, path) else {
                stage.tree.remove(path);
                continue;
            };
            stage.tree.remove(path);
            marked |= is_collected(&original) || self.needs_mark(&original);
            let place = self.place(stage, &original, &entry)?;
            stage.tree.put(place, entry);
        }
        if marked {
            self.mark(&mut stage.tree)?;
        }
        Ok(())
    }

    /// Returns the first free place for a file; one that holds the same file is as good.
    fn place(
        &self,
        stage: &Stage<'_>,
        original: &RepoPath,
        entry: &Entry,
    ) -> Result<RepoPath, PathError> {
        let below = if self.flat { name_of(original) } else { original.clone() };
        let first = self.folder.join(&below);
        // In the archive itself, the one would make it a package, the other is the mark.
        let reserved = [self.folder.child("__init__.py")?, self.folder.child("conftest.py")?];
        let free = |place: &RepoPath| {
            let same = |it: &Entry| it.id == entry.id && it.mode == entry.mode;
            let was_there = stage.base.entry(place).is_some_and(same);
            let tree = &stage.tree;
            !reserved.contains(place)
                && !tree.is_folder(place)
                && (tree.entry(place).is_none() || was_there)
        };
        let mut number = 1;
        let mut place = first.clone();
        while !free(&place) {
            number += 1;
            place = numbered(&first, number)?;
        }
        Ok(place)
    }

    /// Tells whether Python code in here would be checked, were the folder not known for an archive:
    /// only the usual one is, by its name.
    fn needs_mark(&self, original: &RepoPath) -> bool {
        let is_usual = self.folder.parts().next() == Some(ARCHIVE.as_bytes());
        packages::is_python(original) && !is_usual
    }

    /// Tells pytest to collect nothing here, and everybody that this is an archive.
    fn mark(&self, tree: &mut Tree) -> Result<(), PathError> {
        let path = self.folder.child("conftest.py")?;
        if tree.entry(&path).is_none() {
            tree.write(path, Mode::File, NO_TESTS.as_bytes());
        }
        Ok(())
    }
}

/// Returns path and entry that a file had in the base commit.
fn original(stage: &Stage<'_>, path: &RepoPath) -> Option<(RepoPath, Entry)> {
    let origin = stage.tree.entry(path)?.origin.clone()?;
    let entry = stage.base.entry(&origin)?.clone();
    Some((origin, entry))
}

fn name_of(path: &RepoPath) -> RepoPath {
    path.parent().and_then(|it| path.relative_to(&it)).unwrap_or_else(|| path.clone())
}

/// Returns `a/b.2.py` for `a/b.py`.
fn numbered(path: &RepoPath, number: usize) -> Result<RepoPath, PathError> {
    let bytes = path.as_bytes();
    let name = bytes.len() - path.name().len();
    let dot = bytes[name..].iter().rposition(|it| *it == b'.').filter(|it| *it > 0);
    let cut = dot.map_or(bytes.len(), |it| name + it);
    let middle = format!(".{number}");
    RepoPath::from_bytes(&[&bytes[..cut], middle.as_bytes(), &bytes[cut..]].concat())
}

/// Tells whether pytest would load a file of this name by itself.
fn is_collected(path: &RepoPath) -> bool {
    path.name() == b"conftest.py" || packages::is_test(path)
}
