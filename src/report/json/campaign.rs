//! `overhaul.batch-status/1`: a campaign with all its results.

use serde::Serialize;
use serde_json::{Map, Value};

use super::pretty;
use crate::report::{Action, CampaignReport, RepositoryResult, TextOptions};

#[derive(Serialize)]
struct Status<'a> {
    format: &'static str,
    playbook: &'a str,
    action: Action,
    counts: Map<String, Value>,
    /// Those that have a result.
    repositories: Vec<&'a RepositoryResult>,
    /// The paths of those that have none yet.
    waiting: Vec<&'a str>,
}

pub(super) fn render(report: &CampaignReport, _: TextOptions) -> Vec<u8> {
    let counts = report.counts().into_iter().map(|(word, count)| (word.to_owned(), count.into()));
    pretty(&Status {
        format: "overhaul.batch-status/1",
        playbook: &report.campaign.playbook,
        action: report.campaign.action,
        counts: counts.collect(),
        repositories: report.rows().filter_map(|(_, result)| result).collect(),
        waiting: report.rows().filter(|(_, it)| it.is_none()).map(|(path, _)| path).collect(),
    })
}
