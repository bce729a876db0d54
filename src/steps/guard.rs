//! The guards: which of the matched units a step may take.
//!
//! `unless-used` keeps whatever something that stays still uses, and so on to the end: what is taken
//! is the largest set of units that nothing outside it uses. So two files that use only each other do
//! not keep each other.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::{is_init, is_test};
use super::select::Unit;
use super::uses::{Targets, User, Uses};
use super::{LeftAlone, Stage, StepError};
use crate::path::RepoPath;
use crate::tree::Tree;

/// Why a frozen file is left alone.
pub(super) const FROZEN: &str = "`[keep] frozen` freezes it";

/// As many lines of evidence as a person reads.
const EVIDENCE: usize = 10;

/// Returns the units that both guards let go; the others are left alone, with the evidence.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn hold(stage: &mut Stage<'_>, units: Vec<Unit>) -> Result<Vec<Unit>, StepError> {
    let units = hold_same(stage, units);
    if !stage.unless_used {
        return Ok(units);
    }
    let candidates: Vec<_> = units.into_iter().map(|it| Candidate::new(it, Tie::Use)).collect();
    let fates = fates(stage, &candidates)?;
    let mut going = Vec::new();
    for (Candidate { unit, .. }, fate) in candidates.into_iter().zip(fates) {
        match fate {
            Fate::Leaves => going.push(unit),
            Fate::Stays { evidence, .. } => leave(stage, &unit, evidence),
        }
    }
    Ok(going)
}

/// Leaves something alone that is used.
pub(super) fn leave(stage: &mut Stage<'_>, unit: &Unit, evidence: Vec<String>) {
    let (path, reason) = (unit.path.clone(), "something that stays uses it".to_owned());
    stage.outcome.left_alone.push(LeftAlone { path, reason, evidence });
}

/// Something that may leave, with what decides it.
#[derive(Debug)]
pub(super) struct Candidate {
    /// What would leave.
    pub(super) unit: Unit,
    /// What keeps it.
    pub(super) tie: Tie,
}

/// What keeps a candidate.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// Nothing: it leaves.
    Nothing,
    /// A use by something that stays; an `__init__.py` also whatever stays below it.
    Use,
    /// The same, but of what stays below an `__init__.py` only code counts.
    UseByCode,
    /// A use, or one of these that stays: a test is there for what it tests.
    Subjects(BTreeSet<RepoPath>),
}

impl Candidate {
    /// Makes a candidate.
    pub(super) fn new(unit: Unit, tie: Tie) -> Self {
        Self { unit, tie }
    }

    /// Tells whether the file belongs to its folder, so that something which stays there may need it
    /// without naming it: all that is below an `__init__.py`, and the tests below a `conftest.py`.
    fn belongs_to_folder(&self) -> bool {
        !self.unit.folder && (is_init(&self.unit.path) || is_conftest(&self.unit.path))
    }

    /// Tells whether a file needs this one, which belongs to a folder above it.
    fn is_needed_by(&self, below: &RepoPath) -> bool {
        *below != self.unit.path
            && match self.tie {
                Tie::Nothing => false,
                _ if is_conftest(&self.unit.path) => is_test(below),
                Tie::UseByCode => matches!(below.extension(), "py" | "pyi" | "pyw"),
                Tie::Use | Tie::Subjects(_) => true,
            }
    }
}

fn is_conftest(path: &RepoPath) -> bool {
    path.name() == b"conftest.py"
}

/// What becomes of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing that stays uses it.
    Leaves,
    /// Something does.
    Stays {
        /// What does, a line each.
        evidence: Vec<String>,
        /// The files that use it.
        users: BTreeSet<RepoPath>,
    },
}

/// Decides what leaves: the largest set that nothing outside it uses. Only files that stay are read.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn fates(stage: &Stage<'_>, candidates: &[Candidate]) -> Result<Vec<Fate>, StepError> {
    let paths = candidates.iter().flat_map(|it| it.unit.files.iter().chain([&it.unit.path]));
    let targets = Targets::new(stage, paths.cloned().collect());
    let uses = Uses::new(stage, &targets);
    let mut deciding = Deciding::new(candidates);
    let mut fresh: BTreeSet<RepoPath> = stage.tree.entries().keys().cloned().collect();
    fresh.retain(|it| !deciding.owners.contains_key(it));
    while !fresh.is_empty() {
        let mut kept: BTreeSet<usize> = fresh.iter().flat_map(|it| deciding.kept_by(it)).collect();
        for found in uses.of(&fresh)? {
            kept.extend(deciding.used(&found.target, found.user));
        }
        kept.retain(|at| !deciding.stays[*at]);
        kept.iter().for_each(|at| deciding.stays[*at] = true);
        fresh = kept.iter().flat_map(|at| candidates[*at].unit.files.iter().cloned()).collect();
    }
    Ok(deciding.fates(&stage.tree))
}

/// What is known so far of what stays.
struct Deciding<'a> {
    candidates: &'a [Candidate],
    /// Which candidate a path is, or is a part of.
    owners: BTreeMap<&'a RepoPath, usize>,
    /// The candidates that belong to a folder.
    of_folders: BTreeMap<RepoPath, Vec<usize>>,
    /// The tests of each subject.
    tests: BTreeMap<&'a RepoPath, Vec<usize>>,
    users: Vec<BTreeSet<User>>,
    stays: Vec<bool>,
}

