//! Programs that a playbook asks for, in a throw-away checkout of a tree.
//!
//! The checkout is a plain folder without a `.git`, the home is empty, and of the environment only
//! what a program needs to be found is left: no token of the user reaches a program that a
//! playbook names.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::HostError;
use super::interrupt::{Shield, is_interrupted};
use super::process::{self, End};
use crate::path::RepoPath;
use crate::tree::{Mode, Tree};

/// A tree, written out into a folder that is removed when this value goes.
#[derive(Debug)]
pub struct Checkout {
    temp: TempDir,
    /// Held as long as somebody works here.
    _lock: fs::File,
}

/// How the names of checkouts begin.
const PREFIX: &str = "overhaul-checkout-";
/// The file in a checkout that is locked as long as somebody works there.
const LOCK: &str = "lock";
/// The folder in a checkout that programs take for their home.
const HOME: &str = "home";

/// Removes what a kill left of other checkouts, and ends who works there. Whatever cannot be removed is not ours.
fn remove_stale() {
    let Ok(folders) = fs::read_dir(std::env::temp_dir()) else { return };
    for folder in folders.flatten() {
        let is_checkout = folder.file_name().as_bytes().starts_with(PREFIX.as_bytes());
        let is_folder = folder.file_type().is_ok_and(|it| it.is_dir());
        let lock = || fs::File::open(folder.path().join(LOCK));
        if is_checkout && is_folder && lock().is_ok_and(|it| it.try_lock().is_ok()) {
            process::end_all_of(&folder.path().join(HOME));
            remove(&folder.path());
        }
    }
}

/// Removes a folder, also where a program took the right to do that from itself.
fn remove(folder: &Path) {
    if fs::remove_dir_all(folder).is_err() {
        unlock(folder);
        // What still stays, the next command tries again.
        let _ = fs::remove_dir_all(folder);
    }
}

fn unlock(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    items.filter(|it| it.file_type().is_ok_and(|it| it.is_dir())).for_each(|it| unlock(&it.path()));
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub ended: Ended,
    /// What it printed, on stdout and on stderr.
    pub output: String,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With exit code 0.
    Well,
    /// In another way, in words: `exit status: 1`.
    Badly(String),
    /// It had to be ended: its time was over.
    Late,
}

