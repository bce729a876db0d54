//! How far a playbook has come: the view of a plan over HEAD that `status` shows.

use crate::audit::Rule;
use crate::finding::{Finding, Safety};
use crate::plan::{OnDisk, Plan, PlannedStep, Weight};
use crate::playbook::{Playbook, Sprint};
use crate::steps::LeftAlone;
use crate::tree::Id;

/// How far a playbook has come.
#[derive(Debug)]
pub struct StatusReport<'a> {
    /// The playbook's name.
    pub playbook: &'a str,
    /// What the playbook says of itself; may be empty.
    pub description: &'a str,
    /// The commit that was read.
    pub base: Id,
    /// The sprints, in order; steps without a sprint come last.
    pub sprints: Vec<SprintStatus<'a>>,
    /// What a person should know that belongs to no step.
    pub findings: &'a [Finding],
    /// The readiness checks, in order.
    pub checks: Vec<CheckStatus<'a>>,
}

/// How far a sprint has come.
#[derive(Debug)]
pub struct SprintStatus<'a> {
    /// The sprint; `None` for the steps without one.
    pub sprint: Option<&'a Sprint>,
    /// Its steps, in order.
    pub steps: Vec<StepStatus<'a>>,
}

/// How far a step has come.
#[derive(Debug)]
pub struct StepStatus<'a> {
    /// Its id: given, or made of its number and kind.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Why the playbook wants it.
    pub why: Option<&'a str>,
    /// Whether it is done.
    pub state: StepState<'a>,
    /// Edits of it that a person has to look at first.
    pub waiting: usize,
    /// What it matched and leaves where it is, and why.
    pub left_alone: &'a [LeftAlone],
}

/// Whether a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState<'a> {
    /// There is nothing left to change.
    Done,
    /// It would change so many files.
    Pending(usize),
    /// It would take so much off the disk.
    OnDisk(Weight),
    /// It does not run, and why.
    Skipped(&'a str),
    /// It starts a program, which it may not: nobody knows.
    Unseen,
}

/// Whether a readiness check holds.
#[derive(Debug)]
pub enum CheckStatus<'a> {
    /// At most so many findings of a rule.
    Rule {
        /// The rule.
        rule: &'static Rule,
        /// The most that is fine.
        max: u64,
        /// What it finds.
        found: Vec<Finding>,
    },
    /// Ticked by hand.
    Manual {
        /// What has to be true.
        text: &'a str,
        /// Whether it is.
        done: bool,
    },
}

impl<'a> StatusReport<'a> {
    /// Takes the view of a plan of all steps but the `unseen`.
    #[must_use]
    pub fn new(
        plan: &'a Plan,
        disk: &'a OnDisk,
        playbook: &'a Playbook,
        unseen: &[String],
        checks: Vec<CheckStatus<'a>>,
    ) -> Self {
        let of = |sprint: Option<&'a Sprint>| {
            let name = sprint.map(|it| it.name.as_str());
            let own = playbook.steps.iter().filter(|it| it.sprint.as_deref() == name);
            let steps = own.filter_map(|it| StepStatus::new(plan, disk, &it.id, unseen)).collect();
            SprintStatus { sprint, steps }
        };
        let mut sprints: Vec<_> = playbook.sprints.iter().map(|it| of(Some(it))).collect();
        sprints.push(of(None));
        sprints.retain(|it| it.sprint.is_some() || !it.steps.is_empty());
        Self {
            playbook: &plan.playbook,
            description: &plan.description,
            base: plan.base,
            sprints,
            findings: &plan.findings,
            checks,
        }
    }

    /// Tells whether nothing is pending and every check holds.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.sprints.iter().all(SprintStatus::is_done) && self.checks.iter().all(CheckStatus::holds)
    }
}

impl SprintStatus<'_> {
    /// Tells whether no step is pending.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(StepStatus::is_done)
    }
}

impl<'a> StepStatus<'a> {
    /// Puts together the runs of a step: one that left something alone may have run again.
    fn new(plan: &'a Plan, disk: &'a OnDisk, id: &str, unseen: &[String]) -> Option<Self> {
        let runs = || plan.steps.iter().filter(|it| it.id == id);
        let last: &PlannedStep = runs().next_back()?;
        let changes = runs().map(|it| it.changes.len()).sum();
        let state = match (last.skipped.as_deref(), changes, disk.of_step(id)) {
            _ if unseen.contains(&last.id) => StepState::Unseen,
            (Some(reason), ..) => StepState::Skipped(reason),
            (None, 0, None) => StepState::Done,
            (None, 0, Some(weight)) => StepState::OnDisk(weight),
            (None, changes, _) => StepState::Pending(changes),
        };
        let edits = last.outcome.edits.iter();
        let waiting = edits.filter(|it| !it.applied && it.safety == Safety::Review).count();
        Some(Self {
            id: &last.id,
            kind: last.kind,
            why: last.why.as_deref(),
            state,
            waiting,
            // A step that looks at the disk leaves nothing of the tree alone.
            left_alone: disk.left_alone.get(id).unwrap_or(&last.outcome.left_alone),
        })
    }

    /// Tells whether the step has nothing left to do, as far as it is to run.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.state, StepState::Done | StepState::Skipped(_))
    }
}

impl CheckStatus<'_> {
    /// Tells whether the check holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self {
            Self::Rule { max, found, .. } => u64::try_from(found.len()).is_ok_and(|it| it <= *max),
            Self::Manual { done, .. } => *done,
        }
    }
}
