//! `clean`: takes junk off the disk that git does not track. A plan knows commits and no disk, so the
//! step only says what it wants: [`Sweep`].

use schemars::JsonSchema;
use serde::Deserialize;

use super::guard::FROZEN;
use super::{Stage, Step, StepError};
use crate::path::{Pattern, Patterns, RepoPath};

/// Takes what git does not track off the disk.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Clean {
    /// The files and folders to take. What names the `pyvenv.cfg` of a virtual environment means the
    /// environment.
    paths: Vec<Pattern>,
}

impl Step for Clean {
    const KIND: &'static str = "clean";
    const DOCS: &'static str = "\
## What it does

Moves junk off the disk, into the trash of the run: what `paths` match and git does not track, ignored
or not. It is no part of the tree: `plan` shows it as a list of its own, the largest first, and only
`apply` (or `batch run`) takes it. A folder that holds nothing else goes as one. `undo` brings
everything back where nothing stands in its place by then; until `overhaul trash --empty` removes it for
good, it takes as much room as before.

Never taken: what is in the index, in HEAD or in the result of the plan; what `[keep]` names; other
repositories, submodules and work trees; the virtual environment that is in use; archives. Symbolic
links go as links, and none is followed. A virtual environment is not looked into, it goes as a whole:
`venv` names one, and `**/pyvenv.cfg` all that there are.

What another step takes out of the branch is junk once git has deleted it: `apply --switch` does not put
it back.

Nothing is committed for it, so a playbook that finds nothing but junk makes no branch. The guards
`unless-used` and `same-as` are about tracked files, and refused.

## Example

```toml
[[step]]
kind = \"clean\"
paths = [\"**/__pycache__\", \"**/*.log\", \"venv-old\"]
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.paths.is_empty() {
            return Err(StepError::new("`paths` names nothing"));
        }
        if self.paths.iter().any(|it| it.literal().is_some_and(RepoPath::is_root)) {
            return Err(StepError::new("`paths` names the repository itself"));
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let guard = match (stage.unless_used, &stage.same_as) {
            (true, _) => "unless-used",
            (_, Some(_)) => "same-as",
            _ => {
                stage.outcome.sweep = Some(Sweep {
                    paths: self.paths.clone(),
                    keep: stage.context.keep.clone(),
                    frozen: stage.context.frozen.clone(),
                    archives: stage.context.settings.skip.clone(),
                });
                return Ok(());
            }
        };
        let message = format!("`{guard}` guards tracked files, and `clean` takes none");
        Err(StepError::new(message).with_hint("leave it out, or name less in `paths`"))
    }
}

/// What a step wants off the disk. Whether it is there, and whether git tracks it, is not known here.
#[derive(Debug, Clone)]
pub struct Sweep {
    paths: Vec<Pattern>,
    keep: Patterns,
    frozen: Patterns,
    archives: Vec<RepoPath>,
}

impl Sweep {
    /// Tells whether the step names exactly this file or folder.
    #[must_use]
    pub fn names(&self, path: &RepoPath) -> bool {
        self.paths.iter().any(|it| it.matches(path))
    }

    /// Tells whether the step would take this file, were it not tracked: the file, or a folder above it.
    #[must_use]
    pub fn would_take(&self, path: &RepoPath) -> bool {
        let named = self.names(path) || path.folders().any(|it| self.names(&it));
        named && !self.is_archived(path) && self.reason_to_keep(path).is_none()
    }

    /// Tells whether this is an archive or lies in one: nothing is looked for there.
    #[must_use]
    pub fn is_archived(&self, path: &RepoPath) -> bool {
        self.archives.iter().any(|it| path.is_under(it))
    }

    /// Says why the playbook keeps a path, where it does.
    #[must_use]
    pub fn reason_to_keep(&self, path: &RepoPath) -> Option<&'static str> {
        if self.frozen.covers(path) {
            Some(FROZEN)
        } else {
            self.keep.covers(path).then_some("`[keep] paths` keeps it")
        }
    }

    /// Tells whether all that lies below a path that is kept is kept as well.
    #[must_use]
    pub fn keeps_whole(&self) -> bool {
        self.keep.rows().chain(self.frozen.rows()).all(|(adds, _)| adds)
    }
}
