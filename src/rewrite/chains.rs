//! Uses of modules that imports bind: `a.b.f()` after `import a.b`, by scope.
//!
//! Where the parts of a use would no longer lead to the module that they named, they are rewritten,
//! and what they then need is imported. A name that a package binds itself is followed by the edit
//! of that package, so a chain through it stays.

use std::collections::{BTreeMap, BTreeSet};

use super::places::found;
use super::provide::Given;
use super::statement::Fresh;
use super::view::{Lead, View};
use super::walk::{Bound, Key, Naming, Walk, moved_part, walk};
use crate::finding::Finding;
use crate::python::{Binding, Bindings, Target, Use};
use crate::text::{Lines, TextEdit};

/// What the uses of one file ask for.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// The uses that are rewritten, with the reason.
    pub(super) edits: Vec<(TextEdit, String)>,
    /// What takes the place of `import a.b` whose module moved.
    pub(super) instead: BTreeMap<usize, Import>,
    /// What of the modules above `a.b` has to stay imported in its place.
    pub(super) still: BTreeMap<usize, Vec<String>>,
    /// What calls that import have to import now, by the import.
    pub(super) calls: BTreeMap<usize, Called>,
    /// Statements to put behind an import.
    pub(super) fresh: BTreeMap<usize, Vec<Fresh>>,
    /// Bindings that were used, and of which every use is rewritten.
    pub(super) unused: BTreeSet<Key>,
    /// Why a new import is for a person to look at, where one is.
    pub(super) doubt: Option<String>,
    /// What could not be followed.
    pub(super) findings: Vec<Finding>,
}

/// What a call that imports becomes: `import_module("a.b")` in place of `import_module("a").b`.
#[derive(Debug)]
pub(super) struct Called {
    /// The absolute dotted name.
    pub(super) module: String,
    /// The attributes that go on behind the call.
    pub(super) attributes: TextEdit,
    pub(super) why: String,
}

/// An import of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// The absolute dotted name.
    pub(super) module: String,
    /// The local name, where it is not the first part of the module's.
    pub(super) alias: Option<String>,
}

impl Import {
    /// Writes the import as a statement of its own.
    pub(super) fn statement(&self) -> Fresh {
        let Some(alias) = &self.alias else {
            return Fresh::Plain(format!("import {}", self.module));
        };
        match self.module.rsplit_once('.') {
            Some((package, name)) if name == alias => {
                Fresh::Plain(format!("from {package} import {name}"))
            }
            Some((package, name)) => {
                Fresh::Plain(format!("from {package} import {name} as {alias}"))
            }
            None => Fresh::Plain(format!("import {} as {alias}", self.module)),
        }
    }

    /// Writes the import as one of several of an `import` statement.
    pub(super) fn entry(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{} as {alias}", self.module),
            None => self.module.clone(),
        }
    }

    /// Returns the name that the import binds.
    pub(super) fn local(&self) -> &str {
        let first = || self.module.split('.').next().unwrap_or_default();
        self.alias.as_deref().unwrap_or_else(first)
    }

    /// Tells whether a chain that begins with `dotted` works after this import.
    pub(super) fn covers(&self, dotted: &str) -> bool {
        self.alias.is_none() && is_at_or_above(dotted, &self.module)
    }
}

/// The uses of one file, and what they are read with.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) source: &'a str,
    pub(super) bindings: &'a Bindings,
    /// The names that imports bind to modules.
    pub(super) bound: &'a [Bound],
    /// The lead of each import.
    pub(super) leads: &'a [Lead],
    /// Names of this module that other modules take from it.
    pub(super) exported: &'a BTreeSet<String>,
}

/// One use, the bindings that it may mean, and where it leads.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) used: &'a Use,
    pub(super) keys: Vec<Key>,
    walk: Walk,
}

impl<'a> Reader<'a> {
    /// Reads every use of every bound module.
    pub(super) fn read(&self) -> Chains {
        let mut chains = Chains::default();
        let kept = self.kept();
        let reads = self.reads(&kept, &mut chains.findings);
        let mut given = Given::default();
        for bound in self.bound.iter().filter(|it| it.naming == Naming::Plain) {
            self.replace_plain(bound, &kept, &reads, &mut given, &mut chains);
        }
        for read in reads.iter().filter(|it| !it.walk.holds && it.walk.place.is_some()) {
            self.rewrite(read, &mut given, &mut chains);
        }
        let declared = given.declarations().into_iter();
        chains.edits.extend(declared.map(|it| (it, "its submodule moved".to_owned())));
        let stays = |key: Key| reads.iter().any(|it| it.walk.holds && it.keys.contains(&key));
        let used = |key: Key| reads.iter().any(|it| it.keys.contains(&key));
        let unused = self.bound.iter().map(|it| it.key).filter(|key| used(*key) && !stays(*key));
        chains.unused = unused.collect();
        chains
    }

