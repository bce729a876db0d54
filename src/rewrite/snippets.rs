//! Code in strings: the edits of its imports, put where they stand in the file.

use super::Edit;
use crate::finding::{Finding, Safety};
use crate::python::{FileFacts, Import, Snippet, Target};
use crate::text::{Lines, Span};

/// Code in a string, and what it is read with.
pub(super) struct Quoted<'a> {
    /// The source of the file.
    pub(super) source: &'a str,
    pub(super) snippet: &'a Snippet,
    /// The facts of the code.
    pub(super) facts: &'a FileFacts,
}

impl Quoted<'_> {
    /// Puts what was found in the code at its place in the file.
    pub(super) fn placed(
        &self,
        edits: Vec<Edit>,
        findings: Vec<Finding>,
    ) -> (Vec<Edit>, Vec<Finding>) {
        let placed = edits.into_iter().filter_map(|it| self.edit(it)).collect();
        let lines = Lines::new(self.source);
        let first = self.snippet.lines.first().map_or(0, |it| it.start);
        let told = |it: Finding| it.at_line(lines.line(first));
        // The name that is taken is not known, so nothing can be said of it.
        let findings = if self.snippet.open { Vec::new() } else { findings };
        (placed, findings.into_iter().map(told).collect())
    }

    fn edit(&self, edit: Edit) -> Option<Edit> {
        let Edit { edit: mut change, mut safety, why } = edit;
        // What a relative import counts from is not known.
        let relative = self.statement(&change.span).is_some_and(|it| it.level > 0);
        let (start, line) = self.snippet.place(change.span.start).filter(|_| !relative)?;
        let (end, _) = self.snippet.place(change.span.end)?;
        // Of one statement alone, the uses of the name that it binds are not known.
        if !self.snippet.whole && self.binds_by_its_name(&change.span) {
            safety = Safety::Review;
        }
        if change.text.contains('\n') {
            change.text = change.text.replace('\n', &self.line_end(line));
        }
        change.span = start..end;
        Some(Edit { edit: change, safety, why })
    }

    fn statement(&self, span: &Span) -> Option<&Import> {
        let around =
            |it: &&Import| it.statement.start <= span.start && span.start <= it.statement.end;
        self.facts.imports.iter().find(around)
    }

    /// `import a.b`, which `a.b.f()` goes on with.
    fn binds_by_its_name(&self, span: &Span) -> bool {
        let import = self.statement(span);
        import.is_some_and(|it| {
            it.target == (Target::Module { asname: None }) && it.module.contains('.')
        })
    }

    /// Returns what ends a line of the code here, with what the next one begins with.
    fn line_end(&self, line: usize) -> String {
        let lines = &self.snippet.lines;
        let own = lines[line].start;
        let start = self.source[..own].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.source[start..own];
        let is_mark = |it: &str| {
            it.chars().all(|it| it.is_whitespace()) || matches!(it.trim(), ">>>" | "...")
        };
        let end = if self.source[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
        if start > 0 && is_mark(before) {
            return format!("{end}{before}");
        }
        // On the first line of a string: as the line below.
        match lines.get(line + 1) {
            Some(next) => self.source[lines[line].end..next.start].to_owned(),
            None => match line.checked_sub(1).and_then(|it| lines.get(it)) {
                Some(last) => self.source[last.end..own].to_owned(),
                None => "; ".to_owned(),
            },
        }
    }
}
