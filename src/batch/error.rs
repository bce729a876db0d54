//! Why a campaign cannot begin or go on; what goes wrong in one repository is its result.

use std::io;
use std::path::PathBuf;

use crate::flow::{Exit, FlowError};
use crate::host::HostError;

/// A campaign cannot begin, or not go on.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The playbook, or what was asked of it, is wrong; or the disk failed.
    #[error(transparent)]
    Flow(FlowError),
    /// Nothing was named.
    #[error("no repository is named")]
    Nothing,
    /// A pattern matches no folder.
    #[error("`{0}` matches no folder")]
    NoMatch(String),
    /// A pattern is none.
    #[error("`{pattern}` is no pattern")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// The folder is in use.
    #[error("another batch is at work in `{}`", .0.display())]
    Busy(PathBuf),
    /// The folder has the results of something else.
    #[error("`{}` has the results of another campaign: {what}", folder.display())]
    OtherCampaign {
        /// The folder.
        folder: PathBuf,
        /// The other campaign, in words.
        what: String,
    },
    /// The folder has no campaign.
    #[error("there is no campaign in `{}`", .0.display())]
    NoCampaign(PathBuf),
    /// A manifest cannot be read.
    #[error("failed to understand `{}`", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A signal came: what was at work is ended, and has no result.
    #[error("interrupted; the same command goes on where it was")]
    Interrupted,
    /// The system has no thread for us.
    #[error("failed to start a thread")]
    Worker(#[source] io::Error),
}

impl BatchError {
    /// Returns how a command ends by this.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Flow(error) => error.exit(),
            Self::Busy(_) | Self::OtherCampaign { .. } => Exit::Refused,
            Self::Nothing
            | Self::NoMatch(_)
            | Self::Pattern { .. }
            | Self::NoCampaign(_)
            | Self::Manifest { .. }
            | Self::Interrupted
            | Self::Worker(_) => Exit::Failed,
        }
    }

    /// Returns what could be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Flow(error) => return error.hint(),
            Self::Nothing => "name folders, or pipe a list of them into `-`",
            Self::Busy(_) => "wait for it to end, then try again",
            Self::OtherCampaign { .. } => {
                "name another folder with `--output`, or the same playbook, variables and options"
            }
            Self::NoCampaign(_) => "name the folder that was given as `--output`",
            Self::Manifest { .. } => "another version of overhaul wrote it, or the disk failed",
            Self::NoMatch(_) | Self::Pattern { .. } | Self::Interrupted | Self::Worker(_) => {
                return None;
            }
        };
        Some(hint.to_owned())
    }

    pub(super) fn disk(doing: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        HostError::Disk { doing, path: path.to_owned(), source }.into()
    }
}

/// Whatever stops the work in one repository stops a campaign that has not begun.
impl<E> From<E> for BatchError
where
    FlowError: From<E>,
{
    fn from(error: E) -> Self {
        Self::Flow(error.into())
    }
}
