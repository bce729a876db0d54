//! What users read: one file or folder per format, and the plan that `apply` takes from a file.
//!
//! Everything here is pure: a subject goes in, bytes come out. To add a format: write its file, add
//! its `mod` line and its row in [`FORMATS`]. The types of the core are never serialised; a format
//! has its own mirror of what it makes public.

use crate::tree::ReadError;

mod campaign;
mod diff;
#[cfg(test)]
mod fixture;
mod json;
mod patch;
mod redact;
mod saved;
mod status;
mod subject;
mod text;

pub use campaign::{
    Action, Campaign, CampaignFormat, CampaignReport, PlanCounts, RepositoryResult, ResultFormat,
    State,
};
pub use diff::patch;
pub use saved::{SavedPlan, SavedPlanError};
pub use status::{CheckStatus, SprintStatus, StatusReport, StepState, StepStatus};
pub use subject::{
    Against, Explain, Importer, Mention, PlanReport, RunReport, StepReport, VerifyReport, WhyReport,
};

/// How much to show, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextOptions {
    /// Colours the text for a terminal.
    pub colour: bool,
    /// Shortens and folds nothing.
    pub verbose: bool,
    /// Shows how much differs in each file, in place of the diff.
    pub stat: bool,
}

/// Shows a subject.
pub type Render<S> = fn(&S, TextOptions) -> Vec<u8>;

/// A row of the table of formats: what it is called, and what it can show.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name written as `--format …`.
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Shows a plan.
    pub plan: fn(&PlanReport<'_>, TextOptions) -> Result<Vec<u8>, ReadError>,
    /// Shows what `verify` found.
    pub verify: Option<fn(&VerifyReport<'_>, TextOptions) -> Vec<u8>>,
    /// Shows who uses something.
    pub why: Option<Render<WhyReport>>,
    /// Shows how far a playbook has come.
    pub status: Option<fn(&StatusReport<'_>, TextOptions) -> Vec<u8>>,
    /// Shows the runs of a repository.
    pub log: Option<Render<[RunReport]>>,
    /// Shows a campaign.
    pub batch: Option<Render<CampaignReport>>,
}

/// Every format, in alphabetical order.
pub static FORMATS: &[&Format] = &[&json::FORMAT, &patch::FORMAT, &text::FORMAT];

/// Finds a format by its name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|it| it.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_sorted_unique_and_found_by_name() {
        assert!(FORMATS.is_sorted_by(|a, b| a.name < b.name));
        for row in FORMATS {
            assert_eq!(format(row.name).unwrap().about, row.about);
        }
        assert!(format("yaml").is_none());
    }
}
