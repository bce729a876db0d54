//! The commands, one file each: its arguments, whose comments are the help text, and a thin `run`.
//!
//! To add one: write `commands/<name>.rs`, add its `mod` line, its variant and its row in [`run`].

use super::error::CliError;
use super::printer::Printer;
use crate::flow::{self, Exit};
use crate::host::Repo;

mod apply;
mod batch;
mod completions;
mod demo;
mod log;
mod man;
mod plan;
mod playbook;
mod status;
mod trash;
mod undo;
mod verify;
mod why;

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show what a playbook would change, with the diff
    Plan(plan::Args),
    /// Carry out a playbook, or a saved plan, as commits on a new branch
    Apply(apply::Args),
    /// Does every import resolve?
    Verify(verify::Args),
    /// Who uses this file, folder, module or name?
    Why(why::Args),
    /// Show which sprints of a playbook are done, and which of its checks hold
    Status(status::Args),
    /// Carry a playbook out in many repositories
    Batch(batch::Args),
    /// Take a run back
    Undo(undo::Args),
    /// List the runs of this repository
    Log(log::Args),
    /// List what runs put in the trash, bring it back, or empty it
    Trash(trash::Args),
    /// List, show and check playbooks
    Playbook(playbook::Args),
    /// Clean a small messy repository in front of you
    Demo(demo::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// Warns of what a kill left, for the commands that only read: they leave it.
fn warn_of_interrupted(repo: &Repo, out: &mut Printer<'_>) -> Result<(), CliError> {
    flow::interrupted(repo)?.iter().for_each(|it| out.warn(it));
    Ok(())
}

/// Carries out one command.
pub(crate) fn run(command: Command, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    match command {
        Command::Plan(args) => plan::run(args, out),
        Command::Apply(args) => apply::run(args, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Why(args) => why::run(&args, out),
        Command::Status(args) => status::run(args, out),
        Command::Batch(args) => batch::run(args, out),
        Command::Undo(args) => undo::run(&args, out),
        Command::Log(args) => log::run(&args, out),
        Command::Trash(args) => trash::run(&args, out),
        Command::Playbook(args) => playbook::run(&args, out),
        Command::Demo(args) => demo::run(&args, out),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
    }
}
