//! `gitignore`: keeps an ignore file, and takes what it ignores out of the branch.

use std::collections::BTreeSet;

use bstr::ByteSlice as _;
use ignore::Match;
use ignore::gitignore::{Gitignore as Matcher, GitignoreBuilder};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ignore_file::{self, IgnoreFile, line_of, rules_of};
use super::select::{Closed, Unit};
use super::{Stage, Step, StepError, guard, select};
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
    #[serde(default = "ignore_file::at_the_root")]
    file: RepoPath,
    /// Take tracked files that the added lines match out of the branch.
    #[serde(default)]
    untrack: bool,
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
        IgnoreFile { file: &self.file, add: &self.add, remove: &self.remove }.keep(stage)?;
        if self.untrack { self.untrack(stage) } else { Ok(()) }
    }
}

impl Gitignore {
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
        let rules = rules_of(&stage.tree, &self.file)?;
        let below = stage.tree.under(folder).map(|(path, _)| path);
        let deeper = below.filter(|it| it.name() == b".gitignore" && **it != self.file);
        let mut kept: Vec<(String, Matcher)> = Vec::new();
        for file in deeper {
            let place = file.parent().and_then(|it| it.relative_to(folder));
            let Some(place) = place.as_ref().and_then(RepoPath::as_str) else { continue };
            kept.push((format!("{place}/"), rules_of(&stage.tree, file)?));
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
