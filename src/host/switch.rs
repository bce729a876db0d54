//! `--switch`: moving a clean checkout to the branch of a run.
//!
//! git deletes the files that the branch does not track any more; they come back from the trash. A
//! note left beside the trash lets the next command finish that after a kill.

use std::fs;
use std::path::PathBuf;

use super::error::{HostError, Refusal};
use super::git::complaint;
use super::lock::Lock;
use super::recover::recover;
use super::repo::Repo;
use super::runs::record;
use super::status::Status;
use super::trash::{self, Restored};

/// Refuses a work tree whose changes a switch would carry along.
///
/// # Errors
/// When there are any, or git cannot tell.
pub fn check_clean(repo: &Repo) -> Result<(), HostError> {
    match Status::read(repo.git())?.dirty.into_iter().next() {
        Some(path) => Err(Refusal::Dirty(path).into()),
        None => Ok(()),
    }
}

/// Checks out the branch of a run, and brings back from its trash what git deletes by that.
///
/// # Errors
/// When the work tree has changes, or git does not switch.
pub fn switch(repo: &Repo, run: &str) -> Result<Restored, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    let record = record(repo, run)?;
    check_clean(repo)?;
    let note = note(repo);
    let failed = |error| HostError::disk("write", &note, error);
    fs::create_dir_all(repo.dir_of(repo.work_tree_name())).map_err(failed)?;
    fs::write(&note, record.id.to_string()).map_err(failed)?;
    let output = repo.git().output(&["switch", "--quiet", "--no-guess", &record.branch])?;
    if !output.status.success() {
        fs::remove_file(&note).map_err(failed)?;
        let reason = complaint(&output);
        return Err(Refusal::NoSwitch { branch: record.branch, reason }.into());
    }
    finish(repo, &lock)
}

/// Brings back what an interrupted switch deleted.
pub(super) fn finish(repo: &Repo, lock: &Lock) -> Result<Restored, HostError> {
    let note = note(repo);
    let Some(id) = fs::read_to_string(&note).ok().and_then(|it| it.parse().ok()) else {
        return Ok(Restored::default());
    };
    let restored = trash::bring_back(repo, id, lock)?;
    fs::remove_file(&note).map_err(|error| HostError::disk("remove", &note, error))?;
    Ok(restored)
}

fn note(repo: &Repo) -> PathBuf {
    repo.dir_of(repo.work_tree_name()).join("switching")
}
