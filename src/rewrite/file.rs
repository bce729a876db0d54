//! The edits of one file: its import statements, the uses of what they bind, its strings.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::{Chains, Import as ModuleImport};
use super::imports::Followed;
use super::places::Place;
use super::statement::{Fate, Fresh, Statement};
use super::takers::Takers;
use super::view::{Spelling, View};
use super::walk::Key;
use super::{Edit, Uses};
use crate::finding::{Finding, Safety};
use crate::python::{Bindings, Import, Owner, Target, Use};
use crate::text::{Span, TextEdit};

/// One file that is edited.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) source: &'a str,
    pub(super) followed: &'a Followed,
    /// Why edits of imports are for a person to look at, where they are: they go together.
    pub(super) doubt: Option<String>,
    pub(super) chains: Chains,
    pub(super) bindings: &'a Bindings,
    pub(super) uses: Uses,
    /// Who takes names from modules that only import them.
    pub(super) takers: &'a Takers<'a>,
    /// Names of this module that other modules take from it.
    pub(super) exported: &'a BTreeSet<String>,
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
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
                Target::Call { .. } => imports.iter().for_each(|it| self.edit_call(*it)),
            }
        }
        for (mut edit, why) in std::mem::take(&mut self.chains.edits) {
            edit.span = with_parentheses(self.source, edit.span);
            self.push(edit, why);
        }
        self.findings.append(&mut self.chains.findings);
    }

    pub(super) fn push(&mut self, edit: TextEdit, why: String) {
        match &self.doubt {
            Some(doubt) => self.push_as(edit, Safety::Review, format!("{why}; {doubt}")),
            None => self.push_as(edit, Safety::Safe, why),
        }
    }

    /// Adds an edit, unless it changes nothing.
    pub(super) fn push_as(&mut self, edit: TextEdit, safety: Safety, why: String) {
        if self.source.get(edit.span.clone()) != Some(edit.text.as_str()) {
            self.edits.push(Edit { edit, safety, why });
        }
    }

    pub(super) fn warn(&mut self, import: &Import, message: String) {
        let path = Some(self.view.new.clone());
        self.findings.push(Finding::warning(path, message).at_line(import.line));
    }

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
                    reasons.push(self.view.why(&self.followed.leads[*index]));
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
        let nowhere = matches!(self.followed.leads[key.0].place, None | Some(Place::Below(..)));
        self.chains.unused.contains(&key) && nowhere
    }

    /// Tells whether others may use what an import binds by its name here.
    fn is_taken(&self, key: Key, local: &str) -> bool {
        match self.bindings.owners.get(&key) {
            Some(Owner::Function) => false,
            Some(Owner::Module | Owner::Global) => {
                self.exported.contains(local) || self.takers.take(self.view, local)
            }
            Some(Owner::Other) | None => true,
        }
    }

    /// Renames the uses of a binding, where that is asked for and nothing clashes; returns the new
    /// local name.
    pub(super) fn renamed(&mut self, key: Key, local: &str, now: &str) -> Option<String> {
        if self.uses == Uses::Keep || local == now || self.is_taken(key, local) {
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
        let done: BTreeMap<usize, usize> =
            self.chains.edits.iter().map(|(edit, _)| (edit.span.start, edit.span.end)).collect();
        let is_done = |at: usize| done.range(..=at).next_back().is_some_and(|(_, end)| at < *end);
        let why = format!("`{local}` is now `{now}`");
        for span in uses.iter().filter_map(first).filter(|it| !is_done(it.start)) {
            self.push(TextEdit { span, text: now.to_owned() }, why.clone());
        }
        Some(now.to_owned())
    }
}

/// Takes the parentheses that a chain closes, as in `(a).b`, into its span.
fn with_parentheses(source: &str, span: Span) -> Span {
    let mut open = 0_usize;
    let mut missing = 0_usize;
    for letter in source[span.clone()].chars() {
        match letter {
            '(' => open += 1,
            ')' if open > 0 => open -= 1,
            ')' => missing += 1,
            _ => {}
        }
    }
    let mut start = span.start;
    for _ in 0..missing {
        let before = source[..start].trim_end();
        start = before.strip_suffix('(').map_or(start, str::len);
    }
    start..span.end
}
