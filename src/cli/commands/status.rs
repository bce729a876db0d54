//! `status`: which sprints are done, and which checks hold.

use super::warn_of_interrupted;
use crate::cli::arguments::{PlaybookArgs, formats};
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::{self, Exit};
use crate::host::Repo;
use crate::report::{Format, TextOptions};
use crate::verify::CommitPer;

/// Show which sprints of a playbook are done, and which of its checks hold
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads the commit at HEAD. A step is done when it would change nothing there; what it \
                  leaves alone is listed with the reason. Checks are those of the playbook: `[[check]]`. Steps of the \
                  repository's own playbook that start a program are not looked at without `--allow-run`."
)]
pub(crate) struct Args {
    #[command(flatten)]
    playbook: PlaybookArgs,

    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.status.is_some()))]
    format: &'static Format,

    /// Exit with 1 where something is pending or a check does not hold
    #[arg(long)]
    check: bool,
}

/// Plans all of the playbook over the commit, and shows what is left to do.
pub(crate) fn run(args: Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let Args { playbook, format, check } = args;
    let repo = Repo::open(".".as_ref())?;
    warn_of_interrupted(&repo, out)?;
    let request = playbook.request(CommitPer::default(), Some(&repo))?;
    let status = flow::status(&repo, &request)?;
    let report = status.report();
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = format.status {
        out.data(show(&report, options))?;
    }
    let ready = report.is_ready();
    Ok(if check && !ready { Exit::Findings } else { Exit::Fine })
}
