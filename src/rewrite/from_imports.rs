//! `from a import b, c as d`: names go where what they take is now, several homes split the statement.

use super::file::File;
use super::places::{Place, member_module};
use super::statement::{Fate, Fresh, Statement};
use super::view::{Lead, NameLead, Spelling, Taken, View};
use crate::facts::{Member, Module};
use crate::python::{Import, ImportedName, Target};
use crate::text::TextEdit;

/// Where a name of a `from` import has to be taken from now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Home {
    /// `from spelling import …`.
    From(Spelling),
    /// `import module`: a top-level module.
    Top(String),
}

/// Names as they are written, each with its place in the old list.
type Names = Vec<(String, Option<usize>)>;

impl File<'_> {
    /// Splits the statement by where its names are now.
    pub(super) fn edit_names(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let Target::Names(names) = &import.target else { return };
        let mut fates = Vec::new();
        let mut groups: Vec<(Home, Names)> = Vec::new();
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
        self.look_at_target(import, place, &home, &name.taken);
        let why = match &name.taken {
            Taken::Module => self.view.why(&module_lead(self.view, lead, imported, name)),
            Taken::Name(now) if *now != imported.name => {
                format!("`{}` is now `{now}`", imported.name)
            }
            Taken::Name(_) => self.view.why(lead),
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
    fn look_at_target(&mut self, import: &Import, place: &Place, home: &Home, taken: &Taken) {
        let message = match (taken, home, place) {
            (Taken::Name(now), _, Place::Module(module)) if self.lacks(module, now) => {
                let old = Spelling { level: import.level, module: import.module.clone() };
                Some(format!("the module that now stands for `{old}` has no `{now}`"))
            }
            (Taken::Module, Home::From(package), _) => {
                let spelled = self.view.spell(place, &Lead::unknown(), false);
                let name = spelled.as_ref().and_then(|it| it.module.rsplit('.').next());
                let shadowed = name.filter(|name| self.is_shadowed(package, name, Some(place)));
                shadowed.map(|name| format!("`{package}` binds another `{name}`"))
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

    pub(super) fn is_shadowed(
        &self,
        package: &Spelling,
        name: &str,
        wanted: Option<&Place>,
    ) -> bool {
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
        self.push(module_part(self.source, import, now), why.to_owned());
    }

    /// Follows the module of a star import.
    pub(super) fn edit_star(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let lead = &self.followed.leads[index];
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        match self.view.spell(place, lead, import.level > 0) {
            Some(now) => self.edit_module_part(import, &now, &self.view.why(lead)),
            None => {
                self.warn(
                    import,
                    format!("`{}` cannot be imported from here any more", import.module),
                );
            }
        }
    }

    /// Imports the submodules that the star took by way of `__all__`, and that left.
    pub(super) fn edit_star_extras(&mut self, index: usize) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        let import = &facts.imports[index];
        let was = self.followed.leads[index].was.as_ref();
        let listed = was.map_or(Vec::new(), |it| super::exports::left(self.view.places, it));
        let gone = was.map_or(Vec::new(), |it| super::exports::left_star(self.view.places, it));
        let mut fresh = Vec::new();
        for (old, lead) in gone {
            // What nobody listed came by chance: whoever uses it says so.
            let is_listed = listed.iter().any(|it| it.name == old);
            if !is_listed && !self.bindings.taken.contains(&old) {
                continue;
            }
            let found = self.module_home(&lead, import.level > 0);
            let Some((home, name)) = found else { continue };
            let text = if name == old { name } else { format!("{name} as {old}") };
            fresh.extend(fresh_of((home, vec![(text, None)])));
        }
        let why = match fresh.is_empty() {
            true => "its submodule moved",
            false => "the star import took what left the package",
        };
        fresh.extend(self.chains.fresh.remove(&index).unwrap_or_default());
        let statement =
            Statement { source: self.source, span: import.statement.clone(), entries: Vec::new() };
        for edit in statement.rewrite(&[Fate::Stays], &fresh) {
            self.push(edit, why.to_owned());
        }
    }
}

/// Returns the edit of what stands between `from` and `import`, where no space may be around it.
pub(super) fn module_part(source: &str, import: &Import, now: &Spelling) -> TextEdit {
    let now = now.to_string();
    let is_word = |it: char| it == '_' || it.is_alphanumeric();
    let before = source[..import.span.start].chars().next_back().is_some_and(is_word);
    let after = source[import.span.end..].chars().next().is_some_and(is_word);
    let head = if before && now.starts_with(is_word) { " " } else { "" };
    let tail = if after && now.ends_with(is_word) { " " } else { "" };
    TextEdit { span: import.span.clone(), text: format!("{head}{now}{tail}") }
}

/// Returns the lead of the module that a name of a `from` import takes.
pub(super) fn module_lead(
    view: &View<'_>,
    lead: &Lead,
    imported: &ImportedName,
    name: &NameLead,
) -> Lead {
    let was = lead.was.as_ref();
    let was = was.and_then(|was| member_module(view.places.before, was, &imported.name));
    let dotted = lead.dotted.as_ref().map(|it| format!("{it}.{}", imported.name));
    Lead { was, dotted, place: name.place.clone(), holds: name.holds }
}

/// Returns the statements that take names from a new home.
fn fresh_of((home, names): (Home, Names)) -> Vec<Fresh> {
    match home {
        Home::From(spelling) => vec![Fresh::From { module: spelling.to_string(), names }],
        Home::Top(_) => {
            names.into_iter().map(|(text, _)| Fresh::Plain(format!("import {text}"))).collect()
        }
    }
}
