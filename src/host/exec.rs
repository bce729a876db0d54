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

use tempfile::TempDir;

use super::HostError;
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

/// Removes what a kill left of other checkouts. Whatever cannot be removed is not ours.
fn remove_stale() {
    let Ok(folders) = fs::read_dir(std::env::temp_dir()) else { return };
    for folder in folders.flatten() {
        let is_checkout = folder.file_name().as_bytes().starts_with(PREFIX.as_bytes());
        let is_folder = folder.file_type().is_ok_and(|it| it.is_dir());
        let lock = || fs::File::open(folder.path().join(LOCK));
        if is_checkout && is_folder && lock().is_ok_and(|it| it.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Whether it ended with exit code 0.
    pub success: bool,
    /// How it ended, in words: `exit status: 1`.
    pub status: String,
    /// What it printed on stdout, then on stderr.
    pub output: String,
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
    /// Writes `tree` out. Submodules become empty folders, as in a fresh clone.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn new(tree: &Tree) -> Result<Self, CheckoutError> {
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

    /// Runs a command line in the checkout, with `roots` first on `PYTHONPATH`.
    ///
    /// # Errors
    /// When the shell cannot be started.
    pub fn run(&self, command: &str, roots: &[RepoPath]) -> Result<Ran, HostError> {
        let folders = roots.iter().map(|it| self.place(it));
        let python_path = std::env::join_paths(folders).unwrap_or_default();
        let output = self
            .command(command)
            .env("PYTHONPATH", python_path)
            .output()
            .map_err(|error| HostError::disk("start", Path::new("sh"), error))?;
        let text = [output.stdout, output.stderr].concat();
        Ok(Ran {
            success: output.status.success(),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&text).into_owned(),
        })
    }

    /// Returns a shell that runs a command line in the checkout, with next to no environment.
    pub(super) fn command(&self, command: &str) -> Command {
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

    /// Returns the folder that programs take for their home.
    pub(super) fn home(&self) -> PathBuf {
        self.temp.path().join("home")
    }

    /// Returns a place of that name beside the files.
    pub(super) fn outside(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
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
        Checkout::new(&tree).unwrap().run(command, &roots).unwrap()
    }

    #[test]
    fn a_program_sees_the_tree_and_its_exit_code_counts() {
        assert_eq!(run("./run.sh && cat link && exit 3").output, "ran\nX = 1\n");
        assert_eq!((run("true").success, run("exit 3").success), (true, false));
        assert_eq!(run("exit 3").status, "exit status: 3");
    }

    #[test]
    fn a_program_sees_roots_and_no_home_of_the_user() {
        let seen = run("echo $PYTHONPATH; cd; pwd; ls -A | wc -l").output;
        let lines: Vec<&str> = seen.lines().collect();
        assert!(lines[0].ends_with("/tree/src") && lines[1].ends_with("/home"), "{seen}");
        assert_eq!(lines[2].trim(), "0");
    }
}
