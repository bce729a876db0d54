//! Modules that a file reaches as attributes, `package.module`, through whatever modules the way goes,
//! and packages that it gives to code which lists them.

use std::collections::{BTreeMap, BTreeSet};

use super::lookups::{How, Lookup};
use super::references::{Stand, Wanted};
use super::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target, Use, bindings};
use crate::text::{Lines, Text};
use crate::tree::{ReadError, Tree};

/// An import, and which of the names that it binds.
type Key = (usize, Option<usize>);

/// The modules that the imports of a file bind or give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// By the keys of [`crate::python::Bindings`].
    pub modules: BTreeMap<Key, Module>,
    /// The names that star imports bind to some of them.
    pub stars: BTreeMap<Key, String>,
}

/// What a file binds that is none.
static NOTHING: Bound = Bound { modules: BTreeMap::new(), stars: BTreeMap::new() };

/// Chains of names that may lead to something that is looked for.
pub(super) struct Chains {
    /// The folders that it stands in: most chains begin at one of them.
    above: BTreeSet<RepoPath>,
    /// Its names. A chain that begins elsewhere has one.
    names: Wanted,
    /// Some code lists whatever package it is given, at any depth or not.
    given: Option<bool>,
}

/// What one chain of names leads to: `a.b` in `a.b.f()`, or all of `a.b`.
struct Chain {
    /// The modules on the way, the bound one first.
    modules: Vec<Module>,
    /// It ends at the last of them, which is handed on as a value.
    whole: bool,
}

impl Chains {
    pub(super) fn new(wanted: &BTreeSet<&RepoPath>, given: Option<bool>) -> Self {
        let above = wanted.iter().flat_map(|it| it.folders().chain([(*it).clone()])).collect();
        let names = wanted.iter().filter_map(|path| {
            let stem = path.name_str().split('.').next()?.to_owned();
            let folder = path.parent().filter(|_| stem == "__init__");
            Some(folder.map_or(stem, |it| it.name_str().to_owned()))
        });
        let stands = [Stand::Said, Stand::Passed, Stand::Ended, Stand::Imported];
        let names = names.flat_map(|it| stands.map(|stand| Wanted::group(stand, it.as_bytes())));
        Self { above, names: Wanted::any_of(names), given }
    }

    /// Finds what one file reaches as an attribute, and which packages it gives to code that lists
    /// them.
    pub(super) fn lookups(
        &self,
        facts: &Facts,
        tree: &Tree,
        by: &RepoPath,
    ) -> Result<Vec<Lookup>, ReadError> {
        let Bound { modules, stars } = facts.bound_modules(by);
        let sieve = facts.sieve(tree, by)?;
        let passes = sieve.has_odd_names() || self.names.may_be_in(&sieve);
        let mut found = Vec::new();
        if passes || self.given.is_some() {
            found = self.named(facts, by);
        }
        let begins = |module: &Module| module.folders().iter().any(|it| self.above.contains(it));
        let bound: Vec<_> = modules.iter().filter(|(_, it)| passes || begins(it)).collect();
        if bound.is_empty() {
            return Ok(found);
        }
        let Ok(text) = Text::decode_python(&tree.read(by)?) else { return Ok(found) };
        let lines = Lines::new(text.source());
        let imports = &facts.files()[by].imports;
        let uses = bindings(text.source(), imports, stars, facts.target()).uses;
        for (key, module) in bound {
            for used in uses.get(key).into_iter().flatten().filter(|it| !it.written) {
                let line = used.parts.first().map_or(1, |(_, span)| lines.line(span.start));
                found.extend(self.reached(facts, by, line, module, used));
            }
        }
        Ok(found)
    }

    /// Finds what a use of a module reaches.
    fn reached(
        &self,
        facts: &Facts,
        by: &RepoPath,
        line: u32,
        module: &Module,
        used: &Use,
    ) -> Vec<Lookup> {
        let names = used.parts.iter().skip(1).map(|(name, _)| name.as_str());
        let chain = facts.walk(module, names);
        let lookup = |of, how| Lookup { by: by.clone(), line, of, how };
        let files = chain.files().map(|of| lookup(of, How::Attribute));
        let handed_on = chain.modules.last().filter(|_| chain.whole).zip(self.given);
        let listed = handed_on.map_or(Vec::new(), |(module, deep)| {
            module.folders().into_iter().map(|of| lookup(of, How::Listed { deep })).collect()
        });
        files.chain(listed).collect()
    }

