//! Taking a run back: its branch goes where nobody merged it, and a revert branch comes where
//! somebody did. What it put in the trash comes back.

use super::branch::{self, branch_name};
use super::error::{HostError, Refusal};
use super::files::settle;
use super::identity::Identity;
use super::lock::Lock;
use super::publish::write_commit;
use super::recover::recover;
use super::repo::{Repo, oid_of};
use super::runs::{Record, Stage, record};
use super::trash::{self, Restored, Which};
use crate::path::RepoPath;
use crate::tree::Id;

/// What taking back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What became of the branch.
    pub how: How,
    /// The branch that has the changes all the same, by other commits, where the run's own was
    /// deleted: as after a squash merge.
    pub remains: Option<String>,
    /// What came out of the trash.
    pub trash: Restored,
}

/// How a run is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Its branch was not merged, and is deleted.
    BranchDeleted(String),
    /// It was merged: this new branch takes its changes out of where they were merged.
    RevertBranch(String),
    /// It had no branch: there was nothing to commit.
    DiskOnly,
}

/// Takes a run back.
///
/// # Errors
/// When the branch is checked out or carries the commits of others, later commits stand in the way,
/// it was undone before, or something fails. The run then stands as it was.
pub fn undo(repo: &Repo, id: &str) -> Result<Undone, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    let mut record = record(repo, id)?;
    if matches!(record.stage, Stage::Undone(_)) {
        return Err(Refusal::Undone(id.to_owned()).into());
    }
    trash::check_here(repo, &record)?;
    let Some(branch) = record.branch.clone() else {
        return undo_on_disk(repo, record, &lock);
    };
    let (how, remains) = match record.landed(repo)? {
        Some(place) => (revert(repo, &mut record, &branch, place)?, None),
        None => delete(repo, &mut record, branch)?,
    };
    let trash = finish(repo, &mut record, &lock)?;
    Ok(Undone { how, remains, trash })
}

/// Takes back a run that only took something off the disk.
fn undo_on_disk(repo: &Repo, mut record: Record, lock: &Lock) -> Result<Undone, HostError> {
    record.stage = Stage::Undoing(None);
    record.save(repo)?;
    match finish(repo, &mut record, lock) {
        Ok(trash) => Ok(Undone { how: How::DiskOnly, remains: None, trash }),
        Err(error) => {
            record.stage = Stage::Published;
            // What failed first is what is told.
            let _ = record.save(repo);
            Err(error)
        }
    }
}

/// Ends the undoing of a run whose branch is gone, or has its revert: what it left behind goes, and
/// its trash comes back.
pub(super) fn finish(repo: &Repo, record: &mut Record, lock: &Lock) -> Result<Restored, HostError> {
    let Stage::Undoing(revert) = record.stage.clone() else { return Ok(Restored::default()) };
    if let (None, Some(branch)) = (&revert, &record.branch) {
        branch::forget(repo, branch, lock)?;
    }
    let restored = trash::bring_back(repo, record.id, Which::All, lock)?;
    if restored.kept.is_empty() {
        settle(repo.root())?;
        trash::discard(repo, record.id)?;
    }
    record.stage = Stage::Undone(revert);
    record.save(repo)?;
    Ok(restored)
}

/// Deletes the branch of a run that nobody merged; tells what has its changes all the same.
fn delete(
    repo: &Repo,
    record: &mut Record,
    name: String,
) -> Result<(How, Option<String>), HostError> {
    let Some(tip) = branch::tip(repo, &name)? else { return Err(Refusal::Gone(name).into()) };
    if tip != record.tip {
        return Err(Refusal::ForeignCommits(name).into());
    }
    if let Some(root) = branch::checked_out_at(repo, &name)? {
        let before = record.base_branch.clone();
        return Err(Refusal::CheckedOut { branch: name, root, before }.into());
    }
    branch::check_unlocked(repo, &name, &[branch::PACKED])?;
    let remains = copied(repo, record)?;
    record.stage = Stage::Undoing(None);
    record.save(repo)?;
    branch::delete(repo, &name)?;
    Ok((How::BranchDeleted(name), remains))
}

/// Returns the branch that has all changes of the run without having its commits.
fn copied(repo: &Repo, record: &Record) -> Result<Option<String>, HostError> {
    let places = record.places(repo)?;
    repo.library(|library| {
        for (name, place) in places {
            if has_changes(library, place, record.base, record.tip)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    })
}

/// Tells whether what happened from `base` to `tip`, done once more, would change nothing in `place`.
fn has_changes(
    library: &git2::Repository,
    place: Id,
    base: Id,
    tip: Id,
) -> Result<bool, HostError> {
    let failed = |error| HostError::store("look for the changes of the run", &error);
    let tree = |id: Id| oid_of(id).and_then(|it| library.find_commit(it)?.tree()).map_err(failed);
    let (place, base, tip) = (tree(place)?, tree(base)?, tree(tip)?);
    if base.id() == tip.id() {
        return Ok(false);
    }
    let merged = library.merge_trees(&base, &place, &tip, None).map_err(failed)?;
    let changed = library.diff_tree_to_index(Some(&place), Some(&merged), None).map_err(failed)?;
    Ok(!merged.has_conflicts() && changed.deltas().len() == 0)
}

/// Makes a branch on `place`, where the run was merged, that takes its changes out again.
fn revert(repo: &Repo, record: &mut Record, branch: &str, place: Id) -> Result<How, HostError> {
    let who = Identity::of(repo)?;
    let own = branch.strip_prefix("overhaul/").unwrap_or(branch);
    let name = branch_name(repo, &format!("overhaul/undo-{}", own.replace('/', "-")))?;
    branch::check_unlocked(repo, &name, &[])?;
    let (base, tip) = (record.base, record.tip);
    let commit = repo.library(|library| {
        let tree = without(library, place, tip, base)?;
        let tree = tree.ok_or_else(|| Refusal::NothingLeft(record.id.to_string()))?;
        let message = format!(
            "Undo {}\n\nTakes back what overhaul did from {} to {}.",
            record.playbook, record.base, record.tip
        );
        write_commit(library, &who, &message, tree, place)
    })?;
    record.stage = Stage::Undoing(Some(name.clone()));
    record.save(repo)?;
    settle(repo.common_dir())?;
    branch::create(repo, &name, commit, &who, &format!("overhaul: undo {}", record.playbook))?;
    Ok(How::RevertBranch(name))
}

/// Returns the tree of `place` without what happened from `base` to `tip`; `None` where nothing of
/// that is left there.
fn without(
    library: &git2::Repository,
    place: Id,
    tip: Id,
    base: Id,
) -> Result<Option<git2::Oid>, HostError> {
    let failed = |error| HostError::store("revert the run", &error);
    let tree = |id: Id| oid_of(id).and_then(|it| library.find_commit(it)?.tree()).map_err(failed);
    let mut merged =
        library.merge_trees(&tree(tip)?, &tree(place)?, &tree(base)?, None).map_err(failed)?;
    if merged.has_conflicts() {
        let mut paths = Vec::new();
        for conflict in merged.conflicts().map_err(failed)?.flatten() {
            let side = conflict.our.or(conflict.their).or(conflict.ancestor);
            paths.extend(side.and_then(|it| RepoPath::from_bytes(&it.path).ok()));
        }
        paths.sort();
        paths.dedup();
        return Err(Refusal::Conflicts(paths).into());
    }
    let written = merged.write_tree_to(library).map_err(failed)?;
    Ok((written != tree(place)?.id()).then_some(written))
}
