//! A line that fitted the project's line length still does: an import that an edit made too long goes
//! on over lines, as formatters do it.

use std::collections::BTreeSet;

use crate::text::TextEdit;

/// Breaks the imports of `after`, which is `before` with `edits`, that are longer than `longest`
/// characters and were not.
pub(super) fn fit(before: &str, edits: &[TextEdit], after: String, longest: usize) -> String {
    if !after.lines().any(|it| it.chars().count() > longest) {
        return after;
    }
    let mut open = BTreeSet::new();
    let mut edits: Vec<&TextEdit> = edits.iter().collect();
    edits.sort_by_key(|it| it.span.start);
    let mut shift = 0_isize;
    for edit in edits {
        let start = edit.span.start.saturating_add_signed(shift);
        shift += edit.text.len().cast_signed() - edit.span.len().cast_signed();
        if lines_at(before, edit.span.start, edit.span.end).iter().all(|it| fits(it, longest)) {
            open.extend(starts_of(&after, start, start + edit.text.len()));
        }
    }
    let mut shown = String::with_capacity(after.len());
    let mut at = 0;
    for line in after.split_inclusive('\n') {
        let broken = (open.contains(&at) && !fits(line, longest)).then(|| broken(line, longest));
        match broken.flatten() {
            Some(lines) => shown.push_str(&lines),
            None => shown.push_str(line),
        }
        at += line.len();
    }
    shown
}

fn fits(line: &str, longest: usize) -> bool {
    line.trim_end().chars().count() <= longest
}

/// Returns where the lines begin that hold something of a stretch.
fn starts_of(text: &str, start: usize, end: usize) -> Vec<usize> {
    let first = text[..start].rfind('\n').map_or(0, |it| it + 1);
    let more = text[first..end].match_indices('\n').map(|(it, _)| first + it + 1);
    std::iter::once(first).chain(more).collect()
}

fn lines_at(text: &str, start: usize, end: usize) -> Vec<&str> {
    let starts = starts_of(text, start, end);
    starts.into_iter().filter_map(|it| text[it..].lines().next()).collect()
}

/// Returns `from a import b, c` over lines, a name on each; `None` where the line is something else, or
/// that does not help.
fn broken(line: &str, longest: usize) -> Option<String> {
    let code = line.trim_end();
    let end = &line[code.len()..];
    let (code, comment) = match code.find('#') {
        Some(at) => (code[..at].trim_end(), format!("  {}", &code[at..])),
        None => (code, String::new()),
    };
    let indent = &line[..line.len() - line.trim_start().len()];
    let (module, names) = code.trim_start().strip_prefix("from ")?.split_once(" import ")?;
    let of_name = |it: char| it == '_' || it.is_alphanumeric();
    let is_module = module.chars().all(|it| of_name(it) || it == '.');
    let is_item = |it: &&str| {
        let words: Vec<&str> = it.split_whitespace().collect();
        let names = |it: &str| it.chars().all(of_name);
        match words.as_slice() {
            [name] => names(name),
            [name, "as", local] => names(name) && names(local),
            _ => false,
        }
    };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let head = format!("{indent}from {module} import ({comment}");
    if !is_module || !names.iter().all(is_item) || !fits(&head, longest) {
        return None;
    }
    let close = if end.is_empty() { "\n" } else { end };
    let names = names.iter().map(|it| format!("{indent}    {it},{close}")).collect::<String>();
    Some(format!("{head}{close}{names}{indent}){end}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::apply;

    /// Makes `old` to `new` in `before`, with lines of 20 characters.
    #[track_caller]
    fn check(before: &str, old: &str, new: &str, expected: &str) {
        let edits: Vec<TextEdit> = before
            .match_indices(old)
            .map(|(at, _)| TextEdit { span: at..at + old.len(), text: new.to_owned() })
            .collect();
        let after = apply(before, &edits).unwrap();
        assert_eq!(fit(before, &edits, after, 20), expected);
    }

    #[test]
    fn imports_go_on_over_lines() {
        check("from a import b, c\n", "a", "a.bc", "from a.bc import (\n    b,\n    c,\n)\n");
        check(
            "x\nif y:\n  from a import b\r\nz\n",
            "a import",
            "ab import",
            "x\nif y:\n  from ab import b\r\nz\n",
        );
        check(
            "if y:\n  from a import b, c\r\n",
            "a ",
            "ab ",
            "if y:\n  from ab import (\r\n      b,\r\n      c,\r\n  )\r\n",
        );
        check("from a import b # x", "a ", "abc ", "from abc import b # x");
        check(
            "import a\n",
            "import a",
            "from ab import c as d",
            "from ab import (\n    c as d,\n)\n",
        );
    }

    #[test]
    fn what_stays_as_it_is() {
        check("from aa import bbbbbbbb\n", "aa", "aaa", "from aaa import bbbbbbbb\n");
        check("x = 'from a import b'\n", "a ", "abcd ", "x = 'from abcd import b'\n");
        check("from a import *\n", "a", "abcdefgh", "from abcdefgh import *\n");
        check("from a import (b)\n", "a", "abcde", "from abcde import (b)\n");
        check("from a import b\n", "a", "abcdefghij", "from abcdefghij import b\n");
        check("from a import b; c\n", "a", "abcd", "from abcd import b; c\n");
    }
}
