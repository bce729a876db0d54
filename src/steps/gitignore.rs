//! `gitignore`: keeps an ignore file, and takes what it ignores out of the branch.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use ignore::Match;
use ignore::gitignore::{Gitignore as Matcher, GitignoreBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use super::select::{Closed, Unit};
use super::{Stage, Step, StepError, guard, place, select};
use crate::path::RepoPath;
use crate::tree::Mode;

/// Adds lines to an ignore file, or takes some out.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Gitignore {
    /// Lines that the file is to have, once each. New ones go to its end.
    #[serde(default)]
    add: Vec<String>,
    /// Lines that the file is not to have.
    #[serde(default)]
    remove: Vec<String>,
    /// The ignore file.
    #[serde(default = "default_file")]
    file: RepoPath,
    /// Take tracked files that the added lines match out of the branch.
    #[serde(default)]
    untrack: bool,
}

fn default_file() -> RepoPath {
    RepoPath::root().child(".gitignore").unwrap_or_else(|_| RepoPath::root())
}

impl Step for Gitignore {
    const KIND: &'static str = "gitignore";
    const DOCS: &'static str = "\
## What it does

Adds lines to an ignore file, once each, and takes lines out; all others stay as they are. With
`untrack = true`, tracked files that the added lines match leave the branch. Git then deletes them in
a checkout that moves to it: `apply` copies them to the trash, and `--switch` puts them back.

## Example

```toml
[[step]]
kind = \"gitignore\"
add = [\"__pycache__/\", \"*.log\", \".env.local\"]
untrack = true
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.add.is_empty() && self.remove.is_empty() {
            return Err(StepError::new("`add` and `remove` name nothing"));
        }
        for line in self.add.iter().chain(&self.remove) {
            if line.contains(['\n', '\r']) || line.trim().is_empty() {
                return Err(StepError::new(format!(
                    "`{}` is not one line of an ignore file",
                    line.escape_debug()
                )));
            }
        }
        if let Some(both) = self.add.iter().find(|line| self.remove.contains(line)) {
            return Err(StepError::new(format!("`{both}` is to be added and removed")));
        }
        if self.untrack && self.add.is_empty() {
            return Err(StepError::new("`untrack` follows the lines of `add`, which is empty"));
        }
        if let Some(bad) =
            self.add.iter().find(|it| GitignoreBuilder::new("").add_line(None, it).is_err())
        {
            return Err(StepError::new(format!("`{bad}` is no pattern of an ignore file")));
        }
        if self.file.is_root() {
            return Err(StepError::new("`file` is the repository itself"));
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        self.keep_file(stage)?;
        if self.untrack { self.untrack(stage) } else { Ok(()) }
    }
}

impl Gitignore {
    /// Gives the ignore file its lines.
    fn keep_file(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.file)?;
        let mode = stage.tree.entry(&self.file).map(|it| it.mode);
        if stage.tree.is_folder(&self.file) || mode.is_some_and(|it| !it.is_file()) {
            return Err(StepError::new(format!("`{}` is no file", self.file)));
        }
        let old = match mode {
            Some(_) => stage.tree.read(&self.file)?.to_vec(),
            None => Vec::new(),
        };
        let new = self.edited(&old);
        if new == old {
            return Ok(());
        }
        if stage.context.frozen.covers(&self.file) {
            stage.leave(&self.file, "`[keep] frozen` freezes it");
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
        for line in &self.add {
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

    /// Takes tracked files that the added lines match out of the branch.
    fn untrack(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let folder = self.file.parent().unwrap_or_else(RepoPath::root);
        let ignored = self.ignored(stage, &folder)?;
        let closed = Closed::of(stage);
        let paths: BTreeSet<RepoPath> = stage
            .tree
            .under(&folder)
            .filter(|(path, entry)| {
                entry.mode != Mode::Submodule
                    && !closed.in_archive(path)
                    && **path != self.file
                    && ignored(path)
            })
            .map(|(path, _)| path.clone())
            .collect();
        let units: Vec<Unit> = select::units(stage, &closed, &paths);
        let units = guard::hold(stage, units)?;
        let gone: Vec<RepoPath> = units.into_iter().flat_map(|it| it.files).collect();
        for path in &gone {
            stage.tree.remove(path);
        }
        stage.outcome.untracked.extend(gone);
        Ok(())
    }

    /// Returns what tells whether git ignores a path because of one of the added lines.
    fn ignored(
        &self,
        stage: &Stage<'_>,
        folder: &RepoPath,
    ) -> Result<impl Fn(&RepoPath) -> bool + use<>, StepError> {
        let rules = rules_of(stage, &self.file)?;
        let below = stage.tree.under(folder).map(|(path, _)| path);
        let deeper = below.filter(|it| it.name() == b".gitignore" && **it != self.file);
        let mut kept: Vec<(String, Matcher)> = Vec::new();
        for file in deeper {
            let place = file.parent().and_then(|it| it.relative_to(folder));
            let Some(place) = place.as_ref().and_then(RepoPath::as_str) else { continue };
            kept.push((format!("{place}/"), rules_of(stage, file)?));
        }
        kept.sort_by_key(|(place, _)| std::cmp::Reverse(place.len()));
        let added: BTreeSet<String> =
            self.add.iter().map(|it| line_of(it.as_bytes()).to_str_lossy().into_owned()).collect();
        let folder = folder.clone();
        Ok(move |path: &RepoPath| {
            let below = path.relative_to(&folder);
            let Some(below) = below.as_ref().and_then(RepoPath::as_str) else { return false };
            // From the root down, as git looks: what stands below an ignored folder is ignored.
            let ends = below.match_indices('/').map(|(end, _)| (end, true));
            ends.chain([(below.len(), false)]).any(|(end, is_folder)| {
                let path = &below[..end];
                let mut nearer = kept.iter().filter_map(|(place, rules)| {
                    match rules.matched(path.strip_prefix(place.as_str())?, is_folder) {
                        Match::None => None,
                        Match::Ignore(_) => Some(false),
                        Match::Whitelist(_) => Some(true),
                    }
                });
                let matched = rules.matched(path, is_folder);
                matches!(matched, Match::Ignore(glob) if added.contains(glob.original()))
                    && nearer.next() != Some(true)
            })
        })
    }
}

/// Reads the rules of an ignore file.
fn rules_of(stage: &Stage<'_>, file: &RepoPath) -> Result<Matcher, StepError> {
    let bytes = match stage.tree.entry(file) {
        Some(entry) if entry.mode.is_file() => stage.tree.read(file)?,
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
fn line_of(line: &[u8]) -> &[u8] {
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
        let step = Gitignore {
            add: owned(add),
            remove: owned(remove),
            file: default_file(),
            untrack: false,
        };
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
