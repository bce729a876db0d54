//! Which file of one listing is which of another one, where nobody says what moved.
//!
//! As git does it: a file that came is one that left, if it has the same bytes, or else at least half
//! of the same lines. Of several, the one whose path ends most alike.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Contents, Id, ReadError, Snapshot, Tree};
use crate::path::RepoPath;

/// As many pairs of files as are compared line by line; with more, only files of the same name are.
const MOST: usize = 100_000;

impl Tree {
    /// Returns this tree with the files that came since `before` standing for those that left.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn renamed_from(&self, before: &Self) -> Result<Self, ReadError> {
        let mut left = missing(before, self);
        let mut came = missing(self, before);
        let mut pairs = same_bytes(&mut left, &mut came);
        pairs.extend(same_lines((before, &left), (self, &came))?);
        let mut entries = BTreeMap::clone(&self.entries);
        let mut places = BTreeMap::new();
        for (new, old) in pairs {
            if let Some(entry) = entries.get_mut(new) {
                entry.origin = Some(old.clone());
                places.insert(old.clone(), new.clone());
            }
        }
        let contents = Arc::new(Renamed { tree: self.clone(), places });
        Ok(Self::new(Snapshot { entries: Arc::new(entries), contents }))
    }
}

/// Reads what came where it stands, and not where it is taken to come from.
struct Renamed {
    tree: Tree,
    /// Old path → new path.
    places: BTreeMap<RepoPath, RepoPath>,
}

impl Contents for Renamed {
    fn read(&self, path: &RepoPath, _id: Id) -> Result<Arc<[u8]>, ReadError> {
        self.tree.read(self.places.get(path).unwrap_or(path))
    }
}

type Files<'a> = BTreeMap<&'a RepoPath, Id>;
type Pairs<'a> = Vec<(&'a RepoPath, &'a RepoPath)>;

/// Returns the files of `one` that are not in `other`.
fn missing<'a>(one: &'a Tree, other: &Tree) -> Files<'a> {
    let gone = one.entries().iter().filter(|(path, _)| other.entry(path).is_none());
    gone.filter(|(_, entry)| entry.mode.is_file()).map(|(path, entry)| (path, entry.id)).collect()
}

/// Takes out the files that left and came with the same bytes: new path, old path.
fn same_bytes<'a>(left: &mut Files<'a>, came: &mut Files<'a>) -> Pairs<'a> {
    let mut by_id: HashMap<Id, BTreeSet<&RepoPath>> = HashMap::new();
    for (path, id) in &*left {
        by_id.entry(*id).or_default().insert(path);
    }
    let mut pairs = Pairs::new();
    for (new, id) in &*came {
        let Some(olds) = by_id.get_mut(id) else { continue };
        let Some(old) = olds.iter().copied().max_by_key(|old| tail(old, new)) else { continue };
        olds.remove(old);
        pairs.push((new, old));
    }
    for (new, old) in &pairs {
        left.remove(old);
        came.remove(new);
    }
    pairs
}

/// Pairs Python files that have at least half of their lines in common, the most alike first.
fn same_lines<'a>(
    (before, left): (&Tree, &Files<'a>),
    (after, came): (&Tree, &Files<'a>),
) -> Result<Pairs<'a>, ReadError> {
    let (left, came) = (lines_of(before, left)?, lines_of(after, came)?);
    let all = left.len().saturating_mul(came.len()) <= MOST;
    let mut alike = Vec::new();
    for (new, now) in &came {
        for (old, was) in &left {
            if (all || old.name() == new.name()) && is_half(was, now) {
                alike.push((common(was, now), tail(old, new), *new, *old));
            }
        }
    }
    alike.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then_with(|| (a.2, a.3).cmp(&(b.2, b.3))));
    let (mut taken, mut pairs) = (BTreeSet::new(), BTreeMap::new());
    for (_, _, new, old) in alike {
        if !pairs.contains_key(new) && taken.insert(old) {
            pairs.insert(new, old);
        }
    }
    Ok(pairs.into_iter().collect())
}

/// How often each line stands in a file; a line counts by its length.
type Lines = BTreeMap<Vec<u8>, usize>;

fn lines_of<'a>(tree: &Tree, files: &Files<'a>) -> Result<Vec<(&'a RepoPath, Lines)>, ReadError> {
    let python = files.keys().filter(|it| matches!(it.extension(), "py" | "pyi"));
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

fn is_half(one: &Lines, other: &Lines) -> bool {
    let size = |lines: &Lines| lines.iter().map(|(line, count)| line.len() * count).sum::<usize>();
    let larger = size(one).max(size(other));
    larger > 0 && common(one, other) * 2 >= larger
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
        let moves = renamed.moves();
        let moves: Vec<_> = moves.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(moves, expected);
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
        check(&[("a", "x")], &[("a", "x"), ("b", "x")], &[]);
    }

    #[test]
    fn half_of_the_lines_are_enough() {
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b.py", "1\n2\nx\ny\n")], &[("a.py", "b.py")]);
        check(&[("a.py", "1\n2\n3\n4\n")], &[("b.py", "1\nx\ny\nz\n")], &[]);
        check(
            &[("a.py", "1\n2\n3\n"), ("b.py", "1\n2\n4\n")],
            &[("c.py", "1\n2\n4\n5\n"), ("d.py", "1\n2\n3\n")],
            &[("a.py", "d.py"), ("b.py", "c.py")],
        );
    }
}
