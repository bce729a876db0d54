//! The repositories of a campaign: each once, however often and by whatever path it is named.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::error::BatchError;
use super::glob;
use crate::host::shared_git_dir;
use crate::path::quoted;
use crate::tree::blob_id;

/// How long the readable part of a result's name may be.
const LONGEST_NAME: usize = 60;

/// The repositories of a campaign.
#[derive(Debug)]
pub struct Repositories {
    list: Vec<Repository>,
    doubles: Vec<(String, String)>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Where it is: absolute, and without links where it is there.
    pub path: PathBuf,
    /// The path as text; what is not UTF-8 as git quotes it.
    pub shown: String,
    /// The name of its result, without the extension.
    pub name: String,
    /// The repository of the list that this one is a linked work tree of.
    pub same_as: Option<String>,
}

impl Repositories {
    /// Finds what words name: a folder each, or a pattern. The folder of the results, where it lies
    /// among them, is none of them.
    ///
    /// # Errors
    /// When nothing is named, or a pattern matches nothing.
    pub fn find(words: &[OsString], output: &Path) -> Result<Self, BatchError> {
        let output = place_of(output)?;
        let mut named = BTreeMap::new();
        let mut doubles = Vec::new();
        for word in words {
            for path in folders(word)? {
                let place = place_of(&path)?;
                if place == output && shared_git_dir(&place).is_none() {
                    continue;
                }
                let shown = shown(&path);
                if let Some(first) = named.get(&place) {
                    doubles.push((shown, String::clone(first)));
                } else {
                    named.insert(place, shown);
                }
            }
        }
        if named.is_empty() {
            return Err(BatchError::Nothing);
        }
        Ok(Self { list: listed(named.into_keys()), doubles })
    }

    /// Returns them, sorted by path.
    #[must_use]
    pub fn list(&self) -> &[Repository] {
        &self.list
    }

    /// Returns what was named more than once: the second word, and the first.
    #[must_use]
    pub fn doubles(&self) -> &[(String, String)] {
        &self.doubles
    }

    /// Returns the paths by the name of the result.
    pub(super) fn named(&self) -> BTreeMap<String, String> {
        self.list.iter().map(|it| (it.name.clone(), it.shown.clone())).collect()
    }
}

/// Returns what a word names: itself, unless it is only a pattern.
fn folders(word: &OsString) -> Result<Vec<PathBuf>, BatchError> {
    let path = PathBuf::from(word);
    match word.to_str().filter(|text| glob::is_pattern(text) && !path.exists()) {
        None => Ok(vec![path]),
        Some(pattern) => match glob::folders(pattern)? {
            found if found.is_empty() => Err(BatchError::NoMatch(pattern.to_owned())),
            found => Ok(found),
        },
    }
}

/// Returns the one path of a folder; of one that is not there, what can be told of it.
fn place_of(path: &Path) -> Result<PathBuf, BatchError> {
    let place = path.canonicalize().or_else(|_| std::path::absolute(path));
    place.map_err(|error| BatchError::disk("find", path, error))
}

/// Names the results, and finds out which folders are work trees of one repository: the main work
/// tree stands for it, or else the first one.
fn listed(paths: impl Iterator<Item = PathBuf>) -> Vec<Repository> {
    let paths: Vec<(PathBuf, Option<PathBuf>)> =
        paths.map(|path| (path.clone(), shared_git_dir(&path))).collect();
    let mut first: BTreeMap<&Path, &Path> = BTreeMap::new();
    for (path, shared) in &paths {
        let Some(shared) = shared else { continue };
        if shared.parent() == Some(path) {
            first.insert(shared, path);
        } else {
            first.entry(shared).or_insert(path);
        }
    }
    let same_as = |path: &Path, shared: Option<&PathBuf>| {
        let other = first.get(shared?.as_path()).filter(|it| **it != path)?;
        Some(shown(other))
    };
    paths
        .iter()
        .map(|(path, shared)| Repository {
            path: path.clone(),
            shown: shown(path),
            name: name(path),
            same_as: same_as(path, shared.as_ref()),
        })
        .collect()
}

fn shown(path: &Path) -> String {
    quoted(path.as_os_str().as_bytes())
}

/// Returns a name that tells a person which folder it is, and that no other folder has.
fn name(path: &Path) -> String {
    let folder = path.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let readable: String =
        folder.chars().map(|c| if plain(c) { c } else { '-' }).take(LONGEST_NAME).collect();
    let digest = blob_id(path.as_os_str().as_bytes()).to_string();
    match readable.trim_start_matches(['.', '-']) {
        "" => format!("repository-{}", &digest[..12]),
        readable => format!("{readable}-{}", &digest[..12]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, head: &str) {
        let name = name(Path::new(path));
        let (readable, digest) = name.rsplit_once('-').unwrap();
        assert_eq!((readable, digest.len()), (head, 12), "{name}");
    }

    #[test]
    fn a_result_has_the_name_of_its_folder() {
        check("/a/gateway", "gateway");
        check("/a/my service", "my-service");
        check("/a/größe", "gr--e");
        check("/a/.hidden", "hidden");
        check("/", "repository");
        assert_ne!(name(Path::new("/a/gateway")), name(Path::new("/b/gateway")));
        assert!(name(Path::new(&format!("/{}", "x".repeat(255)))).len() < 80);
    }
}
