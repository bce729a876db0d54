//! Names in regular expressions: `app\.helpers`, `^app/helpers\.py$`, whose dots stand behind one or
//! two backslashes.

use std::ops::Range;

use super::words::{Hit, Reader, is_word};

/// Returns the end of a word that goes on behind escaped dots; `end` where it does not.
pub(super) fn end_of(bytes: &[u8], end: usize) -> usize {
    let mut at = end;
    while let Some(dot) = dot_at(bytes, at) {
        let rest = &bytes[dot + 1..];
        at = dot + 1 + rest.iter().take_while(|it| is_word(**it)).count();
    }
    at
}

/// Returns where the dot is that stands escaped here.
fn dot_at(bytes: &[u8], at: usize) -> Option<usize> {
    let slashes = bytes.get(at..)?.iter().take_while(|it| **it == b'\\').count();
    (matches!(slashes, 1 | 2) && bytes.get(at + slashes) == Some(&b'.')).then_some(at + slashes)
}

/// Returns the backslashes that stand before the dots of a name.
pub(super) fn escape_of(text: &str) -> &'static str {
    match (text.contains("\\\\."), text.contains("\\.")) {
        (true, _) => "\\\\",
        (false, true) => "\\",
        (false, false) => "",
    }
}

impl<'a> Reader<'a> {
    /// Reads a word with escaped dots.
    pub(super) fn escaped(&self, word: &Range<usize>) -> Option<Hit<'a>> {
        let raw = &self.source[word.clone()];
        let plain = raw.replace('\\', "");
        let places: Vec<usize> =
            raw.bytes().enumerate().filter(|(_, it)| *it != b'\\').map(|(at, _)| at).collect();
        let reader = Reader { source: &plain, ..*self };
        let Hit { span, form, subject, open } = reader.read(0..plain.len()).into_iter().next()?;
        let (first, last) = (places.get(span.start)?, places.get(span.end.checked_sub(1)?)?);
        let (subject, span) =
            (self.subjects.subject(subject)?, word.start + first..word.start + last + 1);
        Some(Hit { span, form, subject, open })
    }
}
