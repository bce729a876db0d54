//! The proof: does every import resolve, and what differs between two trees?
//!
//! The proof trusts the trees, not the steps that made them.

use crate::path::RepoPath;

mod alone;
mod asks;
mod check;
mod compare;
mod cycles;
mod knots;
mod reads;
mod runs;
mod targets;
mod verdict;

pub use check::check;
pub use compare::compare;
pub use verdict::{Evidence, Question, Verdict};

mod prove;

pub use prove::{Commit, CommitPer, Rules, Unproved, Verified, prove};

/// Why an import does not resolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The module is part of this tree by its name, and is not there.
    MissingModule,
    /// The module is there, and does not have the name.
    MissingName,
    /// Neither here, nor in the standard library, nor declared: a hint, not an error.
    Undeclared,
}

/// An import that does not resolve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// The importing file.
    pub path: RepoPath,
    /// Line of the import (of the name, in a `from` import), from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The module as written, with its dots.
    pub module: String,
    /// The name that is missing from it.
    pub name: Option<String>,
    /// Why it fails.
    pub kind: Kind,
    /// The code expects and handles the failure.
    pub optional: bool,
    /// What the kind does not tell: who fails, or why nothing is proved.
    pub why: Option<String>,
}

/// A file that cannot be read as Python.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// The file.
    pub path: RepoPath,
    /// Line, from 1; 0 where the file cannot even be decoded.
    pub line: u32,
    /// Column in characters, from 1; 0 likewise.
    pub column: u32,
    /// What is wrong with it.
    pub message: String,
}

/// What one tree looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many Python files were read.
    pub files: usize,
    /// How many imports were looked at.
    pub imports: usize,
    /// The imports that do not resolve, in order of path and line.
    pub unresolved: Vec<Unresolved>,
    /// Import-time cycles: each begins with its smallest path; its last imports its first.
    pub cycles: Vec<Vec<RepoPath>>,
    /// The files that cannot be read as Python.
    pub unreadable: Vec<Unreadable>,
}

/// What a plan makes of the imports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Did not resolve before and do now (or are gone), as they were before.
    pub fixed: Vec<Unresolved>,
    /// Resolved before and do not now, as they are after.
    pub broken: Vec<Unresolved>,
    /// Did not resolve before and still do not, as they are after.
    pub still_broken: Vec<Unresolved>,
    /// Not proved, and why: imports in files that may not be edited and that the plan concerns, and
    /// those that a script no longer finds, while some other run does or somebody spelled them anew.
    pub unproved: Vec<Unresolved>,
    /// Import-time cycles that were none before, by paths after.
    pub new_cycles: Vec<Vec<RepoPath>>,
    /// Files that parsed before and do not now.
    pub unreadable: Vec<Unreadable>,
}

impl Proof {
    /// Tells whether nothing got worse. `cycles` tells whether a new cycle counts.
    #[must_use]
    pub fn holds(&self, cycles: bool) -> bool {
        self.broken.is_empty()
            && self.unreadable.is_empty()
            && (!cycles || self.new_cycles.is_empty())
    }
}

#[cfg(test)]
mod tests;
