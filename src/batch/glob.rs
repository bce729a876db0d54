//! Folders that a pattern matches, as a shell would find them.
//!
//! `*` does not match a hidden folder, and `**`, any depth, does not look into repositories: it is
//! for finding them. Files are no repositories, so no pattern matches them.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::error::BatchError;
use crate::host::list_folder;

/// Tells whether a text is meant as a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// Returns the folders that `pattern` matches, sorted; where it ends in `**`, only repositories.
///
/// # Errors
/// When it is no pattern, or a folder cannot be listed.
pub(super) fn folders(pattern: &str) -> Result<Vec<PathBuf>, BatchError> {
    let mut found = vec![PathBuf::new()];
    for part in Path::new(pattern).components() {
        let named = matches!(part, Component::Normal(_));
        let text = part.as_os_str().to_str().filter(|it| named && is_pattern(it));
        let mut next = Vec::new();
        for folder in found {
            match text {
                Some("**") => below(&mut next, folder)?,
                Some(text) => matching(&mut next, &folder, &matcher(pattern, text)?, text)?,
                None => next.extend(Some(folder.join(part)).filter(|it| it.is_dir())),
            }
        }
        found = next;
    }
    if pattern.ends_with("**") {
        found.retain(|it| is_repository(it));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Collects the folders in `folder` of which the name matches.
fn matching(
    acc: &mut Vec<PathBuf>,
    folder: &Path,
    names: &GlobMatcher,
    text: &str,
) -> Result<(), BatchError> {
    let hidden_too = text.starts_with('.');
    let fits = |it: &PathBuf| {
        let name = it.file_name().unwrap_or_default();
        (hidden_too || !is_hidden(name)) && names.is_match(Path::new(name)) && it.is_dir()
    };
    let entries = list_folder(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    let named = entries.into_iter().filter(fits);
    acc.extend(named.filter_map(|it| Some(folder.join(it.file_name()?))));
    Ok(())
}

/// Collects `folder` and the folders below it, without those in repositories.
fn below(acc: &mut Vec<PathBuf>, folder: PathBuf) -> Result<(), BatchError> {
    let mut open = vec![folder.clone()];
    acc.push(folder);
    while let Some(folder) = open.pop() {
        let mut inside = Vec::new();
        let any = Glob::new("*").map_err(|source| no_pattern("*", source))?.compile_matcher();
        matching(&mut inside, &folder, &any, "*")?;
        // Through a link one could come back to where one was.
        inside.retain(|it| !it.is_symlink());
        open.extend(inside.iter().filter(|it| !is_repository(it)).cloned());
        acc.extend(inside);
    }
    Ok(())
}

fn matcher(pattern: &str, part: &str) -> Result<GlobMatcher, BatchError> {
    let glob = Glob::new(part).map_err(|source| no_pattern(pattern, source))?;
    Ok(glob.compile_matcher())
}

fn no_pattern(pattern: &str, source: globset::Error) -> BatchError {
    BatchError::Pattern { pattern: pattern.to_owned(), source }
}

fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
