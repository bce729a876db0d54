//! What values of a configuration format mean, told by where they stand: a row for each key.

use crate::text::Span;

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// Modules, or names in modules: `a`, `a.b`, `a.b:f`, `a.*`.
    Modules,
    /// Modules behind an equals sign: `run = a.b:main`.
    Assigned,
    /// Paths: also one part alone is one.
    Paths,
    /// A command, or its arguments.
    Command,
    /// A regular expression that paths are matched with.
    Pattern,
    /// Nothing that is known: what is, whole, a path or a module means it.
    Whole,
    /// Something else, whatever it looks like: the name of a distribution.
    Other,
}

/// A value, or a key, of which the format says what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// Where its text stands, without quotes.
    pub(super) span: Span,
    pub(super) means: Means,
    /// It stands without quotes where a dot would divide it.
    pub(super) bare_key: bool,
}

/// What stands at a place: the values there, or the keys of the table there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Values,
    Keys,
}

/// A row: a place, as the keys that lead to it; `*` is any key, and a key that ends in `*` any that
/// begins so.
pub(super) type Row = (&'static str, Of, Means);

/// Finds what `rows` say of the place that `keys` lead to.
pub(super) fn meaning(rows: &[Row], keys: &[&str], of: Of) -> Option<Means> {
    let same = |row: &str| {
        let mut wanted = row.split(' ');
        let fits = keys.iter().all(|key| wanted.next().is_some_and(|it| matches(it, key)));
        fits && wanted.next().is_none()
    };
    rows.iter().find(|(row, row_of, _)| *row_of == of && same(row)).map(|(_, _, means)| *means)
}

fn matches(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => key.starts_with(head),
        None => key.len() == pattern.len() && key.replace('-', "_") == pattern.replace('-', "_"),
    }
}
