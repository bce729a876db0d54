//! What a run of the program left behind, and assertions on it.

use std::process::Output;

/// A finished run. Every assertion gives the run back, so they chain.
#[derive(Debug)]
pub(crate) struct Ran {
    shown: String,
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// Takes what the process gave; `paths` are replaced by their names, as `[ROOT]`.
    pub(crate) fn new(shown: String, output: &Output, paths: &[(String, &str)]) -> Self {
        let clean = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            paths.iter().fold(text, |text, (path, name)| text.replace(path, name))
        };
        Self {
            shown,
            exit: output.status.code(),
            stdout: clean(&output.stdout),
            stderr: clean(&output.stderr),
        }
    }

    /// Expects this exit code.
    #[track_caller]
    pub(crate) fn exit(self, expected: i32) -> Self {
        assert_eq!(self.exit, Some(expected), "exit code of {self}");
        self
    }

    /// Expects exactly this on stdout.
    #[track_caller]
    pub(crate) fn stdout(self, expected: &str) -> Self {
        snapbox::assert_data_eq!(&self.stdout, snapbox::Data::text(expected).raw());
        self
    }

    /// Expects exactly this on stderr.
    #[track_caller]
    pub(crate) fn stderr(self, expected: &str) -> Self {
        snapbox::assert_data_eq!(&self.stderr, snapbox::Data::text(expected).raw());
        self
    }

    /// Expects `part` somewhere on stdout.
    #[track_caller]
    pub(crate) fn stdout_has(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "stdout lacks `{part}` in {self}");
        self
    }

    /// Expects `part` somewhere on stderr.
    #[track_caller]
    pub(crate) fn stderr_has(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "stderr lacks `{part}` in {self}");
        self
    }

    /// Expects `part` nowhere on stdout.
    #[track_caller]
    pub(crate) fn stdout_lacks(self, part: &str) -> Self {
        assert!(!self.stdout.contains(part), "stdout has `{part}` in {self}");
        self
    }

    /// Expects `part` nowhere on stderr.
    #[track_caller]
    pub(crate) fn stderr_lacks(self, part: &str) -> Self {
        assert!(!self.stderr.contains(part), "stderr has `{part}` in {self}");
        self
    }

    /// Returns stdout, for a look at more than its text.
    pub(crate) fn text(&self) -> &str {
        &self.stdout
    }

    /// Reads stdout as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("stdout is no JSON ({error}) in {self}"),
        }
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "`{}` (exit {:?})", self.shown, self.exit)?;
        write!(f, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}
