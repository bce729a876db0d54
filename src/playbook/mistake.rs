//! Mistakes of a playbook: each with its place in the text, and the word that was probably meant.
//!
//! A playbook may be anything, a binary too, and a terminal obeys control characters: what is shown
//! of the text has none, and is no longer than a person reads.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::nearest;

/// Lines longer than this are not shown, in bytes.
const LONGEST_LINE: usize = 400;

/// A playbook that cannot be used, with every mistake that was found in it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{file}` has {}", match mistakes.len() {
    1 => "a mistake".to_owned(),
    many => format!("{many} mistakes"),
})]
pub struct PlaybookError {
    /// Its name for messages.
    pub file: String,
    /// The mistakes, in order of the text; never empty.
    pub mistakes: Vec<Mistake>,
}

/// One mistake, ready to be shown with the line where it stands.
#[derive(Debug, Clone, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong: lower case, objects in backticks, no full stop.
    pub message: String,
    /// The playbook with its name.
    #[source_code]
    pub source_code: NamedSource<Arc<str>>,
    /// Where it stands; `None` where the mistake is not in the text, as with `--set`.
    #[label]
    pub span: Option<SourceSpan>,
    /// The remedy.
    #[help]
    pub help: Option<String>,
}

/// Collects the mistakes of one text.
#[derive(Debug)]
pub(super) struct Mistakes<'a> {
    text: &'a str,
    source_code: NamedSource<Arc<str>>,
    found: Vec<Mistake>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(file: &str, text: &'a str) -> Self {
        let source_code = NamedSource::new(file, Arc::from(visible(text)));
        Self { text, source_code, found: Vec::new() }
    }

    /// Returns the text that is being read.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Records a mistake. What reaches over several lines is shown by its first.
    pub(super) fn push(
        &mut self,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut message = visible(&message.into());
        let shown = span.as_ref().filter(|it| self.is_readable(it.start)).map(|it| self.shown(it));
        if let (Some(span), None) = (&span, shown) {
            let (line, column) = self.place(span.start);
            message.push_str(&format!(" (line {line}, column {column})"));
        }
        let help = help.map(|it| visible(&it));
        self.found.push(Mistake {
            message,
            source_code: self.source_code.clone(),
            span: shown,
            help,
        });
    }

    /// Returns where a span stands in the text that is shown.
    fn shown(&self, span: &Range<usize>) -> SourceSpan {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let first_line = &text[..text.find(['\r', '\n']).unwrap_or(text.len())];
        let before = self.text.get(..span.start).unwrap_or(self.text);
        (visible(before).len(), visible(first_line).len()).into()
    }

    /// Tells whether the line at `offset` and its neighbours are short enough to be shown.
    fn is_readable(&self, offset: usize) -> bool {
        let (before, behind) = self.text.split_at_checked(offset).unwrap_or((self.text, ""));
        let (mut above, mut below) = (before.rsplit('\n'), behind.split('\n'));
        let length = |part: Option<&str>| part.map_or(0, str::len);
        let line = length(above.next()) + length(below.next());
        [line, length(above.next()), length(below.next())].iter().all(|it| *it <= LONGEST_LINE)
    }

    /// Returns line and column of an offset, from 1.
    fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// Takes what serde says about a table of these words, in our language. `also` are the keys
    /// that the table may have beside those that serde knows of.
    pub(super) fn push_toml(&mut self, error: &toml::de::Error, words: &Words, also: &[&str]) {
        let (message, help) = in_our_language(error.message(), also);
        let span = error.span();
        let nearer = span.as_ref().and_then(|it| words.meant_by(&message, Some(it)));
        self.push(nearer.or(span), message, help);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Ends the collection: with the mistakes in order of the text, where there are any.
    pub(super) fn into_error(mut self) -> PlaybookError {
        self.found.sort_by_key(|it| it.span.map_or(0, |span| span.offset()));
        PlaybookError { file: self.source_code.name().to_owned(), mistakes: self.found }
    }
}

/// Every string below a table, and then every key, with their places. What a message quotes is
/// looked up here: a mistake in an array is then shown at its element.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<(String, Range<usize>)>);

impl Words {
    pub(super) fn of(table: &DeTable<'_>) -> Self {
        let (mut words, mut keys) = (Self::default(), Vec::new());
        words.table(table, &mut keys);
        words.0.append(&mut keys);
        words
    }

    /// Returns where the word stands that `message` quotes, if it stands in `inside`.
    pub(super) fn meant_by(
        &self,
        message: &str,
        inside: Option<&Range<usize>>,
    ) -> Option<Range<usize>> {
        let bare = |word: &str| word.trim_start_matches("./").trim_end_matches('/').to_owned();
        let quoted: Vec<String> = message.split('`').skip(1).step_by(2).map(bare).collect();
        let is_meant = |(word, span): &&(String, Range<usize>)| {
            let fits = inside.is_none_or(|it| it.start <= span.start && span.end <= it.end);
            let word = bare(word.trim_start_matches('!'));
            fits && (quoted.contains(&word) || quoted.contains(&word.escape_debug().to_string()))
        };
        self.0.iter().find(is_meant).map(|(_, span)| span.clone())
    }

