//! Runs the steps of a playbook in order over one tree, and keeps every change with its reason.
//!
//! Planning is a function of a snapshot, a playbook and [`Options`]: it writes nothing, and asks
//! nobody. Facts are read again after each step; what did not change is not parsed again.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::{Facts, Memo, Settings};
use crate::finding::{Finding, Safety, nearest};
use crate::path::RepoPath;
use crate::playbook::{self, Playbook, PlaybookStep, When};
use crate::steps::{Context, NoPrograms, Now, Outcome, Past, Programs, Stage, StepError};
use crate::tree::{Id, ReadError, Snapshot, Tree};

mod again;
mod archive;
mod change;
mod disk;
mod message;
mod renames;
mod undone;

pub use change::{Change, ChangeKind, changes};
pub use disk::{Junk, JunkKind, OnDisk, Weight};
pub use message::{Part, listing_message, message};
pub use renames::only_renamed;

/// All planned changes of a playbook over one commit.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The playbook's name.
    pub playbook: String,
    /// What the playbook says of itself.
    pub description: String,
    /// The commit that was read.
    pub base: Id,
    /// The tree of that commit.
    pub before: Tree,
    /// The facts of `before`.
    pub facts_before: Arc<Facts>,
    /// The tree that the plan makes.
    pub after: Tree,
    /// The facts of `after`.
    pub facts_after: Arc<Facts>,
    /// The git id of `after`.
    pub tree: Id,
    /// The steps, in order, also those that change nothing.
    pub steps: Vec<PlannedStep>,
    /// What a person should know that belongs to no step.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Returns what the whole plan changes, by path.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        changes(&self.before, &self.after)
    }

    /// Returns the tracked paths that leave the branch while their bytes stay on disk.
    #[must_use]
    pub fn untracked(&self) -> Vec<&RepoPath> {
        let mut paths: Vec<_> = self.steps.iter().flat_map(|it| &it.outcome.untracked).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

/// One step, carried out in memory.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Its id: given, or made of its number and kind.
    pub id: String,
    /// Its kind.
    pub kind: &'static str,
    /// The sprint that it belongs to.
    pub sprint: Option<String>,
    /// Why the playbook wants it.
    pub why: Option<String>,
    /// Why it did not run, where a `when` or a filter held it back.
    pub skipped: Option<String>,
    /// The tree that it leaves.
    pub after: Tree,
    /// The facts of that tree.
    pub facts: Arc<Facts>,
    /// What it changed, by path.
    pub changes: Vec<Change>,
    /// What it says about its work.
    pub outcome: Outcome,
}

/// What the person who plans chooses, beside the playbook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Run only these sprints and steps; all where empty.
    pub only: Vec<String>,
    /// Leave these sprints and steps out.
    pub skip: Vec<String>,
    /// Apply `review` edits, too.
    pub include_review: bool,
}

/// The commit that a plan stands on.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its id.
    pub commit: Id,
    /// Its committer's day, UTC, as `yyyymmdd`.
    pub date: String,
    /// Its tree.
    pub snapshot: Snapshot,
}

/// A plan could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// `--only` or `--skip` names nothing in the playbook.
    #[error("the playbook has no sprint or step `{name}`")]
    UnknownName {
        /// What was named.
        name: String,
        /// The nearest sprint or step.
        nearest: Option<String>,
    },
    /// A step could not be carried out.
    #[error("step `{id}` cannot be carried out")]
    Step {
        /// The step.
        id: String,
        /// Why.
        source: StepError,
    },
    /// A step changed a path that the playbook froze: a bug of that step, stopped here.
    #[error("step `{id}` would change `{path}`, which is frozen")]
    Frozen {
        /// The step.
        id: String,
        /// The path.
        path: RepoPath,
    },
    /// Steps put two files into each other's place.
    #[error("the steps exchange `{one}` and `{other}`, and no tree shows whether that is done")]
    Exchange {
        /// One of the files.
        one: RepoPath,
        /// The file in whose place it goes.
        other: RepoPath,
    },
    /// A second plan would not be empty.
    #[error("the steps do not settle: a second plan would change `{path}` once more")]
    Unsettled {
        /// The first path that would change.
        path: RepoPath,
    },
    /// There would be no second plan.
    #[error("the steps do not settle: a second plan would fail")]
    FailsAgain {
        /// Why.
        source: Box<PlanError>,
    },
}

