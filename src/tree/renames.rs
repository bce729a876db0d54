//! Which file of one listing is which of another one, where nobody says what moved.
//!
//! As git does it: a file that came is one that left, if it has the same bytes, or else at least half
//! of the same lines; where no other file of its name left or came, a quarter. Of several with the
//! same bytes, the one from where others of its folder came; else the one whose path ends most alike.
//! What is like none goes along with the others of its folder, if it has the name that it had.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Contents, Entry, Id, ReadError, Snapshot, Tree};
use crate::path::RepoPath;

/// As many pairs of files as are compared line by line; with more, only files of the same name are.
const MOST: usize = 100_000;

impl Tree {
    /// Returns this tree as one that stands on `before`, with the files that came standing for those
    /// that left.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn renamed_from(&self, before: &Self) -> Result<Self, ReadError> {
        let places: BTreeMap<&RepoPath, &RepoPath> = pairs(before, self)?.into_iter().collect();
        let origin = |path: &RepoPath| match places.get(path) {
            Some(old) => Some((*old).clone()),
            None => before.entry(path).map(|_| path.clone()),
        };
        let entries = self
            .entries
            .iter()
            .map(|(path, entry)| (path.clone(), Entry { origin: origin(path), ..entry.clone() }));
        let entries = Arc::new(entries.collect());
        let places = places.iter().map(|(new, old)| ((*old).clone(), (*new).clone())).collect();
        let contents = Arc::new(Both { before: before.clone(), after: self.clone(), places });
        let snapshot = Snapshot { entries: Arc::clone(&before.entries), contents };
        Ok(Self { snapshot, entries, fresh: Arc::default() })
    }
}

/// Reads what left, and what came where it stands.
struct Both {
    before: Tree,
    after: Tree,
    /// Old path → new path.
    places: BTreeMap<RepoPath, RepoPath>,
}

impl Contents for Both {
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        if self.before.entry(path).is_some_and(|it| it.id == id) {
            return self.before.read(path);
        }
        self.after.read(self.places.get(path).unwrap_or(path))
    }
}

type Files<'a> = BTreeMap<&'a RepoPath, Id>;
type Pairs<'a> = Vec<(&'a RepoPath, &'a RepoPath)>;
/// Files of the same bytes: those that left, those that came.
type Group<'a> = (Vec<&'a RepoPath>, Vec<&'a RepoPath>);
/// New folder → old folder → how many files.
type Went = BTreeMap<Option<RepoPath>, BTreeMap<Option<RepoPath>, usize>>;

/// Returns the files of `one` that are not in `other`.
fn missing<'a>(one: &'a Tree, other: &Tree) -> Files<'a> {
    let gone = one.entries().iter().filter(|(path, _)| other.entry(path).is_none());
    gone.filter(|(_, entry)| entry.mode.is_file()).map(|(path, entry)| (path, entry.id)).collect()
}

/// Pairs what left with what came: new path, old path.
fn pairs<'a>(before: &'a Tree, after: &'a Tree) -> Result<Pairs<'a>, ReadError> {
    let (mut left, mut came) = (missing(before, after), missing(after, before));
    let mut groups = groups(&left, &came);
    // Where one side has more of the same bytes, the rest may have been edited on the other.
    left.retain(|_, id| groups.get(id).is_none_or(|(olds, news)| olds.len() > news.len()));
    came.retain(|_, id| groups.get(id).is_none_or(|(olds, news)| news.len() > olds.len()));
    let mut pairs = same_lines((before, &left), (after, &came))?;
    let (was, now): (BTreeSet<_>, BTreeSet<_>) =
        pairs.iter().map(|(new, old)| (*old, *new)).unzip();
    for (olds, news) in groups.values_mut() {
        olds.retain(|it| !was.contains(it));
        news.retain(|it| !now.contains(it));
    }
    let (lone, several): (Vec<_>, Vec<_>) =
        groups.into_values().partition(|(olds, news)| olds.len() == 1 && news.len() == 1);
    pairs.extend(lone.iter().map(|(olds, news)| (news[0], olds[0])));
    let went = went(&pairs);
    let together = several.iter().flat_map(|(olds, news)| together(olds, news, &went));
    pairs.extend(together.collect::<Pairs<'_>>());
    let left_over = with_their_folder(&pairs, &missing(before, after), &missing(after, before));
    pairs.extend(left_over);
    Ok(pairs)
}

/// Pairs what is left with the file of its name in the folder that most others of its folder came
/// from: an `__init__.py` of which every line was edited went along with its package.
fn with_their_folder<'a>(pairs: &Pairs<'a>, left: &Files<'a>, came: &Files<'a>) -> Pairs<'a> {
    let went = went(pairs);
    let (new, old): (BTreeSet<_>, BTreeSet<_>) = pairs.iter().copied().unzip();
    let origin = |it: &RepoPath| {
        let from = went.get(&it.parent())?.iter().max_by_key(|(_, count)| **count)?;
        from.0.as_ref()?.child(it.name_str()).ok()
    };
    let rest = came.keys().filter(|it| !new.contains(**it));
    let found = rest.filter_map(|it| Some((*it, *left.get_key_value(&origin(it)?)?.0)));
    let mut taken = old;
    found.filter(|(_, from)| taken.insert(from)).collect()
}

