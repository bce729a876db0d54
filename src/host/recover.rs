//! Cleaning up after a kill: every command that writes begins with this, so it finds a repository
//! in which each run happened or did not.

use super::error::HostError;
use super::lock::Lock;
use super::repo::Repo;
use super::runs::{Stage, records};
use super::{branch, runs, switch, trash, undo};

/// Finishes or reverts what was left half done.
pub(super) fn recover(repo: &Repo, lock: &Lock) -> Result<(), HostError> {
    switch::finish(repo, lock)?;
    runs::sweep(repo)?;
    let mut known = Vec::new();
    for mut record in records(repo)? {
        match &record.stage {
            Stage::Publishing | Stage::Undoing(None) => branch::sweep(repo, &record.branch)?,
            Stage::Undoing(Some(revert)) => branch::sweep(repo, revert)?,
            Stage::Published | Stage::Undone(_) => {}
        }
        let Some(stage) = record.resolved(repo)? else {
            record.forget(repo)?;
            continue;
        };
        known.push(record.id);
        if stage == record.stage {
            continue;
        }
        if matches!(stage, Stage::Undone(_)) {
            // Its trash is where it was made, and there it is for the next command to end this.
            if record.work_tree == repo.work_tree_name() {
                undo::finish(repo, &mut record, lock)?;
            }
            continue;
        }
        record.stage = stage;
        record.save(repo)?;
    }
    trash::finish(repo, &known, lock)
}
