//! Where a step may go: what stands at a path, and what a playbook probably meant by a wrong one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Stage, StepError};
use crate::finding::{Finding, nearest};
use crate::path::RepoPath;
use crate::tree::{Mode, Tree};

/// Says what an entry is that is no plain file.
pub(super) fn noun(mode: Mode) -> &'static str {
    match mode {
        Mode::File | Mode::Executable => "a file",
        Mode::Link => "a symbolic link",
        Mode::Submodule => "a submodule",
    }
}

/// Refuses a path below something that is no folder: through a symbolic link it would leave the
/// repository, a submodule is another one.
///
/// # Errors
/// When a folder above `path` is a file, a link or a submodule.
pub(super) fn reachable(tree: &Tree, path: &RepoPath) -> Result<(), StepError> {
    for folder in path.folders() {
        let Some(entry) = tree.entry(&folder) else { continue };
        let how = match entry.mode {
            Mode::File | Mode::Executable => "below",
            Mode::Link => "through",
            Mode::Submodule => "inside",
        };
        let what = noun(entry.mode).split_once(' ').map_or("file", |(_, it)| it);
        return Err(StepError::new(format!("`{path}` leads {how} the {what} `{folder}`")));
    }
    Ok(())
}

/// Returns the path of the tree, file or folder, that `text` is probably a slip of the pen for.
pub(super) fn nearest_path(tree: &Tree, text: &str) -> Option<String> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for path in tree.entries().keys() {
        known.insert(path.to_string());
        let folders = path.folders().filter(|it| !it.is_root());
        known.extend(folders.map(|it| it.to_string()));
    }
    nearest(text, known.iter().map(String::as_str)).map(str::to_owned)
}

/// Says that nothing stands at `path`, and what is near.
pub(super) fn missing(tree: &Tree, path: &RepoPath) -> StepError {
    let error = StepError::new(format!("`{path}` does not exist"));
    match nearest_path(tree, &path.to_string()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error,
    }
}

impl Stage<'_> {
    /// Warns that what a playbook names leads to nothing, and names what is near. Of a pattern it is
    /// the folder before the first wildcard that may be misspelt.
    pub(super) fn warn_nothing(&mut self, text: &str, message: String) {
        let finding = Finding::warning(None, message);
        let plain = match text.find(['*', '?', '[', '{']) {
            Some(at) => text[..at].rsplit_once('/').map_or("", |(folder, _)| folder),
            None => text,
        };
        let exists = |text: &str| RepoPath::new(text).is_ok_and(|it| self.tree.exists(&it));
        let near = (!plain.is_empty() && !exists(plain)).then(|| nearest_path(&self.tree, plain));
        self.tell(match near.flatten() {
            Some(near) => finding.with_hint(format!("did you mean `{near}`?")),
            None => finding,
        });
    }

    /// Warns of a new path that some file systems take for another one.
    pub(super) fn warn_of_case<'a>(&mut self, new: impl Iterator<Item = &'a RepoPath>) {
        let lower = |path: &RepoPath| path.to_string().to_lowercase();
        let parts: Vec<RepoPath> = new.flat_map(parts_of).collect();
        let mut seen: BTreeMap<String, BTreeSet<RepoPath>> =
            parts.iter().map(|it| (lower(it), BTreeSet::new())).collect();
        // Of ASCII, what differs only by case is as long.
        let is_ascii = |it: &RepoPath| it.as_bytes().is_ascii();
        let lengths: BTreeSet<usize> = parts.iter().map(|it| it.as_bytes().len()).collect();
        let plain = parts.iter().all(is_ascii);
        let may_be =
            |it: &RepoPath| !plain || !is_ascii(it) || lengths.contains(&it.as_bytes().len());
        let mut last = &RepoPath::root();
        for path in self.tree.entries().keys() {
            // The folders that the path before stands in, too, have been looked at.
            for part in parts_of(path).take_while(|it| !last.is_under(it)) {
                let same = if may_be(&part) { seen.get_mut(&lower(&part)) } else { None };
                if let Some(same) = same {
                    same.insert(part);
                }
            }
            last = path;
        }
        for part in parts {
            let same = seen.remove(&lower(&part)).unwrap_or_default();
            if let Some(other) = same.iter().find(|it| **it != part) {
                let message = format!("differs from `{other}` only by upper and lower case");
                self.tell(Finding::warning(Some(part), message));
            }
        }
    }
}

/// Returns a path and the folders above it, without the root.
fn parts_of(path: &RepoPath) -> impl Iterator<Item = RepoPath> + '_ {
    std::iter::successors(Some(path.clone()), RepoPath::parent).filter(|it| !it.is_root())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    fn refused(path: &str) -> Option<String> {
        let files: [(&str, Mode, &[u8]); 3] = [
            ("link", Mode::Link, b"/etc"),
            ("file", Mode::File, b""),
            ("module", Mode::Submodule, b""),
        ];
        let tree = Tree::new(Memory::snapshot(files).unwrap());
        reachable(&tree, &RepoPath::new(path).unwrap()).err().map(|it| it.to_string())
    }

    #[test]
    fn nothing_goes_through_what_is_no_folder() {
        assert_eq!(
            refused("link/a/b").as_deref(),
            Some("`link/a/b` leads through the symbolic link `link`")
        );
        assert_eq!(refused("file/a").as_deref(), Some("`file/a` leads below the file `file`"));
        assert_eq!(
            refused("module/a").as_deref(),
            Some("`module/a` leads inside the submodule `module`")
        );
        assert_eq!(refused("link"), None);
        assert_eq!(refused("new/a"), None);
    }
}
