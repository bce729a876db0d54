//! A campaign as a table: a row for each repository, and how many there are of each kind.

use super::{Ink, Paint, TextOptions, count, disk, excerpt};
use crate::plan::Weight;
use crate::report::{CampaignReport, RepositoryResult, State};

pub(super) fn render(report: &CampaignReport, options: TextOptions) -> Vec<u8> {
    let paint = Paint::new(options.colour);
    let width = report.rows().map(|(path, _)| path.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<String> = Vec::new();
    for (path, result) in report.rows() {
        let (word, ink, note) = match result {
            Some(result) => (result.state.word(), ink(result.state), note(result)),
            None => ("waiting", Ink::Yellow, String::new()),
        };
        let word = paint.text(ink, &format!("{word:7}"));
        let row = format!("{word}  {path:width$}  {}", excerpt(&note));
        lines.push(row.trim_end().to_owned());
    }
    lines.push(String::new());
    let counts = report.counts().into_iter().filter(|(_, number)| *number > 0);
    let counts: Vec<String> = counts.map(|(word, number)| format!("{number} {word}")).collect();
    let all = count(report.campaign.repositories.len(), "repository");
    lines.push(format!("`{}`, {all}: {}", report.campaign.playbook, counts.join(", ")));
    (lines.join("\n") + "\n").into_bytes()
}

fn ink(state: State) -> Ink {
    match state {
        State::Planned | State::Applied => Ink::Green,
        State::Empty | State::Skipped => Ink::Cyan,
        State::Refused | State::Failed => Ink::Red,
    }
}

/// Says what came out, or why nothing did, and how much there is to know besides.
fn note(result: &RepositoryResult) -> String {
    let mut parts = Vec::new();
    if let Some(reason) = &result.reason {
        let causes: String = result.causes.iter().map(|it| format!(": {it}")).collect();
        parts.push(format!("{reason}{causes}"));
    } else if matches!(result.state, State::Planned | State::Applied) {
        parts.extend(result.plan.as_ref().map(|it| count(it.files(), "file")));
        let on_disk = result.plan.as_ref().map(|it| (it.on_disk_files, it.on_disk_bytes));
        let weight = on_disk.map(|(files, bytes)| Weight { files, bytes });
        parts.extend(weight.filter(|it| *it != Weight::default()).map(disk::sum));
        parts.extend(result.branch.as_ref().map(|it| format!("`{it}`")));
    }
    if !result.warnings.is_empty() {
        parts.push(count(result.warnings.len(), "warning"));
    }
    parts.join(", ")
}
