//! `.git-blame-ignore-revs`: the commits that `git blame` is asked to look through. Only after they are
//! written is it known how they are named, so they are listed in a commit of their own.

use super::error::{HostError, Refusal};
use crate::path::RepoPath;
use crate::tree::{Id, Mode, Tree};

/// The file, where git and the forges expect it.
pub const IGNORED: &str = ".git-blame-ignore-revs";

/// Returns `tree` with commits, each with what it says, added to the list.
///
/// # Errors
/// When something else stands in its place, or it cannot be read.
pub(super) fn listing(tree: &Tree, commits: &[(Id, &str)]) -> Result<Tree, HostError> {
    let path = RepoPath::new(IGNORED).map_err(Refusal::from)?;
    let entry = tree.entry(&path);
    if tree.is_folder(&path) || entry.is_some_and(|it| !it.mode.is_file()) {
        return Err(Refusal::NoFile(path).into());
    }
    let mode = entry.map_or(Mode::File, |it| it.mode);
    let mut bytes = if entry.is_some() { tree.read(&path)?.to_vec() } else { Vec::new() };
    let end = if bytes.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    if !(bytes.is_empty() || bytes.ends_with(b"\n")) {
        bytes.extend(end.as_bytes());
    }
    for (id, message) in commits {
        let subject = message.lines().next().unwrap_or_default();
        bytes.extend(format!("# {subject}{end}{id}{end}").bytes());
    }
    let mut listing = tree.clone();
    listing.write(path, mode, bytes);
    Ok(listing)
}
