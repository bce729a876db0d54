//! What is reported: the narrow views of a plan, a verification, a question and a run that formats
//! read. A format never sees facts; whoever calls it has taken out what is to be shown.

use std::collections::BTreeMap;

use crate::facts::Root;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::plan::{Change, OnDisk, Plan};
use crate::playbook::{Playbook, Sprint};
use crate::steps::Outcome;
use crate::tree::{Id, Tree};
use crate::verify::{Commit, Proof, Report};

/// A plan and its proof.
#[derive(Debug)]
pub struct PlanReport<'a> {
    /// The playbook's name.
    pub playbook: &'a str,
    /// What the playbook says of itself; may be empty.
    pub description: &'a str,
    /// The variables with the values of this run.
    pub vars: &'a BTreeMap<String, String>,
    /// The sprints, in order.
    pub sprints: &'a [Sprint],
    /// The commit that was read.
    pub base: Id,
    /// The tree of that commit.
    pub before: &'a Tree,
    /// The tree that the plan makes.
    pub after: &'a Tree,
    /// The git id of `after`.
    pub tree: Id,
    /// The steps, in order.
    pub steps: Vec<StepReport<'a>>,
    /// What a person should know that belongs to no step.
    pub findings: &'a [Finding],
    /// What leaves the disk, and is no part of the trees.
    pub disk: &'a OnDisk,
    /// What the plan makes of the imports.
    pub proof: &'a Proof,
    /// The commits, where the plan is proved; those of one step each, as far as they can be.
    pub commits: &'a [Commit],
    /// Whether a new import-time cycle fails the plan.
    pub cycles_fail: bool,
}

/// One step of a plan.
#[derive(Debug)]
pub struct StepReport<'a> {
    /// Its id: given, or made of its number and kind.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// The sprint that it belongs to.
    pub sprint: Option<&'a str>,
    /// Why the playbook wants it.
    pub why: Option<&'a str>,
    /// Why it did not run, where it did not.
    pub skipped: Option<&'a str>,
    /// The tree that it found.
    pub before: &'a Tree,
    /// What it changed, by path.
    pub changes: &'a [Change],
    /// What it says about its work.
    pub outcome: &'a Outcome,
}

impl<'a> PlanReport<'a> {
    /// Takes out of a plan what is shown of it.
    #[must_use]
    pub fn new(
        plan: &'a Plan,
        playbook: &'a Playbook,
        proof: &'a Proof,
        commits: &'a [Commit],
        disk: &'a OnDisk,
    ) -> Self {
        let mut before = &plan.before;
        let mut steps = Vec::new();
        for step in &plan.steps {
            steps.push(StepReport {
                id: &step.id,
                kind: step.kind,
                sprint: step.sprint.as_deref(),
                why: step.why.as_deref(),
                skipped: step.skipped.as_deref(),
                before,
                changes: &step.changes,
                outcome: &step.outcome,
            });
            before = &step.after;
        }
        Self {
            playbook: &plan.playbook,
            description: &plan.description,
            vars: &playbook.vars,
            sprints: &playbook.sprints,
            base: plan.base,
            before: &plan.before,
            after: &plan.after,
            tree: plan.tree,
            steps,
            findings: &plan.findings,
            disk,
            proof,
            commits,
            cycles_fail: playbook.cycles_fail,
        }
    }
}

/// What `verify` found in one tree.
#[derive(Debug)]
pub struct VerifyReport<'a> {
    /// What the tree looks like.
    pub report: &'a Report,
    /// What differs from another tree, where only that is asked for.
    pub against: Option<Against<'a>>,
    /// What the resolution stands on, where it is asked for.
    pub explain: Option<Explain<'a>>,
}

/// A comparison with an earlier tree.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The revision, as the user named it.
    pub revision: &'a str,
    /// What differs.
    pub proof: &'a Proof,
}

/// What names are resolved by.
#[derive(Debug, Clone)]
pub struct Explain<'a> {
    /// The directories from which absolute imports resolve.
    pub roots: &'a [Root],
    /// The version that the code is written for.
    pub target: (u8, u8),
    /// The top-level modules that are taken for third party: declared or installed.
    pub third_party: Vec<String>,
}

/// Who uses a file, a module or a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhyReport {
    /// What was asked about, as the user named it.
    pub subject: String,
    /// The imports, in order of path and line.
    pub importers: Vec<Importer>,
    /// The mentions outside imports, in order of path and line.
    pub mentions: Vec<Mention>,
}

/// An import of what was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Importer {
    /// The importing file.
    pub path: RepoPath,
    /// The line of the import, from 1.
    pub line: u32,
    /// The line itself.
    pub text: String,
}

/// A mention of what was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The file.
    pub path: RepoPath,
    /// The line, from 1.
    pub line: u32,
    /// What kind of mention: `string`, `compose`, `comment`.
    pub kind: String,
    /// The line itself.
    pub text: String,
}

/// A run that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// Its id.
    pub id: String,
    /// When it was applied: `2026-11-03T10:00:00Z`.
    pub time: String,
    /// The playbook's name.
    pub playbook: String,
    /// The branch that it made; `None` where there was nothing to commit.
    pub branch: Option<String>,
    /// What became of it: `applied`, `merged`, `undone`.
    pub state: String,
    /// Its commits, oldest first: id and subject.
    pub commits: Vec<(Id, String)>,
}
