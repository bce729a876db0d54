//! Paths in lists of what tools leave alone: `.gitignore`, `.dockerignore`.

use super::values::{Means, Value};
use crate::path::RepoPath;

/// Finds the lines that are paths from the root: those of a list that stands there, and that no file
/// of the same name at any depth fits.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    if path.depth() > 1 {
        return Vec::new();
    }
    let mut values = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        let pattern = text.strip_prefix('!').unwrap_or(text);
        let start = at + text.len() - pattern.len();
        let anchored = path.name_str() == ".dockerignore"
            || pattern.strip_suffix('/').unwrap_or(pattern).contains('/');
        if anchored && !pattern.starts_with('#') {
            let span = start..start + pattern.len();
            values.push(Value { span, means: Means::Paths, bare_key: false });
        }
        at += line.len();
    }
    values
}