/// A tree could not be written out.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] crate::tree::ReadError),
    /// The folder could not be written.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Checkout {
    /// Does `work` in a checkout of `tree`. Where overhaul is told to end meanwhile, it is not before
    /// the checkout is gone.
    ///
    /// # Errors
    /// When the checkout cannot be written, the work fails, or overhaul is told to end.
    pub fn with<T, E: From<CheckoutError>>(
        tree: &Tree,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let shield = Shield::raise();
        let done = match is_interrupted() {
            true => Err(CheckoutError::from(HostError::Interrupted).into()),
            false => Self::new(tree).map_err(E::from).and_then(|it| work(&it)),
        };
        // From now on a signal is not held back, so the one that was is seen here.
        drop(shield);
        if is_interrupted() {
            Err(CheckoutError::from(HostError::Interrupted).into())
        } else {
            done
        }
    }

    /// Writes `tree` out. Submodules become empty folders, as in a fresh clone.
    fn new(tree: &Tree) -> Result<Self, CheckoutError> {
        remove_stale();
        let temp = TempDir::with_prefix(PREFIX)
            .map_err(|error| HostError::disk("make", &std::env::temp_dir(), error))?;
        let lock = temp.path().join(LOCK);
        let lock = fs::File::create(&lock)
            .and_then(|it| it.lock().map(|()| it))
            .map_err(|error| HostError::disk("lock", &lock, error))?;
        let checkout = Self { temp, _lock: lock };
        for folder in [checkout.root(), checkout.home()] {
            fs::create_dir(&folder).map_err(|error| HostError::disk("make", &folder, error))?;
        }
        // Links come last, so that no file is ever written through one.
        let is_link = |mode: Mode| mode == Mode::Link;
        for (path, entry) in tree.entries().iter().filter(|(_, it)| !is_link(it.mode)) {
            checkout.write(tree, path, entry.mode)?;
        }
        for (path, entry) in tree.entries().iter().filter(|(_, it)| is_link(it.mode)) {
            checkout.write(tree, path, entry.mode)?;
        }
        Ok(checkout)
    }

    /// Returns the folder that holds the files.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.temp.path().join("tree")
    }

    /// Runs a command line in the checkout, with `roots` first on `PYTHONPATH`, and ends all that it
    /// started.
    ///
    /// # Errors
    /// When the shell cannot be started, or does not stop talking, or overhaul is told to end.
    pub fn run(
        &self,
        command: &str,
        roots: &[RepoPath],
        timeout: Duration,
    ) -> Result<Ran, HostError> {
        let mut shell = self.command(command);
        if !roots.is_empty() {
            let folders = roots.iter().map(|it| self.place(it));
            shell.env("PYTHONPATH", std::env::join_paths(folders).unwrap_or_default());
        }
        let said = self.temp.path().join("said");
        let ended = process::run(shell, &self.home(), &said, timeout)
            .map_err(|error| HostError::disk("start", Path::new("sh"), error))?;
        let ended = match ended {
            End::Exit(status) if status.success() => Ended::Well,
            End::Exit(status) => Ended::Badly(status.to_string()),
            End::Late => Ended::Late,
            End::Loud => return Err(HostError::Loud(command.to_owned())),
            End::Interrupted => return Err(HostError::Interrupted),
        };
        Ok(Ran { ended, output: shown(&fs::read(&said).unwrap_or_default()) })
    }

    /// Returns a shell that runs a command line in the checkout, with next to no environment.
    fn command(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(self.root())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("TMPDIR", self.home())
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // A git that is started here finds no repository above.
            .env("GIT_CEILING_DIRECTORIES", self.temp.path());
        shell
    }

    fn home(&self) -> PathBuf {
        self.temp.path().join(HOME)
    }

    /// Returns where a path of the tree stands.
    pub(super) fn place(&self, path: &RepoPath) -> PathBuf {
        self.root().join(std::ffi::OsStr::from_bytes(path.as_bytes()))
    }

    fn write(&self, tree: &Tree, path: &RepoPath, mode: Mode) -> Result<(), CheckoutError> {
        let place = self.place(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(|error| HostError::disk("make", parent, error))?;
        }
        let written = match mode {
            Mode::Submodule => fs::create_dir_all(&place),
            Mode::Link => symlink(std::ffi::OsStr::from_bytes(&tree.read(path)?), &place),
            Mode::File => fs::write(&place, tree.read(path)?),
            Mode::Executable => fs::write(&place, tree.read(path)?)
                .and_then(|()| fs::set_permissions(&place, fs::Permissions::from_mode(0o755))),
        };
        Ok(written.map_err(|error| HostError::disk("write", &place, error))?)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        remove(self.temp.path());
    }
}

/// Returns what a program said, without what could steer a terminal.
fn shown(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    fn run(command: &str) -> Ran {
        let files = [
            ("run.sh", Mode::Executable, &b"#!/bin/sh\necho ran\n"[..]),
            ("src/app.py", Mode::File, b"X = 1\n"),
            ("link", Mode::Link, b"src/app.py"),
        ];
        let tree = Tree::new(Memory::snapshot(files).unwrap());
        let roots = [RepoPath::root(), RepoPath::new("src").unwrap()];
        let timeout = Duration::from_secs(60);
        Checkout::with(&tree, |it| Ok::<_, CheckoutError>(it.run(command, &roots, timeout)?))
            .unwrap()
    }

    #[test]
    fn a_program_sees_the_tree_and_its_exit_code_counts() {
        assert_eq!(run("./run.sh && cat link && exit 3").output, "ran\nX = 1\n");
        assert_eq!(run("true").ended, Ended::Well);
        assert_eq!(run("exit 3").ended, Ended::Badly("exit status: 3".to_owned()));
    }

    #[test]
    fn what_a_program_said_does_not_steer_the_terminal() {
        assert_eq!(run("printf 'a\\033[2Jb\\r\\n\\tc\\377'").output, "a[2Jb\n\tc\u{fffd}");
    }

    #[test]
    fn a_program_sees_roots_and_no_home_of_the_user() {
        let seen = run("echo $PYTHONPATH; cd; pwd; ls -A | wc -l").output;
        let lines: Vec<&str> = seen.lines().collect();
        assert!(lines[0].ends_with("/tree/src") && lines[1].ends_with("/home"), "{seen}");
        assert_eq!(lines[2].trim(), "0");
    }
}
