//! Moves that git would not see as renames: what a commit holds that only moves, for the edits to
//! follow in the next one.
//!
//! git compares what left with what came. It does not see a move where an edit is most of the file,
//! where another file of the commit is more like it, or where something new stands in the old place.

use rayon::prelude::*;

use super::{Change, ChangeKind, changes};
use crate::path::RepoPath;
use crate::tree::{Id, Pieces, ReadError, Similarity, Tree};

/// Of so many files each, at most, git compares every one that left with every one that came.
const LIMIT: usize = 1000;

/// Returns the tree of a commit that does nothing but the moves between two trees, where git would not
/// see one of them as a rename if they came with the edits.
///
/// # Errors
/// When a file cannot be read.
pub fn only_renamed(before: &Tree, after: &Tree) -> Result<Option<Tree>, ReadError> {
    let changes = changes(before, after);
    if !is_needed(before, after, &changes)? {
        return Ok(None);
    }
    let moves: Vec<(&RepoPath, &RepoPath)> =
        changes.iter().filter_map(|it| Some((it.from.as_ref()?, &it.path))).collect();
    Ok(Some(renamed(before, &moves)).filter(|it| is_sound(it, &moves)))
}

/// Takes all files up before it puts any down, so that they may swap places.
fn renamed(before: &Tree, moves: &[(&RepoPath, &RepoPath)]) -> Tree {
    let mut tree = before.clone();
    let taken: Vec<_> =
        moves.iter().filter_map(|(from, to)| Some(((*to).clone(), tree.remove(from)?))).collect();
    for (to, entry) in taken {
        tree.put(to, entry);
    }
    tree
}

/// Tells whether no file stands where a folder does.
fn is_sound(tree: &Tree, moves: &[(&RepoPath, &RepoPath)]) -> bool {
    moves.iter().all(|(_, to)| {
        to.folders().all(|it| tree.entry(&it).is_none()) && tree.under(to).all(|(it, _)| it == *to)
    })
}

/// Tells whether git would take one of the moves for something else.
fn is_needed(before: &Tree, after: &Tree, changes: &[Change]) -> Result<bool, ReadError> {
    let (mut left, mut came, mut edited) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes.iter().filter(|it| is_file(it)) {
        let (from, to) = (change.from.as_ref().unwrap_or(&change.path), &change.path);
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        let leaves = old.is_some() && after.entry(from).is_none();
        let comes = new.is_some() && before.entry(to).is_none();
        let moved = change.from.is_some() && comes;
        // What another move put into the old place hides this one in any commit.
        let is_refilled = || after.entry(from).is_some_and(|it| it.origin.is_none());
        if moved && !leaves && is_refilled() && !before.read(from)?.is_empty() {
            return Ok(true);
        }
        if change.kind() == ChangeKind::Moved {
            continue;
        }
        if moved && leaves {
            edited.push((left.len(), came.len()));
        }
        left.extend(leaves.then_some(from));
        came.extend(comes.then_some(to));
    }
    if edited.is_empty() {
        return Ok(false);
    }
    let too_many = left.len().saturating_mul(came.len()) > LIMIT * LIMIT;
    let (left, came) = (files(before, &left)?, files(after, &came)?);
    let seen = |(old, new): (usize, usize)| !too_many && is_seen(&left, &came, old, new);
    Ok(edited.into_iter().any(|it| !left[it.0].pieces.is_empty() && !seen(it)))
}

/// Tells whether git may look for lines in what changed: links and submodules have none.
fn is_file(change: &Change) -> bool {
    [&change.old, &change.new].into_iter().flatten().all(|it| it.mode.is_file())
}

/// A file that left, or came, as git sees it.
struct File<'a> {
    path: &'a RepoPath,
    id: Option<Id>,
    pieces: Pieces,
}

fn files<'a>(tree: &Tree, paths: &[&'a RepoPath]) -> Result<Vec<File<'a>>, ReadError> {
    let read = |path: &&'a RepoPath| {
        let pieces = Pieces::of(&tree.read(path)?);
        Ok(File { path, id: tree.entry(path).map(|it| it.id), pieces })
    };
    paths.par_iter().map(read).collect()
}

