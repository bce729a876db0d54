//! The edits of one file: its import statements, the uses of what they bind, its strings.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::{Chains, Import as ModuleImport};
use super::imports::Followed;
use super::places::Place;
use super::statement::{Fate, Fresh, Statement};
use super::view::{Lead, NameLead, Spelling, Taken, View};
use super::walk::Key;
use super::{Edit, Uses};
use crate::facts::{Member, Module};
use crate::finding::{Finding, Safety};
use crate::python::{Bindings, Import, ImportedName, Target, Use};
use crate::text::{Span, TextEdit};

/// One file that is edited.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) source: &'a str,
    pub(super) followed: &'a Followed,
    pub(super) chains: Chains,
    pub(super) bindings: &'a Bindings,
    pub(super) uses: Uses,
    /// Names of this module that other modules take from it.
    pub(super) exported: &'a BTreeSet<String>,
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
}

/// Where a name of a `from` import has to be taken from now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Home {
    /// `from spelling import …`.
    From(Spelling),
    /// `import module`: a top-level module.
    Top(String),
}

impl<'a> File<'a> {
    /// Makes the edits of every import statement and of every use.
    pub(super) fn edit_imports(&mut self) {
        let mut statements: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (index, import) in self.view.facts.imports.iter().enumerate() {
            let span = &import.statement;
            statements.entry((span.start, span.end)).or_default().push(index);
        }
        for imports in statements.values() {
            let Some(first) = imports.first() else { continue };
            match &self.view.facts.imports[*first].target {
                Target::Module { .. } => self.edit_modules(imports),
                Target::Names(_) => self.edit_names(*first),
                Target::Star => {
                    self.edit_star(*first);
                    self.edit_star_extras(*first);
                }
                Target::Call => imports.iter().for_each(|it| self.edit_call(*it)),
            }
        }
        for (edit, why) in std::mem::take(&mut self.chains.edits) {
            self.push(edit, why);
        }
        self.findings.append(&mut self.chains.findings);
    }

    pub(super) fn push(&mut self, edit: TextEdit, why: String) {
        self.push_as(edit, Safety::Safe, why);
    }

    /// Adds an edit, unless it changes nothing.
    pub(super) fn push_as(&mut self, edit: TextEdit, safety: Safety, why: String) {
        if self.source.get(edit.span.clone()) != Some(edit.text.as_str()) {
            self.edits.push(Edit { edit, safety, why });
        }
    }

    fn warn(&mut self, import: &Import, message: String) {
        let path = Some(self.view.new.clone());
        self.findings.push(Finding::warning(path, message).at_line(import.line));
    }

    /// Says in a reason where a module went.
    pub(super) fn why(&self, lead: &Lead) -> String {
        let now = lead.place.as_ref().and_then(|it| self.view.spell(it, lead, false));
        let old = lead.dotted.as_deref().unwrap_or("the module");
        now.map_or_else(|| format!("`{old}` moved"), |now| format!("`{old}` is now `{now}`"))
    }

    // ── import a, b.c as d ──

    fn edit_modules(&mut self, imports: &[usize]) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let entries = imports.iter().map(|it| facts.imports[*it].span.clone()).collect();
        let Some(first) = imports.first() else { return };
        let statement = Statement {
            source: self.source,
            span: facts.imports[*first].statement.clone(),
            entries,
        };
        let (mut fates, mut fresh, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
        for index in imports {
            let import = &facts.imports[*index];
            let mut own = self.chains.fresh.remove(index).unwrap_or_default();
            let fate = match self.module_instead(*index) {
                Some(now) => {
                    reasons.push(self.why(&self.followed.leads[*index]));
                    let still = self.chains.still.remove(index).unwrap_or_default();
                    if let Some((first, more)) = still.split_first() {
                        // What was imported first stays first.
                        let more = more.iter().map(|it| Fresh::Plain(format!("import {it}")));
                        own.splice(0..0, more.chain([now.statement()]));
                        Fate::Becomes(first.clone())
                    } else if imports.len() == 1
                        && now.alias.is_some()
                        && self.is_from_form(*index, &now)
                    {
                        own.insert(0, now.statement());
                        Fate::Leaves
                    } else {
                        self.entry_fate(import, &now)
                    }
                }
                None if !own.is_empty() && self.is_dead((*index, None)) => Fate::Leaves,
                None => Fate::Stays,
            };
            if !own.is_empty() && reasons.is_empty() {
                reasons.push("its submodule moved".to_owned());
            }
            fates.push(fate);
            fresh.append(&mut own);
        }
        let why = reasons.join("; ");
        for edit in statement.rewrite(&fates, &fresh) {
            self.push(edit, why.clone());
        }
    }

