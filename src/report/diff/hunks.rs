//! What differs between two texts: hunks of lines with three lines of context.
//!
//! Lines are bytes up to and with `\n`: a carriage return, a missing last line end or an encoding
//! that is not UTF-8 all come through as they are. There is no deadline, which would make the result
//! depend on the machine; the search is bounded by the size of the texts.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag};

const CONTEXT: usize = 3;
/// The most that git shows of the line that a hunk stands below.
const HEADING: usize = 80;

/// The lines around one place that differs.
#[derive(Debug)]
pub(in crate::report) struct Hunk {
    /// Where it stands: `@@ -1,7 +1,8 @@`.
    pub(in crate::report) place: String,
    /// The line that it stands below, and its number on the old side, from 0.
    pub(in crate::report) heading: Option<(usize, Vec<u8>)>,
    /// The lines, old and new.
    pub(in crate::report) rows: Vec<Row>,
}

/// One line of a hunk.
#[derive(Debug)]
pub(in crate::report) struct Row {
    /// Which side has the line.
    pub(in crate::report) mark: Mark,
    /// Its number on that side (of a line of both: on the old one), from 0.
    pub(in crate::report) number: usize,
    /// The line with its line end, where it has one.
    pub(in crate::report) text: Vec<u8>,
}

/// Which side has a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Mark {
    /// Both.
    Context,
    /// Only the old one.
    Removed,
    /// Only the new one.
    Added,
}

impl Mark {
    /// Returns what a line of a diff begins with.
    pub(in crate::report) fn sign(self) -> u8 {
        match self {
            Self::Context => b' ',
            Self::Removed => b'-',
            Self::Added => b'+',
        }
    }
}

/// Two texts, compared.
#[derive(Debug)]
pub(super) struct Compared {
    /// What differs.
    pub(super) hunks: Vec<Hunk>,
    /// How many bytes stand in lines that both have.
    pub(super) common: usize,
}

/// Compares two texts line by line.
pub(super) fn compare(old: &[u8], new: &[u8]) -> Compared {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let new: Vec<&[u8]> = new.split_inclusive(|byte| *byte == b'\n').collect();
    let operations = similar::capture_diff_slices(Algorithm::Myers, &old, &new);
    let common = operations
        .iter()
        .filter(|it| it.tag() == DiffTag::Equal)
        .flat_map(|it| &old[it.old_range()])
        .map(|line| line.len())
        .sum();
    let groups = similar::group_diff_ops(operations, CONTEXT);
    let mut headings = Headings { lines: &old, looked_at: 0, last: None };
    let hunks = groups.iter().map(|group| hunk(group, &old, &new, &mut headings)).collect();
    Compared { hunks, common }
}

fn hunk(group: &[DiffOp], old: &[&[u8]], new: &[&[u8]], headings: &mut Headings<'_>) -> Hunk {
    let span = |range: fn(&DiffOp) -> Range<usize>| {
        let start = group.first().map_or(0, |first| range(first).start);
        start..group.last().map_or(start, |last| range(last).end)
    };
    let (old_span, new_span) = (span(DiffOp::old_range), span(DiffOp::new_range));
    let place = format!("@@ -{} +{} @@", numbers(&old_span), numbers(&new_span));
    let heading = headings.before(old_span.start).map(|(at, text)| (at, text.to_vec()));
    let mut rows = Vec::new();
    for operation in group {
        let mut add = |mark, lines: &[&[u8]], range: Range<usize>| {
            rows.extend(range.map(|number| Row { mark, number, text: lines[number].to_vec() }));
        };
        if operation.tag() == DiffTag::Equal {
            add(Mark::Context, old, operation.old_range());
        } else {
            add(Mark::Removed, old, operation.old_range());
            add(Mark::Added, new, operation.new_range());
        }
    }
    Hunk { place, heading, rows }
}

/// Writes a range as `@@` lines have it: an empty one by the line before it.
fn numbers(span: &Range<usize>) -> String {
    match span.len() {
        0 => format!("{},0", span.start),
        1 => format!("{}", span.start + 1),
        many => format!("{},{many}", span.start + 1),
    }
}

/// Finds the line that a hunk stands below: the nearest one above that begins with a letter, `_` or
/// `$`, which is git's rule for files that it knows nothing about.
struct Headings<'a> {
    lines: &'a [&'a [u8]],
    looked_at: usize,
    last: Option<(usize, &'a [u8])>,
}

impl<'a> Headings<'a> {
    fn before(&mut self, line: usize) -> Option<(usize, &'a [u8])> {
        let begins = |text: &[u8]| {
            text.first()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'))
        };
        let mut fresh = self.looked_at..line;
        if let Some(at) = fresh.rfind(|at| begins(self.lines[*at])) {
            let text = self.lines[at];
            self.last = Some((at, text[..text.len().min(HEADING)].trim_ascii_end()));
        }
        self.looked_at = line;
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expected: &str) {
        let mut shown = String::new();
        for hunk in compare(old.as_bytes(), new.as_bytes()).hunks {
            shown.push_str(&hunk.place);
            if let Some((_, heading)) = hunk.heading {
                shown.push_str(&format!(" {}", std::str::from_utf8(&heading).unwrap()));
            }
            shown.push('\n');
            for row in hunk.rows {
                shown.push(char::from(row.mark.sign()));
                shown.push_str(std::str::from_utf8(&row.text).unwrap());
            }
        }
        assert_eq!(shown, expected);
    }

    #[test]
    fn equal_texts_have_no_hunk() {
        check("a\n", "a\n", "");
        check("", "", "");
    }

    #[test]
    fn empty_sides_count_from_zero() {
        check("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n");
        check("a\n", "", "@@ -1 +0,0 @@\n-a\n");
    }

    #[test]
    fn context_is_three_lines_and_names_the_heading() {
        check(
            "def f():\n    1\n    2\n    3\n    4\n    5\n    6\n    7\n    8\n",
            "def f():\n    1\n    2\n    3\n    4\n    x\n    6\n    7\n    8\n",
            "@@ -3,7 +3,7 @@ def f():\n     2\n     3\n     4\n-    5\n+    x\n     6\n     7\n     8\n",
        );
    }

    #[test]
    fn far_changes_are_two_hunks_and_near_ones_are_one() {
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            "0\n2\n3\n4\n5\n6\n7\n8\n0\n",
            "@@ -1,4 +1,4 @@\n-1\n+0\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+0\n",
        );
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n",
            "0\n2\n3\n4\n5\n6\n7\n0\n",
            "@@ -1,8 +1,8 @@\n-1\n+0\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+0\n",
        );
    }

    #[test]
    fn a_missing_line_end_is_a_difference() {
        check("a", "a\n", "@@ -1 +1 @@\n-a+a\n");
    }

    #[test]
    fn common_bytes_are_counted() {
        assert_eq!(compare(b"ab\nc\n", b"ab\nd\n").common, 3);
    }
}
