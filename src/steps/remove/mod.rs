//! `remove`: takes files and folders out, into an archive.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Unexpected};

use super::archive::Archive;
use super::select::{Closed, Spare, Unit};
use super::{Stage, Step, StepError, guard, select, stale};
use crate::path::{Pattern, RepoPath};

mod along;
mod reach;

use along::Along;
use reach::Entry;

/// Takes files and folders out of the tree, into an archive.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Remove {
    /// What goes. A pattern that matches a folder takes the whole folder, as one unit.
    #[serde(default)]
    paths: Vec<Pattern>,
    /// What is started: files, patterns or `module:pkg.mod`. What these use stays, and so on to the
    /// end; of all other Python files, or of `paths` where that is given, whatever nothing else uses goes.
    #[serde(default)]
    unreachable_from: Option<Vec<Entry>>,
    /// Go on with Python files that only what goes has used.
    #[serde(default)]
    cascade: bool,
    /// Take the tests of what goes along, where they test nothing else.
    #[serde(default)]
    with_tests: bool,
    /// The folder that receives it, or `false` for none.
    #[serde(default)]
    archive: Destination,
    /// Put the files side by side into the archive, without the folders that they stood in.
    #[serde(default)]
    flat: bool,
}

/// Where removed files go.
#[derive(Debug, Clone)]
enum Destination {
    /// Into this folder.
    Folder(RepoPath),
    /// Nowhere: they are only in the history.
    Nowhere,
}

impl Default for Destination {
    fn default() -> Self {
        Self::Folder(Archive::default_folder())
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Switch(bool),
            Folder(String),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Switch(false)) => Ok(Self::Nowhere),
            Ok(Written::Folder(text)) => {
                RepoPath::new(&text).map(Self::Folder).map_err(D::Error::custom)
            }
            Ok(Written::Switch(true)) => {
                Err(D::Error::invalid_value(Unexpected::Bool(true), &"a folder, or `false`"))
            }
            Err(_) => Err(D::Error::custom("`archive` is a folder, or `false`")),
        }
    }
}

impl JsonSchema for Destination {
    fn schema_name() -> Cow<'static, str> {
        "Archive".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "string", "minLength": 1 }, { "const": false }],
            "description": "A folder, or `false` for no archive.",
        })
    }
}

impl Step for Remove {
    const KIND: &'static str = "remove";
    const DOCS: &'static str = "\
## What it does

Takes files and folders out of the tree. They go into the archive, with the bytes of the base commit
and under their original path (with `flat`, side by side). No step looks into an archive; imports
never resolve to it, and pytest does not collect it. `verify`, and playbooks to come, know an archive
by its place, `archive` at the root, or by the `conftest.py` that it is given elsewhere; what is a
package, a root or imported stays part of the code. With `unless-used = true`, what something that
stays still uses is left where it is, with the evidence. What still names a removed path is listed,
not edited.

`unreachable-from` names what is started, and takes what nothing needs for that. What stays are these
files, all that is no candidate, and whatever something that stays uses, with the evidence: imports,
also in functions and by a literal name, strings that name a module, what a manifest, a workflow or a
script starts, the `__init__.py` above, and the `conftest.py` of tests. Candidates are

- without `paths`: all Python files, scripts too, but for tests, files that a tool finds by their name
  (`setup.py`, `noxfile.py`, `conf.py` of Sphinx, …), and the `entry-points` of the playbook;
- with `paths`: all files that these match, one by one, also data.

`cascade = true` goes on with Python files that were used by what goes, and that nothing uses any more.
It takes no file that is started: none with a main block, that a command names or that is executable.

`with-tests = true` takes the tests of what goes, if all Python files that they use go too, with the
files that only these tests use. Tests that use something else as well stay, and are listed.

## Example

```toml
[[step]]
kind = \"remove\"
paths = [\"services/celery_worker\", \"services/delegation_*\"]
archive = \"archive/{{ date }}\"
unless-used = true

[[step]]
kind = \"remove\"
unreachable-from = [\"api/secured_api.py\"]
with-tests = true
```
";

