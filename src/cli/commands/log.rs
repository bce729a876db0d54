//! `log`: the runs of this repository.

use super::warn_of_interrupted;
use crate::cli::arguments::formats;
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::Exit;
use crate::host::{self, Repo, Run, RunState};
use crate::report::{Format, RunReport, TextOptions};

/// List the runs of this repository
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.log.is_some()))]
    format: &'static Format,
}

/// Lists what was applied here, and what became of it.
pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let repo = Repo::open(".".as_ref())?;
    warn_of_interrupted(&repo, out)?;
    let runs: Vec<RunReport> =
        host::runs(&repo)?.iter().map(|it| report(&repo, it)).collect::<Result<_, _>>()?;
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = args.format.log {
        out.data(show(&runs, options))?;
    }
    Ok(Exit::Fine)
}

fn report(repo: &Repo, run: &Run) -> Result<RunReport, CliError> {
    Ok(RunReport {
        id: run.id.clone(),
        time: jiff::Timestamp::from_second(run.time).unwrap_or_default().to_string(),
        playbook: run.playbook.clone(),
        branch: run.branch.clone(),
        state: state(&run.state),
        commits: host::commits(repo, run)?,
    })
}

/// Returns the word for what became of a run.
fn state(state: &RunState) -> String {
    match state {
        RunState::Published => "applied".to_owned(),
        RunState::Merged => "merged".to_owned(),
        RunState::Undone { revert: None } => "undone".to_owned(),
        RunState::Undone { revert: Some(branch) } => format!("undone by `{branch}`"),
        RunState::Gone => "gone".to_owned(),
    }
}
