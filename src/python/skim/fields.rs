//! Strings with fields: `f"{a!r:>{width}}"`.
//!
//! The lexer ends such a string where it would end any other. Since Python 3.12 a field may hold the
//! very quotes of its string; then the braces do not add up here, and nothing after it is sure.

use super::lexer::{Kind, Lexer, Operator};
use super::{DEEPEST, Skimmer};

impl Skimmer<'_> {
    /// Reads the fields of the current token, a string that has some. Where they do not add up, the
    /// reader is lost.
    pub(super) fn fields(&mut self) -> Option<()> {
        let read = self.all_fields();
        self.lost |= read.is_none();
        read
    }

    fn all_fields(&mut self) -> Option<()> {
        let text = self.text();
        let prefix = text.iter().position(|it| matches!(it, b'"' | b'\''))?;
        let quote = text[prefix];
        let long = text.len() >= prefix + 6 && text[prefix..].starts_with(&[quote; 3]);
        let width = if long { 3 } else { 1 };
        let (start, end) = (self.token.start + prefix + width, self.token.end - width);
        let raw = text[..prefix].iter().any(|it| matches!(it, b'r' | b'R'));
        let at = self.literal((start, end), raw, self.depth)?;
        (at == end).then_some(())
    }

    /// Reads text with fields from `start` on; returns where a brace closes what is around it, or
    /// `end`.
    fn literal(&mut self, (start, end): (usize, usize), raw: bool, depth: usize) -> Option<usize> {
        let bytes = self.lexer.bytes();
        let inside = depth > self.depth;
        let mut at = start;
        while at < end {
            match bytes[at] {
                b'{' if bytes[at + 1] == b'{' && !inside => at += 2,
                b'{' => at = self.field((at + 1, end), raw, depth + 1)?,
                b'}' if inside => return Some(at),
                b'}' if bytes[at + 1] == b'}' => at += 2,
                b'}' => return None,
                b'\n' | b'\r' if inside => return None,
                b'\\' if inside => return None,
                // Braces belong to the escape in `\N{DASH}`.
                b'\\' if !raw && bytes[at + 1] == b'N' => return None,
                b'\\' if matches!(bytes[at + 1], b'{' | b'}') => at += 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        Some(at)
    }

    /// Reads a field from behind its opening brace to behind its closing one.
    fn field(&mut self, (start, end): (usize, usize), raw: bool, depth: usize) -> Option<usize> {
        if depth >= DEEPEST {
            return None;
        }
        let bytes = self.lexer.bytes();
        let mut inner = Skimmer::new(Lexer::within(bytes, start, end))?;
        inner.depth = depth;
        inner.expressions()?;
        self.literals.append(&mut inner.literals);
        inner.eat(Operator::Assign)?;
        if inner.is(Operator::Bang) {
            let conversion = inner.token.end;
            inner.advance()?;
            let known = matches!(inner.text(), b"r" | b"s" | b"a");
            if !known || inner.token.start != conversion {
                return None;
            }
            inner.advance()?;
        }
        let read = &bytes[start..inner.token.start];
        if read.iter().any(|it| matches!(it, b'\\' | b'#')) {
            return None;
        }
        match inner.token.kind {
            Kind::Operator(Operator::Close(b'}')) => Some(inner.token.end),
            Kind::Operator(Operator::Colon) => {
                let close = self.literal((inner.token.end, end), raw, depth)?;
                (close < end).then_some(close + 1)
            }
            _ => None,
        }
    }
}
