//! From a playbook and a repository to a plan and its proof, and what the plan cannot see.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::FlowError;
use super::playbooks::{Found, Origin};
use super::programs::Recorder;
use crate::facts::{Facts, Memo, Settings};
use crate::finding::{Finding, Safety, Severity};
use crate::host::{self, Cache, Interrupted, Repo, WorkTree};
use crate::path::RepoPath;
use crate::plan::{self, OnDisk, Options, Plan};
use crate::playbook::{self, Inputs, Playbook, PlaybookStep, Unset};
use crate::report::{PlanReport, SavedPlan};
use crate::steps::ProgramRun;
use crate::tree::Tree;
use crate::verify::{CommitPer, Proof, Rules, Unproved, Unresolved, Verified, prove};

/// What is to be planned.
#[derive(Debug, Clone)]
pub struct Request {
    /// The playbook.
    pub found: Found,
    /// Values for its variables.
    pub set: Vec<(String, String)>,
    /// Which of its steps, and how far they go.
    pub options: Options,
    /// The commit to start from; `HEAD` where none is named.
    pub base: Option<String>,
    /// Warnings are errors.
    pub strict: bool,
    /// How steps are gathered into commits.
    pub per: CommitPer,
    /// Allow a playbook of the repository itself to start programs.
    pub allow_run: bool,
    /// What programs did when the plan was saved: then none is started.
    pub saved_runs: Option<Vec<ProgramRun>>,
}

impl Request {
    /// Takes a plan that was saved; `base` is the commit that the user names besides.
    #[must_use]
    pub fn saved(saved: &SavedPlan, base: Option<String>, per: CommitPer) -> Self {
        Self {
            found: Found {
                file: saved.playbook.clone(),
                bytes: saved.source.clone().into_bytes(),
                // As trusted as it was when it was saved.
                origin: if saved.may_run { Origin::User } else { Origin::Repository },
            },
            set: saved.vars.clone().into_iter().collect(),
            options: saved.options.clone(),
            base,
            strict: false,
            per,
            allow_run: false,
            saved_runs: Some(saved.runs.clone()),
        }
    }

    /// Tells whether the playbook may start programs.
    #[must_use]
    pub fn may_run(&self) -> bool {
        self.allow_run || self.found.origin != Origin::Repository
    }
}

/// A plan, proved or not, and all that it was made of.
#[derive(Debug)]
pub struct Planned {
    /// The playbook, its variables filled in.
    pub playbook: Playbook,
    /// The commit that was read.
    pub base: host::Base,
    /// The plan with its proof, or with what it would break.
    pub verdict: Result<Verified, Box<Unproved>>,
    /// What the steps want off the disk, and is there.
    pub disk: OnDisk,
    /// What programs did, to be played back.
    pub runs: Vec<ProgramRun>,
    /// Facts of the files that were read.
    memo: Arc<Memo>,
}

impl Planned {
    /// Returns the plan, whatever its proof says.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        match &self.verdict {
            Ok(verified) => verified.plan(),
            Err(unproved) => &unproved.plan,
        }
    }

    /// Returns what the plan makes of the imports.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        match &self.verdict {
            Ok(verified) => verified.proof(),
            Err(unproved) => &unproved.proof,
        }
    }

    /// Returns what the plan warns of: what its steps met, and which imports it does not prove.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = findings(self.plan())
            .chain(&self.disk.findings)
            .filter(|it| it.severity >= Severity::Warning);
        let mut all: Vec<String> = warnings.map(Finding::sentence).collect();
        all.extend(unproved_imports(self.proof()));
        all
    }

    /// Returns the view of the plan that formats read.
    #[must_use]
    pub fn report(&self) -> PlanReport<'_> {
        let commits = self.verdict.as_ref().map_or(&[][..], Verified::commits);
        PlanReport::new(self.plan(), &self.playbook, self.proof(), commits, &self.disk)
    }

    /// Tells whether there is anything to do, in the tree or on the disk.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plan().changes().is_empty() && self.disk.junk.is_empty()
    }

    /// Returns the paths that the plan takes, moves or edits, as they are in the base commit.
    #[must_use]
    pub fn touched(&self) -> Vec<RepoPath> {
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
pub fn make(repo: &Repo, request: &Request) -> Result<Planned, FlowError> {
    let (read, plan) = read(repo, request, Forbidden::Refused)?;
    if request.strict {
        no_warning(&plan)?;
    }
    let facts = Arc::clone(&plan.facts_before);
    let Read { playbook, .. } = &read;
    let rules = Rules { cycles_fail: playbook.cycles_fail, frozen: playbook.frozen.clone() };
    let verdict = prove(plan, request.per, &rules)?;
    read.keep(&facts);
    if let (true, Ok(verified)) = (request.strict, &verdict)
        && let Some(warning) = unproved_imports(verified.proof()).into_iter().next()
    {
        return Err(FlowError::Warned(warning));
    }
    let disk = repo.junk(match &verdict {
        Ok(verified) => verified.plan(),
        Err(unproved) => &unproved.plan,
    })?;
    if let (true, Some(finding)) = (request.strict, disk.findings.first()) {
        return Err(FlowError::Warned(finding.sentence()));
    }
    let Read { playbook, base, memo, runs, .. } = read;
    Ok(Planned { playbook, base, verdict, disk, runs, memo })
}

/// What a plan was made with.
pub(super) struct Read {
    /// The playbook, its variables filled in.
    pub(super) playbook: Playbook,
    base: host::Base,
    cache: Cache,
    memo: Arc<Memo>,
    runs: Vec<ProgramRun>,
    /// The steps that were left out, for they may not start programs.
    pub(super) left_out: Vec<String>,
}

/// What becomes of steps that start programs where they may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forbidden {
    /// There is no plan.
    Refused,
    /// The plan does without them.
    LeftOut,
}

