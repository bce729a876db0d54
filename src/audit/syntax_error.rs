//! `syntax-error`: a Python file that Python cannot read.

use super::{Category, Rule, Subject};
use crate::finding::{Finding, Severity};
use crate::verify::Unreadable;

pub(super) static RULE: Rule = Rule {
    id: "syntax-error",
    category: Category::Files,
    severity: Severity::Error,
    about: "a Python file that cannot be decoded or parsed",
    find,
};

fn find(subject: Subject<'_>) -> Vec<Finding> {
    let finding = |it: &Unreadable| {
        let found = RULE.finding(&it.path, it.message.clone());
        // What cannot be decoded has no lines.
        if it.line == 0 { found } else { found.at_line(it.line) }
    };
    subject.report.unreadable.iter().map(finding).collect()
}
