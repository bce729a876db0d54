//! `undo`: take a run back.

use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::Exit;
use crate::host::{self, How, Repo, Restored, RunState};

/// Take a run back
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A branch that is not merged is deleted, unless it carries commits of somebody else. Of a merged
one a branch is made that takes its changes out again. What the run put in the trash comes back.")]
pub(crate) struct Args {
    /// The run, as `overhaul log` shows it; the last one that is not undone yet
    run: Option<String>,
}

/// Takes a run back, and says how.
pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let repo = Repo::open(".".as_ref())?;
    let id = match &args.run {
        Some(id) => id.clone(),
        None => last(&repo)?,
    };
    let undone = host::undo(&repo, &id)?;
    let disk_only = undone.how == How::DiskOnly;
    match undone.how {
        How::BranchDeleted(branch) => out.say(format!("Deleted branch `{branch}` of run {id}.")),
        How::DiskOnly => out.say(format!("Run {id} is undone.")),
        How::RevertBranch(branch) => {
            out.say(format!("Run {id} was merged; branch `{branch}` takes its changes out again."));
            out.hint(format!(
                "look at it with `git diff HEAD...{branch}`, then `git merge {branch}`"
            ));
        }
    }
    if let Some(place) = undone.remains {
        out.warn(format!("the changes of run {id} are in `{place}` still, by other commits"));
        out.hint("after a squash merge, `git revert` of that commit takes them out");
    }
    if disk_only && undone.trash == Restored::default() {
        out.warn("nothing of it is in the trash any more, so nothing came back");
    }
    for path in undone.trash.restored {
        out.say(format!("Brought back `{path}` from the trash."));
    }
    if !undone.trash.kept.is_empty() {
        for path in undone.trash.kept {
            out.warn(format!("something else stands at `{path}`; its copy stays in the trash"));
        }
        out.hint(format!("move it away, then `overhaul trash restore {id}`"));
    }
    Ok(Exit::Fine)
}

fn last(repo: &Repo) -> Result<String, CliError> {
    let open = |state: &RunState| matches!(state, RunState::Published | RunState::Merged);
    let runs = host::runs(repo)?;
    let last = runs.into_iter().rev().find(|it| open(&it.state));
    last.map(|it| it.id).ok_or_else(|| CliError::usage("there is no run to undo"))
}
