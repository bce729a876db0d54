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
            match &it.branch {
                Some(branch) => {
                    let commits = count(it.commits.len(), "commit");
                    format!("  {}, branch `{branch}`, {commits}", it.time)
                }
                None => format!("  {}, on disk only", it.time),
            },
        ];
        lines.extend(it.commits.iter().map(|(id, subject)| {
            let short: String = id.to_string().chars().take(10).collect();
            format!("  {} {}", paint.text(Ink::Yellow, &short), excerpt(subject))
        }));
        lines.join("\n") + "\n"
    };
    runs.iter().map(run).collect::<Vec<_>>().join("\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::path;
    use crate::report::{Importer, Mention};
    use crate::tree::Id;

    fn shown(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn users_are_listed_with_their_lines() {
        let report = WhyReport {
            subject: "pkg.mod".to_owned(),
            importers: vec![Importer {
                path: path("a.py"),
                line: 3,
                text: "    from pkg import mod\n".to_owned(),
            }],
            mentions: vec![Mention {
                path: path("compose.yml"),
                line: 7,
                kind: "compose".to_owned(),
                text: "python -m pkg.mod --password x".to_owned(),
            }],
        };
        assert_eq!(
            shown(why(&report, TextOptions::default())),
            "\
imported by:
  a.py:3: from pkg import mod

mentioned in:
  compose.yml:7: (compose) python -m pkg.mod --password <redacted>

`pkg.mod`: 1 import, 1 mention
"
        );
        let report = WhyReport { subject: "x.py".to_owned(), ..WhyReport::default() };
        assert_eq!(shown(why(&report, TextOptions::default())), "nothing uses `x.py`\n");
    }

    #[test]
    fn runs_are_listed_with_their_commits() {
        let run = RunReport {
            id: "3".to_owned(),
            time: "2026-11-03T10:00:00Z".to_owned(),
            playbook: "tidy".to_owned(),
            branch: Some("overhaul/tidy".to_owned()),
            state: "applied".to_owned(),
            commits: vec![(Id::from_bytes([0xab; 20]), "move: jobs are work".to_owned())],
        };
        let on_disk = RunReport { branch: None, commits: Vec::new(), ..run.clone() };
        assert_eq!(
            shown(log(&[on_disk], TextOptions::default())),
            "run 3: `tidy`, applied\n  2026-11-03T10:00:00Z, on disk only\n"
        );
        assert_eq!(
            shown(log(&[run], TextOptions::default())),
            "\
run 3: `tidy`, applied
  2026-11-03T10:00:00Z, branch `overhaul/tidy`, 1 commit
  ababababab move: jobs are work
"
        );
        assert_eq!(shown(log(&[], TextOptions::default())), "no runs yet\n");
    }
}
