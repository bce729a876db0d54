//! Programs as a step sees them: a tree goes in, what they changed comes out. `host` starts them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::StepError;
use crate::path::RepoPath;
use crate::tree::{Id, Mode, Tree};

/// Starts programs in a throw-away checkout of a tree.
pub trait Programs: fmt::Debug + Send + Sync {
    /// Runs a command line in a checkout of `tree`, and returns what it changed there, in order.
    ///
    /// # Errors
    /// When it cannot be started, fails, or does not end in time.
    fn run(&self, tree: &Tree, command: &str, timeout: Duration)
    -> Result<Vec<Changed>, StepError>;
}

/// A path that a program changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The path.
    pub path: RepoPath,
    /// What stands there now; `None` where nothing does.
    pub now: Option<(Mode, Arc<[u8]>)>,
}

/// What a program made of one tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRun {
    /// The tree that it was given.
    pub tree: Id,
    /// The command line.
    pub command: String,
    /// What it changed.
    pub changes: Vec<Changed>,
}

/// No program can be started.
#[derive(Debug, Clone, Copy)]
pub struct NoPrograms;

impl Programs for NoPrograms {
    fn run(&self, _: &Tree, command: &str, _: Duration) -> Result<Vec<Changed>, StepError> {
        Err(StepError::new(format!("`{command}` cannot be run here: no program is started")))
    }
}