/// Tells whether git pairs these two, of all that left and came.
fn is_seen(left: &[File<'_>], came: &[File<'_>], old: usize, new: usize) -> bool {
    let (from, to) = (&left[old], &came[new]);
    let same_name = |one: &File<'_>, other: &File<'_>| one.path.name() == other.path.name();
    let is_alone =
        |files: &[File<'_>]| files.iter().filter(|it| same_name(it, to)).nth(1).is_none();
    let own = (from.pieces.similarity(&to.pieces), same_name(from, to));
    if own.0 < Similarity::RENAME {
        return false;
    }
    // Those pairs are made before all others.
    if own.1 && own.0 >= Similarity::SAME_NAME && is_alone(left) && is_alone(came) {
        return true;
    }
    let beats = |one: &File<'_>, other: &File<'_>| {
        let name = same_name(one, other);
        let wins =
            |it: Similarity| (it, name) >= own || name && !own.1 && it >= Similarity::SAME_NAME;
        wins(one.pieces.at_most(&other.pieces)) && wins(one.pieces.similarity(&other.pieces))
    };
    let mut others = left.iter().enumerate().filter(|(at, it)| *at != old && it.id != from.id);
    let mut rivals = came.iter().enumerate().filter(|(at, _)| *at != new);
    !others.any(|(_, it)| beats(it, to)) && !rivals.any(|(_, it)| beats(from, it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Memory, Mode};

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Carries moves out, with the text that each file has then; tells whether they need a commit of
    /// their own.
    #[track_caller]
    fn check(
        files: &[(&str, &str)],
        moves: &[(&str, &str, &str)],
        more: &[(&str, &str)],
        expected: bool,
    ) {
        let before = Tree::new(Memory::texts(files.iter().copied()).unwrap());
        let mut after = before.clone();
        for (from, to, text) in moves {
            after.rename(&path(from), path(to));
            after.write(path(to), Mode::File, text.as_bytes());
        }
        for (at, text) in more {
            after.write(path(at), Mode::File, text.as_bytes());
        }
        let renamed = only_renamed(&before, &after).unwrap();
        assert_eq!(renamed.is_some(), expected);
        let Some(renamed) = renamed else { return };
        for (from, to, _) in moves {
            assert_eq!(renamed.read(&path(to)).unwrap(), before.read(&path(from)).unwrap());
        }
        assert_eq!(renamed.entries().len(), before.entries().len());
    }

    const LONG: &str = "def f():\n    return 1\n\n\ndef g():\n    return 2\n";

    #[test]
    fn a_move_that_stays_alike_needs_none() {
        check(&[("a.py", LONG)], &[("a.py", "b.py", LONG)], &[], false);
        check(&[("a.py", LONG)], &[("a.py", "b.py", &format!("import c\n{LONG}"))], &[], false);
        check(&[("a.py", LONG)], &[], &[("a.py", "x")], false);
        check(&[("a.py", "")], &[("a.py", "b.py", "import c\n")], &[], false);
    }

    #[test]
    fn an_edit_that_is_most_of_the_file_comes_later() {
        check(
            &[("p/__init__.py", "from p.a import A\n"), ("k", "")],
            &[("p/__init__.py", "q/__init__.py", "from q.a import A\n")],
            &[],
            true,
        );
    }

    #[test]
    fn what_is_left_at_the_old_place_comes_later() {
        check(&[("a.py", LONG)], &[("a.py", "b.py", LONG)], &[("a.py", "from b import *\n")], true);
        check(&[("a.py", "")], &[("a.py", "b.py", "")], &[("a.py", "from b import *\n")], false);
    }

    #[test]
    fn what_is_more_like_another_file_comes_later() {
        let [one, two] = ["x", "y"].map(|it| format!("import {it}\n{LONG}"));
        check(
            &[("a/m.py", &one), ("b/n.py", &two)],
            &[("a/m.py", "c/o.py", &two), ("b/n.py", "c/p.py", &one)],
            &[],
            true,
        );
        check(
            &[("a/m.py", &one), ("b/n.py", &two)],
            &[("a/m.py", "c/m.py", &two), ("b/n.py", "c/n.py", &one)],
            &[],
            false,
        );
    }

    #[test]
    fn what_no_commit_can_show_is_left() {
        // `b` would be a file and a folder.
        let before = Tree::new(Memory::texts([("a.py", "import a\n"), ("b", "x\n")]).unwrap());
        let mut after = before.clone();
        after.remove(&path("b"));
        after.rename(&path("a.py"), path("b/a.py"));
        after.write(path("b/a.py"), Mode::File, *b"import b\n");
        assert!(only_renamed(&before, &after).unwrap().is_none());
    }
}
