//! `edit`: keys and items of lists in TOML, YAML and JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Stage, Step, StepError, place};
use crate::data::{Broken, Change, Format, Key, Part, Problem, Value, changed};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::text::Text;

/// Edits keys of a TOML, YAML or JSON file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Edit {
    /// The file.
    path: RepoPath,
    /// Key → its value. A key leads through tables and lists: `services.web.image`, `steps[0].run`,
    /// `steps[name=Test].run`, `project."a.b"`. Of a table, each key is set, and the others stay.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    set: toml::Table,
    /// Keys that the file is not to have.
    #[serde(default)]
    remove: Vec<String>,
    /// Key of a list → items that it is to have, once each. New ones go to its end.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<serde_json::Value>>")]
    append: BTreeMap<String, Vec<toml::Value>>,
    /// Key of a list → items that it is not to have.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<serde_json::Value>>")]
    drop: BTreeMap<String, Vec<toml::Value>>,
}

impl Step for Edit {
    const KIND: &'static str = "edit";
    const DOCS: &'static str = "\
## What it does

Edits a TOML, YAML or JSON file, JSON also with comments: gives keys their value, takes keys out, and puts
items into lists or out of them. Only what is edited changes: comments, order, quotes and indentation stay,
and what is new is written as its neighbours are. A comment above a key stays where it is.

A key leads from the top of the file: `tool.ruff.line-length`, `on.push.branches`, `project.\"a.b\"`. An item
of a list is meant by its number, from 0, or by what it has: `steps[name=Run tests].run`. In a YAML file of
several documents, these are the items: `[kind=Service].spec.type`. Keys that are missing on the way are made.

After each change the file is read again, and has to say what it said, with that one difference. What
cannot be edited so is an error that names the line: a value of another type, a key that is there twice,
what an alias of YAML shows elsewhere, too. A file that does not parse is left alone and told.

## Example

```toml
[[step]]
kind = \"edit\"
path = \"docker-compose.yml\"
set = { \"services.web.restart\" = \"unless-stopped\" }
append = { \"services.web.networks\" = [\"backend\"] }

[[step]]
kind = \"edit\"
path = \"pyproject.toml\"
set.\"tool.ruff\" = { line-length = 100, target-version = \"py312\" }
remove = [\"tool.black\"]
drop.\"project.dependencies\" = [\"black\"]
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.path.is_root() {
            return Err(StepError::new("`path` is the repository itself"));
        }
        if Format::of(&self.path).is_none() {
            let message = format!("`path` is `{}`, which is no TOML, YAML or JSON", self.path);
            return Err(StepError::new(message).with_hint("the name of the file tells its format"));
        }
        let changes = self.changes()?;
        if changes.is_empty() {
            return Err(StepError::new("`set`, `remove`, `append` and `drop` name nothing"));
        }
        for one in &changes {
            if let Change::Remove(key) = one
                && matches!(key.0.last(), Some(Part::Item(_)))
            {
                let message = format!("`remove` of `{key}` would take the next one, the next time");
                return Err(StepError::new(message)
                    .with_hint("name the item by what it has, `[name=value]`, or use `drop`"));
            }
            if let Some(other) = changes.iter().find(|other| contradicts(one, other)) {
                return Err(StepError::new(format!(
                    "`{}` and `{}` contradict",
                    verb(one),
                    verb(other)
                )));
            }
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let path = &self.path;
        place::reachable(&stage.tree, path)?;
        let mode = match stage.tree.entry(path).map(|it| it.mode) {
            Some(mode) if mode.is_file() => mode,
            Some(mode) => {
                return Err(StepError::new(format!("`{path}` is {}", place::noun(mode))));
            }
            None if stage.tree.is_folder(path) => {
                return Err(StepError::new(format!("`{path}` is a folder")));
            }
            None => return Err(place::missing(&stage.tree, path)),
        };
        let Some(format) = Format::of(path) else { return Ok(()) };
        let bytes = stage.tree.read(path)?;
        let Some(text) = Text::decode_utf8(&bytes) else {
            stage.leave(path, "it is not UTF-8");
            return Ok(());
        };
        let source = match changed(format, text.source(), &self.changes()?) {
            Ok(source) if source == text.source() => return Ok(()),
            Ok(source) => source,
            Err(Problem::Broken(Broken { line, message })) => {
                let message = format!("is no {}, so it is not edited: {message}", format.name());
                stage.tell(Finding::warning(Some(path.clone()), message).at_line(line));
                return Ok(());
            }
            Err(problem) => return Err(StepError::new(format!("`{path}`: {problem}"))),
        };
        if !stage.may_edit(path) {
            return Ok(());
        }
        let bytes = text.encode(&source).map_err(|error| StepError::new(error.to_string()))?;
        stage.tree.write(path.clone(), mode, bytes);
        Ok(())
    }
}

impl Edit {
    /// Returns the changes, in the order in which they are made.
    fn changes(&self) -> Result<Vec<Change>, StepError> {
        let key = |text: &str| {
            Key::new(text).map_err(|what| StepError::new(format!("`{text}` is no key: {what}")))
        };
        let mut changes = Vec::new();
        for text in &self.remove {
            changes.push(Change::Remove(key(text)?));
        }
        for (text, value) in &self.set {
            set(&key(text)?, value.clone().into(), &mut changes);
        }
        for (text, items) in &self.drop {
            let key = key(text)?;
            changes.extend(items.iter().map(|it| Change::Drop(key.clone(), it.clone().into())));
        }
        for (text, items) in &self.append {
            let key = key(text)?;
            changes.extend(items.iter().map(|it| Change::Append(key.clone(), it.clone().into())));
        }
        Ok(changes)
    }
}

/// Sets a key, and of a table each of its keys.
fn set(key: &Key, value: Value, changes: &mut Vec<Change>) {
    if let Value::Map(rows) = &value
        && !rows.is_empty()
    {
        for (name, value) in rows {
            let below = Key([&key.0[..], &[Part::Key(name.clone())]].concat());
            set(&below, value.clone(), changes);
        }
    } else {
        changes.push(Change::Set(key.clone(), value));
    }
}

/// Returns what a change does to which key.
fn parts(change: &Change) -> (&'static str, &Key, Option<&Value>) {
    match change {
        Change::Set(key, value) => ("set", key, Some(value)),
        Change::Remove(key) => ("remove", key, None),
        Change::Append(key, value) => ("append", key, Some(value)),
        Change::Drop(key, value) => ("drop", key, Some(value)),
    }
}

fn verb(change: &Change) -> String {
    let (verb, key, _) = parts(change);
    format!("{verb} {key}")
}

/// Tells whether one change undoes the other one.
fn contradicts(one: &Change, other: &Change) -> bool {
    let ((verb, key, value), (other_verb, below, other_value)) = (parts(one), parts(other));
    match (verb, other_verb) {
        ("remove", "set" | "append" | "drop") => below.0.starts_with(&key.0),
        ("drop", "append") => key == below && value == other_value,
        ("set", "append" | "drop") => key == below,
        _ => false,
    }
}
