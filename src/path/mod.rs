//! Paths inside a repository, and the patterns that pick them.
//!
//! A [`RepoPath`] is checked when it is made: whoever holds one holds a path that stays inside the
//! repository and outside `.git`. It is bytes, because git's names are bytes. `std::path` stays in
//! `host/`.

use std::fmt;
use std::sync::Arc;

use bstr::ByteSlice;

mod field;
mod pattern;

pub use pattern::{Pattern, PatternError, Patterns};

/// A path relative to the repository's root: `/`-separated, normalised, never outside, never in
/// `.git`. The empty path is the root folder itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Arc<[u8]>);

/// Why a text is no path inside the repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It starts at the root of the file system, or at a drive.
    #[error("`{0}` is absolute; paths are relative to the repository's root")]
    Absolute(String),
    /// Its `..` parts lead above the root.
    #[error("`{0}` leads outside the repository")]
    Outside(String),
    /// It names git's own folder, in one of the spellings that a file system may fold to it.
    #[error("`{0}` is inside git's own folder")]
    Git(String),
    /// It has an empty, `.` or `..` part, a backslash or a NUL byte.
    #[error("`{0}` is not a normalised path with `/` between its parts")]
    NotNormalised(String),
}

impl RepoPath {
    /// Returns the root folder.
    #[must_use]
    pub fn root() -> Self {
        Self(Arc::from(&b""[..]))
    }

    /// Reads a path that a person wrote. `.`, a leading `./` and a trailing `/` are accepted.
    ///
    /// # Errors
    /// When the path is absolute, leads outside, into `.git`, or is not normalised.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let mut rest = text;
        while let Some(shorter) = rest.strip_prefix("./") {
            rest = shorter;
        }
        if rest == "." || (rest.is_empty() && text.starts_with("./")) {
            return Ok(Self::root());
        }
        if text.contains('\\') {
            return Err(PathError::NotNormalised(text.to_owned()));
        }
        let rest = if rest.len() > 1 { rest.strip_suffix('/').unwrap_or(rest) } else { rest };
        Self::from_bytes(rest.as_bytes())
    }

    /// Takes a path as git names it.
    ///
    /// # Errors
    /// As [`RepoPath::new`]; here the empty path is an error too.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PathError> {
        let shown = || quoted(bytes);
        if bytes.first() == Some(&b'/') || has_drive(bytes) {
            return Err(PathError::Absolute(shown()));
        }
        if climbs_out(bytes) {
            return Err(PathError::Outside(shown()));
        }
        for part in bytes.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." | b".." => return Err(PathError::NotNormalised(shown())),
                _ if part.contains(&0) => return Err(PathError::NotNormalised(shown())),
                _ if folds_to_git(part) => return Err(PathError::Git(shown())),
                _ => {}
            }
        }
        Ok(Self(Arc::from(bytes)))
    }

    /// Returns the bytes, as git stores them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the path as text, or `None` where it is not UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Tells whether this is the root folder.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the last part; empty for the root.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.0.rfind_byte(b'/').map_or(&self.0, |slash| &self.0[slash + 1..])
    }

    /// Returns the last part as text, or `""` where it is not UTF-8.
    #[must_use]
    pub fn name_str(&self) -> &str {
        std::str::from_utf8(self.name()).unwrap_or_default()
    }

    /// Returns the last part without its last extension: `b` of `a/b.py`.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.name_str();
        match name.rfind('.') {
            Some(dot) if dot > 0 => &name[..dot],
            _ => name,
        }
    }

    /// Returns what follows the last dot of the name: `py` of `a/b.py`, whatever bytes stand before
    /// it; empty where there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        let mark = self.0.iter().rposition(|byte| matches!(byte, b'.' | b'/'));
        match mark.map(|at| self.0.split_at(at)) {
            Some((head, [b'.', extension @ ..])) if !matches!(head, [] | [.., b'/']) => {
                std::str::from_utf8(extension).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Returns the folder that holds this path; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(self.0.rfind_byte(b'/').map_or_else(Self::root, |at| Self(Arc::from(&self.0[..at]))))
    }

    /// Returns the folders above this path, nearest first, the root last.
    pub fn folders(&self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), Self::parent)
    }

    /// Returns the parts between the slashes; none for the root.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
    }

    /// Appends `below`, which may have several parts. Joining the root changes nothing.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self([&self.0, &b"/"[..], &below.0].concat().into()),
        }
    }

    /// Appends one name that is known to be a plain one, such as `__init__.py`.
    ///
    /// # Errors
    /// When `name` is no normalised relative path.
    pub fn child(&self, name: &str) -> Result<Self, PathError> {
        Ok(self.join(&Self::new(name)?))
    }

    /// Tells whether this path is `folder` or lies anywhere below it. All lie below the root.
    #[must_use]
    pub fn is_under(&self, folder: &Self) -> bool {
        folder.is_root()
            || (self.0.starts_with(&folder.0)
                && matches!(self.0.get(folder.0.len()), None | Some(b'/')))
    }

    /// Returns the path relative to `folder`, or `None` where it does not lie below it. The folder
    /// itself gives the root.
    #[must_use]
    pub fn relative_to(&self, folder: &Self) -> Option<Self> {
        if !self.is_under(folder) {
            return None;
        }
        let skip = if folder.is_root() { 0 } else { folder.0.len() + 1 };
        Some(Self(Arc::from(self.0.get(skip..).unwrap_or_default())))
    }

    /// Returns this path with `from` at its head replaced by `to`; `None` where it is not below.
    #[must_use]
    pub fn rebase(&self, from: &Self, to: &Self) -> Option<Self> {
        Some(to.join(&self.relative_to(from)?))
    }

    /// Returns how many parts the path has.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.parts().count()
    }
}

