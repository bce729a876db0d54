//! Which old path and which new path stand in one file of a diff.
//!
//! A plan knows what moved; `git apply` is stricter about what a patch may say. It reads every rename
//! and copy from the tree before, whatever the order, and makes a path only where none stands or
//! where one leaves in the same patch. So a file that moved onto another one that does not move away
//! is an edit and a removal; a file whose old place keeps its bytes, or that went to two places, is
//! copied; and what changes its nature (file, link, submodule) is removed and added.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;
use crate::plan::Change;
use crate::tree::{Entry, Mode, Tree};

/// One file of a diff.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    /// The path before; `None` for an addition.
    pub(super) old: Option<RepoPath>,
    /// The path afterwards; `None` for a removal.
    pub(super) new: Option<RepoPath>,
    /// The old path stays, or is renamed by another pair.
    pub(super) copied: bool,
}

impl Pair {
    fn removal(path: &RepoPath) -> Self {
        Self { old: Some(path.clone()), new: None, copied: false }
    }

    fn addition(path: &RepoPath) -> Self {
        Self { old: None, new: Some(path.clone()), copied: false }
    }

    /// Sorts as git does: by the new path (of a removal, the old one), removals first.
    fn place(&self) -> (Option<&RepoPath>, bool) {
        (self.new.as_ref().or(self.old.as_ref()), self.new.is_some())
    }
}

/// Pairs the paths of `changes`, which lead from `before` to `after`.
pub(super) fn pairs(before: &Tree, after: &Tree, changes: &[Change]) -> Vec<Pair> {
    let sources = sources(before, after, changes);
    let mut leaving: BTreeSet<&RepoPath> = BTreeSet::new();
    let mut found = Vec::new();
    for (new, old) in &sources {
        let copied = stays(before, after, old) || !leaving.insert(old);
        let pair = Pair { old: Some((*old).clone()), new: Some((*new).clone()), copied };
        found.push(pair);
    }
    for change in changes {
        let gone = change.from.as_ref().or(change.new.is_none().then_some(&change.path));
        if let Some(gone) = gone.filter(|it| after.entry(it).is_none() && !leaving.contains(it)) {
            found.push(Pair::removal(gone));
        }
        let path = &change.path;
        if sources.contains_key(path) {
            continue;
        }
        let Some(new) = after.entry(path) else { continue };
        match before.entry(path).filter(|_| !leaving.contains(path)) {
            None => found.push(Pair::addition(path)),
            Some(old) if nature(old) == nature(new) => {
                found.push(Pair { old: Some(path.clone()), new: Some(path.clone()), copied: false })
            }
            Some(_) => found.extend([Pair::removal(path), Pair::addition(path)]),
        }
    }
    found.sort_by(|a, b| a.place().cmp(&b.place()));
    found.dedup();
    found
}

/// Returns the renames and copies that git can carry out: new path → old path.
fn sources<'a>(
    before: &Tree,
    after: &Tree,
    changes: &'a [Change],
) -> BTreeMap<&'a RepoPath, &'a RepoPath> {
    let movable = |from: &RepoPath, to: &RepoPath| match (before.entry(from), after.entry(to)) {
        // What is no file is named by its id as a whole: a rename says so only if that stays. Of a
        // link that makes way for a folder, git wants to read that it goes: a rename does not say
        // that it was a link.
        (Some(old), Some(new)) => {
            nature(old) == nature(new)
                && (old.mode.is_file() || (old.id == new.id && !after.is_folder(from)))
        }
        _ => false,
    };
    let mut found: BTreeMap<&RepoPath, &RepoPath> = changes
        .iter()
        .filter_map(|change| Some((&change.path, change.from.as_ref()?)))
        .filter(|(to, from)| movable(from, to))
        .collect();
    loop {
        let leaving: BTreeSet<&RepoPath> =
            found.values().copied().filter(|from| !stays(before, after, from)).collect();
        let whole = found.len();
        found.retain(|to, _| before.entry(to).is_none() || leaving.contains(to));
        if found.len() == whole {
            return found;
        }
    }
}

