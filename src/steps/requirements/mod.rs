//! `requirements`: lists of requirements become one, in a file of their own or in `pyproject.toml`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::select::{Closed, Spare};
use super::{Stage, Step, StepError, place, select};
use crate::finding::Finding;
use crate::path::{Pattern, RepoPath};
use crate::text::requirement::normalised;
use crate::text::{Text, TextEdit, apply, line_end};
use crate::tree::Mode;

mod list;
mod project;
mod used;
mod wanted;

use list::Kind;
use project::{Place, Project};
use wanted::{List, Wanted};

/// Merges lists of requirements, or holds one against what is imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Requirements {
    /// The files of requirements that are taken over. They stay.
    #[serde(default)]
    from: Vec<Pattern>,
    /// The list that receives them: a file of requirements, or a `pyproject.toml`.
    into: RepoPath,
    /// In a `pyproject.toml`: the list of `[dependency-groups]` instead of `[project] dependencies`.
    group: Option<String>,
    /// In a `pyproject.toml`: the list of `[project.optional-dependencies]`.
    extra: Option<String>,
    /// Add what is imported and that no list of the repository asks for.
    #[serde(default)]
    add_missing: bool,
    /// Take out what nothing imports or names, and what comes with Python.
    #[serde(default)]
    drop_unused: bool,
    /// Look at these distributions only.
    #[serde(default)]
    only: Vec<String>,
}

