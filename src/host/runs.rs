//! The log of runs: one file per run under the git directory, and what became of each since.
//!
//! A record is written before the branch that it tells of, so a run that died in between is known
//! and can be forgotten: what counts is whether the branch appeared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::branch;
use super::error::HostError;
use super::files::{list_folder, remove_file, write_aside};
use super::repo::{Repo, id_of, oid_of};
use crate::tree::Id;

/// A plan that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its number in this repository.
    pub id: String,
    /// The playbook's name.
    pub playbook: String,
    /// The variables.
    pub vars: BTreeMap<String, String>,
    /// The branch that it made; `None` where there was nothing to commit.
    pub branch: Option<String>,
    /// The commit that it started from.
    pub base: Id,
    /// The branch that was checked out; `None` where HEAD was detached.
    pub base_branch: Option<String>,
    /// The last commit of its branch, as the run left it.
    pub tip: Id,
    /// The tree of that commit.
    pub tree: Id,
    /// How many commits it made.
    pub commits: usize,
    /// When it was made, in seconds since 1970, UTC.
    pub time: i64,
    /// What became of it.
    pub state: RunState,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// Its branch has its commits, and is not merged; or it only took something off the disk.
    Published,
    /// Its commits are in the branch that is checked out, or in the one that it was made from.
    Merged,
    /// It was taken back.
    Undone {
        /// The branch that takes it back, where it was merged before.
        revert: Option<String>,
    },
    /// No branch that we know of has its commits.
    Gone,
}

/// Returns the runs of the repository, the first one first.
///
/// # Errors
/// When a record, or a ref, cannot be read.
pub fn runs(repo: &Repo) -> Result<Vec<Run>, HostError> {
    let mut found = Vec::new();
    for record in records(repo)? {
        if let Some(run) = record.run(repo)? {
            found.push(run);
        }
    }
    Ok(found)
}

/// Returns the commits of a run, oldest first: id and subject; none where git has dropped them.
///
/// # Errors
/// When the object store fails.
pub fn commits(repo: &Repo, run: &Run) -> Result<Vec<(Id, String)>, HostError> {
    repo.library(|library| {
        let mut found = Vec::new();
        let tip = oid_of(run.tip).map_err(|error| HostError::store("read a commit", &error))?;
        let mut next = library.find_commit(tip).ok();
        while let Some(commit) = next.filter(|_| found.len() < run.commits) {
            let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default());
            found.push((id_of(commit.id())?, subject.into_owned()));
            next = commit.parent(0).ok();
        }
        found.reverse();
        Ok(found)
    })
}

/// What is kept of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) format: Format,
    pub(super) id: u64,
    pub(super) stage: Stage,
    pub(super) playbook: String,
    pub(super) vars: BTreeMap<String, String>,
    /// `None` where there was nothing to commit.
    pub(super) branch: Option<String>,
    #[serde(with = "hex")]
    pub(super) base: Id,
    pub(super) base_branch: Option<String>,
    #[serde(with = "hex")]
    pub(super) tip: Id,
    #[serde(with = "hex")]
    pub(super) tree: Id,
    pub(super) commits: usize,
    pub(super) time: i64,
    /// The work tree that the run was made in: its trash is there.
    pub(super) work_tree: String,
}

/// The format of a record, for readers to come.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Format {
    /// This one.
    #[serde(rename = "overhaul.run/1")]
    One,
}

/// How far a run, or its undoing, came. The two that end in "ing" are left over by a kill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// Objects are written, and what leaves the disk is on its way; the branch comes next.
    Publishing,
    /// The branch is there; or there is none, and what was to leave the disk is in the trash.
    Published,
    /// The branch goes, or this one comes, next.
    Undoing(Option<String>),
    /// Taken back, by this branch where it was merged before.
    Undone(Option<String>),
}

