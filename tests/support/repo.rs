//! A throw-away git repository with its own home, identity and clock.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Ran, State};

/// When every commit of a test is made.
const DATE: &str = "2026-01-02T03:04:05+00:00";

/// A repository in a temporary folder: `repo` below it is the work tree, `home` the home, and
/// `play.toml` the playbook, out of the work tree: `.run(["plan", "../play.toml"])`.
#[derive(Debug)]
pub(crate) struct Repo {
    temp: tempfile::TempDir,
    /// Holds the git directory, where that is on another file system than the work tree.
    far: Option<tempfile::TempDir>,
    env: BTreeMap<String, String>,
}

impl Repo {
    /// Makes an empty repository without a commit, on branch `main`.
    pub(crate) fn new() -> Self {
        let repo = Self::folder();
        repo.git(["init", "-q", "-b", "main"]);
        // In the repository too: tests that call the library run in the home of whoever tests.
        repo.git(["config", "user.name", "Ada"]);
        repo.git(["config", "user.email", "ada@example.org"]);
        repo.git(["config", "core.autocrlf", "false"]);
        repo
    }

    /// Makes a plain folder that is no repository.
    pub(crate) fn folder() -> Self {
        let temp = tempfile::tempdir().unwrap();
        for name in ["repo", "home", "tmp"] {
            fs::create_dir(temp.path().join(name)).unwrap();
        }
        let config = "[user]\n\tname = Ada\n\temail = ada@example.org\n";
        fs::write(temp.path().join("home/.gitconfig"), config).unwrap();
        Self { temp, far: None, env: BTreeMap::new() }
    }

    /// Returns the root of the work tree.
    pub(crate) fn root(&self) -> PathBuf {
        self.temp.path().join("repo")
    }

    /// Returns the folder that holds the work tree, the home and the playbook.
    pub(crate) fn outside(&self) -> &Path {
        self.temp.path()
    }

    /// Returns a path below the root.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root().join(path)
    }

    /// Sets a variable for every program that is started from now on.
    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes a file, and the folders above it.
    #[must_use]
    pub(crate) fn file(self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    /// Writes several text files.
    #[must_use]
    pub(crate) fn files<'a>(self, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        files.into_iter().fold(self, |repo, (path, text)| repo.file(path, text))
    }

    /// Writes an executable file.
    #[must_use]
    pub(crate) fn script(self, path: impl AsRef<Path>, text: &str) -> Self {
        self.write(&path, text);
        executable(&self.path(path));
        self
    }

    /// Makes a symbolic link.
    #[must_use]
    pub(crate) fn link(self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    /// Writes the playbook `../play.toml`.
    #[must_use]
    pub(crate) fn playbook(self, text: &str) -> Self {
        fs::write(self.temp.path().join("play.toml"), text).unwrap();
        self
    }

    /// Commits everything, ignored files aside.
    #[must_use]
    pub(crate) fn commit(self, message: &str) -> Self {
        self.git(["add", "--all"]);
        self.git(["commit", "-q", "--allow-empty", "-m", message]);
        self
    }

    /// Puts the git directory on another file system than the work tree, where the system has one.
    #[must_use]
    pub(crate) fn far(mut self) -> Self {
        let device = |path: &Path| fs::metadata(path).ok().map(|it| it.dev());
        let other = Path::new("/dev/shm");
        if device(other).is_some_and(|it| Some(it) != device(self.temp.path())) {
            self.put_far(tempfile::tempdir_in(other).unwrap(), &self.path(".git"));
            fs::remove_dir_all(self.path(".git")).unwrap();
            self.link_far();
        }
        self
    }

    /// Copies a repository, with all that is around it.
    pub(crate) fn copy(&self) -> Self {
        let mut copy = Self { env: self.env.clone(), ..Self::folder() };
        for entry in fs::read_dir(self.outside()).unwrap() {
            self.copy_all(&entry.unwrap().path(), copy.outside());
        }
        if let Some(far) = &self.far {
            copy.put_far(tempfile::tempdir_in("/dev/shm").unwrap(), &far.path().join(".git"));
            copy.link_far();
        }
        copy
    }

    fn put_far(&mut self, far: tempfile::TempDir, git_dir: &Path) {
        self.copy_all(git_dir, far.path());
        self.far = Some(far);
    }

    fn link_far(&self) {
        let far = self.far.as_ref().unwrap().path().join(".git");
        self.write(".git", format!("gitdir: {}\n", far.display()));
    }

    fn copy_all(&self, from: &Path, to: &Path) {
        let mut command = self.command("cp", Path::new("/"));
        assert!(command.arg("-a").arg(from).arg(to).status().unwrap().success(), "{command:?}");
    }

    /// Writes a file of a repository that is already built.
    pub(crate) fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Reads a file of the work tree.
    #[track_caller]
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs git in the repository, and returns its stdout without the last line end.
    #[track_caller]
    pub(crate) fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let mut command = self.command("git", &self.root());
        let output = command.args(args).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?} failed:\n{error}");
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Runs git, and returns whatever comes of it.
    pub(crate) fn try_git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        self.command("git", &self.root()).args(args).output().unwrap()
    }

    /// Runs the program in the root of the work tree, without a terminal.
    #[must_use]
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        self.run_in("", args)
    }

    /// Runs the program in a folder below the root.
    #[must_use]
    pub(crate) fn run_in<S: AsRef<OsStr>>(
        &self,
        folder: impl AsRef<Path>,
        args: impl IntoIterator<Item = S>,
    ) -> Ran {
        let args: Vec<S> = args.into_iter().collect();
        let words: Vec<_> = args.iter().map(|it| it.as_ref().to_string_lossy()).collect();
        let shown = format!("overhaul {}", words.join(" "));
        let mut command = self.command(env!("CARGO_BIN_EXE_overhaul"), &self.path(folder));
        self.ran(shown, command.args(&args))
    }

    /// Runs the program on a terminal, and gives each of its questions the next of the answers;
    /// what it shows on either stream is the `stdout` of what comes back.
    #[must_use]
    pub(crate) fn run_on_terminal<S: AsRef<OsStr>>(
        &self,
        answers: &[&str],
        args: impl IntoIterator<Item = S>,
    ) -> Ran {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/terminal.py");
        let answers = serde_json::json!(answers).to_string();
        let mut command = self.command("python3", &self.root());
        let program = env!("CARGO_BIN_EXE_overhaul");
        self.ran(
            "overhaul on a terminal".to_owned(),
            command.args([script, &answers, program]).args(args),
        )
    }

    /// Runs a program to its end.
    fn ran(&self, shown: String, command: &mut Command) -> Ran {
        let output = command.output().unwrap();
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let real = |path: &Path| text(path.canonicalize().unwrap());
        let paths = [
            (real(&self.root()), "[ROOT]"),
            (text(self.root()), "[ROOT]"),
            (real(self.outside()), "[TEMP]"),
            (text(self.outside().to_owned()), "[TEMP]"),
        ];
        Ran::new(shown, &output, &paths)
    }

    /// Prepares any program in the hermetic environment, for what [`Repo::run`] does not cover.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let home = self.temp.path().join("home");
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("TMPDIR", self.temp.path().join("tmp"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", DATE)
            .env("GIT_COMMITTER_DATE", DATE)
            .env("LC_ALL", "C.UTF-8")
            .envs(&self.env);
        command
    }

    /// Returns everything that is in the repository now, to compare with later.
    pub(crate) fn state(&self) -> State {
        State::of(&self.root())
    }
}

/// Makes a file executable.
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
