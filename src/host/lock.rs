//! One overhaul at a time: a lock on a file under the git directory, which the system takes back
//! when the process ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::sync::Arc;
use std::time::Duration;

use super::cache::is_cache;
use super::error::{HostError, Refusal};
use super::files::{check_no_link, is_link, list_folder};
use super::repo::Repo;

/// How often, and after what time, one who finds the lock taken looks again: whoever holds it is
/// about to end.
const TURNS: u32 = 200;
const TURN: Duration = Duration::from_millis(50);

/// Held while something is written. Whoever asks for one writes.
#[derive(Debug)]
pub(super) struct Lock {
    file: Arc<File>,
}

impl Lock {
    /// Takes the lock of the repository, which all its work trees share.
    pub(super) fn take(repo: &Repo) -> Result<Self, HostError> {
        check_places(repo)?;
        let folder = repo.shared_dir();
        fs::create_dir_all(&folder).map_err(|error| HostError::disk("write to", &folder, error))?;
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| HostError::disk("open", &path, error))?;
        for turn in 0.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if turn < TURNS => std::thread::sleep(TURN),
                Err(TryLockError::WouldBlock) => return Err(Refusal::Locked.into()),
                Err(TryLockError::Error(error)) => {
                    return Err(HostError::disk("lock", &path, error));
                }
            }
        }
        Ok(Self { file: Arc::new(file) })
    }

    /// Does `work` while nobody writes, nor begins to; does not where somebody does.
    pub(super) fn unless_held<T>(
        repo: &Repo,
        work: impl FnOnce() -> Result<T, HostError>,
    ) -> Result<Option<T>, HostError> {
        let path = repo.shared_dir().join("lock");
        let file = File::open(&path).map_err(|error| HostError::disk("open", &path, error))?;
        match file.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(HostError::disk("lock", &path, error)),
        }
        let done = work();
        // As for a lock that is dropped.
        let _ = file.unlock();
        done.map(Some)
    }

    /// Returns what is locked, for a program that is to hold it too.
    pub(super) fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }
}

/// Refuses where a link would lead what is ours elsewhere. The cache looks after itself.
fn check_places(repo: &Repo) -> Result<(), HostError> {
    for folder in [repo.shared_dir(), repo.dir_of(repo.work_tree_name())] {
        if is_link(&folder) {
            return Err(Refusal::Linked(folder).into());
        }
        let places = if folder.is_dir() { list_folder(&folder)? } else { Vec::new() };
        places.iter().filter(|it| !is_cache(it)).try_for_each(|it| check_no_link(it))?;
    }
    Ok(())
}

impl Drop for Lock {
    /// Gives the lock back at once: closing the file would leave it to a program that was being
    /// started at this moment and has not let go of our files yet.
    fn drop(&mut self) {
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}
