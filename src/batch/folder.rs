//! The folder of a campaign: a result for each repository, and in `.campaign` what is ours.
//!
//! A result is written in `.campaign` and renamed, so whoever looks at the folder sees whole results
//! only, whenever the campaign is killed.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Task;
use super::error::BatchError;
use super::repositories::Repositories;
use crate::report::{Action, Campaign, CampaignFormat, CampaignReport, RepositoryResult};

/// The folder for what is ours.
const OWN: &str = ".campaign";

/// A folder of results, of which nobody else is writing any.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    campaign: Campaign,
    /// Let go by the system when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Begins a campaign in `root`, or goes on with it.
    pub(super) fn open(
        root: &Path,
        task: &Task,
        repositories: &Repositories,
    ) -> Result<Self, BatchError> {
        let own = root.join(OWN);
        fs::create_dir_all(&own).map_err(|error| BatchError::disk("make", &own, error))?;
        let lock = lock(root)?;
        let before = manifest(root)?;
        let mut campaign = Campaign {
            format: CampaignFormat::One,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            action: task.action,
            playbook: task.name.clone(),
            key: task.key(),
            repositories: repositories.named(),
        };
        if let Some(before) = before {
            same(root, &before, &campaign)?;
            campaign.repositories.extend(before.repositories);
        }
        write(&own.join("manifest.part"), &manifest_of(root), &campaign.write())?;
        Ok(Self { root: root.to_owned(), campaign, _lock: lock })
    }

    /// Returns the result of a repository; one that cannot be understood is none.
    pub(super) fn result(&self, name: &str) -> Result<Option<RepositoryResult>, BatchError> {
        result(&self.root, name)
    }

    /// Keeps the result of a repository.
    pub(super) fn keep(&self, name: &str, result: &RepositoryResult) -> Result<(), BatchError> {
        let part = self.root.join(OWN).join(format!("{name}.part"));
        write(&part, &place(&self.root, name), &result.write())
    }

    /// Returns the campaign as it stands.
    pub(super) fn report(self) -> Result<CampaignReport, BatchError> {
        report(&self.root, self.campaign)
    }
}

/// Returns the campaign in a folder as it stands.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn status(root: &Path) -> Result<CampaignReport, BatchError> {
    let campaign = manifest(root)?.ok_or_else(|| BatchError::NoCampaign(root.to_owned()))?;
    report(root, campaign)
}

fn report(root: &Path, campaign: Campaign) -> Result<CampaignReport, BatchError> {
    let mut results = BTreeMap::new();
    for name in campaign.repositories.keys() {
        if let Some(found) = result(root, name)? {
            results.insert(name.clone(), found);
        }
    }
    Ok(CampaignReport { campaign, results })
}

fn lock(root: &Path) -> Result<File, BatchError> {
    let path = root.join(OWN).join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| BatchError::disk("open", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BatchError::Busy(root.to_owned())),
        Err(TryLockError::Error(error)) => Err(BatchError::disk("lock", &path, error)),
    }
}

fn manifest_of(root: &Path) -> PathBuf {
    root.join(OWN).join("manifest.json")
}

fn manifest(root: &Path) -> Result<Option<Campaign>, BatchError> {
    let path = manifest_of(root);
    let Some(bytes) = read(&path)? else { return Ok(None) };
    Campaign::read(&bytes).map(Some).map_err(|source| BatchError::Manifest { path, source })
}

/// Refuses results that the campaign would not give.
fn same(root: &Path, before: &Campaign, now: &Campaign) -> Result<(), BatchError> {
    let keys = |it: &Campaign| (it.version.clone(), it.action, it.key.clone());
    if keys(before) == keys(now) {
        return Ok(());
    }
    let action = match before.action {
        Action::Plan => "batch plan",
        Action::Run => "batch run",
    };
    let Campaign { playbook, version, .. } = before;
    let what = format!("`{action}` of `{playbook}`, overhaul {version}");
    Err(BatchError::OtherCampaign { folder: root.to_owned(), what })
}

fn place(root: &Path, name: &str) -> PathBuf {
    root.join(format!("{name}.json"))
}

fn result(root: &Path, name: &str) -> Result<Option<RepositoryResult>, BatchError> {
    let bytes = read(&place(root, name))?;
    Ok(bytes.and_then(|it| RepositoryResult::read(&it).ok()))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, BatchError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(BatchError::disk("read", path, error)),
    }
}

/// Writes `part` and renames it to `path`. What a kill leaves of the former is written over.
fn write(part: &Path, path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    let written = File::create(part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(part, path)
    });
    written.map_err(|error| BatchError::disk("write", path, error))
}
