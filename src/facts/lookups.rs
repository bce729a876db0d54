//! What code gets at without an import that names it: modules that it looks for while it runs, and
//! submodules that it reaches as attributes of their package.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::attributes::Chains;
use super::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{Import, Listed, Listing, Target};
use crate::tree::{ReadError, Tree};

/// A place that uses what stands in a folder, or a module, and does not import it by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// The file.
    pub by: RepoPath,
    /// The line, from 1.
    pub line: u32,
    /// The file or folder that is reached.
    pub of: RepoPath,
    /// How it is reached.
    pub how: How,
}

/// How something is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As an attribute: `package.module`.
    Attribute,
    /// By an import in a string of code.
    Quoted,
    /// Modules of the folder are found while the program runs.
    Listed {
        /// At any depth.
        deep: bool,
    },
}

impl Lookup {
    /// Tells whether this uses what stands at `path`, from outside of it.
    #[must_use]
    pub fn reaches(&self, path: &RepoPath) -> bool {
        if self.by.is_under(path) {
            return false;
        }
        match self.how {
            How::Attribute | How::Quoted => self.of.is_under(path),
            How::Listed { deep } => {
                let below = path.is_under(&self.of);
                self.of.is_under(path)
                    || below && (deep || path.parent().as_ref() == Some(&self.of))
            }
        }
    }
}

impl Facts {
    /// Finds the places that use something at or below one of `wanted` without importing it.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn lookups(
        &self,
        tree: &Tree,
        wanted: &BTreeSet<&RepoPath>,
    ) -> Result<Vec<Lookup>, ReadError> {
        let mut found = BTreeSet::new();
        let listings = || {
            let files = self.files().iter();
            files.flat_map(|(by, facts)| facts.listings.iter().map(move |it| (by, it)))
        };
        for (by, listing) in listings() {
            for of in self.folders_of(by, listing) {
                let how = How::Listed { deep: listing.deep };
                found.insert(Lookup { by: by.clone(), line: listing.line, of, how });
            }
        }
        for (by, facts) in self.files() {
            let code = facts.snippets.iter().filter(|it| !it.talk);
            for (snippet, import) in code.flat_map(|it| it.imports.iter().map(move |one| (it, one)))
            {
                let line = snippet.line + import.line - 1;
                let of = self.imported(by, import).into_iter();
                found.extend(of.map(|of| Lookup { by: by.clone(), line, of, how: How::Quoted }));
            }
        }
        // Some code lists whatever package it is given.
        let given = listings().filter(|(_, it)| it.of == Listed::Unknown);
        let given = given.map(|(_, it)| it.deep).max();
        let chains = Chains::new(wanted, given);
        let by_file: Vec<Vec<Lookup>> = self
            .files()
            .par_iter()
            .map(|(by, _)| chains.lookups(self, tree, by))
            .collect::<Result<_, _>>()?;
        found.extend(by_file.into_iter().flatten());
        Ok(found.into_iter().collect())
    }

    /// Returns the folders that a listing looks into.
    #[must_use]
    pub fn folders_of(&self, by: &RepoPath, listing: &Listing) -> Vec<RepoPath> {
        match &listing.of {
            Listed::Package { level, module } => match self.find(by, *level, module) {
                Found::Module(module) => module.folders(),
                Found::Stdlib
                | Found::ThirdParty
                | Found::Undeclared
                | Found::Missing { .. }
                | Found::Assumed => Vec::new(),
            },
            Listed::Folder { folder, from_file } => {
                let start = by.parent().filter(|_| *from_file).unwrap_or_else(RepoPath::root);
                let mut parts: Vec<&[u8]> = start.parts().collect();
                for part in folder.split('/').filter(|it| !it.is_empty()) {
                    if part != ".." {
                        parts.push(part.as_bytes());
                    } else if parts.pop().is_none() {
                        return Vec::new();
                    }
                }
                let path = RepoPath::from_bytes(&parts.join(&b'/'));
                path.ok().filter(|it| !it.is_root()).into_iter().collect()
            }
            Listed::Named { .. } | Listed::Unknown => Vec::new(),
        }
    }

    /// Returns the files that an import leads to.
    fn imported(&self, by: &RepoPath, import: &Import) -> Vec<RepoPath> {
        let Found::Module(module) = self.find(by, import.level, &import.module) else {
            return Vec::new();
        };
        let names = match &import.target {
            Target::Names(names) => names.as_slice(),
            Target::Module { .. } | Target::Star | Target::Call { .. } => &[],
        };
        let below = names.iter().filter_map(|it| match self.member(&module, &it.name) {
            Member::Module(Module::File(file)) | Member::Definition { file, .. } => Some(file),
            Member::Module(Module::Namespace(_))
            | Member::External
            | Member::Assumed
            | Member::Missing => None,
        });
        let own = match &module {
            Module::File(file) => Some(file.clone()),
            Module::Namespace(_) => None,
        };
        own.into_iter().chain(below).collect()
    }
}
