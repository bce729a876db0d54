//! A program that changes files: run in a checkout, ended with all that it started, read back.
//!
//! What it started is found by its process group, and by the home that is in the environment of all of
//! them: a program that leaves its group keeps that.

use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ignore::WalkBuilder;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::HostError;
use super::exec::{Checkout, CheckoutError};
use crate::path::RepoPath;
use crate::steps::{Changed, StepError};
use crate::tree::{Mode, Tree, blob_id};

/// A file or a link: its mode and its bytes.
type Standing = (Mode, Arc<[u8]>);

/// How often a program is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// As many lines of what a failed program said as a person reads.
const LINES: usize = 10;
/// As often as processes are looked for that start others while they are ended.
const ROUNDS: usize = 100;

/// Runs a command line in a throw-away checkout of `tree`, and returns what it changed there.
///
/// # Errors
/// When it cannot be started, fails, does not end in time, or leaves what no tree can hold.
pub fn run_program(
    tree: &Tree,
    command: &str,
    timeout: Duration,
) -> Result<Vec<Changed>, StepError> {
    let checkout = Checkout::new(tree).map_err(|error| match error {
        CheckoutError::Read(error) => StepError::Read(error),
        CheckoutError::Host(error) => failed(command, &error),
    })?;
    let said = checkout.outside("said");
    let status = run(&checkout, &said, command, timeout)
        .map_err(|error| failed(command, &HostError::disk("start", Path::new("sh"), error)))?;
    let Some(status) = status else {
        let message = format!("`{command}` did not end within {} s", timeout.as_secs());
        return Err(StepError::new(message).with_hint("`timeout` gives it more seconds"));
    };
    if !status.success() {
        let error = StepError::new(format!("`{command}` failed ({status})"));
        let text = fs::read(&said).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().filter(|it| !it.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
        return Err(if last.is_empty() {
            error
        } else {
            error.with_hint(format!("it said: {last}"))
        });
    }
    changes(&checkout, tree)
}

fn failed(command: &str, error: &HostError) -> StepError {
    let cause = std::error::Error::source(error).map(|it| format!(": {it}")).unwrap_or_default();
    StepError::new(format!("`{command}` cannot be run: {error}{cause}"))
}

/// Runs the command to its end; `None` where it has to be ended.
fn run(
    checkout: &Checkout,
    said: &Path,
    command: &str,
    timeout: Duration,
) -> std::io::Result<Option<ExitStatus>> {
    let mut program = checkout.command(command);
    // No pipe: who outlives the program would keep it open.
    program.stdout(Stdio::null()).stderr(fs::File::create(said)?).process_group(0);
    let mut child = program.spawn()?;
    let status = wait(&mut child, timeout);
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        // Whoever is left is what the program started.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let ended = child.wait();
    end_the_rest(checkout);
    status?.map_or(Ok(None), |_| ended.map(Some))
}

fn wait(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() >= timeout {
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Ends processes that left the group of the program: the home of the checkout is in their environment.
fn end_the_rest(checkout: &Checkout) {
    let mut mark = b"HOME=".to_vec();
    mark.extend_from_slice(checkout.home().as_os_str().as_bytes());
    for _ in 0..ROUNDS {
        let Ok(processes) = fs::read_dir("/proc") else { return };
        let mut found = false;
        for process in processes.flatten() {
            let id = process.file_name().to_str().and_then(|it| it.parse().ok());
            let Some(id) = id.and_then(Pid::from_raw) else { continue };
            let environment = fs::read(process.path().join("environ")).unwrap_or_default();
            if environment.split(|byte| *byte == 0).any(|it| it == mark) {
                found |= kill_process(id, Signal::KILL).is_ok();
            }
        }
        if !found {
            return;
        }
        std::thread::sleep(PAUSE);
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
