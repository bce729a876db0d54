//! `batch`: one playbook over many repositories.

use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::batch::{self, Progress, Repositories, Task};
use crate::cli::arguments::{PlaybookArgs, PublishArgs, formats};
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::flow::Exit;
use crate::report::{Action, CampaignReport, Format, TextOptions};
use crate::verify::CommitPer;

const EXAMPLES: &str = "\
Examples:
  overhaul batch plan tidy.toml repos/* --output dry
  overhaul batch run tidy.toml 'repos/**' --output results --jobs 8
  find . -name .git -printf '%h\\n' | overhaul batch run tidy.toml - --output results
  overhaul batch status results";

/// Carry a playbook out in many repositories
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Plan in each repository, and write nothing there
    Plan(CampaignArgs),
    /// Carry the playbook out in each repository, on a branch of its own; nothing is pushed
    Run(RunArgs),
    /// Show how far a campaign has come
    Status(StatusArgs),
}

/// Which playbook, where, and where the results go
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A repository that has a result in the folder is not looked at again, so a campaign that was stopped
goes on where it was. To do one again, remove its result.")]
struct CampaignArgs {
    #[command(flatten)]
    playbook: PlaybookArgs,

    /// Folders, patterns of folders, or `-` for a list on stdin, one a line (or NUL between them)
    #[arg(required = true, value_name = "REPOSITORY")]
    repositories: Vec<OsString>,

    /// The folder for the results, a JSON file for each repository
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// How many repositories at once [default: the number of processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// How to show the table at the end
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.batch.is_some()))]
    format: &'static Format,
}

/// As for `plan`, and what `apply` takes besides
#[derive(Debug, clap::Args)]
struct RunArgs {
    #[command(flatten)]
    campaign: CampaignArgs,

    #[command(flatten)]
    publish: PublishArgs,
}

#[derive(Debug, clap::Args)]
struct StatusArgs {
    /// The folder with the results
    #[arg(value_name = "DIR")]
    output: PathBuf,

    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.batch.is_some()))]
    format: &'static Format,
}

/// Carries a campaign out, or shows one.
pub(crate) fn run(args: Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    match args.action {
        Act::Plan(campaign) => {
            let plan = RunArgs { campaign, publish: PublishArgs::default() };
            carry_out(Action::Plan, plan, out)
        }
        Act::Run(args) => carry_out(Action::Run, args, out),
        Act::Status(StatusArgs { output, format }) => show(&batch::status(&output)?, format, out),
    }
}

fn carry_out(action: Action, args: RunArgs, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let RunArgs { campaign, publish } = args;
    let PublishArgs { allow_dirty, branch, commit_per } = publish;
    let CampaignArgs { playbook, repositories, output, jobs, format } = campaign;
    let request = playbook.request(CommitPer::from(commit_per), None)?;
    let task = Task::new(action, request, allow_dirty, branch)?;
    let repositories = Repositories::find(&words(repositories)?, &output)?;
    for (word, first) in repositories.doubles() {
        out.say(format!("`{word}` is `{first}`, and is done once."));
    }
    let jobs = jobs.or_else(|| std::thread::available_parallelism().ok());
    let jobs = jobs.unwrap_or(NonZeroUsize::MIN);
    let report = batch::run(&task, &repositories, &output, jobs, &mut |it| told(&it, out))?;
    show(&report, format, out)
}

/// Says that one more repository is done.
fn told(progress: &Progress<'_>, out: &mut Printer<'_>) {
    let Progress { result, done, all } = progress;
    out.say(format!("[{done}/{all}] {}: {}.", result.repository, result.state.word()));
}

fn show(report: &CampaignReport, format: &Format, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = format.batch {
        out.data(show(report, options))?;
    }
    let all = report.campaign.repositories.len();
    for (warning, places) in report.warnings() {
        match (places.len(), places.first()) {
            (1, Some(place)) => out.warn(format!("{place}: {warning}")),
            (count, _) if count == all => out.warn(format!("in all {all} repositories: {warning}")),
            (count, _) => out.warn(format!("in {count} of {all} repositories: {warning}")),
        }
    }
    Ok(if report.has_failures() { Exit::Partial } else { Exit::Fine })
}

/// Replaces `-` by the list on stdin.
fn words(typed: Vec<OsString>) -> Result<Vec<OsString>, CliError> {
    let mut words = Vec::new();
    for word in typed {
        if word != "-" {
            words.push(word);
            continue;
        }
        let mut list = Vec::new();
        let read = std::io::stdin().read_to_end(&mut list);
        read.map_err(|error| CliError::because("failed to read the list on stdin", error))?;
        words.extend(lines(&list));
    }
    Ok(words)
}

/// Returns the lines of a list that are not empty; where it has a NUL, what stands between those.
fn lines(list: &[u8]) -> Vec<OsString> {
    let end = if list.contains(&0) { 0 } else { b'\n' };
    let lines = list.split(|byte| *byte == end).map(|line| match end {
        0 => line,
        _ => line.strip_suffix(b"\r").unwrap_or(line),
    });
    lines.filter(|line| !line.is_empty()).map(|line| OsStr::from_bytes(line).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_path_a_line() {
        assert_eq!(lines(b"a b\r\n\n/c\n"), ["a b", "/c"]);
        assert_eq!(lines(b"a\nb\0c\0"), ["a\nb", "c"]);
        assert_eq!(lines(b"\n").len(), 0);
    }
}
