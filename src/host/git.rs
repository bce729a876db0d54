//! The one place that starts `git`, with everything switched off by which a repository, or a
//! configuration, could make it run code, wait for a person, or write.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use super::error::{Cause, HostError};
use super::lock::Lock;

/// Settings that win over every configuration file.
const DISARMED: [(&str, &str); 12] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("core.editor", "false"),
    ("credential.helper", ""),
    ("protocol.allow", "never"),
    ("submodule.recurse", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("commit.gpgSign", "false"),
    ("status.showUntrackedFiles", "all"),
];

/// Variables of git that say who commits and which files configure git; all others that begin with
/// `GIT_` are kept from it, for they could lead it to another repository, or to a program.
const KEPT: [&str; 6] = [
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
];

/// The `git` program, at work in one folder.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    filters: Vec<String>,
    index: Option<PathBuf>,
    held: Option<Arc<File>>,
}

impl Git {
    /// Prepares to run git in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), filters: Vec::new(), index: None, held: None }
    }

    /// Overrides these filters as well.
    pub(super) fn without_filters(self, filters: Vec<String>) -> Self {
        Self { filters, ..self }
    }

    /// Uses this index, where there is one, instead of the work tree's.
    pub(super) fn with_index(self, index: Option<PathBuf>) -> Self {
        Self { index, ..self }
    }

    /// Lets git hold the lock as well, for as long as it runs: where we are killed and git goes on,
    /// nobody else begins.
    pub(super) fn holding(self, lock: &Lock) -> Self {
        Self { held: Some(lock.file()), ..self }
    }

    /// Runs git, and returns its stdout.
    pub(super) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, HostError> {
        let output = self.output(args)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(failure(args, &output))
    }

    /// Runs git where it writes. `switch` and `config` end well even where they say that they
    /// could not.
    pub(super) fn write<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<(), HostError> {
        let output = self.output(args)?;
        let text = String::from_utf8_lossy(&output.stderr);
        let failed = |it: &str| it.starts_with("error: ") || it.starts_with("warning: unable to");
        if output.status.success() && !text.lines().any(failed) {
            return Ok(());
        }
        Err(failure(args, &output))
    }

    /// Runs git, and returns whatever comes of it.
    pub(super) fn output<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output, HostError> {
        self.command(&["--literal-pathspecs"], args)?.output().map_err(HostError::NoGit)
    }

    /// Starts git, and does not wait for it. It must be a git that only reads.
    pub(super) fn begin(&self, args: &[&str]) -> Result<Running, HostError> {
        Running::of(self.command(&["--literal-pathspecs"], args)?, args)
    }

    /// As [`Git::begin`], for arguments with pathspecs that are patterns.
    pub(super) fn begin_pathspecs(&self, args: &[&str]) -> Result<Running, HostError> {
        Running::of(self.command(&[], args)?, args)
    }

    /// Prepares git, disarmed.
    fn command<S: AsRef<OsStr>>(&self, first: &[&str], args: &[S]) -> Result<Command, HostError> {
        let mut command = Command::new("git");
        command.args(["--no-pager", "--no-optional-locks"]).args(first);
        for (name, _) in std::env::vars_os() {
            let kept = KEPT.iter().any(|it| name.as_encoded_bytes().starts_with(it.as_bytes()));
            if name.as_encoded_bytes().starts_with(b"GIT_") && !kept {
                command.env_remove(name);
            }
        }
        command.envs(self.index.iter().map(|it| ("GIT_INDEX_FILE", it)));
        // The lock is on what was opened, and so goes with any handle of it; git does not read it.
        let stdin = match &self.held {
            Some(file) => Stdio::from(file.try_clone().map_err(HostError::NoGit)?),
            None => Stdio::null(),
        };
        let settings = self.settings();
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (number, (key, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{number}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        command
            .args(args)
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .stdin(stdin);
        Ok(command)
    }

    fn settings(&self) -> Vec<(String, String)> {
        let inherited = inherited_settings();
        let disarmed = DISARMED.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let filters = self.filters.iter().flat_map(|name| {
            [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")]
                .map(|(key, value)| (format!("filter.{name}.{key}"), value.to_owned()))
        });
        inherited.into_iter().chain(disarmed).chain(filters).collect()
    }
}

/// A git that reads something while we do something else; nobody wants to know any more where it is
/// dropped.
#[derive(Debug)]
pub(super) struct Running {
    child: Option<Child>,
    args: Vec<String>,
}

impl Running {
    fn of(mut command: Command, args: &[&str]) -> Result<Self, HostError> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(HostError::NoGit)?;
        Ok(Self { child: Some(child), args: args.iter().map(|it| (*it).to_owned()).collect() })
    }

    /// Waits for its end, and returns its stdout.
    pub(super) fn end(mut self) -> Result<Vec<u8>, HostError> {
        let Some(child) = self.child.take() else { return Ok(Vec::new()) };
        let output = child.wait_with_output().map_err(HostError::NoGit)?;
        if output.status.success() { Ok(output.stdout) } else { Err(failure(&self.args, &output)) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

/// Returns the settings that whoever started overhaul gave in the environment, such as
/// `safe.directory` in a container.
fn inherited_settings() -> Vec<(String, String)> {
    let count = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|it| it.parse().ok()).unwrap_or(0);
    let of = |number: usize| {
        let key = std::env::var(format!("GIT_CONFIG_KEY_{number}")).ok()?;
        Some((key, std::env::var(format!("GIT_CONFIG_VALUE_{number}")).ok()?))
    };
    (0..count).map_while(of).collect()
}

fn failure<S: AsRef<OsStr>>(args: &[S], output: &Output) -> HostError {
    let words: Vec<_> = args.iter().map(|it| it.as_ref().to_string_lossy()).collect();
    HostError::Program { command: words.join(" "), source: Cause(complaint(output)) }
}

/// Returns what git complains about, in one line and without its "fatal: ".
pub(super) fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.starts_with("hint:")).unwrap_or("it said nothing");
    let kinds = ["fatal: ", "error: ", "warning: "];
    let line = kinds.iter().find_map(|it| line.strip_prefix(it)).unwrap_or(line);
    line.trim().to_owned()
}

/// git's configuration: what is set, by key, the last value winning.
#[derive(Debug, Clone, Default)]
pub(super) struct Config(BTreeMap<String, String>);

impl Config {
    /// Reads what `git config --list -z` prints: `key LF value NUL`, without LF for a bare key.
    pub(super) fn parse(listing: &[u8]) -> Self {
        let listing = String::from_utf8_lossy(listing);
        let pairs = listing.split('\0').filter(|it| !it.is_empty()).map(|record| {
            let (key, value) = record.split_once('\n').unwrap_or((record, "true"));
            (key.to_owned(), value.to_owned())
        });
        Self(pairs.collect())
    }

    /// Returns a value; `key` is in lower case.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Tells whether a switch is on, as git reads it.
    pub(super) fn is_on(&self, key: &str) -> bool {
        self.get(key).is_some_and(is_true)
    }

    /// Returns the keys and values of one section.
    pub(super) fn section<'a>(&'a self, head: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(key, _)| key.starts_with(head))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Tells whether git takes `value` for true.
pub(super) fn is_true(value: &str) -> bool {
    let known = ["true", "yes", "on"].iter().any(|it| value.eq_ignore_ascii_case(it));
    known || value.parse::<i64>().is_ok_and(|number| number != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_is_read_as_git_prints_it() {
        let config = Config::parse(b"core.sparsecheckout\nfalse\0core.bare\0a.b\nx\ny\0a.b\n2\0");
        assert!(!config.is_on("core.sparsecheckout"));
        assert!(config.is_on("core.bare"));
        assert!(config.is_on("a.b"), "the last value wins");
        assert_eq!(config.section("core.").count(), 2);
    }
}