impl fmt::Display for RepoPath {
    /// Writes the path as text, `.` for the root; a name that is not UTF-8 as git quotes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        f.write_str(&quoted(&self.0))
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns `bytes` as text; what is not UTF-8 or is a control character as git's `\ooo`.
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => {
            let mut out = String::from("\"");
            for byte in bytes {
                match byte {
                    b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => out.push(char::from(*byte)),
                    _ => out.push_str(&format!("\\{byte:03o}")),
                }
            }
            out.push('"');
            out
        }
    }
}

/// Tells whether the `..` parts of a path lead above where it begins.
fn climbs_out(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    bytes.split(|byte| *byte == b'/').any(|part| {
        let out = part == b".." && depth == 0;
        match part {
            b"" | b"." => {}
            b".." => depth = depth.saturating_sub(1),
            _ => depth += 1,
        }
        out
    })
}

fn has_drive(bytes: &[u8]) -> bool {
    matches!(bytes, [letter, b':', rest @ ..] if letter.is_ascii_alphabetic()
        && matches!(rest.first(), None | Some(b'/' | b'\\')))
}

/// Tells whether some file system would take `part` for `.git`: any case, trailing dots and spaces
/// (Windows), the short name `git~1`, a stream suffix, code points that HFS+ ignores. The list is
/// git's own (`verify_path`, `is_hfs_dotgit`, `is_ntfs_dotgit`).
fn folds_to_git(part: &[u8]) -> bool {
    if part.is_ascii() {
        return is_git(part);
    }
    let text = String::from_utf8_lossy(part);
    let visible: String = text
        .chars()
        .filter(|c| {
            !matches!(*c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{206a}'..='\u{206f}' | '\u{feff}')
        })
        .flat_map(char::to_lowercase)
        .collect();
    is_git(visible.as_bytes())
}

fn is_git(name: &[u8]) -> bool {
    let before_stream = name.split(|byte| *byte == b':').next().unwrap_or_default();
    let bare = before_stream.trim_end_with(|c| matches!(c, '.' | ' '));
    bare.eq_ignore_ascii_case(b".git") || bare.eq_ignore_ascii_case(b"git~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn every_spelling_of_git_is_refused() {
        for text in [
            ".git",
            ".GIT/config",
            "a/.Git",
            ".git ",
            ".git.",
            ".git::$INDEX_ALLOCATION",
            "GIT~1",
            ".g\u{200c}it",
            "x/.git/hooks",
        ] {
            assert!(matches!(RepoPath::new(text), Err(PathError::Git(_))), "{text}");
        }
        for text in [".gitignore", ".github/x", "git", "a.git", ".git2"] {
            assert!(RepoPath::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn paths_that_leave_are_refused() {
        assert!(matches!(RepoPath::new("/etc/passwd"), Err(PathError::Absolute(_))));
        assert!(matches!(RepoPath::new("C:/x"), Err(PathError::Absolute(_))));
        assert!(matches!(RepoPath::new("a/../b"), Err(PathError::NotNormalised(_))));
        assert!(matches!(RepoPath::new("a/../../b"), Err(PathError::Outside(_))));
        assert!(matches!(RepoPath::new("a//b"), Err(PathError::NotNormalised(_))));
        assert!(matches!(RepoPath::new("a\\b"), Err(PathError::NotNormalised(_))));
        assert!(matches!(RepoPath::new(""), Err(PathError::NotNormalised(_))));
    }

    #[test]
    fn families() {
        assert_eq!(path("./a/b/").to_string(), "a/b");
        assert!(path(".").is_root());
        assert!(path("a/b").is_under(&path("a")));
        assert!(!path("ab").is_under(&path("a")));
        assert_eq!(path("a/b/c").rebase(&path("a"), &path("x/y")), Some(path("x/y/b/c")));
        assert_eq!(path("a").rebase(&path("a"), &path("x")), Some(path("x")));
        assert_eq!(path("a/b").folders().map(|it| it.to_string()).collect::<Vec<_>>(), ["a", "."]);
        assert_eq!((path("a/b.tar.gz").stem(), path("a/.env").stem()), ("b.tar", ".env"));
        let extension = |text| path(text).extension().to_owned();
        assert_eq!(["a/b.tar.gz", "a.b", ".a.b"].map(extension), ["gz", "b", "b"]);
        assert_eq!(["a/.env", ".env", "a.b/c", "a.b/.c", "a."].map(extension), [""; 5]);
    }

    #[test]
    fn names_that_are_not_utf8_survive() {
        let odd = RepoPath::from_bytes(b"a/\xff.py").unwrap();
        assert_eq!(odd.as_bytes(), b"a/\xff.py");
        assert_eq!(odd.to_string(), r#""a/\377.py""#);
    }
}
