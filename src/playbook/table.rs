//! Reads a table with its types, and goes on behind each mistake, so that a writer sees them all.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Error, ValueDeserializer};

use super::mistake::{Mistakes, Words};

/// As many mistakes of one table are shown.
const MOST: usize = 20;

/// Reads `table` by `load`. `also` are the keys that it may have beside those that serde knows of; its
/// `words` tell where a mistake stands.
pub(super) fn read<T>(
    table: Spanned<DeTable<'_>>,
    (words, also): (&Words, &[&str]),
    mistakes: &mut Mistakes<'_>,
    load: impl Fn(ValueDeserializer<'_>) -> Result<T, Error>,
) -> Option<T> {
    let span = table.span();
    let mut table = table.into_inner();
    let mut gone: Vec<Range<usize>> = Vec::new();
    for _ in 0..MOST {
        let whole = Spanned::new(span.clone(), DeValue::Table(table.clone()));
        let error = match load(ValueDeserializer::from(whole)) {
            Ok(value) => return gone.is_empty().then_some(value),
            Err(error) => error,
        };
        let place = error.span();
        // Something may only be missing now because what was wrong is gone.
        let missing = error.message().starts_with("missing field") && !gone.is_empty();
        let around = place.as_ref().is_some_and(|it| gone.iter().any(|gone| is_in(gone, it)));
        if !missing && !around {
            mistakes.push_toml(&error, words, also);
        }
        let place = place.filter(|it| *it != span)?;
        take_out(&mut table, &place)?;
        gone.push(place);
    }
    None
}

/// Takes the smallest entry or row around `place` out of a table; `None` where none is.
fn take_out(table: &mut DeTable<'_>, place: &Range<usize>) -> Option<()> {
    let mut inner = table.iter_mut();
    if inner.any(|(_, value)| take_out_of(value.get_mut(), place).is_some()) {
        return Some(());
    }
    let around =
        |key: &Range<usize>, value: &Range<usize>| is_in(place, key) || is_in(place, value);
    let found = table.iter().find(|(key, value)| around(&key.span(), &value.span()));
    let key = found.map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str()).map(drop)
}

/// As [`take_out`], of what a value holds.
fn take_out_of(value: &mut DeValue<'_>, place: &Range<usize>) -> Option<()> {
    match value {
        DeValue::Table(table) => take_out(table, place),
        DeValue::Array(rows) => {
            let mut inner = rows.iter_mut();
            if inner.any(|row| take_out_of(row.get_mut(), place).is_some()) {
                return Some(());
            }
            let at = rows.iter().position(|row| is_in(place, &row.span()))?;
            let all = std::mem::replace(rows, DeArray::new());
            for (_, row) in all.into_iter().enumerate().filter(|(index, _)| *index != at) {
                rows.push(row);
            }
            Some(())
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}

fn is_in(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
