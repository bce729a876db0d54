//! How a file gets at a module that a use has to name: by an import that is there, or by a new one under
//! a name that means nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::begun::When;
use super::chains::{Chains, Import, Read, Reader, is_at_or_above};
use super::imports::ALONG;
use super::places::below;
use super::statement::start_of_line;
use super::walk::{Bound, Key, Naming};
use crate::facts::Module;
use crate::python::{Binding, Owner, Target};
use crate::text::{Span, TextEdit};

/// What new imports of this file provide.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// The aliases that they make.
    names: BTreeSet<String>,
    /// The packages that they bind.
    packages: BTreeSet<String>,
    /// What a chain begins with, by the module, and the import behind which the new one stands.
    pub(super) prefixes: BTreeMap<(String, usize), String>,
    /// The names that `global` statements have to declare, too, and behind what.
    globals: BTreeSet<(usize, String)>,
}

impl Given {
    /// Returns the edits that declare names.
    pub(super) fn declarations(&self) -> Vec<TextEdit> {
        let mut texts: BTreeMap<usize, String> = BTreeMap::new();
        for (at, name) in &self.globals {
            texts.entry(*at).or_default().extend([", ", name]);
        }
        texts.into_iter().map(|(at, text)| TextEdit { span: at..at, text }).collect()
    }
}

impl<'a> Reader<'a> {
    /// Returns what a chain begins with to reach `module`, which one of the imports that the use may
    /// mean provides, or another one, or a new one behind the first of them.
    pub(super) fn provide(
        &self,
        module: &str,
        read: &Read<'a>,
        given: &mut Given,
        chains: &mut Chains,
    ) -> String {
        let keys = read.keys.as_slice();
        let Some((local, place)) = read.used.parts.first() else { return module.to_owned() };
        if let Some(name) = self.own_submodule(module, keys) {
            return name;
        }
        let sees = |home: usize, prefix: &str| {
            let first = prefix.split('.').next().unwrap_or_default();
            self.is_sure(home, place.start) && !self.is_captured(first, keys)
        };
        for (index, import) in &chains.instead {
            let prefix = match &import.alias {
                None if import.covers(module) => module,
                Some(alias) if import.module == module => alias,
                None | Some(_) => continue,
            };
            if keys.contains(&(*index, None)) || sees(*index, prefix) {
                return prefix.to_owned();
            }
        }
        let homes = self.homes(keys, place.start);
        let Some((index, _)) = homes.first().copied() else { return module.to_owned() };
        let known = given.prefixes.range((module.to_owned(), 0)..=(module.to_owned(), usize::MAX));
        let known = known.map(|((_, home), prefix)| (*home, prefix.as_str()));
        let known: BTreeMap<usize, &str> = known.collect();
        let first = known.get(&index).copied();
        let seen = || known.iter().find(|(home, it)| sees(**home, it)).map(|(_, it)| *it);
        let own = first.filter(|it| homes.iter().all(|(home, _)| known.get(home) == Some(it)));
        if let Some(prefix) = own.or_else(seen) {
            return prefix.to_owned();
        }
        let plain = matches!(self.view.facts.imports[index].target, Target::Module { .. });
        let first_free = self.alias(module, local, keys, given);
        let alias = match first_free {
            None if plain || !module.contains('.') => None,
            None => Some(self.free(module, keys, given)),
            Some(alias) => Some(alias),
        };
        if alias.is_none() && self.is_imported(module) {
            return module.to_owned();
        }
        let import = Import { module: module.to_owned(), alias };
        let prefix = import.alias.clone().unwrap_or_else(|| module.to_owned());
        for key in homes {
            self.declare(key, import.local(), local, given);
            chains.fresh.entry(key.0).or_default().push(import.statement());
            given.prefixes.insert((module.to_owned(), key.0), prefix.clone());
        }
        prefix
    }

    /// Sees to it that a new name belongs to the module, where a function or a class binds `local` there
    /// by `global`.
    pub(super) fn declare(&self, key: Key, name: &str, local: &str, given: &mut Given) {
        if name == local || self.bindings.owners.get(&key) != Some(&Owner::Global) {
            return;
        }
        let uses = self.uses(key).iter().filter(|it| it.written);
        let places = uses.filter_map(|it| Some(it.parts.first()?.1.clone()));
        let places = places.filter(|it| is_declared(self.source, it.start));
        given.globals.extend(places.map(|it| (it.end, name.to_owned())));
    }

    /// Returns the name of a submodule in the `__init__.py` of its package, where it only changed its
    /// name there.
    fn own_submodule(&self, module: &str, keys: &[Key]) -> Option<String> {
        let (package, name) = module.rsplit_once('.')?;
        let stays = self.view.places.after.names_of(&self.view.new).iter().any(|it| it == package);
        let is_own = keys.iter().any(|it| it.1 == ALONG) && stays;
        (is_own && !self.bindings.taken.contains(name)).then(|| name.to_owned())
    }

    /// Picks the imports behind which a new one stands for a use at `place`: one that is sure to have
    /// run, where there is one, else each that may be the only one that ran.
    fn homes(&self, keys: &[Key], place: usize) -> Vec<Key> {
        let import = |key: &Key| &self.view.facts.imports[key.0];
        if let Some(sure) = keys.iter().find(|it| self.is_sure(it.0, place)) {
            return vec![*sure];
        }
        let mut homes: Vec<Key> = Vec::new();
        for key in keys {
            let start = import(key).statement.start;
            let ran = |it: &Key| is_behind(self.source, &import(it).statement, start);
            if !homes.iter().any(ran) {
                homes.push(*key);
            }
        }
        homes
    }

