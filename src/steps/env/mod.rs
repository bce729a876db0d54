//! `env`: a template of env files, or one file in place of several.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ignore_file::{self, IgnoreFile};
use super::select::{Closed, Spare};
use super::{Now, Past, Stage, Step, StepError, guard, place, select};
use crate::finding::Finding;
use crate::path::{Pattern, RepoPath};
use crate::text::Text;
use crate::text::dotenv::is_env_file;
use crate::tree::{Mode, ReadError, Tree};

mod merge;
mod template;

/// Makes a template of env files, or merges them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Env {
    /// The env files, in order.
    from: Vec<Pattern>,
    /// The template, or the file that they are merged into.
    to: RepoPath,
    /// Merge the files, names and values, instead of making a template: what happens to a name that has
    /// two different values.
    merge: Option<Wins>,
    /// Take the files of `from` out of the branch, and have git ignore them.
    #[serde(default)]
    untrack: bool,
}

/// What happens to a name that has two different values. The order is that of `from`; a file at `to`
/// that `from` does not name comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Wins {
    /// The step cannot be carried out.
    Fail,
    /// The first file's value stays.
    First,
    /// The last file's value stays.
    Last,
}

impl Step for Env {
    const KIND: &'static str = "env";
    const DOCS: &'static str = "\
## What it does

Makes a template of env files: their names in order, with their comments and without their values. What
the template has already stays as it is, and names that it lacks are added at its end. A line that is
no assignment may be part of a secret, so it is left out and told; so is the value of an assignment in
a comment. With `untrack = true`, the files of `from` leave the branch and a line of `.gitignore`
matches each. Git then deletes them in a checkout that moves to the branch: `apply` copies them to the
trash, and `--switch` puts them back. Their values stay in the history.

With `merge`, the files of `from` become the one file `to`, and what names one of them names that. A
name with two different values is an error that shows both places with `merge = \"fail\"`; `first` and
`last` say which file wins. A file that is not understood as a whole is left alone.

Values are shown by `--format patch` only.

## Example

```toml
[[step]]
kind = \"env\"
from = [\".env\", \".env.memory\"]
to = \".env\"
merge = \"fail\"

[[step]]
kind = \"env\"
from = [\".env\"]
to = \".env.example\"
untrack = true
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.from.is_empty() {
            return Err(StepError::new("`from` names nothing"));
        }
        let literal = self.from.iter().filter_map(Pattern::literal);
        if let Some(other) = literal.chain([&self.to]).find(|it| !is_env_file(it)) {
            return Err(not_an_env_file(other));
        }
        if self.merge.is_some() && self.untrack {
            return Err(StepError::new("`untrack` goes without `merge`").with_hint(
                "what is merged would be in no commit; a step of its own makes the template",
            ));
        }
        Ok(())
    }

    fn take_back(&self, past: &mut Past, now: &Now<'_>) -> Result<(), ReadError> {
        // Where nothing is left to read, the file came of it.
        let is_source =
            |it: &RepoPath| *it != self.to && self.from.iter().any(|one| one.matches(it));
        let done = now.tree.entry(&self.to).is_some() && !now.tree.entries().keys().any(is_source);
        if done { past.forget(&self.to) } else { Ok(()) }
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.to)?;
        let mode = stage.tree.entry(&self.to).map(|it| it.mode);
        if stage.tree.is_folder(&self.to) || mode.is_some_and(|it| !it.is_file()) {
            return Err(StepError::new(format!("`{}` is no file", self.to)));
        }
        let sources = self.sources(stage)?;
        match self.merge {
            Some(wins) => merge::merge(stage, &self.to, sources, wins),
            None => self.template(stage, &sources),
        }
    }
}

/// A file that could be read.
struct Source {
    path: RepoPath,
    text: Text,
}

/// What is not named like an env file would be shown with its values.
fn not_an_env_file(path: &RepoPath) -> StepError {
    StepError::new(format!("`{path}` is not named like an env file, so its values would be shown"))
        .with_hint("names of env files begin with `.env` or end with `.env`")
}

/// Reads a file as text, if it is some.
fn read(tree: &Tree, path: &RepoPath) -> Result<Option<Text>, ReadError> {
    Ok(Text::decode_utf8(&tree.read(path)?))
}

impl Env {
    /// Returns the files of `from`, in order.
    fn sources(&self, stage: &mut Stage<'_>) -> Result<Vec<Source>, StepError> {
        let closed = Closed::of(stage);
        let (mut sources, mut seen) = (Vec::new(), BTreeSet::new());
        for (at, pattern) in self.from.iter().enumerate() {
            if self.from[..at].iter().any(|it| it.as_text() == pattern.as_text()) {
                continue;
            }
            let found = select::matches(&stage.tree, &closed, pattern, Spare::Nothing)?;
            if found.is_empty() && stage.tree.entry(&self.to).is_none() {
                let text = pattern.as_text();
                stage.warn_nothing(text, format!("`{text}` matches nothing"));
            }
            for path in found.into_iter().filter(|it| seen.insert(it.clone())) {
                let Some(mode) = stage.tree.entry(&path).map(|it| it.mode) else {
                    if pattern.literal().is_some() {
                        return Err(StepError::new(format!("`{path}` is a folder")));
                    }
                    continue;
                };
                if !is_env_file(&path) {
                    return Err(not_an_env_file(&path));
                }
                if !mode.is_file() {
                    stage.leave(&path, format!("it is {}", place::noun(mode)));
                } else if let Some(text) = read(&stage.tree, &path)? {
                    sources.push(Source { path, text });
                } else {
                    stage.leave(&path, "it is not UTF-8, so it is not read");
                }
            }
        }
        Ok(sources)
    }

    fn template(&self, stage: &mut Stage<'_>, sources: &[Source]) -> Result<(), StepError> {
        let sources: Vec<&Source> = sources.iter().filter(|it| it.path != self.to).collect();
        if sources.is_empty() {
            return Ok(());
        }
        let there = match stage.tree.entry(&self.to) {
            None => None,
            Some(entry) => {
                let not_text = || StepError::new(format!("`{}` is not UTF-8", self.to));
                Some((entry.mode, read(&stage.tree, &self.to)?.ok_or_else(not_text)?))
            }
        };
        let old = there.as_ref().map_or("", |(_, it)| it.source());
        let mut new = old.to_owned();
        for Source { path, text } in &sources {
            let template::Stripped { text, left_out } = template::stripped(text.source());
            new = template::appended(&new, &text);
            for line in left_out {
                let what = "is no plain assignment, so the template is without it";
                stage.tell(Finding::warning(Some(path.clone()), what).at_line(line));
            }
        }
        if new != old || there.is_none() {
            if stage.is_frozen(&self.to) {
                return Ok(());
            }
            let failed = |error| StepError::new(format!("`{}`: {error}", self.to));
            let (mode, bytes) = match &there {
                Some((mode, text)) => (*mode, text.encode(&new).map_err(failed)?),
                None => (Mode::File, new.into_bytes()),
            };
            stage.tree.write(self.to.clone(), mode, bytes);
        }
        if self.untrack { untrack(stage, &sources) } else { Ok(()) }
    }
}

/// Takes files out of the branch, and has git ignore them.
fn untrack(stage: &mut Stage<'_>, sources: &[&Source]) -> Result<(), StepError> {
    let paths = sources.iter().map(|it| it.path.clone()).collect();
    let closed = Closed::of(stage);
    let units = select::units(stage, &closed, &paths);
    let units = guard::hold(stage, units)?;
    let gone: Vec<RepoPath> = units.into_iter().flat_map(|it| it.files).collect();
    let file = ignore_file::at_the_root();
    let rules = ignore_file::rules_of(&stage.tree, &file)?;
    let ignored = |it: &&RepoPath| {
        it.as_str().is_some_and(|it| rules.matched_path_or_any_parents(it, false).is_ignore())
    };
    let add: Vec<String> =
        gone.iter().filter(|it| !ignored(it)).map(ignore_file::line_for).collect();
    IgnoreFile { file: &file, add: &add, remove: &[] }.keep(stage)?;
    for path in gone {
        let removed = stage.tree.remove(&path);
        let as_committed = stage.base.entry(&path).map(|it| it.id) == removed.map(|it| it.id);
        if !as_committed {
            let what = "leaves the branch, and what steps before made of it stays in their commits";
            stage.tell(Finding::warning(Some(path.clone()), what));
        }
        stage.outcome.untracked.push(path);
    }
    Ok(())
}
