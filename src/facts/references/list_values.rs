//! Lists of paths, one a line: `.gitignore`, `.dockerignore`, `CODEOWNERS`, `MANIFEST.in`.

use super::values::{Means, Value};
use crate::path::RepoPath;
use crate::text::Span;

/// Tells whether a file is such a list.
pub(super) fn is_list(path: &RepoPath) -> bool {
    matches!(path.name_str(), ".gitignore" | ".dockerignore" | "CODEOWNERS" | "MANIFEST.in")
}

/// Finds the paths that count from the root: those of a list that stands there, and that no file of
/// the same name at any depth fits.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    let name = path.name_str();
    // Wherever it stands, it speaks of the whole repository.
    if path.depth() > 1 && name != "CODEOWNERS" {
        return Vec::new();
    }
    let mut values = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        let found = match name {
            "MANIFEST.in" => commanded(text),
            "CODEOWNERS" => anchored(text.split_whitespace().next().unwrap_or_default(), false),
            _ => anchored(text, name == ".dockerignore"),
        };
        if let Some(span) = found {
            let span = at + span.start..at + span.end;
            values.push(Value { span, means: Means::Paths, bare_key: false });
        }
        at += line.len();
    }
    values
}

/// Returns the pattern of an ignore file that counts from the folder of the list.
fn anchored(text: &str, always: bool) -> Option<Span> {
    let pattern = text.strip_prefix('!').unwrap_or(text);
    let counts = always || pattern.strip_suffix('/').unwrap_or(pattern).contains('/');
    (counts && !pattern.starts_with('#')).then(|| text.len() - pattern.len()..text.len())
}

/// Returns the paths behind a command of `MANIFEST.in`; what is behind a `global-` one counts nowhere.
fn commanded(text: &str) -> Option<Span> {
    let (command, paths) = text.split_once(char::is_whitespace)?;
    let is_path = matches!(
        command,
        "include" | "exclude" | "recursive-include" | "recursive-exclude" | "graft" | "prune"
    );
    is_path.then(|| text.len() - paths.len()..text.len())
}
