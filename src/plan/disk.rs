//! What steps take off the disk: no part of the tree, so a list of its own beside it.
//!
//! What is there is for `host` to find; here is what is said and kept of it.

use std::collections::BTreeMap;

use super::Plan;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::steps::{LeftAlone, Sweep};
use crate::tree::Id;

/// What the steps of a plan found on the disk.
#[derive(Debug, Clone, Default)]
pub struct OnDisk {
    /// What they take, the largest first.
    pub junk: Vec<Junk>,
    /// What they name and leave where it is, and why; by step.
    pub left_alone: BTreeMap<String, Vec<LeftAlone>>,
    /// What a person should know: what could not be read.
    pub findings: Vec<Finding>,
}

/// A file or a whole folder that git does not track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junk {
    /// Where it is.
    pub path: RepoPath,
    /// What it is.
    pub kind: JunkKind,
    /// The step that takes it.
    pub step: String,
    /// How much it is.
    pub weight: Weight,
    /// The names of all that is in it, as a digest: who saw them has seen what goes.
    pub names: Id,
}

/// What junk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JunkKind {
    /// A file.
    File,
    /// A folder, with all that is in it.
    Folder,
    /// A symbolic link; what it leads to stays.
    Link,
    /// A socket, a named pipe or a device.
    Special,
}

impl JunkKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::File, Self::Folder, Self::Link, Self::Special];

    /// Returns the word that users read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "link",
            Self::Special => "special",
        }
    }
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// How many files, and what else is no folder.
    pub files: u64,
    /// How many bytes are in them.
    pub bytes: u64,
}

impl std::iter::Sum for Weight {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, it| Self {
            files: sum.files + it.files,
            bytes: sum.bytes + it.bytes,
        })
    }
}

impl OnDisk {
    /// Puts rows in order, and takes out what lies in another one, which goes with that.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let mut paths: BTreeMap<RepoPath, usize> = BTreeMap::new();
        for (at, row) in self.junk.iter().enumerate() {
            paths.entry(row.path.clone()).or_insert(at);
        }
        let mut at = 0;
        self.junk.retain(|row| {
            let first = paths.get(&row.path) == Some(&at);
            at += 1;
            first && !row.path.folders().any(|it| paths.contains_key(&it))
        });
        self.junk
            .sort_by(|a, b| b.weight.bytes.cmp(&a.weight.bytes).then_with(|| a.path.cmp(&b.path)));
        for left in self.left_alone.values_mut() {
            left.sort_by(|a, b| a.path.cmp(&b.path));
            left.dedup();
        }
        self.findings.dedup();
        self
    }

    /// Returns how much goes in all.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.junk.iter().map(|it| it.weight).sum()
    }

    /// Returns what is left where it is, of all steps.
    pub fn left(&self) -> impl Iterator<Item = &LeftAlone> {
        self.left_alone.values().flatten()
    }

    /// Returns how much one step takes, where it takes anything.
    #[must_use]
    pub fn of_step(&self, id: &str) -> Option<Weight> {
        let own = || self.junk.iter().filter(|it| it.step == id).map(|it| it.weight);
        own().next().map(|_| own().sum())
    }

    /// Keeps what `shown` has as well: nothing goes that nobody was shown. The rest is left alone, and
    /// so is a folder in which there is something else by now.
    #[must_use]
    pub fn only(mut self, shown: &Self) -> Self {
        let before: BTreeMap<&RepoPath, &Junk> =
            shown.junk.iter().map(|it| (&it.path, it)).collect();
        let (same, other): (Vec<Junk>, Vec<Junk>) = self.junk.into_iter().partition(|it| {
            before.get(&it.path).is_some_and(|was| (was.kind, was.names) == (it.kind, it.names))
        });
        self.junk = same;
        for it in other {
            let reason = match before.contains_key(&it.path) {
                true => "what is in it is not what the plan listed",
                false => "it was not there, or tracked, when the plan was made",
            };
            let known = shown.left().find(|left| left.path == it.path).cloned();
            let left = known.unwrap_or_else(|| LeftAlone {
                path: it.path,
                reason: reason.to_owned(),
                evidence: Vec::new(),
            });
            self.left_alone.entry(it.step).or_default().push(left);
        }
        self.sorted()
    }
}

impl Plan {
    /// Returns what its steps want off the disk, with their ids.
    pub fn sweeps(&self) -> impl Iterator<Item = (&str, &Sweep)> {
        self.steps.iter().filter_map(|it| Some((it.id.as_str(), it.outcome.sweep.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn junk(path: &str, bytes: u64, names: u8) -> Junk {
        Junk {
            path: RepoPath::new(path).unwrap(),
            kind: JunkKind::Folder,
            step: "1-clean".to_owned(),
            weight: Weight { files: 1, bytes },
            names: Id::from_bytes([names; 20]),
        }
    }

    fn shown(disk: &OnDisk) -> Vec<String> {
        disk.junk.iter().map(|it| format!("{} {}", it.path, it.weight.bytes)).collect()
    }

    #[test]
    fn each_thing_goes_once_and_the_largest_is_first() {
        let junk = vec![junk("a/b", 1, 0), junk("c", 5, 0), junk("a", 2, 0), junk("c", 6, 0)];
        let disk = OnDisk { junk, ..OnDisk::default() }.sorted();
        assert_eq!(shown(&disk), ["c 5", "a 2"]);
        assert_eq!(disk.weight(), Weight { files: 2, bytes: 7 });
    }

    #[test]
    fn nothing_goes_that_nobody_was_shown() {
        let now = vec![junk("a", 1, 1), junk("b", 2, 2), junk("c", 3, 3)];
        let disk = OnDisk { junk: now, ..OnDisk::default() };
        let junk = vec![junk("a", 9, 1), junk("b", 2, 9), junk("gone", 1, 0)];
        let disk = disk.only(&OnDisk { junk, ..OnDisk::default() });
        assert_eq!(shown(&disk), ["a 1"]);
        let left: Vec<String> =
            disk.left().map(|it| format!("{}: {}", it.path, it.reason)).collect();
        assert_eq!(
            left,
            [
                "b: what is in it is not what the plan listed",
                "c: it was not there, or tracked, when the plan was made",
            ]
        );
    }
}
