//! The programs of one plan: started once for each tree, or played back from a saved plan.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::host;
use crate::steps::{Changed, ProgramRun, Programs, StepError};
use crate::tree::{Id, Tree};

/// What programs did so far, by tree and command line.
#[derive(Debug)]
pub(super) struct Recorder {
    known: Mutex<BTreeMap<(Id, String), Vec<Changed>>>,
    /// Whether a program may be started that is not known.
    starts: bool,
}

impl Recorder {
    /// Starts programs, and keeps what they do.
    pub(super) fn live() -> Self {
        Self { known: Mutex::default(), starts: true }
    }

    /// Starts none: plays back what they did.
    pub(super) fn playback(runs: &[ProgramRun]) -> Self {
        let known = runs.iter().map(|it| ((it.tree, it.command.clone()), it.changes.clone()));
        Self { known: Mutex::new(known.collect()), starts: false }
    }

    /// Returns what was done, in order of trees.
    pub(super) fn runs(&self) -> Vec<ProgramRun> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let run = |((tree, command), changes): (&(Id, String), &Vec<Changed>)| ProgramRun {
            tree: *tree,
            command: command.clone(),
            changes: changes.clone(),
        };
        known.iter().map(run).collect()
    }
}

impl Programs for Recorder {
    fn run(
        &self,
        tree: &Tree,
        command: &str,
        timeout: Duration,
    ) -> Result<Vec<Changed>, StepError> {
        let key = (tree.id(), command.to_owned());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changes) = known().get(&key) {
            return Ok(changes.clone());
        }
        if !self.starts {
            let message = format!("the saved plan does not hold what `{command}` does here");
            return Err(StepError::new(message).with_hint("plan again"));
        }
        let changes = host::run_program(tree, command, timeout)?;
        known().insert(key, changes.clone());
        Ok(changes)
    }
}
