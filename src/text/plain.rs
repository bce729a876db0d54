//! A text with one kind of line end, for whoever looks for something in it.

use super::{Span, TextEdit, line_end};

/// A text of which all line ends are `\n`, and the way back to the text of the file.
#[derive(Debug, Clone)]
pub struct Plain {
    /// The text.
    pub text: String,
    /// Where line ends stand that take two bytes in the file.
    wide: Vec<usize>,
    /// The line end of the file.
    end: &'static str,
}

impl Plain {
    /// Takes the text of a file.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let end = line_end(source);
        let mut text = String::with_capacity(source.len());
        let mut wide = Vec::new();
        for part in source.split_inclusive("\r\n") {
            match part.strip_suffix("\r\n") {
                Some(line) => {
                    text.push_str(line);
                    wide.push(text.len());
                    text.push('\n');
                }
                None => text.push_str(part),
            }
        }
        // In a file of old, a lone carriage return ends a line; elsewhere it is a character.
        let text = if end == "\r" { text.replace('\r', "\n") } else { text };
        Self { text, wide, end }
    }

    /// Says in the offsets and line ends of the file what is to be edited.
    #[must_use]
    pub fn edit(&self, span: Span, text: &str) -> TextEdit {
        let place = |at: usize| at + self.wide.partition_point(|it| *it < at);
        TextEdit { span: place(span.start)..place(span.end), text: text.replace('\n', self.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply;

    #[track_caller]
    fn check(source: &str, old: &str, new: &str, expected: &str) {
        let plain = Plain::new(source);
        let start = plain.text.find(old).unwrap();
        let edit = plain.edit(start..start + old.len(), new);
        assert_eq!(apply(source, &[edit]).unwrap(), expected);
    }

    #[test]
    fn edits_go_back_to_the_lines_of_the_file() {
        check("é\r\na\r\nb\r\n", "a\nb", "c\n", "é\r\nc\r\n\r\n");
        check("a\r\n\nb\nc\n", "\n\n", "\n", "a\nb\nc\n");
        check("a\rb\r", "\nb", "\nc\nd", "a\rc\rd\r");
        check("a\rb\n", "a\rb", "c", "c\n");
    }
}
