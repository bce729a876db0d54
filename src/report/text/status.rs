//! How far a playbook has come: sprint by sprint, then the checks, then a line that says it all.

use super::plan::{finding, left_alone_rows, sprint_title};
use super::{Ink, Paint, TextOptions, count, disk, shorten};
use crate::report::status::{CheckStatus, SprintStatus, StatusReport, StepState, StepStatus};

pub(super) fn render(report: &StatusReport<'_>, options: TextOptions) -> Vec<u8> {
    let paint = Paint::new(options.colour);
    let title = paint.text(Ink::Bold, &format!("status of `{}`", report.playbook));
    let mut lines = vec![format!("{title}, on commit {}", report.base)];
    lines.extend((!report.description.is_empty()).then(|| report.description.to_owned()));
    for sprint in &report.sprints {
        lines.push(String::new());
        lines.extend(sprint_lines(sprint, options));
    }
    if !report.findings.is_empty() {
        lines.push(String::new());
        lines.extend(report.findings.iter().flat_map(|it| finding(it, paint)));
    }
    if !report.checks.is_empty() {
        lines.push(String::new());
        lines.push(paint.text(Ink::Bold, "checks"));
        lines.extend(report.checks.iter().flat_map(|it| check_lines(it, options)));
    }
    lines.push(String::new());
    lines.push(sum(report));
    (lines.join("\n") + "\n").into_bytes()
}

/// Says how much of all is done.
fn sum(report: &StatusReport<'_>) -> String {
    let (sprints, rest): (Vec<_>, Vec<_>) =
        report.sprints.iter().partition(|it| it.sprint.is_some());
    let steps: Vec<_> = rest.iter().flat_map(|it| &it.steps).collect();
    let of = |done: usize, all: usize, what: &str| {
        (all > 0).then(|| format!("{done} of {}", count(all, what)))
    };
    let done = [
        of(sprints.iter().filter(|it| it.is_done()).count(), sprints.len(), "sprint"),
        of(
            steps.iter().filter(|it| it.is_done()).count(),
            steps.len(),
            if sprints.is_empty() { "step" } else { "other step" },
        ),
    ];
    let done: Vec<String> = done.into_iter().flatten().collect();
    let holding = report.checks.iter().filter(|it| it.holds()).count();
    let checks = of(holding, report.checks.len(), "check").map(|it| format!("{it} hold"));
    let done = (!done.is_empty()).then(|| format!("{} done", done.join(" and ")));
    let all: Vec<String> = done.into_iter().chain(checks).collect();
    if all.is_empty() { "nothing to do".to_owned() } else { all.join(", ") }
}

fn sprint_lines(sprint: &SprintStatus<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let title = match sprint.sprint {
        Some(it) => sprint_title(it, paint),
        None => paint.text(Ink::Bold, "without a sprint"),
    };
    let steps = sprint.steps.iter().flat_map(|it| step_lines(it, options));
    let steps = steps.map(|it| format!("  {it}"));
    [title].into_iter().chain(steps).collect()
}

fn step_lines(step: &StepStatus<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let (ink, word, more) = match step.state {
        StepState::Done => (Ink::Green, "done   ", String::new()),
        StepState::Pending(files) => {
            (Ink::Yellow, "pending", format!(": would change {}", count(files, "file")))
        }
        StepState::OnDisk(weight) => (Ink::Yellow, "pending", format!(": {}", disk::sum(weight))),
        StepState::Skipped(reason) => (Ink::Dim, "skipped", format!(": {reason}")),
        StepState::Unseen => {
            let more = ": starts a program of the repository's own playbook; `--allow-run` lets it";
            (Ink::Yellow, "unseen ", more.to_owned())
        }
    };
    let waiting = match step.waiting {
        0 => String::new(),
        edits => format!("; {} to look at (`--include review`)", count(edits, "edit")),
    };
    let why = step.why.map(|it| format!(" ({it})")).unwrap_or_default();
    let mut lines = vec![format!("{} `{}`{why}{more}{waiting}", paint.text(ink, word), step.id)];
    let rows = left_alone_rows(step.left_alone, options).into_iter();
    lines.extend(rows.map(|it| format!("        {it}")));
    lines
}

fn check_lines(check: &CheckStatus<'_>, options: TextOptions) -> Vec<String> {
    let paint = Paint::new(options.colour);
    let word = |holds, open: &str| match holds {
        true => paint.text(Ink::Green, "holds  "),
        false => paint.text(Ink::Red, open),
    };
    match check {
        CheckStatus::Manual { text, done } => {
            vec![format!("  {} {text} (by hand)", word(*done, "open   "))]
        }
        CheckStatus::Rule { rule, max, found } => {
            let number = found.len();
            let head = format!("`{}`: {number} found, at most {max} are fine", rule.id);
            let rows = found.iter().flat_map(|it| finding(it, paint)).collect();
            let rows = shorten(if check.holds() { Vec::new() } else { rows }, options);
            let rows = rows.into_iter().map(|it| format!("          {it}"));
            let head = format!("  {} {head}", word(check.holds(), "fails  "));
            [head].into_iter().chain(rows).collect()
        }
    }
}
