//! Small trees in memory: what is reported of one, and of a change.

use super::*;
use crate::facts::{Facts, Memo, Settings};
use crate::tree::{Memory, Mode, Tree};

mod changes;
mod found;
mod rings;
mod runs;

/// Reads a tree that is written as `#- path` lines, each followed by its text.
fn tree(text: &str) -> Tree {
    let files = text.split("#- ").skip(1).map(|file| file.split_once('\n').unwrap());
    Tree::new(Memory::texts(files).unwrap())
}

fn facts(tree: &Tree) -> Facts {
    Facts::index(tree, &Settings::default(), &Memo::default()).unwrap()
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn line(it: &Unresolved) -> String {
    let optional = if it.optional { "?" } else { "" };
    let name = it.name.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
    let place = format!("{}:{}:{}", it.path, it.line, it.column);
    format!("{place} {:?}{optional} {}{name}\n", it.kind, it.module)
}

#[track_caller]
fn check_tree(text: &str, expected: &str) {
    let report = check(&facts(&tree(text)));
    let mut shown: String = report.unresolved.iter().map(line).collect();
    shown.extend(report.cycles.iter().map(|cycle| format!("cycle {cycle:?}\n")));
    let unreadable = |it: &Unreadable| format!("{}:{}: {}\n", it.path, it.line, it.message);
    shown.extend(report.unreadable.iter().map(unreadable));
    assert_eq!(shown, expected);
}

/// Compares a tree with what `change` makes of it; `v/` is frozen.
#[track_caller]
fn check_change(text: &str, change: impl FnOnce(&mut Tree), expected: &str) {
    let before = tree(text);
    let mut after = before.clone();
    change(&mut after);
    let frozen = |it: &RepoPath| it.is_under(&path("v"));
    let (old, new) = (facts(&before), facts(&after));
    let proof = compare((&before, &old), (&after, &new), &frozen).unwrap();
    let mut shown = String::new();
    let groups = [
        ("fixed", &proof.fixed),
        ("broken", &proof.broken),
        ("still", &proof.still_broken),
        ("unproved", &proof.unproved),
    ];
    for (word, group) in groups {
        shown.extend(group.iter().map(|it| format!("{word} {}", line(it))));
    }
    shown.extend(proof.new_cycles.iter().map(|cycle| format!("cycle {cycle:?}\n")));
    shown.extend(proof.unreadable.iter().map(|it| format!("unreadable {}\n", it.path)));
    assert_eq!(shown, expected);
    let holds = proof.broken.is_empty() && proof.unreadable.is_empty();
    assert_eq!(proof.holds(false), holds);
    assert_eq!(proof.holds(true), holds && proof.new_cycles.is_empty());
}

fn edit(tree: &mut Tree, at: &str, text: &str) {
    tree.write(path(at), Mode::File, text.as_bytes());
}
