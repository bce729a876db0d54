//! A small repository made from nothing, for `demo`: the same commit on every machine and any day.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};

use super::error::HostError;

/// Noon of 15 October 2025, UTC.
const DATE: i64 = 1_760_529_600;

/// A repository that is removed when this goes, unless it was made to be kept.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Scratch {
    /// Makes a repository with one commit of `files` (path and text): in the new folder `keep`, or
    /// in a temporary one.
    ///
    /// # Errors
    /// When `keep` is there already, or the disk or git fails.
    pub fn new(keep: Option<&Path>, files: &[(&str, &str)]) -> Result<Self, HostError> {
        let scratch = match keep {
            Some(folder) => {
                fs::create_dir(folder).map_err(|error| HostError::disk("create", folder, error))?;
                Self { root: folder.to_owned(), _temporary: None }
            }
            None => {
                let temporary = tempfile::Builder::new().prefix("overhaul-").tempdir();
                let temporary = temporary.map_err(|error| {
                    HostError::disk("create a folder in", &std::env::temp_dir(), error)
                })?;
                Self { root: temporary.path().to_owned(), _temporary: Some(temporary) }
            }
        };
        for (path, text) in files {
            write(&scratch.root.join(path), text)?;
        }
        commit(&scratch.root).map_err(|error| HostError::store("make the repository", &error))?;
        Ok(scratch)
    }

    /// Returns the root of the work tree.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

fn write(file: &Path, text: &str) -> Result<(), HostError> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| HostError::disk("create", folder, error))?;
    }
    fs::write(file, text).map_err(|error| HostError::disk("write", file, error))
}

fn commit(root: &Path) -> Result<(), git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main").no_reinit(true).external_template(false);
    let repository = Repository::init_opts(root, &options)?;
    // Commits need an identity, and a new machine has none.
    let mut config = repository.config()?;
    config.set_str("user.name", "Ada")?;
    config.set_str("user.email", "ada@example.org")?;
    let mut index = repository.index()?;
    index.add_all(["*"], IndexAddOption::FORCE, None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let ada = Signature::new("Ada", "ada@example.org", &Time::new(DATE, 0))?;
    repository.commit(Some("HEAD"), &ada, &ada, "As it was found", &tree, &[])?;
    Ok(())
}
