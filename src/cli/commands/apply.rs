//! `apply`: carry a plan out, as commits on a branch of its own.

use std::io::IsTerminal as _;
use std::path::Path;

use crate::cli::arguments::{PlaybookArgs, PublishArgs};
use crate::cli::error::CliError;
use crate::cli::printer::{self, Printer};
use crate::flow::{self, Exit, Planned, Published, Request, Trial};
use crate::host::{self, Ended, Interrupted, Repo, Run};
use crate::plan::{OnDisk, PlannedStep};
use crate::report::{self, SavedPlan, TextOptions};
use crate::verify::{CommitPer, Verified};

/// Carry out a playbook, or a saved plan, as commits on a new branch
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The branch that is checked out, the index, the work tree and the stash are not touched; what steps of
kind `clean` take off the disk is moved to the trash. The plan is made again and has to come out the
same; a plan that would break an import is not applied.")]
pub(crate) struct Args {
    #[command(flatten)]
    playbook: PlaybookArgs,

    /// Ask for each step whether to carry it out
    #[arg(short, long, conflicts_with = "yes")]
    interactive: bool,

    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// Check the new branch out afterwards; the work tree has to be clean
    #[arg(long)]
    switch: bool,

    /// List the commits that only move and respell in `.git-blame-ignore-revs`
    ///
    /// They are listed in one more commit, behind the tree that the plan showed. `git blame` looks through
    /// them once it is told so; merge the branch as it is, since commits that are squashed or rebased have
    /// other ids.
    #[arg(long)]
    blame_ignore: bool,

    #[command(flatten)]
    publish: PublishArgs,
}

/// Plans, asks, publishes, and says what can be done with the result.
pub(crate) fn run(args: Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let repo = Repo::open(".".as_ref())?;
    match host::end_interrupted(&repo)? {
        Some(Interrupted::Switch(branch)) => {
            out.say(format!("The switch to branch `{branch}`, which was interrupted, is ended."));
        }
        Some(Interrupted::Move(run)) => {
            out.say(format!("Run {run}, which was interrupted while it moved files, is ended."));
        }
        None => {}
    }
    let (mut request, saved) = request(&args, &repo)?;
    let mut planned = flow::make(&repo, &request)?;
    if let Some(saved) = &saved {
        same(saved, &planned)?;
        let listed = OnDisk { junk: saved.junk.clone(), ..OnDisk::default() };
        planned.disk = std::mem::take(&mut planned.disk).only(&listed);
    }
    if args.interactive {
        choose(&planned, &mut request, out)?;
        let shown = planned.disk;
        planned = flow::make(&repo, &request)?;
        planned.disk = std::mem::take(&mut planned.disk).only(&shown);
    }
    let Ok(verified) = &planned.verdict else {
        show(&planned, out)?;
        return Err(flow::unproved(&planned).into());
    };
    let empty = planned.is_empty();
    let asks = saved.is_none() && !args.yes && !args.interactive;
    // A plan that is shown says so itself.
    if empty || !asks {
        planned.warnings().iter().for_each(|it| out.warn(it));
    }
    if empty {
        left_on_disk(&planned.disk, out);
        out.say("There is nothing to change.");
        return Ok(Exit::Fine);
    }
    let warnings = flow::stands_clear(&repo, &request, &planned, args.publish.allow_dirty)?;
    warnings.iter().for_each(|it| out.warn(it));
    if args.switch {
        host::check_clean(&repo)?;
        host::check_clear(&repo, &verified.plan().after)?;
    }
    if asks {
        show(&planned, out)?;
        if !ask("Apply this?", out)? {
            out.say("Nothing was written.");
            return Ok(Exit::Fine);
        }
    }
    let ignored = match args.blame_ignore {
        true => flow::respelling(&planned, verified)?,
        false => Vec::new(),
    };
    if args.blame_ignore && ignored.is_empty() {
        out.warn("no commit only moves and respells, so none is listed for `git blame`");
    }
    flow::try_out(&request, &planned, verified, &mut |it| told(&it, out))?;
    let branch = args.publish.branch.as_deref();
    let Some(published) = flow::publish(&repo, &planned, verified, branch, &ignored)? else {
        out.say("There is nothing to change any more.");
        return Ok(Exit::Fine);
    };
    let run = &published.run;
    let switched = args.switch.then(|| host::switch(&repo, &run.id)).transpose();
    // First, for the branch is there even where git does not switch to it.
    tell(&published, verified, matches!(switched, Ok(Some(_))), out);
    switched?;
    Ok(Exit::Fine)
}

/// Reads what was typed: a playbook, or a plan that was saved.
fn request(args: &Args, repo: &Repo) -> Result<(Request, Option<SavedPlan>), CliError> {
    let per = CommitPer::from(args.publish.commit_per);
    let file = Path::new(&args.playbook.playbook);
    if file.extension().is_none_or(|it| it != "json") {
        return Ok((args.playbook.clone().request(per, Some(repo))?, None));
    }
    let PlaybookArgs { playbook: _, set, only, skip, base, include, strict, allow_run } =
        &args.playbook;
    if !(set.is_empty() && only.is_empty() && skip.is_empty()) || include.is_some() || *strict {
        let error = CliError::usage("a saved plan is applied as it was saved");
        return Err(error.hint("give these options to `overhaul plan -o FILE`"));
    }
    let saved = SavedPlan::read(&host::read_file(file)?).map_err(|error| {
        CliError::because(format!("failed to read `{}`", file.display()), error)
    })?;
    let base_now = repo.commit(base.as_deref().unwrap_or("HEAD"))?;
    if base_now.commit != saved.base {
        let now = base_now.commit;
        let reason = format!("the plan is stale: it was made on {}, and this is {now}", saved.base);
        let hint =
            format!("plan again, or apply it to its own commit with `--base {}`", saved.base);
        return Err(CliError::refused(reason).hint(hint));
    }
    let request = Request::saved(&saved, base.clone(), per);
    Ok((Request { allow_run: *allow_run, ..request }, Some(saved)))
}

