//! Python code in strings: templates, doctests, programs for `python -c`; and in other texts. Only what
//! imports something is kept.
//!
//! A string is code where all of it parses, or all of its doctest lines do. Of any other, lines that
//! are an import statement, whole, are read one by one.

use ruff_python_ast::{
    AnyStringFlags, Expr, FString, InterpolatedStringElement, Stmt, StringFlags,
};

use super::super::model::{FileFacts, Import, Snippet, Status};
use super::super::parse::{Tree, span};
use super::{Reader, Walked};
use crate::text::{Lines, Span};

/// Longer strings are data.
const LONGEST: usize = 200_000;

impl Reader<'_> {
    /// Reads the code in the parts of a string.
    pub(super) fn quoted_code(&mut self, expression: &Expr) {
        let mut parts: Vec<(Span, AnyStringFlags)> = Vec::new();
        match expression {
            Expr::StringLiteral(it) => {
                parts.extend(it.value.iter().map(|it| (span(it), it.flags.into())));
            }
            Expr::BytesLiteral(it) => {
                parts.extend(it.value.iter().map(|it| (span(it), it.flags.into())));
            }
            _ => {}
        }
        for (whole, flags) in parts {
            self.quoted(whole, flags);
        }
    }

    fn quoted(&mut self, whole: Span, flags: AnyStringFlags) {
        let imports = self.source.get(whole.clone()).is_some_and(|it| it.contains("import "));
        if whole.len() > LONGEST || !imports || self.quotes > 0 {
            return;
        }
        let opened = flags.opener_len().to_usize();
        let closed = flags.closer_len().to_usize();
        let text = whole.start + opened..whole.end.saturating_sub(closed);
        let raw = flags.prefix().is_raw();
        let lines = lines_of(self.source, text, raw);
        let found = self.host().read(&lines);
        self.facts.snippets.extend(found);
    }

    fn host(&self) -> Host<'_> {
        let (talk, quotes) = (self.place.talk, self.quotes);
        Host { source: self.source, lines: self.lines, target: self.target, talk, quotes }
    }

    /// Reads what a formatted string begins with.
    pub(super) fn formatted_code(&mut self, it: &FString) {
        let Some(InterpolatedStringElement::Literal(first)) = it.elements.first() else { return };
        if first.value.len() > LONGEST || !first.value.contains("import ") || self.quotes > 0 {
            return;
        }
        let mut lines = lines_of(self.source, span(first), it.flags.prefix().is_raw());
        // The last line goes on with a field.
        let is_open = |it: &Span| self.source[it.clone()].ends_with(" import ");
        if it.elements.len() > 1 && !lines.last().is_some_and(is_open) {
            lines.pop();
        }
        let found = self.host().statements(&lines);
        self.facts.snippets.extend(found);
    }
}

/// Finds the code that imports something in lines of any text.
#[must_use]
pub fn snippets(source: &str, lines: &[Span], target: (u8, u8)) -> Vec<Snippet> {
    Host { source, lines: &Lines::new(source), target, talk: true, quotes: 0 }.read(lines)
}

/// A text that holds code.
struct Host<'a> {
    source: &'a str,
    lines: &'a Lines<'a>,
    target: (u8, u8),
    /// It is talk.
    talk: bool,
    /// How many strings it is code in.
    quotes: usize,
}

impl Host<'_> {
    fn read(&self, lines: &[Span]) -> Vec<Snippet> {
        let found = self.code(dedented(self.source, lines), true);
        let doctest = || self.code(doctest(self.source, lines), true);
        match found.or_else(doctest) {
            Some(snippet) => vec![snippet],
            None => self.statements(lines),
        }
    }

    fn statements(&self, lines: &[Span]) -> Vec<Snippet> {
        let statements = statements(self.source, lines);
        statements.into_iter().filter_map(|it| self.code(it, false)).collect()
    }

    /// Reads lines as code: all of it, or one statement.
    fn code(&self, lines: Vec<Span>, whole: bool) -> Option<Snippet> {
        let line = lines.first().map_or(1, |it| self.lines.line(it.start));
        let talk = self.talk;
        let last = lines.last().and_then(|it| self.source.get(it.clone())).unwrap_or_default();
        let open = !whole && last.ends_with(" import ");
        let mut snippet = Snippet { lines, line, imports: Vec::new(), whole, open, talk };
        let code = snippet.code(self.source);
        let tree = Tree::parse(&code, self.target).filter(|_| code.contains("import "))?;
        let starts = Lines::new(&code);
        let is_import = |it: &Stmt| matches!(it, Stmt::Import(_) | Stmt::ImportFrom(_));
        if tree.status(&starts) != Status::Parsed
            || !whole && !matches!(tree.body(), [one] if is_import(one))
        {
            return None;
        }
        let mut inner =
            Reader::new(&code, &starts, self.target, FileFacts::nothing(Status::Parsed));
        inner.quotes = self.quotes + 1;
        let Walked { facts, depth, .. } = inner.run(&tree);
        tree.drop_deep(depth);
        let own = |it: &Import| it.level == 0;
        snippet.imports = facts.imports.into_iter().filter(own).collect();
        (!snippet.imports.is_empty()).then_some(snippet)
    }
}

