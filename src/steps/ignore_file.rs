//! Ignore files as git reads them: lines that come and go, and what they match.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use ignore::gitignore::{Gitignore as Matcher, GitignoreBuilder};

use super::{Stage, StepError, place};
use crate::path::RepoPath;
use crate::tree::{Mode, Tree};

/// An ignore file, and what is to stand in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct IgnoreFile<'a> {
    /// The file.
    pub(super) file: &'a RepoPath,
    /// Lines that it is to have, once each.
    pub(super) add: &'a [String],
    /// Lines that it is not to have.
    pub(super) remove: &'a [String],
}

/// Returns the ignore file at the root.
pub(super) fn at_the_root() -> RepoPath {
    RepoPath::root().child(".gitignore").unwrap_or_else(|_| RepoPath::root())
}

/// Returns the line that ignores this one path.
pub(super) fn line_for(path: &RepoPath) -> String {
    let mut line = String::from("/");
    for character in path.to_string().chars() {
        if matches!(character, '*' | '?' | '[' | '\\' | ' ') {
            line.push('\\');
        }
        line.push(character);
    }
    line
}

impl IgnoreFile<'_> {
    /// Gives the file its lines.
    ///
    /// # Errors
    /// When the file cannot be read, or something else stands in its place.
    pub(super) fn keep(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, self.file)?;
        let mode = stage.tree.entry(self.file).map(|it| it.mode);
        if stage.tree.is_folder(self.file) || mode.is_some_and(|it| !it.is_file()) {
            return Err(StepError::new(format!("`{}` is no file", self.file)));
        }
        let old = match mode {
            Some(_) => stage.tree.read(self.file)?.to_vec(),
            None => Vec::new(),
        };
        let new = self.edited(&old);
        if new == old {
            return Ok(());
        }
        if stage.is_frozen(self.file) {
            return Ok(());
        }
        stage.tree.write(self.file.clone(), mode.unwrap_or(Mode::File), new);
        Ok(())
    }

    /// Returns the ignore file with its lines added and removed, every other byte as it was.
    fn edited(&self, old: &[u8]) -> Vec<u8> {
        let removed: Vec<&[u8]> = self.remove.iter().map(|it| line_of(it.as_bytes())).collect();
        let mut new = Vec::with_capacity(old.len());
        for line in old.lines_with_terminator() {
            if !removed.contains(&line_of(line)) {
                new.extend_from_slice(line);
            }
        }
        let end: &[u8] = if old.contains_str("\r\n") { b"\r\n" } else { b"\n" };
        let mut there: BTreeSet<Vec<u8>> = new.lines().map(|it| line_of(it).to_vec()).collect();
        for line in self.add {
            if !there.insert(line_of(line.as_bytes()).to_vec()) {
                continue;
            }
            if !new.is_empty() && !new.ends_with(b"\n") {
                new.extend_from_slice(end);
            }
            new.extend_from_slice(line.as_bytes());
            new.extend_from_slice(end);
        }
        new
    }
}

/// Reads the rules of an ignore file.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn rules_of(tree: &Tree, file: &RepoPath) -> Result<Matcher, StepError> {
    let bytes = match tree.entry(file) {
        Some(entry) if entry.mode.is_file() => tree.read(file)?,
        _ => Vec::new().into(),
    };
    let mut rules = GitignoreBuilder::new("");
    for line in bytes.lines() {
        // A line that is no pattern matches nothing, for git as well.
        let _ = rules.add_line(None, &line_of(line).to_str_lossy());
    }
    let failed = |error| StepError::new(format!("`{file}` cannot be read: {error}"));
    rules.build().map_err(failed)
}

/// Returns a line of an ignore file without its end, a byte order mark and the trailing blanks that
/// git does not see.
pub(super) fn line_of(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.trim_end_with(|it| matches!(it, '\n' | '\r'));
    let bare = line.trim_end_with(|it| it == ' ');
    if bare.ends_with(b"\\") && bare.len() < line.len() { &line[..=bare.len()] } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, add: &[&str], remove: &[&str], new: &str) {
        let owned = |lines: &[&str]| lines.iter().map(|it| (*it).to_owned()).collect();
        let (add, remove): (Vec<_>, Vec<_>) = (owned(add), owned(remove));
        let step = IgnoreFile { file: &at_the_root(), add: &add, remove: &remove };
        let made = step.edited(old.as_bytes());
        assert_eq!(made.to_str_lossy(), new);
        assert_eq!(step.edited(&made).to_str_lossy(), new, "a second time");
    }

    #[test]
    fn lines_come_once_each() {
        check("", &["a", "b", "a"], &[], "a\nb\n");
        check("a\n", &["a"], &[], "a\n");
        check("a  \n", &["a"], &[], "a  \n");
        check("a\\ \n", &["a\\"], &[], "a\\ \na\\\n");
    }

    #[test]
    fn what_is_there_stays_as_it_is() {
        check("# mine\n\nx", &[], &["y"], "# mine\n\nx");
        check("# mine\n\nx", &["a"], &[], "# mine\n\nx\na\n");
        check("x\r\ny\r\n", &["a"], &["x"], "y\r\na\r\n");
        check("\u{feff}a\nb\n", &["a"], &[], "\u{feff}a\nb\n");
        check("# a\na\na\n", &[], &["a"], "# a\n");
    }
}
