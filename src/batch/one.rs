//! One repository of a campaign: whatever happens in it becomes its result.

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Task;
use super::repositories::Repository;
use crate::flow::{self, Exit, FlowError, Planned, Request};
use crate::host::{self, Repo};
use crate::plan::ChangeKind;
use crate::report::{Action, PlanCounts, RepositoryResult, ResultFormat, State};

/// Does the task in one repository. All that it needed in memory is gone afterwards.
pub(super) fn carry_out(task: &Task, repository: &Repository) -> RepositoryResult {
    let mut result = begun(&repository.shown, &task.name);
    if let Some(other) = &repository.same_as {
        result.reason = Some(format!("it is a work tree of the same repository as `{other}`"));
        return result;
    }
    guarded(&mut result, |result| attempt(task, repository, result));
    result
}

/// Puts down what comes of an attempt, even of one that panics.
fn guarded(
    result: &mut RepositoryResult,
    attempt: impl FnOnce(&mut RepositoryResult) -> Result<State, FlowError>,
) {
    // Whatever was half changed by a panic belongs to this repository alone, and goes with it.
    match catch_unwind(AssertUnwindSafe(|| attempt(result))) {
        Ok(Ok(state)) => result.state = state,
        Ok(Err(error)) => stopped(result, &error),
        Err(panic) => {
            result.state = State::Failed;
            result.exit = Exit::Failed.code();
            result.reason = Some("overhaul has a bug, and stopped".to_owned());
            result.causes = vec![words(panic.as_ref())];
        }
    }
}

/// Returns the result of a repository that was not looked at yet.
fn begun(repository: &str, playbook: &str) -> RepositoryResult {
    RepositoryResult {
        format: ResultFormat::One,
        repository: repository.to_owned(),
        playbook: playbook.to_owned(),
        state: State::Skipped,
        exit: Exit::Fine.code(),
        reason: None,
        causes: Vec::new(),
        hint: None,
        warnings: Vec::new(),
        plan: None,
        branch: None,
        commit: None,
    }
}

/// Plans and, where that is asked for, publishes.
fn attempt(
    task: &Task,
    repository: &Repository,
    result: &mut RepositoryResult,
) -> Result<State, FlowError> {
    let repo = Repo::open_root(&repository.path)?;
    match task.action {
        Action::Plan => result.warnings.extend(flow::interrupted(&repo)?),
        Action::Run => drop(host::end_interrupted(&repo)?),
    }
    let found = task.request.found.clone().seen_from(&repo);
    let request = Request { found, ..task.request.clone() };
    let planned = flow::make(&repo, &request)?;
    result.plan = Some(counts(&planned));
    result.warnings.extend(planned.warnings());
    let Ok(verified) = &planned.verdict else {
        return Err(flow::unproved(&planned));
    };
    let left = planned.disk.left();
    result
        .warnings
        .extend(left.map(|it| format!("`{}` stays on the disk: {}", it.path, it.reason)));
    if planned.is_empty() {
        return Ok(State::Empty);
    }
    let allow_dirty = task.allow_dirty || task.action == Action::Plan;
    result.warnings.extend(flow::stands_clear(&repo, &request, &planned, allow_dirty)?);
    if task.action == Action::Plan {
        return Ok(State::Planned);
    }
    // A campaign that was killed between a branch and its result finds the branch again.
    let branch = task.branch.as_deref();
    let before = match verified.commits().is_empty() {
        true => None,
        false => flow::published_before(&repo, &planned, verified, branch)?,
    };
    let run = match before {
        Some(run) => Some(run),
        None => {
            flow::try_out(&request, &planned, verified, &mut |_| {})?;
            flow::publish(&repo, &planned, verified, branch, &[])?.map(|it| it.run)
        }
    };
    let Some(run) = run else { return Ok(State::Empty) };
    result.commit = run.branch.as_ref().map(|_| run.tip.to_string());
    result.branch = run.branch;
    Ok(State::Applied)
}

fn stopped(result: &mut RepositoryResult, error: &FlowError) {
    let exit = error.exit();
    result.state = if exit == Exit::Refused { State::Refused } else { State::Failed };
    result.exit = exit.code();
    result.reason = Some(error.to_string());
    result.causes =
        std::iter::successors(error.source(), |&it| it.source()).map(ToString::to_string).collect();
    result.hint = error.hint();
}

/// Returns what a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it said nothing").to_owned()
}

fn counts(planned: &Planned) -> PlanCounts {
    let (plan, proof) = (planned.plan(), planned.proof());
    let kinds: Vec<ChangeKind> = plan.changes().iter().map(|it| it.kind()).collect();
    let of = |wanted: &[ChangeKind]| kinds.iter().filter(|it| wanted.contains(it)).count();
    let edits = plan.steps.iter().flat_map(|it| &it.outcome.edits);
    PlanCounts {
        base: plan.base.to_string(),
        tree: plan.tree.to_string(),
        commits: planned.verdict.as_ref().map_or(0, |it| it.commits().len()),
        added: of(&[ChangeKind::Added]),
        edited: of(&[ChangeKind::Edited]),
        moved: of(&[ChangeKind::Moved, ChangeKind::MovedAndEdited]),
        removed: of(&[ChangeKind::Removed]),
        pending: edits.filter(|it| !it.applied).count(),
        fixed: proof.fixed.len(),
        broken: proof.broken.len(),
        still_broken: proof.still_broken.len(),
        unproved: proof.unproved.len(),
        unreadable: proof.unreadable.len(),
        new_cycles: proof.new_cycles.len(),
        on_disk_files: planned.disk.weight().files,
        on_disk_bytes: planned.disk.weight().bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_result_of_one_repository() {
        let mut result = begun("/a", "tidy");
        guarded(&mut result, |result| {
            result.warnings.push("seen".to_owned());
            panic!("no entry for `{}`", "a.py")
        });
        assert_eq!((result.state, result.exit), (State::Failed, 2));
        assert_eq!(result.causes, ["no entry for `a.py`"]);
        assert_eq!(result.warnings, ["seen"]);
    }
}
