//! One playbook over many repositories: each gets its result, and its branch; nothing is pushed.
//!
//! A campaign lives in a folder of results. A result is written aside and renamed when its repository
//! is done, and a repository that has one is not done again, so a campaign that was stopped goes on
//! where it was. What goes wrong in one repository is its result, and no matter of the others.

#![expect(clippy::disallowed_methods, reason = "this layer looks for repositories on the disk")]

mod error;
mod folder;
mod glob;
mod one;
mod repositories;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::flow::{Exit, Request};
use crate::playbook::{self, Inputs, Unset};
use crate::report::{Action, CampaignReport, RepositoryResult};
use crate::tree::blob_id;
use crate::{host, plan};

pub use error::BatchError;
use folder::Folder;
pub use folder::status;
pub use repositories::{Repositories, Repository};

/// As much as the main thread has: code that recurses has to come as far in a campaign.
const STACK: usize = 8 << 20;

/// What is done in each repository.
#[derive(Debug)]
pub struct Task {
    /// Plan, or publish.
    pub action: Action,
    /// What is to be planned.
    pub request: Request,
    /// Go on where files that the plan touches have changes that are not committed.
    pub allow_dirty: bool,
    /// The branch; one named for the playbook where none is named.
    pub branch: Option<String>,
    /// The name of the playbook.
    name: String,
}

impl Task {
    /// Makes sure that nothing is wrong with what was asked for, before any work is done.
    ///
    /// # Errors
    /// When the playbook has mistakes, or a step or a branch is named that cannot be.
    pub fn new(
        action: Action,
        request: Request,
        allow_dirty: bool,
        branch: Option<String>,
    ) -> Result<Self, BatchError> {
        // The day of each repository's commit comes later; any day shows the mistakes.
        let inputs = Inputs { set: &request.set, date: "20000101", unset: Unset::IsMistake };
        let found = &request.found;
        let playbook = playbook::read(&found.file, &found.bytes, &inputs)?;
        plan::names_exist(&playbook, &request.options)?;
        if let Some(name) = &branch {
            host::check_branch_name(name)?;
        }
        Ok(Self { action, request, allow_dirty, branch, name: playbook.name })
    }

    /// Returns a digest of all that decides what comes out, beside the repository.
    fn key(&self) -> String {
        let Request { found, set, options, base, strict, per, .. } = &self.request;
        let plan::Options { only, skip, include_review } = options;
        let set: BTreeMap<_, _> = set.iter().cloned().collect();
        let source = blob_id(&found.bytes);
        let all = (source, set, (only, skip, include_review), base, strict, per, &self.branch);
        blob_id(format!("{all:?}").as_bytes()).to_string()
    }
}

/// What happens while a campaign runs.
#[derive(Debug)]
pub struct Progress<'a> {
    /// The repository that is done.
    pub result: &'a RepositoryResult,
    /// How many are done by now.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// Does the task in each repository that has no result yet, several at once, and returns the
/// campaign as it stands then.
///
/// # Errors
/// When the folder belongs to another campaign or is in use, or a result cannot be written: then no
/// further repository is begun, for what happens there could not be told.
pub fn run(
    task: &Task,
    repositories: &Repositories,
    folder: &std::path::Path,
    jobs: NonZeroUsize,
    tell: &mut dyn FnMut(Progress<'_>),
) -> Result<CampaignReport, BatchError> {
    let folder = Folder::open(folder, task, repositories)?;
    let mut open = Vec::new();
    for repository in repositories.list() {
        if folder.result(&repository.name)?.is_none() {
            open.push(repository);
        }
    }
    let all = repositories.list().len();
    let mut done = all - open.len();
    let next = AtomicUsize::new(0);
    let work = |results: &mpsc::Sender<_>| {
        while let Some(repository) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = one::carry_out(task, repository);
            let kept = match host::is_interrupted() && result.exit != Exit::Fine.code() {
                true => Err(BatchError::Interrupted),
                false => folder.keep(&repository.name, &result),
            };
            if kept.is_err() || host::is_interrupted() {
                next.store(open.len(), Ordering::Relaxed);
            }
            if results.send(kept.map(|()| result)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..jobs.get().min(open.len()) {
            let (sender, work) = (sender.clone(), &work);
            let worker = thread::Builder::new().stack_size(STACK);
            worker.spawn_scoped(scope, move || work(&sender)).map_err(BatchError::Worker)?;
        }
        drop(sender);
        let mut failed = None;
        for result in results {
            match result {
                Ok(result) => {
                    done += 1;
                    tell(Progress { result: &result, done, all });
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(()), Err)
    })?;
    folder.report()
}
