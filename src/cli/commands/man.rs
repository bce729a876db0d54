//! `overhaul man`: the manual page, in roff.

use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::Exit;

const EXAMPLES: &str = "\
Examples:
  overhaul man | man -l -
  overhaul man plan > ~/.local/share/man/man1/overhaul-plan.1";

/// Print the manual page
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The command whose page to print
    command: Option<String>,
}

pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let mut page = crate::cli::command();
    page.build();
    if let Some(name) = &args.command {
        let found = page.find_subcommand(name).cloned();
        page = found.ok_or_else(|| CliError::usage(format!("there is no command `{name}`")))?;
    }
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| CliError::because("failed to render the manual page", error))?;
    out.data(roff)?;
    Ok(Exit::Fine)
}
