//! One overhaul at a time: a lock on a file under the git directory, which the system takes back
//! when the process ends, however it ends.

use std::fs::{self, File, TryLockError};

use super::error::{HostError, Refusal};
use super::repo::Repo;

/// Held while something is written. Whoever asks for one writes.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of the repository, which all its work trees share.
    pub(super) fn take(repo: &Repo) -> Result<Self, HostError> {
        let folder = repo.shared_dir();
        fs::create_dir_all(&folder).map_err(|error| HostError::disk("write to", &folder, error))?;
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| HostError::disk("open", &path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(Refusal::Locked.into()),
            Err(TryLockError::Error(error)) => Err(HostError::disk("lock", &path, error)),
        }
    }
}

impl Drop for Lock {
    /// Gives the lock back at once: closing the file would leave it to a program that was being
    /// started at this moment and has not let go of our files yet.
    fn drop(&mut self) {
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}
