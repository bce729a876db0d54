//! `--switch`: moving a clean checkout to the branch of a run.
//!
//! git deletes the files that the branch does not track any more; they come back from the trash.
//! While it works, the index is locked and git has a copy of its own, so that a kill leaves no lock
//! that is not known for ours, and an index that still tells what stood where. A journal lets the
//! next command finish the switch, where HEAD moved, or take it back.

mod difference;

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use self::difference::Difference;
use super::branch;
use super::error::{Cause, HostError, Refusal};
use super::files::{drop_stale, list_folder, remove_file, remove_folder, write_aside};
use super::load::index_entries;
use super::lock::Lock;
use super::recover::recover;
use super::repo::Repo;
use super::runs::{Record, record};
use super::size;
use super::status::Status;
use super::trash::{self, Restored, Which};
use crate::tree::Tree;

/// What a lock of ours on the index holds; git's own are empty, or an index.
const OURS: &str = "overhaul switches\n";

/// Refuses a work tree whose changes a switch would carry along.
///
/// # Errors
/// When there are any, or git cannot tell.
pub fn check_clean(repo: &Repo) -> Result<(), HostError> {
    size::check_head(repo, &index_entries(repo.git())?)?;
    match Status::read(repo.git())?.dirty.into_iter().next() {
        Some(path) => Err(Refusal::Dirty(path).into()),
        None => Ok(()),
    }
}

/// Refuses where something that nobody tracks stands in the place of a file of `after`.
///
/// # Errors
/// When there is such a thing, or HEAD cannot be read.
pub fn check_clear(repo: &Repo, after: &Tree) -> Result<(), HostError> {
    let tracked = repo.snapshot(&repo.commit("HEAD")?)?.entries;
    let found = difference::in_the_way(repo, &tracked, after.entries().keys());
    if found.is_empty() { Ok(()) } else { Err(Refusal::InTheWay(found).into()) }
}

/// Checks out the branch of a run, and brings back from its trash what git deletes by that.
///
/// # Errors
/// When the work tree has changes, or git does not switch.
pub fn switch(repo: &Repo, run: &str) -> Result<Restored, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    let record = record(repo, run)?;
    // A run that had nothing to commit leads nowhere else.
    let Some(branch) = &record.branch else { return Ok(Restored::default()) };
    check_clean(repo)?;
    Difference::read(repo, &record)?.check_clear(repo)?;
    let journal = Journal::of(repo);
    let done = journal.begin(&record, branch).and_then(|()| journal.carry_out(repo, branch, &lock));
    // Whatever came of it, it is whole after this.
    let ended = finish(repo, &lock);
    done.and(ended)
}

/// Tells whether a switch is under way, or was when a command was killed.
pub(super) fn is_under_way(repo: &Repo) -> bool {
    Journal::of(repo).note().exists()
}

/// Returns the branch that is switched to.
pub(super) fn branch(repo: &Repo) -> Result<Option<String>, HostError> {
    Ok(Journal::of(repo).record(repo)?.and_then(|it| it.branch))
}

/// Ends a switch that was begun: HEAD tells whether it happened.
pub(super) fn finish(repo: &Repo, lock: &Lock) -> Result<Restored, HostError> {
    let journal = Journal::of(repo);
    let Some(record) = journal.record(repo)? else {
        remove_folder(&journal.folder)?;
        return Ok(Restored::default());
    };
    journal.drop_locks(repo)?;
    let switched = branch::current(repo)? == record.branch;
    let restored = if switched {
        journal.publish_index()?;
        trash::bring_back(repo, record.id, Which::Switched, lock)?
    } else {
        Difference::read(repo, &record)?.take_back(repo, &record, &journal.folder, lock)?;
        Restored::default()
    };
    journal.end()?;
    Ok(restored)
}

/// What is kept of a switch while it is under way.
struct Journal {
    folder: PathBuf,
    git_dir: PathBuf,
}

impl Journal {
    fn of(repo: &Repo) -> Self {
        let folder = repo.dir_of(repo.work_tree_name()).join("switch");
        Self { folder, git_dir: repo.git_dir().to_owned() }
    }

    fn note(&self) -> PathBuf {
        self.folder.join("run")
    }

    fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    fn lock(&self) -> PathBuf {
        self.git_dir.join("index.lock")
    }

    /// Returns the run that is switched to; `None` where nothing is under way.
    fn record(&self, repo: &Repo) -> Result<Option<Record>, HostError> {
        match fs::read_to_string(self.note()) {
            Ok(id) => record(repo, id.trim()).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HostError::disk("read", &self.note(), error)),
        }
    }

    /// Writes down what begins, and locks the index.
    fn begin(&self, record: &Record, branch: &str) -> Result<(), HostError> {
        let failed = |error| HostError::disk("write to", &self.folder, error);
        fs::create_dir_all(&self.folder).map_err(failed)?;
        write_aside(&self.note(), record.id.to_string().as_bytes()).map_err(failed)?;
        // Under another name first, so that no lock of ours is without its words.
        let mut lock = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        lock.write_all(OURS.as_bytes()).map_err(failed)?;
        lock.persist_noclobber(self.lock()).map_err(|error| {
            if error.error.kind() == io::ErrorKind::AlreadyExists {
                let reason = format!("`{}` exists", self.lock().display());
                return Refusal::NoSwitch { branch: branch.to_owned(), reason }.into();
            }
            HostError::disk("write", &self.lock(), error.error)
        })?;
        let index = self.git_dir.join("index");
        match fs::copy(&index, self.index()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Lets git switch, with an index of its own. Ignored files are nobody's to overwrite.
    fn carry_out(&self, repo: &Repo, branch: &str, lock: &Lock) -> Result<(), HostError> {
        let git = repo.git().clone().with_index(Some(self.index())).holding(lock);
        let words = ["switch", "--quiet", "--no-guess", "--no-overwrite-ignore", branch];
        let refuses = ["cannot switch", "already used", "would be overwritten", "would be lost"];
        let done = git.write(&words);
        if let Err(HostError::Program { source: Cause(reason), .. }) = &done
            && refuses.iter().any(|it| reason.contains(it))
        {
            let (branch, reason) = (branch.to_owned(), reason.clone());
            return Err(Refusal::NoSwitch { branch, reason }.into());
        }
        done
    }

    /// Takes away the locks of a git that was killed.
    fn drop_locks(&self, repo: &Repo) -> Result<(), HostError> {
        remove_file(&self.folder.join("index.lock"))?;
        let is_lock = |it: &PathBuf| it.extension().is_some_and(|it| it == "lock");
        let mut locks = list_folder(&self.git_dir)?;
        locks.retain(|it| is_lock(it) && *it != self.lock());
        locks.push(repo.common_dir().join(branch::PACKED));
        drop_stale(&locks)
    }

    /// Puts the index that git wrote in the place of the one that is locked.
    fn publish_index(&self) -> Result<(), HostError> {
        match fs::rename(self.index(), self.git_dir.join("index")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(HostError::disk("write", &self.git_dir.join("index"), error))
            }
            _ => Ok(()),
        }
    }

    /// Gives the index free, and forgets.
    fn end(&self) -> Result<(), HostError> {
        if fs::read(self.lock()).is_ok_and(|it| it == OURS.as_bytes()) {
            remove_file(&self.lock())?;
        }
        remove_file(&self.note())?;
        remove_folder(&self.folder)
    }
}