impl Record {
    /// Writes the record: whole, or not at all.
    pub(super) fn save(&self, repo: &Repo) -> Result<(), HostError> {
        let path = path_of_record(repo, self.id);
        let failed = |error| HostError::disk("write", &path, error);
        fs::create_dir_all(folder(repo)).map_err(failed)?;
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|source| HostError::Record { path: path.clone(), source })?;
        text.push(b'\n');
        write_aside(&path, &text).map_err(failed)
    }

    /// Takes the record out.
    pub(super) fn forget(&self, repo: &Repo) -> Result<(), HostError> {
        let path = path_of_record(repo, self.id);
        fs::remove_file(&path).map_err(|error| HostError::disk("remove", &path, error))
    }

    /// Returns how far the run really came, a kill in between considered; `None` where it never
    /// happened.
    pub(super) fn resolved(&self, repo: &Repo) -> Result<Option<Stage>, HostError> {
        let Some(branch) = &self.branch else {
            return Ok(match &self.stage {
                Stage::Publishing => None,
                Stage::Published => Some(Stage::Published),
                Stage::Undoing(_) | Stage::Undone(_) => Some(Stage::Undone(None)),
            });
        };
        let there = || branch::has(repo, branch, self.tip);
        let stage = match &self.stage {
            Stage::Publishing if !there()? && self.landed(repo)?.is_none() => return Ok(None),
            Stage::Publishing => Stage::Published,
            Stage::Undoing(None) if there()? => Stage::Published,
            Stage::Undoing(Some(revert)) if branch::tip(repo, revert)?.is_none() => {
                Stage::Published
            }
            Stage::Undoing(revert) => Stage::Undone(revert.clone()),
            done @ (Stage::Published | Stage::Undone(_)) => done.clone(),
        };
        Ok(Some(stage))
    }

    /// Returns the commit of the branch that the run was merged into.
    pub(super) fn landed(&self, repo: &Repo) -> Result<Option<Id>, HostError> {
        for (_, place) in self.places(repo)? {
            if branch::is_in(repo, self.tip, place)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Returns where the run may have been merged, name and commit: what is checked out, and the
    /// branch that the run was made from.
    pub(super) fn places(&self, repo: &Repo) -> Result<Vec<(String, Id)>, HostError> {
        let mut places = Vec::new();
        let current = branch::current(repo)?;
        if current != self.branch {
            let name = current.unwrap_or_else(|| "HEAD".to_owned());
            places.extend(repo.commit("HEAD").ok().map(|it| (name, it.commit)));
        }
        if let Some(name) = &self.base_branch {
            places.extend(branch::tip(repo, name)?.map(|tip| (name.clone(), tip)));
        }
        Ok(places)
    }

    /// Returns the run, as others see it.
    pub(super) fn run(&self, repo: &Repo) -> Result<Option<Run>, HostError> {
        let state = match self.resolved(repo)? {
            None => return Ok(None),
            Some(Stage::Undone(revert) | Stage::Undoing(revert)) => RunState::Undone { revert },
            Some(Stage::Published | Stage::Publishing) => match &self.branch {
                None => RunState::Published,
                Some(_) if self.landed(repo)?.is_some() => RunState::Merged,
                Some(branch) if branch::has(repo, branch, self.tip)? => RunState::Published,
                Some(_) => RunState::Gone,
            },
        };
        Ok(Some(Run {
            id: self.id.to_string(),
            playbook: self.playbook.clone(),
            vars: self.vars.clone(),
            branch: self.branch.clone(),
            base: self.base,
            base_branch: self.base_branch.clone(),
            tip: self.tip,
            tree: self.tree,
            commits: self.commits,
            time: self.time,
            state,
        }))
    }
}

/// Returns the record of one run.
pub(super) fn record(repo: &Repo, id: &str) -> Result<Record, HostError> {
    let found = records(repo)?.into_iter().find(|it| it.id.to_string() == id);
    found.ok_or_else(|| HostError::UnknownRun(id.to_owned()))
}

/// Returns the number that the next run gets.
pub(super) fn next_id(repo: &Repo) -> Result<u64, HostError> {
    Ok(records(repo)?.last().map_or(1, |it| it.id + 1))
}

/// Returns what is recorded, in order.
pub(super) fn records(repo: &Repo) -> Result<Vec<Record>, HostError> {
    let mut records = Vec::new();
    for path in list_folder(&folder(repo))? {
        if is_record(&path) {
            records.push(read(path)?);
        }
    }
    records.sort_by_key(|it| it.id);
    Ok(records)
}

/// Removes what a kill left of writing a record.
pub(super) fn sweep(repo: &Repo) -> Result<(), HostError> {
    let left = list_folder(&folder(repo))?;
    left.iter().filter(|it| !is_record(it)).try_for_each(|it| remove_file(it))
}

fn is_record(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}

fn read(path: PathBuf) -> Result<Record, HostError> {
    let bytes = fs::read(&path).map_err(|error| HostError::disk("read", &path, error))?;
    serde_json::from_slice(&bytes).map_err(|source| HostError::Record { path, source })
}

fn folder(repo: &Repo) -> PathBuf {
    repo.shared_dir().join("runs")
}

fn path_of_record(repo: &Repo, id: u64) -> PathBuf {
    folder(repo).join(format!("{id}.json"))
}

/// Ids as 40 hexadecimal digits.
mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::tree::Id;

    pub(super) fn serialize<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
