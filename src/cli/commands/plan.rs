//! `plan`: what a playbook would change, with the diff.

use std::path::PathBuf;

use super::warn_of_interrupted;
use crate::cli::arguments::{PlaybookArgs, formats};
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::{self, Exit, Planned, Request};
use crate::host::{self, Repo};
use crate::report::{Format, SavedPlan, TextOptions};
use crate::verify::CommitPer;

/// Show what a playbook would change, with the diff
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    playbook: PlaybookArgs,

    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT", value_parser = formats(|_| true))]
    format: &'static Format,

    /// Show how much differs in each file, in place of the diff
    #[arg(long, conflicts_with = "format")]
    stat: bool,

    /// Save the plan, for `overhaul apply FILE`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Exit with 1 where there is something to change
    #[arg(long)]
    check: bool,
}

/// Plans, shows the plan and saves it where that is asked for.
pub(crate) fn run(args: Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let Args { playbook, format, stat, output, check } = args;
    let repo = Repo::open(".".as_ref())?;
    warn_of_interrupted(&repo, out)?;
    let from_head = playbook.base.is_none();
    let request = playbook.request(CommitPer::default(), Some(&repo))?;
    let planned = match from_head {
        true => {
            let (planned, beside) = flow::make_and_look(&repo, &request)?;
            beside.warnings().iter().for_each(|it| out.warn(it));
            planned
        }
        false => flow::make(&repo, &request)?,
    };
    let may_run = request.may_run();
    if !planned.playbook.verify_run.is_empty() && !may_run {
        out.warn(
            "`apply` will ask for `--allow-run`: the repository's own playbook starts programs",
        );
    }
    let holds = planned.verdict.is_ok();
    let exact = format.name == "patch";
    if exact {
        out.say("The patch is exact: secrets in it are not hidden.");
    }
    // A patch may go straight into `git apply`: of a plan that breaks something there is none.
    if holds || !exact {
        show(&planned, format, stat, out)?;
    }
    if !holds {
        return Err(flow::unproved(&planned).into());
    }
    if let Some(file) = output {
        host::write_file(&file, &saved(&request, &planned, may_run)?.write())?;
        out.say(format!("Saved as `{0}`; apply it with `overhaul apply {0}`.", file.display()));
    }
    let pending = !planned.is_empty();
    // The program ends here, so what was read need not be taken apart.
    std::mem::forget(planned);
    Ok(if check && pending { Exit::Findings } else { Exit::Fine })
}

fn show(
    planned: &Planned,
    format: &Format,
    stat: bool,
    out: &mut Printer<'_>,
) -> Result<(), CliError> {
    let options = TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat };
    out.data((format.plan)(&planned.report(), options)?)
}

fn saved(request: &Request, planned: &Planned, may_run: bool) -> Result<SavedPlan, CliError> {
    let source = String::from_utf8(request.found.bytes.clone())
        .map_err(|error| CliError::because("failed to save the playbook", error))?;
    Ok(SavedPlan {
        base: planned.base.commit,
        tree: planned.plan().tree,
        playbook: request.found.file.clone(),
        source,
        vars: request.set.iter().cloned().collect(),
        options: request.options.clone(),
        may_run,
        runs: planned.runs.clone(),
        junk: planned.disk.junk.clone(),
    })
}