impl Read {
    /// Keeps what was read and resolved for the next run.
    pub(super) fn keep(&self, facts: &Facts) {
        self.cache.keep(&self.memo);
        if let Some((question, graph)) = facts.fresh_graph() {
            self.cache.keep_graph(question, &graph);
        }
    }
}

/// Plans what was asked for, and proves nothing.
///
/// # Errors
/// When the playbook has a mistake, the repository cannot be read, or a step cannot be carried out.
pub(super) fn read(
    repo: &Repo,
    request: &Request,
    forbidden: Forbidden,
) -> Result<(Read, Plan), FlowError> {
    let base = repo.commit(request.base.as_deref().unwrap_or("HEAD"))?;
    let date = day(base.time);
    let inputs = Inputs { set: &request.set, date: &date, unset: Unset::IsMistake };
    let playbook = playbook::read(&request.found.file, &request.found.bytes, &inputs)?;
    let programs = Arc::new(match &request.saved_runs {
        Some(runs) => Recorder::playback(runs),
        None => Recorder::live(),
    });
    let may_run = request.saved_runs.is_some() || request.may_run();
    let skipped = |it: &PlaybookStep| request.options.skip.contains(&it.id);
    let starts = |it: &&PlaybookStep| it.kind.starts_programs && !may_run && !skipped(it);
    let left_out: Vec<String> =
        playbook.steps.iter().filter(starts).map(|it| it.id.clone()).collect();
    if forbidden == Forbidden::Refused && !left_out.is_empty() {
        return Err(FlowError::MayNotRun);
    }
    let mut options = request.options.clone();
    options.skip.extend(left_out.iter().cloned());
    let start = plan::Base { commit: base.commit, date, snapshot: repo.snapshot(&base)? };
    let (cache, memo) = (repo.cache(), Arc::new(Memo::default()));
    rayon::join(|| cache.load(&start.snapshot, &memo), || cache.load_words(&start.snapshot, &memo));
    cache.lend(&memo);
    memo.read_words();
    let plan = plan::plan_with(&start, &playbook, &options, &memo, programs.clone())?;
    Ok((Read { playbook, base, cache, memo, runs: programs.runs(), left_out }, plan))
}

/// Says of each import that is not proved why it is not.
fn unproved_imports(proof: &Proof) -> Vec<String> {
    let sentence = |it: &Unresolved| {
        let why = it.why.as_deref().unwrap_or("nothing is known of it");
        format!("`{}:{}` imports `{}`, which is unproved: {why}", it.path, it.line, it.module)
    };
    proof.unproved.iter().map(sentence).collect()
}

/// Says in one sentence what a plan would break.
#[must_use]
pub fn unproved(planned: &Planned) -> FlowError {
    let proof = planned.proof();
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
    let edits = planned.plan().steps.iter().flat_map(|it| &it.outcome.edits);
    let waiting = edits.filter(|it| !it.applied && it.safety == Safety::Review).count();
    let runs = proof.broken.iter().any(|it| it.why.is_some());
    let rings = proof.broken.is_empty() && proof.unreadable.is_empty();
    FlowError::Unproved { broken: shown.join(", "), waiting, runs, rings }
}