    fn table(&mut self, table: &DeTable<'_>, keys: &mut Vec<(String, Range<usize>)>) {
        for (key, value) in table {
            keys.push((key.get_ref().to_string(), key.span()));
            self.value(value, keys);
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, keys: &mut Vec<(String, Range<usize>)>) {
        match value.get_ref() {
            DeValue::String(text) => self.0.push((text.to_string(), value.span())),
            DeValue::Array(rows) => rows.iter().for_each(|row| self.value(row, keys)),
            DeValue::Table(table) => self.table(table, keys),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// Returns a text with signs in place of control characters, but for tabs and line ends.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        shown.push(match character {
            '\n' | '\t' => character,
            '\r' if rest.peek() == Some(&'\n') => character,
            '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
            '\x7f' => '\u{2421}',
            '\u{80}'..='\u{9f}' => '\u{fffd}',
            // Marks that turn the direction of what is read.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            _ => character,
        });
    }
    shown
}

/// Suggests the nearest of `known`, or else lists them.
pub(super) fn suggest(word: &str, known: &[&str], what: &str) -> Option<String> {
    if let Some(near) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let list: Vec<String> = known.iter().map(|it| format!("`{it}`")).collect();
    (!list.is_empty()).then(|| format!("{what}: {}", list.join(", ")))
}

fn in_our_language(message: &str, also: &[&str]) -> (String, Option<String>) {
    if let Some((word, expected)) = unknown(message, "unknown field `") {
        let known: Vec<&str> = expected.into_iter().chain(also.iter().copied()).collect();
        return (format!("unknown key `{word}`"), suggest(word, &known, "known keys"));
    }
    if let Some((word, expected)) = unknown(message, "unknown variant `") {
        return (format!("unknown word `{word}`"), suggest(word, &expected, "known words"));
    }
    if let Some(key) = message.strip_prefix("missing field `").and_then(|it| it.strip_suffix('`')) {
        return (format!("`{key}` is missing"), None);
    }
    let wrong = message.strip_prefix("invalid type: ").and_then(|it| it.split_once(", expected "));
    match wrong {
        Some((found, expected)) => {
            (format!("expected {}, found {}", in_toml(expected), in_toml(found)), None)
        }
        None => (message.to_owned(), None),
    }
}

/// Splits "unknown field `x`, expected one of `a`, `b`" into `x` and `[a, b]`.
fn unknown<'m>(message: &'m str, head: &str) -> Option<(&'m str, Vec<&'m str>)> {
    let (word, rest) = message.strip_prefix(head)?.split_once('`')?;
    Some((word, rest.split('`').skip(1).step_by(2).collect()))
}

/// Returns the name that TOML has for what serde speaks of.
fn in_toml(what: &str) -> String {
    match what {
        "a sequence" | "sequence" => "an array".to_owned(),
        "a map" | "map" => "a table".to_owned(),
        _ if what.starts_with("struct ") => "a table".to_owned(),
        _ => what.replace('"', "`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_by_signs() {
        let check = |text: &str, expected: &str| assert_eq!(visible(text), expected);
        check("a\tb\r\nc\n", "a\tb\r\nc\n");
        check("\u{1b}[2J\r\0\x7f", "\u{241b}[2J\u{240d}\u{2400}\u{2421}");
        check("\u{9b}2J \u{202e}é", "\u{fffd}2J \u{fffd}é");
    }

    #[test]
    fn serde_speaks_our_language() {
        let check = |message: &str, expected: &str| {
            let (message, help) = in_our_language(message, &["id"]);
            assert_eq!(format!("{message} | {}", help.unwrap_or_default()), expected);
        };
        let fields = "unknown field `pth`, expected one of `path`, `to`";
        check(fields, "unknown key `pth` | did you mean `path`?");
        let fields = "unknown field `zzz`, expected `path` or `to`";
        check(fields, "unknown key `zzz` | known keys: `path`, `to`, `id`");
        check("unknown field `idd`, there are no fields", "unknown key `idd` | did you mean `id`?");
        let variants = "unknown variant `reviw`, expected `review`";
        check(variants, "unknown word `reviw` | did you mean `review`?");
        check("missing field `name`", "`name` is missing | ");
        let types = "invalid type: integer `5`, expected a sequence";
        check(types, "expected an array, found integer `5` | ");
        let types = "invalid type: string \"x\", expected struct Fields";
        check(types, "expected a table, found string `x` | ");
        check("`../x` leads outside the repository", "`../x` leads outside the repository | ");
    }
}
