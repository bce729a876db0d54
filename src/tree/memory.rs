//! A repository that lives in memory: for the demo's tests and every test of the core.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Contents, Entry, Id, Mode, ReadError, Snapshot, blob_id};
use crate::path::{PathError, RepoPath};

/// Contents held in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    blobs: BTreeMap<Id, Arc<[u8]>>,
}

impl Memory {
    /// Makes a snapshot of `files`: path, mode, bytes.
    ///
    /// # Errors
    /// When a path does not stay inside the repository.
    pub fn snapshot<'a>(
        files: impl IntoIterator<Item = (&'a str, Mode, &'a [u8])>,
    ) -> Result<Snapshot, PathError> {
        let mut memory = Self::default();
        let mut entries = BTreeMap::new();
        for (path, mode, bytes) in files {
            let path = RepoPath::new(path)?;
            let id = blob_id(bytes);
            memory.blobs.insert(id, Arc::from(bytes));
            entries.insert(path.clone(), Entry { mode, id, origin: Some(path) });
        }
        Ok(Snapshot { entries: Arc::new(entries), contents: Arc::new(memory) })
    }

    /// Makes a snapshot of plain text files: path, text.
    ///
    /// # Errors
    /// When a path does not stay inside the repository.
    pub fn texts<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Snapshot, PathError> {
        Self::snapshot(files.into_iter().map(|(path, text)| (path, Mode::File, text.as_bytes())))
    }
}

impl Contents for Memory {
    fn read(&self, path: &RepoPath, id: Id) -> Result<Arc<[u8]>, ReadError> {
        let found = self.blobs.get(&id).cloned();
        found.ok_or_else(|| ReadError { path: path.clone(), source: "no such blob".into() })
    }
}
