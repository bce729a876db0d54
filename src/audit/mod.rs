//! The audit: rules, and what each of them finds in a tree.
//!
//! A rule is a file with a row; it looks at what was read of a tree, and never at another rule. To add
//! one: write `audit/<rule>.rs`, add its `mod` line and its row in [`RULES`], and its id in
//! [`crate::finding::RULES`], by which playbooks name it.

use crate::finding::{Finding, Severity};
use crate::path::RepoPath;
use crate::verify::Report;

mod import_cycle;
mod missing_name;
mod syntax_error;
mod unresolved_import;

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the imports of the tree look like.
    pub report: &'a Report,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Does the code import?
    Imports,
    /// Can the code be read?
    Files,
}

/// A row of the table of rules.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, as `[[check]] rule = "…"` writes it.
    pub id: &'static str,
    /// What it is about.
    pub category: Category,
    /// How bad it is where it finds something.
    pub severity: Severity,
    /// What it finds, in one line.
    pub about: &'static str,
    /// Finds it: each with its place, and what shows it.
    pub find: fn(Subject<'_>) -> Vec<Finding>,
}

impl Rule {
    /// Makes a finding of this rule.
    fn finding(&self, path: &RepoPath, message: String) -> Finding {
        let (severity, path) = (self.severity, Some(path.clone()));
        Finding { severity, path, line: None, message, hint: None }
    }
}

/// Every rule, in alphabetical order.
pub static RULES: &[&Rule] =
    &[&import_cycle::RULE, &missing_name::RULE, &syntax_error::RULE, &unresolved_import::RULE];

/// Finds a rule by its id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|it| it.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Memo, Settings};
    use crate::tree::{Memory, Tree};
    use crate::verify::check;

    #[test]
    fn rules_are_sorted_and_those_that_playbooks_may_name() {
        assert!(RULES.is_sorted_by(|a, b| a.id < b.id), "sort RULES by id; no duplicates");
        let ids: Vec<_> = RULES.iter().map(|it| it.id).collect();
        assert_eq!(ids, crate::finding::RULES);
        for row in RULES {
            assert_eq!(rule(row.id).unwrap().about, row.about);
        }
    }

    /// Shows what all rules find, a finding a line.
    #[track_caller]
    fn shows(files: &[(&str, &str)], expected: &[&str]) {
        let tree = Tree::new(Memory::texts(files.iter().copied()).unwrap());
        let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
        let report = check(&facts);
        let found = RULES.iter().flat_map(|rule| {
            let found = (rule.find)(Subject { report: &report });
            found.into_iter().map(|it| format!("{}: {}", rule.id, it.sentence()))
        });
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_rule_finds_what_it_is_about() {
        shows(
            &[
                ("a.py", "import b\nimport pkg.gone\n"),
                ("b.py", "import a\nfrom pkg import name, there\n"),
                ("c.py", "def f(:\n"),
                ("pkg/__init__.py", "there = 1\n"),
            ],
            &[
                "import-cycle: a.py: `a.py` imports `b.py` imports `a.py`",
                "missing-name: b.py:2: `pkg` has no `name`",
                "syntax-error: c.py:1: expected a parameter or the end of the parameter list",
                "unresolved-import: a.py:2: there is no module `pkg.gone`",
            ],
        );
    }

    #[test]
    fn what_the_code_expects_is_no_finding() {
        shows(
            &[
                (
                    "a.py",
                    "try:\n    import pkg.gone\nexcept ImportError:\n    pass\nimport numpy\n",
                ),
                ("pkg/__init__.py", ""),
            ],
            &[],
        );
    }
}
