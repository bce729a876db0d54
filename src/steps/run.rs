//! `run`: what an external program changes in a checkout of its own becomes part of the plan.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::programs::Changed;
use super::select::Closed;
use super::{Stage, Step, StepError};
use crate::path::{Pattern, RepoPath};
use crate::tree::{Entry, Id};

/// As many paths as a person reads in a message.
const SHOWN: usize = 5;

/// Runs a program over the tree.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Run {
    /// The command line, for `sh`.
    command: String,
    /// What it may change; everything where none is named.
    #[serde(default)]
    paths: Vec<Pattern>,
    /// The seconds after which it is ended, with all that it started.
    #[serde(default = "ten_minutes")]
    timeout: u64,
}

fn ten_minutes() -> u64 {
    600
}

impl Step for Run {
    const KIND: &'static str = "run";
    const STARTS_PROGRAMS: bool = true;
    const DOCS: &'static str = "\
## What it does

Runs a command line in a throw-away checkout of the tree as the steps before left it, and makes what it
changed part of the plan: shown, proved and applied like any other edit. The checkout is no git
repository. The program finds `PATH`, an empty home, `TMPDIR` and a locale in its environment, and
nothing else: no token. When it ends, or after `timeout` seconds (600 where it is not given), whatever it
started is ended, too; so it is where overhaul is interrupted. Who is ended early may end in order, for
two seconds.
Where it fails, or changes anything but `paths`, the step cannot be carried out. New files that a
`.gitignore` of the tree ignores are no change, and archives stay as they are.

The command is run once more on the result of the playbook, where it must find nothing to do: of a
program that needs two rounds, as pyupgrade may, the command has to name both. A saved plan holds what
it did, so `apply plan.json` does not run it again. A playbook that lies in the repository itself needs
`--allow-run`. A program is not held in a cage: what it does by absolute paths, or on the network, it
does with your rights.

## Example

```toml
[[step]]
kind = \"run\"
command = \"ruff check --fix --exit-zero --isolated --select UP,F401 app\"
paths = [\"app/**/*.py\"]
timeout = 120
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.command.trim().is_empty() {
            return Err(StepError::new("`command` is empty"));
        }
        if self.timeout == 0 {
            return Err(StepError::new("`timeout` is to be a second at least"));
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let timeout = Duration::from_secs(self.timeout);
        let changes = stage.context.programs.run(&stage.tree, &self.command, timeout)?;
        let closed = Closed::of(stage);
        let (changes, archived): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|it| !closed.in_archive(&it.path));
        for Changed { path, .. } in archived {
            stage.leave(&path, "the program changed it, and it is in an archive");
        }
        self.stays_inside(stage, &changes)?;
        take(stage, changes);
        Ok(())
    }
}

impl Run {
    /// Refuses changes outside of `paths`, and of what the playbook keeps.
    fn stays_inside(&self, stage: &Stage<'_>, changes: &[Changed]) -> Result<(), StepError> {
        let covered =
            |it: &RepoPath| self.paths.is_empty() || self.paths.iter().any(|one| one.covers(it));
        let outside: Vec<&RepoPath> =
            changes.iter().map(|it| &it.path).filter(|it| !covered(it)).collect();
        if !outside.is_empty() {
            let message = format!("`{}` changed what `paths` does not name: ", self.command);
            return Err(StepError::new(message + &listed(&outside)));
        }
        let kept = |it: &&Changed| it.now.is_none() && stage.context.keep.covers(&it.path);
        let kept: Vec<&RepoPath> = changes.iter().filter(kept).map(|it| &it.path).collect();
        if !kept.is_empty() {
            let message = format!("`{}` removed what `[keep] paths` keeps: ", self.command);
            return Err(StepError::new(message + &listed(&kept)));
        }
        Ok(())
    }
}

fn listed(paths: &[&RepoPath]) -> String {
    let shown: Vec<String> = paths.iter().take(SHOWN).map(|it| format!("`{it}`")).collect();
    match paths.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

/// Makes the changes. A file that came with the bytes of one that went is that one, moved.
fn take(stage: &mut Stage<'_>, changes: Vec<Changed>) {
    let (came, gone): (Vec<_>, Vec<_>) = changes.into_iter().partition(|it| it.now.is_some());
    let mut taken: BTreeMap<Id, Entry> = BTreeMap::new();
    for Changed { path, .. } in gone {
        if let Some(entry) = stage.tree.remove(&path) {
            taken.entry(entry.id).or_insert(entry);
        }
    }
    for Changed { path, now } in came {
        let Some((mode, bytes)) = now else { continue };
        let id = crate::tree::blob_id(&bytes);
        let moved = taken.remove(&id).filter(|_| stage.tree.entry(&path).is_none());
        match moved {
            Some(entry) => stage.tree.put(path, Entry { mode, ..entry }),
            None => stage.tree.write_as(path, mode, (id, bytes)),
        }
    }
}