impl<'a> Deciding<'a> {
    fn new(candidates: &'a [Candidate]) -> Self {
        let mut owners = BTreeMap::new();
        let mut of_folders: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut tests: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (at, candidate) in candidates.iter().enumerate() {
            let Candidate { unit, tie } = candidate;
            owners.insert(&unit.path, at);
            owners.extend(unit.files.iter().map(|it| (it, at)));
            if let Some(folder) = unit.path.parent().filter(|_| candidate.belongs_to_folder()) {
                of_folders.entry(folder).or_default().push(at);
            }
            if let Tie::Subjects(subjects) = tie {
                subjects.iter().for_each(|it| tests.entry(it).or_default().push(at));
            }
        }
        let (users, stays) =
            (vec![BTreeSet::new(); candidates.len()], vec![false; candidates.len()]);
        Self { candidates, owners, of_folders, tests, users, stays }
    }

    /// Returns the candidates that a file keeps by staying where it is.
    fn kept_by(&self, file: &RepoPath) -> Vec<usize> {
        let above = file.folders().filter_map(|it| self.of_folders.get(&it)).flatten();
        let needed = above.filter(|at| self.candidates[**at].is_needed_by(file));
        needed.chain(self.tests.get(file).into_iter().flatten()).copied().collect()
    }

    /// Writes down a user of something, and returns the candidate that it keeps, if it is no part of
    /// that.
    fn used(&mut self, target: &RepoPath, user: User) -> Option<usize> {
        let at = *self.owners.get(target)?;
        let own = self.owners.get(&user.by) == Some(&at);
        if own || self.candidates[at].tie == Tie::Nothing {
            return None;
        }
        self.users[at].insert(user);
        Some(at)
    }

    fn fates(&self, tree: &Tree) -> Vec<Fate> {
        (0..self.candidates.len()).map(|at| self.fate(tree, at)).collect()
    }

    fn fate(&self, tree: &Tree, at: usize) -> Fate {
        if !self.stays[at] {
            return Fate::Leaves;
        }
        let candidate = &self.candidates[at];
        let stays = |it: &RepoPath| self.owners.get(it).is_none_or(|at| self.stays[*at]);
        let users = self.users[at].iter();
        let mut evidence: Vec<String> = users.map(|it| it.evidence(&candidate.unit.path)).collect();
        if let Some(folder) = candidate.unit.path.parent().filter(|_| candidate.belongs_to_folder())
        {
            let mut below = tree.under(&folder).map(|(path, _)| path);
            let below = below.find(|it| stays(it) && candidate.is_needed_by(it));
            evidence.extend(below.map(|it| format!("`{it}` is below it")));
        }
        if let Tie::Subjects(subjects) = &candidate.tie {
            let subject = subjects.iter().find(|it| stays(it));
            evidence.extend(subject.map(|it| format!("it tests `{it}`")));
        }
        let users = self.users[at].iter().map(|it| it.by.clone()).collect();
        Fate::Stays { evidence: shortened(evidence), users }
    }
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > EVIDENCE {
        let more = lines.len() - EVIDENCE;
        lines.truncate(EVIDENCE);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Returns the units that are byte-identical to the path that `same-as` names.
pub(super) fn hold_same(stage: &mut Stage<'_>, units: Vec<Unit>) -> Vec<Unit> {
    let (same, left): (Vec<_>, Vec<_>) = units
        .into_iter()
        .map(|it| (stage.differs(&it.path), it))
        .partition(|(why, _)| why.is_none());
    for (why, unit) in left {
        stage.leave(&unit.path, why.unwrap_or_default());
    }
    same.into_iter().map(|(_, unit)| unit).collect()
}

impl Stage<'_> {
    /// Tells whether the playbook freezes a file, which is then left alone.
    pub(super) fn is_frozen(&mut self, path: &RepoPath) -> bool {
        let frozen = self.context.frozen.covers(path);
        if frozen {
            self.leave(path, FROZEN);
        }
        frozen
    }

    /// Tells whether a file may be edited. One that is frozen or does not pass the guard `same-as` is
    /// left alone.
    pub(super) fn may_edit(&mut self, path: &RepoPath) -> bool {
        if self.is_frozen(path) {
            return false;
        }
        let differs = self.differs(path);
        let may = differs.is_none();
        if let Some(why) = differs {
            self.leave(path, why);
        }
        may
    }

    /// Says why `path` does not pass the guard `same-as`, if it does not.
    pub(super) fn differs(&self, path: &RepoPath) -> Option<String> {
        let original = self.same_as.as_ref()?;
        if path == original {
            Some("it is the one that `same-as` compares with".to_owned())
        } else if !self.tree.exists(original) {
            Some(format!("`{original}`, which it has to equal, does not exist"))
        } else if listing(&self.tree, path) == listing(&self.tree, original) {
            None
        } else {
            Some(format!("it differs from `{original}`"))
        }
    }
}

/// Returns the bytes, by id, of everything at or below a path.
fn listing(tree: &Tree, top: &RepoPath) -> Vec<(Option<RepoPath>, crate::tree::Id)> {
    tree.under(top).map(|(path, entry)| (path.relative_to(top), entry.id)).collect()
}
