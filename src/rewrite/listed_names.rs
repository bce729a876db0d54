//! A dictionary that lists by module what is taken of it, `{"a.b": ["f", "g"]}`: what moved goes to the
//! list of the other module, which may be new.

use crate::python::{Entries, Entry, Said};
use crate::text::{Span, TextEdit};

/// An entry of a dictionary, by its key.
pub(super) struct Listed<'a> {
    pub(super) source: &'a str,
    pub(super) entries: &'a Entries,
    pub(super) key: &'a Said,
}

impl Listed<'_> {
    /// Returns the edits by which names stand under another key, each as it is called now; nothing where
    /// the text has more in it than the names. `all` tells that nothing else stands under this key.
    pub(super) fn moved(
        &self,
        key: &str,
        names: &[(&Said, &str)],
        all: bool,
    ) -> Option<Vec<TextEdit>> {
        let entries = &self.entries.all;
        let at = entries.iter().position(|it| it.key.whole == self.key.whole)?;
        let own = &entries[at];
        let other = entries.iter().find(|it| it.key.text == key);
        let renamed: Vec<String> = names.iter().map(|(it, now)| self.respelled(it, now)).collect();
        match other {
            None if all => {
                let names = names.iter().map(|(it, now)| (it.span.clone(), *now));
                let edits = names.chain([(own.key.span.clone(), key)]);
                Some(edits.map(|(span, text)| TextEdit { span, text: text.to_owned() }).collect())
            }
            None => {
                let mut edits = self.without(own, names)?;
                edits.push(self.fresh(at, key, &renamed)?);
                Some(edits)
            }
            Some(other) => {
                let spans: Vec<&Span> = entries.iter().map(|it| &it.span).collect();
                let mut edits = match all {
                    true => vec![self.cut(&spans, at, at + 1 < spans.len())?],
                    false => self.without(own, names)?,
                };
                edits.push(self.added(other, &renamed)?);
                Some(edits)
            }
        }
    }

    /// Returns a literal with another text between its quotes.
    fn respelled(&self, literal: &Said, text: &str) -> String {
        let before = &self.source[literal.whole.start..literal.span.start];
        let behind = &self.source[literal.span.end..literal.whole.end];
        format!("{before}{text}{behind}")
    }

    /// Takes names out of the list of an entry, of which some stay.
    fn without(&self, entry: &Entry, names: &[(&Said, &str)]) -> Option<Vec<TextEdit>> {
        let items = entry.items.as_ref()?;
        let goes = |it: &Said| names.iter().any(|(name, _)| name.whole == it.whole);
        let last = items.iter().rposition(|it| !goes(it))?;
        let spans: Vec<&Span> = items.iter().map(|it| &it.whole).collect();
        let gone = items.iter().enumerate().filter(|(_, it)| goes(it));
        gone.map(|(at, _)| self.cut(&spans, at, at < last)).collect()
    }

    /// Cuts one of several out, with the comma behind it or before it.
    fn cut(&self, spans: &[&Span], at: usize, behind: bool) -> Option<TextEdit> {
        let own = spans[at];
        let (span, gap) = if behind {
            let next = spans.get(at + 1)?;
            (own.start..next.start, own.end..next.start)
        } else {
            let last = spans.get(at.checked_sub(1)?)?;
            (last.end..own.end, last.end..own.start)
        };
        self.gap(gap).map(|_| TextEdit { span, text: String::new() })
    }

    /// Returns what stands between two of a row, where that is a comma and blanks.
    fn gap(&self, span: Span) -> Option<&str> {
        let text = self.source.get(span)?;
        let commas = text.chars().filter(|it| *it == ',').count();
        (commas == 1 && text.chars().all(|it| it == ',' || it.is_whitespace())).then_some(text)
    }

    /// Returns what stands between the last two, or what would.
    fn between(&self, spans: &[&Span], at: usize, start: usize) -> Option<String> {
        if let Some(last) = at.checked_sub(1) {
            return self.gap(spans[last].end..spans[at].start).map(str::to_owned);
        }
        if let Some(next) = spans.get(at + 1) {
            return self.gap(spans[at].end..next.start).map(str::to_owned);
        }
        let blank = self.source.get(start + 1..spans[at].start)?;
        let wide = blank.contains('\n');
        let is_blank = blank.chars().all(char::is_whitespace);
        is_blank.then(|| if wide { format!(",{blank}") } else { ", ".to_owned() })
    }

    /// Adds names to the list of an entry.
    fn added(&self, entry: &Entry, names: &[String]) -> Option<TextEdit> {
        let items = entry.items.as_ref()?;
        brackets(self.source, &entry.value)?;
        let spans: Vec<&Span> = items.iter().map(|it| &it.whole).collect();
        let at = spans.len().checked_sub(1)?;
        let between = self.between(&spans, at, entry.value.start)?;
        let text: String = names.iter().map(|it| format!("{between}{it}")).collect();
        Some(TextEdit { span: spans[at].end..spans[at].end, text })
    }

    /// Makes an entry behind the one at `at`, in its manner.
    fn fresh(&self, at: usize, key: &str, names: &[String]) -> Option<TextEdit> {
        let own = &self.entries.all[at];
        let spans: Vec<&Span> = self.entries.all.iter().map(|it| &it.span).collect();
        let between = self.between(&spans, at, self.entries.dict.start)?;
        let (open, close) = brackets(self.source, &own.value)?;
        let colon = self.source.get(own.key.whole.end..own.value.start)?;
        let comma = if open == '(' && names.len() == 1 { "," } else { "" };
        let (key, names) = (self.respelled(&own.key, key), names.join(", "));
        let text = format!("{between}{key}{colon}{open}{names}{comma}{close}");
        Some(TextEdit { span: own.span.end..own.span.end, text })
    }
}

/// Returns the brackets of a list, a tuple or a set, where it has some.
fn brackets(source: &str, value: &Span) -> Option<(char, char)> {
    match source.get(value.clone())?.chars().next()? {
        '[' => Some(('[', ']')),
        '(' => Some(('(', ')')),
        '{' => Some(('{', '}')),
        _ => None,
    }
}