/// Returns where the lines of a text stand, divided by line ends, also those that are written `\n`.
fn lines_of(source: &str, text: Span, raw: bool) -> Vec<Span> {
    let bytes = source.as_bytes();
    let mut lines = Vec::new();
    // A backslash behind the quotes takes the line end away.
    let opening = source[text.clone()].strip_prefix("\\\n").filter(|_| !raw);
    let begin = opening.map_or(text.start, |rest| text.end - rest.len());
    let (mut start, mut at) = (begin, begin);
    while at < text.end {
        let (ends, width) = match (bytes[at], bytes.get(at + 1)) {
            (b'\n', _) => (true, 1),
            (b'\\', Some(b'n')) if !raw => (true, 2),
            (b'\\', Some(_)) if !raw => (false, 2),
            _ => (false, 1),
        };
        if ends {
            lines.push(start..at);
            start = at + width;
        }
        at += width;
    }
    lines.push(start.min(text.end)..text.end);
    for line in &mut lines {
        line.end = line.start + source[line.clone()].trim_end_matches('\r').len();
    }
    lines
}

/// Takes the indentation that all lines have in common from each of them.
fn dedented(source: &str, lines: &[Span]) -> Vec<Span> {
    let indent = |it: &Span| {
        let line = &source[it.clone()];
        let text = line.trim_start_matches([' ', '\t']);
        (!text.is_empty()).then(|| line.len() - text.len())
    };
    let common = lines.iter().filter_map(indent).min().unwrap_or_default();
    let cut = |it: &Span| it.start + common.min(it.len())..it.end;
    lines.iter().map(cut).collect()
}

/// Returns the lines that a doctest runs, without their marks.
fn doctest(source: &str, lines: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut runs = false;
    for line in lines {
        let text = source[line.clone()].trim_start();
        let start = line.end - text.len();
        let first = text.starts_with(">>> ");
        runs = first || runs && (text.starts_with("... ") || text.trim_end_matches(' ') == "...");
        if runs {
            found.push((start + 4).min(line.end)..line.end);
        }
    }
    found
}

/// Returns the import statements that stand on lines of their own, also of a doctest.
fn statements(source: &str, lines: &[Span]) -> Vec<Vec<Span>> {
    let mut found = Vec::new();
    let mut rest = lines;
    while let Some((line, others)) = rest.split_first() {
        rest = others;
        let text = source[line.clone()].trim_start();
        let text = text.strip_prefix(">>> ").unwrap_or(text);
        if !text.starts_with("import ") && !text.starts_with("from ") {
            continue;
        }
        // `from a.b import %s`: what is taken is not known here.
        let known = text.split_inclusive(" import ").next().unwrap_or_default();
        let made = text[known.len()..].starts_with(['%', '{', '$']);
        let length = if made { known.len() } else { text.len() };
        let start = line.end - text.len();
        let first = start..start + length;
        let mut statement: Vec<Span> = std::iter::once(first).collect();
        let end = if text.trim_end().ends_with('(') {
            others.iter().position(|it| source[it.clone()].contains(')')).map(|at| at + 1)
        } else if text.ends_with('\\') {
            others.iter().position(|it| !source[it.clone()].ends_with('\\')).map(|at| at + 1)
        } else {
            Some(0)
        };
        let Some(end) = end else { continue };
        let (own, after) = others.split_at(end);
        statement.extend(own.iter().cloned());
        rest = after;
        found.push(statement);
    }
    found
}
