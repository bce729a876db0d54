//! What goes along with what a step takes: files that only that has used, and the tests of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::guard::{self, Candidate, Fate, Tie};
use super::super::packages::is_init;
use super::super::select::{Closed, Unit};
use super::super::uses::{Targets, Uses};
use super::super::{Stage, StepError};
use super::Remove;
use super::reach::{is_found, is_free, is_started, is_test_code};
use crate::finding::Finding;
use crate::path::RepoPath;

/// Decides what goes.
pub(super) struct Along<'a> {
    /// The step.
    pub(super) remove: &'a Remove,
}

impl Along<'_> {
    /// Returns what goes of `units`, and what goes along; what is used is left alone, with the evidence.
    pub(super) fn leaving(
        &self,
        stage: &mut Stage<'_>,
        units: Vec<Unit>,
    ) -> Result<Vec<Unit>, StepError> {
        let Remove { cascade, with_tests, .. } = *self.remove;
        let reach = self.remove.unreachable_from.is_some();
        let tie = || match (reach, stage.unless_used) {
            (true, _) => Tie::UseByCode,
            (false, true) => Tie::Use,
            (false, false) => Tie::Nothing,
        };
        if tie() == Tie::Nothing && !cascade && !with_tests {
            return Ok(units);
        }
        let named = units.len();
        let mut candidates: Vec<_> =
            units.into_iter().map(|it| Candidate::new(it, tie())).collect();
        let closed = Closed::of(stage);
        if cascade {
            let used = used_by(stage, &closed, &candidates, |path| {
                !is_test_code(path) && !is_started(stage, path)
            })?;
            candidates.extend(used);
        }
        if with_tests {
            let tests = tests_of(stage, &closed, &candidates)?;
            let only_code = |it: &RepoPath| !is_found(stage, it) || it.name() == b"conftest.py";
            let helpers = used_by(stage, &closed, &tests, |path| {
                only_code(path) && !is_test_code(path) && is_among_tests(path)
            })?;
            candidates.extend(tests);
            let known: BTreeSet<_> = candidates.iter().map(|it| it.unit.path.clone()).collect();
            candidates.extend(helpers.into_iter().filter(|it| !known.contains(&it.unit.path)));
        }
        let fates = guard::fates(stage, &candidates)?;
        list_mixed(stage, &candidates, &fates);
        let mut going = Vec::new();
        for (at, (Candidate { unit, .. }, fate)) in candidates.into_iter().zip(fates).enumerate() {
            match fate {
                Fate::Leaves => going.push(unit),
                Fate::Stays { evidence, .. } if at < named => guard::leave(stage, &unit, evidence),
                Fate::Stays { .. } => {}
            }
        }
        going.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(going)
    }
}

/// Returns the files of candidates.
fn files_of(candidates: &[Candidate]) -> BTreeSet<RepoPath> {
    candidates.iter().flat_map(|it| it.unit.files.iter().cloned()).collect()
}

/// Makes a candidate of one file.
fn file(path: RepoPath, tie: Tie) -> Candidate {
    let files = vec![path.clone()];
    Candidate::new(Unit { path, folder: false, files }, tie)
}

/// Returns the Python files that candidates use, and those use in turn, with what belongs to their
/// folders. `may_go` says which.
fn used_by(
    stage: &Stage<'_>,
    closed: &Closed,
    candidates: &[Candidate],
    may_go: impl Fn(&RepoPath) -> bool,
) -> Result<Vec<Candidate>, StepError> {
    let named = files_of(candidates);
    let free = |it: &&RepoPath| !named.contains(*it) && is_free(stage, closed, it) && may_go(it);
    let free: BTreeSet<RepoPath> = stage.facts.files().keys().filter(free).cloned().collect();
    let targets = Targets::new(stage, free.clone());
    let uses = Uses::new(stage, &targets);
    let (mut found, mut fresh) = (BTreeSet::new(), named);
    while !fresh.is_empty() {
        let used: BTreeSet<_> = uses.of(&fresh)?.into_iter().map(|it| it.target).collect();
        let folders: BTreeSet<RepoPath> = fresh.iter().flat_map(RepoPath::folders).collect();
        let names = ["__init__.py", "__init__.pyi", "conftest.py"];
        let above =
            folders.iter().flat_map(|it| names.iter().filter_map(|name| it.child(name).ok()));
        let above = above.filter(|it| free.contains(it));
        fresh = used.into_iter().chain(above).filter(|it| !found.contains(it)).collect();
        found.extend(fresh.iter().cloned());
    }
    Ok(found.into_iter().map(|it| file(it, Tie::Use)).collect())
}

