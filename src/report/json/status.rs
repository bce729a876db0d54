//! `overhaul.status/1`: how far a playbook has come.

use serde::Serialize;

use super::plan::{FindingRow, LeftAloneRow, finding, left_alone};
use super::pretty;
use crate::plan::Weight;
use crate::report::TextOptions;
use crate::report::status::{CheckStatus, SprintStatus, StatusReport, StepState, StepStatus};

#[derive(Serialize)]
struct Status<'a> {
    format: &'static str,
    playbook: &'a str,
    description: &'a str,
    base: String,
    ready: bool,
    sprints: Vec<SprintRow<'a>>,
    findings: Vec<FindingRow<'a>>,
    checks: Vec<CheckRow<'a>>,
}

/// A sprint; the steps without one have no name.
#[derive(Serialize)]
struct SprintRow<'a> {
    name: Option<&'a str>,
    priority: Option<&'a str>,
    goal: Option<&'a str>,
    done: bool,
    steps: Vec<StepRow<'a>>,
}

#[derive(Serialize)]
struct StepRow<'a> {
    id: &'a str,
    kind: &'a str,
    why: Option<&'a str>,
    state: &'static str,
    /// Why it does not run.
    skipped: Option<&'a str>,
    /// How many files it would change.
    changes: usize,
    /// How many files it would take off the disk, and how many bytes are in them.
    on_disk_files: u64,
    on_disk_bytes: u64,
    /// How many edits a person has to look at first.
    waiting: usize,
    left_alone: Vec<LeftAloneRow<'a>>,
}

/// A check: of a rule, or ticked by hand.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum CheckRow<'a> {
    Rule { rule: &'static str, max: u64, found: usize, holds: bool, findings: Vec<FindingRow<'a>> },
    Manual { text: &'a str, holds: bool },
}

pub(super) fn render(report: &StatusReport<'_>, _: TextOptions) -> Vec<u8> {
    pretty(&Status {
        format: "overhaul.status/1",
        playbook: report.playbook,
        description: report.description,
        base: report.base.to_string(),
        ready: report.is_ready(),
        sprints: report.sprints.iter().map(sprint).collect(),
        findings: report.findings.iter().map(finding).collect(),
        checks: report.checks.iter().map(check).collect(),
    })
}

fn sprint<'a>(status: &'a SprintStatus<'_>) -> SprintRow<'a> {
    SprintRow {
        name: status.sprint.map(|it| it.name.as_str()),
        priority: status.sprint.and_then(|it| it.priority.as_deref()),
        goal: status.sprint.and_then(|it| it.goal.as_deref()),
        done: status.is_done(),
        steps: status.steps.iter().map(step).collect(),
    }
}

fn step<'a>(status: &'a StepStatus<'_>) -> StepRow<'a> {
    let none = Weight::default();
    let (state, changes, on_disk, skipped) = match status.state {
        StepState::Done => ("done", 0, none, None),
        StepState::Pending(changes) => ("pending", changes, none, None),
        StepState::OnDisk(weight) => ("pending", 0, weight, None),
        StepState::Skipped(reason) => ("skipped", 0, none, Some(reason)),
        StepState::Unseen => ("unseen", 0, none, None),
    };
    StepRow {
        id: status.id,
        kind: status.kind,
        why: status.why,
        state,
        skipped,
        changes,
        on_disk_files: on_disk.files,
        on_disk_bytes: on_disk.bytes,
        waiting: status.waiting,
        left_alone: status.left_alone.iter().map(left_alone).collect(),
    }
}

fn check<'a>(status: &'a CheckStatus<'_>) -> CheckRow<'a> {
    let holds = status.holds();
    match status {
        CheckStatus::Rule { rule, max, found } => CheckRow::Rule {
            rule: rule.id,
            max: *max,
            found: found.len(),
            holds,
            findings: found.iter().map(finding).collect(),
        },
        CheckStatus::Manual { text, .. } => CheckRow::Manual { text, holds },
    }
}
