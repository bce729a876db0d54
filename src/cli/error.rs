//! Why a command stops: what failed and why, and what could be done about it.
//!
//! Typed errors live next to the functions that fail; here they become one error for the user, with
//! its exit code and hints. The message names the action and the thing, causes follow one a line.

use std::error::Error;
use std::fmt;
use std::io;

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::batch::BatchError;
use crate::flow::{Exit, FlowError};

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct CliError {
    exit: Exit,
    source: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
}

impl CliError {
    /// Blames the command line, in one sentence.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message.into())
    }

    /// Refuses, with the reason.
    pub(crate) fn refused(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Exit::Refused, source)
    }

    /// Takes an error of stdout; a reader that went away, for it has seen enough, is none.
    pub(crate) fn output(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Fine, source);
        }
        Self::because("failed to write to stdout", source)
    }

    /// Says what failed when `source` is only the cause of it.
    pub(crate) fn because(
        what: impl Into<String>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self::new(Exit::Failed, Failed { what: what.into(), source })
    }

    fn new(exit: Exit, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit, source: source.into(), hints: Vec::new() }
    }

    /// Adds a remedy.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Returns how the command ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Tells whether stdout was closed by its reader, which is nothing to talk about.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.exit == Exit::Fine
    }

    /// Returns the lines of a text where the mistakes stand, where it is about a text.
    pub(crate) fn page(&self, colored: bool) -> Option<String> {
        let FlowError::Playbook(error) = self.source.downcast_ref()? else { return None };
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

/// Whatever stops the work in one repository.
impl<E> From<E> for CliError
where
    FlowError: From<E>,
{
    fn from(error: E) -> Self {
        let error = FlowError::from(error);
        Self { hints: error.hint().into_iter().collect(), ..Self::new(error.exit(), error) }
    }
}

impl From<BatchError> for CliError {
    fn from(error: BatchError) -> Self {
        if let BatchError::Flow(error) = error {
            return error.into();
        }
        Self { hints: error.hint().into_iter().collect(), ..Self::new(error.exit(), error) }
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
    fn the_error_decides_the_exit_code() {
        assert_eq!(CliError::usage("x").exit(), Exit::Failed);
        assert_eq!(CliError::refused("x").exit(), Exit::Refused);
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