/// Says of what a kill interrupted what it means for who reads, and what ends it.
///
/// # Errors
/// When what was written down of it cannot be read.
pub fn interrupted(repo: &Repo) -> Result<Option<String>, FlowError> {
    let sentence = |it| {
        let what = match it {
            Interrupted::Switch(branch) => format!(
                "a switch to branch `{branch}` was interrupted here, and files may be of either side"
            ),
            Interrupted::Move(run) => format!(
                "run {run} was interrupted here while it moved files between the disk and the trash, \
                 and they may be in either"
            ),
        };
        format!(
            "{what}; the next `overhaul apply` or `overhaul undo` finishes it or takes it back first"
        )
    };
    Ok(host::interrupted(repo)?.map(sentence))
}

/// What is in the work tree and not in the commit, and concerns a plan.
#[derive(Debug, Default)]
pub struct Beside {
    /// Files that the plan touches and that have changes which are not committed.
    pub dirty: Vec<RepoPath>,
    /// Untracked files that import what the plan moves or takes away.
    pub importers: Vec<RepoPath>,
}

/// As [`make`], and looks at the work tree for what a plan on a commit cannot see. git reads the work
/// tree while we plan.
///
/// # Errors
/// As [`make`], or when the work tree cannot be read.
pub fn make_and_look(repo: &Repo, request: &Request) -> Result<(Planned, Beside), FlowError> {
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| repo.work_tree());
        let planned = make(repo, request)?;
        let now = looking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let beside = beside_of(repo, &planned, now)?;
        Ok((planned, beside))
    })
}

/// Looks at the work tree for what a plan on a commit cannot see.
///
/// # Errors
/// When the work tree cannot be read.
pub fn beside(repo: &Repo, planned: &Planned) -> Result<Beside, FlowError> {
    beside_of(repo, planned, repo.work_tree()?)
}

fn beside_of(repo: &Repo, planned: &Planned, now: WorkTree) -> Result<Beside, FlowError> {
    let touched = planned.touched();
    let concerns = |path: &RepoPath| touched.binary_search(path).is_ok();
    let dirty =
        now.dirty.into_iter().chain(now.untracked.iter().cloned()).filter(|it| concerns(it));
    let dirty = dirty.collect();
    if !now.untracked.iter().any(|it| matches!(it.extension(), "py" | "pyw")) {
        return Ok(Beside { dirty, importers: Vec::new() });
    }
    let settings = Settings { roots: planned.playbook.roots.clone(), ..Settings::default() };
    repo.cache().load(&now.snapshot, &planned.memo);
    let facts = Facts::index(&Tree::new(now.snapshot), &settings, &planned.memo)?;
    let gone: BTreeSet<RepoPath> = planned
        .plan()
        .changes()
        .into_iter()
        .filter_map(|it| it.from.or_else(|| it.new.is_none().then_some(it.path)))
        .collect();
    let untracked: BTreeSet<&RepoPath> = now.untracked.iter().collect();
    let mut importers: Vec<RepoPath> = facts
        .edges()
        .filter(|it| gone.contains(&it.to) && untracked.contains(&it.from))
        .map(|it| it.from.clone())
        .collect();
    importers.dedup();
    Ok(Beside { dirty, importers })
}

impl Beside {
    /// Returns a warning for each thing that the plan does not see.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let dirty = self.dirty.iter().map(|path| {
            format!("`{path}` has changes that are not committed; the plan reads the commit")
        });
        let importers = self.importers.iter().map(|path| {
            format!("`{path}` is untracked and imports what moves or leaves; it is not edited")
        });
        dirty.chain(importers).collect()
    }
}

/// Returns the day of a time, UTC, as `yyyymmdd`; of a time that no calendar knows, the first day.
fn day(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y%m%d").to_string()
}

fn findings(plan: &Plan) -> impl Iterator<Item = &Finding> {
    plan.steps.iter().flat_map(|it| &it.outcome.findings).chain(&plan.findings)
}

fn no_warning(plan: &Plan) -> Result<(), FlowError> {
    match findings(plan).find(|it| it.severity >= Severity::Warning) {
        Some(finding) => Err(FlowError::Warned(finding.message.clone())),
        None => Ok(()),
    }
}
