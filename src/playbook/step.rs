//! `[[step]]`: what is common to all kinds is read here, the rest by the kind itself.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::{Common, Include, When as WhenFields};
use super::mistake::{Mistakes, Words, suggest};
use super::read::is_one_line;
use super::variables::Values;
use super::{PlaybookStep, Sprint, When, table};
use crate::steps::{AnyStep, KINDS, Kind, StepError};

/// What a step may refer to.
pub(super) struct Surroundings<'a> {
    /// The sprints that the playbook declares.
    pub(super) sprints: &'a [Sprint],
    /// The variables.
    pub(super) vars: &'a Values,
}

/// Returns the tables below `[[step]]`.
pub(super) fn tables<'t>(
    steps: Option<Spanned<DeValue<'t>>>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Spanned<DeTable<'t>>> {
    let Some(steps) = steps else { return Vec::new() };
    let (span, found) = (steps.span(), steps.get_ref().type_str());
    let DeValue::Array(rows) = steps.into_inner() else {
        let help = Some("each step begins with `[[step]]`".to_owned());
        mistakes.push(Some(span), format!("expected steps, found {found}"), help);
        return Vec::new();
    };
    let mut tables = Vec::new();
    for row in rows {
        let (span, found) = (row.span(), row.get_ref().type_str());
        let DeValue::Table(table) = row.into_inner() else {
            mistakes.push(Some(span), format!("expected a step, found {found}"), None);
            continue;
        };
        tables.push(Spanned::new(span, table));
    }
    tables
}

/// Reads the steps that have no mistake.
pub(super) fn read(
    tables: Vec<Spanned<DeTable<'_>>>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<PlaybookStep> {
    let mut ids = BTreeSet::new();
    let mut steps = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let span = table.span();
        let (common, own) = row(table, mistakes);
        let Some(common) = common else { continue };
        let when = refers_well(&common, surroundings, mistakes);
        let Common { id, sprint, why, when: _, include, unless_used, sort, same_as } = common;
        let id_span = id.as_ref().map_or(span, Spanned::span);
        let made = || Some(format!("{}-{}", index + 1, own.as_ref()?.0.name));
        let Some(id) = id.map(Spanned::into_inner).or_else(made) else { continue };
        if !ids.insert(id.clone()) {
            mistakes.push(Some(id_span), format!("two steps have the id `{id}`"), None);
        }
        let Some((kind, step)) = own else { continue };
        steps.push(PlaybookStep {
            id,
            sprint: sprint.map(Spanned::into_inner),
            why,
            when,
            include_review: include == Some(Include::Review),
            unless_used,
            sort,
            same_as,
            kind,
            step,
        });
    }
    steps
}

type Own = (&'static Kind, Box<dyn AnyStep>);

/// Reads one table with its types: what is common to all steps, and what the kind has of its own.
fn row(table: Spanned<DeTable<'_>>, mistakes: &mut Mistakes<'_>) -> (Option<Common>, Option<Own>) {
    let span = table.span();
    let mut own = table.into_inner();
    let words = Words::of(&own);
    let kind = kind(own.remove("kind"), &span, mistakes);
    let mut common = DeTable::new();
    for key in Common::KEYS {
        common.extend(own.remove_entry(key));
    }
    let common = Spanned::new(span.clone(), common);
    let common = table::read(common, (&words, &[]), mistakes, |it| Common::deserialize(it));
    let Some(kind) = kind else { return (common, None) };
    let own = Spanned::new(span.clone(), own);
    let step = table::read(own, (&words, &Common::KEYS), mistakes, |it| (kind.load)(it));
    let step = step.filter(|step| {
        let checked = step.check();
        checked.map_err(|error| wrong_fields(&error, &words, &span, mistakes)).is_ok()
    });
    (common, step.map(|step| (kind, step)))
}

fn kind(
    value: Option<Spanned<DeValue<'_>>>,
    header: &Range<usize>,
    mistakes: &mut Mistakes<'_>,
) -> Option<&'static Kind> {
    let names: Vec<&str> = KINDS.iter().map(|it| it.name).collect();
    let Some(value) = value else {
        let help = suggest("", &names, "known kinds");
        mistakes.push(Some(header.clone()), "the step has no `kind`", help);
        return None;
    };
    let Some(name) = value.get_ref().as_str() else {
        let message = format!("expected a kind of step, found {}", value.get_ref().type_str());
        mistakes.push(Some(value.span()), message, None);
        return None;
    };
    let found = KINDS.iter().find(|it| it.name == name);
    if found.is_none() {
        let help = suggest(name, &names, "known kinds");
        mistakes.push(Some(value.span()), format!("unknown kind of step `{name}`"), help);
    }
    found
}

/// Reports what a kind says about its fields, at the word that it speaks of.
fn wrong_fields(
    error: &StepError,
    words: &Words,
    header: &Range<usize>,
    mistakes: &mut Mistakes<'_>,
) {
    let message = error.to_string();
    let span = words.meant_by(&message, None).unwrap_or_else(|| header.clone());
    mistakes.push(Some(span), message, error.hint().map(str::to_owned));
}

/// Checks the names that a step bears or refers to, and returns its condition.
fn refers_well(
    common: &Common,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Option<When> {
    for (word, what) in [(&common.id, "step"), (&common.sprint, "sprint")] {
        if let Some(word) = word {
            is_one_line(word, what, mistakes);
        }
    }
    if let Some(sprint) = &common.sprint {
        let known: Vec<&str> = surroundings.sprints.iter().map(|it| it.name.as_str()).collect();
        if !known.is_empty() && !known.contains(&sprint.get_ref().as_str()) {
            let message = format!("sprint `{}` is not declared", sprint.get_ref());
            let help = suggest(sprint.get_ref(), &known, "declared sprints");
            mistakes.push(Some(sprint.span()), message, help);
        }
    }
    common.when.as_ref().map(|when| condition(when, surroundings.vars, mistakes))
}

fn condition(when: &Spanned<WhenFields>, vars: &Values, mistakes: &mut Mistakes<'_>) -> When {
    let WhenFields { exists, missing, var } = when.get_ref();
    if exists.is_none() && missing.is_none() && var.is_none() {
        let help = "it may have `exists`, `missing` and `var`".to_owned();
        mistakes.push(Some(when.span()), "`when` says nothing", Some(help));
    }
    if let Some(var) = var {
        let known: Vec<&str> = vars.keys().map(String::as_str).collect();
        if !known.contains(&var.get_ref().as_str()) {
            let help = suggest(var.get_ref(), &known, "known variables");
            let message = format!("unknown variable `{}`", var.get_ref());
            mistakes.push(Some(var.span()), message, help);
        }
    }
    When {
        exists: exists.clone(),
        missing: missing.clone(),
        var: var.as_ref().map(|it| it.get_ref().clone()),
    }
}
