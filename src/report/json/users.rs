//! `overhaul.why/1` and `overhaul.log/1`.

use serde::Serialize;

use super::pretty;
use crate::report::redact;
use crate::report::{RunReport, TextOptions, WhyReport};

#[derive(Serialize)]
struct Why<'a> {
    format: &'static str,
    subject: &'a str,
    importers: Vec<Importer>,
    mentions: Vec<Mention<'a>>,
}

#[derive(Serialize)]
struct Importer {
    path: String,
    line: u32,
    text: String,
}

#[derive(Serialize)]
struct Mention<'a> {
    path: String,
    line: u32,
    kind: &'a str,
    text: String,
}

#[derive(Serialize)]
struct Log<'a> {
    format: &'static str,
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    time: &'a str,
    playbook: &'a str,
    branch: Option<&'a str>,
    state: &'a str,
    commits: Vec<Commit<'a>>,
}

#[derive(Serialize)]
struct Commit<'a> {
    id: String,
    subject: &'a str,
}

pub(super) fn why(report: &WhyReport, _: TextOptions) -> Vec<u8> {
    let importers = report.importers.iter().map(|it| Importer {
        path: it.path.to_string(),
        line: it.line,
        text: redact::text(&it.path, &it.text),
    });
    let mentions = report.mentions.iter().map(|it| Mention {
        path: it.path.to_string(),
        line: it.line,
        kind: &it.kind,
        text: redact::text(&it.path, &it.text),
    });
    pretty(&Why {
        format: "overhaul.why/1",
        subject: &report.subject,
        importers: importers.collect(),
        mentions: mentions.collect(),
    })
}

pub(super) fn log(runs: &[RunReport], _: TextOptions) -> Vec<u8> {
    let runs = runs.iter().map(|it| Run {
        id: &it.id,
        time: &it.time,
        playbook: &it.playbook,
        branch: it.branch.as_deref(),
        state: &it.state,
        commits: it
            .commits
            .iter()
            .map(|(id, subject)| Commit { id: id.to_string(), subject })
            .collect(),
    });
    pretty(&Log { format: "overhaul.log/1", runs: runs.collect() })
}
