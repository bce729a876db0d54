//! From a plan to a [`Verified`] plan: the only thing that can be published.

use super::Proof;
use super::compare::Before;
use crate::path::{Patterns, RepoPath};
use crate::plan::{Part, Plan, changes, only_renamed};
use crate::tree::{ReadError, Tree};

/// A plan of which every commit was proved. Nobody else can make one.
#[derive(Debug, Clone)]
pub struct Verified {
    plan: Plan,
    proof: Proof,
    commits: Vec<Commit>,
}

/// One commit of the branch: the steps that it carries, and the tree that they leave.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Indexes into the steps of the plan, in order; each of them changes something.
    pub steps: Vec<usize>,
    /// How much of them it carries. Where moves come first, the rest is in the next commit.
    pub part: Part,
    /// The tree after it.
    pub tree: Tree,
}

/// How steps are gathered into commits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CommitPer {
    /// One for each step.
    #[default]
    Step,
    /// One for each run of steps of one sprint.
    Sprint,
    /// One for all.
    Run,
}

/// What a proof has to show.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A new import-time cycle fails the plan.
    pub cycles_fail: bool,
    /// Files of which not a byte changes: what they import is listed as unproved.
    pub frozen: Patterns,
}

/// A plan that would break something.
#[derive(Debug, Clone)]
pub struct Unproved {
    /// The plan.
    pub plan: Plan,
    /// What it would break.
    pub proof: Proof,
}

impl Verified {
    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what the plan makes of the imports.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Returns the commits, first to last; none where the plan changes nothing.
    #[must_use]
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }
}

/// Proves a plan, and each commit of it, against the tree that it began with. Steps whose own tree
/// would not hold, because a later step mends what they break, share a commit with those after them.
/// Where git would not see moves as renames, a commit that only moves goes first; that one is not proved.
///
/// # Errors
/// When a file cannot be read. That the plan breaks an import, a file or, where the rules say so, makes a
/// cycle, is an answer.
pub fn prove(
    plan: Plan,
    per: CommitPer,
    rules: &Rules,
) -> Result<Result<Verified, Box<Unproved>>, ReadError> {
    let is_frozen = |path: &RepoPath| rules.frozen.covers(path);
    let before = Before::new((&plan.before, &plan.facts_before));
    let proof = before.compare((&plan.after, &plan.facts_after), &is_frozen)?;
    if !proof.holds(rules.cycles_fail) {
        return Ok(Err(Box::new(Unproved { plan, proof })));
    }
    let holds = |step: usize| {
        let step = &plan.steps[step];
        let proof = before.compare((&step.after, &step.facts), &is_frozen)?;
        Ok(proof.holds(rules.cycles_fail))
    };
    let commits = in_parts(&plan.before, commits(&plan, per, &holds)?)?;
    Ok(Ok(Verified { plan, proof, commits }))
}

/// Gathers the steps that change something; `holds` tells whether the tree after a step holds.
fn commits(
    plan: &Plan,
    per: CommitPer,
    holds: &dyn Fn(usize) -> Result<bool, ReadError>,
) -> Result<Vec<Commit>, ReadError> {
    let working: Vec<usize> =
        (0..plan.steps.len()).filter(|it| !plan.steps[*it].changes.is_empty()).collect();
    let mut found = Vec::new();
    let mut open = Vec::new();
    for (at, step) in working.iter().enumerate() {
        open.push(*step);
        let next = working.get(at + 1);
        let ends = match (next, per) {
            (None, _) => true,
            (Some(_), CommitPer::Step) => holds(*step)?,
            (Some(next), CommitPer::Sprint) => {
                plan.steps[*step].sprint != plan.steps[*next].sprint && holds(*step)?
            }
            (Some(_), CommitPer::Run) => false,
        };
        if ends {
            let tree = plan.steps[*step].after.clone();
            found.push(Commit { steps: std::mem::take(&mut open), part: Part::Whole, tree });
        }
    }
    // Steps that undo each other leave nothing to commit.
    Ok(if plan.changes().is_empty() { Vec::new() } else { found })
}

/// Takes the moves out of commits in which git would not see them.
fn in_parts(base: &Tree, commits: Vec<Commit>) -> Result<Vec<Commit>, ReadError> {
    let mut before = base;
    let mut found = Vec::with_capacity(commits.len());
    for commit in &commits {
        match only_renamed(before, &commit.tree)? {
            Some(renamed) => {
                let rest = changes(&renamed, &commit.tree);
                let steps = commit.steps.clone();
                found.push(Commit { steps, part: Part::Moves, tree: renamed });
                found.push(Commit { part: Part::Rest(rest), ..commit.clone() });
            }
            None => found.push(commit.clone()),
        }
        before = &commit.tree;
    }
    Ok(found)
}
