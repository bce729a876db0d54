//! `overhaul demo`: a small messy repository, cleaned in front of the user.
//!
//! Every line behind a `$` is parsed and carried out as if it had been typed in that repository.

use std::path::{Path, PathBuf};

use clap::Parser as _;
use clap::builder::styling::Style;

use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::cli::{Arguments, enter};
use crate::flow::Exit;
use crate::host::{self, Scratch};

const EXAMPLES: &str = "\
Examples:
  overhaul demo
  overhaul demo --keep messy      then look around in `messy`";

/// The repository, one file after the other, each below a line `-- path --`.
const REPOSITORY: &str = include_str!("repository.txt");

/// The playbook that cleans it.
const PLAYBOOK: &str = include_str!("playbook.toml");

/// Where the playbook is: beside the code, not part of the repository.
const FILE: &str = ".git/demo.toml";

/// What is shown, in order: what to know, what to type, and how it ends.
const SCENES: [(&str, &str, Exit); 7] = [
    (
        "A small repository, as one finds them: a client that was deleted and is still imported, two\n\
         folders for one thing, a service that nothing starts, scripts of every kind in one folder.\n\
         Which imports are broken?",
        "verify",
        Exit::Findings,
    ),
    (
        "A playbook says how to mend it. A plan shows what would change, and writes nothing:",
        "plan .git/demo.toml",
        Exit::Fine,
    ),
    (
        "Each step becomes a commit on a branch of its own. Your checkout stays as it is. Edits\n\
         outside of Python code are only probably right, and are asked for:",
        "apply .git/demo.toml --include review --yes",
        Exit::Fine,
    ),
    ("On that branch, every import resolves:", "verify --base overhaul/demo", Exit::Fine),
    (
        "Who uses the connection pool there?",
        "why python.stores.postgres:pool --base overhaul/demo",
        Exit::Fine,
    ),
    ("The runs of this repository are on record:", "log", Exit::Fine),
    ("And each of them can be taken back:", "undo", Exit::Fine),
];

/// Clean a small messy repository in front of you
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Make the repository in this new folder, and keep it
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let repository = Scratch::new(args.keep.as_deref(), &files(REPOSITORY))?;
    enter(Some(repository.root()))?;
    host::write_file(Path::new(FILE), PLAYBOOK.as_bytes())?;
    for (comment, line, expected) in SCENES {
        let exit = show(comment, line, out)?;
        if exit != expected {
            return Ok(exit);
        }
    }
    let end = match &args.keep {
        Some(folder) => format!("\nThe repository is in `{}`.\n", folder.display()),
        None => "\nNow try it in a repository of yours: `overhaul verify`.\n".to_owned(),
    };
    out.data(end)?;
    Ok(Exit::Fine)
}

/// Says what to know, then carries out one command line.
fn show(comment: &str, line: &str, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let style = if out.colored_data() { Style::new().bold() } else { Style::new() };
    out.data(format!("\n{comment}\n\n{style}$ overhaul {line}{style:#}\n"))?;
    let words = ["overhaul"].into_iter().chain(line.split(' '));
    let arguments =
        Arguments::try_parse_from(words).map_err(|error| CliError::usage(error.to_string()))?;
    let exit = super::run(arguments.command, out)?;
    out.flush()?;
    Ok(exit)
}

/// Returns path and text of each file.
fn files(mut repository: &str) -> Vec<(&str, &str)> {
    let mut files = Vec::new();
    while let Some((head, tail)) = repository.split_once('\n') {
        let path = head.trim_start_matches("-- ").trim_end_matches(" --");
        let end = match tail.starts_with("-- ") {
            true => 0,
            false => tail.find("\n-- ").map_or(tail.len(), |at| at + 1),
        };
        files.push((path, &tail[..end]));
        repository = &tail[end..];
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_whole() {
        let found = files("-- a.py --\nX = 1\n-- b.py --\n-- c/d.py --\nif X:\n    pass\n");
        assert_eq!(found, [("a.py", "X = 1\n"), ("b.py", ""), ("c/d.py", "if X:\n    pass\n")]);
    }
}
