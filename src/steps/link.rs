//! Where a symbolic link leads, as text: nothing here follows one.

use crate::path::RepoPath;
use crate::steps::StepError;
use crate::tree::{Mode, Tree};

/// A symbolic link of the repository whose target is a relative path inside of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// The link.
    pub(super) path: RepoPath,
    /// What it holds.
    pub(super) target: String,
}

/// Returns the symbolic links of a tree, except those with absolute or undecodable targets.
///
/// # Errors
/// When a link cannot be read.
pub(super) fn links(tree: &Tree) -> Result<Vec<Link>, StepError> {
    let mut found = Vec::new();
    for (path, _) in tree.entries().iter().filter(|(_, entry)| entry.mode == Mode::Link) {
        let bytes = tree.read(path)?;
        if let Ok(target) = std::str::from_utf8(&bytes)
            && !target.starts_with('/')
        {
            found.push(Link { path: path.clone(), target: target.to_owned() });
        }
    }
    Ok(found)
}

impl Link {
    /// Returns what the link means when it stands at `place`; `None` where that is outside.
    pub(super) fn meant_from(&self, place: &RepoPath) -> Option<RepoPath> {
        resolve(place, &self.target)
    }
}

/// Returns what a relative target means.
fn resolve(link: &RepoPath, target: &str) -> Option<RepoPath> {
    let mut at = link.parent()?;
    for part in target.split('/') {
        at = match part {
            "" | "." => at,
            ".." => at.parent()?,
            name => at.child(name).ok()?,
        };
    }
    Some(at)
}

/// Writes the path `to` as seen from the folder of `link`.
pub(super) fn relative(link: &RepoPath, to: &RepoPath) -> String {
    let from: Vec<&[u8]> = link.parts().collect();
    let to: Vec<&[u8]> = to.parts().collect();
    let folders = from.len().saturating_sub(1);
    let common = from[..folders].iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folders - common);
    let down = to[common..].iter().map(|it| String::from_utf8_lossy(it).into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_target_is_written_as_seen_from_the_link() {
        for (link, to, text) in [
            ("a/b/l", "a/c", "../c"),
            ("l", "x/y", "x/y"),
            ("a/l", "a", "."),
            ("a/l", "b/c", "../b/c"),
        ] {
            assert_eq!(relative(&path(link), &path(to)), text);
            assert_eq!(resolve(&path(link), text), Some(path(to)));
        }
        assert_eq!(resolve(&path("l"), "../x"), None);
    }
}