    /// Returns the local names of `import a.b` that have to go on standing for `a`, which moved: they
    /// are assigned or deleted here, or taken from here by others.
    fn kept(&self) -> BTreeSet<&'a str> {
        let plain = self.bound.iter().filter(|it| it.naming == Naming::Plain);
        let moved = plain.filter(|it| !self.view.lead(0, &it.local).holds);
        let written = |it: &Bound| self.uses(it.key).iter().any(|used| used.written);
        moved
            .filter(|it| written(it) || self.exported.contains(&it.local))
            .map(|it| it.local.as_str())
            .collect()
    }

    pub(super) fn uses(&self, key: Key) -> &'a [Use] {
        self.bindings.uses.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Walks every use once, whatever the number of imports that it may mean.
    fn reads(&self, kept: &BTreeSet<&str>, findings: &mut Vec<Finding>) -> Vec<Read<'a>> {
        let mut keys: BTreeMap<(usize, usize), (&'a Use, Vec<Key>)> = BTreeMap::new();
        for (key, uses) in &self.bindings.uses {
            for used in uses {
                // A call begins where the name of its function does.
                let place = used.parts.first().map_or((0, 0), |(_, it)| (it.start, it.end));
                keys.entry(place).or_insert((used, Vec::new())).1.push(*key);
            }
        }
        let mut reads = Vec::new();
        for (used, keys) in keys.into_values() {
            let bounds: Vec<&Bound> =
                self.bound.iter().filter(|it| keys.contains(&it.key)).collect();
            let walks =
                bounds.iter().map(|it| walk(self.view, it, kept.contains(it.local.as_str()), used));
            let walks: Vec<Walk> = walks.collect();
            // Where one of the imports does not lead there any more, the others are no help.
            let lost = walks.iter().position(|it| !it.holds);
            let at = lost.unwrap_or_default();
            let Some(walk) = walks.get(at).cloned() else { continue };
            let agreed =
                bounds.len() == keys.len() && walks.iter().all(|it| it.place == walk.place);
            if !agreed && lost.is_some() {
                let name = used.parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
                let message =
                    format!("`{}` may mean several imports and was not followed", name.join("."));
                let finding = Finding::warning(Some(self.view.new.clone()), message);
                let start = used.parts.first().map_or(0, |(_, span)| span.start);
                findings.push(finding.at_line(Lines::new(self.source).line(start)));
                continue;
            }
            let walk = match bounds.get(at) {
                Some(it) => moved_part(self.view, it, kept.contains(it.local.as_str()), used, walk),
                None => walk,
            };
            reads.push(Read { used, keys, walk });
        }
        reads
    }

    /// Decides what takes the place of one `import a.b`, and what has to stay imported beside it.
    fn replace_plain(
        &self,
        bound: &Bound,
        kept: &BTreeSet<&str>,
        reads: &[Read<'a>],
        given: &mut Given,
        chains: &mut Chains,
    ) {
        let (index, _) = bound.key;
        let (lead, written) = (&self.leads[index], &self.view.facts.imports[index].module);
        if lead.holds {
            return;
        }
        let Some(place) = &lead.place else { return };
        if self.is_of_class(index, &bound.local) {
            let line = self.view.facts.imports[index].line;
            let message = format!(
                "`{written}` is imported in a class: what takes it from there as an attribute is not followed"
            );
            chains.findings.push(Finding::note(Some(self.view.new.clone()), message).at_line(line));
        }
        let Some(new) = self.view.spell(place, lead, false) else {
            chains.findings.push(self.unreachable(written));
            return;
        };
        if kept.contains(bound.local.as_str()) {
            let start = self.view.lead(0, &bound.local);
            let home = start.place.as_ref().and_then(|it| self.view.spell(it, &start, false));
            if let Some(home) = home {
                let import = Import { module: home.module, alias: Some(bound.local.clone()) };
                if *written == bound.local {
                    chains.instead.insert(index, import);
                    return;
                }
                chains.fresh.entry(index).or_default().push(import.statement());
            }
        }
        // One of several imports that a use may mean: all have to bind the same name.
        let mut known = chains.instead.values().filter(|it| it.module == new.module);
        let known = known.find_map(|it| it.alias.clone().filter(|it| *it != bound.local));
        let alias = known.or_else(|| self.alias(&new.module, &bound.local, &[bound.key], given));
        let import = Import { module: new.module, alias };
        self.declare(bound.key, import.local(), &bound.local, given);
        let still = self.still_needed(bound, &import, reads);
        chains.still.insert(index, still.into_iter().collect());
        chains.instead.insert(index, import);
    }

    /// Tells whether an import binds its name in a class.
    fn is_of_class(&self, index: usize, local: &str) -> bool {
        let facts = &self.view.facts;
        let own = |it: &Binding| matches!(it, Binding::Import { import, .. } if *import == index);
        let bound = facts.names.bound.get(local).unwrap_or_default();
        let import = &facts.imports[index];
        let runs = !import.deferred && !import.type_checking;
        // A name that the module deletes again is none of its own, either.
        let kept = !self.uses((index, None)).iter().any(|it| it.written);
        runs && kept && !bound.iter().any(own)
    }

    /// Returns the modules that `import a.b` made available to uses that stay, and that nothing else
    /// imports.
    fn still_needed(&self, bound: &Bound, import: &Import, reads: &[Read<'a>]) -> BTreeSet<String> {
        let (index, _) = bound.key;
        let own: Vec<&str> = self.view.facts.imports[index].module.split('.').collect();
        let mut needed = BTreeSet::new();
        for read in reads.iter().filter(|it| it.walk.holds && it.keys.contains(&bound.key)) {
            let parts = read.used.parts[..=read.walk.last].iter().map(|(name, _)| name.as_str());
            let common = parts.zip(&own).take_while(|(a, b)| a == *b).count();
            // What a package binds itself is no module that could be imported.
            let mut above = (1..=common).rev().map(|it| own[..it].join("."));
            let stays = |it: &String| self.importable(it) && self.view.lead(0, it).holds;
            let Some(dotted) = above.find(stays) else { continue };
            let others = read.keys.iter().filter(|key| **key != bound.key);
            let place = read.used.parts.first().map_or(0, |(_, span)| span.start);
            let covered = others.into_iter().any(|(other, _)| {
                let import = &self.view.facts.imports[*other];
                self.leads[*other].holds
                    && import.statement.end <= place
                    && is_at_or_above(&dotted, &import.module)
            });
            if !covered && !import.covers(&dotted) {
                needed.insert(dotted);
            }
        }
        if self.exported.contains(&bound.local)
            && !import.covers(&bound.local)
            && self.importable(&bound.local)
        {
            needed.insert(bound.local.clone());
        }
        let all = needed.clone();
        needed.retain(|it| !all.iter().any(|other| other != it && is_at_or_above(it, other)));
        needed
    }

    fn importable(&self, dotted: &str) -> bool {
        found(self.view.places.after, &self.view.new, 0, dotted).is_some()
    }

    /// Rewrites one use, and sees to it that what it now names is imported.
    fn rewrite(&self, read: &Read<'a>, given: &mut Given, chains: &mut Chains) {
        let parts = &read.used.parts[..=read.walk.last];
        let Some((first, last)) = parts.first().zip(parts.last()) else { return };
        let old = parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".");
        let Some(place) = &read.walk.place else { return };
        let Some(new) = self.view.spell(place, &read.walk.lead(), false) else {
            chains.findings.push(self.unreachable(&old));
            return;
        };
        let why =
            |text: &str| format!("`{}` is now `{text}`", read.walk.dotted.as_ref().unwrap_or(&old));
        let call = read.keys.first().map(|(index, _)| *index);
        if let Some((index, top)) = call.and_then(|it| Some((it, self.gives_top(it)?))) {
            let rest = if top { new.module.split_once('.').map(|it| it.1) } else { None };
            let names = rest.into_iter().chain(read.walk.name.as_deref());
            let text = names.map(|it| format!(".{it}")).collect();
            let attributes = TextEdit { span: first.1.end..last.1.end, text };
            let why = why(&new.module);
            let whole = self.still_called(index, read, &new.module).filter(|_| top);
            let module = whole.unwrap_or(new.module);
            chains.calls.insert(index, Called { module, attributes, why });
            return;
        }
        let known = given.prefixes.len();
        let mut text = self.provide(&new.module, read, given, chains);
        if given.prefixes.len() > known && chains.doubt.is_none() {
            chains.doubt = self.view.doubt(place, &read.walk.lead(), false);
        }
        if let Some(name) = &read.walk.name {
            text = format!("{text}.{name}");
        }
        let why = why(&text);
        let span = read.used.span(read.walk.last);
        chains.edits.push((TextEdit { span, text }, why));
    }

    /// Returns the module that a call imports, as it is called now, where that goes on to give what a use
    /// needs: the use takes `now`, which is above it, or which something else imports.
    fn still_called(&self, import: usize, read: &Read<'a>, now: &str) -> Option<String> {
        let lead = &self.leads[import];
        let whole = self.view.spell(lead.place.as_ref()?, lead, false)?.module;
        let was_above = match (&read.walk.dotted, &lead.dotted) {
            (Some(used), Some(called)) => is_at_or_above(used, called),
            (None, _) | (_, None) => true,
        };
        let same_top = whole.split('.').next() == now.split('.').next();
        let gives = is_at_or_above(now, &whole) || same_top && !was_above;
        gives.then_some(whole)
    }

    /// Tells of a call that imports whether it gives the first package of the name.
    fn gives_top(&self, import: usize) -> Option<bool> {
        match self.view.facts.imports[import].target {
            Target::Call { top, .. } => Some(top),
            Target::Module { .. } | Target::Names(_) | Target::Star => None,
        }
    }

    fn unreachable(&self, old: &str) -> Finding {
        let message = format!("what `{old}` named cannot be imported from here any more");
        Finding::warning(Some(self.view.new.clone()), message)
    }
}

/// Tells whether `dotted` is `module` or a package above it.
pub(super) fn is_at_or_above(dotted: &str, module: &str) -> bool {
    module.strip_prefix(dotted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
