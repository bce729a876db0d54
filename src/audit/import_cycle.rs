//! `import-cycle`: modules that import each other while they are imported.

use super::{Category, Rule, Subject};
use crate::finding::{Finding, Severity};
use crate::path::RepoPath;

pub(super) static RULE: Rule = Rule {
    id: "import-cycle",
    category: Category::Imports,
    severity: Severity::Warning,
    about: "modules that import each other while they are imported",
    find,
};

fn find(subject: Subject<'_>) -> Vec<Finding> {
    let finding = |cycle: &Vec<RepoPath>| {
        let first = cycle.first()?;
        let ring = cycle.iter().chain([first]).map(|it| format!("`{it}`"));
        let message = ring.collect::<Vec<_>>().join(" imports ");
        Some(RULE.finding(first, message))
    };
    subject.report.cycles.iter().filter_map(finding).collect()
}
