//! The `{{ name }}` in the strings of a playbook.
//!
//! A string is text with variables between double braces, and nothing more: no filters, conditions
//! or loops, so whoever wrote a playbook cannot make reading it long or deep. Braces that are meant
//! as such are written `{{ '{{' }}`.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::{Mistakes, suggest};
use super::variables::Values;

/// No string grows by more than this: variables that double each other would fill the memory.
const LONGEST: usize = 1 << 20;

const LITERAL: &str = "braces that are meant as such are written `{{ '{{' }}`";

/// Renders every string below `table`, keys included.
pub(super) fn fill_in(table: &mut DeTable<'_>, values: &Values, mistakes: &mut Mistakes<'_>) {
    for (key, mut value) in std::mem::take(table) {
        let span = key.span();
        let key = match rendered(key.get_ref(), &span, values, mistakes) {
            Some(done) => Spanned::new(span.clone(), done.into()),
            None => key,
        };
        fill_in_value(&mut value, values, mistakes);
        if table.contains_key(key.get_ref().as_ref()) {
            mistakes.push(Some(span), format!("two keys become `{}`", key.get_ref()), None);
        }
        table.insert(key, value);
    }
}

fn fill_in_value(value: &mut Spanned<DeValue<'_>>, values: &Values, mistakes: &mut Mistakes<'_>) {
    let span = value.span();
    match value.get_mut() {
        DeValue::String(text) => {
            if let Some(done) = rendered(text, &span, values, mistakes) {
                *text = done.into();
            }
        }
        DeValue::Array(array) => {
            array.iter_mut().for_each(|value| fill_in_value(value, values, mistakes));
        }
        DeValue::Table(table) => fill_in(table, values, mistakes),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Returns the variables that the string at `span` needs; `None`, and mistakes, where it is badly
/// written or names a variable that is none of `known`.
pub(super) fn names<'t>(
    text: &'t str,
    known: &BTreeSet<&str>,
    span: &Range<usize>,
    mistakes: &mut Mistakes<'_>,
) -> Option<BTreeSet<&'t str>> {
    let mut names = BTreeSet::new();
    let mut is_good = true;
    for piece in pieces(text) {
        let (written, message, help) = match piece {
            Ok(Piece::Text(_)) => continue,
            Ok(Piece::Variable { name, .. }) if known.contains(name) => {
                names.insert(name);
                continue;
            }
            Ok(Piece::Variable { name, written }) => {
                let known: Vec<&str> = known.iter().copied().collect();
                let help = suggest(name, &known, "known variables");
                (written, format!("unknown variable `{name}`"), help)
            }
            Err(Bad(written)) => {
                (written, format!("`{written}` is no variable"), Some(LITERAL.to_owned()))
            }
        };
        is_good = false;
        mistakes.push(Some(place(mistakes.text(), span, written)), message, help);
    }
    is_good.then_some(names)
}

/// Renders a string whose [`names`] all have a value; `None`, and a mistake, where that is too long.
pub(super) fn render(
    text: &str,
    values: &Values,
    span: &Range<usize>,
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    let mut done = String::new();
    for piece in pieces(text).flatten() {
        match piece {
            Piece::Text(text) => done.push_str(text),
            Piece::Variable { name, .. } => {
                done.push_str(values.get(name).map_or("", String::as_str));
            }
        }
        if done.len() > LONGEST + text.len() {
            mistakes.push(Some(span.clone()), "the value becomes too long", None);
            return None;
        }
    }
    Some(done)
}

/// Fills in a text that is no string of the playbook, such as a template file.
///
/// # Errors
/// What is wrong with the text: a variable that is not known, braces around no name.
pub(crate) fn fill(text: &str, values: &Values) -> Result<String, String> {
    let mut done = String::new();
    for piece in pieces(text) {
        match piece {
            Ok(Piece::Text(text)) => done.push_str(text),
            Ok(Piece::Variable { name, .. }) => match values.get(name) {
                Some(value) => done.push_str(value),
                None => return Err(format!("unknown variable `{name}`")),
            },
            Err(Bad(written)) => return Err(format!("`{written}` is no variable")),
        }
    }
    Ok(done)
}

