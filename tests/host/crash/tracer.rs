//! The tracer of `nth.c`, compiled when it is first asked for.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::Repo;

/// What happens at a writing call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing: the calls are counted.
    Count,
    /// The program, and all that it started, is killed before call N.
    Kill(usize),
    /// The program alone is killed; the git that it started goes on.
    Orphan(usize),
    /// Call N fails.
    Fail(usize, Error),
    /// The disk is full, or broken, from call N on.
    Full(usize, Error),
}

/// What a disk can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    Io,
    NoSpace,
    ReadOnly,
}

impl Error {
    fn number(self) -> &'static str {
        match self {
            Self::Io => "5",
            Self::NoSpace => "28",
            Self::ReadOnly => "30",
        }
    }

    /// Returns what the system says of it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Io => "Input/output error",
            Self::NoSpace => "No space left on device",
            Self::ReadOnly => "Read-only file system",
        }
    }
}

/// What came of a traced run.
#[derive(Debug)]
pub(super) struct Traced {
    /// The exit code; 137 where it was killed.
    pub(super) exit: i32,
    /// What it said on stderr.
    pub(super) said: String,
    /// The writing calls: what, and where.
    pub(super) calls: Vec<String>,
}

/// Runs overhaul in `repo` towards `fate`.
pub(super) fn run(repo: &Repo, args: &[&str], fate: Fate) -> Traced {
    let report = repo.outside().join("calls");
    let mut command = repo.command(tracer(), &repo.root());
    command.arg(&report);
    match fate {
        Fate::Count => command.arg("count"),
        Fate::Kill(number) => command.args(["kill", &number.to_string()]),
        Fate::Orphan(number) => command.args(["orphan", &number.to_string()]),
        Fate::Fail(number, error) => command.args(["fail", &number.to_string(), error.number()]),
        Fate::Full(number, error) => command.args(["full", &number.to_string(), error.number()]),
    };
    // One thread, so that call N is the same call each time.
    command.args(["--", env!("CARGO_BIN_EXE_overhaul")]).args(args).env("RAYON_NUM_THREADS", "1");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let exit = output.status.code().unwrap_or_else(|| panic!("the tracer died: {said}"));
    assert_ne!(exit, 125, "the tracer failed: {said}");
    let report = String::from_utf8_lossy(&std::fs::read(report).unwrap()).into_owned();
    Traced { exit, said, calls: report.lines().skip(1).map(str::to_owned).collect() }
}

fn tracer() -> &'static Path {
    static TRACER: OnceLock<PathBuf> = OnceLock::new();
    TRACER.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crash/nth.c");
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nth");
        let mut command = Command::new("cc");
        command.args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program).arg(source);
        assert!(command.status().unwrap().success(), "{command:?} failed");
        program
    })
}
