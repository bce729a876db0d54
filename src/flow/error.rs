//! Why one repository did not come to its end: what failed, how a command ends by that, and what
//! could be done about it.

use super::exit::Exit;
use crate::host::{self, CheckoutError, HostError, IGNORED};
use crate::plan::PlanError;
use crate::playbook::PlaybookError;
use crate::steps::StepError;
use crate::tree::ReadError;

/// A playbook could not be carried out in a repository.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The repository is refused, or the world failed.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The playbook has mistakes.
    #[error(transparent)]
    Playbook(#[from] PlaybookError),
    /// A step cannot be carried out.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A warning, where warnings are errors.
    #[error("{0}")]
    Warned(String),
    /// The plan would break something.
    #[error("verification failed, nothing was written; {broken}")]
    Unproved {
        /// What, in one sentence.
        broken: String,
        /// How many edits wait for a person to look at them.
        waiting: usize,
        /// Something fails only where a file is started.
        runs: bool,
        /// Nothing but new rings of imports is wrong.
        rings: bool,
    },
    /// Files that the plan touches have changes that the plan does not know.
    #[error("{0} would be touched and has changes that are not committed")]
    Dirty(String),
    /// The list of commits that `git blame` looks through may not be edited.
    #[error("`{IGNORED}` cannot list commits: `[keep] frozen` covers it")]
    FrozenList,
    /// The playbook is the repository's own, and wants to start programs.
    #[error("the playbook is the repository's own, and wants to start programs")]
    MayNotRun,
    /// A check of the playbook failed on the result.
    #[error("`{command}` failed on the result ({status}); nothing was written")]
    Trial {
        /// The check.
        command: String,
        /// How it ended.
        status: String,
    },
    /// A check of the playbook did not end on the result.
    #[error("`{command}` did not end within {seconds} s on the result; nothing was written")]
    LateTrial {
        /// The check.
        command: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl FlowError {
    /// Returns how a command ends by this.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Host(error) if error.blame() == host::Blame::Refused => Exit::Refused,
            Self::Dirty(_) | Self::FrozenList | Self::MayNotRun => Exit::Refused,
            Self::Unproved { .. } | Self::Trial { .. } | Self::LateTrial { .. } => Exit::Unverified,
            Self::Read(_) | Self::Host(_) | Self::Playbook(_) | Self::Plan(_) | Self::Warned(_) => {
                Exit::Failed
            }
        }
    }

    /// Returns what could be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Host(error) => error.hint(),
            Self::Plan(PlanError::Step { source: StepError::Impossible { hint, .. }, .. }) => {
                hint.clone()
            }
            Self::Plan(PlanError::UnknownName { nearest, .. }) => {
                nearest.as_ref().map(|it| format!("did you mean `{it}`?"))
            }
            Self::Plan(
                PlanError::Exchange { .. }
                | PlanError::Unsettled { .. }
                | PlanError::FailsAgain { .. },
            ) => Some("a later step makes an earlier one want more; try two playbooks".to_owned()),
            Self::Unproved { rings: true, .. } => Some(
                "move what closes the ring along with it, or say `cycles = \"warn\"` under `[verify]`"
                    .to_owned(),
            ),
            Self::Unproved { waiting: 1.., .. } => Some(
                "edits to review are not applied; see what `--include review` makes of it"
                    .to_owned(),
            ),
            Self::Unproved { runs, .. } => runs.then(|| {
                "`python FILE` looks in the folder of the file: move what it imports along with it, \
                 in one step, or start it as a module"
                    .to_owned()
            }),
            Self::Warned(_) => Some("without `--strict` this is a warning".to_owned()),
            Self::Dirty(_) => Some(
                "commit or stash them, or say `--allow-dirty` to go on from the commit".to_owned(),
            ),
            Self::FrozenList => Some("leave `--blame-ignore` out".to_owned()),
            Self::LateTrial { .. } => {
                Some("`timeout` under `[verify]` gives it more seconds".to_owned())
            }
            Self::MayNotRun => Some("read it, then say `--allow-run`".to_owned()),
            Self::Read(_) | Self::Playbook(_) | Self::Plan(_) | Self::Trial { .. } => None,
        }
    }
}

impl From<CheckoutError> for FlowError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Read(error) => error.into(),
            CheckoutError::Host(error) => error.into(),
        }
    }
}
