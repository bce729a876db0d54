//! Every file and folder of a tree, to be asked for by bytes.

use std::collections::HashSet;

use crate::path::RepoPath;
use crate::tree::Tree;

/// What exists in a tree.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    paths: HashSet<&'a [u8]>,
    folders: HashSet<&'a [u8]>,
}

impl<'a> Listing<'a> {
    /// Reads the listing of a tree.
    pub(super) fn new(tree: &'a Tree) -> Self {
        let (mut paths, mut folders) = (HashSet::new(), HashSet::new());
        for path in tree.entries().keys() {
            let mut rest = path.as_bytes();
            // What is known has its folders known.
            while paths.insert(rest) {
                match rest.iter().rposition(|byte| *byte == b'/') {
                    Some(slash) => {
                        rest = &rest[..slash];
                        folders.insert(rest);
                    }
                    None => break,
                }
            }
        }
        Self { paths, folders }
    }

    /// Tells whether a folder stands at `path`.
    pub(super) fn is_folder(&self, path: &[u8]) -> bool {
        self.folders.contains(path)
    }

    /// Tells whether a file or folder stands at `path`.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        self.paths.contains(path)
    }

    /// Tells whether something of the same name stands in another folder.
    pub(super) fn has_other(&self, path: &RepoPath) -> bool {
        let ends = |other: &&[u8]| {
            let above = other.strip_suffix(path.name());
            *other != path.as_bytes() && above.is_some_and(|it| it.is_empty() || it.ends_with(b"/"))
        };
        self.paths.iter().any(ends)
    }

    /// Tells whether something beside `path` has a name that begins with its name and goes on.
    pub(super) fn has_sibling_that_goes_on(&self, path: &RepoPath) -> bool {
        // Of a package its folder.
        let is_init = path.name_str().starts_with("__init__.");
        let path = path.parent().filter(|_| is_init).unwrap_or_else(|| path.clone());
        let stem = path.as_bytes().strip_suffix(b".py").unwrap_or(path.as_bytes());
        let goes_on = |other: &&[u8]| {
            let rest = other.strip_prefix(stem).unwrap_or_default();
            !rest.is_empty() && !rest.contains(&b'/') && !matches!(rest, b".py" | b".pyi")
        };
        self.paths.iter().any(goes_on)
    }
}
