//! Surgery on the text of one import statement: names leave its list with their comments, and new
//! statements are put behind it.
//!
//! Knows text only: which name goes where was decided before. Whatever no edit names stays byte for
//! byte: parentheses, backslashes, comments, trailing commas, line ends.

use crate::text::{Span, TextEdit, line_end};

/// The longest line that a new statement may make before it is put in parentheses.
pub(super) const WIDTH: usize = 88;

/// What becomes of one entry of an import's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Stays,
    /// It stays, written like this.
    Becomes(String),
    /// It leaves the list.
    Leaves,
}

/// A statement that is put behind another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fresh {
    /// `from module import names`: each with the place in the old list from which it came, whose
    /// comment goes along.
    From { module: String, names: Vec<(String, Option<usize>)> },
    /// Any other statement.
    Plain(String),
}

/// One import statement and the list of what it imports.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// The text of the whole file.
    pub(super) source: &'a str,
    /// The statement.
    pub(super) span: Span,
    /// `b as c` for each entry, in order.
    pub(super) entries: Vec<Span>,
}

impl Statement<'_> {
    /// Returns the edits that give each entry its fate and put `fresh` behind the statement. Where
    /// every entry leaves, the first fresh statement takes its place.
    pub(super) fn rewrite(&self, fates: &[Fate], fresh: &[Fresh]) -> Vec<TextEdit> {
        let mut texts: Vec<String> = fresh.iter().map(|it| self.text_of(it, fates)).collect();
        if fates.iter().all(|it| *it == Fate::Leaves) && !texts.is_empty() {
            let first = texts.remove(0);
            let mut edits = vec![TextEdit { span: self.span.clone(), text: first }];
            edits.extend(self.append(&texts));
            return edits;
        }
        let mut edits = self.removals(fates);
        for (span, fate) in self.entries.iter().zip(fates) {
            if let Fate::Becomes(text) = fate {
                edits.push(TextEdit { span: span.clone(), text: text.clone() });
            }
        }
        edits.extend(self.append(&texts));
        edits.sort_by_key(|it| (it.span.start, it.span.end));
        edits
    }

    /// Returns the edit that puts `statements` behind this one: on lines of their own, or after a
    /// `;` where this one shares its line with other code.
    fn append(&self, statements: &[String]) -> Option<TextEdit> {
        if statements.is_empty() {
            return None;
        }
        if self.is_inline() {
            let text = statements.iter().map(|it| format!("; {it}")).collect();
            return Some(TextEdit { span: self.span.end..self.span.end, text });
        }
        let end = end_of_line(self.source, self.span.end);
        let tail = self.directive().map_or(String::new(), |comment| format!("  {comment}"));
        let (indent, newline) = (self.indent(), line_end(self.source));
        let text = statements.iter().map(|it| {
            let own = if it.contains('#') { "" } else { tail.as_str() };
            format!("{newline}{indent}{it}{own}")
        });
        Some(TextEdit { span: end..end, text: text.collect() })
    }

    /// Returns the comment that tells tools how to see the statement: behind it, or behind the
    /// parenthesis that opens its list.
    fn directive(&self) -> Option<&str> {
        let behind = |at: usize| self.source[at..end_of_line(self.source, at)].trim();
        let open = self.parenthesis().map(|at| behind(at + 1));
        [Some(behind(self.span.end)), open].into_iter().flatten().find(|it| is_directive(it))
    }

    /// Tells whether other code stands on the statement's first or last line.
    fn is_inline(&self) -> bool {
        let start = start_of_line(self.source, self.span.start);
        let before = &self.source[start..self.span.start];
        let after = &self.source[self.span.end..end_of_line(self.source, self.span.end)];
        let continued = self.source[..start].trim_end_matches(['\r', '\n']).ends_with('\\');
        !before.trim().is_empty() || continued || after.trim_start().starts_with([';', '\\'])
    }

    fn indent(&self) -> &str {
        &self.source[start_of_line(self.source, self.span.start)..self.span.start]
    }

    /// Returns where the list's parenthesis opens.
    fn parenthesis(&self) -> Option<usize> {
        let head = &self.source[self.span.start..self.entries.first()?.start];
        // Comments may stand between the parenthesis and the first name, never before it.
        let code = head.find('#').map_or(head, |at| &head[..at]);
        code.rfind('(').map(|at| self.span.start + at)
    }

    /// Returns the text of a fresh statement.
    fn text_of(&self, fresh: &Fresh, fates: &[Fate]) -> String {
        let (module, names) = match fresh {
            Fresh::Plain(text) => return text.clone(),
            Fresh::From { module, names } => (module, names),
        };
        let joined = names.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(", ");
        let line = format!("from {module} import {joined}");
        if self.is_inline() {
            return line;
        }
        let comments: Vec<Option<&str>> = names
            .iter()
            .map(|(_, from)| from.and_then(|from| self.comment_of(from, fates)))
            .collect();
        if let ([_], [comment]) = (names.as_slice(), comments.as_slice()) {
            return comment.map_or(line.clone(), |comment| format!("{line}  {comment}"));
        }
        let multi_line = self.source[self.span.clone()].contains(['\n', '\r']);
        let spread = multi_line && self.parenthesis().is_some()
            || self.indent().len() + line.len() > WIDTH
            || comments.iter().any(Option::is_some);
        if !spread {
            return line;
        }
        let (newline, indent) = (line_end(self.source), self.indent());
        let inner = self.inner_indent();
        let rows = names.iter().zip(comments).map(|((text, _), comment)| {
            let comment = comment.map_or(String::new(), |comment| format!("  {comment}"));
            format!("{inner}{text},{comment}{newline}")
        });
        format!("from {module} import ({newline}{}{indent})", rows.collect::<String>())
    }

    /// Returns the white space before the names of a list that has a line for each.
    fn inner_indent(&self) -> String {
        let own_line = self.entries.iter().find_map(|span| {
            let before = &self.source[start_of_line(self.source, span.start)..span.start];
            (before.trim().is_empty() && before.len() > self.indent().len()).then_some(before)
        });
        own_line.map_or_else(|| format!("{}    ", self.indent()), str::to_owned)
    }

    /// Returns the comment behind an entry, where the entry is the last one of a line that leaves.
    fn comment_of(&self, entry: usize, fates: &[Fate]) -> Option<&str> {
        let open = self.parenthesis()?;
        let (start, end) =
            (start_of_line(self.source, self.entries[entry].start), self.entries[entry].end);
        let line =
            self.entries.iter().zip(fates).filter(|(span, _)| (start..end).contains(&span.start));
        if line.into_iter().any(|(_, fate)| *fate != Fate::Leaves) {
            return None;
        }
        let tail = self.source[end..end_of_line(self.source, end).min(self.span.end)].trim_start();
        let tail = tail.strip_prefix(',').unwrap_or(tail).trim();
        (open < end && tail.starts_with('#')).then_some(tail)
    }

    fn removals(&self, fates: &[Fate]) -> Vec<TextEdit> {
        let leaves: Vec<bool> = fates.iter().map(|it| *it == Fate::Leaves).collect();
        let spans = if self.parenthesis().is_some() {
            self.removals_by_line(&leaves)
        } else {
            self.removals_of(&leaves, 0..leaves.len())
        };
        spans.into_iter().map(|span| TextEdit { span, text: String::new() }).collect()
    }

    /// Removes from a run of entries that stay on one logical line, of which at least one stays.
    fn removals_of(&self, leaves: &[bool], run: std::ops::Range<usize>) -> Vec<Span> {
        let last_kept = run.clone().rev().find(|at| !leaves[*at]);
        let leaving = run.filter(|at| leaves[*at]);
        let span = |at: usize| {
            if last_kept.is_some_and(|kept| at < kept) {
                self.entries[at].start..self.entries[at + 1].start
            } else {
                self.entries[at - 1].end..self.entries[at].end
            }
        };
        leaving.map(span).collect()
    }

    /// Removes from a list in parentheses: lines of which nothing stays go whole.
    fn removals_by_line(&self, leaves: &[bool]) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut first = 0;
        while first < leaves.len() {
            let line = start_of_line(self.source, self.entries[first].start);
            let more = self.entries[first..]
                .iter()
                .take_while(|it| it.start <= end_of_line(self.source, line));
            let run = first..first + more.count();
            first = run.end;
            if !leaves[run.clone()].contains(&true) {
                continue;
            }
            if leaves[run.clone()].contains(&false) {
                spans.extend(self.removals_of(leaves, run));
            } else {
                spans.push(self.whole_line(run));
            }
        }
        spans
    }

    /// Returns what goes when every entry of a line goes.
    fn whole_line(&self, run: std::ops::Range<usize>) -> Span {
        let (start, end) = (self.entries[run.start].start, self.entries[run.end - 1].end);
        let line = start_of_line(self.source, start);
        let stop = end_of_line(self.source, end);
        let tail = self.source[end..stop].trim_start();
        let comma = tail.strip_prefix(',').map(str::trim_start);
        let rest = comma.unwrap_or(tail);
        let pure = self.source[line..start].trim().is_empty();
        if pure && (rest.is_empty() || rest.starts_with('#')) {
            return line..stop + newline_at(self.source, stop);
        }
        if rest.is_empty() || rest.starts_with('#') {
            // `from a import (b,  # why` with more on the next lines.
            return start..stop;
        }
        let gap = run.start.checked_sub(1).map(|before| self.entries[before].end..start);
        match gap {
            Some(gap) if !self.source[gap.clone()].contains('#') => gap.start..end,
            _ => start..stop - rest.len(),
        }
    }
}