/// Runs every step of `playbook`, in order, over the tree of `base`; no program can be started.
///
/// # Errors
/// When a step cannot be carried out, a file cannot be read, or `options` name nothing.
pub fn plan(
    base: &Base,
    playbook: &Playbook,
    options: &Options,
    memo: &Arc<Memo>,
) -> Result<Plan, PlanError> {
    plan_with(base, playbook, options, memo, Arc::new(NoPrograms))
}

/// As [`plan`], with programs that steps may start.
///
/// # Errors
/// As for [`plan`].
pub fn plan_with(
    base: &Base,
    playbook: &Playbook,
    options: &Options,
    memo: &Arc<Memo>,
    programs: Arc<dyn Programs>,
) -> Result<Plan, PlanError> {
    names_exist(playbook, options)?;
    let before = Tree::new(base.snapshot.clone());
    let settings = settings(playbook, base, &before);
    let facts_before = Arc::new(Facts::index(&before, &settings, memo)?);
    let context = Context {
        base: base.commit,
        date: base.date.clone(),
        settings,
        memo: Arc::clone(memo),
        keep: playbook.keep.clone(),
        frozen: playbook.frozen.clone(),
        entry_points: playbook.entry_points.clone(),
        vars: with_date(&playbook.vars, &base.date),
        fill: playbook::fill,
        programs,
    };
    let mut run = Run { context: &context, before: &before, playbook, options, steps: Vec::new() };
    let state = run.all(&facts_before)?;
    if !changes(&before, &state.0).is_empty() {
        again::settles(&run, &state)?;
    }
    let steps = run.steps;
    let (after, facts_after) = state;
    Ok(Plan {
        playbook: playbook.name.clone(),
        description: playbook.description.clone(),
        base: base.commit,
        tree: after.id(),
        findings: undone::warnings(&steps, &before, &after),
        before,
        facts_before,
        after,
        facts_after,
        steps,
    })
}

/// Returns the variables that a text may name: those of the playbook, and the day.
fn with_date(vars: &BTreeMap<String, String>, date: &str) -> BTreeMap<String, String> {
    let mut vars = vars.clone();
    vars.insert("date".to_owned(), date.to_owned());
    vars
}

/// Returns how a playbook wants trees to be read: its `[python]`, and the archives left out.
fn settings(playbook: &Playbook, base: &Base, tree: &Tree) -> Settings {
    Settings {
        roots: playbook.roots.clone(),
        target: playbook.target,
        skip: archive::folders(playbook, &base.date, tree),
        installed: None,
    }
}

/// A tree and its facts.
type State = (Tree, Arc<Facts>);

/// The state of one planning run; private, so that callers only ever see [`plan`].
struct Run<'a> {
    context: &'a Context,
    before: &'a Tree,
    playbook: &'a Playbook,
    options: &'a Options,
    steps: Vec<PlannedStep>,
}

