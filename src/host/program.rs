//! A program that changes files: run in a checkout, and what it made of that read back.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ignore::WalkBuilder;

use super::HostError;
use super::exec::{Checkout, CheckoutError, Ended, Ran};
use crate::path::RepoPath;
use crate::steps::{Changed, StepError};
use crate::tree::{Mode, Tree, blob_id};

/// A file or a link: its mode and its bytes.
type Standing = (Mode, Arc<[u8]>);

/// As many lines of what a failed program said as a person reads.
const LINES: usize = 10;

/// Runs a command line in a throw-away checkout of `tree`, and returns what it changed there.
///
/// # Errors
/// When it cannot be started, fails, does not end in time, or leaves what no tree can hold; or when
/// overhaul is told to end.
pub fn run_program(
    tree: &Tree,
    command: &str,
    timeout: Duration,
) -> Result<Vec<Changed>, StepError> {
    let made = Checkout::with(tree, |checkout| {
        let ran = checkout.run(command, &[], timeout)?;
        Ok(ended_well(&ran, command, timeout).and_then(|()| changes(checkout, tree)))
    });
    match made {
        Ok(changes) => changes,
        Err(CheckoutError::Read(error)) => Err(error.into()),
        Err(CheckoutError::Host(error @ (HostError::Loud(_) | HostError::Interrupted))) => {
            Err(StepError::new(error.to_string()))
        }
        Err(CheckoutError::Host(error)) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map(|it| format!(": {it}")).unwrap_or_default();
            Err(StepError::new(format!("`{command}` cannot be run: {error}{cause}")))
        }
    }
}

fn ended_well(ran: &Ran, command: &str, timeout: Duration) -> Result<(), StepError> {
    match &ran.ended {
        Ended::Well => Ok(()),
        Ended::Late => {
            let message = format!("`{command}` did not end within {} s", timeout.as_secs());
            Err(StepError::new(message).with_hint("`timeout` gives it more seconds"))
        }
        Ended::Badly(status) => {
            let error = StepError::new(format!("`{command}` failed ({status})"));
            let lines: Vec<&str> = ran.output.lines().filter(|it| !it.trim().is_empty()).collect();
            let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
            Err(if last.is_empty() { error } else { error.with_hint(format!("it said: {last}")) })
        }
    }
}

/// Compares the checkout with the tree that it was.
fn changes(checkout: &Checkout, tree: &Tree) -> Result<Vec<Changed>, StepError> {
    let root = checkout.root();
    let mut found = Vec::new();
    for (path, entry) in tree.entries() {
        let place = checkout.place(path);
        // A folder behind a link is not the folder that was there.
        let through_link = path.folders().filter(|it| !it.is_root()).any(|it| {
            fs::symlink_metadata(checkout.place(&it)).is_ok_and(|it| it.file_type().is_symlink())
        });
        if entry.mode == Mode::Submodule {
            continue;
        }
        match if through_link { None } else { stands(&place)? } {
            Some((mode, bytes)) if mode == entry.mode && blob_id(&bytes) == entry.id => {}
            now => found.push(Changed { path: path.clone(), now }),
        }
    }
    let walk = WalkBuilder::new(&root)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .follow_links(false)
        .build();
    for item in walk {
        let item =
            item.map_err(|error| StepError::new(format!("the result cannot be read: {error}")))?;
        let Ok(below) = item.path().strip_prefix(&root) else { continue };
        if item.file_type().is_none_or(|it| it.is_dir()) || below.as_os_str().is_empty() {
            continue;
        }
        let bytes = below.as_os_str().to_owned().into_vec();
        let path = RepoPath::from_bytes(&bytes).map_err(|error| {
            StepError::new(format!("the program made what no commit can hold: {error}"))
        })?;
        let inside = |it: &RepoPath| tree.entry(it).is_some_and(|it| it.mode == Mode::Submodule);
        if path.folders().any(|it| inside(&it)) {
            return Err(StepError::new(format!("the program made `{path}` inside a submodule")));
        }
        if tree.entry(&path).is_none()
            && let Some(now) = stands(item.path())?
        {
            found.push(Changed { path, now: Some(now) });
        }
    }
    found.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(found)
}

/// Returns what stands at a place: a file or a link; no folder, and nothing that no commit can hold.
fn stands(place: &Path) -> Result<Option<Standing>, StepError> {
    let unreadable = |error| {
        let error = HostError::disk("read", place, error);
        let cause = std::error::Error::source(&error).map(|it| format!(": {it}"));
        StepError::new(format!("{error}{}", cause.unwrap_or_default()))
    };
    let about = match fs::symlink_metadata(place) {
        Ok(about) => about,
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    let kind = about.file_type();
    if kind.is_symlink() {
        let target = fs::read_link(place).map_err(unreadable)?;
        return Ok(Some((Mode::Link, target.into_os_string().into_vec().into())));
    }
    if !kind.is_file() {
        return Ok(None);
    }
    let executable = about.permissions().mode() & 0o100 != 0;
    let mode = if executable { Mode::Executable } else { Mode::File };
    Ok(Some((mode, fs::read(place).map_err(unreadable)?.into())))
}
