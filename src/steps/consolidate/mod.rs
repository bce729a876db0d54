//! `consolidate`: folds one folder into another.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::archive::Archive;
use super::select::Closed;
use super::{Stage, Step, StepError, guard, place, select};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::rewrite::Uses;

mod alike;
mod evidence;
mod fold;
mod inits;
mod names;
mod taken;

/// Folds one folder into another.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Consolidate {
    /// The folder that goes.
    from: RepoPath,
    /// The folder that stays.
    into: RepoPath,
    /// Equivalents: file of `from` → file of `into` that stands for it. The former is archived.
    #[serde(default)]
    same: BTreeMap<RepoPath, RepoPath>,
    /// File of `from` → its new name in `into`.
    #[serde(default)]
    rename: BTreeMap<RepoPath, RepoPath>,
    /// What happens to two different files of one name.
    #[serde(default)]
    on_conflict: OnConflict,
    /// The folder that receives what another file stands for.
    #[serde(default = "Archive::default_folder")]
    archive: RepoPath,
}

/// What happens to two different files of one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OnConflict {
    /// The step cannot be carried out.
    #[default]
    Fail,
    /// The file of `into` stands for both; the other one is archived.
    KeepTarget,
    /// The file of `from` stands for both; the other one is archived.
    KeepSource,
    /// Both stay: the file of `from` gets the name of its folder added.
    Rename,
}

impl Step for Consolidate {
    const KIND: &'static str = "consolidate";
    const RESPELLS: bool = true;
    const DOCS: &'static str = "\
## What it does

Folds one folder into another, and makes everything that means the one mean the other. Files of one
name that are identical merge; so do those that differ only in line ends or in blanks at the ends of lines.
Of two `__init__.py`, one that is empty or only a docstring yields to the
other one. One that only re-exports its own folder yields, too, where every use of its names can be
followed to what they mean: to the module that defines each, unless the other one binds it to the very
same thing. What only ran because it was imported there is named. `same` maps equivalents: what imports the left one imports the
right one, and the left one is archived. `rename` gives a file a new name. Two other files of one name
are a conflict: an error, unless `on-conflict` is `keep-target`, `keep-source` or `rename`. A module and
a package of one name are one, too; the package can only be kept. An `__init__.py` cannot be renamed. A name that somebody uses is never
dropped: where the file that stands for both does not define it, the step says so and changes nothing.

A module that is much like one of the other folder, under whatever name, gets a note with the line to
write for the other one to stand for both. How alike two files are is the share of their text that
stands in both, line by line, comments and imports aside; from 60 % on it is told, and so are the public
names that only one of them has.

## Example

```toml
[[step]]
kind = \"consolidate\"
from = \"integrations\"
into = \"python/integrations\"
same = { \"opa.py\" = \"opa_middleware.py\", \"somabrain.py\" = \"somabrain_client.py\" }
```
";

    fn check(&self) -> Result<(), StepError> {
        let Self { from, into, .. } = self;
        if from == into {
            return Err(StepError::new(format!("`from` and `into` are both `{from}`")));
        }
        if from.is_root() {
            return Err(StepError::new("`.` is the repository itself"));
        }
        if into.is_under(from) {
            return Err(StepError::new(format!("`{from}` cannot be folded into itself, `{into}`")));
        }
        if self.archive.is_root() {
            return Err(StepError::new("the archive is to be a folder of its own"));
        }
        if let Some(both) = self.same.keys().find(|it| self.rename.contains_key(*it)) {
            return Err(StepError::new(format!("`same` and `rename` both name `{both}`")));
        }
        Ok(())
    }

    fn archive(&self) -> Option<RepoPath> {
        Some(self.archive.clone())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.from)?;
        place::reachable(&stage.tree, &self.into)?;
        for folder in [&self.from, &self.into] {
            if let Some(entry) = stage.tree.entry(folder) {
                let what = place::noun(entry.mode);
                return Err(StepError::new(format!("`{folder}` is {what}, no folder")));
            }
        }
        if !stage.tree.is_folder(&self.from) {
            let text = self.from.to_string();
            if stage.tree.is_folder(&self.into) {
                let message = format!("`{text}` does not exist; there is nothing to fold");
                stage.outcome.findings.push(Finding::note(None, message));
            } else {
                stage.warn_nothing(&text, format!("`{text}` does not exist"));
            }
            return Ok(());
        }
        let closed = Closed::of(stage);
        let units = select::units(stage, &closed, &[self.from.clone()].into());
        let units = guard::hold(stage, units)?;
        let Some(unit) = units.into_iter().next() else { return Ok(()) };
        fold::relocation(self, stage, &unit.files)?.carry_out(stage, Uses::Keep)
    }
}
