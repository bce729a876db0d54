//! What code gets at without an import that names it: modules that it looks for while it runs, and
//! submodules that it reaches as attributes of their package.

use std::collections::BTreeSet;
use std::ops::Bound;

use rayon::prelude::*;

use super::attributes::Chains;
use super::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Framework, Import, Listed, Listing, Target};
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

/// Modules of an application that Django loads by their names.
const APP_MODULES: [&str; 7] =
    ["admin", "apps", "management", "migrations", "models", "tasks", "templatetags"];

/// How something is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// As an attribute: `package.module`.
    Attribute,
    /// By an import in a string of code.
    Quoted,
    /// By its name, out of a package that a framework is given.
    Loaded,
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
            How::Attribute | How::Quoted | How::Loaded => self.of.is_under(path),
            How::Listed { deep } => {
                let below = path.is_under(&self.of);
                self.of.is_under(path)
                    || below && (deep || path.parent().as_ref() == Some(&self.of))
            }
        }
    }
}

/// A search for what is used without an import, in some files and then in others.
pub struct Lookups<'a> {
    facts: &'a Facts,
    tree: &'a Tree,
    chains: Chains,
}

impl<'a> Lookups<'a> {
    /// Prepares to look for uses of something at or below one of `wanted`.
    #[must_use]
    pub fn new(facts: &'a Facts, tree: &'a Tree, wanted: &BTreeSet<&RepoPath>) -> Self {
        // Some code lists whatever package it is given.
        let listings = facts.files().values().flat_map(|it| &it.listings);
        let given = listings.filter(|it| it.of == Listed::Unknown).map(|it| it.deep).max();
        Self { facts, tree, chains: Chains::new(wanted, given) }
    }

    /// Finds what some files get at, in order.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn by<'p>(
        &self,
        files: impl Iterator<Item = &'p RepoPath>,
    ) -> Result<Vec<Lookup>, ReadError> {
        let files: Vec<_> = files.filter_map(|it| self.facts.files().get_key_value(it)).collect();
        let found: Vec<Vec<Lookup>> = files
            .into_par_iter()
            .map(|(by, facts)| {
                let mut found = self.facts.looked_up(by, facts);
                found.extend(self.chains.lookups(self.facts, self.tree, by)?);
                Ok(found)
            })
            .collect::<Result<_, ReadError>>()?;
        let found: BTreeSet<Lookup> = found.into_iter().flatten().collect();
        Ok(found.into_iter().collect())
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
        Lookups::new(self, tree, wanted).by(self.files().keys())
    }

    /// Finds what one file gets at by the strings and listings in it.
    fn looked_up(&self, by: &RepoPath, facts: &FileFacts) -> Vec<Lookup> {
        let mut found = Vec::new();
        let mut add = |line, of, how| found.push(Lookup { by: by.clone(), line, of, how });
        for listing in &facts.listings {
            let (line, how) = (listing.line, How::Listed { deep: listing.deep });
            self.folders_of(by, listing).into_iter().for_each(|of| add(line, of, how));
            if let Listed::Apps { name, framework } = &listing.of {
                let loaded = self.loaded(by, name, *framework).into_iter();
                loaded.for_each(|of| add(line, of, How::Loaded));
            }
        }
        let code = facts.snippets.iter().filter(|it| !it.talk);
        for (snippet, import) in code.flat_map(|it| it.imports.iter().map(move |one| (it, one))) {
            let line = snippet.line + import.line - 1;
            let imported = self.imported(by, import).into_iter();
            imported.for_each(|of| add(line, of, How::Quoted));
        }
        found
    }

    /// Returns the folders of a package that a framework is given: `a`, or `a.apps.Config`.
    #[must_use]
    pub fn app_folders(&self, by: &RepoPath, name: &str) -> Vec<RepoPath> {
        let folders: Vec<RepoPath> = match self.nearest(by, 0, name) {
            Some((Module::File(file), _)) => file.parent().into_iter().collect(),
            Some((module @ Module::Namespace(_), _)) => module.folders(),
            None => Vec::new(),
        };
        folders.into_iter().filter(|it| !it.is_root()).collect()
    }

    /// Returns the modules that a framework loads out of a package that it is given.
    #[must_use]
    pub fn loaded(&self, by: &RepoPath, name: &str, framework: Framework) -> Vec<RepoPath> {
        let names = match framework {
            Framework::Django => &APP_MODULES[..],
            Framework::Celery => &["tasks"],
        };
        let below = |folder: RepoPath| {
            let head = [folder.as_bytes(), b"/"].concat();
            let from = (Bound::Included(head.as_slice()), Bound::Unbounded);
            let files = self.files().range::<[u8], _>(from).map(|(file, _)| file);
            let below = files.take_while(|it| it.as_bytes().starts_with(&head));
            let is_loaded = |file: &&RepoPath| {
                let part = file.parts().nth(folder.depth()).unwrap_or_default();
                names.iter().any(|it| part.strip_suffix(b".py").unwrap_or(part) == it.as_bytes())
            };
            below.filter(is_loaded).cloned().collect::<Vec<_>>()
        };
        self.app_folders(by, name).into_iter().flat_map(below).collect()
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
            Listed::Named { .. } | Listed::Apps { .. } | Listed::Unknown => Vec::new(),
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
