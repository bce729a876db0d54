//! `missing-name`: an import of a name that its module does not have.

use super::{Category, Rule, Subject};
use crate::finding::{Finding, Severity};
use crate::verify::{Kind, Unresolved};

pub(super) static RULE: Rule = Rule {
    id: "missing-name",
    category: Category::Imports,
    severity: Severity::Error,
    about: "an import of a name that its module does not have, where the code does not expect that",
    find,
};

fn find(subject: Subject<'_>) -> Vec<Finding> {
    let missing = subject.report.unresolved.iter();
    let missing = missing.filter(|it| !it.optional && it.kind == Kind::MissingName);
    let finding = |it: &Unresolved| {
        let name = it.name.as_deref().unwrap_or("*");
        let message = format!("`{}` has no `{name}`", it.module);
        RULE.finding(&it.path, message).at_line(it.line)
    };
    missing.map(finding).collect()
}
