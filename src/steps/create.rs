//! `create`: scaffolds files.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

use super::packages::{self, Placed};
use super::{Context, Now, Past, Stage, Step, StepError, place};
use crate::path::RepoPath;
use crate::tree::{Mode, ReadError, Tree, blob_id};

/// Makes files that are not there yet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Create {
    /// The file to make.
    #[serde(default, deserialize_with = "file")]
    #[schemars(with = "Option<RepoPath>")]
    path: Option<RepoPath>,
    /// With `path`: what stands in it.
    text: Option<String>,
    /// With `path`: a text file of the repository in which `{{ name }}` stands for a variable.
    template: Option<RepoPath>,
    /// With `path`: a file of the repository that it is a copy of, mode and all.
    copy: Option<RepoPath>,
    /// Several files at once: path → text.
    #[serde(default, deserialize_with = "files")]
    #[schemars(with = "BTreeMap<RepoPath, String>")]
    files: BTreeMap<RepoPath, String>,
    /// Whether the files can be executed; without it, what was there or is copied decides.
    mode: Option<FileMode>,
    /// What happens where a file with other bytes is there already.
    #[serde(default)]
    if_exists: IfExists,
}

/// The mode of a file.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
enum FileMode {
    /// A plain file.
    #[serde(rename = "644")]
    Plain,
    /// An executable file.
    #[serde(rename = "755")]
    Executable,
}

/// What happens where a file with other bytes is there already.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum IfExists {
    /// The step cannot be carried out.
    #[default]
    Fail,
    /// The file stays as it is.
    Keep,
    /// The file is replaced.
    Replace,
}

/// Reads the path of a file.
fn file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<RepoPath>, D::Error> {
    file_named(&String::deserialize(deserializer)?).map(Some)
}

/// Reads texts by the paths of their files.
fn files<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<RepoPath, String>, D::Error> {
    let files = BTreeMap::<String, String>::deserialize(deserializer)?;
    files.into_iter().map(|(path, text)| Ok((file_named(&path)?, text))).collect()
}

/// A path with a slash at its end names a folder, which cannot be made without a file in it.
fn file_named<E: de::Error>(text: &str) -> Result<RepoPath, E> {
    let path = RepoPath::new(text).map_err(E::custom)?;
    match text.ends_with('/') && !path.is_root() {
        true => Err(E::custom(format!("`{text}` names a folder, no file"))),
        false => Ok(path),
    }
}

impl Step for Create {
    const KIND: &'static str = "create";
    const DOCS: &'static str = "\
## What it does

Makes files, tracked also where a line of `.gitignore` matches them. A file that is there already
with the very bytes is fine; with other bytes, `if-exists` decides. A new folder below a package
becomes a package.

## Example

```toml
[[step]]
kind = \"create\"
path = \"scripts/README.md\"
text = \"# Scripts\\n\"

[[step]]
kind = \"create\"
files = { \"app/py.typed\" = \"\", \"app/new/api.py\" = \"VERSION = 1\\n\" }
if-exists = \"keep\"
```
";

    fn check(&self) -> Result<(), StepError> {
        let sources = [self.text.is_some(), self.template.is_some(), self.copy.is_some()];
        let sources = sources.into_iter().filter(|it| *it).count();
        match (&self.path, self.files.is_empty()) {
            (Some(_), true) if sources == 1 => {}
            (Some(_), true) => {
                return Err(StepError::new("`path` needs one of `text`, `template` and `copy`"));
            }
            (None, false) if sources == 0 => {}
            (None, false) => {
                return Err(StepError::new("`text`, `template` and `copy` go with `path` only")
                    .with_hint("`files` holds the text of each file itself"));
            }
            (Some(_), false) => {
                return Err(StepError::new("`path` and `files` exclude each other"));
            }
            (None, true) => return Err(StepError::new("either `path` or `files` is needed")),
        }
        let paths = || self.path.iter().chain(self.files.keys());
        if let Some(root) = paths().find(|it| it.is_root()) {
            return Err(StepError::new(format!("`{root}` is the repository itself, no file")));
        }
        for folder in paths().flat_map(RepoPath::folders) {
            if paths().any(|it| *it == folder) {
                return Err(StepError::new(format!("`{folder}` cannot be a file and a folder")));
            }
        }
        Ok(())
    }

