//! What leaves the imports of the two modules: the target has itself what it took of the source, and
//! the source imports nothing that only what went used.

use std::collections::{BTreeMap, BTreeSet};

use super::along::{Along, clash, leads_along, name_of, stands_for};
use super::{Refused, Work, unreachable};
use crate::facts::Module;
use crate::path::RepoPath;
use crate::python::{self, Bindings, Target};
use crate::rewrite::places::found;
use crate::rewrite::statement::{Fate, Fresh, Statement, end_of_line};
use crate::rewrite::view::View;
use crate::rewrite::walk::Key;
use crate::text::{Span, TextEdit};

impl Work<'_> {
    /// Returns what leaves the imports of the target, which has it itself now, and the edits of its uses.
    pub(super) fn dropped_by_target(
        &self,
        view: &View<'_>,
    ) -> Result<(BTreeSet<Key>, Vec<TextEdit>), Refused> {
        let (to, facts) = (self.to, self.facts);
        let (mut drop, mut own) = (BTreeSet::new(), BTreeMap::new());
        let mut edits = self.renamed_strings(to);
        let none = BTreeMap::new();
        let bindings = python::bindings(to.source(), &to.facts.imports, &none, facts.target());
        let wanted = Module::File(self.from.module.clone());
        for (index, import) in to.facts.imports.iter().enumerate() {
            let taken = found(facts, &to.path, import.level, &import.module);
            let Target::Names(names) = &import.target else { continue };
            let moved = names.iter().enumerate();
            let moved = moved.filter(|(_, it)| self.choice.names.contains(&it.name));
            for (at, name) in moved.filter(|_| taken.as_ref() == Some(&wanted)) {
                let key = (index, Some(at));
                let is_top = to.importers(name.local()).iter().any(|(_, it)| *it == key);
                if !is_top {
                    let home = name_of(view, &to.module, import.level > 0);
                    let home = home.ok_or_else(|| unreachable(&to.path, &to.path))?;
                    own.insert(index, home);
                    continue;
                }
                drop.insert(key);
                for used in bindings.uses.get(&key).into_iter().flatten() {
                    let (local, span) = &used.parts[0];
                    if used.written {
                        return Err(Refused::new(format!("`{}` assigns `{local}`", to.path)));
                    }
                    if *local != name.name {
                        edits.push(TextEdit { span: span.clone(), text: name.name.clone() });
                    }
                }
            }
        }
        for (index, home) in own {
            edits.extend(self.taken_from_itself(&to.facts.imports[index], home));
        }
        self.drop_modules(&bindings, &mut drop, &mut edits)?;
        Ok((drop, edits))
    }

    /// Adds the imports by which the target only used what goes as attributes of the source, and the
    /// edits of these uses.
    fn drop_modules(
        &self,
        bindings: &Bindings,
        drop: &mut BTreeSet<Key>,
        edits: &mut Vec<TextEdit>,
    ) -> Result<(), Refused> {
        let (to, facts) = (self.to, self.facts);
        for (_, keys) in to.imported() {
            for (_, key) in keys {
                let Some(depth) = stands_for(facts, to, *key, &self.from.module) else { continue };
                let uses = bindings.uses.get(key).map_or(&[][..], Vec::as_slice);
                let captured = bindings.captured.get(key);
                let mut all = !uses.is_empty();
                for used in uses {
                    let part = used.parts.get(depth);
                    let Some((name, last)) = part.filter(|it| self.choice.names.contains(&it.0))
                    else {
                        all = false;
                        continue;
                    };
                    if captured.is_some_and(|it| it.contains(name)) {
                        return Err(clash(&to.path, name));
                    }
                    let span = used.parts[0].1.start..last.end;
                    edits.push(TextEdit { span, text: name.clone() });
                }
                if all {
                    drop.insert(*key);
                }
            }
        }
        Ok(())
    }

    /// Returns the edits by which a function of the target takes what goes from the target itself.
    fn taken_from_itself(&self, import: &python::Import, home: String) -> Vec<TextEdit> {
        let Target::Names(names) = &import.target else { return Vec::new() };
        let goes = |name: &&python::ImportedName| self.choice.names.contains(&name.name);
        if names.iter().all(|it| goes(&it)) {
            return vec![TextEdit { span: import.span.clone(), text: home }];
        }
        let fate = |it| if goes(&it) { Fate::Leaves } else { Fate::Stays };
        let fates: Vec<Fate> = names.iter().map(fate).collect();
        let entries: Vec<Span> = names.iter().map(|it| it.span.clone()).collect();
        let gone = names.iter().enumerate().filter(|(_, it)| goes(it));
        let gone = gone.map(|(at, it)| (self.to.slice(it.span.clone()).to_owned(), Some(at)));
        let fresh = [Fresh::From { module: home, names: gone.collect() }];
        let span = import.statement.clone();
        Statement { source: self.to.source(), span, entries }.rewrite(&fates, &fresh)
    }

    /// Returns the imports of the source that only what goes used.
    pub(super) fn dropped_by_source(&self, along: &Along) -> BTreeSet<Key> {
        let from = self.from;
        let stays = |key: &Key| {
            let import = from.import(*key);
            let own = from.imported().filter(|(_, keys)| keys.iter().any(|it| it.1 == *key));
            own.map(|(name, _)| name).any(|name| {
                let parts = from.parts.iter().enumerate();
                let left = parts.filter(|(at, _)| !self.choice.parts.contains(at));
                let mut mentions = left.flat_map(|(_, part)| &part.mentions);
                mentions.any(|it| it.name() == *name && leads_along(import, it))
                    || self.request.used.contains_key(name)
                    || from.listed().iter().any(|(it, _)| it == name)
                    || is_offered(import, key.1)
                    || self.offers(import, name)
            }) || import.optional
                || self.says_noqa(import)
        };
        along.used.iter().copied().filter(|it| !stays(it)).collect()
    }

    /// Tells whether the source offers a definition that went to another module of its package before.
    fn offers(&self, import: &python::Import, name: &str) -> bool {
        let found = found(self.facts, &self.from.path, import.level, &import.module);
        let inside = |package: &RepoPath| match &found {
            Some(Module::File(part)) => part.is_under(package),
            Some(Module::Namespace(_)) | None => false,
        };
        !name.starts_with('_') && self.request.package.is_some_and(inside)
    }

    /// Tells whether a comment asks checkers to leave an import alone.
    fn says_noqa(&self, import: &python::Import) -> bool {
        let source = self.from.source();
        let end = end_of_line(source, import.statement.end);
        source[import.statement.start..end].to_ascii_lowercase().contains("noqa")
    }
}

/// Tells whether an import offers its name to others: `from a import b as b`.
fn is_offered(import: &python::Import, at: Option<usize>) -> bool {
    match (&import.target, at) {
        (Target::Names(names), Some(at)) => names[at].asname.as_ref() == Some(&names[at].name),
        (Target::Module { asname }, _) => asname.as_ref() == Some(&import.module),
        _ => false,
    }
}
