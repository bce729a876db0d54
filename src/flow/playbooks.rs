//! A playbook that was found, and whose it is.

use std::path::Path;

use crate::host::Repo;

/// The text of a playbook, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name for messages: the path of a file, or the word that named it.
    pub file: String,
    /// Its text, as it was found.
    pub bytes: Vec<u8>,
    /// Whose it is.
    pub origin: Origin,
}

/// Whose a playbook is; decides what it may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user's own file.
    User,
    /// Shipped in the binary.
    Shipped,
    /// The repository's: whoever can write to it wrote this.
    Repository,
}

impl Found {
    /// Returns the playbook as `repo` sees it: a file that lies in the repository is the repository's.
    #[must_use]
    pub fn seen_from(self, repo: &Repo) -> Self {
        let own = self.origin == Origin::User && repo.holds(Path::new(&self.file));
        let origin = if own { Origin::Repository } else { self.origin };
        Self { origin, ..self }
    }
}