/// Holds the plan that was made again to the one that was saved.
fn same(saved: &SavedPlan, planned: &Planned) -> Result<(), CliError> {
    let now = planned.plan().tree;
    if now == saved.tree {
        return Ok(());
    }
    let reason =
        format!("the plan is stale: it makes tree {now}, and was saved with {}", saved.tree);
    Err(CliError::refused(reason).hint("plan again, with this version of overhaul"))
}

/// Asks for each step that changes something; the ones that are not wanted are left out, and the
/// rest is planned again, so that what depends on a step goes or stays with it.
fn choose(planned: &Planned, request: &mut Request, out: &mut Printer<'_>) -> Result<(), CliError> {
    show(planned, out)?;
    let acts = |it: &&PlannedStep| !it.changes.is_empty() || planned.disk.of_step(&it.id).is_some();
    for step in planned.plan().steps.iter().filter(acts) {
        let what = step.why.as_deref().unwrap_or(step.kind);
        if !ask(&format!("Carry out step `{}` ({what})?", step.id), out)? {
            request.options.skip.push(step.id.clone());
        }
    }
    let waiting =
        planned.plan().steps.iter().flat_map(|it| &it.outcome.edits).any(|it| !it.applied);
    if waiting && ask("Also apply the edits that are only probably right?", out)? {
        request.options.include_review = true;
    }
    Ok(())
}

fn show(planned: &Planned, out: &mut Printer<'_>) -> Result<(), CliError> {
    let options = TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: true };
    match report::format("text") {
        Some(format) => out.data((format.plan)(&planned.report(), options)?),
        None => Ok(()),
    }
}

/// Asks on the terminal; without one it never asks. A plain line is read, so that Ctrl-C and Ctrl-D
/// do what they do everywhere; whatever is not a yes is a no.
fn ask(question: &str, out: &mut Printer<'_>) -> Result<bool, CliError> {
    out.flush()?;
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        let error = CliError::usage("there is no terminal to ask on, and nothing was written");
        return Err(error.hint("say `--yes`, or apply a saved plan"));
    }
    out.ask(question);
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.map_err(|error| CliError::because("failed to ask", error))? == 0 {
        // Nothing ended the line of the question.
        out.say("");
    }
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Says what becomes of a check of the playbook.
fn told(trial: &Trial<'_>, out: &mut Printer<'_>) {
    match trial {
        Trial::Begins(command) => out.say(format!("Running `{command}` on the result.")),
        Trial::Ended(ran) if ran.ended == Ended::Well => out.detail(&ran.output),
        Trial::Ended(ran) if ran.output.trim().is_empty() => {}
        Trial::Ended(ran) => out.say(&ran.output),
    }
}

/// Says what was done, how to look at the branch, merge it, push it and take it all back.
fn tell(published: &Published, verified: &Verified, switched: bool, out: &mut Printer<'_>) {
    let Published { run, disk } = published;
    match &run.branch {
        Some(branch) => tell_branch(run, branch, verified, switched, out),
        None => out.say(format!("There is nothing to commit, and so no branch (run {}).", run.id)),
    }
    left_on_disk(disk, out);
    if !disk.junk.is_empty() {
        let files = printer::files(disk.weight().files);
        out.say(format!("Moved {files} from the disk to the trash."));
        out.say("  look at it   overhaul trash");
        out.say("  free room    overhaul trash --empty");
    }
    out.say(format!("  take it back overhaul undo {}", run.id));
}

fn tell_branch(
    run: &Run,
    branch: &str,
    verified: &Verified,
    switched: bool,
    out: &mut Printer<'_>,
) {
    let commits = run.commits;
    let s = if commits == 1 { "" } else { "s" };
    out.say(format!("Applied as {commits} commit{s} on branch `{branch}` (run {}).", run.id));
    let untracked = verified.plan().untracked();
    if !untracked.is_empty() && !switched {
        out.warn(format!(
            "git deletes {} from the disk when it moves to the branch; copies are in the trash",
            printer::files(untracked.len() as u64)
        ));
    }
    let base = verified.plan().base.to_string();
    out.say(format!("  look at it   git log --stat {}..{branch}", &base[..10]));
    if commits > verified.commits().len() {
        out.say(format!("  blame        git config blame.ignoreRevsFile {}", host::IGNORED));
    }
    out.say(format!("  merge it     git merge {branch}"));
    out.say(format!("  push it      git push -u origin {branch}"));
}

/// Says what of the disk was wanted and stays.
fn left_on_disk(disk: &OnDisk, out: &mut Printer<'_>) {
    for left in disk.left() {
        out.warn(format!("`{}` stays on the disk: {}", left.path, left.reason));
    }
}
