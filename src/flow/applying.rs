//! From a proved plan to a branch: nothing in the way, the playbook's own checks passed, published.

use super::error::FlowError;
use super::planning::{Planned, Request, beside};
use crate::facts::Facts;
use crate::host::{
    self, Checkout, Ended, HostError, IGNORED, Ignored, NewCommit, Publication, Ran, Refusal, Repo,
    Run, RunState, Trash,
};
use crate::path::RepoPath;
use crate::plan::{self, OnDisk, Part};
use crate::steps::KINDS;
use crate::tree::Tree;
use crate::verify::{Commit, Verified};

/// Makes sure that no file which the plan touches has changes that the plan does not know, and
/// returns what is worth a warning.
///
/// # Errors
/// When there is such a file and `allow_dirty` is not set, or the work tree cannot be read.
pub fn stands_clear(
    repo: &Repo,
    request: &Request,
    planned: &Planned,
    allow_dirty: bool,
) -> Result<Vec<String>, FlowError> {
    // A plan on a commit that was named has nothing to do with the work tree.
    if request.base.is_some() {
        return Ok(Vec::new());
    }
    let beside = beside(repo, planned)?;
    match beside.dirty.as_slice() {
        [first, more @ ..] if !allow_dirty => Err(FlowError::Dirty(match more.len() {
            0 => format!("`{first}`"),
            count => format!("`{first}` (and {count} more)"),
        })),
        _ => Ok(beside.warnings()),
    }
}

/// What becomes of a check of the playbook, told while it happens.
#[derive(Debug)]
pub enum Trial<'a> {
    /// This command is about to run.
    Begins(&'a str),
    /// It ended so.
    Ended(&'a Ran),
}

/// Runs the playbook's own checks in a throw-away checkout of the result.
///
/// # Errors
/// When a check fails or cannot be started, or the playbook may not start programs.
pub fn try_out(
    request: &Request,
    planned: &Planned,
    verified: &Verified,
    tell: &mut dyn FnMut(Trial<'_>),
) -> Result<(), FlowError> {
    let commands = &planned.playbook.verify_run;
    // Without commits the result is what was there before.
    if commands.is_empty() || verified.commits().is_empty() {
        return Ok(());
    }
    if !request.may_run() {
        return Err(FlowError::MayNotRun);
    }
    let roots = roots(&verified.plan().facts_after);
    let timeout = planned.playbook.verify_timeout;
    Checkout::with(&verified.plan().after, |checkout| {
        for command in commands {
            tell(Trial::Begins(command));
            let ran = checkout.run(command, &roots, timeout)?;
            tell(Trial::Ended(&ran));
            let command = command.clone();
            match ran.ended {
                Ended::Well => {}
                Ended::Badly(status) => return Err(FlowError::Trial { command, status }),
                Ended::Late => {
                    return Err(FlowError::LateTrial { command, seconds: timeout.as_secs() });
                }
            }
        }
        Ok(())
    })
}

/// Publishes a plan on a branch of its own: the one that is named, or one named for the playbook. Where
/// there is nothing to commit, there is no branch; `None` where nothing is left on the disk, either.
/// `ignored` are the places of the commits that `git blame` is to look through; they are listed in one
/// more commit, which is not part of the plan.
///
/// # Errors
/// When another overhaul is at work, the branch cannot be made, or writing fails.
pub fn publish(
    repo: &Repo,
    planned: &Planned,
    verified: &Verified,
    branch: Option<&str>,
    ignored: &[usize],
) -> Result<Option<Published>, FlowError> {
    let plan = verified.plan();
    let branch = match branch {
        _ if verified.commits().is_empty() => None,
        Some(name) => Some(name.to_owned()),
        None => Some(host::branch_name(repo, &format!("overhaul/{}", slug(&plan.playbook)))?),
    };
    // Others may have been at work since the plan was shown.
    let disk = repo.junk(plan)?.only(&planned.disk);
    if branch.is_none() && disk.junk.is_empty() {
        return Ok(None);
    }
    let commit = |it: &Commit| (it.tree.clone(), plan::message(plan, &it.steps, &it.part));
    let commits: Vec<(Tree, String)> = verified.commits().iter().map(commit).collect();
    let publication = Publication {
        base: &planned.base,
        branch,
        commits: commits
            .iter()
            .map(|(tree, message)| NewCommit { tree, message: message.clone() })
            .collect(),
        playbook: plan.playbook.clone(),
        vars: planned.playbook.vars.clone(),
        trash: plan
            .untracked()
            .into_iter()
            .map(|path| Trash {
                path: path.clone(),
                stays: plan.sweeps().any(|(_, it)| it.would_take(path)),
            })
            .collect(),
        junk: disk.junk.clone(),
        ignored: (!ignored.is_empty()).then(|| Ignored {
            commits: ignored.to_vec(),
            message: plan::listing_message(plan, ignored.len()),
        }),
    };
    Ok(Some(Published { run: host::publish(repo, &publication)?, disk }))
}

/// A plan that was carried out.
#[derive(Debug)]
pub struct Published {
    /// The run.
    pub run: Run,
    /// What it took off the disk, and what it left there.
    pub disk: OnDisk,
}

/// Returns the places of the commits that only move files and spell what names them anew.
///
/// # Errors
/// When the playbook freezes the list of such commits.
pub fn respelling(planned: &Planned, verified: &Verified) -> Result<Vec<usize>, FlowError> {
    if planned
        .playbook
        .frozen
        .covers(&RepoPath::new(IGNORED).map_err(|it| HostError::from(Refusal::from(it)))?)
    {
        return Err(FlowError::FrozenList);
    }
    let respells = |step: &usize| {
        let kind = verified.plan().steps.get(*step).map(|it| it.kind);
        KINDS.iter().any(|it| Some(it.name) == kind && it.respells)
    };
    let commits = verified.commits().iter().enumerate();
    let found = commits.filter(|(_, it)| it.part == Part::Moves || it.steps.iter().all(respells));
    Ok(found.map(|(at, _)| at).collect())
}

/// Returns the run that published this very plan before, where its branch is still there.
///
/// # Errors
/// When the records of the repository cannot be read.
pub fn published_before(
    repo: &Repo,
    planned: &Planned,
    verified: &Verified,
    branch: Option<&str>,
) -> Result<Option<Run>, FlowError> {
    let plan = verified.plan();
    let same = |it: &Run| {
        it.state == RunState::Published
            && (it.base, it.tree, it.commits) == (plan.base, plan.tree, verified.commits().len())
            && (&it.playbook, &it.vars) == (&plan.playbook, &planned.playbook.vars)
            && branch.is_none_or(|name| it.branch.as_deref() == Some(name))
    };
    Ok(host::runs(repo)?.into_iter().rev().find(same))
}

/// Returns the roots that all files see.
fn roots(facts: &Facts) -> Vec<RepoPath> {
    let global = facts.roots().iter().filter(|it| it.scope.is_root());
    global.map(|it| it.folder.clone()).collect()
}

/// Returns a playbook's name in the letters that a branch may have.
fn slug(name: &str) -> String {
    let letters = name.chars().map(|it| if it.is_alphanumeric() || it == '_' { it } else { '-' });
    letters.collect::<String>().trim_matches('-').to_owned()
}
