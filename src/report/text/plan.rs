//! A plan: a summary, each step with what it does and what it leaves alone, the proof, the diff.

use std::collections::BTreeMap;

use super::{Ink, Paint, TextOptions, count, difference, excerpt, moves, proof, shorten, stat};
use crate::finding::{Finding, Safety, Severity};
use crate::plan::{Change, ChangeKind, changes};
use crate::report::{PlanReport, StepReport, diff, redact};
use crate::steps::{LeftAlone, Note};
use crate::tree::ReadError;

pub(super) fn render(report: &PlanReport<'_>, options: TextOptions) -> Result<Vec<u8>, ReadError> {
    let paint = Paint::new(options.colour);
    let whole = changes(report.before, report.after);
    let mut lines = head(report, &whole, paint);
    let mut sprint = None;
    for (at, step) in report.steps.iter().enumerate() {
        lines.push(String::new());
        if step.sprint != sprint {
            sprint = step.sprint;
            lines.extend(sprint.map(|name| sprint_line(report, name, paint)));
        }
        lines.extend(step_lines(at + 1, step, options));
    }
    lines.push(String::new());
    lines.extend(report.findings.iter().flat_map(|it| finding(it, paint)));
    lines.extend(proof::plan(report, options));
    lines.push(format!("result: tree {}, on commit {}", report.tree, report.base));
    let mut out = (lines.join("\n") + "\n").into_bytes();
    let files = diff::files(report.before, report.after, &whole)?;
    if !files.is_empty() {
        out.push(b'\n');
    }
    match options.stat {
        true if files.is_empty() => {}
        true => out.extend_from_slice(stat::write(&files, paint).as_bytes()),
        false => files.iter().for_each(|file| difference::write(file, paint, &mut out)),
    }
    Ok(out)
}

fn head(report: &PlanReport<'_>, whole: &[Change], paint: Paint) -> Vec<String> {
    let steps = count(report.steps.len(), "step");
    let files = match whole.len() {
        0 => "nothing to change".to_owned(),
        number => format!("{} ({})", count(number, "file"), kinds(whole)),
    };
    let title = paint.text(Ink::Bold, &format!("plan `{}`", report.playbook));
    let mut lines = vec![format!("{title}: {steps}, {files}")];
    lines.extend((!report.description.is_empty()).then(|| report.description.to_owned()));
    let vars = report
        .vars
        .iter()
        .map(|(name, value)| format!("  {name} = {}", excerpt(&redact::value(name, value))));
    lines.extend(vars);
    lines
}

/// Returns `9 moved, 3 edited, 1 added`.
fn kinds(changes: &[Change]) -> String {
    let mut counts: BTreeMap<ChangeKind, usize> = BTreeMap::new();
    for change in changes {
        *counts.entry(change.kind()).or_default() += 1;
    }
    let word = |kind: &ChangeKind| match kind {
        ChangeKind::Added => "added",
        ChangeKind::Edited => "edited",
        ChangeKind::Moved => "moved",
        ChangeKind::MovedAndEdited => "moved and edited",
        ChangeKind::Removed => "removed",
    };
    let parts = counts.iter().map(|(kind, number)| format!("{number} {}", word(kind)));
    parts.collect::<Vec<_>>().join(", ")
}

fn sprint_line(report: &PlanReport<'_>, name: &str, paint: Paint) -> String {
    let sprint = report.sprints.iter().find(|it| it.name == name);
    let priority = sprint.and_then(|it| it.priority.as_ref());
    let goal = sprint.and_then(|it| it.goal.as_ref());
    let mut line = paint.text(Ink::Bold, &format!("sprint `{name}`"));
    line.push_str(&priority.map(|it| format!(" ({it})")).unwrap_or_default());
    line.push_str(&goal.map(|it| format!(": {it}")).unwrap_or_default());
    line
}

/// Writes a step: its title, then the rows below it, two columns in.
fn step_lines(number: usize, step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let named = step.id != format!("{number}-{}", step.kind);
    let id = if named { format!(" `{}`", step.id) } else { String::new() };
    let sum = match (step.skipped, step.changes.len()) {
        (Some(reason), _) => format!("skipped: {reason}"),
        (None, 0) => "nothing to change".to_owned(),
        (None, _) => kinds(step.changes),
    };
    let mut lines =
        vec![format!("{}: {sum}", paint.text(Ink::Bold, &format!("{number}. {}{id}", step.kind)))];
    let mut rows: Vec<String> = step.why.map(str::to_owned).into_iter().collect();
    rows.extend(change_rows(step, options));
    rows.extend(edit_rows(step, options));
    rows.extend(shown_rows(step, options));
    rows.extend(left_alone_rows(&step.outcome.left_alone, options));
    let untracked = step.outcome.untracked.iter().map(ToString::to_string).collect();
    rows.extend(group("leaves the branch, and stays on disk", untracked, options));
    rows.extend(step.outcome.findings.iter().flat_map(|it| finding(it, paint)));
    lines.extend(rows.into_iter().map(|row| format!("   {row}").trim_end().to_owned()));
    lines
}

