//! What a plan looks like in a case: what each step says, then every file that differs, whole.

use std::error::Error;
use std::fmt::Write as _;

use overhaul::finding::{Finding, Severity};
use overhaul::path::Patterns;
use overhaul::plan::{Change, ChangeKind, Plan, PlanError, PlannedStep};
use overhaul::playbook::PlaybookError;
use overhaul::steps::StepError;
use overhaul::tree::Mode;
use overhaul::verify::{CommitPer, Rules, Unresolved, prove};

/// Shows the mistakes of a playbook.
pub(super) fn mistakes(error: &PlaybookError) -> String {
    let mut out = String::new();
    for mistake in &error.mistakes {
        writeln!(out, "mistake: {}", mistake.message).unwrap();
        if let Some(help) = &mistake.help {
            writeln!(out, "  hint: {help}").unwrap();
        }
    }
    out
}

/// Shows why there is no plan.
pub(super) fn error(error: &PlanError) -> String {
    let mut out = format!("error: {error}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        writeln!(out, "  caused by: {cause}").unwrap();
        if let Some(StepError::Impossible { hint: Some(hint), .. }) = cause.downcast_ref() {
            writeln!(out, "  hint: {hint}").unwrap();
        }
        source = cause.source();
    }
    out
}

/// Shows a plan.
pub(super) fn plan(plan: &Plan, frozen: &Patterns) -> String {
    let mut out = String::new();
    for one in &plan.steps {
        step(&mut out, one);
    }
    for change in plan.changes() {
        show_change(&mut out, plan, &change);
    }
    let rules = Rules { cycles_fail: true, frozen: frozen.clone() };
    let proof = match prove(plan.clone(), CommitPer::Run, &rules).unwrap() {
        Ok(verified) => verified.proof().clone(),
        Err(unproved) => unproved.proof,
    };
    for one in &proof.broken {
        writeln!(out, "broken: {}", unresolved(one)).unwrap();
    }
    for one in &proof.unproved {
        writeln!(out, "unproved: {}", unresolved(one)).unwrap();
    }
    for one in &proof.fixed {
        writeln!(out, "fixed: {}", unresolved(one)).unwrap();
    }
    for cycle in &proof.new_cycles {
        let names: Vec<String> = cycle.iter().map(ToString::to_string).collect();
        writeln!(out, "new cycle: {}", names.join(", ")).unwrap();
    }
    for one in &proof.unreadable {
        writeln!(out, "unreadable: {}: {}", one.path, one.message).unwrap();
    }
    if out.is_empty() { "nothing to do\n".to_owned() } else { out }
}

/// Shows what a second plan would do on the result of the first: nothing, or it is a fault.
pub(super) fn again(second: Result<Plan, PlanError>) -> String {
    match second {
        Ok(plan) if plan.changes().is_empty() => String::new(),
        Ok(plan) => {
            let paths = plan.changes().into_iter().map(|it| format!("  {}\n", it.path));
            format!("FAULT: a second plan changes\n{}", paths.collect::<String>())
        }
        Err(problem) => format!("FAULT: a second plan fails\n{}", error(&problem)),
    }
}

fn unresolved(one: &Unresolved) -> String {
    let name = one.name.as_deref().map(|it| format!(":{it}")).unwrap_or_default();
    let why = one.why.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
    format!("{}:{} {}{name}{why}", one.path, one.line, one.module)
}

fn step(out: &mut String, step: &PlannedStep) {
    if let Some(why) = &step.skipped {
        writeln!(out, "skipped {}: {why}", step.id).unwrap();
    }
    for one in &step.outcome.findings {
        finding(out, one);
    }
    for one in &step.outcome.left_alone {
        writeln!(out, "left alone {}: {}", one.path, one.reason).unwrap();
        for line in &one.evidence {
            writeln!(out, "  {line}").unwrap();
        }
    }
    for note in step.outcome.edits.iter().filter(|it| !it.applied) {
        let word = note.safety.word();
        writeln!(out, "{word} {}:{}: {}", note.path, note.line, note.why).unwrap();
        writeln!(out, "  - {}\n  + {}", note.before, note.after).unwrap();
    }
    for path in &step.outcome.untracked {
        writeln!(out, "untracked {path}").unwrap();
    }
}

fn finding(out: &mut String, one: &Finding) {
    let word = match one.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let path = one.path.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
    let line = one.line.map(|it| format!(":{it}")).unwrap_or_default();
    writeln!(out, "{word}{path}{line}: {}", one.message).unwrap();
    if let Some(hint) = &one.hint {
        writeln!(out, "  hint: {hint}").unwrap();
    }
}

fn show_change(out: &mut String, plan: &Plan, change: &Change) {
    let path = &change.path;
    let from = change.from.as_ref().map(|it| format!("{it} → ")).unwrap_or_default();
    match change.kind() {
        ChangeKind::Moved => writeln!(out, "=== {from}{path}").unwrap(),
        ChangeKind::Removed => writeln!(out, "=== {path} is gone").unwrap(),
        ChangeKind::Added | ChangeKind::Edited | ChangeKind::MovedAndEdited => {
            let mode = match change.new.as_ref().map(|it| it.mode) {
                Some(Mode::Executable) => " (executable)",
                Some(Mode::Link) => " (link)",
                _ => "",
            };
            let bytes = plan.after.read(path).unwrap();
            let text = match String::from_utf8(bytes.to_vec()) {
                Ok(text) => text.replace('\r', "␍").replace('\u{feff}', "␂"),
                Err(_) => bytes.iter().map(|it| char::from(*it)).collect(),
            };
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "∅\n" };
            writeln!(out, "=== {from}{path}{mode}\n{text}{end}").unwrap();
        }
    }
}
