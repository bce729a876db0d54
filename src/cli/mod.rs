//! What the user types, and what she reads in return.
//!
//! A command is parsed, carried out and reported here; the work itself is done by the layers above.
//! Only this folder knows `clap` and prompts. Interrupts are hardly handled: every command writes its
//! result in one move at the end, so a kill at any moment leaves nothing half done. Only a program of a
//! playbook is ended first.

#![expect(clippy::disallowed_methods, reason = "the environment is read here")]

mod arguments;
mod commands;
mod error;
mod playbooks;
mod printer;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

use crate::flow::Exit;
use crate::host;
use error::CliError;
use printer::{Color, Printer, Talk};

const EXIT_CODES: &str = "\
Exit status:
  0  fine
  1  findings, or changes pending under --check
  2  usage, playbook or I/O error
  3  verification failed, nothing was written
  4  refused: stale plan, lock held, touched files dirty, unsupported repository
  5  part of a campaign failed";

/// Plan, show, verify and apply clean-ups of Python repositories
#[derive(Debug, Parser)]
#[command(name = "overhaul", version, after_help = EXIT_CODES, max_term_width = 100)]
struct Arguments {
    /// Run as if started in this folder
    #[arg(short = 'C', global = true, value_name = "DIR")]
    directory: Option<PathBuf>,

    /// When to colour the output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,

    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Say more
    #[arg(short, long, global = true)]
    verbose: bool,

    #[command(subcommand)]
    command: commands::Command,
}

/// Runs the program with the given command line, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let exit = match Arguments::try_parse_from(args) {
        Ok(arguments) => carry_out(arguments),
        Err(error) => answer(&error),
    };
    host::end_where_interrupted();
    ExitCode::from(exit.code())
}

/// Returns the grammar of the command line, from which reference pages are made.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

fn carry_out(Arguments { directory, color, quiet, verbose, command }: Arguments) -> Exit {
    let talk = match (quiet, verbose) {
        (true, _) => Talk::Quiet,
        (_, true) => Talk::Verbose,
        _ => Talk::Normal,
    };
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let colored = (color.applies(&stdout), color.applies(&stderr));
    let mut buffered = BufWriter::with_capacity(1 << 16, stdout);
    let mut out = Printer::new((&mut buffered, colored.0), (&mut stderr, colored.1), talk);
    let result = enter(directory.as_deref())
        .and_then(|()| commands::run(command, &mut out))
        .and_then(|exit| out.flush().map(|()| exit));
    result.unwrap_or_else(|error| {
        out.error(&error);
        error.exit()
    })
}

/// Goes to the folder of `-C` once, so that every relative path means the same to every command.
fn enter(directory: Option<&Path>) -> Result<(), CliError> {
    let Some(directory) = directory else { return Ok(()) };
    std::env::set_current_dir(directory).map_err(|error| {
        CliError::because(format!("failed to enter `{}`", directory.display()), error)
    })
}

/// Prints what the parser has to say: help and version as data, a mistake as talk.
fn answer(error: &clap::Error) -> Exit {
    let text = error.render();
    let shown = |colored: bool| match colored {
        true => text.ansi().to_string(),
        false => text.to_string(),
    };
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    if error.use_stderr() {
        let text = shown(Color::Auto.applies(&stderr));
        let _: io::Result<()> = stderr.write_all(text.as_bytes());
        return Exit::Failed;
    }
    let colored = (Color::Auto.applies(&stdout), Color::Auto.applies(&stderr));
    let text = shown(colored.0);
    let mut out = Printer::new((&mut stdout, colored.0), (&mut stderr, colored.1), Talk::Normal);
    match out.data(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            out.error(&error);
            error.exit()
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_holds_together() {
        super::command().debug_assert();
    }
}
