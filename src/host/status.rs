//! What differs between HEAD, the index and the disk, as `git status` says.

use bstr::ByteSlice as _;

use super::error::{Cause, HostError, Refusal};
use super::git::{Git, Running};
use crate::path::RepoPath;
use crate::tree::Mode;

/// The answer of `git status`.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// Tracked paths of which the disk differs from the index.
    pub(super) tracked: Vec<Changed>,
    /// Tracked paths that differ from HEAD in any way.
    pub(super) dirty: Vec<RepoPath>,
    /// Paths that are neither tracked nor ignored.
    pub(super) untracked: Vec<RepoPath>,
}

/// A tracked path that differs on disk.
#[derive(Debug)]
pub(super) struct Changed {
    /// Where it is.
    pub(super) path: RepoPath,
    /// What it is on disk, honouring `core.fileMode`; `None` where it is deleted.
    pub(super) mode: Option<Mode>,
    /// Whether the index only intends to have it (`git add --intent-to-add`).
    pub(super) intended: bool,
}

impl Status {
    /// Asks git. Submodules are not looked into: git would run in them, as they are configured.
    pub(super) fn read(git: &Git) -> Result<Self, HostError> {
        Self::end(Self::begin(git)?)
    }

    /// Asks git, which finds out while we do something else.
    pub(super) fn begin(git: &Git) -> Result<Running, HostError> {
        git.begin(&[
            "status",
            "--porcelain=v2",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=all",
        ])
    }

    /// Waits for the answer.
    pub(super) fn end(git: Running) -> Result<Self, HostError> {
        let listing = git.end()?;
        let mut status = Self::default();
        for record in listing.split(|byte| *byte == 0).filter(|it| !it.is_empty()) {
            status.add(record)?;
        }
        Ok(status)
    }

    /// Reads one record; the format is in git-status(1), "Porcelain Format Version 2".
    fn add(&mut self, record: &[u8]) -> Result<(), HostError> {
        let fields = |count: usize| record.splitn_str(count, " ").collect::<Vec<_>>();
        match record.first() {
            Some(b'?') => {
                let path = &record[record.len().min(2)..];
                // A nested repository is shown as a folder, and is not ours to enter. A name that
                // we do not touch does no harm as long as nobody tracks it.
                if !path.ends_with(b"/") {
                    self.untracked.extend(RepoPath::from_bytes(path));
                }
            }
            Some(b'1') => match fields(9)[..] {
                [_, state, kind, _, _, mode, _, _, path] => {
                    self.tracked(state, kind, mode, path)?
                }
                _ => return Err(not_understood("status", record)),
            },
            Some(b'u') => match fields(11)[..] {
                [_, _, kind, _, _, _, mode, _, _, _, path] => {
                    self.tracked(b"UU", kind, mode, path)?;
                }
                _ => return Err(not_understood("status", record)),
            },
            _ => return Err(not_understood("status", record)),
        }
        Ok(())
    }

    fn tracked(
        &mut self,
        state: &[u8],
        kind: &[u8],
        mode: &[u8],
        path: &[u8],
    ) -> Result<(), HostError> {
        let path = RepoPath::from_bytes(path).map_err(Refusal::from)?;
        self.dirty.push(path.clone());
        let on_disk = state.get(1).copied();
        if on_disk != Some(b'.') && !kind.starts_with(b"S") {
            let mode = mode.to_str().ok().and_then(mode_of);
            self.tracked.push(Changed { path, mode, intended: on_disk == Some(b'A') });
        }
        Ok(())
    }
}

/// Reads six octal digits; `None` for what is no entry of ours, such as the zeros of a deletion.
pub(super) fn mode_of(octal: &str) -> Option<Mode> {
    [Mode::File, Mode::Executable, Mode::Link, Mode::Submodule]
        .into_iter()
        .find(|mode| mode.octal() == octal)
}

/// Makes the error of output that git does not print.
pub(super) fn not_understood(command: &str, record: &[u8]) -> HostError {
    let said = format!("it printed `{}`", record.as_bstr());
    HostError::Program { command: command.to_owned(), source: Cause(said) }
}
