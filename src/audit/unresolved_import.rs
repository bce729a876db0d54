//! `unresolved-import`: an import of a module that is not there.

use super::{Category, Rule, Subject};
use crate::finding::{Finding, Severity};
use crate::verify::{Kind, Unresolved};

pub(super) static RULE: Rule = Rule {
    id: "unresolved-import",
    category: Category::Imports,
    severity: Severity::Error,
    about: "an import of a module that is not there, where the code does not expect that",
    find,
};

fn find(subject: Subject<'_>) -> Vec<Finding> {
    let missing = subject.report.unresolved.iter();
    let missing = missing.filter(|it| !it.optional && it.kind == Kind::MissingModule);
    let finding = |it: &Unresolved| {
        let message = format!("there is no module `{}`", it.module);
        RULE.finding(&it.path, message).at_line(it.line)
    };
    missing.map(finding).collect()
}
