//! Finds the playbook that a word names: a file, one of the binary, or one of the repository.

use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::finding::nearest;
use crate::flow::{Found, Origin};
use crate::host::{self, Repo};
use crate::playbook::SHIPPED;

/// The folder of a repository where its own playbooks are.
pub(crate) const OWN: &str = ".overhaul/playbooks";

/// Finds the playbook that `word` names: an existing file, a shipped one, one of the repository.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn find(word: &str, repo: Option<&Repo>) -> Result<Found, CliError> {
    if Path::new(word).is_file() || word.contains('/') || word.ends_with(".toml") {
        let bytes = host::read_file(Path::new(word))?;
        let found = Found { file: word.to_owned(), bytes, origin: Origin::User };
        return Ok(repo.into_iter().fold(found, |it, repo| it.seen_from(repo)));
    }
    if let Some(shipped) = SHIPPED.iter().find(|it| it.name == word) {
        return Ok(Found {
            file: shipped.file.to_owned(),
            bytes: shipped.text.into(),
            origin: Origin::Shipped,
        });
    }
    let own = own(repo)?;
    match own.iter().find(|(name, _)| name == word) {
        Some((name, path)) => Ok(Found {
            file: format!("{OWN}/{name}.toml"),
            bytes: host::read_file(path)?,
            origin: Origin::Repository,
        }),
        None => Err(unknown(word, &own)),
    }
}

/// Returns the names and files of the repository's own playbooks, sorted.
///
/// # Errors
/// When the folder is there and cannot be read.
pub(crate) fn own(repo: Option<&Repo>) -> Result<Vec<(String, PathBuf)>, CliError> {
    let Some(repo) = repo else { return Ok(Vec::new()) };
    let files = host::list_folder(&repo.root().join(OWN))?;
    let named = files.into_iter().filter(|it| it.extension().is_some_and(|it| it == "toml"));
    let name = |path: PathBuf| Some((path.file_stem()?.to_str()?.to_owned(), path));
    Ok(named.filter_map(name).collect())
}

fn unknown(word: &str, own: &[(String, PathBuf)]) -> CliError {
    let error = CliError::usage(format!("there is no playbook `{word}`"));
    let names = SHIPPED.iter().map(|it| it.name).chain(own.iter().map(|(name, _)| name.as_str()));
    match nearest(word, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("name a file, or one of those that `overhaul playbook list` shows"),
    }
}
