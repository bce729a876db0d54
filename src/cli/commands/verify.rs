//! `verify`: does every import resolve?

use std::path::Path;

use super::warn_of_interrupted;
use crate::cli::arguments::formats;
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::facts::{Facts, Memo, Settings};
use crate::flow::Exit;
use crate::host::{self, Cache, Looking, Repo, WorkTree};
use crate::report::{Against, Explain, Format, TextOptions, VerifyReport};
use crate::tree::{ReadError, Snapshot, Tree};
use crate::verify::{Kind, Proof, Question, Report, Unreadable, Verdict};

/// Does every import resolve?
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads the work tree: what is tracked, and what is untracked but not ignored.\n\
                  `--against` says of two trees what `plan` says, but has to guess what moved: a file that kept \
                  neither its bytes nor half of its lines (a quarter, where only one of its name moved) is a new \
                  one. It knows of no frozen files: what a plan leaves broken in them is broken."
)]
pub(crate) struct Args {
    /// Report only what differs from this commit
    #[arg(long, value_name = "REV")]
    against: Option<String>,

    /// Read this commit instead of the work tree
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    base: Option<String>,

    /// Read what is staged instead of the work tree
    #[arg(long)]
    staged: bool,

    /// Show the roots, the target version and what counts as third party
    #[arg(long)]
    explain: bool,

    /// How to show it
    #[arg(long, default_value = "text", value_name = "FORMAT",
          value_parser = formats(|it| it.verify.is_some()))]
    format: &'static Format,
}

/// Reads a tree, and reports the imports that do not resolve.
pub(crate) fn run(args: &Args, out: &mut Printer<'_>) -> Result<Exit, CliError> {
    let memo = Memo::default();
    let (repo, snapshot, unreadable) = see(args, &memo)?;
    warn_of_interrupted(&repo, out)?;
    let settings = settings(&repo);
    let tree = Tree::new(snapshot);
    let against = match &args.against {
        Some(revision) => Some(Tree::new(repo.snapshot(&repo.commit(revision)?)?)),
        None => None,
    };
    let question = Question { tree: &tree, against: against.as_ref(), settings: &settings };
    let (id, cache) = (question.id(), repo.cache());
    let found = match cache.verdict(id) {
        Some(verdict) => show(verdict, &unreadable, args, out)?,
        None => {
            cache.load_outlines(tree.snapshot(), &memo);
            let outline = question.outline(&memo)?;
            let alike = outline.and_then(|it| cache.verdict(it));
            let verdict = match alike.filter(|it| question.is_answered_by(it)) {
                Some(verdict) => verdict,
                None => answer(&question, &cache, &memo)?,
            };
            cache.keep(&memo);
            let found = show(verdict.clone(), &unreadable, args, out)?;
            for id in outline.into_iter().chain([id]) {
                cache.keep_verdict(id, &verdict);
            }
            std::mem::forget(memo);
            found
        }
    };
    // The process ends here: to take so many values apart would be a tenth of its time.
    std::mem::forget((tree, against));
    Ok(if found { Exit::Findings } else { Exit::Fine })
}

/// Finds the answer, and keeps what was read before.
fn answer(question: &Question<'_>, cache: &Cache, memo: &Memo) -> Result<Verdict, ReadError> {
    for tree in [Some(question.tree), question.against].into_iter().flatten() {
        cache.load(tree.snapshot(), memo);
    }
    let answer = || {
        let evidence = question.read(memo)?;
        let verdict = question.answer(&evidence)?;
        std::mem::forget(evidence);
        Ok(verdict)
    };
    // Most is read by now, and much of what is left to do is done by one thread.
    rayon::join(answer, || cache.keep(memo)).0
}

/// Returns what is to be looked at, with the files that cannot be read.
fn see(args: &Args, memo: &Memo) -> Result<(Repo, Snapshot, Vec<Unreadable>), CliError> {
    let here = Path::new(".");
    if args.base.is_none() && !args.staged {
        let looking = Looking::begin(here)?;
        read_ahead(&looking, memo);
        let (repo, WorkTree { snapshot, unreadable, .. }) = looking.end()?;
        let unreadable = unreadable.into_iter().map(|(path, error)| {
            let message = format!("{error}; what is staged is looked at");
            Unreadable { path, line: 0, column: 0, message }
        });
        return Ok((repo, snapshot, unreadable.collect()));
    }
    let repo = Repo::open(here)?;
    let snapshot = match &args.base {
        Some(revision) => repo.snapshot(&repo.commit(revision)?)?,
        None => repo.staged()?,
    };
    Ok((repo, snapshot, Vec::new()))
}

/// Reads the files as the index has them while git finds out which of them differ: hardly any do.
fn read_ahead(looking: &Looking, memo: &Memo) {
    let (tree, settings) = (Tree::new(looking.listed().clone()), settings(looking.repo()));
    let question = Question { tree: &tree, against: None, settings: &settings };
    let cache = looking.repo().cache();
    if cache.verdict(question.id()).is_none() {
        cache.load_outlines(tree.snapshot(), memo);
        // What cannot be read need not be in the work tree any more.
        let _ = Facts::read_ahead(&tree, &settings, memo);
    }
}

fn settings(repo: &Repo) -> Settings {
    Settings { installed: host::installed(repo.root()), ..Settings::default() }
}

/// Shows a verdict, and which files cannot be read; returns whether there is something to mend.
fn show(
    verdict: Verdict,
    unreadable: &[Unreadable],
    args: &Args,
    out: &mut Printer<'_>,
) -> Result<bool, CliError> {
    let Verdict { mut report, proof, roots, target, third_party, placed: _ } = verdict;
    report.unreadable.extend_from_slice(unreadable);
    report.unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    let (report, roots) = (&report, &roots);
    let against = match (&args.against, &proof) {
        (Some(revision), Some(proof)) => Some(Against { revision, proof }),
        _ => None,
    };
    let explain = Explain { roots, target, third_party };
    let view = VerifyReport { report, against, explain: args.explain.then_some(explain) };
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = args.format.verify {
        out.data(show(&view, options))?;
    }
    Ok(proof.as_ref().map_or_else(|| has_findings(report), is_worse))
}

/// Tells whether a tree has something to mend: a hint, and what the code itself expects, is none.
fn has_findings(report: &Report) -> bool {
    let missing = |it: &crate::verify::Unresolved| !it.optional && it.kind != Kind::Undeclared;
    report.unresolved.iter().any(missing)
        || !report.cycles.is_empty()
        || !report.unreadable.is_empty()
}

fn is_worse(proof: &Proof) -> bool {
    !proof.holds(true)
}