    fn check(&self) -> Result<(), StepError> {
        match &self.unreachable_from {
            Some(entries) if entries.is_empty() => {
                return Err(StepError::new("`unreachable-from` names nothing"));
            }
            None if self.paths.is_empty() => {
                return Err(StepError::new(
                    "`paths` names nothing, and there is no `unreachable-from`",
                ));
            }
            Some(_) | None => {}
        }
        if self.paths.iter().any(|it| it.literal().is_some_and(RepoPath::is_root)) {
            return Err(StepError::new("`.` is the whole repository"));
        }
        match &self.archive {
            Destination::Folder(folder) if folder.is_root() => {
                Err(StepError::new("the archive is to be a folder of its own"))
            }
            Destination::Folder(folder) if folder.to_string().contains('*') => {
                Err(StepError::new(format!("the archive is to be a folder, not `{folder}`")))
            }
            Destination::Nowhere if self.flat => {
                Err(StepError::new("`flat` says how to archive, and `archive` is `false`"))
            }
            Destination::Folder(_) | Destination::Nowhere => Ok(()),
        }
    }

    fn archive(&self) -> Option<RepoPath> {
        match &self.archive {
            Destination::Folder(folder) => Some(folder.clone()),
            Destination::Nowhere => None,
        }
    }

    fn is_guarded(&self) -> bool {
        self.unreachable_from.is_some()
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let units = match &self.unreachable_from {
            None => self.units(stage)?,
            Some(entries) => self.unreached(stage, entries)?,
        };
        let units = guard::hold_same(stage, units);
        let units = Along { remove: self }.leaving(stage, units)?;
        let gone: BTreeSet<RepoPath> = units.iter().flat_map(|it| it.files.clone()).collect();
        if gone.is_empty() {
            return Ok(());
        }
        stale::list(stage, &units)?;
        match &self.archive {
            Destination::Folder(folder) => {
                Archive { folder: folder.clone(), flat: self.flat }.receive(stage, &gone)
            }
            Destination::Nowhere => {
                for path in &gone {
                    stage.tree.remove(path);
                }
                Ok(())
            }
        }
    }
}

impl Remove {
    /// Returns what the patterns match, folders as one.
    fn units(&self, stage: &mut Stage<'_>) -> Result<Vec<Unit>, StepError> {
        let closed = Closed::of(stage);
        let paths = self.matched(stage, &closed)?;
        Ok(select::units(stage, &closed, &paths))
    }

    /// Returns what `unreachable-from` may take, each file for itself.
    fn unreached(&self, stage: &mut Stage<'_>, entries: &[Entry]) -> Result<Vec<Unit>, StepError> {
        let closed = Closed::of(stage);
        let entries = reach::files(entries, stage, &closed)?;
        let mut files = if self.paths.is_empty() {
            reach::candidates(stage, &closed)
        } else {
            let matched = self.matched(stage, &closed)?;
            let below = matched.iter().flat_map(|it| stage.tree.under(it));
            below.map(|(path, _)| path.clone()).filter(|it| closed.sees(it)).collect()
        };
        files.retain(|it| !entries.contains(it));
        Ok(select::units(stage, &closed, &files))
    }

    /// Returns what the patterns match; warns of one that matches nothing, now or in the archive.
    fn matched(
        &self,
        stage: &mut Stage<'_>,
        closed: &Closed,
    ) -> Result<BTreeSet<RepoPath>, StepError> {
        let mut paths = BTreeSet::new();
        for pattern in &self.paths {
            let found = select::matches(&stage.tree, closed, pattern, Spare::Nothing)?;
            if found.is_empty() && !self.was_removed(stage, pattern) {
                let text = pattern.as_text();
                stage.warn_nothing(text, format!("`{text}` matches nothing"));
            }
            paths.extend(found);
        }
        select::add_stubs(&stage.tree, &mut paths);
        Ok(paths)
    }

    /// Tells whether the archive has what `pattern` would match: then the work is done.
    fn was_removed(&self, stage: &Stage<'_>, pattern: &Pattern) -> bool {
        let Destination::Folder(_) = &self.archive else { return false };
        let mut archived = stage.context.settings.skip.iter().flat_map(|archive| {
            let below = stage.tree.under(archive);
            below.filter_map(move |(path, _)| path.relative_to(archive))
        });
        if self.flat {
            return archived.any(|it| it.depth() == 1);
        }
        archived.any(|it| pattern.covers(&it))
    }
}
