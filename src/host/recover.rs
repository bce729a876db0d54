//! Cleaning up after a kill: every command that writes begins with this, so it finds a repository
//! in which each run happened or did not.

use super::error::HostError;
use super::lock::Lock;
use super::repo::Repo;
use super::runs::{Stage, records};
use super::{branch, switch, trash};

/// Finishes or reverts what was left half done.
pub(super) fn recover(repo: &Repo, lock: &Lock) -> Result<(), HostError> {
    switch::finish(repo, lock)?;
    let mut known = Vec::new();
    for mut record in records(repo)? {
        if matches!(record.stage, Stage::Publishing | Stage::Undoing(_)) {
            branch::unlock(repo, &record.branch)?;
        }
        let Some(stage) = record.resolved(repo)? else {
            record.forget(repo)?;
            continue;
        };
        known.push(record.id);
        if stage == record.stage {
            continue;
        }
        if matches!(stage, Stage::Undone(_)) && record.work_tree == repo.work_tree_name() {
            trash::bring_back(repo, record.id, lock)?;
        }
        record.stage = stage;
        record.save(repo)?;
    }
    trash::forget_others(repo, &known)
}