    /// Returns what takes the place of `import a.b`, `import a.b as c` or `import b`.
    fn module_instead(&mut self, index: usize) -> Option<ModuleImport> {
        if let Some(now) = self.chains.instead.get(&index) {
            return Some(now.clone());
        }
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        let Target::Module { asname } = &import.target else { return None };
        let place = lead.place.as_ref().filter(|_| !lead.holds)?;
        let is_plain = asname.is_none() && import.module.contains('.');
        if is_plain {
            return None;
        }
        let Some(now) = self.view.spell(place, lead, false) else {
            self.warn(import, format!("`{}` cannot be imported from here any more", import.module));
            return None;
        };
        let local = asname.clone().unwrap_or_else(|| import.module.clone());
        let last = now.module.rsplit('.').next().unwrap_or_default();
        let local = match asname {
            None => self.renamed((index, None), &local, last).unwrap_or(local),
            Some(_) => local,
        };
        let alias = (now.module != local).then_some(local);
        Some(ModuleImport { module: now.module, alias })
    }

    /// Tells whether `from a import b` says it: what was written had no `as`.
    fn is_from_form(&self, index: usize, now: &ModuleImport) -> bool {
        let Some((package, name)) = now.module.rsplit_once('.') else { return false };
        let package = Spelling { level: 0, module: package.to_owned() };
        let wanted = self.followed.leads[index].place.as_ref();
        self.view.facts.imports[index].target == (Target::Module { asname: None })
            && !self.is_shadowed(&package, name, wanted)
    }

    fn entry_fate(&self, import: &Import, now: &ModuleImport) -> Fate {
        let written = &self.source[import.span.clone()];
        match (&import.target, written.strip_prefix(import.module.as_str())) {
            (Target::Module { asname: Some(_) }, Some(rest)) if now.alias.is_some() => {
                Fate::Becomes(format!("{}{rest}", now.module))
            }
            _ => Fate::Becomes(now.entry()),
        }
    }

    /// Tells whether a binding leads nowhere now and nothing here uses it any more.
    fn is_dead(&self, key: Key) -> bool {
        self.chains.unused.contains(&key) && self.followed.leads[key.0].place.is_none()
    }

    // ── from a import b, c as d ──

