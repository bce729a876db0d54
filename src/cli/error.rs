//! Why a command stops: who has to act, what failed and why, and what could be done about it.
//!
//! Typed errors live next to the functions that fail; here they become one error for the user, with
//! blame and hints. The message names the action and the thing, causes follow one a line.

use std::error::Error;
use std::fmt;
use std::io;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::exit::Exit;
use crate::host::{self, CheckoutError, HostError};
use crate::plan::PlanError;
use crate::playbook::PlaybookError;
use crate::steps::StepError;
use crate::tree::ReadError;

/// Who has to act on an error; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The one who typed the command.
    Usage,
    /// The one who wrote the playbook.
    Playbook,
    /// The one who looks after the disk or the repository: reading or writing failed.
    World,
    /// The one who wants it anyway: overhaul refuses, and says when it would not.
    Refused,
    /// Nobody: the plan would break something, and nothing was written.
    Proof,
    /// Nobody: the reader of our output has seen enough.
    Reader,
}

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct CliError {
    blame: Blame,
    source: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

impl CliError {
    /// Blames the command line, in one sentence.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Blame::Usage, message.into())
    }

    /// Says that verification failed.
    pub(crate) fn unverified(message: impl Into<String>) -> Self {
        Self::new(Blame::Proof, message.into())
    }

    /// Refuses, with the reason.
    pub(crate) fn refused(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Blame::Refused, source)
    }

    /// Takes an error of stdout; a reader that went away is none.
    pub(crate) fn output(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Blame::Reader, source);
        }
        Self::new(Blame::World, Failed { what: "failed to write to stdout".to_owned(), source })
    }

    /// Says what failed when `source` is only the cause of it.
    pub(crate) fn because(
        what: impl Into<String>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::new(Blame::World, Failed { what: what.into(), source })
    }

    fn new(blame: Blame, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { blame, source: source.into(), hints: Vec::new() }
    }

    /// Adds a remedy.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns the exit code that the blame asks for.
    pub(crate) fn exit(&self) -> Exit {
        match self.blame {
            Blame::Usage | Blame::Playbook | Blame::World => Exit::Failed,
            Blame::Refused => Exit::Refused,
            Blame::Proof => Exit::Unverified,
            Blame::Reader => Exit::Fine,
        }
    }

    /// Tells whether stdout was closed by its reader, which is nothing to talk about.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.blame == Blame::Reader
    }

    /// Returns the lines of a text where the mistakes stand, where it is about a text.
    pub(crate) fn page(&self, colored: bool) -> Option<String> {
        let error = self.source.downcast_ref::<PlaybookError>()?;
        let theme =
            if colored { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_width(100).with_break_words(false);
        let mut page = String::new();
        for mistake in &error.mistakes {
            if !page.is_empty() {
                page.push('\n');
            }
            // Writing to a string does not fail.
            let _: fmt::Result = handler.render_report(&mut page, mistake);
        }
        Some(page)
    }

    /// Returns the causes, nearest first.
    pub(crate) fn causes(&self) -> impl Iterator<Item = String> {
        std::iter::successors(self.source.source(), |&it| it.source()).map(ToString::to_string)
    }

    /// Returns the remedies.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl From<ReadError> for CliError {
    fn from(error: ReadError) -> Self {
        Self::new(Blame::World, error)
    }
}

impl From<HostError> for CliError {
    fn from(error: HostError) -> Self {
        let blame = match error.blame() {
            host::Blame::Refused => Blame::Refused,
            host::Blame::Failed => Blame::World,
        };
        Self { hints: error.hint().into_iter().collect(), ..Self::new(blame, error) }
    }
}

impl From<CheckoutError> for CliError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Read(error) => error.into(),
            CheckoutError::Host(error) => error.into(),
        }
    }
}

impl From<PlaybookError> for CliError {
    fn from(error: PlaybookError) -> Self {
        Self::new(Blame::Playbook, error)
    }
}

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> Self {
        let hint = match &error {
            PlanError::Step { source: StepError::Impossible { hint, .. }, .. } => hint.clone(),
            PlanError::UnknownName { nearest, .. } => {
                nearest.as_ref().map(|it| format!("did you mean `{it}`?"))
            }
            PlanError::Step { .. } | PlanError::Read(_) | PlanError::Frozen { .. } => None,
        };
        let blame = match &error {
            PlanError::Read(_) | PlanError::Step { source: StepError::Read(_), .. } => Blame::World,
            PlanError::UnknownName { .. } => Blame::Usage,
            PlanError::Step { .. } | PlanError::Frozen { .. } => Blame::Playbook,
        };
        Self { hints: hint.into_iter().collect(), ..Self::new(blame, error) }
    }
}

impl From<StepError> for CliError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Read(error) => error.into(),
            StepError::Impossible { message, hint } => {
                Self { hints: hint.into_iter().collect(), ..Self::new(Blame::Playbook, message) }
            }
        }
    }
}

/// An action that failed, and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Failed<E: Error + 'static> {
    what: String,
    source: E,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blame_decides_the_exit_code() {
        assert_eq!(CliError::usage("x").exit(), Exit::Failed);
        assert_eq!(CliError::refused("x").exit(), Exit::Refused);
        assert_eq!(CliError::from(StepError::new("x")).exit(), Exit::Failed);
        let closed = CliError::output(io::ErrorKind::BrokenPipe.into());
        assert_eq!((closed.exit(), closed.is_closed_pipe()), (Exit::Fine, true));
        let full = CliError::output(io::ErrorKind::StorageFull.into());
        assert_eq!((full.exit(), full.is_closed_pipe()), (Exit::Failed, false));
    }

    #[test]
    fn the_cause_is_not_part_of_the_message() {
        let error = CliError::because(
            "failed to write `a.py`",
            io::Error::new(io::ErrorKind::PermissionDenied, "permission denied"),
        );
        assert_eq!(error.to_string(), "failed to write `a.py`");
        assert_eq!(error.causes().collect::<Vec<_>>(), ["permission denied"]);
    }
}