/// Writes a title and its rows, two columns in; nothing without rows.
fn group(title: &str, rows: Vec<String>, options: TextOptions) -> Vec<String> {
    if rows.is_empty() {
        return rows;
    }
    let mut lines = vec![format!("{title}:")];
    lines.extend(shorten(rows, options).into_iter().map(|row| format!("  {row}")));
    lines
}

fn change_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let pick =
        |kinds: &'static [ChangeKind]| step.changes.iter().filter(|it| kinds.contains(&it.kind()));
    let paths = |kind| pick(kind).map(|it| it.path.to_string()).collect();
    let moved = pick(&[ChangeKind::Moved, ChangeKind::MovedAndEdited])
        .filter_map(|it| Some((it.from.as_ref()?, &it.path)))
        .collect();
    let mut lines = group(
        "moves",
        match options.verbose {
            true => moves::each(&moved),
            false => moves::fold(&moved, step.before),
        },
        options,
    );
    lines.extend(group("adds", paths(&[ChangeKind::Added]), options));
    lines.extend(group("edits", paths(&[ChangeKind::Edited]), options));
    lines.extend(group("removes", paths(&[ChangeKind::Removed]), options));
    lines
}

/// Writes the edits that were applied: how many for each reason.
fn edit_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let applied = || step.outcome.edits.iter().filter(|it| it.applied);
    let mut safeties: BTreeMap<Safety, usize> = BTreeMap::new();
    let mut reasons: Vec<(&str, Safety, usize)> = Vec::new();
    let mut places: BTreeMap<(&str, Safety), usize> = BTreeMap::new();
    for note in applied() {
        *safeties.entry(note.safety).or_default() += 1;
        let next = reasons.len();
        let at = *places.entry((&note.why, note.safety)).or_insert(next);
        if at == next {
            reasons.push((&note.why, note.safety, 0));
        }
        reasons[at].2 += 1;
    }
    let sum: Vec<String> = safeties
        .iter()
        .rev()
        .map(|(safety, number)| format!("{number} {}", safety.word()))
        .collect();
    let rows = reasons.iter().map(|(why, _, number)| format!("{number} × {why}")).collect();
    group(&format!("follows up ({})", sum.join(", ")), rows, options)
}

/// Writes the edits that are only shown.
fn shown_rows(step: &StepReport<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let rows = |safety: &[Safety]| -> Vec<String> {
        let edits = step.outcome.edits.iter().filter(|it| !it.applied);
        edits.filter(|it| safety.contains(&it.safety)).map(|it| shown(it, paint)).collect()
    };
    let review = rows(&[Safety::Review, Safety::Safe]);
    let title = format!(
        "{} to review, not applied; `--include review` applies them",
        count(review.len(), "edit")
    );
    let mut lines = group(&paint.text(Ink::Yellow, &title), review, options);
    lines.extend(group("worth a look, never applied", rows(&[Safety::Note]), options));
    lines.iter().flat_map(|it| it.split('\n').map(str::to_owned)).collect()
}

/// Writes an edit: where and why, what stands there, what would.
fn shown(note: &Note, paint: Paint) -> String {
    let place = paint.text(Ink::Cyan, &format!("{}:{}:", note.path, note.line));
    let side = |sign: char, ink, text: &str| {
        let text = redact::text(&note.path, text);
        let lines = text.lines().map(|it| paint.text(ink, &format!("{sign} {}", excerpt(it))));
        lines.map(|it| format!("\n    {it}")).collect::<String>()
    };
    let before = side('-', Ink::Red, &note.before);
    let after =
        if note.after == note.before { String::new() } else { side('+', Ink::Green, &note.after) };
    format!("{place} {}{before}{after}", note.why)
}

fn left_alone_rows(left: &[LeftAlone], options: TextOptions) -> Vec<String> {
    let row = |it: &LeftAlone| {
        let evidence = it.evidence.iter().map(|it| excerpt(it)).collect();
        let evidence = shorten(evidence, options);
        let evidence: String = evidence.iter().map(|it| format!("\n    {it}")).collect();
        format!("{}: {}{evidence}", it.path, it.reason)
    };
    let lines = group("left alone", left.iter().map(row).collect(), options);
    lines.iter().flat_map(|it| it.split('\n').map(str::to_owned)).collect()
}

fn finding(finding: &Finding, paint: Paint) -> Vec<String> {
    let (ink, word) = match finding.severity {
        Severity::Error => (Ink::Red, "error"),
        Severity::Warning => (Ink::Yellow, "warning"),
        Severity::Note => (Ink::Dim, "note"),
    };
    let place = match (&finding.path, finding.line) {
        (Some(path), Some(line)) => format!("{path}:{line}: "),
        (Some(path), None) => format!("{path}: "),
        (None, _) => String::new(),
    };
    let mut lines = vec![format!("{}: {place}{}", paint.text(ink, word), finding.message)];
    lines.extend(finding.hint.as_ref().map(|it| format!("  hint: {it}")));
    lines
}