/// Returns what a string becomes; `None` where it stays as it is.
fn rendered(
    text: &str,
    span: &Range<usize>,
    values: &Values,
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    if !text.contains("{{") {
        return None;
    }
    let known = values.keys().map(String::as_str).collect();
    names(text, &known, span, mistakes)?;
    render(text, values, span, mistakes)
}

/// A piece of a string.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    /// As it is meant.
    Text(&'t str),
    /// A variable, and how it is written, braces included.
    Variable { name: &'t str, written: &'t str },
}

/// Braces with neither a name nor a quoted text between them, as they are written.
#[derive(Debug, PartialEq, Eq)]
struct Bad<'t>(&'t str);

fn pieces(text: &str) -> impl Iterator<Item = Result<Piece<'_>, Bad<'_>>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, length) = match rest.find("{{") {
            Some(0) => braces(rest),
            Some(length) => (Ok(Piece::Text(&rest[..length])), length),
            None => (Ok(Piece::Text(rest)), rest.len()),
        };
        rest = &rest[length..];
        Some(piece)
    })
}

/// Reads the braces that `text` begins with, and says how long they are.
fn braces(text: &str) -> (Result<Piece<'_>, Bad<'_>>, usize) {
    let inside = text[2..].trim_start();
    let quote = inside.chars().next().filter(|it| matches!(it, '\'' | '"'));
    let word = match quote {
        Some(quote) => inside[1..].split_once(quote),
        None => {
            let end = inside.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            Some(inside.split_at(end.unwrap_or(inside.len()))).filter(|(name, _)| !name.is_empty())
        }
    };
    let closed = word.and_then(|(word, rest)| Some((word, rest.trim_start().strip_prefix("}}")?)));
    let Some((word, rest)) = closed else {
        let line = text.lines().next().unwrap_or_default();
        let length = line.find("}}").map_or(line.len(), |at| at + 2);
        return (Err(Bad(&text[..length])), length);
    };
    let length = text.len() - rest.len();
    let piece = match quote {
        Some(_) => Piece::Text(word),
        None => Piece::Variable { name: word, written: &text[..length] },
    };
    (Ok(piece), length)
}

/// Returns where `written` stands in the string at `span`; the whole string where escapes hide it.
fn place(text: &str, span: &Range<usize>, written: &str) -> Range<usize> {
    let shown = text.get(span.clone()).unwrap_or_default();
    match shown.find(written) {
        Some(at) => span.start + at..span.start + at + written.len(),
        None => span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_hold_a_name_or_a_text() {
        let check = |text: &str, expected: &str| {
            let shown = pieces(text).map(|piece| match piece {
                Ok(Piece::Text(text)) => format!("[{text}]"),
                Ok(Piece::Variable { name, written }) => format!("<{name}={written}>"),
                Err(Bad(written)) => format!("!{written}!"),
            });
            assert_eq!(shown.collect::<String>(), expected);
        };
        check("", "");
        check("a } }} { {% b %}", "[a } }} { {% b %}]");
        check("a/{{ b }}/{{c}}", "[a/]<b={{ b }}>[/]<c={{c}}>");
        check("${{ '{{' }} a.b }}", "[$][{{][ a.b }}]");
        check("{{ \"it's\" }}", "[it's]");
        check("{{ a.b }} {{ c }}", "!{{ a.b }}![ ]<c={{ c }}>");
        check("{{ a", "!{{ a!");
        check("{{", "!{{!");
        check("{{}}{{ 'a }}", "!{{}}!!{{ 'a }}!");
        check("{{ a\n}} {{ é }}", "<a={{ a\n}}>[ ]!{{ é }}!");
        check("{{{ a }}}", "!{{{ a }}![}]");
        check("{{ é\nb", "!{{ é![\nb]");
    }
}
