//! What `plan` and `apply` share: from the words that were typed to a plan and its proof.

use std::sync::Arc;

use super::arguments::{Include, PlaybookArgs};
use super::error::CliError;
use super::playbooks::{self, Found, Origin};
use super::printer::Printer;
use crate::facts::{Facts, Memo, Settings};
use crate::finding::Severity;
use crate::host::{self, Repo};
use crate::path::RepoPath;
use crate::plan::{self, Options, Plan};
use crate::playbook::{self, Inputs, Playbook, Unset};
use crate::report::{PlanReport, SavedPlan};
use crate::tree::Tree;
use crate::verify::{CommitPer, Proof, Rules, Unproved, Verified, prove};

/// What is to be planned.
#[derive(Debug)]
pub(crate) struct Request {
    /// The playbook.
    pub(crate) found: Found,
    /// Values for its variables.
    pub(crate) set: Vec<(String, String)>,
    /// Which of its steps, and how far they go.
    pub(crate) options: Options,
    /// The commit to start from; `HEAD` where none is named.
    pub(crate) base: Option<String>,
    /// Warnings are errors.
    pub(crate) strict: bool,
    /// How steps are gathered into commits.
    pub(crate) per: CommitPer,
}

impl Request {
    /// Reads what was typed.
    ///
    /// # Errors
    /// When there is no such playbook.
    pub(crate) fn new(args: PlaybookArgs, per: CommitPer, repo: &Repo) -> Result<Self, CliError> {
        let PlaybookArgs { playbook, set, only, skip, base, include, strict } = args;
        let found = playbooks::find(&playbook, Some(repo))?;
        let include_review = include == Some(Include::Review);
        let options = Options { only, skip, include_review };
        Ok(Self { found, set, options, base, strict, per })
    }

    /// Takes a plan that was saved; `base` is the commit that the user names besides.
    pub(crate) fn saved(saved: &SavedPlan, base: Option<String>, per: CommitPer) -> Self {
        Self {
            found: Found {
                file: saved.playbook.clone(),
                bytes: saved.source.clone().into_bytes(),
                origin: Origin::User,
            },
            set: saved.vars.clone().into_iter().collect(),
            options: saved.options.clone(),
            base,
            strict: false,
            per,
        }
    }
}

/// A plan, proved or not, and all that it was made of.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The playbook, its variables filled in.
    pub(crate) playbook: Playbook,
    /// The commit that was read.
    pub(crate) base: host::Base,
    /// The plan with its proof, or with what it would break.
    pub(crate) verdict: Result<Verified, Box<Unproved>>,
    /// Facts of the files that were read.
    memo: Arc<Memo>,
}

impl Planned {
    /// Returns the plan, whatever its proof says.
    pub(crate) fn plan(&self) -> &Plan {
        match &self.verdict {
            Ok(verified) => verified.plan(),
            Err(unproved) => &unproved.plan,
        }
    }

    /// Returns what the plan makes of the imports.
    pub(crate) fn proof(&self) -> &Proof {
        match &self.verdict {
            Ok(verified) => verified.proof(),
            Err(unproved) => &unproved.proof,
        }
    }

    /// Returns the view of the plan that formats read.
    pub(crate) fn report(&self) -> PlanReport<'_> {
        PlanReport::new(self.plan(), &self.playbook, self.proof())
    }

    /// Returns the paths that the plan takes, moves or edits, as they are in the base commit.
    pub(crate) fn touched(&self) -> Vec<RepoPath> {
        let changes = self.plan().changes();
        let old = |it: &plan::Change| it.from.clone().unwrap_or_else(|| it.path.clone());
        let mut paths: Vec<RepoPath> = changes.iter().map(old).collect();
        paths.extend(changes.into_iter().filter(|it| it.from.is_some()).map(|it| it.path));
        paths.sort();
        paths.dedup();
        paths
    }
}

