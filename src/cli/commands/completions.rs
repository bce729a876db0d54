//! `overhaul completions`: the completion script of a shell.

use clap_complete::Shell;

use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::Exit;

const EXAMPLES: &str = "\
Examples:
  overhaul completions bash > ~/.local/share/bash-completion/completions/overhaul
  overhaul completions zsh > ~/.zfunc/_overhaul
  overhaul completions fish > ~/.config/fish/completions/overhaul.fish";

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::command(), "overhaul", &mut script);
    out.data(script)?;
    Ok(Exit::Fine)
}