    /// Tells whether an import, and what stands behind it, has run before what stands at this place: it
    /// is a statement of the module that nothing holds.
    fn is_sure(&self, import: usize, place: usize) -> bool {
        let import = &self.view.facts.imports[import];
        import.column == 1 && import.statement.end <= place
    }

    /// Tells whether a module-level `import module` that stays as it is provides `module`.
    fn is_imported(&self, module: &str) -> bool {
        let facts = &self.view.facts;
        let first = module.split('.').next().unwrap_or_default();
        let bound = facts.names.bound.get(first).unwrap_or_default();
        bound.iter().any(|binding| match binding {
            Binding::Import { import, name: None } => {
                let it = &facts.imports[*import];
                self.leads[*import].holds
                    && !it.optional
                    && !it.type_checking
                    && it.target == (Target::Module { asname: None })
                    && is_at_or_above(module, &it.module)
            }
            Binding::Import { .. } | Binding::Definition { .. } => false,
        })
    }

    /// Returns the alias under which to import `module`, where its first part means something else
    /// here, or does not lead there yet. The first part of what stood there before means the same.
    pub(super) fn alias(
        &self,
        module: &str,
        local: &str,
        keys: &[Key],
        given: &mut Given,
    ) -> Option<String> {
        let mut bound = self.bound.iter().filter(|it| keys.contains(&it.key));
        if bound.any(|it| self.is_early(it, module)) {
            return Some(self.free(module, keys, given));
        }
        let first = module.split('.').next().unwrap_or_default();
        let imports = &self.view.facts.imports;
        let is_plain = |it: &Key| imports[it.0].target == Target::Module { asname: None };
        let is_same = first == local && keys.iter().all(is_plain);
        let is_free = || self.is_free(first, keys) && !given.names.contains(first);
        if is_same || self.is_package_here(first, keys) || is_free() {
            given.packages.insert(first.to_owned());
            return None;
        }
        Some(self.free(module, keys, given))
    }

    /// Tells whether this file uses what an import binds while it is loaded, and the way to `module`,
    /// which stands for it now, may not be there by then, while that to `a.b` of `import a.b` was.
    fn is_early(&self, bound: &Bound, module: &str) -> bool {
        let (places, lead) = (self.view.places, &self.leads[bound.key.0]);
        let begun = |when, dotted: &str| places.is_begun(when, &self.view.old, dotted);
        let was = |it: &String| bound.naming == Naming::Plain && begun(When::Before, it);
        self.bindings.early.contains_key(&bound.key)
            && begun(When::After, module)
            && !lead.dotted.as_ref().is_some_and(was)
    }

    /// Returns a local name for `module` that nothing in the file means.
    fn free(&self, module: &str, keys: &[Key], given: &mut Given) -> String {
        let parts: Vec<&str> = module.split('.').collect();
        let short = (1..=parts.len()).map(|count| parts[parts.len() - count..].join("_"));
        let long = (2..).map(|number| format!("{}_{number}", parts.join("_")));
        let mut names = short.chain(long);
        let is_free = |it: &String| {
            self.is_free(it, keys) && !given.names.contains(it) && !given.packages.contains(it)
        };
        let name = names.find(is_free).unwrap_or_default();
        given.names.insert(name.clone());
        name
    }

    fn is_free(&self, name: &str, keys: &[Key]) -> bool {
        // The submodules of a package are names of its `__init__.py`, once they are imported.
        let own = Module::File(self.view.new.clone());
        !self.bindings.taken.contains(name)
            && !self.is_captured(name, keys)
            && below(self.view.places.after, &own, name).is_none()
    }

    fn is_captured(&self, name: &str, keys: &[Key]) -> bool {
        keys.iter().any(|key| self.bindings.captured.get(key).is_some_and(|it| it.contains(name)))
    }

    /// Tells whether all that binds `first` here are module-level `import first.…`, and the uses see
    /// it.
    fn is_package_here(&self, first: &str, keys: &[Key]) -> bool {
        let facts = &self.view.facts;
        let bound = facts.names.bound.get(first).unwrap_or_default();
        let is_plain = |binding: &Binding| match binding {
            Binding::Import { import, name: None } => {
                facts.imports[*import].target == (Target::Module { asname: None })
            }
            Binding::Import { .. } | Binding::Definition { .. } => false,
        };
        let deferred = keys.iter().any(|(index, _)| facts.imports[*index].deferred);
        !bound.is_empty()
            && bound.iter().all(is_plain)
            && !deferred
            && !self.is_captured(first, keys)
    }
}

/// Tells whether what stands at `place` runs only after this statement has run: it is in the same block,
/// or in one below it.
fn is_behind(source: &str, statement: &Span, place: usize) -> bool {
    let start = start_of_line(source, statement.start);
    let indent = statement.start - start;
    let own_line = source[start..statement.start].trim().is_empty();
    let Some(between) = source.get(statement.end..place) else { return false };
    let deep = |line: &str| {
        let code = line.trim_start();
        code.is_empty() || code.starts_with('#') || line.len() - code.len() >= indent
    };
    let last = start_of_line(source, place);
    let behind = between.lines().skip(1).all(deep);
    own_line && behind && (last <= statement.end || deep(&source[last..]))
}

/// Tells whether the name at `start` stands in a `global` statement.
fn is_declared(source: &str, start: usize) -> bool {
    let line = &source[start_of_line(source, start)..start];
    let statement = line.rsplit([';', ':']).next().unwrap_or_default();
    statement.trim_start().starts_with("global ")
}
