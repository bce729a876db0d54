//! String literals that are, whole, the dotted path of something that moved: `"a.b.f"`, `"a.b:f"`.

use super::Edit;
use super::file::File;
use super::places::Place;
use super::view::{Lead, View};
use super::walk::{Bound, Naming, walk};
use crate::facts::Member;
use crate::finding::Safety;
use crate::python::{Literal, Target, Use};
use crate::text::TextEdit;

impl File<'_> {
    /// Rewrites the strings that name what moved.
    pub(super) fn edit_literals(&mut self) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let calls: Vec<_> =
            facts.imports.iter().filter(|it| matches!(it.target, Target::Call { .. })).collect();
        for literal in &facts.literals {
            let in_call = calls
                .iter()
                .any(|it| it.span.start <= literal.span.start && literal.span.end <= it.span.end);
            if in_call {
                continue;
            }
            // A string annotation is code: where it uses an import, it has been followed already.
            let done = |it: &Edit| literal.span.contains(&it.edit.span.start);
            if let Some((edit, safety, why)) = self.view.follow_literal(literal)
                && !self.edits.iter().any(done)
            {
                self.push_as(edit, safety, why);
            }
        }
    }
}

impl View<'_> {
    /// Returns the edit by which a literal that names something that moved goes on naming it.
    pub(super) fn follow_literal(&self, literal: &Literal) -> Option<(TextEdit, Safety, String)> {
        let (module, name) = match literal.text.split_once(':') {
            Some((module, name)) => (module, Some(name)),
            None if literal.module || literal.text.contains('.') => (literal.text.as_str(), None),
            None => return None,
        };
        if let Some(found) = self.literal_name(literal, module, name) {
            return Some(found);
        }
        let mut known = module;
        let lead = loop {
            let lead = self.lead(0, known);
            if lead.was.is_some() || lead.place.is_some() {
                break lead;
            }
            known = known.rsplit_once('.')?.0;
        };
        let rest = match (module[known.len()..].strip_prefix('.'), name) {
            (None, name) => name,
            (Some(rest), None) => Some(rest),
            // `a.b:f` names the module `a.b`, whole.
            (Some(_), Some(_)) => return None,
        };
        if let Some(found) = self.literal_through(literal, &lead, known) {
            return Some(found);
        }
        let first = rest.map(|it| it.split('.').next().unwrap_or_default());
        let start = literal.span.start;
        let place = lead.place.as_ref().filter(|_| !lead.holds)?;
        let sure = first.is_none_or(|it| self.is_defined(&lead, it, known, place));
        if !sure {
            return None;
        }
        let text = self.spell(place, &lead, false)?.module;
        let edit = TextEdit { span: start..start + known.len(), text };
        Some((edit, safety_of(literal), self.why(&lead)))
    }

    /// Follows `a.b.f` and `a.b:f` where the map moves the name `f` itself.
    fn literal_name(
        &self,
        literal: &Literal,
        module: &str,
        name: Option<&str>,
    ) -> Option<(TextEdit, Safety, String)> {
        if self.places.moves.names.is_empty() {
            return None;
        }
        let cuts = module.match_indices('.').map(|(at, _)| (&module[..at], &module[at + 1..], '.'));
        let cuts = cuts.chain(name.map(|name| (module, name, ':')));
        let mut found = None;
        for (module, rest, mark) in cuts {
            let name = rest.split('.').next().unwrap_or_default();
            let lead = self.lead(0, module);
            if let Some((place, now)) = self.name_place(&lead, name)
                && !self.is_shared(&lead, name)
            {
                found = Some((lead, place, now, module.len() + 1 + name.len(), mark));
            }
        }
        let (lead, place, now, length, mark) = found?;
        let home = self.spell(&place, &lead, false)?.module;
        let span = literal.span.start..literal.span.start + length;
        let text = format!("{home}{mark}{now}");
        let why = format!("`{}` is now `{text}`", &literal.text[..length]);
        Some((TextEdit { span, text }, safety_of(literal), why))
    }

    /// Follows `m.a.b.f`, where the module `m` binds `a`: attribute by attribute, as Python does.
    fn literal_through(
        &self,
        literal: &Literal,
        lead: &Lead,
        known: &str,
    ) -> Option<(TextEdit, Safety, String)> {
        let text = &literal.text;
        let mut parts = vec![(known.to_owned(), 0..known.len())];
        for name in text[known.len()..].split(['.', ':']).skip(1) {
            let start = parts.last().map_or(0, |(_, span)| span.end) + 1;
            parts.push((name.to_owned(), start..start + name.len()));
        }
        let bound = Bound {
            key: (0, None),
            local: known.to_owned(),
            module: lead.was.clone(),
            dotted: lead.dotted.clone(),
            naming: Naming::Chosen,
        };
        let used = Use { parts, written: false, asked: None, call: None };
        let walk = walk(self, &bound, false, &used);
        let (place, was) = walk.place.as_ref().zip(walk.module.as_ref()).filter(|_| !walk.holds)?;
        let (next, end) = (used.parts.get(walk.last + 1), used.parts[walk.last].1.end);
        let has = |name: &String| self.places.before.member(was, name) != Member::Missing;
        if walk.name.is_none() && !next.is_none_or(|(name, _)| has(name)) {
            return None;
        }
        let last = &used.parts[walk.last].0;
        if walk.name.is_some() && self.is_shared(&walk.lead(), last) {
            return None;
        }
        let home = self.spell(place, &walk.lead(), false)?.module;
        let now = walk.name.as_ref().map_or(home.clone(), |name| format!("{home}.{name}"));
        let (old, rest) = text.split_at(end);
        let span = literal.span.start..literal.span.end;
        let whole = match (old.contains(':'), rest.strip_prefix('.')) {
            (false, _) => format!("{now}{rest}"),
            // `m:a.b.f` names the module `m`, and what to take of it.
            (true, Some(rest)) if walk.name.is_none() => format!("{now}:{rest}"),
            (true, _) => {
                let (module, name) = now.rsplit_once('.')?;
                format!("{module}:{name}{rest}")
            }
        };
        let why = format!("`{old}` is now `{now}`");
        Some((TextEdit { span, text: whole }, safety_of(literal), why))
    }

    /// Tells whether the module has the name that the string goes on with.
    fn is_defined(&self, lead: &Lead, name: &str, known: &str, place: &Place) -> bool {
        let Some(module) = &lead.was else {
            return matches!(place, Place::Module(_) | Place::Dotted(_));
        };
        match self.places.before.member(module, name) {
            Member::Definition { .. } | Member::Module(_) | Member::External => true,
            // `run.sh` is no name of a module `run` that may have any name.
            Member::Assumed => known.contains('.'),
            Member::Missing => false,
        }
    }
}

fn safety_of(literal: &Literal) -> Safety {
    if literal.docstring { Safety::Review } else { Safety::Safe }
}