/// Plans what was asked for, and proves it.
///
/// # Errors
/// When the playbook has a mistake, the repository cannot be read, a step cannot be carried out, or
/// warnings are errors and there is one.
pub(crate) fn make(repo: &Repo, request: &Request) -> Result<Planned, CliError> {
    let base = repo.commit(request.base.as_deref().unwrap_or("HEAD"))?;
    let date = day(base.time);
    let inputs = Inputs { set: &request.set, date: &date, unset: Unset::IsMistake };
    let playbook = playbook::read(&request.found.file, &request.found.bytes, &inputs)?;
    let start = plan::Base { commit: base.commit, date, snapshot: repo.snapshot(&base)? };
    let memo = Arc::new(Memo::default());
    let plan = plan::plan(&start, &playbook, &request.options, &memo)?;
    if request.strict {
        no_warning(&plan)?;
    }
    let rules = Rules { cycles_fail: playbook.cycles_fail, frozen: playbook.frozen.clone() };
    let verdict = prove(plan, request.per, &rules);
    Ok(Planned { playbook, base, verdict, memo })
}

/// Says in one sentence what a plan would break.
pub(crate) fn verdict(proof: &Proof) -> CliError {
    let counts = [
        (proof.broken.len(), "imports that no longer resolve"),
        (proof.unreadable.len(), "files that no longer parse"),
        (proof.new_cycles.len(), "new import cycles"),
    ];
    let shown: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what}: {count}"))
        .collect();
    CliError::unverified(format!("verification failed, nothing was written; {}", shown.join(", ")))
}

/// What is in the work tree and not in the commit, and concerns a plan.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Files that the plan touches and that have changes which are not committed.
    pub(crate) dirty: Vec<RepoPath>,
    /// Untracked files that import what the plan moves or takes away.
    pub(crate) importers: Vec<RepoPath>,
}

/// Looks at the work tree for what a plan on a commit cannot see.
///
/// # Errors
/// When the work tree cannot be read.
pub(crate) fn beside(repo: &Repo, planned: &Planned) -> Result<Beside, CliError> {
    let touched = planned.touched();
    let concerns = |path: &RepoPath| touched.binary_search(path).is_ok();
    let now = repo.work_tree()?;
    let dirty =
        now.dirty.into_iter().chain(now.untracked.iter().cloned()).filter(|it| concerns(it));
    let dirty = dirty.collect();
    if !now.untracked.iter().any(|it| it.extension() == "py") {
        return Ok(Beside { dirty, importers: Vec::new() });
    }
    let settings = Settings { roots: planned.playbook.roots.clone(), ..Settings::default() };
    let facts = Facts::index(&Tree::new(now.snapshot), &settings, &planned.memo)?;
    let gone: Vec<RepoPath> = planned
        .plan()
        .changes()
        .into_iter()
        .filter_map(|it| it.from.or_else(|| it.new.is_none().then_some(it.path)))
        .collect();
    let mut importers: Vec<RepoPath> = facts
        .edges()
        .iter()
        .filter(|it| now.untracked.contains(&it.from) && gone.contains(&it.to))
        .map(|it| it.from.clone())
        .collect();
    importers.dedup();
    Ok(Beside { dirty, importers })
}

impl Beside {
    /// Warns of what the plan does not see.
    pub(crate) fn warn(&self, out: &mut Printer<'_>) {
        for path in &self.dirty {
            out.warn(format!(
                "`{path}` has changes that are not committed; the plan reads the commit"
            ));
        }
        for path in &self.importers {
            out.warn(format!(
                "`{path}` is untracked and imports what moves or leaves; it is not edited"
            ));
        }
    }
}

/// Returns the day of a time, UTC, as `yyyymmdd`; of a time that no calendar knows, the first day.
pub(crate) fn day(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y%m%d").to_string()
}

fn no_warning(plan: &Plan) -> Result<(), CliError> {
    let of_steps = plan.steps.iter().flat_map(|it| &it.outcome.findings);
    let mut all = of_steps.chain(&plan.findings);
    match all.find(|it| it.severity >= Severity::Warning) {
        Some(finding) => {
            Err(CliError::usage(finding.message.clone())
                .hint("without `--strict` this is a warning"))
        }
        None => Ok(()),
    }
}

/// Counts files in words.
pub(crate) fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
