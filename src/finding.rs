//! The small words that every layer shares: how sure an edit is, how bad a finding.

use crate::path::RepoPath;

/// The ids of the rules of the audit, in alphabetical order: what a check of a playbook may name.
pub const RULES: [&str; 4] = ["import-cycle", "missing-name", "syntax-error", "unresolved-import"];

/// How sure overhaul is of an edit that it inferred. Ordered, so a threshold is one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Shown, never applied.
    Note,
    /// Probably right: shown, applied with `--include review`.
    Review,
    /// Keeps the meaning: applied.
    Safe,
}

impl Safety {
    /// Returns the word that users read and write.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Review => "review",
            Self::Safe => "safe",
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably wrong; an error under `--strict`.
    Warning,
    /// Wrong.
    Error,
}

/// Something that a person should know about one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file or folder, where there is one.
    pub path: Option<RepoPath>,
    /// The line, from 1, where there is one.
    pub line: Option<u32>,
    /// One sentence: lower case, objects in backticks, no full stop.
    pub message: String,
    /// What could be done about it.
    pub hint: Option<String>,
}

impl Finding {
    /// Makes a warning about `path`.
    #[must_use]
    pub fn warning(path: Option<RepoPath>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, path, line: None, message: message.into(), hint: None }
    }

    /// Makes an error about `path`: a step that finds one is not carried out.
    #[must_use]
    pub fn error(path: Option<RepoPath>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, path, line: None, message: message.into(), hint: None }
    }

    /// Makes a note about `path`.
    #[must_use]
    pub fn note(path: Option<RepoPath>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, path, line: None, message: message.into(), hint: None }
    }

    /// Adds the line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    /// Says all of it in one line.
    #[must_use]
    pub fn sentence(&self) -> String {
        let place = match (&self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            (Some(path), None) => format!("{path}: "),
            (None, _) => String::new(),
        };
        let hint = self.hint.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        format!("{place}{}{hint}", self.message)
    }

    /// Adds what could be done about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Returns the candidate nearest to `word`, where one is near enough to be a slip of the pen.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
