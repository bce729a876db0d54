//! The commands, one file each: its arguments, whose comments are the help text, and a thin `run`.
//!
//! To add one: write `commands/<name>.rs`, add its `mod` line, its variant and its row in [`run`].

use super::error::CliError;
use super::exit::Exit;
use super::printer::Printer;

mod completions;
mod demo;
mod man;
mod playbook;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List, show and check playbooks
    Playbook(playbook::Args),
    /// Clean a small messy repository in front of you
    Demo(demo::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// Carries out one command.
pub(crate) fn run(command: Command, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    match command {
        Command::Playbook(args) => playbook::run(&args, out),
        Command::Demo(args) => demo::run(&args, out),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
    }
}