    fn edit_names(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let Target::Names(names) = &import.target else { return };
        let mut fates = Vec::new();
        let mut groups: Vec<(Home, Vec<(String, Option<usize>)>)> = Vec::new();
        let mut reasons: Vec<String> = Vec::new();
        let fresh_behind = self.chains.fresh.remove(&index).unwrap_or_default();
        for (at, name) in names.iter().enumerate() {
            let home = self.home(index, at);
            let Some((home, text, why)) = home else {
                let dead = self.is_dead_name(index, name, at);
                fates.push(if dead && !fresh_behind.is_empty() {
                    Fate::Leaves
                } else {
                    Fate::Stays
                });
                continue;
            };
            if !reasons.contains(&why) {
                reasons.push(why);
            }
            let written = Spelling { level: import.level, module: import.module.clone() };
            if home == Home::From(written) {
                fates.push(Fate::Becomes(text));
                continue;
            }
            fates.push(Fate::Leaves);
            match groups.iter_mut().find(|(known, _)| *known == home) {
                Some((_, names)) => names.push((text, Some(at))),
                None => groups.push((home, vec![(text, Some(at))])),
            }
        }
        if reasons.is_empty() && fresh_behind.is_empty() {
            return;
        }
        if reasons.is_empty() {
            reasons.push("its submodule moved".to_owned());
        }
        let why = reasons.join("; ");
        // The old statement serves the first group where nothing of its own stays.
        let serves = groups.iter().position(|(home, _)| matches!(home, Home::From(_)));
        if let Some(first) = serves.filter(|_| fates.iter().all(|it| *it == Fate::Leaves)) {
            let (Home::From(spelling), own) = groups.remove(first) else { return };
            for (text, at) in own {
                if let Some(at) = at {
                    fates[at] = Fate::Becomes(text);
                }
            }
            self.edit_module_part(import, &spelling, &why);
        }
        let mut fresh: Vec<Fresh> = groups.into_iter().flat_map(fresh_of).collect();
        fresh.extend(fresh_behind);
        let entries = names.iter().map(|it| it.span.clone()).collect();
        let statement = Statement { source: self.source, span: import.statement.clone(), entries };
        for edit in statement.rewrite(&fates, &fresh) {
            self.push(edit, why.clone());
        }
    }

    /// Returns where a name has to be taken from, how it is written there, and why; `None` where the
    /// import stays right as it is.
    fn home(&mut self, index: usize, at: usize) -> Option<(Home, String, String)> {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let Target::Names(names) = &import.target else { return None };
        let (imported, lead, name) =
            (&names[at], &self.followed.leads[index], &self.followed.names[index][at]);
        let place = name.place.as_ref().filter(|_| !name.holds)?;
        let relative = import.level > 0;
        let found = match &name.taken {
            Taken::Name(now) => self
                .view
                .spell(place, lead, relative)
                .map(|spelling| (Home::From(spelling), now.clone())),
            Taken::Module => {
                self.module_home(&module_lead(self.view, lead, imported, name), relative)
            }
        };
        let Some((home, now)) = found else {
            let what = format!("`{}` cannot be imported from here any more", imported.name);
            self.warn(import, what);
            return None;
        };
        self.look_at_target(import, imported, place, &home, &name.taken);
        let why = match &name.taken {
            Taken::Module => self.why(&module_lead(self.view, lead, imported, name)),
            Taken::Name(now) if *now != imported.name => {
                format!("`{}` is now `{now}`", imported.name)
            }
            Taken::Name(_) => self.why(lead),
        };
        let local = imported.local();
        let renamed = (name.taken == Taken::Module && imported.asname.is_none())
            .then(|| self.renamed((index, Some(at)), local, &now))
            .flatten();
        let text = match renamed {
            Some(renamed) => renamed,
            None => self.name_text(imported, &now),
        };
        Some((home, text, why))
    }

    fn module_home(&self, lead: &Lead, relative: bool) -> Option<(Home, String)> {
        let place = lead.place.as_ref()?;
        let split = |spelling: Spelling| {
            spelling.split().map(|(package, name)| (Home::From(package), name.to_owned()))
        };
        if relative && let Some(found) = self.view.spell(place, lead, true).and_then(split) {
            return Some(found);
        }
        let spelling = self.view.spell(place, lead, false)?;
        match spelling.split() {
            Some((package, name)) => Some((Home::From(package), name.to_owned())),
            None => Some((Home::Top(spelling.module.clone()), spelling.module)),
        }
    }

    /// Says where the new home does not have what is taken from it.
    fn look_at_target(
        &mut self,
        import: &Import,
        imported: &ImportedName,
        place: &Place,
        home: &Home,
        taken: &Taken,
    ) {
        let message = match (taken, home, place) {
            (Taken::Name(now), _, Place::Module(module)) if self.lacks(module, now) => {
                Some(format!("the module that now stands for `{}` has no `{now}`", import.module))
            }
            (Taken::Module, Home::From(package), _) => {
                let spelled = self.view.spell(place, &Lead::unknown(), false);
                let name = spelled.as_ref().and_then(|it| it.module.rsplit('.').next());
                let shadowed =
                    name.is_some_and(|name| self.is_shadowed(package, name, Some(place)));
                shadowed.then(|| format!("`{package}` binds another `{}`", imported.name))
            }
            _ => None,
        };
        if let Some(message) = message {
            self.warn(import, message);
        }
    }

