//! The format `patch`: the exact diff, and nothing else. `git apply` makes the very tree from it, so
//! nothing is left out and no secret is hidden.

use super::{Format, PlanReport, TextOptions, diff};
use crate::plan::changes;
use crate::tree::ReadError;

pub(super) static FORMAT: Format = Format {
    name: "patch",
    about: "the exact diff, for `git apply`",
    plan,
    verify: None,
    why: None,
    status: None,
    log: None,
    batch: None,
};

fn plan(report: &PlanReport<'_>, _: TextOptions) -> Result<Vec<u8>, ReadError> {
    diff::patch(report.before, report.after, &changes(report.before, report.after))
}
