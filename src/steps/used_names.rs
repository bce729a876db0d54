//! Which names of a module somebody uses: what may not be dropped when another module stands for it.

use std::collections::BTreeMap;

use super::{Stage, StepError};
use crate::facts::{Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{self, Bindings, FileFacts, Target, Use};
use crate::text::{Lines, Text};

/// Used names, each with the files that use it, and the first line there.
pub(super) type UsedNames = BTreeMap<String, BTreeMap<RepoPath, u32>>;

/// Returns the names of the module at `module` that files other than those of `leaving` use: taken
/// by `from` imports, as attributes of the module, or in dotted strings.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn used_names(
    stage: &Stage<'_>,
    module: &RepoPath,
    leaving: &dyn Fn(&RepoPath) -> bool,
) -> Result<UsedNames, StepError> {
    let mut used = taken_names(stage, module, leaving)?;
    let dotted = stage.facts.names_of(module);
    for (path, facts) in stage.facts.files().iter().filter(|(path, _)| !leaving(path)) {
        for literal in facts.literals.iter().filter(|it| !it.docstring) {
            let rest = dotted.iter().find_map(|it| literal.text.strip_prefix(it.as_str()));
            if let Some(rest) = rest.and_then(|it| it.strip_prefix(['.', ':'])) {
                let name = rest.split(['.', ':']).next().unwrap_or_default();
                add(&mut used, name, path, literal.line);
            }
        }
    }
    Ok(used)
}

/// As [`used_names`], strings aside.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn taken_names(
    stage: &Stage<'_>,
    module: &RepoPath,
    leaving: &dyn Fn(&RepoPath) -> bool,
) -> Result<UsedNames, StepError> {
    let mut used = UsedNames::new();
    for (path, facts) in stage.facts.files().iter().filter(|(path, _)| !leaving(path)) {
        let mut reader = Reader { stage, module, path, facts, used: &mut used };
        let chains = reader.imports();
        if !chains.is_empty() {
            reader.attributes(&chains)?;
        }
    }
    Ok(used)
}

/// Tells whether a name of a package is its own submodule: that stands apart from the `__init__`.
pub(super) fn is_submodule(member: &Member, init: &RepoPath, name: &str) -> bool {
    let Some(below) = init.parent().and_then(|it| it.child(name).ok()) else { return false };
    match member {
        Member::Module(Module::File(file)) => {
            file.is_under(&below) || file.parent() == init.parent() && file.stem() == name
        }
        Member::Module(Module::Namespace(portions)) => portions.contains(&below),
        Member::Definition { .. } | Member::External | Member::Assumed | Member::Missing => false,
    }
}

fn add(used: &mut UsedNames, name: &str, path: &RepoPath, line: u32) {
    let places = used.entry(name.to_owned()).or_default();
    places.entry(path.clone()).or_insert(line);
}

/// An import whose binding is the module: its key in [`Bindings`], and at which part of a chain the
/// names of the module come.
struct Chain {
    key: (usize, Option<usize>),
    depth: usize,
}

/// One file that may use the module.
struct Reader<'a, 's> {
    stage: &'a Stage<'s>,
    module: &'a RepoPath,
    path: &'a RepoPath,
    facts: &'a FileFacts,
    used: &'a mut UsedNames,
}

impl Reader<'_, '_> {
    /// Adds what `from` imports take; returns the imports that bind the module itself.
    fn imports(&mut self) -> Vec<Chain> {
        let known = &self.stage.facts;
        let wanted = Module::File(self.module.clone());
        let mut chains = Vec::new();
        for (index, import) in self.facts.imports.iter().enumerate() {
            let Found::Module(found) = known.find(self.path, import.level, &import.module) else {
                continue;
            };
            match &import.target {
                Target::Module { asname } if found == wanted => {
                    let depth = match asname {
                        Some(_) => 1,
                        None => import.module.split('.').count(),
                    };
                    chains.push(Chain { key: (index, None), depth });
                }
                Target::Names(names) => {
                    for (at, name) in names.iter().enumerate() {
                        let member = known.member(&found, &name.name);
                        if member == Member::Module(wanted.clone()) {
                            chains.push(Chain { key: (index, Some(at)), depth: 1 });
                        } else if found == wanted && !is_submodule(&member, self.module, &name.name)
                        {
                            add(self.used, &name.name, self.path, name.line);
                        }
                    }
                }
                Target::Star if found == wanted => {
                    chains.push(Chain { key: (index, None), depth: 0 });
                }
                Target::Module { .. } | Target::Star | Target::Call { .. } => {}
            }
        }
        chains
    }

    /// Adds the attributes that the file takes of the module.
    fn attributes(&mut self, chains: &[Chain]) -> Result<(), StepError> {
        let bytes = self.stage.tree.read(self.path)?;
        let Ok(text) = Text::decode_python(&bytes) else { return Ok(()) };
        let lines = Lines::new(text.source());
        let target = self.stage.facts.target();
        let bindings =
            python::bindings(text.source(), &self.facts.imports, &BTreeMap::new(), target);
        for chain in chains {
            if chain.depth == 0 {
                self.starred(&bindings, chain.key.0);
                continue;
            }
            for one in bindings.uses.get(&chain.key).into_iter().flatten() {
                if !self.leads_to(chain, one) {
                    continue;
                }
                if let Some((name, span)) = one.parts.get(chain.depth) {
                    add(self.used, name, self.path, lines.line(span.start));
                }
            }
        }
        Ok(())
    }

    /// Tells whether a use spells the module out: `import a.b` binds `a`, so it has the uses of
    /// `a.c`, too.
    fn leads_to(&self, chain: &Chain, one: &Use) -> bool {
        let parts = one.parts.iter().map(|(part, _)| part.as_str()).take(chain.depth);
        chain.depth == 1 || parts.eq(self.facts.imports[chain.key.0].module.split('.'))
    }

    /// Adds what a star import may give to names that the file uses.
    fn starred(&mut self, bindings: &Bindings, import: usize) {
        let names = self.stage.facts.star_names(&Module::File(self.module.clone()));
        let line = self.facts.imports.get(import).map_or(0, |it| it.line);
        let taken = names.iter().flat_map(|it| it.iter());
        for name in taken.filter(|it| bindings.taken.contains(*it)) {
            add(self.used, name, self.path, line);
        }
    }
}
