//! Moves, folded: a folder that moved whole is one row, and so are the files of one kind that left
//! a folder together.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;
use crate::tree::Tree;

/// How many files of one kind make a row of their own.
const TOGETHER: usize = 3;

/// Returns a row `old → new` for each move, or for many; `before` is the tree that they start from.
pub(super) fn fold(moves: &BTreeMap<&RepoPath, &RepoPath>, before: &Tree) -> Vec<String> {
    let mut rows = Vec::new();
    let mut shown: BTreeSet<&RepoPath> = BTreeSet::new();
    let mut tried = BTreeMap::new();
    let mut loose = BTreeSet::new();
    for (from, to) in moves {
        if shown.contains(from) {
            continue;
        }
        let folder = folders(from, to).into_iter().rev().find(|pair| {
            let whole = |(old, new): &(RepoPath, RepoPath)| moves_whole(old, new, moves, before);
            *tried.entry(pair.clone()).or_insert_with_key(whole)
        });
        if let Some((old, new)) = folder {
            let below = before.under(&old).filter_map(|(path, _)| moves.get_key_value(path));
            let below: Vec<&RepoPath> = below.map(|(from, _)| *from).collect();
            if below.len() > 1 {
                rows.push(format!("{old}/ ({} files) → {new}/", below.len()));
                shown.extend(below);
                continue;
            }
        }
        let kind = (from.parent(), from.extension());
        let together = match loose.contains(&kind) {
            true => None,
            false => siblings(from, to, moves, before),
        };
        match together {
            Some((pattern, files)) => {
                let target = to.parent().unwrap_or_else(RepoPath::root);
                rows.push(format!("{pattern} ({} files) → {target}/", files.len()));
                shown.extend(files);
            }
            None => {
                loose.insert(kind);
                rows.push(format!("{from} → {to}"));
            }
        }
    }
    rows
}

/// Returns a row for each move.
pub(super) fn each(moves: &BTreeMap<&RepoPath, &RepoPath>) -> Vec<String> {
    moves.iter().map(|(from, to)| format!("{from} → {to}")).collect()
}

/// Returns the folders that a move could be a part of, innermost first: those above both paths as
/// long as the parts below them are the same.
fn folders(from: &RepoPath, to: &RepoPath) -> Vec<(RepoPath, RepoPath)> {
    let pairs = from.folders().zip(to.folders());
    let below = |(old, new): &(RepoPath, RepoPath)| from.relative_to(old) == to.relative_to(new);
    pairs.take_while(|pair| below(pair) && !pair.0.is_root() && pair.0 != pair.1).collect()
}

fn moves_whole(
    old: &RepoPath,
    new: &RepoPath,
    moves: &BTreeMap<&RepoPath, &RepoPath>,
    before: &Tree,
) -> bool {
    before.under(old).all(|(path, _)| {
        let target = path.rebase(old, new);
        moves.get(path).is_some_and(|to| Some((*to).clone()) == target)
    })
}

/// Returns the files beside `from` that have its extension, where all of them went where it went
/// under their own names.
fn siblings<'a>(
    from: &RepoPath,
    to: &RepoPath,
    moves: &BTreeMap<&'a RepoPath, &'a RepoPath>,
    before: &Tree,
) -> Option<(String, Vec<&'a RepoPath>)> {
    let (folder, target) = (from.parent()?, to.parent()?);
    let extension = from.extension();
    if from.name() != to.name() || extension.is_empty() {
        return None;
    }
    let beside = before
        .under(&folder)
        .map(|(path, _)| path)
        .filter(|path| path.parent().as_ref() == Some(&folder) && path.extension() == extension);
    let mut found = Vec::new();
    for path in beside {
        let (path, to) = moves.get_key_value(path)?;
        if to.parent().as_ref() != Some(&target) || to.name() != path.name() {
            return None;
        }
        found.push(*path);
    }
    let head = if folder.is_root() { String::new() } else { format!("{folder}/") };
    (found.len() >= TOGETHER).then(|| (format!("{head}*.{extension}"), found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[track_caller]
    fn check(stay: &[&str], moves: &[(&str, &str)], expected: &[&str]) {
        let path = |text: &str| RepoPath::new(text).unwrap();
        let files = stay.iter().chain(moves.iter().map(|(from, _)| from)).map(|it| (*it, ""));
        let before = Tree::new(Memory::texts(files).unwrap());
        let pairs: Vec<_> = moves.iter().map(|(from, to)| (path(from), path(to))).collect();
        let moves = pairs.iter().map(|(from, to)| (from, to)).collect();
        assert_eq!(fold(&moves, &before), expected);
    }

    #[test]
    fn a_folder_that_moves_whole_is_one_row() {
        check(
            &["c/x.py"],
            &[("a/b/f.py", "n/b/f.py"), ("a/b/g.py", "n/b/g.py"), ("a/h.txt", "n/h.txt")],
            &["a/ (3 files) → n/"],
        );
        check(
            &["a/x.py"],
            &[("a/b/f.py", "n/f.py"), ("a/b/g.txt", "n/g.txt"), ("q.py", "r.py")],
            &["a/b/ (2 files) → n/", "q.py → r.py"],
        );
    }

    #[test]
    fn files_of_one_kind_that_leave_together_are_one_row() {
        check(
            &["s/README"],
            &[("s/a.py", "t/u/a.py"), ("s/b.py", "t/u/b.py"), ("s/c.py", "t/u/c.py")],
            &["s/*.py (3 files) → t/u/"],
        );
    }

    #[test]
    fn the_rest_is_shown_one_by_one() {
        check(
            &["s/d.py"],
            &[("s/a.py", "t/a.py"), ("s/b.py", "t/b.py"), ("s/c.py", "u/c.py")],
            &["s/a.py → t/a.py", "s/b.py → t/b.py", "s/c.py → u/c.py"],
        );
        check(&[], &[("a/f.py", "b/f.py")], &["a/f.py → b/f.py"]);
    }
}