    /// Finds what whole strings reach: `"m.a.b.f"` where the module `m` binds `a`. Where some code lists
    /// packages, it may be given one that a string names.
    fn named(&self, facts: &Facts, by: &RepoPath) -> Vec<Lookup> {
        let mut found = Vec::new();
        for literal in facts.files()[by].literals.iter().filter(|it| !it.docstring) {
            let path = literal.text.replace(':', ".");
            let Some((module, rest)) = facts.nearest(by, 0, &path) else { continue };
            let lookup = |of, how| Lookup { by: by.clone(), line: literal.line, of, how };
            // `"module.Class"`: of a module of one part no text says more.
            let first = rest.split('.').next().unwrap_or_default();
            let head = &path[..path.len() - rest.len()];
            if let Module::File(of) = &module
                && head.trim_end_matches('.').split('.').count() == 1
                && matches!(facts.member(&module, first), Member::Definition { .. })
            {
                found.push(lookup(of.clone(), How::Attribute));
            }
            let chain = facts.walk(&module, rest.split('.').filter(|it| !it.is_empty()));
            found.extend(chain.files().map(|of| lookup(of, How::Attribute)));
            if let Some(deep) = self.given.filter(|_| rest.is_empty()) {
                let folders = module.folders().into_iter();
                found.extend(folders.map(|of| lookup(of, How::Listed { deep })));
            }
        }
        found
    }
}

impl Chain {
    /// Returns the files behind the first module.
    fn files(&self) -> impl Iterator<Item = RepoPath> {
        self.modules.iter().skip(1).filter_map(|it| match it {
            Module::File(of) => Some(of.clone()),
            Module::Namespace(_) => None,
        })
    }
}

impl Facts {
    /// Returns the modules that a star import of `module` binds, by name.
    #[must_use]
    pub fn star_modules(&self, module: &Module) -> BTreeMap<String, Module> {
        let bound = || match module {
            Module::File(path) => self.files().get(path).map(|it| &it.names.bound),
            Module::Namespace(_) => None,
        };
        let names: Vec<String> = match self.star_names(module) {
            Some(names) => names.iter().cloned().collect(),
            // What an `__all__` that cannot be read leaves out, nobody uses.
            None => {
                let names = bound().into_iter().flat_map(|it| it.keys());
                names.filter(|it| !it.starts_with('_')).map(str::to_owned).collect()
            }
        };
        let module_of = |name: &str| match self.member(module, name) {
            Member::Module(module) => Some(module),
            Member::Definition { .. } | Member::External | Member::Assumed | Member::Missing => {
                None
            }
        };
        names.into_iter().filter_map(|name| module_of(&name).map(|it| (name, it))).collect()
    }

    /// Returns the modules that the imports of a file bind or give.
    #[must_use]
    pub fn bound_modules(&self, by: &RepoPath) -> &Bound {
        let known = self.graph().of(by).zip(self.files().get(by));
        known.map_or(&NOTHING, |(ways, file)| ways.bound.get_or_init(|| self.bound(by, file)))
    }

    fn bound(&self, by: &RepoPath, file: &FileFacts) -> Bound {
        let Bound { modules: mut bound, mut stars } = Bound::default();
        for (index, import) in file.imports.iter().enumerate() {
            let Found::Module(module) = self.find(by, import.level, given_name(import)) else {
                continue;
            };
            match &import.target {
                Target::Module { .. } | Target::Call { .. } => {
                    bound.insert((index, None), module);
                }
                Target::Names(names) => {
                    for (at, name) in names.iter().enumerate() {
                        if let Member::Module(it) = self.member(&module, &name.name) {
                            bound.insert((index, Some(at)), it);
                        }
                    }
                }
                Target::Star => {
                    for (at, (name, it)) in self.star_modules(&module).into_iter().enumerate() {
                        bound.insert((index, Some(at)), it);
                        stars.insert((index, Some(at)), name);
                    }
                }
            }
        }
        Bound { modules: bound, stars }
    }

    /// Follows names from a module, as long as they lead to modules.
    fn walk<'a>(&self, module: &Module, mut names: impl Iterator<Item = &'a str>) -> Chain {
        let mut modules = vec![module.clone()];
        let whole = names.all(|name| {
            let member = modules.last().map(|it| self.member(it, name));
            let Some(Member::Module(next)) = member else { return false };
            modules.push(next);
            true
        });
        Chain { modules, whole }
    }
}

/// Returns the module whose value an import binds or gives: `a` for `import a.b`.
fn given_name(import: &Import) -> &str {
    let first = match &import.target {
        Target::Module { asname: None } | Target::Call { top: true, .. } => {
            import.module.split('.').next()
        }
        Target::Module { .. } | Target::Names(_) | Target::Star | Target::Call { .. } => None,
    };
    first.unwrap_or(&import.module)
}
