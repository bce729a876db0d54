//! Who uses something (`why`), and the runs of a repository (`log`).

use super::{Ink, Paint, TextOptions, count, excerpt};
use crate::path::RepoPath;
use crate::report::{RunReport, WhyReport, redact};

pub(super) fn why(report: &WhyReport, options: TextOptions) -> Vec<u8> {
    let paint = Paint::new(options.colour);
    let row = |path: &RepoPath, line: u32, note: &str, text: &str| {
        let place = paint.text(Ink::Cyan, &format!("{path}:{line}:"));
        format!("  {place}{note} {}", excerpt(&redact::text(path, text)))
    };
    let mut lines = Vec::new();
    if !report.importers.is_empty() {
        lines.push(paint.text(Ink::Bold, "imported by:"));
        lines.extend(report.importers.iter().map(|it| row(&it.path, it.line, "", &it.text)));
        lines.push(String::new());
    }
    if !report.mentions.is_empty() {
        lines.push(paint.text(Ink::Bold, "mentioned in:"));
        lines.extend(
            report
                .mentions
                .iter()
                .map(|it| row(&it.path, it.line, &format!(" ({})", it.kind), &it.text)),
        );
        lines.push(String::new());
    }
    let (imports, mentions) = (report.importers.len(), report.mentions.len());
    lines.push(match imports + mentions {
        0 => format!("nothing uses `{}`", report.subject),
        _ => format!(
            "`{}`: {}, {}",
            report.subject,
            count(imports, "import"),
            count(mentions, "mention")
        ),
    });
    (lines.join("\n") + "\n").into_bytes()
}

pub(super) fn log(runs: &[RunReport], options: TextOptions) -> Vec<u8> {
    let paint = Paint::new(options.colour);
    if runs.is_empty() {
        return b"no runs yet\n".to_vec();
    }
    let run = |it: &RunReport| {
        let title = paint.text(Ink::Bold, &format!("run {}", it.id));
        let mut lines = vec![
            format!("{title}: `{}`, {}", it.playbook, it.state),
            format!("  {}, branch `{}`, {}", it.time, it.branch, count(it.commits.len(), "commit")),
        ];
        lines.extend(it.commits.iter().map(|(id, subject)| {
            let short: String = id.to_string().chars().take(10).collect();
            format!("  {} {}", paint.text(Ink::Yellow, &short), excerpt(subject))
        }));
        lines.join("\n") + "\n"
    };
    runs.iter().map(run).collect::<Vec<_>>().join("\n").into_bytes()
}
