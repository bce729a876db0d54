//! Strings and comments of Python code: where they stand, and which strings are talk.
//!
//! A small reader of its own, because it has to go through files that do not parse, too. What stands
//! between the braces of an f-string is code, and no text.

use std::ops::Range;

use super::Place;

/// Returns the stretches of text in Python code, in order.
pub(super) fn regions(source: &str) -> Vec<(Range<usize>, Place)> {
    let mut reader = Reader { bytes: source.as_bytes(), at: 0, found: Vec::new() };
    reader.read();
    reader.found
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<(Range<usize>, Place)>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let (mut depth, mut fresh) = (0_usize, true);
        while let Some(byte) = self.peek(0) {
            let begins_statement = std::mem::take(&mut fresh) && depth == 0;
            match byte {
                b'#' => {
                    self.comment();
                    fresh = begins_statement;
                }
                b'\n' | b'\r' | b';' => {
                    self.at += 1;
                    fresh = true;
                }
                b' ' | b'\t' | b'\x0c' => {
                    self.at += 1;
                    fresh = begins_statement;
                }
                b'\\' => self.at += if self.peek(1) == Some(b'\r') { 3 } else { 2 },
                b'(' | b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b'"' | b'\'' => self.string(false, begins_statement),
                _ if is_word(byte) => self.word(begins_statement),
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn comment(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(|it| !matches!(it, b'\n' | b'\r')) {
            self.at += 1;
        }
        self.found.push((start..self.at, Place::Comment));
    }

    /// Reads a name, which may turn out to be the prefix of a string.
    fn word(&mut self, begins_statement: bool) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        let is_prefix = word.len() <= 2 && word.iter().all(|it| b"rRbBuUfFtT".contains(it));
        if is_prefix && matches!(self.peek(0), Some(b'"' | b'\'')) {
            let formatted = word.iter().any(|it| b"fFtT".contains(it));
            self.string(formatted, begins_statement);
        }
    }

    fn string(&mut self, formatted: bool, begins_statement: bool) {
        let first = self.found.len();
        self.quoted(formatted);
        if begins_statement && self.ends_statement() {
            for (_, place) in &mut self.found[first..] {
                *place = Place::Docstring;
            }
        }
    }

    fn ends_statement(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let next = rest.iter().find(|it| !matches!(it, b' ' | b'\t'));
        matches!(next, None | Some(b'\n' | b'\r' | b'#' | b';'))
    }

    /// Reads a string from its opening quote to the end.
    fn quoted(&mut self, formatted: bool) {
        let Some(quote) = self.peek(0) else { return };
        let long = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        let width = if long { 3 } else { 1 };
        self.at += width;
        let mut start = self.at;
        while let Some(byte) = self.peek(0) {
            let closes = byte == quote && (!long || self.bytes[self.at..].starts_with(&[quote; 3]));
            if closes || !long && matches!(byte, b'\n' | b'\r') {
                self.found.push((start..self.at, Place::PythonString));
                self.at += if closes { width } else { 0 };
                return;
            }
            match byte {
                b'\\' => self.at += 2,
                b'{' if formatted && self.peek(1) == Some(b'{') => self.at += 2,
                b'{' if formatted => {
                    self.found.push((start..self.at, Place::PythonString));
                    self.field(quote, long);
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.found.push((start..self.at, Place::PythonString));
    }

    /// Passes over a replacement field with its strings, to behind its closing brace.
    fn field(&mut self, quote: u8, long: bool) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 1 => {
                    self.at += 1;
                    return;
                }
                b'}' => depth = depth.saturating_sub(1),
                // Since 3.12 a field may use the quotes of its string; before, they end it.
                b'"' | b'\'' if byte != quote || !long && self.closes_here(quote) => {
                    self.quoted(false);
                    continue;
                }
                b'\n' | b'\r' if !long => return,
                _ if byte == quote && !long => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Tells whether another such quote follows on the line, before the field could have closed.
    fn closes_here(&self, quote: u8) -> bool {
        let line = || self.bytes[self.at + 1..].iter().take_while(|it| **it != b'\n');
        let Some(next) = line().position(|it| *it == quote) else { return false };
        line().position(|it| *it == b'}').is_some_and(|closes| closes > next)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte > 127
}