/// Returns where the line of `at` starts.
pub(super) fn start_of_line(source: &str, at: usize) -> usize {
    source[..at].rfind(['\n', '\r']).map_or(0, |newline| newline + 1)
}

/// Returns where the line of `at` ends, before its line end.
pub(super) fn end_of_line(source: &str, at: usize) -> usize {
    source[at..].find(['\n', '\r']).map_or(source.len(), |length| at + length)
}

/// Returns the length of the line end at `at`.
pub(super) fn newline_at(source: &str, at: usize) -> usize {
    match source.as_bytes().get(at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Tells whether a comment speaks to a tool about the statement, not to people.
fn is_directive(comment: &str) -> bool {
    let words =
        ["noqa", "type:", "pylint:", "isort:", "ruff:", "pyright:", "mypy:", "pragma:", "flake8:"];
    comment.strip_prefix('#').is_some_and(|text| {
        words.iter().any(|word| text.trim_start().to_ascii_lowercase().starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewrites the statement between `«` and `»`, whose entries are the words after `import`:
    /// those in `leaving` go to `from x import …`.
    #[track_caller]
    fn check(marked: &str, leaving: &[&str], expected: &str) {
        let start = marked.find('«').unwrap();
        let source = marked.replace(['«', '»'], "");
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let list = start + source[start..end].find("import").unwrap() + "import".len();
        let mut entries = Vec::new();
        let mut at = list;
        for row in source[list..end].split_inclusive('\n') {
            let code = row.split('#').next().unwrap();
            for word in code.split([',', '(', ')', '\\']).map(str::trim).filter(|it| !it.is_empty())
            {
                let from = at + row.find(word).unwrap();
                entries.push(from..from + word.len());
            }
            at += row.len();
        }
        let names: Vec<&str> = entries.iter().map(|it| &source[it.clone()]).collect();
        let fates: Vec<Fate> = names
            .iter()
            .map(|it| if leaving.contains(it) { Fate::Leaves } else { Fate::Stays })
            .collect();
        let gone = names.iter().enumerate().filter(|(_, name)| leaving.contains(name));
        let gone = gone.map(|(at, name)| ((*name).to_owned(), Some(at))).collect();
        let fresh = [Fresh::From { module: "x".to_owned(), names: gone }];
        let statement = Statement { source: &source, span: start..end, entries };
        let edits = statement.rewrite(&fates, &fresh);
        assert_eq!(crate::text::apply(&source, &edits).unwrap(), expected);
    }

    #[test]
    fn one_line() {
        check("«from a import b, c»\n", &["c"], "from a import b\nfrom x import c\n");
        check("«from a import b, c»", &["b"], "from a import c\nfrom x import b");
        check(
            "«from a import b, c, d, e»\n",
            &["b", "d"],
            "from a import c, e\nfrom x import b, d\n",
        );
        check("«from a import b, c, d»\n", &["c", "d"], "from a import b\nfrom x import c, d\n");
        check("«from a import (b, c,)»\n", &["c"], "from a import (b,)\nfrom x import c\n");
        check(
            "  «from a import b,c»  \r\n",
            &["b"],
            "  from a import c  \r\n  from x import b\r\n",
        );
    }

    #[test]
    fn code_on_the_same_line() {
        check("if y: «from a import b, c»\n", &["c"], "if y: from a import b; from x import c\n");
        check("«from a import b, c»; f()\n", &["c"], "from a import b; from x import c; f()\n");
        check("f(); «from a import b, c»\n", &["b"], "f(); from a import c; from x import b\n");
        check(
            "if y: \\\n  «from a import b, c»\n",
            &["c"],
            "if y: \\\n  from a import b; from x import c\n",
        );
    }

    #[test]
    fn directives_go_along_and_talk_does_not() {
        check(
            "«from a import b, c»  # noqa: F401\n",
            &["c"],
            "from a import b  # noqa: F401\nfrom x import c  # noqa: F401\n",
        );
        check(
            "«from a import b, c»  # both\n",
            &["c"],
            "from a import b  # both\nfrom x import c\n",
        );
    }

    #[test]
    fn backslashes() {
        check(
            "«from a import b, \\\n    c, \\\n    d»\n",
            &["c"],
            "from a import b, \\\n    d\nfrom x import c\n",
        );
        check("«from a import b, \\\n    c»\n", &["c"], "from a import b\nfrom x import c\n");
        check(
            "«from a import \\\n    b, c»\n",
            &["b"],
            "from a import \\\n    c\nfrom x import b\n",
        );
    }

    #[test]
    fn parentheses_with_a_line_for_each() {
        let list =
            "«from a import (\n    b,  # about b\n    # above c\n    c,\n    d  # last\n)»\ny\n";
        check(
            list,
            &["b"],
            "from a import (\n    # above c\n    c,\n    d  # last\n)\nfrom x import b  # about b\ny\n",
        );
        check(
            list,
            &["c", "d"],
            "from a import (\n    b,  # about b\n    # above c\n)\nfrom x import (\n    c,\n    d,  # last\n)\ny\n",
        );
    }

    #[test]
    fn parentheses_with_mixed_lines() {
        let list = "«from a import (b, c,  # two\n               d, e)»\n";
        check(list, &["c"], "from a import (b,  # two\n               d, e)\nfrom x import c\n");
        check(
            list,
            &["b", "c"],
            "from a import (\n               d, e)\nfrom x import (\n               b,\n               c,  # two\n)\n",
        );
        check(
            list,
            &["d", "e"],
            "from a import (b, c,  # two\n               )\nfrom x import (\n               d,\n               e,\n)\n",
        );
        check("«from a import (b,\n    c)»\n", &["c"], "from a import (b)\nfrom x import c\n");
    }

    #[test]
    fn all_that_leave_take_the_place() {
        check("«from a import (\n    b\n)»  # noqa\n", &["b"], "from x import b  # noqa\n");
    }
}
