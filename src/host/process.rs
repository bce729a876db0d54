//! A program from its start to its end, and to the end of all that it started.
//!
//! What it started is found by its process group; by the home that is in the environment of all of them,
//! which who leaves the group keeps; and by its parent, for on Linux overhaul becomes the parent of
//! whoever loses his own. Only a service that was asked to start something stays out of reach.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitOptions, getpgrp, getpid, kill_process, kill_process_group,
    test_kill_process_group, waitpgid, waitpid,
};

use super::interrupt::is_interrupted;

/// How often a program is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a program may take to end in order.
const GRACE: Duration = Duration::from_secs(2);
/// As much as a program may say: nobody reads it, and the disk is not ours alone.
const MOST: u64 = 256 << 20;
/// As often as processes are looked for that start others while they are ended.
const ROUNDS: usize = 100;

/// How many programs work now.
static AT_WORK: Mutex<usize> = Mutex::new(0);

/// How a program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By itself.
    Exit(ExitStatus),
    /// Its time was over.
    Late,
    /// It did not stop talking.
    Loud,
    /// overhaul was told to end.
    Interrupted,
}

/// Runs a program to its end, and ends all that it started. What it prints goes into the file `said`:
/// a pipe would be kept open by whoever outlives it.
pub(super) fn run(
    mut program: Command,
    home: &Path,
    said: &Path,
    timeout: Duration,
) -> io::Result<End> {
    let file = File::create(said)?;
    program.stdout(file.try_clone()?).stderr(file.try_clone()?).process_group(0);
    let mut child = begin(&mut program)?;
    let group = Pid::from_child(&child);
    let end = wait(&mut child, &file, timeout);
    if !matches!(end, Ok(End::Exit(_))) {
        // It may not be there any more.
        let _ = kill_process_group(group, Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < GRACE && !has_ended(&mut child, group) {
            std::thread::sleep(PAUSE);
        }
    }
    // Whoever is left in the group is what the program started.
    let _ = kill_process_group(group, Signal::KILL);
    let ended = child.wait();
    let mut at_work = at_work();
    *at_work -= 1;
    // While others work, nobody can tell whose children they lost; and the first process of a container
    // has those of everybody.
    let adopts = *at_work == 0 && !getpid().is_init();
    end_the_rest(home.as_os_str(), adopts);
    drop(at_work);
    match end? {
        End::Exit(_) => ended.map(End::Exit),
        early @ (End::Late | End::Loud | End::Interrupted) => Ok(early),
    }
}

/// Ends whatever has this home in its environment.
pub(super) fn end_all_of(home: &Path) {
    end_the_rest(home.as_os_str(), false);
}

fn at_work() -> MutexGuard<'static, usize> {
    AT_WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin(program: &mut Command) -> io::Result<Child> {
    let mut at_work = at_work();
    #[cfg(target_os = "linux")]
    // Where the system does not know of this, there is one net less.
    let _ = rustix::process::set_child_subreaper(Some(getpid()));
    let child = program.spawn()?;
    *at_work += 1;
    Ok(child)
}

fn wait(child: &mut Child, said: &File, timeout: Duration) -> io::Result<End> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Exit(status));
        }
        if is_interrupted() {
            return Ok(End::Interrupted);
        }
        if begun.elapsed() >= timeout {
            return Ok(End::Late);
        }
        if said.metadata()?.len() > MOST {
            return Ok(End::Loud);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Tells whether nobody of a group is left. Who ended is there until his parent asks how, and we may be
/// that by now.
fn has_ended(child: &mut Child, group: Pid) -> bool {
    if !matches!(child.try_wait(), Ok(Some(_))) {
        return false;
    }
    while matches!(waitpgid(group, WaitOptions::NOHANG), Ok(Some(_))) {}
    test_kill_process_group(group).is_err()
}

/// Ends processes that left the group of the program.
fn end_the_rest(home: &OsStr, adopts: bool) {
    let mut mark = b"HOME=".to_vec();
    mark.extend_from_slice(home.as_bytes());
    for _ in 0..ROUNDS {
        let Ok(processes) = fs::read_dir("/proc") else { return };
        let mut found = false;
        for process in processes.flatten() {
            let id = process.file_name().to_str().and_then(|it| it.parse().ok());
            let Some(id) = id.and_then(Pid::from_raw) else { continue };
            let environment = fs::read(process.path().join("environ")).unwrap_or_default();
            let marked = environment.split(|byte| *byte == 0).any(|it| it == mark);
            if marked || (adopts && is_adopted(&process.path())) {
                found |= kill_process(id, Signal::KILL).is_ok();
                // Only a child of ours can be asked, and only one that ended answers.
                let _ = waitpid(Some(id), WaitOptions::NOHANG);
            }
        }
        if !found {
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Tells whether a process is our child, and none that we started: those are in our group.
fn is_adopted(process: &Path) -> bool {
    let about = fs::read_to_string(process.join("stat")).unwrap_or_default();
    // `1 (name) S parent group`, and the name may hold anything.
    let mut words = about.rsplit(") ").next().unwrap_or_default().split(' ').skip(1);
    let mut next = || words.next().and_then(|it| it.parse().ok()).and_then(Pid::from_raw);
    next() == Some(getpid()) && next().is_some_and(|it| it != getpgrp())
}
