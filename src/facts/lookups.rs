//! What code gets at without an import that names it: modules that it looks for while it runs, and
//! submodules that it reaches as attributes of their package.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{Import, Listed, Listing, Target, Use, bindings};
use crate::text::{Lines, Text};
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

/// What one chain of names leads to: `a.b` in `a.b.f()`, or all of `a.b`.
struct Chain {
    /// The modules on the way, the bound one first.
    modules: Vec<Module>,
    /// It ends at the last of them, which is handed on as a value.
    whole: bool,
    line: u32,
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
        let above = wanted.iter().flat_map(|it| it.folders().chain([(*it).clone()])).collect();
        let by_file: Vec<Vec<Lookup>> = self
            .files()
            .par_iter()
            .map(|(by, _)| self.lookups_in(tree, by, &above, given))
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

    /// Finds what one file reaches as an attribute, and which packages it gives to code that lists
    /// them.
    fn lookups_in(
        &self,
        tree: &Tree,
        by: &RepoPath,
        above: &BTreeSet<RepoPath>,
        given: Option<bool>,
    ) -> Result<Vec<Lookup>, ReadError> {
        let bound = self.bound_packages(by, above);
        let mut found = Vec::new();
        if let Some(deep) = given {
            let literals = self.files()[by].literals.iter().filter(|it| !it.docstring);
            for literal in literals {
                if let Found::Module(module) = self.find(by, 0, &literal.text) {
                    let how = How::Listed { deep };
                    let line = literal.line;
                    let lookup = |of| Lookup { by: by.clone(), line, of, how };
                    found.extend(module.folders().into_iter().map(lookup));
                }
            }
        }
        if bound.is_empty() {
            return Ok(found);
        }
        let Ok(text) = Text::decode_python(&tree.read(by)?) else { return Ok(found) };
        let lines = Lines::new(text.source());
        let uses =
            bindings(text.source(), &self.files()[by].imports, &BTreeMap::new(), self.target())
                .uses;
        for (key, module) in &bound {
            for one in uses.get(key).into_iter().flatten().filter(|it| !it.written) {
                let chain = self.walk_use(module, one, &lines);
                let reached = chain.modules.iter().skip(1).filter_map(|it| match it {
                    Module::File(of) => Some(of.clone()),
                    Module::Namespace(_) => None,
                });
                let (line, how) = (chain.line, How::Attribute);
                found.extend(reached.map(|of| Lookup { by: by.clone(), line, of, how }));
                let handed_on = chain.modules.last().filter(|_| chain.whole);
                if let (Some(deep), Some(module)) = (given, handed_on) {
                    let how = How::Listed { deep };
                    let lookup = |of| Lookup { by: by.clone(), line, of, how };
                    found.extend(module.folders().into_iter().map(lookup));
                }
            }
        }
        Ok(found)
    }

    /// Returns the packages among the folders `above` that imports of a file bind to a name.
    fn bound_packages(
        &self,
        by: &RepoPath,
        above: &BTreeSet<RepoPath>,
    ) -> BTreeMap<(usize, Option<usize>), Module> {
        let mut bound = BTreeMap::new();
        for (index, import) in self.files()[by].imports.iter().enumerate() {
            let (module, names) = match &import.target {
                Target::Module { asname: None } => (import.module.split('.').next(), None),
                Target::Module { asname: Some(_) } => (Some(import.module.as_str()), None),
                Target::Names(names) => (Some(import.module.as_str()), Some(names)),
                Target::Star | Target::Call { .. } => continue,
            };
            let module = self.find(by, import.level, module.unwrap_or_default());
            let Found::Module(module) = module else { continue };
            match names {
                None => {
                    bound.insert((index, None), module);
                }
                Some(names) => {
                    for (at, name) in names.iter().enumerate() {
                        if let Member::Module(it) = self.member(&module, &name.name) {
                            bound.insert((index, Some(at)), it);
                        }
                    }
                }
            }
        }
        bound.retain(|_, module| module.folders().iter().any(|it| above.contains(it)));
        bound
    }

    fn walk_use(&self, bound: &Module, one: &Use, lines: &Lines<'_>) -> Chain {
        let mut modules = vec![bound.clone()];
        for (name, _) in &one.parts[1..] {
            let Some(Member::Module(next)) = modules.last().map(|it| self.member(it, name)) else {
                break;
            };
            modules.push(next);
        }
        let line = one.parts.first().map_or(1, |(_, span)| lines.line(span.start));
        Chain { whole: modules.len() == one.parts.len(), modules, line }
    }
}
