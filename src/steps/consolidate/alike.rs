//! How alike two files are: the share of their lines that stand in both, a line counted by its length.
//!
//! What is like what is found by the lines that few files have, so no file is compared with all others.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;
use crate::python;
use crate::steps::packages::is_python;
use crate::steps::{Stage, StepError};
use crate::text::Text;

/// A line that stands in more files than this does not tell which of them is meant.
const FEW: usize = 32;

/// Files of which so few bytes say something are like many others.
const LEAST: usize = 60;

/// From this percentage on, two files are near enough to be told of.
pub(super) const NEAR: usize = 60;

/// What a file says: its lines, and how often each stands there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    lines: BTreeMap<String, usize>,
    size: usize,
}

impl Said {
    /// Reads a file of the tree. Of Python, comments and imports say nothing; what is no text says
    /// nothing at all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(stage: &Stage<'_>, path: &RepoPath) -> Result<Self, StepError> {
        let bytes = stage.tree.read(path)?;
        let facts = stage.facts.files().get(path).filter(|_| is_python(path));
        Ok(match facts {
            Some(facts) => Text::decode_python(&bytes).map_or_else(
                |_| Self::default(),
                |it| {
                    let target = stage.facts.target();
                    Self::of(python::code_lines(it.source(), &facts.imports, target))
                },
            ),
            None => Text::decode_utf8(&bytes).map_or_else(Self::default, |it| {
                let lines = it.source().lines().map(|it| it.trim().to_owned());
                Self::of(lines.filter(|it| !it.is_empty()))
            }),
        })
    }

    fn of(lines: impl IntoIterator<Item = String>) -> Self {
        let mut said = Self::default();
        for line in lines {
            said.size += line.len();
            *said.lines.entry(line).or_default() += 1;
        }
        said
    }

    /// Returns how much of both stands in both, in percent, rounded down; `None` where neither says
    /// anything.
    pub(super) fn percent(&self, other: &Self) -> Option<usize> {
        let shared = self
            .lines
            .iter()
            .filter_map(|(line, count)| Some(line.len() * (*count).min(*other.lines.get(line)?)));
        (200 * shared.sum::<usize>()).checked_div(self.size + other.size)
    }
}

/// Returns, for each of `lefts`, which of `rights` it is most like, and how much, where it is near to
/// one; the first of several.
pub(super) fn nearest(lefts: &[Said], rights: &[Said]) -> Vec<Option<(usize, usize)>> {
    let mut having: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, right) in rights.iter().enumerate() {
        right.lines.keys().for_each(|it| having.entry(it).or_default().push(at));
    }
    having.retain(|_, files| files.len() <= FEW);
    let near = |left: &Said| {
        let lines = left.lines.keys().filter_map(|it| having.get(it.as_str()));
        let percents = lines.flatten().copied().collect::<BTreeSet<usize>>().into_iter();
        let percents = percents.filter_map(|right| Some((right, left.percent(&rights[right])?)));
        let near = percents.filter(|(right, it)| *it >= NEAR && rights[*right].size >= LEAST);
        near.min_by_key(|(right, percent)| (std::cmp::Reverse(*percent), *right))
    };
    lefts.iter().map(|left| near(left).filter(|_| left.size >= LEAST)).collect()
}

/// Tells whether two files hold the same text but for line ends and blanks at the ends of lines, where
/// neither means anything.
///
/// # Errors
/// When one cannot be read.
pub(super) fn is_same_text(
    stage: &Stage<'_>,
    one: &RepoPath,
    other: &RepoPath,
) -> Result<bool, StepError> {
    let (one_bytes, other_bytes) = (stage.tree.read(one)?, stage.tree.read(other)?);
    let both_python = is_python(one) && is_python(other);
    let text = |bytes: &[u8]| match both_python {
        true => Text::decode_python(bytes).ok(),
        false => Text::decode_utf8(bytes),
    };
    let Some((a, b)) = text(&one_bytes).zip(text(&other_bytes)) else { return Ok(false) };
    let (a, b) = (a.source(), b.source());
    let same = !a.contains('\0') && trimmed(a) == trimmed(b);
    Ok(same && (!both_python || python::is_same_code(a, b, stage.facts.target())))
}

fn trimmed(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said::of(text.lines().map(str::to_owned))
    }

    #[test]
    fn a_line_counts_by_its_length() {
        for (one, other, expected) in [
            ("aaaa\nbbbb", "aaaa\nbbbb", Some(100)),
            ("aaaa\nbbbb", "bbbb\naaaa", Some(100)),
            ("aaaa\nbbbb", "aaaa\ncccc", Some(50)),
            ("aaaaaaaa\nb", "aaaaaaaa\nc", Some(88)),
            ("a\na\na", "a", Some(50)),
            ("a", "b", Some(0)),
            ("", "", None),
        ] {
            assert_eq!(said(one).percent(&said(other)), expected, "{one:?} {other:?}");
            assert_eq!(said(other).percent(&said(one)), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn the_nearest_is_found_among_files_that_share_common_lines() {
        let common = "    return self.value_that_everybody_has_in_common()\n";
        let own = |at: usize| {
            format!("def a_name_that_stands_here_and_only_here_and_nowhere_else_{at}(self):\n")
        };
        let rights: Vec<Said> = (0..100).map(|at| said(&format!("{}{common}", own(at)))).collect();
        let lefts = [
            said(&format!("{}{common}", own(70))),
            said(&format!("{}x\n", own(30))),
            said(common),
            said(&format!("{}{}", own(30), "y = 1\n".repeat(40))),
            said("x = 1\n"),
        ];
        let found = nearest(&lefts, &rights);
        assert_eq!(found[0], Some((70, 100)));
        assert_eq!(found[1].map(|it| it.0), Some(30));
        assert_eq!(found[2..], [None, None, None]);
        assert_eq!(nearest(&[said("x = 1\n")], &[said("x = 1\n")]), [None]);
    }
}
