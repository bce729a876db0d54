//! Cleaning up after a kill: every command that writes begins with this, so it finds a repository
//! in which each run happened or did not.

use super::error::HostError;
use super::lock::Lock;
use super::repo::Repo;
use super::runs::{Record, Stage, record, records};
use super::{branch, runs, switch, trash, undo};

/// What a killed command left half done, and nobody has ended yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interrupted {
    /// A switch to this branch.
    Switch(String),
    /// What this run moves between the disk and the trash.
    Move(String),
}

/// Looks whether a killed command left something half done that a reader could stumble over.
///
/// # Errors
/// When what was written down of it cannot be read.
pub fn interrupted(repo: &Repo) -> Result<Option<Interrupted>, HostError> {
    if !switch::is_under_way(repo) && moving(repo)?.is_none() {
        return Ok(None);
    }
    // Whoever writes now may be the one that does it.
    let found = Lock::unless_held(repo, || match switch::branch(repo)? {
        Some(branch) => Ok(Some(Interrupted::Switch(branch))),
        None => Ok(moving(repo)?.map(Interrupted::Move)),
    });
    Ok(found?.flatten())
}

/// Ends what a kill interrupted, as any command does that writes, and returns what it was.
///
/// # Errors
/// When another overhaul is at work, or the disk fails.
pub fn end_interrupted(repo: &Repo) -> Result<Option<Interrupted>, HostError> {
    let found = interrupted(repo)?;
    if found.is_some() {
        recover(repo, &Lock::take(repo)?)?;
    }
    Ok(found)
}

/// Returns the run that moves something between the disk and the trash.
fn moving(repo: &Repo) -> Result<Option<String>, HostError> {
    for id in trash::movers(repo)? {
        let record = match record(repo, &id.to_string()) {
            Err(HostError::UnknownRun(_)) => continue,
            record => record?,
        };
        let ending = match &record.stage {
            Stage::Publishing => record.resolved(repo)?.is_none(),
            Stage::Undoing(_) => true,
            Stage::Published | Stage::Undone(_) => false,
        };
        if trash::is_under_way(repo, id, ending)? {
            return Ok(Some(record.id.to_string()));
        }
    }
    Ok(None)
}

/// Finishes or reverts what was left half done.
pub(super) fn recover(repo: &Repo, lock: &Lock) -> Result<(), HostError> {
    switch::finish(repo, lock)?;
    runs::sweep(repo)?;
    let mut known = Vec::new();
    for mut record in records(repo)? {
        let swept = match &record.stage {
            Stage::Publishing | Stage::Undoing(None) => record.branch.as_ref(),
            Stage::Undoing(revert) => revert.as_ref(),
            Stage::Published | Stage::Undone(_) => None,
        };
        swept.map_or(Ok(()), |it| branch::sweep(repo, it))?;
        let Some(stage) = record.resolved(repo)? else {
            take_back(repo, &mut record, &mut known)?;
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

/// Takes back what a run took off the disk that never happened, and forgets the run. Where something
/// else stands in a place by now, the run stays, undone, for what its trash keeps.
fn take_back(repo: &Repo, record: &mut Record, known: &mut Vec<u64>) -> Result<(), HostError> {
    if record.work_tree != repo.work_tree_name() {
        // Its trash is for the next command there, and without a record nobody would know of it.
        return if trash::is_elsewhere(repo, record) { Ok(()) } else { record.forget(repo) };
    }
    if trash::give_back(repo, record.id)?.is_empty() {
        return record.forget(repo);
    }
    known.push(record.id);
    record.stage = Stage::Undone(None);
    record.save(repo)
}
