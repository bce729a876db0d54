//! Patterns over paths: anchored at the root, `*` stays in one folder, `**` is any depth.

use globset::{GlobBuilder, GlobMatcher};

use super::{PathError, RepoPath};

/// One pattern of a playbook. `*`, `?`, `[…]` and `{a,b}` stay in one folder, `**` does not; dot
/// files match; case counts.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
    literal: Option<RepoPath>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It could match only outside the repository or in `.git`.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Its brackets or braces do not close.
    #[error("`{text}` is not a pattern: {reason}")]
    Glob {
        /// The pattern as written.
        text: String,
        /// What the glob reader says.
        reason: String,
    },
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it leads outside the repository or does not parse.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let path = RepoPath::new(text)?;
        let anchored = path.to_string();
        let matcher = GlobBuilder::new(&anchored)
            .literal_separator(true)
            .backslash_escape(false)
            .build()
            .map_err(|error| PatternError::Glob {
                text: text.to_owned(),
                reason: error.kind().to_string(),
            })?
            .compile_matcher();
        let literal = (!text.contains(['*', '?', '[', '{'])).then_some(path);
        Ok(Self { text: text.to_owned(), matcher, literal })
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// Returns the one path that the pattern names, where it has no wildcard.
    #[must_use]
    pub fn literal(&self) -> Option<&RepoPath> {
        self.literal.as_ref()
    }

    /// Tells whether the pattern matches exactly this path, be it a file or a folder.
    #[must_use]
    pub fn matches(&self, path: &RepoPath) -> bool {
        match &self.literal {
            Some(literal) => literal == path,
            None => self.matcher.is_match(bstr_path(path)),
        }
    }

    /// Tells whether the pattern matches this path or a folder above it.
    #[must_use]
    pub fn covers(&self, path: &RepoPath) -> bool {
        match &self.literal {
            Some(literal) => path.is_under(literal),
            None => {
                self.matches(path)
                    || path.folders().any(|folder| !folder.is_root() && self.matches(&folder))
            }
        }
    }
}

/// A list of patterns where a later `!pattern` takes back what an earlier one covers.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    rows: Vec<(bool, Pattern)>,
}

impl Patterns {
    /// Reads a list of patterns, some of them with a leading `!`.
    ///
    /// # Errors
    /// The first one that is no pattern.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let row = |text: &'a str| match text.strip_prefix('!') {
            Some(rest) => Ok((false, Pattern::new(rest)?)),
            None => Ok((true, Pattern::new(text)?)),
        };
        Ok(Self { rows: texts.into_iter().map(row).collect::<Result<_, PatternError>>()? })
    }

    /// Tells whether the list covers this path: the last row that covers it decides.
    #[must_use]
    pub fn covers(&self, path: &RepoPath) -> bool {
        let last = self.rows.iter().rev().find(|(_, pattern)| pattern.covers(path));
        last.is_some_and(|(positive, _)| *positive)
    }

    /// Tells whether the list has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the rows in order: whether it adds, and its pattern.
    pub fn rows(&self) -> impl Iterator<Item = (bool, &Pattern)> {
        self.rows.iter().map(|(positive, pattern)| (*positive, pattern))
    }
}

#[cfg(unix)]
fn bstr_path(path: &RepoPath) -> &std::path::Path {
    use std::os::unix::ffi::OsStrExt as _;
    std::path::Path::new(std::ffi::OsStr::from_bytes(path.as_bytes()))
}

#[cfg(not(unix))]
fn bstr_path(path: &RepoPath) -> String {
    String::from_utf8_lossy(path.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        let pattern = Pattern::new("scripts/*.py").unwrap();
        assert!(pattern.matches(&path("scripts/a.py")));
        assert!(pattern.matches(&path("scripts/.hidden.py")));
        assert!(!pattern.matches(&path("scripts/x/a.py")));
        assert!(!pattern.matches(&path("other/scripts/a.py")));
    }

    #[test]
    fn two_stars_are_any_depth() {
        let pattern = Pattern::new("**/__pycache__").unwrap();
        assert!(pattern.matches(&path("__pycache__")));
        assert!(pattern.covers(&path("a/b/__pycache__/x.pyc")));
    }

    #[test]
    fn a_later_row_takes_back() {
        let keep = Patterns::new(["backend", "!backend/**/_archived"]).unwrap();
        assert!(keep.covers(&path("backend/a.py")));
        assert!(!keep.covers(&path("backend/x/_archived/a.py")));
        assert!(!keep.covers(&path("frontend")));
    }
}