impl Step for Requirements {
    const KIND: &'static str = "requirements";
    const DOCS: &'static str = "\
## What it does

Takes lists of requirements over into one: a file of requirements, or a `pyproject.toml`, there into
`[project] dependencies`, the list `extra` of `[project.optional-dependencies]` or the list `group` of
`[dependency-groups]`. What the list has stays as it is written. Requirements of one distribution, however its
name is spelled, become one that asks for what all of them ask for; those with other markers stay beside
it. Where no version satisfies two of them, the step changes nothing and shows both with their places. Files
that a list includes by `-r` are read, too. What a `pyproject.toml` cannot say (`-e`, `-c`, hashes,
addresses without a name) is told; a file of requirements gets these lines as they are, from the same
folder. The files of `from` stay: a step `remove` takes them out.

`add-missing` adds what is imported and that no list asks for, where the distribution is known; other
modules are told. Tests and optional imports add nothing. `drop-unused` takes out of the list what nothing
imports or names, plugins aside, and what comes with Python. `only` says which distributions the step looks at.

## Example

```toml
[[step]]
kind = \"requirements\"
from = [\"requirements*.txt\"]
into = \"pyproject.toml\"
add-missing = true

[[step]]
kind = \"requirements\"
from = [\"requirements/dev.txt\"]
into = \"pyproject.toml\"
group = \"dev\"
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.from.is_empty() && !self.add_missing && !self.drop_unused {
            return Err(StepError::new("one of `from`, `add-missing` and `drop-unused` is needed"));
        }
        if self.into.is_root() {
            return Err(StepError::new("`.` is the repository itself, no file"));
        }
        if self.group.is_some() && self.extra.is_some() {
            return Err(StepError::new("`group` and `extra` exclude each other"));
        }
        if !self.is_project() && (self.group.is_some() || self.extra.is_some()) {
            return Err(StepError::new("`group` and `extra` are lists of a `pyproject.toml`"));
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.into)?;
        let mode = stage.tree.entry(&self.into).map(|it| it.mode);
        if stage.tree.is_folder(&self.into) || mode.is_some_and(|it| !it.is_file()) {
            return Err(StepError::new(format!("`{}` is no file", self.into)));
        }
        if mode.is_none() && self.is_project() {
            return Err(place::missing(&stage.tree, &self.into));
        }
        let text = match mode {
            Some(_) => text_of(stage, &self.into)?,
            None => Text::empty(),
        };
        let mut others = Vec::new();
        let mut wanted = Vec::new();
        for file in self.sources(stage)? {
            let mut seen = BTreeSet::from([self.into.clone()]);
            self.gather(stage, &file, &mut seen, (&mut wanted, &mut others))?;
        }
        let new = self.merged(stage, text.source(), wanted, &others)?;
        if new == text.source() {
            return Ok(());
        }
        if stage.is_frozen(&self.into) {
            return Ok(());
        }
        let failed = |error| StepError::new(format!("`{}`: {error}", self.into));
        let bytes = text.encode(&new).map_err(failed)?;
        stage.tree.write(self.into.clone(), mode.unwrap_or(Mode::File), bytes);
        Ok(())
    }
}

/// A line that is no requirement.
struct Other {
    file: RepoPath,
    line: u32,
    text: String,
}

fn text_of(stage: &Stage<'_>, path: &RepoPath) -> Result<Text, StepError> {
    let bytes = stage.tree.read(path)?;
    Text::decode_utf8(&bytes).ok_or_else(|| StepError::new(format!("`{path}` is not UTF-8")))
}

impl Requirements {
    fn is_project(&self) -> bool {
        self.into.name() == b"pyproject.toml"
    }

    fn is_meant(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|it| normalised(it) == name)
    }

    /// Returns the files of `from`.
    fn sources(&self, stage: &mut Stage<'_>) -> Result<Vec<RepoPath>, StepError> {
        let closed = Closed::of(stage);
        let mut sources: Vec<RepoPath> = Vec::new();
        for pattern in &self.from {
            let found = select::matches(&stage.tree, &closed, pattern, Spare::Nothing)?;
            if found.is_empty() && stage.tree.entry(&self.into).is_none() {
                let text = pattern.as_text();
                stage.warn_nothing(text, format!("`{text}` matches nothing"));
            }
            let is_file = |it: &RepoPath| stage.tree.entry(it).is_some_and(|it| it.mode.is_file());
            if let Some(path) = pattern.literal().filter(|it| stage.tree.exists(it) && !is_file(it))
            {
                return Err(StepError::new(format!("`{path}` is no file")));
            }
            let new = found.into_iter().filter(|it| is_file(it) && *it != self.into);
            sources.extend(new);
        }
        Ok(sources)
    }

    /// Reads a file, and those that it includes.
    fn gather(
        &self,
        stage: &mut Stage<'_>,
        file: &RepoPath,
        seen: &mut BTreeSet<RepoPath>,
        (wanted, others): (&mut Vec<Wanted>, &mut Vec<Other>),
    ) -> Result<(), StepError> {
        if !seen.insert(file.clone()) {
            return Ok(());
        }
        let text = text_of(stage, file)?;
        for list::Line { number: line, span, kind } in list::lines(text.source()) {
            let text = text.source()[span].to_owned();
            let bound = matches!(kind, Kind::Bound(_));
            match kind {
                Kind::Requirement(requirement) | Kind::Bound(requirement) => {
                    if self.is_meant(&normalised(&requirement.name)) {
                        let file = file.clone();
                        wanted.push(Wanted { requirement, file, line, text, bound });
                    }
                }
                Kind::Include(path) => {
                    let folder = file.parent().unwrap_or_else(RepoPath::root);
                    let included = crate::facts::path_from(&folder, &path)
                        .filter(|it| stage.tree.entry(it).is_some_and(|it| it.mode.is_file()));
                    match included {
                        Some(path) => self.gather(stage, &path, seen, (wanted, others))?,
                        None => {
                            let what = format!("includes `{path}`, which is no file here");
                            let finding = Finding::warning(Some(file.clone()), what);
                            stage.tell(finding.at_line(line));
                        }
                    }
                }
                Kind::Other => others.push(Other { file: file.clone(), line, text }),
            }
        }
        Ok(())
    }

    /// Returns the text of the target with all that it is to ask for.
    fn merged(
        &self,
        stage: &mut Stage<'_>,
        source: &str,
        wanted: Vec<Wanted>,
        others: &[Other],
    ) -> Result<String, StepError> {
        let (extra, group) = (self.extra.as_deref().map(Place::Extra), self.group.as_deref());
        let of_project = extra.or(group.map(Place::Group)).unwrap_or(Place::Dependencies);
        let project = match self.is_project() {
            true => Some(Project::read(&self.into, source, of_project)?),
            false => None,
        };
        let there = match &project {
            Some(project) => project.wanted(&self.into, source),
            None => listed(&self.into, source),
        };
        let mut list = List::of(there);
        let (fit, unfit): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|it| project.is_none() || !it.bound);
        let findings = list.add(fit)?;
        findings.into_iter().for_each(|it| stage.tell(it));
        let is_meant = |name: &str| self.is_meant(name);
        if self.add_missing {
            let missing = used::missing(stage, &is_meant);
            let findings = list.add(missing)?;
            findings.into_iter().for_each(|it| stage.tell(it));
        }
        let gone = match self.drop_unused {
            true => used::unused(stage, &list, &is_meant)?,
            false => Vec::new(),
        };
        list.new.retain(|it| !gone.contains(&it.text));
        let bound = unfit.iter().map(|it| (&it.file, it.line));
        let untold = match &project {
            Some(_) => others.iter().map(|it| (&it.file, it.line)).chain(bound).collect(),
            None => self.strangers(source, others),
        };
        for (file, line) in untold {
            let what = format!("is not taken over into `{}`", self.into);
            stage.tell(Finding::warning(Some(file.clone()), what).at_line(line));
        }
        match project {
            Some(project) => {
                let text = project.write(&list, &gone)?;
                let windows = line_end(source) == "\r\n";
                Ok(if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text })
            }
            None => self.written(source, &list, &gone, others),
        }
    }

    /// Returns the lines that mean something else in another folder.
    fn strangers<'a>(&self, source: &str, others: &'a [Other]) -> Vec<(&'a RepoPath, u32)> {
        let stay = others.iter().filter(|it| !self.is_home(it) && !has_line(source, &it.text));
        stay.map(|it| (&it.file, it.line)).collect()
    }

    fn is_home(&self, other: &Other) -> bool {
        other.file.parent() == self.into.parent()
    }

    /// Writes a file of requirements.
    fn written(
        &self,
        source: &str,
        list: &List,
        gone: &[String],
        others: &[Other],
    ) -> Result<String, StepError> {
        let mut edits = Vec::new();
        for (was, is) in &list.there {
            let lines = list::lines(source);
            let Some(line) = lines.into_iter().find(|it| it.number == was.line) else { continue };
            if gone.contains(&was.text) {
                let begin = source[..line.span.start].rfind('\n').map_or(0, |it| it + 1);
                let rest = source[line.span.end..].find('\n');
                let end = rest.map_or(source.len(), |it| line.span.end + it + 1);
                edits.push(TextEdit { span: begin..end, text: String::new() });
            } else if let Some(is) = is {
                edits.push(TextEdit { span: line.span, text: is.to_string() });
            }
        }
        let failed = |error: crate::text::Overlap| StepError::new(error.to_string());
        let mut text = apply(source, &edits).map_err(failed)?;
        let end = line_end(source);
        let home = others.iter().filter(|it| self.is_home(it)).map(|it| &it.text);
        for line in home.chain(list.new.iter().map(|it| &it.text)) {
            if has_line(&text, line) {
                continue;
            }
            if !text.is_empty() && !text.ends_with('\n') {
                text.push_str(end);
            }
            text.push_str(line);
            text.push_str(end);
        }
        Ok(text)
    }
}

/// Returns what a file of requirements asks for.
fn listed(file: &RepoPath, source: &str) -> Vec<Wanted> {
    let wanted = |list::Line { number: line, span, kind }| {
        let bound = matches!(kind, Kind::Bound(_));
        let (Kind::Requirement(requirement) | Kind::Bound(requirement)) = kind else { return None };
        let (file, text) = (file.clone(), source[span].to_owned());
        Some(Wanted { requirement, file, line, text, bound })
    };
    list::lines(source).into_iter().filter_map(wanted).collect()
}

/// Tells whether a text has this very line.
fn has_line(source: &str, line: &str) -> bool {
    list::lines(source).into_iter().any(|it| source[it.span] == *line)
}