/// Returns the tests that use a candidate, with all Python files that they use.
fn tests_of(
    stage: &Stage<'_>,
    closed: &Closed,
    candidates: &[Candidate],
) -> Result<Vec<Candidate>, StepError> {
    let known = files_of(candidates);
    let python = || stage.facts.files().keys();
    let is_test =
        |it: &&RepoPath| is_test_code(it) && !known.contains(*it) && is_free(stage, closed, it);
    let tests: BTreeSet<RepoPath> = python().filter(is_test).cloned().collect();
    let helps = |it: &&RepoPath| is_among_tests(it) && !is_test_code(it);
    let helpers: BTreeSet<RepoPath> = python().filter(helps).cloned().collect();
    let code = python().filter(|it| !tests.contains(*it));
    let targets = Targets::new(stage, code.cloned().collect());
    let uses = Uses::new(stage, &targets);
    let mut used: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
    for it in uses.of(&tests.union(&helpers).cloned().collect())? {
        used.entry(it.user.by).or_default().insert(it.target);
    }
    let mut found = Vec::new();
    for test in tests {
        let subjects = subjects(&test, &used, &helpers);
        if subjects.iter().any(|it| known.contains(it)) {
            found.push(file(test, Tie::Subjects(subjects)));
        }
    }
    Ok(found)
}

/// Returns what a test is about: what it uses itself that does not only help tests; where that is
/// nothing, what its helpers use.
fn subjects(
    test: &RepoPath,
    used: &BTreeMap<RepoPath, BTreeSet<RepoPath>>,
    helpers: &BTreeSet<RepoPath>,
) -> BTreeSet<RepoPath> {
    let (mut seen, mut fresh) = (BTreeSet::new(), BTreeSet::from([test.clone()]));
    while !fresh.is_empty() {
        let all: BTreeSet<_> = fresh.iter().filter_map(|it| used.get(it)).flatten().collect();
        let (help, subjects): (BTreeSet<&RepoPath>, BTreeSet<&RepoPath>) =
            all.into_iter().partition(|it| helpers.contains(*it));
        if !subjects.is_empty() {
            return subjects.into_iter().cloned().collect();
        }
        fresh = help.into_iter().filter(|it| !seen.contains(*it)).cloned().collect();
        seen.extend(fresh.iter().cloned());
    }
    BTreeSet::new()
}

/// Tells whether a file stands among tests.
fn is_among_tests(path: &RepoPath) -> bool {
    let is_tests = |it: &RepoPath| matches!(it.name(), b"tests" | b"test");
    path.name() == b"conftest.py" || path.folders().any(|it| is_tests(&it))
}

/// Lists the tests that stay for one thing that they test, though another one goes, or stays only for
/// them.
fn list_mixed(stage: &mut Stage<'_>, candidates: &[Candidate], fates: &[Fate]) {
    let files = |at: usize| candidates[at].unit.files.iter().map(move |file| (file, at));
    let owners: BTreeMap<&RepoPath, usize> = (0..candidates.len()).flat_map(files).collect();
    let fate = |path: &RepoPath| owners.get(path).map(|at| &fates[*at]);
    let is_test = |path: &RepoPath| {
        owners.get(path).is_some_and(|at| matches!(candidates[*at].tie, Tie::Subjects(_)))
    };
    let goes = |path: &RepoPath| fate(path) == Some(&Fate::Leaves);
    let is_kept = |path: &RepoPath| match fate(path) {
        Some(Fate::Stays { users, .. }) => !users.is_empty() && users.iter().all(is_test),
        Some(Fate::Leaves) | None => false,
    };
    for (candidate, fate) in candidates.iter().zip(fates) {
        let (Tie::Subjects(subjects), Fate::Stays { .. }) = (&candidate.tie, fate) else {
            continue;
        };
        let code = || subjects.iter().filter(|it| !is_init(it));
        let Some(other) = code().find(|it| !goes(it) && !is_kept(it)) else { continue };
        let message = match (code().find(|it| goes(it)), code().find(|it| is_kept(it))) {
            (Some(gone), _) => {
                format!("tests `{gone}`, which is removed, and `{other}`, which stays")
            }
            (None, Some(kept)) => format!("tests `{other}`, which stays, and so keeps `{kept}`"),
            (None, None) => continue,
        };
        stage.tell(Finding::warning(Some(candidate.unit.path.clone()), message));
    }
}
