//! `trash`: what left the disk, and how it comes back.

use super::warn_of_interrupted;
use crate::cli::error::CliError;
use crate::cli::printer::{self, Printer};
use crate::flow::Exit;
use crate::host::{self, Repo, Trashed};

/// List what runs put in the trash, bring it back, or empty it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,

    /// Remove what is in the trash for good
    #[arg(long)]
    empty: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List what is in the trash
    List,
    /// Bring back what a run put in the trash
    Restore {
        /// The run, as `overhaul log` shows it
        run: String,
    },
}

/// Lists, restores or empties the trash of this work tree.
pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let repo = Repo::open(".".as_ref())?;
    match &args.action {
        _ if args.empty => {
            let gone = host::empty_trash(&repo)?;
            let files = gone.iter().map(|it| it.weight.files).sum();
            out.say(format!("Removed {} for good.", printer::files(files)));
        }
        None | Some(Action::List) => {
            warn_of_interrupted(&repo, out)?;
            let trashed = host::trash(&repo)?;
            if trashed.is_empty() {
                out.say("The trash is empty.");
            }
            out.data(trashed.iter().map(row).collect::<String>())?;
        }
        Some(Action::Restore { run }) => {
            let back = host::restore(&repo, run)?;
            out.say(format!("Brought back {}.", printer::files(back.files)));
            for path in &back.kept {
                out.warn(format!("something else stands at `{path}`; its copy stays in the trash"));
            }
            if !back.kept.is_empty() {
                out.hint(format!("move it away, then `overhaul trash restore {run}`"));
            }
        }
    }
    Ok(Exit::Fine)
}

fn row(it: &Trashed) -> String {
    let Trashed { run, path, folder, weight } = it;
    let inside = match folder {
        true => format!("/ ({})", printer::files(weight.files)),
        false => String::new(),
    };
    format!("run {run}  {:>10} bytes  {path}{inside}\n", weight.bytes)
}
