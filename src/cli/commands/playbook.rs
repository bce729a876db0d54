//! `overhaul playbook`: what can be run, what it says, and whether it is well written.

use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::playbooks::{self, OWN};
use crate::cli::printer::Printer;
use crate::flow::{Exit, Found};
use crate::host::Repo;
use crate::playbook::{self, Inputs, Playbook, PlaybookError, SHIPPED, Unset, Variable};

const EXAMPLES: &str = "\
Examples:
  overhaul playbook list
  overhaul playbook show archive-legacy > sprint-1.toml
  overhaul playbook lint sprint-1.toml
  overhaul playbook schema > playbook.schema.json";

/// List, show and check playbooks
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the playbooks of the binary and of this repository
    List,
    /// Print a playbook; its variables go to stderr
    Show {
        /// A playbook file, the name of a shipped playbook, or of one in `.overhaul/playbooks/`
        playbook: String,
    },
    /// Check playbooks without running them
    Lint {
        /// Playbook files or names
        #[arg(required = true, value_name = "PLAYBOOK")]
        playbooks: Vec<String>,
    },
    /// Print the JSON schema of a playbook, for editors
    Schema,
}

pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    // A repository is only one place more to look in: none, or an odd one, is no obstacle.
    let repo = Repo::open(Path::new(".")).ok();
    match &args.action {
        Action::List => list(repo.as_ref(), out),
        Action::Show { playbook } => show(playbook, repo.as_ref(), out),
        Action::Lint { playbooks } => Ok(lint(playbooks, repo.as_ref(), out)),
        Action::Schema => {
            out.data(format!("{:#}\n", playbook::schema()))?;
            Ok(Exit::Fine)
        }
    }
}

/// Reads a playbook that is only looked at: its variables need no values.
fn look_at(found: &Found) -> Result<Playbook, PlaybookError> {
    let inputs = Inputs { set: &[], date: "20000101", unset: Unset::IsFine };
    playbook::read(&found.file, &found.bytes, &inputs)
}

fn list(repo: Option<&Repo>, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let own = playbooks::own(repo)?;
    let shipped: Vec<&str> = SHIPPED.iter().map(|it| it.name).collect();
    let own: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
    let width = shipped.iter().chain(&own).map(|it| it.len()).max().unwrap_or(0);
    let mut page = String::new();
    for (head, names) in [("Shipped with overhaul", shipped), (OWN, own)] {
        if names.is_empty() {
            continue;
        }
        let gap = if page.is_empty() { "" } else { "\n" };
        page.push_str(&format!("{gap}{head}:\n"));
        for name in names {
            let text = match look_at(&playbooks::find(name, repo)?) {
                Ok(playbook) => playbook.description,
                Err(_) => format!("(has mistakes: see `overhaul playbook lint {name}`)"),
            };
            page.push_str(format!("  {name:width$}  {text}").trim_end());
            page.push('\n');
        }
    }
    out.data(page)?;
    Ok(Exit::Fine)
}

fn show(word: &str, repo: Option<&Repo>, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let found = playbooks::find(word, repo)?;
    out.data(&found.bytes)?;
    let playbook = look_at(&found)?;
    if !playbook.declared.is_empty() {
        out.say("\nVariables, for `--set NAME=VALUE`:");
        for variable in &playbook.declared {
            out.say(described(variable));
        }
    }
    Ok(Exit::Fine)
}

fn described(Variable { name, default, help }: &Variable) -> String {
    let value = default.as_ref().map_or("needs a value".to_owned(), |it| format!("default `{it}`"));
    let help = help.as_ref().map_or(String::new(), |it| format!(": {it}"));
    format!("  {name} ({value}){help}")
}

fn lint(words: &[String], repo: Option<&Repo>, out: &mut Printer<'_>) -> Exit {
    let mut exit = Exit::Fine;
    for word in words {
        let read = playbooks::find(word, repo).and_then(|found| Ok(look_at(&found)?));
        match read {
            Ok(playbook) => out.say(format!("`{word}` is fine: {}.", counted(&playbook))),
            Err(error) => {
                out.error(&error);
                exit = error.exit();
            }
        }
    }
    exit
}

fn counted(playbook: &Playbook) -> String {
    match playbook.steps.len() {
        1 => "1 step".to_owned(),
        many => format!("{many} steps"),
    }
}