impl Run<'_> {
    /// Runs all steps, and returns the tree and facts that they leave.
    fn all(&mut self, facts: &Arc<Facts>) -> Result<State, PlanError> {
        let now = Now { context: self.context, tree: self.before, facts };
        let pasts = again::pasts(&self.playbook.steps, &now)?;
        let mut state = (self.before.clone(), Arc::clone(facts));
        for (step, past) in self.playbook.steps.iter().zip(pasts) {
            state = self.step((step, past), state)?;
        }
        self.settle(state)
    }

    /// Runs one step over `tree`, and returns the tree and facts that it leaves.
    fn step(
        &mut self,
        (step, past): (&PlaybookStep, Past),
        (tree, facts): State,
    ) -> Result<State, PlanError> {
        if let Some(reason) = self.held_back(step, &tree) {
            let nothing = (Some(reason), Vec::new());
            self.record(step, nothing, (tree.clone(), &facts), Outcome::default());
            return Ok((tree, facts));
        }
        let review = self.options.include_review || step.include_review;
        let mut stage = Stage {
            context: self.context,
            base: self.before,
            tree: tree.clone(),
            facts: Arc::clone(&facts),
            past,
            unless_used: step.unless_used,
            sort: step.sort,
            same_as: step.same_as.clone(),
            floor: if review { Safety::Review } else { Safety::Safe },
            outcome: Outcome::default(),
        };
        step.step
            .run(&mut stage)
            .map_err(|source| PlanError::Step { id: step.id.clone(), source })?;
        let (after, outcome) = (stage.tree, stage.outcome);
        let changed = changes(&tree, &after);
        let facts = match changed.is_empty() {
            true => facts,
            false => {
                let Context { settings, memo, .. } = self.context;
                Arc::new(facts.index_again(&after, settings, memo)?)
            }
        };
        self.record(step, (None, changed), (after.clone(), &facts), outcome);
        self.nothing_frozen_changed()?;
        Ok((after, facts))
    }

    /// Runs guarded steps again that left something alone, as long as that takes more: what a later
    /// step took may have been all that kept it, and a second plan has to be empty. What a later step
    /// put there is as little theirs as in a second plan.
    fn settle(&mut self, mut state: State) -> Result<State, PlanError> {
        loop {
            let before = state.0.clone();
            for (at, step) in self.playbook.steps.iter().enumerate() {
                let last = self.steps.iter().rev().find(|it| it.id == step.id);
                let guarded = step.unless_used || step.step.is_guarded();
                if !guarded || last.is_none_or(|it| it.outcome.left_alone.is_empty()) {
                    continue;
                }
                let now = Now { context: self.context, tree: &state.0, facts: &state.1 };
                let past = again::pasts(&self.playbook.steps, &now)?.swap_remove(at);
                state = self.step((step, past), state)?;
                if self.steps.last().is_some_and(|it| it.changes.is_empty()) {
                    self.steps.pop();
                }
            }
            if changes(&before, &state.0).is_empty() {
                return Ok(state);
            }
        }
    }

    /// Says why a step does not run, where it does not.
    fn held_back(&self, step: &PlaybookStep, tree: &Tree) -> Option<String> {
        let named = |list: &[String]| {
            list.iter().any(|it| *it == step.id || Some(it) == step.sprint.as_ref())
        };
        if !self.options.only.is_empty() && !named(&self.options.only) {
            return Some("not named by `--only`".to_owned());
        }
        if named(&self.options.skip) {
            return Some("named by `--skip`".to_owned());
        }
        step.when.as_ref().and_then(|when| self.unmet(when, tree))
    }

    /// Says which part of a condition does not hold.
    fn unmet(&self, when: &When, tree: &Tree) -> Option<String> {
        let truthy = |name: &String| {
            let value = self.playbook.vars.get(name).map_or("", String::as_str);
            !matches!(value, "" | "false" | "0")
        };
        if let Some(path) = when.exists.as_ref().filter(|it| !tree.exists(it)) {
            return Some(format!("`{path}` does not exist"));
        }
        if let Some(path) = when.missing.as_ref().filter(|it| tree.exists(it)) {
            return Some(format!("`{path}` exists"));
        }
        let var = when.var.as_ref().filter(|it| !truthy(it))?;
        Some(format!("variable `{var}` is not set"))
    }

    fn record(
        &mut self,
        step: &PlaybookStep,
        (skipped, changes): (Option<String>, Vec<Change>),
        (after, facts): (Tree, &Arc<Facts>),
        outcome: Outcome,
    ) {
        self.steps.push(PlannedStep {
            id: step.id.clone(),
            kind: step.kind.name,
            sprint: step.sprint.clone(),
            why: step.why.clone(),
            skipped,
            changes,
            after,
            facts: Arc::clone(facts),
            outcome,
        });
    }

    /// Holds every step to `[keep] frozen`, whatever the step itself looked at.
    fn nothing_frozen_changed(&self) -> Result<(), PlanError> {
        let Some(last) = self.steps.last() else { return Ok(()) };
        let touched = last.changes.iter().flat_map(|it| [Some(&it.path), it.from.as_ref()]);
        match touched.flatten().find(|path| self.context.frozen.covers(path)) {
            Some(path) => Err(PlanError::Frozen { id: last.id.clone(), path: path.clone() }),
            None => Ok(()),
        }
    }
}

/// Checks that `--only` and `--skip` name sprints or steps of the playbook.
///
/// # Errors
/// When one of them names nothing.
pub fn names_exist(playbook: &Playbook, options: &Options) -> Result<(), PlanError> {
    let sprints = playbook.sprints.iter().map(|it| it.name.as_str());
    let known: Vec<&str> = playbook.steps.iter().map(|it| it.id.as_str()).chain(sprints).collect();
    match options.only.iter().chain(&options.skip).find(|it| !known.contains(&it.as_str())) {
        Some(name) => Err(PlanError::UnknownName {
            name: name.clone(),
            nearest: nearest(name, known.iter().copied()).map(str::to_owned),
        }),
        None => Ok(()),
    }
}