    fn lacks(&self, module: &Module, name: &str) -> bool {
        let Module::File(path) = module else { return true };
        let after = self.view.places.after;
        let bound = after.files().get(path).is_some_and(|it| it.names.bound.contains_key(name));
        !bound && after.member(module, name) == Member::Missing
    }

    fn is_shadowed(&self, package: &Spelling, name: &str, wanted: Option<&Place>) -> bool {
        let is_wanted = |found: &Module| matches!(wanted, Some(Place::Module(it)) if it == found);
        self.view.shadow(package, name).is_some_and(|member| match member {
            Member::Module(found) => !is_wanted(&found),
            Member::Definition { .. } => true,
            // Unresolved as long as that package is not edited itself.
            Member::External | Member::Assumed | Member::Missing => false,
        })
    }

    /// Writes an imported name that is called `now` in its module.
    fn name_text(&self, imported: &ImportedName, now: &str) -> String {
        let written = &self.source[imported.span.clone()];
        match &imported.asname {
            // `as` was there to keep the name, and is not needed any more.
            Some(asname) if asname == now && *asname != imported.name => now.to_owned(),
            Some(asname) => match written.strip_prefix(imported.name.as_str()) {
                Some(rest) => format!("{now}{rest}"),
                None => format!("{now} as {asname}"),
            },
            None if now == imported.name => now.to_owned(),
            None => format!("{now} as {}", imported.name),
        }
    }

    /// Tells whether a name led nowhere and nothing here uses it any more.
    fn is_dead_name(&self, index: usize, imported: &ImportedName, at: usize) -> bool {
        let was = self.followed.leads[index].was.as_ref();
        let member = was.map(|it| self.view.places.before.member(it, &imported.name));
        matches!(member, None | Some(Member::Missing))
            && self.chains.unused.contains(&(index, Some(at)))
    }

    /// Replaces what stands between `from` and `import`.
    fn edit_module_part(&mut self, import: &Import, now: &Spelling, why: &str) {
        let now = now.to_string();
        let is_word = |it: char| it == '_' || it.is_alphanumeric();
        let before = self.source[..import.span.start].chars().next_back().is_some_and(is_word);
        let after = self.source[import.span.end..].chars().next().is_some_and(is_word);
        let head = if before && now.starts_with(is_word) { " " } else { "" };
        let tail = if after && now.ends_with(is_word) { " " } else { "" };
        let edit = TextEdit { span: import.span.clone(), text: format!("{head}{now}{tail}") };
        self.push(edit, why.to_owned());
    }

    // ── from a import * ──

    fn edit_star(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        match self.view.spell(place, lead, import.level > 0) {
            Some(now) => self.edit_module_part(import, &now, &self.why(lead)),
            None => {
                self.warn(
                    import,
                    format!("`{}` cannot be imported from here any more", import.module),
                );
            }
        }
    }

    /// Imports the submodules that the star took by way of `__all__`, and that left.
    fn edit_star_extras(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let Some(was) = &self.followed.leads[index].was else { return };
        let mut fresh = Vec::new();
        for gone in super::exports::left(self.view.places, was) {
            let found = self.module_home(&gone.lead, import.level > 0);
            let Some((home, name)) = found else { continue };
            let text = if name == gone.name { name } else { format!("{name} as {}", gone.name) };
            fresh.extend(fresh_of((home, vec![(text, None)])));
        }
        let statement =
            Statement { source: self.source, span: import.statement.clone(), entries: Vec::new() };
        for edit in statement.rewrite(&[Fate::Stays], &fresh) {
            self.push(edit, "the star import took what left the package".to_owned());
        }
    }

    // ── import_module("a.b") ──