/// Gathers the files that left and came with the same bytes.
fn groups<'a>(left: &Files<'a>, came: &Files<'a>) -> BTreeMap<Id, Group<'a>> {
    let mut groups: BTreeMap<Id, Group<'_>> = BTreeMap::new();
    for (path, id) in left {
        groups.entry(*id).or_default().0.push(path);
    }
    for (path, id) in came {
        groups.entry(*id).or_default().1.push(path);
    }
    groups.retain(|_, (olds, news)| !olds.is_empty() && !news.is_empty());
    groups
}

/// Counts how many files of a folder came from which one.
fn went(pairs: &[(&RepoPath, &RepoPath)]) -> Went {
    let mut went = Went::new();
    for (new, old) in pairs {
        *went.entry(new.parent()).or_default().entry(old.parent()).or_default() += 1;
    }
    went
}

/// Pairs files that are all alike: each went with the others of its folder, as far as that is known.
fn together<'a>(olds: &[&'a RepoPath], news: &[&'a RepoPath], went: &Went) -> Pairs<'a> {
    let all = olds.len().saturating_mul(news.len()) <= MOST;
    let mut by_folder: BTreeMap<Option<RepoPath>, Vec<&RepoPath>> = BTreeMap::new();
    for old in olds {
        by_folder.entry(old.parent()).or_default().push(old);
    }
    let mut alike = Vec::new();
    for new in news {
        let none = BTreeMap::new();
        let from = went.get(&new.parent()).unwrap_or(&none);
        let count = |folder: &Option<RepoPath>| from.get(folder).copied().unwrap_or_default();
        for (folder, olds) in by_folder.iter().filter(|(folder, _)| all || count(folder) > 0) {
            alike.extend(olds.iter().map(|old| ((count(folder), tail(old, new)), *new, *old)));
        }
    }
    best(alike)
}

/// Takes the most alike first, each file once.
fn best<'a, K: Ord>(mut alike: Vec<(K, &'a RepoPath, &'a RepoPath)>) -> Pairs<'a> {
    alike.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken, mut pairs) = (BTreeSet::new(), BTreeMap::new());
    for (_, new, old) in alike {
        if !pairs.contains_key(new) && taken.insert(old) {
            pairs.insert(new, old);
        }
    }
    pairs.into_iter().collect()
}

/// Pairs Python files that have enough of their lines in common, the most alike first.
fn same_lines<'a>(
    (before, left): (&Tree, &Files<'a>),
    (after, came): (&Tree, &Files<'a>),
) -> Result<Pairs<'a>, ReadError> {
    let (left, came) = (lines_of(before, left)?, lines_of(after, came)?);
    let all = left.len().saturating_mul(came.len()) <= MOST;
    let (names_left, names_came) = (names(&left), names(&came));
    let is_alone =
        |name: &[u8]| names_left.get(name) == Some(&1) && names_came.get(name) == Some(&1);
    let mut alike = Vec::new();
    for (new, now) in &came {
        for (old, was) in &left {
            let same_name = old.name() == new.name();
            let parts = if same_name && is_alone(new.name()) { 4 } else { 2 };
            if (all || same_name) && is_part(was, now, parts) {
                alike.push(((common(was, now), tail(old, new)), *new, *old));
            }
        }
    }
    Ok(best(alike))
}

/// How often each line stands in a file; a line counts by its length.
type Lines = BTreeMap<Vec<u8>, usize>;

fn lines_of<'a>(tree: &Tree, files: &Files<'a>) -> Result<Vec<(&'a RepoPath, Lines)>, ReadError> {
    let python = files.keys().filter(|it| matches!(it.extension(), "py" | "pyi" | "pyw"));
    let read = python.map(|path| {
        let mut lines = Lines::new();
        for line in tree.read(path)?.split_inclusive(|byte| *byte == b'\n') {
            *lines.entry(line.to_vec()).or_default() += 1;
        }
        Ok((*path, lines))
    });
    read.collect()
}

