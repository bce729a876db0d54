//! Notebooks: the code of their cells, as text of the same length, so that places in it are places in
//! the file.

use crate::text::Span;
use crate::text::yaml::{self, Node, Scalar};

/// The code of a notebook.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notebook {
    /// The text of the file, with the code of its cells as Python reads it.
    pub(super) code: String,
    /// Where the lines of code stand in it, of all cells in order.
    pub(super) lines: Vec<Span>,
}

/// What JSON has between two lines of a text.
const LINE_END: &str = "\\n";

/// Commands of a cell that go on with Python.
const TIMED: [&str; 5] = ["%%capture", "%%prun", "%%time", "%%timeit", "%%memit"];

impl Notebook {
    /// Reads a notebook; `None` where the file is none.
    pub(super) fn read(source: &str) -> Option<Self> {
        let scalars = yaml::scalars(source)?;
        let mut code = source.to_owned();
        let mut lines = Vec::new();
        for cell in scalars.chunk_by(|a, b| cell_of(a).is_some() && cell_of(a) == cell_of(b)) {
            let own = cell_lines(source, cell);
            let first = own.first().map_or("", |it| source[it.clone()].trim_start());
            if first.starts_with("%%") && !TIMED.iter().any(|it| first.starts_with(it)) {
                continue;
            }
            for line in own {
                let plain = plain(&source[line.clone()]);
                code.replace_range(line.clone(), &plain);
                lines.push(line);
            }
        }
        Some(Self { code, lines })
    }
}

/// Returns which cell a scalar belongs to.
fn cell_of(scalar: &Scalar<'_>) -> Option<usize> {
    match scalar.path.as_slice() {
        [Node::Key("cells"), Node::Item(cell), ..] => Some(*cell),
        _ => None,
    }
}

/// Returns where the lines of a cell of code stand.
fn cell_lines(source: &str, cell: &[Scalar<'_>]) -> Vec<Span> {
    let values = |wanted: &'static str| {
        cell.iter().filter(move |it| {
            let key = it.path.get(2);
            !it.is_key && key == Some(&Node::Key(wanted)) && cell_of(it).is_some()
        })
    };
    if !values("cell_type").any(|it| &source[it.span.clone()] == "code") {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for text in values("source") {
        let mut start = text.span.start;
        for (at, _) in source[text.span.clone()].match_indices(LINE_END) {
            let end = text.span.start + at;
            // `\\n` is what Python reads as the end of a line in a string.
            let escapes = source[start..end].bytes().rev().take_while(|it| *it == b'\\').count();
            if escapes % 2 == 0 {
                lines.push(start..end);
                start = end + LINE_END.len();
            }
        }
        if start < text.span.end {
            lines.push(start..text.span.end);
        }
    }
    lines
}

/// Returns a line as Python reads it, as long as it is in JSON; a command of the notebook is a comment.
fn plain(line: &str) -> String {
    let is_command = line.trim_start().starts_with(['%', '!', '?']);
    let mut shown = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(character) = rest.next() {
        let escaped = if character == '\\' { rest.next() } else { None };
        match (character, escaped) {
            // A quote or a backslash, and a blank behind it where that means nothing.
            (_, Some('"')) => shown.push_str("\" "),
            (_, Some('\\')) => shown.push_str("\\\\"),
            (_, Some('t')) => shown.push_str("  "),
            (_, Some(other)) => shown.extend([character, other]),
            (character, None) => shown.push(character),
        }
    }
    if is_command {
        let at = shown.len() - shown.trim_start().len();
        shown.replace_range(at..=at, "#");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let Notebook { code, lines } = Notebook::read(source).unwrap();
        assert_eq!(code.len(), source.len());
        let shown: Vec<&str> = lines.into_iter().map(|it| &code[it]).collect();
        assert_eq!(shown, expected, "{source}");
    }

    #[test]
    fn lines_of_cells() {
        check(
            r#"{"cells": [
             {"cell_type": "markdown", "source": ["a\n"]},
             {"source": ["import a\n", "\n", "%run x\n", "print(\"b\", '\\n')"], "cell_type": "code"},
             {"cell_type": "code", "source": "c\nd", "outputs": [{"source": "e"}]},
             {"cell_type": "code", "source": ["%%bash\n", "ls"]},
             {"cell_type": "code", "source": ["%%time\n", "f"]}
            ], "source": "g"}"#,
            &["import a", "", "#run x", "print(\" b\" , '\\\\n')", "c", "d", "#%time", "f"],
        );
    }

    #[test]
    fn what_is_no_notebook() {
        assert_eq!(Notebook::read("{"), None);
        check("[1, \"source\"]", &[]);
    }
}
