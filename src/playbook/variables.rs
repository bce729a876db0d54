//! `[vars]` of a playbook: declared with a default or without, given by `--set`.
//!
//! A default may name other variables, in any order but not in a ring. Values given by `--set` are
//! taken as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::mistake::{Mistakes, suggest};
use super::{Inputs, Unset, Variable, template};

/// The variable that is always there.
pub(super) const DATE: &str = "date";

/// The values of one run, [`DATE`] among them.
pub(super) type Values = BTreeMap<String, String>;

/// A variable with its place in the text.
struct Declared {
    variable: Variable,
    name_span: Range<usize>,
    value_span: Range<usize>,
}

/// Reads `[vars]`, and gives every variable its value of this run.
pub(super) fn read(
    table: Option<Spanned<DeValue<'_>>>,
    inputs: &Inputs<'_>,
    mistakes: &mut Mistakes<'_>,
) -> (Vec<Variable>, Values) {
    let declared = table.map_or_else(Vec::new, |table| declarations(table, mistakes));
    let mut values = Values::from([(DATE.to_owned(), inputs.date.to_owned())]);
    let known: Vec<&str> = declared.iter().map(|it| it.variable.name.as_str()).collect();
    for (name, value) in inputs.set {
        if known.contains(&name.as_str()) {
            values.insert(name.clone(), value.clone());
        } else if name == DATE {
            mistakes.push(None, "`--set date`: the date is that of the base commit", None);
        } else {
            let message = format!("`--set {name}`: the playbook has no such variable");
            mistakes.push(None, message, suggest(name, &known, "its variables"));
        }
    }
    for Declared { variable, name_span, .. } in &declared {
        if variable.default.is_none() && !values.contains_key(&variable.name) {
            if inputs.unset == Unset::IsMistake {
                let message = format!("variable `{}` has no value", variable.name);
                let help = format!("give it one with `--set {}=…`", variable.name);
                mistakes.push(Some(name_span.clone()), message, Some(help));
            }
            values.insert(variable.name.clone(), variable.name.clone());
        }
    }
    let known = known.into_iter().chain([DATE]).collect();
    settle(&declared, &known, &mut values, mistakes);
    (declared.into_iter().map(|it| it.variable).collect(), values)
}

fn declarations(table: Spanned<DeValue<'_>>, mistakes: &mut Mistakes<'_>) -> Vec<Declared> {
    let span = table.span();
    let DeValue::Table(table) = table.into_inner() else {
        mistakes.push(Some(span), "expected a table of variables", None);
        return Vec::new();
    };
    let rows = table.into_iter().filter_map(|(name, value)| declaration(name, value, mistakes));
    rows.collect()
}

fn declaration(
    name: Spanned<DeString<'_>>,
    value: Spanned<DeValue<'_>>,
    mistakes: &mut Mistakes<'_>,
) -> Option<Declared> {
    let (name_span, value_span) = (name.span(), value.span());
    let name = name.into_inner().into_owned();
    if name == DATE {
        mistakes.push(Some(name_span), "`date` is always the date of the base commit", None);
        return None;
    }
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_');
    if !starts || !bytes.all(|it| it.is_ascii_alphanumeric() || it == b'_') {
        let message = format!("`{name}` is no name for a variable");
        let help = "a letter, then letters, digits and `_`".to_owned();
        mistakes.push(Some(name_span), message, Some(help));
        return None;
    }
    let mut at = value_span.clone();
    let (mut default, mut help, mut is_good) = (None, None, true);
    let value = value.into_inner();
    if let DeValue::Table(table) = value {
        for (key, value) in table {
            let span = value.span();
            match key.get_ref().as_ref() {
                "default" => {
                    default = plain(value, mistakes);
                    is_good &= default.is_some();
                    at = span;
                }
                "help" => help = plain(value, mistakes),
                other => {
                    let near = suggest(other, &["default", "help"], "known keys");
                    mistakes.push(Some(key.span()), format!("unknown key `{other}`"), near);
                    is_good = false;
                }
            }
        }
    } else {
        default = plain(Spanned::new(value_span, value), mistakes);
        is_good = default.is_some();
    }
    // One mistake is enough: a variable with a bad value is taken for one with a value.
    if !is_good {
        default = default.or_else(|| Some(name.clone()));
    }
    let variable = Variable { name, default, help };
    Some(Declared { variable, name_span, value_span: at })
}

/// Returns a value as text: a number or a truth value as it is written.
fn plain(value: Spanned<DeValue<'_>>, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let span = value.span();
    match value.into_inner() {
        DeValue::String(text) => Some(text.into_owned()),
        DeValue::Array(_) | DeValue::Table(_) => {
            mistakes.push(Some(span), "expected a string", None);
            None
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            mistakes.text().get(span).map(str::to_owned)
        }
    }
}

/// A default that waits for the variables that it names.
struct Open<'a> {
    row: &'a Declared,
    default: &'a str,
    needs: BTreeSet<&'a str>,
}

/// Gives every variable that has no value yet the one of its default. Defaults may name other
/// variables, in any order.
fn settle(
    declared: &[Declared],
    known: &BTreeSet<&str>,
    values: &mut Values,
    mistakes: &mut Mistakes<'_>,
) {
    let mut open: Vec<Open<'_>> = Vec::new();
    for row in declared {
        let Some(default) = row.variable.default.as_deref() else { continue };
        if values.contains_key(&row.variable.name) {
            continue;
        }
        match template::names(default, known, &row.value_span, mistakes) {
            Some(needs) => open.push(Open { row, default, needs }),
            None => drop(values.insert(row.variable.name.clone(), default.to_owned())),
        }
    }
    let mut before = 0;
    while open.len() != before {
        before = open.len();
        open.retain(|Open { row, default, needs }| {
            let is_ready = needs.iter().all(|it| values.contains_key(*it));
            if is_ready {
                let value = template::render(default, values, &row.value_span, mistakes);
                values.insert(row.variable.name.clone(), value.unwrap_or_default());
            }
            !is_ready
        });
    }
    for Open { row, .. } in &open {
        let name = &row.variable.name;
        // Once for the whole ring.
        if let Some(ring) = ring_from(name, &open).filter(|it| it.iter().min() == it.first()) {
            let message = format!("variable `{name}` needs itself: {}", ring.join(" → "));
            mistakes.push(Some(row.value_span.clone()), message, None);
        }
        // One mistake is enough here too: whatever uses it sees a value.
        values.insert(name.clone(), name.clone());
    }
}

/// Follows the first open need of each variable, from `start` back to it.
fn ring_from(start: &str, open: &[Open<'_>]) -> Option<Vec<String>> {
    let find = |name: &str| open.iter().find(|it| it.row.variable.name == name);
    let mut ring = vec![format!("`{start}`")];
    let mut at = find(start)?;
    for _ in open {
        let back = at.needs.iter().find(|it| **it == start);
        let next = back.or_else(|| at.needs.iter().find(|it| find(it).is_some()))?;
        ring.push(format!("`{next}`"));
        if back.is_some() {
            return Some(ring);
        }
        at = find(next)?;
    }
    None
}
