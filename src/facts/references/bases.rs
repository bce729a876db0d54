//! Folders that a text names, and from which other names in it may count: a build context, a working
//! directory, an entry of a path.

use std::collections::BTreeSet;

use super::listing::Listing;
use crate::path::RepoPath;

/// Words behind which one part alone names a folder.
const BEFORE: [&str; 10] = [
    "-C",
    "app-dir",
    "cd",
    "chdir",
    "context",
    "cwd",
    "directory",
    "pushd",
    "working-directory",
    "working_dir",
];

/// Returns the folders that the words of `source` name, the root aside; a path that begins with a
/// slash is one of a container, and may go on with one of the repository.
pub(super) fn bases(file: &RepoPath, source: &str, listing: &Listing<'_>) -> Vec<RepoPath> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '+');
    let mut before = "";
    let mut found = BTreeSet::new();
    for word in source.split(|c| !is_word(c)).filter(|it| !it.is_empty()) {
        let names = word.contains('/') || BEFORE.contains(&before.trim_start_matches("--"));
        found.extend(names.then(|| folder(file, word, listing)).flatten());
        before = word;
    }
    found.into_iter().collect()
}

fn folder(file: &RepoPath, word: &str, listing: &Listing<'_>) -> Option<RepoPath> {
    let is_folder = |path: &RepoPath| !path.is_root() && listing.is_folder(path.as_bytes());
    if let Some(inside) = word.strip_prefix('/') {
        let tails = inside.match_indices('/').map(|(at, _)| &inside[at + 1..]);
        return tails.filter_map(|it| RepoPath::new(it).ok()).find(is_folder);
    }
    let here = file.parent().unwrap_or_else(RepoPath::root);
    let path = RepoPath::new(word).ok()?;
    [here.join(&path), path].into_iter().find(is_folder)
}
