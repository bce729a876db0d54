//! `move`: files, folders, modules and packages to other places; whatever means them follows.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::module::End;
use super::packages::stub_of;
use super::relocate::Relocation;
use super::select::{Closed, Unit};
use super::shim::{self, Shim};
use super::{Now, Past, Stage, Step, StepError, guard, place, select};
use crate::path::{Pattern, RepoPath};
use crate::rewrite::Uses;
use crate::tree::ReadError;

mod rows;

/// Moves files, folders, modules and packages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Move {
    /// What moves: a path, or `module:pkg.mod`.
    from: Option<End>,
    /// The new path itself, never its parent; or `module:pkg.mod`.
    to: Option<End>,
    /// Folder → patterns: what matches goes into the folder, under its own name.
    #[serde(default, deserialize_with = "filled")]
    into: BTreeMap<RepoPath, Vec<Pattern>>,
    /// As `into`, for what none of its rows match.
    #[serde(default, deserialize_with = "filled")]
    rest: BTreeMap<RepoPath, Vec<Pattern>>,
    /// What happens to the uses of a module whose own name changes.
    #[serde(default)]
    uses: Uses,
    /// Leave modules at the old places that hand on what the new ones have, and warn whoever asks.
    #[serde(default)]
    shim: bool,
    /// The version that will be without those modules.
    removed_in: Option<String>,
}

impl Step for Move {
    const KIND: &'static str = "move";
    const RESPELLS: bool = true;
    const DOCS: &'static str = "\
## What it does

Moves files, folders, modules and packages, with their stubs. All imports follow, those of the moved
files too, and so do dotted paths in strings, the cells of notebooks, and what other files name in a
format that is read: TOML, INI, YAML, JSON, Dockerfiles, scripts, Makefiles, lists of paths, links of
documents, lists of the packages to build. What stands in free text or may mean something else, and
imports in the examples of Markdown and reStructuredText, are shown, and edited with
`include = \"review\"`. Symbolic links are re-pointed. A folder that is new gets an
`__init__.py` where the source had one or where its parent is a package, and no empty package is left
behind. A module whose own name changes keeps its local name by `as`; with `uses = \"rename\"` its uses are renamed where
nothing clashes, and no other file takes the name from there.

`to` is the new path itself. With `into`, each folder receives what its patterns match; a wildcard
never takes `__init__.py` or `conftest.py`, and two rows that match one file are an error. `rest` takes
what no row of `into` matches and what does not stand in one of the folders yet.

`shim = true` leaves a module at the old place of each one that moves, for those who import it from
elsewhere; whatever is in the repository follows as ever. It hands on every name that the new module
has, private ones too, always the same object, and each use gives a `DeprecationWarning` that names the
new module, and the version of `removed-in`. What is set on it, as by `mock.patch(\"old.name\")`, the new
module does not see. Of a package, each module leaves one. Started as a script it fails, and tells of the
new place. Tests, `conftest.py`, stubs and data leave nothing. A list of the packages to build keeps the
old names; where a pattern says what is built, it has to match both.

## Example

```toml
[[step]]
kind = \"move\"
from = \"module:app.helpers\"
to = \"module:app.core.text\"

[[step]]
kind = \"move\"
into = { \"scripts/admin\" = [\"scripts/*_admin.py\"], \"scripts/db\" = [\"scripts/*migrate*.py\"] }
rest = { \"scripts/ops\" = [\"scripts/*.py\"] }

[[step]]
kind = \"move\"
from = \"app/utils\"
to = \"app/core\"
shim = true
removed-in = \"2.0\"
```
";

    fn check(&self) -> Result<(), StepError> {
        self.shim()?;
        match (&self.from, &self.to, self.into.is_empty()) {
            (Some(from), Some(to), true) => {
                if !self.rest.is_empty() {
                    return Err(StepError::new("`rest` goes with `into`"));
                }
                ends_differ(from, to)
            }
            (Some(_), None, true) => Err(StepError::new("`from` needs `to`")),
            (None, Some(_), true) => Err(StepError::new("`to` needs `from`")),
            (None, None, true) if self.rest.is_empty() => {
                Err(StepError::new("either `from` and `to`, or `into` is needed"))
            }
            (None, None, true) => Err(StepError::new("`rest` goes with `into`")),
            (None, None, false) => {
                let rows = self.into.iter().chain(&self.rest);
                match rows.into_iter().find(|(_, patterns)| patterns.is_empty()) {
                    Some((folder, _)) => {
                        Err(StepError::new(format!("the row `{folder}` has no pattern")))
                    }
                    None => Ok(()),
                }
            }
            (_, _, false) => Err(StepError::new("`into` excludes `from` and `to`")),
        }
    }

