//! What is kept of a campaign: its manifest, and one result for each repository.
//!
//! Neither holds a time, so the same repositories give the same bytes. Both are read as strictly as
//! they are written: a result that is only half understood is none.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::json;

/// What a campaign does with each repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Plans, and writes nothing into it.
    Plan,
    /// Publishes the plan on a branch.
    Run,
}

/// A campaign: what is done, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// The format.
    pub format: CampaignFormat,
    /// The version of overhaul that does it.
    pub version: String,
    /// What is done.
    pub action: Action,
    /// The name of the playbook.
    pub playbook: String,
    /// A digest of all that decides what comes out: playbook, variables and choices.
    pub key: String,
    /// The repositories: the name of the result, and the path.
    pub repositories: BTreeMap<String, String>,
}

/// The format of a manifest, for readers to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CampaignFormat {
    /// This one.
    #[serde(rename = "overhaul.campaign/1")]
    One,
}

/// What became of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryResult {
    /// The format.
    pub format: ResultFormat,
    /// The path of the repository.
    pub repository: String,
    /// The name of the playbook.
    pub playbook: String,
    /// What became of it.
    pub state: State,
    /// The exit code that the command for one repository would have given.
    pub exit: u8,
    /// Why it was skipped or refused, or failed.
    pub reason: Option<String>,
    /// What caused that, nearest first.
    pub causes: Vec<String>,
    /// What could be done about it.
    pub hint: Option<String>,
    /// What a person should know all the same.
    pub warnings: Vec<String>,
    /// The plan, where one was made.
    pub plan: Option<PlanCounts>,
    /// The branch, where one was made.
    pub branch: Option<String>,
    /// The last commit of that branch.
    pub commit: Option<String>,
}

/// The format of a result, for readers to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResultFormat {
    /// This one.
    #[serde(rename = "overhaul.batch/1")]
    One,
}

/// What became of a repository, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// There is a plan that holds.
    Planned,
    /// The plan is on a branch.
    Applied,
    /// There is nothing to change.
    Empty,
    /// It was not looked at.
    Skipped,
    /// overhaul does not touch it as it is.
    Refused,
    /// Something went wrong, or the plan would break something.
    Failed,
}

impl State {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 6] =
        [Self::Planned, Self::Applied, Self::Empty, Self::Skipped, Self::Refused, Self::Failed];

    /// Returns the word that users read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applied => "applied",
            Self::Empty => "empty",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A plan in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCounts {
    /// The commit that was read.
    pub base: String,
    /// The tree that comes out.
    pub tree: String,
    /// Commits of the branch; none where the plan does not hold.
    pub commits: usize,
    /// Files that come.
    pub added: usize,
    /// Files that are edited in their place.
    pub edited: usize,
    /// Files that move, edited or not.
    pub moved: usize,
    /// Files that go.
    pub removed: usize,
    /// Edits that are only shown, for they are only probably right.
    pub pending: usize,
    /// Imports that resolve by it.
    pub fixed: usize,
    /// Imports that break by it.
    pub broken: usize,
    /// Imports that did not resolve and still do not.
    pub still_broken: usize,
    /// Imports in files that must not be edited.
    pub unproved: usize,
    /// Files that no longer parse.
    pub unreadable: usize,
    /// Rings of modules that import each other by it.
    pub new_cycles: usize,
    /// Files that leave the disk, and that git does not track.
    #[serde(default)]
    pub on_disk_files: u64,
    /// How many bytes are in them.
    #[serde(default)]
    pub on_disk_bytes: u64,
}

impl PlanCounts {
    /// Returns how many files differ.
    #[must_use]
    pub fn files(&self) -> usize {
        self.added + self.edited + self.moved + self.removed
    }
}

/// A campaign as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignReport {
    /// The campaign.
    pub campaign: Campaign,
    /// The results so far, by name.
    pub results: BTreeMap<String, RepositoryResult>,
}

impl CampaignReport {
    /// Returns each repository with its result, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&str, Option<&RepositoryResult>)> {
        let mut rows: Vec<_> = self.campaign.repositories.iter().collect();
        rows.sort_by_key(|(_, path)| *path);
        rows.into_iter().map(|(name, path)| (path.as_str(), self.results.get(name)))
    }

    /// Returns each warning once, with the paths of the repositories that it concerns.
    #[must_use]
    pub fn warnings(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (path, result) in self.rows() {
            for warning in result.into_iter().flat_map(|it| &it.warnings) {
                found.entry(warning).or_default().insert(path);
            }
        }
        found
    }

    /// Returns how many repositories are in each state, and how many wait.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let states: Vec<Option<State>> =
            self.rows().map(|(_, result)| result.map(|it| it.state)).collect();
        let words =
            State::ALL.map(|it| (it.word(), Some(it))).into_iter().chain([("waiting", None)]);
        words
            .map(|(word, state)| (word, states.iter().filter(|it| **it == state).count()))
            .collect()
    }

    /// Tells whether a repository was refused or failed.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.rows().any(|(_, result)| result.is_some_and(|it| it.exit != 0))
    }
}

impl Campaign {
    /// Writes the manifest.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        json::pretty(self)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

impl RepositoryResult {
    /// Writes the result.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        json::pretty(self)
    }

    /// Reads a result.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
