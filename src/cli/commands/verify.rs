//! `verify`: does every import resolve?

use std::sync::Arc;

use crate::cli::arguments::formats;
use crate::cli::error::CliError;
use crate::cli::printer::Printer;
use crate::facts::{Facts, Memo, Settings};
use crate::flow::Exit;
use crate::host::{self, Repo};
use crate::report::{Against, Explain, Format, TextOptions, VerifyReport};
use crate::tree::{Snapshot, Tree};
use crate::verify::{Kind, Proof, Report, Terms, check, compare};

/// Does every import resolve?
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads the work tree: what is tracked, and what is untracked but not ignored."
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
    let repo = Repo::open(".".as_ref())?;
    let settings = Settings { installed: host::installed(repo.root()), ..Settings::default() };
    let memo = Arc::new(Memo::default());
    let cache = repo.cache();
    let snapshot = snapshot(&repo, args)?;
    cache.load(&snapshot, &memo);
    let tree = Tree::new(snapshot);
    let facts = Facts::index(&tree, &settings, &memo)?;
    let report = check(&facts);
    let proof = match &args.against {
        Some(revision) => {
            let old = repo.snapshot(&repo.commit(revision)?)?;
            cache.load(&old, &memo);
            let old = Tree::new(old);
            let old_facts = Facts::index(&old, &settings, &memo)?;
            Some(compare((&old, &old_facts), (&tree, &facts), &|_| Terms::Open))
        }
        None => None,
    };
    let against = match (&args.against, &proof) {
        (Some(revision), Some(proof)) => Some(Against { revision, proof }),
        _ => None,
    };
    let view =
        VerifyReport { report: &report, against, explain: args.explain.then(|| explain(&facts)) };
    let options =
        TextOptions { colour: out.colored_data(), verbose: out.is_verbose(), stat: false };
    if let Some(show) = args.format.verify {
        out.data(show(&view, options))?;
    }
    cache.keep(&memo);
    let found = proof.as_ref().map_or_else(|| has_findings(&report), is_worse);
    // The process ends here: to take millions of values apart would be a tenth of its time.
    std::mem::forget((tree, facts, memo));
    Ok(if found { Exit::Findings } else { Exit::Fine })
}

fn snapshot(repo: &Repo, args: &Args) -> Result<Snapshot, CliError> {
    Ok(match (&args.base, args.staged) {
        (Some(revision), _) => repo.snapshot(&repo.commit(revision)?)?,
        (None, true) => repo.staged()?,
        (None, false) => repo.work_tree()?.snapshot,
    })
}

fn explain(facts: &Facts) -> Explain<'_> {
    Explain {
        roots: facts.roots(),
        target: facts.target(),
        third_party: facts.declared().iter().cloned().collect(),
    }
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
