//! Branches: names that are free, what they point at, and who has them checked out.

use std::path::PathBuf;

use super::error::{HostError, Refusal};
use super::files::{drop_stale, remove_file};
use super::identity::Identity;
use super::lock::Lock;
use super::repo::{Repo, id_of, oid_of, path_of};
use crate::tree::Id;

/// Returns a free branch name: `wanted`, what git would not take replaced by `-`, and a number
/// added when it is taken.
///
/// # Errors
/// When nothing of it is a name, or a branch stands where its folder would be.
pub fn branch_name(repo: &Repo, wanted: &str) -> Result<String, HostError> {
    let name = spelled(wanted);
    let numbered = (2u32..).map(|number| format!("{name}-{number}"));
    for name in std::iter::once(name.clone()).chain(numbered) {
        match check_free(repo, &name) {
            Ok(()) => return Ok(name),
            Err(HostError::Refused(Refusal::BranchTaken(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Refusal::BranchTaken(name).into())
}

/// Refuses what is no name for a branch.
///
/// # Errors
/// When git would not take it.
pub fn check_branch_name(name: &str) -> Result<(), HostError> {
    // `@` alone stands for HEAD wherever a branch is named.
    if name == "@" || !git2::Branch::name_is_valid(name).unwrap_or(false) {
        return Err(Refusal::BranchName(name.to_owned()).into());
    }
    Ok(())
}

/// Refuses a name that no branch can get.
pub(super) fn check_free(repo: &Repo, name: &str) -> Result<(), HostError> {
    check_branch_name(name)?;
    if tip(repo, name)?.is_some() {
        return Err(Refusal::BranchTaken(name.to_owned()).into());
    }
    let in_the_way =
        |other: String| Refusal::BranchInTheWay { branch: name.to_owned(), other }.into();
    for (slash, _) in name.match_indices('/') {
        if tip(repo, &name[..slash])?.is_some() {
            return Err(in_the_way(name[..slash].to_owned()));
        }
    }
    let below = format!("{name}/");
    match names(repo)?.into_iter().find(|it| it.starts_with(&below)) {
        Some(other) => Err(in_the_way(other)),
        None => Ok(()),
    }
}

/// Returns the commit that a branch points at; `None` where there is no such branch.
pub(super) fn tip(repo: &Repo, name: &str) -> Result<Option<Id>, HostError> {
    repo.library(|library| match library.find_reference(&full(name)) {
        Ok(reference) => reference.target().map(id_of).transpose(),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(HostError::store(format!("read branch `{name}`"), &error)),
    })
}

/// Returns the branch that is checked out; `None` where HEAD is detached.
pub(super) fn current(repo: &Repo) -> Result<Option<String>, HostError> {
    repo.library(|library| {
        let head = library.find_reference("HEAD");
        let head = head.map_err(|error| HostError::store("read `HEAD`", &error))?;
        let target = head.symbolic_target().ok().flatten();
        Ok(target.and_then(|it| it.strip_prefix("refs/heads/")).map(str::to_owned))
    })
}

/// Returns the root of the work tree that has the branch checked out.
pub(super) fn checked_out_at(repo: &Repo, name: &str) -> Result<Option<PathBuf>, HostError> {
    let listing = repo.git().run(&["worktree", "list", "--porcelain"])?;
    let wanted = format!("branch {}", full(name));
    let mut root = None;
    for line in listing.split(|byte| *byte == b'\n') {
        if let Some(place) = line.strip_prefix(b"worktree ") {
            root = Some(path_of(place));
        } else if line == wanted.as_bytes() {
            return Ok(root);
        }
    }
    Ok(None)
}

/// Makes a new branch, never moving one.
pub(super) fn create(
    repo: &Repo,
    name: &str,
    tip: Id,
    who: &Identity,
    reason: &str,
) -> Result<(), HostError> {
    let made = repo.durable_library(&who.committer, |library| {
        library.reference(&full(name), oid_of(tip)?, false, reason).map(|_| ())
    })?;
    match made {
        // The library does not say so where it could not remove its lock.
        Ok(()) => remove_file(&lock_of(repo, name)),
        Err(error) if error.code() == git2::ErrorCode::Exists => {
            Err(Refusal::BranchTaken(name.to_owned()).into())
        }
        Err(error) => Err(failed("make", repo, name, &error)),
    }
}

/// What deleting a branch locks besides its ref.
pub(super) const PACKED: &str = "packed-refs.lock";

/// Refuses where somebody else's git is at the ref of a branch, or holds one of the locks of all
/// refs that are named besides; after [`sweep`] none of them is ours.
pub(super) fn check_unlocked(repo: &Repo, name: &str, more: &[&str]) -> Result<(), HostError> {
    let more = more.iter().map(|it| repo.common_dir().join(it));
    match std::iter::once(lock_of(repo, name)).chain(more).find(|it| it.symlink_metadata().is_ok())
    {
        Some(lock) => Err(Refusal::BranchLocked { branch: name.to_owned(), lock }.into()),
        None => Ok(()),
    }
}

/// Says why a branch could not be written: somebody else may have been first.
fn failed(doing: &str, repo: &Repo, name: &str, error: &git2::Error) -> HostError {
    let locked = error.code() == git2::ErrorCode::Locked;
    let held = || check_unlocked(repo, name, &[PACKED]).err();
    let other = || HostError::store(format!("{doing} branch `{name}`"), error);
    locked.then(held).flatten().unwrap_or_else(other)
}

fn lock_of(repo: &Repo, name: &str) -> PathBuf {
    repo.common_dir().join(format!("{}.lock", full(name)))
}

/// Deletes a branch and its log.
pub(super) fn delete(repo: &Repo, name: &str) -> Result<(), HostError> {
    repo.library(|library| {
        let deleted = library.find_reference(&full(name)).and_then(|mut it| it.delete());
        deleted.map_err(|error| failed("delete", repo, name, &error))
    })?;
    // The library does not say so where it could not remove its lock.
    remove_file(&lock_of(repo, name))
}

/// Takes out of the configuration what it says of a branch.
pub(super) fn forget(repo: &Repo, name: &str, lock: &Lock) -> Result<(), HostError> {
    let section = format!("branch.{name}");
    if repo.config().section(&format!("{section}.")).next().is_some() {
        let git = repo.git().clone().holding(lock);
        git.write(&["config", "--local", "--remove-section", &section])?;
    }
    Ok(())
}

/// Takes away what a kill left of making, or deleting, a branch that only we write: the lock on its
/// ref and, where there is no ref, its log, which comes first and goes last. What is deleted may
/// stand among the packed refs and in the configuration, too, which others lock as well.
pub(super) fn sweep(repo: &Repo, name: &str) -> Result<(), HostError> {
    let shared = [PACKED, "config.lock"].map(|it| repo.common_dir().join(it));
    drop_stale(&[&[lock_of(repo, name)], shared.as_slice()].concat())?;
    if tip(repo, name)?.is_none() {
        remove_file(&repo.common_dir().join("logs").join(full(name)))?;
    }
    Ok(())
}

/// Tells whether a branch has `commit`: points at it, or at one that came after it.
pub(super) fn has(repo: &Repo, name: &str, commit: Id) -> Result<bool, HostError> {
    match tip(repo, name)? {
        Some(tip) => is_in(repo, commit, tip),
        None => Ok(false),
    }
}

/// Tells whether `commit` is `last` or in its history.
pub(super) fn is_in(repo: &Repo, commit: Id, last: Id) -> Result<bool, HostError> {
    repo.library(|library| {
        let descends = || {
            let (commit, last) = (oid_of(commit)?, oid_of(last)?);
            // A commit that was pruned is in no history.
            let there = library.odb()?.exists(commit) && library.odb()?.exists(last);
            Ok(there && (commit == last || library.graph_descendant_of(last, commit)?))
        };
        descends().map_err(|error: git2::Error| {
            let doing = format!("look for `{commit}` in the history of `{last}`");
            HostError::store(doing, &error)
        })
    })
}

/// Returns the name of the branch's ref.
pub(super) fn full(name: &str) -> String {
    format!("refs/heads/{name}")
}

fn names(repo: &Repo) -> Result<Vec<String>, HostError> {
    repo.library(|library| {
        let failed = |error| HostError::store("list the branches", &error);
        let references = library.references_glob("refs/heads/*").map_err(failed)?;
        let names = references
            .filter_map(Result::ok)
            .filter_map(|it| Some(it.name().ok()?.strip_prefix("refs/heads/")?.to_owned()));
        Ok(names.collect())
    })
}

/// Replaces what git does not take in a branch name (git-check-ref-format(1)) by `-`.
fn spelled(wanted: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '=');
    let replaced: String = wanted.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    let parts = replaced.split('/').map(|part| {
        let part = part.replace("..", "-");
        part.trim_matches(['.', '-']).trim_end_matches(".lock").to_owned()
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_playbook_name_gives_a_branch_name() {
        for (wanted, name) in [
            ("overhaul/gateway", "overhaul/gateway"),
            ("overhaul/Sprint 1: critical!", "overhaul/Sprint-1--critical"),
            ("overhaul/../x", "overhaul/x"),
            ("overhaul/größe.lock", "overhaul/größe"),
            ("overhaul/a@{b}~^:?*[\\", "overhaul/a--b"),
        ] {
            assert_eq!(spelled(wanted), name);
            assert!(git2::Branch::name_is_valid(name).unwrap(), "{name}");
        }
    }
}
