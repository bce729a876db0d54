//! Where a text has what is looked for, and what takes its place.
//!
//! Line ends count as `\n` here, whatever they are in the file.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice as _;

use crate::text::{Regex, Span};

/// What is looked for.
#[derive(Debug)]
pub(super) enum Needle {
    /// Texts; where several begin at one place, the longest counts. Each has its result.
    Texts(BTreeMap<String, String>),
    /// A regular expression, and a template of the result.
    Regex(Regex, String),
}

impl Needle {
    /// Returns what is looked for and was not seen yet, without what a text shows: it has that, or
    /// what takes its place.
    pub(super) fn unseen<'a>(
        &'a self,
        text: &str,
        mut unseen: BTreeSet<&'a str>,
    ) -> BTreeSet<&'a str> {
        let has = |new: &str| !new.is_empty() && text.contains(new);
        match self {
            Self::Texts(texts) => {
                let is_new = |old: &str| texts.get(old).is_some_and(|new| has(new));
                unseen.retain(|old| !text.contains(old) && !is_new(old));
            }
            Self::Regex(regex, template) => {
                let is_new = self.shows_when_done() && has(template);
                unseen.retain(|_| !is_new && regex.hits(text).next().is_none());
            }
        }
        unseen
    }

    /// Tells whether a text shows that nothing is left to do: a template may become anything.
    pub(super) fn shows_when_done(&self) -> bool {
        match self {
            Self::Texts(_) => true,
            Self::Regex(_, template) => !template.contains('$'),
        }
    }

    /// Returns what is looked for, as the playbook says it.
    pub(super) fn labels(&self) -> BTreeSet<&str> {
        match self {
            Self::Texts(texts) => texts.keys().map(String::as_str).collect(),
            Self::Regex(regex, _) => BTreeSet::from([regex.pattern()]),
        }
    }
}

/// What happens with a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The new text stands instead of it.
    Instead,
    /// The new text stands before it.
    Before,
    /// The new text stands after it.
    After,
}

/// What becomes of a hit: where it is in the plain text, and the new text.
pub(super) type Edit = (Span, String);

/// Finds all hits in a text, and what becomes of each. What stands inside of its own result is no
/// hit: there the work is done.
pub(super) fn find(text: &str, needle: &Needle, place: Place) -> Vec<Edit> {
    let raw = match needle {
        Needle::Texts(texts) => of_texts(text, texts),
        Needle::Regex(regex, template) => {
            let hits = regex.hits(text);
            hits.map(|hit| (hit.span.clone(), regex.expand(&hit, text, template))).collect()
        }
    };
    let edit = |(span, new): Edit| {
        let old = text.get(span.clone()).unwrap_or_default();
        let (result, edited) = match place {
            Place::Instead => (new.clone(), span.clone()),
            Place::Before => (format!("{new}{old}"), span.start..span.start),
            Place::After => (format!("{old}{new}"), span.end..span.end),
        };
        (!is_inside(text, &span, &result)).then_some((edited, new))
    };
    raw.into_iter().filter_map(edit).collect()
}

/// Finds texts that do not overlap, from the left; of those that begin at one place, the longest.
fn of_texts(text: &str, texts: &BTreeMap<String, String>) -> Vec<Edit> {
    let hits = texts.iter().flat_map(|(old, new)| {
        text.match_indices(old.as_str()).map(move |(at, _)| (at..at + old.len(), new))
    });
    let mut hits: Vec<_> = hits.collect();
    hits.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut done = 0;
    hits.retain(|(span, _)| {
        let free = span.start >= done;
        if free {
            done = span.end;
        }
        free
    });
    hits.into_iter().map(|(span, new)| (span, new.clone())).collect()
}

/// Tells whether a stretch of a text lies inside an occurrence of `result`.
fn is_inside(text: &str, span: &Span, result: &str) -> bool {
    // An occurrence in this window neither begins behind the stretch nor ends before it does.
    let window = span.end.saturating_sub(result.len())..text.len().min(span.start + result.len());
    result.len() >= span.len()
        && text.as_bytes().get(window).is_some_and(|it| it.contains_str(result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Plain, TextEdit, apply};

    fn edited(source: &str, needle: &Needle, place: Place) -> (String, usize) {
        let plain = Plain::new(source);
        let found = find(&plain.text, needle, place);
        let count = found.len();
        let edits: Vec<TextEdit> =
            found.into_iter().map(|(span, new)| plain.edit(span, &new)).collect();
        (apply(source, &edits).unwrap(), count)
    }

    #[track_caller]
    fn check(source: &str, needle: &Needle, place: Place, expected: &str) {
        let (once, _) = edited(source, needle, place);
        assert_eq!(once, expected);
        assert_eq!(edited(&once, needle, place), (once, 0), "a second time");
    }

    fn texts(pairs: &[(&str, &str)]) -> Needle {
        let owned = |(old, new): &(&str, &str)| ((*old).to_owned(), (*new).to_owned());
        Needle::Texts(pairs.iter().map(owned).collect())
    }

    fn regex(pattern: &str, template: &str) -> Needle {
        Needle::Regex(Regex::new(pattern).unwrap(), template.to_owned())
    }

    #[test]
    fn a_result_is_not_looked_into() {
        check("foo foobar", &texts(&[("foo", "foobar")]), Place::Instead, "foobar foobar");
        check(
            "http://a https://b",
            &texts(&[("http", "https")]),
            Place::Instead,
            "https://a https://b",
        );
        check("a\nba", &texts(&[("a", "b")]), Place::Before, "ba\nba");
        check("ab a", &texts(&[("a", "b")]), Place::After, "ab ab");
        check("x = 1\n", &regex(r"x = (\d)", "x = int(${1})"), Place::Instead, "x = int(1)\n");
        check("a\nb\n", &regex("(?m)^", "# "), Place::Instead, "# a\n# b\n# ");
        check("ab", &texts(&[("a", ""), ("b", "")]), Place::Instead, "");
    }

    #[test]
    fn of_several_texts_the_longest_counts() {
        let needle = texts(&[("a", "1"), ("ab", "2"), ("b", "3")]);
        check("a ab b aab", &needle, Place::Instead, "1 2 3 12");
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        let two_lines = texts(&[("a\nb", "b\nc\nd")]);
        check("é\r\na\r\nb\r\n", &two_lines, Place::Instead, "é\r\nb\r\nc\r\nd\r\n");
        check("x\ra\rb\r", &two_lines, Place::Instead, "x\rb\rc\rd\r");
        check("\r\n\na\r\nb\n\n", &two_lines, Place::Instead, "\r\n\nb\nc\nd\n\n");
        check("a\r\nb\r\n", &regex("(?m)a$", "c"), Place::Instead, "c\r\nb\r\n");
        check("a\r\nb\r\n", &texts(&[("a\n", "x\n")]), Place::After, "a\r\nx\r\nb\r\n");
        check("a\r\nb\r\n", &texts(&[("\n", ";")]), Place::Before, "a;\r\nb;\r\n");
    }
}