    fn take_back(&self, past: &mut Past, now: &Now<'_>) -> Result<(), ReadError> {
        let ways = match (&self.from, &self.to) {
            (Some(from), Some(to)) => from.ways(to, now.facts),
            _ => rows::ways([&self.into, &self.rest]),
        };
        if self.shim {
            ways.iter().for_each(|(from, to)| shim::take_back(past, now, from, to));
        }
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => from.take_back(to, past, now.facts),
            _ => ways.iter().try_for_each(|(from, to)| past.take_back(from, to)),
        }
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let shim = self.shim()?;
        let relocation = match (&self.from, &self.to) {
            (Some(from), Some(to)) => single(stage, from, to, shim)?,
            _ => rows::relocation(stage, &self.into, &self.rest, shim)?,
        };
        if relocation.is_empty() { Ok(()) } else { relocation.carry_out(stage, self.uses) }
    }
}

impl Move {
    fn shim(&self) -> Result<Option<Shim>, StepError> {
        Shim::of(self.shim, self.removed_in.as_deref())
    }
}

/// Reads rows, of which there is one at least.
fn filled<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<RepoPath, Vec<Pattern>>, D::Error> {
    let rows = BTreeMap::deserialize(deserializer)?;
    if rows.is_empty() { Err(D::Error::custom("the table has no row")) } else { Ok(rows) }
}

/// Refuses a move to the same place, and of something into itself.
fn ends_differ(from: &End, to: &End) -> Result<(), StepError> {
    if from == to {
        return Err(StepError::new(format!("`from` and `to` are both `{from}`")));
    }
    match (from, to) {
        (End::Path(from), _) | (_, End::Path(from)) if from.is_root() => {
            Err(StepError::new("`.` is the repository itself"))
        }
        (End::Path(from), End::Path(to)) if to.is_under(from) => Err(into_itself(from, to)),
        _ => Ok(()),
    }
}

fn into_itself(from: &RepoPath, to: &RepoPath) -> StepError {
    StepError::new(format!("`{from}` cannot move into itself, to `{to}`"))
        .with_hint("`into` moves what a folder holds: `into = { \"a/b\" = [\"a/*.py\"] }`")
}

/// Plans the move of one file or folder.
fn single(
    stage: &mut Stage<'_>,
    from: &End,
    to: &End,
    shim: Option<Shim>,
) -> Result<Relocation, StepError> {
    for end in [from, to] {
        if let End::Path(path) = end {
            place::reachable(&stage.tree, path)?;
        }
    }
    let nothing = Ok(Relocation::default());
    let Some(source) = from.existing(stage) else {
        if to.existing(stage).is_none() {
            from.warn_missing(stage);
        }
        return nothing;
    };
    let Some(target) = to.wanted(stage, &source) else {
        return Err(StepError::new(format!("`{source}` is below no root, so `{to}` is no place")));
    };
    if target == source {
        return nothing;
    }
    if target.is_under(&source) {
        return Err(into_itself(&source, &target));
    }
    let closed = Closed::of(stage);
    if !closed.sees(&source) {
        stage.leave(&source, "no step looks into an archive or a virtual environment");
        return nothing;
    }
    let mut paths = BTreeSet::from([source.clone()]);
    select::add_stubs(&stage.tree, &mut paths);
    let mut units = select::units(stage, &closed, &paths);
    if shim.is_some() {
        shim::drop_from(stage, &mut units, |unit| (unit.path == source).then(|| target.clone()));
    }
    let units = guard::hold(stage, units)?;
    let Some(unit) = units.iter().find(|it| it.path == source) else { return nothing };
    is_free(stage, unit, &target)?;
    let stub = units.iter().find(|it| it.path != source).zip(stub_of(&target));
    Ok(relocation([(unit, target)].into_iter().chain(stub), shim))
}

/// Refuses a target that holds something which does not come out of the source itself.
fn is_free(stage: &Stage<'_>, unit: &Unit, target: &RepoPath) -> Result<(), StepError> {
    let taken = stage.tree.under(target).any(|(path, _)| !path.is_under(&unit.path));
    if !taken {
        return Ok(());
    }
    let error = StepError::new(format!("`{}` cannot become `{target}`, which exists", unit.path));
    Err(match (unit.folder, stage.tree.entry(target).is_none()) {
        (true, true) => error.with_hint("`consolidate` folds one folder into another"),
        (false, true) => error
            .with_hint(format!("`to` is the new path itself: `{target}/{}`", unit.path.name_str())),
        (_, false) => error,
    })
}

/// Maps the files of each unit to its new place.
fn relocation<'a>(
    units: impl IntoIterator<Item = (&'a Unit, RepoPath)>,
    shim: Option<Shim>,
) -> Relocation {
    let mut relocation = Relocation { shim, ..Relocation::default() };
    for (unit, to) in units {
        let places = unit.files.iter().map(|it| Some((it.clone(), it.rebase(&unit.path, &to)?)));
        relocation.files.extend(places.flatten());
        if unit.folder {
            relocation.folders.insert(unit.path.clone(), to);
        }
    }
    relocation
}
