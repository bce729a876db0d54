//! Symbolic links of the repository that lead to what moved, or that moved themselves.

use super::{BTreeSet, Mode, Relocation, RepoPath, Stage, StepError, Tree};
use crate::finding::{Finding, Safety};
use crate::steps::Note;

/// Re-points the links whose targets are elsewhere now.
pub(super) fn follow(
    stage: &mut Stage<'_>,
    before: &Tree,
    relocation: &Relocation,
) -> Result<(), StepError> {
    let links = stage.tree.entries().iter().filter(|(_, entry)| entry.mode == Mode::Link);
    let links: Vec<RepoPath> = links.map(|(path, _)| path.clone()).collect();
    let came_from = |path: &RepoPath| {
        let moved = relocation.files.iter().find(|(_, to)| *to == path);
        moved.map_or(path, |(from, _)| from).clone()
    };
    for link in links {
        let old_place = came_from(&link);
        let bytes = stage.tree.read(&link)?;
        let target = std::str::from_utf8(&bytes).ok();
        let Some(target) = target.filter(|it| !it.starts_with('/')) else { continue };
        let Some(meant) = resolve(&old_place, target) else { continue };
        if !before.exists(&meant) {
            continue;
        }
        let wanted = new_place(relocation, &stage.tree, &meant);
        if resolve(&link, target).as_ref() == Some(&wanted) {
            continue;
        }
        let text = relative(&link, &wanted);
        if stage.context.frozen.covers(&link) {
            let message = format!("this frozen link leads to `{meant}`, which is `{wanted}` now");
            stage.tell(Finding::warning(Some(link), message));
            continue;
        }
        stage.outcome.edits.push(Note {
            path: link.clone(),
            line: 1,
            before: target.to_owned(),
            after: text.clone(),
            safety: Safety::Safe,
            why: format!("`{meant}` is seen from here as `{text}`"),
            applied: true,
        });
        stage.tree.write(link, Mode::Link, text.into_bytes());
    }
    Ok(())
}

/// Returns where something of the old tree is now: a file that moved, or a folder of which
/// everything did.
fn new_place(relocation: &Relocation, after: &Tree, old: &RepoPath) -> RepoPath {
    let file = relocation.files.get(old).or_else(|| relocation.merged.get(old));
    if let Some(new) = file {
        return new.clone();
    }
    if after.exists(old) {
        return old.clone();
    }
    let moved = old.folders().find_map(|it| old.rebase(&it, relocation.folders.get(&it)?));
    let moved = relocation.folders.get(old).cloned().or(moved);
    moved.or_else(|| only_place_below(relocation, old)).unwrap_or_else(|| old.clone())
}

/// Returns the one folder to which all files of `old` went, each keeping its place below it.
fn only_place_below(relocation: &Relocation, old: &RepoPath) -> Option<RepoPath> {
    let tops = relocation.files.iter().filter_map(|(from, to)| {
        let below = from.relative_to(old)?;
        Some(to.folders().nth(below.depth().checked_sub(1)?))
    });
    let tops: BTreeSet<Option<RepoPath>> = tops.collect();
    match tops.first() {
        Some(only) if tops.len() == 1 => only.clone(),
        _ => None,
    }
}

/// Returns what a relative link target means; `None` where it leads outside.
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
fn relative(link: &RepoPath, to: &RepoPath) -> String {
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