/// Returns how many bytes the lines of both have in common.
fn common(one: &Lines, other: &Lines) -> usize {
    let shared =
        one.iter().map(|(line, count)| line.len() * (*count).min(*other.get(line).unwrap_or(&0)));
    shared.sum()
}

/// Tells whether one of so many parts of the larger one is in both.
fn is_part(one: &Lines, other: &Lines, parts: usize) -> bool {
    let size = |lines: &Lines| lines.iter().map(|(line, count)| line.len() * count).sum::<usize>();
    let larger = size(one).max(size(other));
    larger > 0 && common(one, other) * parts >= larger
}

/// Counts the files of each name.
fn names<'a>(files: &[(&'a RepoPath, Lines)]) -> BTreeMap<&'a [u8], usize> {
    let mut names = BTreeMap::new();
    for (path, _) in files {
        *names.entry(path.name()).or_default() += 1;
    }
    names
}

/// Returns how many parts two paths have in common at their ends.
fn tail(one: &RepoPath, other: &RepoPath) -> usize {
    let parts = |path: &RepoPath| path.parts().map(<[u8]>::to_vec).collect::<Vec<_>>();
    parts(one).iter().rev().zip(parts(other).iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[track_caller]
    fn check(before: &[(&str, &str)], after: &[(&str, &str)], expected: &[(&str, &str)]) {
        let tree =
            |files: &[(&str, &str)]| Tree::new(Memory::texts(files.iter().copied()).unwrap());
        let renamed = tree(after).renamed_from(&tree(before)).unwrap();
        for (path, text) in after {
            assert_eq!(&*renamed.read(&RepoPath::new(path).unwrap()).unwrap(), text.as_bytes());
        }
        let moves = renamed.moves();
        let moves: Vec<_> = moves.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(moves, expected);
    }

    #[test]
    fn what_is_like_none_goes_along_with_its_folder() {
        check(
            &[("p/__init__.py", "import p.a\n"), ("p/a.py", "a = 1\n"), ("p/gone.py", "x\n")],
            &[("q/__init__.py", "import q.a\n"), ("q/a.py", "a = 1\n"), ("q/new.py", "y\n")],
            &[("p/__init__.py", "q/__init__.py"), ("p/a.py", "q/a.py")],
        );
        check(&[("p/a.py", "x = 1\n")], &[("q/a.py", "y = 2\n")], &[]);
    }

    #[test]
    fn the_same_bytes_are_the_same_file() {
        check(
            &[("p/a.py", "x"), ("k", "")],
            &[("q/a.py", "x"), ("k", "")],
            &[("p/a.py", "q/a.py")],
        );
        check(
            &[("p/a/i.py", ""), ("p/b/i.py", "")],
            &[("q/a/i.py", ""), ("q/b/i.py", ""), ("q/c.py", "")],
            &[("p/a/i.py", "q/a/i.py"), ("p/b/i.py", "q/b/i.py")],
        );
        check(
            &[("p/a.py", "1\n2\n"), ("p/b.py", "1\n2\n")],
            &[("q/a.py", "1\n2\n"), ("q/b.py", "1\n3\n")],
            &[("p/a.py", "q/a.py"), ("p/b.py", "q/b.py")],
        );
        check(
            &[("p/i.py", ""), ("p/q/i.py", ""), ("p/q/a.py", "x"), ("z/i.py", "")],
            &[("r/i.py", ""), ("r/s/i.py", ""), ("r/s/a.py", "x")],
            &[("p/i.py", "r/i.py"), ("p/q/a.py", "r/s/a.py"), ("p/q/i.py", "r/s/i.py")],
        );
        check(&[("a", "x")], &[("a", "x"), ("b", "x")], &[]);
    }

    #[test]
    fn half_of_the_lines_are_enough() {
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b.py", "1\n2\nx\ny\n")], &[("a.py", "b.py")]);
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b.py", "1\nx\ny\nz\n")], &[]);
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b/a.py", "1\nx\ny\nz\n")], &[("a.py", "b/a.py")]);
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b/a.py", "v\nx\ny\nz\n")], &[]);
        check(
            &[("a.py", "1\n2\n3\n4\n")],
            &[("b/a.py", "1\nx\ny\nz\n"), ("c/a.py", "v\nx\ny\nz\n")],
            &[],
        );
        check(
            &[("a.py", "1\n2\n3\n"), ("b.py", "1\n2\n4\n")],
            &[("c.py", "1\n2\n4\n5\n"), ("d.py", "1\n2\n3\n")],
            &[("a.py", "d.py"), ("b.py", "c.py")],
        );
    }
}