/// Tells whether the very same entry stands at `path` on both sides.
fn stays(before: &Tree, after: &Tree, path: &RepoPath) -> bool {
    match (before.entry(path), after.entry(path)) {
        (Some(old), Some(new)) => old.id == new.id && old.mode == new.mode,
        _ => false,
    }
}

/// Returns the mode without the executable bit: what git lets change in place.
fn nature(entry: &Entry) -> Mode {
    if entry.mode.is_file() { Mode::File } else { entry.mode }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::changes;
    use crate::tree::Memory;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    /// Starts from files `a`, `b`, `c` that hold their own names; `x` and `y` hold the same.
    #[track_caller]
    fn check(edit: impl FnOnce(&mut Tree), expected: &str) {
        let files = [("a", "a"), ("b", "b"), ("c", "c"), ("x", "same"), ("y", "same")];
        let before = Tree::new(Memory::texts(files).unwrap());
        let mut after = before.clone();
        edit(&mut after);
        let mut shown = String::new();
        for pair in pairs(&before, &after, &changes(&before, &after)) {
            let side = |it: &Option<RepoPath>| it.as_ref().map_or("-".into(), ToString::to_string);
            let arrow = if pair.copied { "⇒" } else { "→" };
            shown.push_str(&format!("{} {arrow} {}\n", side(&pair.old), side(&pair.new)));
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn edits_additions_removals() {
        check(
            |tree| {
                tree.write(path("a"), Mode::File, *b"new");
                tree.remove(&path("b"));
                tree.write(path("d"), Mode::File, *b"d");
            },
            "a → a\nb → -\n- → d\n",
        );
    }

    #[test]
    fn a_link_that_makes_way_for_a_folder_is_removed_and_added() {
        let link = [("link", Mode::Link, &b"target"[..])];
        let before = Tree::new(Memory::snapshot(link).unwrap());
        let mut after = before.clone();
        after.rename(&path("link"), path("link/below"));
        let pairs = pairs(&before, &after, &changes(&before, &after));
        assert_eq!(pairs, [Pair::removal(&path("link")), Pair::addition(&path("link/below"))]);
    }

    #[test]
    fn chains_and_swaps_are_renames() {
        check(
            |tree| {
                tree.rename(&path("b"), path("d"));
                tree.rename(&path("a"), path("b"));
            },
            "a → b\nb → d\n",
        );
        check(
            |tree| {
                tree.rename(&path("b"), path("tmp"));
                tree.rename(&path("a"), path("b"));
                tree.rename(&path("tmp"), path("a"));
            },
            "b → a\na → b\n",
        );
    }

    #[test]
    fn onto_a_file_that_does_not_move_away_is_an_edit_and_a_removal() {
        check(|tree| tree.rename(&path("a"), path("b")), "a → -\nb → b\n");
        check(
            |tree| {
                tree.rename(&path("b"), path("c"));
                tree.rename(&path("a"), path("b"));
            },
            "a → -\nb → b\nc → c\n",
        );
    }

    #[test]
    fn a_place_that_keeps_its_bytes_is_copied_from() {
        check(
            |tree| {
                tree.rename(&path("y"), path("z"));
                tree.rename(&path("x"), path("y"));
            },
            "x → -\ny ⇒ z\n",
        );
    }

    #[test]
    fn one_origin_at_two_places_is_a_rename_and_a_copy() {
        check(
            |tree| {
                let entry = tree.remove(&path("a")).unwrap();
                tree.put(path("d"), entry.clone());
                tree.put(path("e"), entry);
            },
            "a → d\na ⇒ e\n",
        );
    }

    #[test]
    fn a_new_file_at_an_old_place_is_an_addition() {
        check(
            |tree| {
                tree.rename(&path("a"), path("d"));
                tree.write(path("a"), Mode::File, *b"shim");
            },
            "- → a\na → d\n",
        );
    }

    #[test]
    fn a_link_in_place_of_a_file_is_a_removal_and_an_addition() {
        check(|tree| tree.write(path("a"), Mode::Link, *b"b"), "a → -\n- → a\n");
        check(
            |tree| {
                tree.rename(&path("a"), path("d"));
                tree.write(path("d"), Mode::Link, *b"b");
            },
            "a → -\n- → d\n",
        );
    }
}
