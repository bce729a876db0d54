//! Playbooks: TOML → [`Playbook`], variables, schema, and the ones shipped in the binary.
//!
//! What a user writes is checked whole before anything runs: [`read`] gives either a playbook
//! without `{{ … }}` in it, or every mistake with line, column and the word that was probably meant.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::path::{Patterns, RepoPath};
use crate::steps::{AnyStep, Kind};

mod fields;
mod mistake;
mod read;
mod schema;
mod shipped;
mod step;
mod table;
mod template;
mod variables;

pub use mistake::{Mistake, PlaybookError};
pub use read::read;
pub use schema::schema;
pub use shipped::{SHIPPED, Shipped};
pub(crate) use template::fill;

/// What a playbook is read with, beside its text.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Values for variables, as `--set` gives them; a later one wins.
    pub set: &'a [(String, String)],
    /// The day of the base commit, UTC, as `yyyymmdd`.
    pub date: &'a str,
    /// What a variable without a value is.
    pub unset: Unset,
}

/// What a variable without a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// A mistake: the playbook is about to run.
    IsMistake,
    /// Fine, its name stands for it: the playbook is only looked at.
    IsFine,
}

/// A playbook, read and checked, its variables filled in.
#[derive(Debug)]
pub struct Playbook {
    /// Its name: part of the branch that a run makes.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The variables as it declares them, in order.
    pub declared: Vec<Variable>,
    /// The variables with the values of this run.
    pub vars: BTreeMap<String, String>,
    /// `[python] roots`.
    pub roots: Option<Vec<RepoPath>>,
    /// `[python] target`.
    pub target: Option<(u8, u8)>,
    /// `[python] entry-points`.
    pub entry_points: Patterns,
    /// `[keep] paths`: not moved or removed.
    pub keep: Patterns,
    /// `[keep] frozen`: not a byte.
    pub frozen: Patterns,
    /// The sprints, in order.
    pub sprints: Vec<Sprint>,
    /// The steps, in order.
    pub steps: Vec<PlaybookStep>,
    /// The readiness checks.
    pub checks: Vec<Check>,
    /// `[verify] run`: commands for a throw-away checkout.
    pub verify_run: Vec<String>,
    /// `[verify] timeout`: how long each of them may take.
    pub verify_timeout: Duration,
    /// `[verify] cycles`: whether a new import-time cycle fails the plan.
    pub cycles_fail: bool,
}

/// A variable, as a playbook declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name, for `--set` and between braces.
    pub name: String,
    /// Its value where none is given, as it is written.
    pub default: Option<String>,
    /// What it is for.
    pub help: Option<String>,
}

/// A named group of steps with a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sprint {
    /// Its name, as steps use it.
    pub name: String,
    /// Such as `P0`.
    pub priority: Option<String>,
    /// What holds when it is done.
    pub goal: Option<String>,
}

/// A step with what is common to all kinds.
#[derive(Debug)]
pub struct PlaybookStep {
    /// Given, or made of its number and kind: `3-move`.
    pub id: String,
    /// The sprint that it belongs to.
    pub sprint: Option<String>,
    /// Why it is wanted.
    pub why: Option<String>,
    /// The condition under which it runs.
    pub when: Option<When>,
    /// Whether `review` edits of this step are applied.
    pub include_review: bool,
    /// Guard `unless-used`.
    pub unless_used: bool,
    /// Whether imports that it edits go where they belong.
    pub sort: bool,
    /// Guard `same-as`.
    pub same_as: Option<RepoPath>,
    /// The row of its kind.
    pub kind: &'static Kind,
    /// Its own fields.
    pub step: Box<dyn AnyStep>,
}

/// A condition: all parts that are given have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// A path that exists in the tree as it is when the step's turn comes.
    pub exists: Option<RepoPath>,
    /// A path that does not.
    pub missing: Option<RepoPath>,
    /// A variable that is neither empty nor `false`.
    pub var: Option<String>,
}

/// A readiness check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// At most `max` findings of a rule.
    Rule {
        /// The rule.
        rule: String,
        /// The most that is fine.
        max: u64,
    },
    /// Ticked by hand.
    Manual {
        /// What has to be true.
        text: String,
        /// Whether it is.
        done: bool,
    },
}
