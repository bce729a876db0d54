//! `overhaul.plan/1`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::pretty;
use super::verify::{File, Import, files, imports, paths};
use crate::finding::{Finding, Safety, Severity};
use crate::path::RepoPath;
use crate::plan::{Change, ChangeKind, Junk, Part};
use crate::report::{PlanReport, StepReport, TextOptions, redact};
use crate::steps::{LeftAlone, Note};
use crate::tree::ReadError;
use crate::verify::{Commit, Proof};

#[derive(Serialize)]
struct Plan<'a> {
    format: &'static str,
    playbook: &'a str,
    description: &'a str,
    vars: BTreeMap<&'a str, Cow<'a, str>>,
    base: String,
    tree: String,
    steps: Vec<Step<'a>>,
    commits: Vec<CommitRow<'a>>,
    findings: Vec<FindingRow<'a>>,
    /// What leaves the disk, the largest first: no part of the tree.
    on_disk: Vec<JunkRow<'a>>,
    on_disk_left_alone: Vec<LeftAloneRow<'a>>,
    proof: ProofRow<'a>,
}

#[derive(Serialize)]
struct JunkRow<'a> {
    path: String,
    kind: &'static str,
    step: &'a str,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct CommitRow<'a> {
    steps: Vec<&'a str>,
    /// It only moves: the edits are in the next one.
    pure_rename: bool,
}

#[derive(Serialize)]
struct Step<'a> {
    id: &'a str,
    kind: &'a str,
    sprint: Option<&'a str>,
    why: Option<&'a str>,
    skipped: Option<&'a str>,
    changes: Vec<ChangeRow<'a>>,
    /// Edits that are only shown.
    pending: Vec<Pending<'a>>,
    left_alone: Vec<LeftAloneRow<'a>>,
    untracked: Vec<String>,
    findings: Vec<FindingRow<'a>>,
}

#[derive(Serialize)]
struct ChangeRow<'a> {
    path: String,
    from: Option<String>,
    kind: &'static str,
    mode: Option<&'static str>,
    /// The least sure of its edits; none where the step names the change outright.
    safety: Option<&'static str>,
    why: Option<String>,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    line: u32,
    before: String,
    after: String,
    safety: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct Pending<'a> {
    path: String,
    #[serde(flatten)]
    edit: Edit<'a>,
}

#[derive(Serialize)]
pub(super) struct LeftAloneRow<'a> {
    path: String,
    reason: &'a str,
    evidence: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct FindingRow<'a> {
    severity: &'static str,
    path: Option<String>,
    line: Option<u32>,
    message: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct ProofRow<'a> {
    holds: bool,
    fixed: Vec<Import<'a>>,
    broken: Vec<Import<'a>>,
    still_broken: Vec<Import<'a>>,
    unproved: Vec<Import<'a>>,
    new_cycles: Vec<Vec<String>>,
    unreadable: Vec<File<'a>>,
}

pub(super) fn render(report: &PlanReport<'_>, _: TextOptions) -> Result<Vec<u8>, ReadError> {
    Ok(pretty(&Plan {
        format: "overhaul.plan/1",
        playbook: report.playbook,
        description: report.description,
        vars: report
            .vars
            .iter()
            .map(|(name, it)| (name.as_str(), redact::value(name, it)))
            .collect(),
        base: report.base.to_string(),
        tree: report.tree.to_string(),
        steps: report.steps.iter().map(step).collect(),
        commits: report.commits.iter().map(|it| commit(report, it)).collect(),
        findings: report.findings.iter().chain(&report.disk.findings).map(finding).collect(),
        on_disk: report.disk.junk.iter().map(junk).collect(),
        on_disk_left_alone: report.disk.left().map(left_alone).collect(),
        proof: proof(report.proof, report.cycles_fail),
    }))
}

fn junk(junk: &Junk) -> JunkRow<'_> {
    JunkRow {
        path: junk.path.to_string(),
        kind: junk.kind.word(),
        step: &junk.step,
        files: junk.weight.files,
        bytes: junk.weight.bytes,
    }
}

fn commit<'a>(report: &PlanReport<'a>, commit: &Commit) -> CommitRow<'a> {
    let step = |at: &usize| report.steps.get(*at).map(|it| it.id);
    CommitRow {
        steps: commit.steps.iter().filter_map(step).collect(),
        pure_rename: commit.part == Part::Moves,
    }
}

fn step<'a>(report: &'a StepReport<'a>) -> Step<'a> {
    let outcome = report.outcome;
    let mut applied: BTreeMap<&RepoPath, Vec<&Note>> = BTreeMap::new();
    for note in outcome.edits.iter().filter(|it| it.applied) {
        applied.entry(&note.path).or_default().push(note);
    }
    let pending = outcome.edits.iter().filter(|it| !it.applied);
    let change_of =
        |it: &Change| change(it, applied.remove(&it.path).unwrap_or_default(), report.why);
    Step {
        id: report.id,
        kind: report.kind,
        sprint: report.sprint,
        why: report.why,
        skipped: report.skipped,
        changes: report.changes.iter().map(change_of).collect(),
        pending: pending.map(|it| Pending { path: it.path.to_string(), edit: edit(it) }).collect(),
        left_alone: outcome.left_alone.iter().map(left_alone).collect(),
        untracked: outcome.untracked.iter().map(ToString::to_string).collect(),
        findings: outcome.findings.iter().map(finding).collect(),
    }
}

fn change<'a>(change: &Change, edits: Vec<&'a Note>, why: Option<&str>) -> ChangeRow<'a> {
    let mut reasons: Vec<&str> = edits.iter().map(|it| it.why.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let inferred = (!reasons.is_empty()).then(|| reasons.join("; "));
    ChangeRow {
        path: change.path.to_string(),
        from: change.from.as_ref().map(ToString::to_string),
        kind: match change.kind() {
            ChangeKind::Added => "added",
            ChangeKind::Edited => "edited",
            ChangeKind::Moved => "moved",
            ChangeKind::MovedAndEdited => "moved-and-edited",
            ChangeKind::Removed => "removed",
        },
        mode: change.new.as_ref().map(|it| it.mode.octal()),
        safety: edits.iter().map(|it| it.safety).min().map(Safety::word),
        why: inferred.or_else(|| why.map(str::to_owned)),
        edits: edits.into_iter().map(edit).collect(),
    }
}

fn edit(note: &Note) -> Edit<'_> {
    Edit {
        line: note.line,
        before: redact::text(&note.path, &note.before),
        after: redact::text(&note.path, &note.after),
        safety: note.safety.word(),
        why: &note.why,
    }
}

pub(super) fn left_alone(left: &LeftAlone) -> LeftAloneRow<'_> {
    LeftAloneRow {
        path: left.path.to_string(),
        reason: &left.reason,
        evidence: left.evidence.iter().map(|it| redact::text(&left.path, it)).collect(),
    }
}

pub(super) fn finding(finding: &Finding) -> FindingRow<'_> {
    FindingRow {
        severity: match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        path: finding.path.as_ref().map(ToString::to_string),
        line: finding.line,
        message: &finding.message,
        hint: finding.hint.as_deref(),
    }
}

fn proof(proof: &Proof, cycles_fail: bool) -> ProofRow<'_> {
    ProofRow {
        holds: proof.holds(cycles_fail),
        fixed: imports(&proof.fixed),
        broken: imports(&proof.broken),
        still_broken: imports(&proof.still_broken),
        unproved: imports(&proof.unproved),
        new_cycles: paths(&proof.new_cycles),
        unreadable: files(&proof.unreadable),
    }
}