    fn edit_call(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        let Some(now) = self.view.spell(place, lead, import.level > 0) else {
            self.warn(import, format!("`{}` cannot be imported from here any more", import.module));
            return;
        };
        let level = usize::try_from(import.level).unwrap_or_default();
        let old = format!("{}{}", ".".repeat(level), import.module);
        let literal = &self.source[import.span.clone()];
        let Some(inner) = quoted(literal).filter(|inner| literal[inner.clone()] == *old) else {
            self.warn(import, format!("`{old}` is now `{now}`, but is not written in one piece"));
            return;
        };
        let span = import.span.start + inner.start..import.span.start + inner.end;
        let call = &self.source[import.statement.clone()];
        let first = |dotted: &str| dotted.split('.').next().unwrap_or_default().to_owned();
        if call.starts_with("__import__")
            && !call.contains("fromlist")
            && first(&import.module) != first(&now.module)
        {
            let message = format!(
                "`__import__(\"{now}\")` gives `{}` where `{}` was given",
                first(&now.module),
                first(&import.module)
            );
            self.warn(import, message);
        }
        self.push(TextEdit { span, text: now.to_string() }, self.why(lead));
    }

    // ── uses = "rename" ──

    /// Renames the uses of a binding, where that is asked for and nothing clashes; returns the new
    /// local name.
    fn renamed(&mut self, key: Key, local: &str, now: &str) -> Option<String> {
        if self.uses == Uses::Keep || local == now || self.exported.contains(local) {
            return None;
        }
        let uses = self.bindings.uses.get(&key).map_or(&[][..], Vec::as_slice);
        let first = |it: &Use| it.parts.first().map(|(_, span)| span.clone());
        let start = |it: &Use| first(it).map(|span| span.start);
        let others = self.bindings.uses.iter().filter(|(other, _)| **other != key);
        let others: BTreeSet<_> = others.flat_map(|(_, uses)| uses.iter().map(start)).collect();
        let shared = uses.iter().any(|it| it.written || others.contains(&start(it)));
        let captured = self.bindings.captured.get(&key).is_some_and(|it| it.contains(now));
        if shared || captured || self.bindings.taken.contains(now) {
            return None;
        }
        let done: BTreeSet<usize> =
            self.chains.edits.iter().map(|(edit, _)| edit.span.start).collect();
        let why = format!("`{local}` is now `{now}`");
        for span in uses.iter().filter_map(first).filter(|it| !done.contains(&it.start)) {
            self.push(TextEdit { span, text: now.to_owned() }, why.clone());
        }
        Some(now.to_owned())
    }
}

/// Returns the lead of the module that a name of a `from` import takes.
fn module_lead(view: &View<'_>, lead: &Lead, imported: &ImportedName, name: &NameLead) -> Lead {
    let member = lead.was.as_ref().map(|was| view.places.before.member(was, &imported.name));
    let was = match member {
        Some(Member::Module(module)) => Some(module),
        _ => None,
    };
    let dotted = lead.dotted.as_ref().map(|it| format!("{it}.{}", imported.name));
    Lead { was, dotted, place: name.place.clone(), holds: name.holds }
}

/// Returns the statements that take names from a new home.
fn fresh_of((home, names): (Home, Vec<(String, Option<usize>)>)) -> Vec<Fresh> {
    match home {
        Home::From(spelling) => vec![Fresh::From { module: spelling.to_string(), names }],
        Home::Top(_) => {
            names.into_iter().map(|(text, _)| Fresh::Plain(format!("import {text}"))).collect()
        }
    }
}

/// Returns where the text of a string literal stands between its prefix and quotes.
fn quoted(literal: &str) -> Option<Span> {
    let start = literal.find(['"', '\''])?;
    let quote = &literal[start..=start];
    let quotes = if literal[start..].starts_with(&quote.repeat(3)) { 3 } else { 1 };
    let end = literal.len().checked_sub(quotes)?;
    let fits = start + quotes <= end && literal.ends_with(quote);
    fits.then_some(start + quotes..end)
}
