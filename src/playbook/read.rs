//! From bytes to a [`Playbook`], or to all the mistakes that were found on the way.
//!
//! The order matters: variables first, then every string is filled in, then the tables are read
//! with their types. Places in the text survive all of it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use semver::{Version, VersionReq};
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::DeTable;

use super::fields::{APART, Check as CheckFields, Cycles, Fields, Sprint as SprintFields};
use super::mistake::{Mistakes, PlaybookError, Words, suggest};
use super::step::{self, Surroundings};
use super::{Check, Inputs, Playbook, Sprint, table, template, variables};
use crate::finding::RULES;

/// How long a check of the result may take where nothing else is said.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Reads a playbook. `file` is only shown.
///
/// # Errors
/// Every mistake that is found, each with its place.
pub fn read(file: &str, bytes: &[u8], inputs: &Inputs<'_>) -> Result<Playbook, PlaybookError> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(file, bytes, &error))?;
    let mut mistakes = Mistakes::new(file, text);
    let playbook = match DeTable::parse(text) {
        Ok(root) => document(root, inputs, &mut mistakes),
        Err(error) => {
            mistakes.push(error.span(), format!("not valid TOML: {}", error.message()), None);
            None
        }
    };
    match playbook {
        Some(playbook) if mistakes.is_empty() => Ok(playbook),
        _ => Err(mistakes.into_error()),
    }
}

fn not_utf8(file: &str, bytes: &[u8], error: &std::str::Utf8Error) -> PlaybookError {
    let text = String::from_utf8_lossy(bytes);
    let mut mistakes = Mistakes::new(file, &text);
    let end = error.valid_up_to();
    let help = "a playbook is a TOML file, and TOML is UTF-8".to_owned();
    mistakes.push(Some(end..end), format!("not UTF-8 from byte {} on", end + 1), Some(help));
    mistakes.into_error()
}

/// Reads the whole document; `None` only where mistakes were recorded.
fn document(
    root: Spanned<DeTable<'_>>,
    inputs: &Inputs<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Playbook> {
    let span = root.span();
    let mut root = root.into_inner();
    let (declared, mut vars) = variables::read(root.remove("vars"), inputs, mistakes);
    template::fill_in(&mut root, &vars, mistakes);
    vars.remove(variables::DATE);
    let steps = step::tables(root.remove("step"), mistakes);
    let words = Words::of(&root);
    let root = Spanned::new(span, root);
    let fields = table::read(root, (&words, &APART), mistakes, |it| Fields::deserialize(it));

    let sprints = fields.as_ref().map(|it| sprints(&it.sprint, mistakes));
    let surroundings =
        Surroundings { sprints: sprints.as_deref().unwrap_or_default(), vars: &vars };
    let steps = step::read(steps, &surroundings, mistakes);
    let fields = fields?;
    is_branch_name(&fields.name, mistakes);
    if let Some(requires) = &fields.requires {
        is_satisfied(requires, mistakes);
    }
    let checks = fields.check.into_iter().filter_map(|it| check(it, mistakes)).collect();
    let mut sprints = sprints.unwrap_or_default();
    if sprints.is_empty() {
        sprints = implied_sprints(steps.iter().filter_map(|it| it.sprint.as_deref()));
    }
    Some(Playbook {
        name: fields.name.into_inner(),
        description: fields.description,
        declared,
        vars,
        roots: fields.python.roots,
        target: fields.python.target.map(|it| it.0),
        entry_points: fields.python.entry_points.0,
        keep: fields.keep.paths.0,
        frozen: fields.keep.frozen.0,
        sprints,
        steps,
        checks,
        verify_run: fields.verify.run,
        verify_timeout: fields
            .verify
            .timeout
            .map_or(TEN_MINUTES, |it| Duration::from_secs(it.get())),
        cycles_fail: fields.verify.cycles == Cycles::Fail,
    })
}

fn sprints(rows: &[SprintFields], mistakes: &mut Mistakes<'_>) -> Vec<Sprint> {
    let mut seen = BTreeSet::new();
    for row in rows {
        is_one_line(&row.name, "sprint", mistakes);
        if !seen.insert(row.name.get_ref()) {
            let message = format!("two sprints are named `{}`", row.name.get_ref());
            mistakes.push(Some(row.name.span()), message, None);
        }
    }
    let sprint = |row: &SprintFields| Sprint {
        name: row.name.get_ref().clone(),
        priority: row.priority.map(|it| format!("{it:?}")),
        goal: row.goal.clone(),
    };
    rows.iter().map(sprint).collect()
}

/// Where no sprint is declared, the ones that steps name are sprints, in that order.
fn implied_sprints<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Sprint> {
    let mut sprints: Vec<Sprint> = Vec::new();
    for name in names {
        if sprints.iter().all(|it| it.name != name) {
            sprints.push(Sprint { name: name.to_owned(), priority: None, goal: None });
        }
    }
    sprints
}

fn check(row: Spanned<CheckFields>, mistakes: &mut Mistakes<'_>) -> Option<Check> {
    let span = row.span();
    let CheckFields { rule, max, manual, done } = row.into_inner();
    match (rule, max, manual, done) {
        (Some(rule), max, None, None) => {
            if !RULES.contains(&rule.get_ref().as_str()) {
                let help = suggest(rule.get_ref(), &RULES, "known rules");
                let message = format!("unknown rule `{}`", rule.get_ref());
                mistakes.push(Some(rule.span()), message, help);
            }
            Some(Check::Rule { rule: rule.into_inner(), max: max.unwrap_or(0) })
        }
        (None, None, Some(text), done) => Some(Check::Manual { text, done: done.unwrap_or(false) }),
        _ => {
            let message = "a check has either `rule` and `max`, or `manual` and `done`";
            mistakes.push(Some(span), message, None);
            None
        }
    }
}

/// Checks that a name can be part of a branch name.
fn is_branch_name(name: &Spanned<String>, mistakes: &mut Mistakes<'_>) {
    let text = name.get_ref();
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let starts = text.starts_with(|it: char| it.is_ascii_alphanumeric());
    let ends = !text.ends_with('.') && !text.to_ascii_lowercase().ends_with(".lock");
    if !starts || !ends || !text.chars().all(plain) || text.contains("..") {
        let help = "it becomes part of a branch: letters, digits, `-`, `_` and `.`".to_owned();
        mistakes.push(Some(name.span()), format!("`{text}` is no playbook name"), Some(help));
    }
}

/// Checks a word that people type and that commit messages carry.
pub(super) fn is_one_line(word: &Spanned<String>, what: &str, mistakes: &mut Mistakes<'_>) {
    let text = word.get_ref();
    if text.trim().is_empty() || text.trim() != text || text.contains(char::is_control) {
        let message = format!("`{}` is no name for a {what}", text.escape_debug());
        mistakes.push(Some(word.span()), message, None);
    }
}

fn is_satisfied(requires: &Spanned<String>, mistakes: &mut Mistakes<'_>) {
    let ours = env!("CARGO_PKG_VERSION");
    let span: Option<Range<usize>> = Some(requires.span());
    match (VersionReq::parse(requires.get_ref()), Version::parse(ours)) {
        (Ok(wanted), Ok(version)) if !wanted.matches(&version) => {
            let message = format!("needs overhaul {wanted}, and this is {ours}");
            mistakes.push(span, message, Some("install a version that it is written for".into()));
        }
        (Err(error), _) => {
            let message = format!("`{}` is no range of versions: {error}", requires.get_ref());
            mistakes.push(span, message, Some("write it as `>=0.1` or `>=0.1, <2`".into()));
        }
        _ => {}
    }
}