    fn take_back(&self, past: &mut Past, now: &Now<'_>) -> Result<(), ReadError> {
        // What cannot be made is said when it is to be made.
        for wanted in self.wanted(now.tree, now.context).unwrap_or_default() {
            if past.entry(&wanted.path).is_some_and(|it| it.id == blob_id(&wanted.bytes)) {
                past.forget(&wanted.path)?;
            }
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        if let Some((path, source)) = self.without_source(stage) {
            stage.leave(path, format!("`{source}`, which it was made of, is gone"));
            return Ok(());
        }
        let before = stage.tree.clone();
        let mut new = Vec::new();
        for wanted in self.wanted(&stage.tree, stage.context)? {
            if self.put(stage, &wanted)? {
                new.push(wanted.path);
            }
        }
        let placed = new.iter().map(|to| Placed { from: None, to });
        packages::complete(&before, &mut stage.tree, placed, &BTreeMap::new());
        stage.warn_of_case(new.iter());
        Ok(())
    }
}

/// A file that the step asks for.
struct Wanted {
    path: RepoPath,
    /// Its mode; without one, that of the file that is there.
    mode: Option<Mode>,
    bytes: Arc<[u8]>,
}

impl Create {
    /// Returns what to make.
    fn wanted(&self, tree: &Tree, context: &Context) -> Result<Vec<Wanted>, StepError> {
        let own = self.mode.map(|it| match it {
            FileMode::Plain => Mode::File,
            FileMode::Executable => Mode::Executable,
        });
        let Some(path) = self.path.clone() else {
            let files = self.files.iter().map(|(path, text)| Wanted {
                path: path.clone(),
                mode: own,
                bytes: bytes_of(text),
            });
            return Ok(files.collect());
        };
        let (mode, bytes) = match (&self.copy, &self.template) {
            (Some(copy), _) => source(tree, copy)?,
            (None, Some(template)) => filled(tree, context, template)?,
            (None, None) => (None, bytes_of(self.text.as_deref().unwrap_or_default())),
        };
        Ok(vec![Wanted { path, mode: own.or(mode), bytes }])
    }

    /// Returns the file that was made, and what it was made of, where only that is gone.
    fn without_source(&self, stage: &Stage<'_>) -> Option<(&RepoPath, &RepoPath)> {
        let (path, source) = (self.path.as_ref()?, self.copy.as_ref().or(self.template.as_ref())?);
        let made = stage.tree.entry(path).is_some() || stage.past.went(path).is_some();
        (made && !stage.tree.exists(source)).then_some((path, source))
    }

    /// Puts one file in its place; tells whether it is new there.
    fn put(&self, stage: &mut Stage<'_>, wanted: &Wanted) -> Result<bool, StepError> {
        let path = &wanted.path;
        place::reachable(&stage.tree, path)?;
        if let Some(place) = stage.past.went(path).filter(|_| !stage.tree.exists(path)) {
            let reason = format!("a later step puts it at `{place}`, where it is");
            stage.leave(path, reason);
            return Ok(false);
        }
        if stage.tree.is_folder(path) {
            return Err(StepError::new(format!("`{path}` is a folder")));
        }
        let there = stage.tree.entry(path).map(|it| it.mode);
        if let Some(mode) = there.filter(|it| !it.is_file()) {
            return Err(StepError::new(format!("`{path}` is {}", place::noun(mode))));
        }
        let mode = wanted.mode.or(there).unwrap_or(Mode::File);
        let same_bytes = there.is_some() && stage.tree.read(path)? == wanted.bytes;
        if same_bytes && there == Some(mode) {
            return Ok(false);
        }
        if stage.is_frozen(path) {
            return Ok(false);
        }
        if there.is_some() && !same_bytes {
            match self.if_exists {
                IfExists::Fail => {
                    return Err(StepError::new(format!("`{path}` exists, with other bytes"))
                        .with_hint("`if-exists` can be `keep` or `replace`"));
                }
                IfExists::Keep => {
                    stage.leave(path, "it exists");
                    return Ok(false);
                }
                IfExists::Replace => {
                    if let Some(why) = stage.differs(path) {
                        stage.leave(path, why);
                        return Ok(false);
                    }
                }
            }
        }
        stage.tree.write(path.clone(), mode, Arc::clone(&wanted.bytes));
        Ok(there.is_none())
    }
}

fn bytes_of(text: &str) -> Arc<[u8]> {
    Arc::from(text.as_bytes())
}

/// Reads the file that is copied.
fn source(tree: &Tree, path: &RepoPath) -> Result<(Option<Mode>, Arc<[u8]>), StepError> {
    place::reachable(tree, path)?;
    match tree.entry(path).map(|it| it.mode) {
        Some(mode) if mode.is_file() => Ok((Some(mode), tree.read(path)?)),
        Some(mode) => Err(StepError::new(format!("`{path}` is {}", place::noun(mode)))),
        None => Err(place::missing(tree, path)),
    }
}

/// Reads a template, and fills in the variables.
fn filled(
    tree: &Tree,
    context: &Context,
    path: &RepoPath,
) -> Result<(Option<Mode>, Arc<[u8]>), StepError> {
    let (mode, bytes) = source(tree, path)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(StepError::new(format!("the template `{path}` is not UTF-8")));
    };
    let text = (context.fill)(text, &context.vars);
    let text = text.map_err(|what| StepError::new(format!("the template `{path}`: {what}")))?;
    Ok((mode, bytes_of(&text)))
}
