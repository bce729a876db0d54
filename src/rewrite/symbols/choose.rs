//! What goes: the definitions that are asked for, and those that nothing else needs; what both modules
//! need stays, or goes too where that would be a ring.

use std::collections::{BTreeMap, BTreeSet};

use super::side::Side;
use super::{Refused, Request};
use crate::facts::{Facts, Found, Module};
use crate::finding::nearest;
use crate::path::RepoPath;
use crate::python::{Form, Mentioned};
use crate::text::Lines;

/// What goes and what does not.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The statements that go.
    pub(super) parts: BTreeSet<usize>,
    /// The names that go.
    pub(super) names: BTreeSet<String>,
    /// Names that the target has to take from the source.
    pub(super) taken: BTreeSet<String>,
    /// Names that the source has to take back.
    pub(super) given: BTreeSet<String>,
    /// Statements that the target gets, too: what means the module that it stands in.
    pub(super) copied: BTreeSet<usize>,
}

/// Decides what goes from one module to the other.
pub(super) struct Chooser<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) from: &'a Side,
    pub(super) to: &'a Side,
    pub(super) facts: &'a Facts,
}

impl Chooser<'_> {
    /// Decides; nothing where all that is asked for is done.
    pub(super) fn choose(&self) -> Result<Choice, Refused> {
        let mut asked = BTreeMap::new();
        for name in self.request.names {
            if let Some(parts) = self.asked(name)? {
                asked.insert(name.clone(), parts);
            }
        }
        if self.request.program {
            let parts = self.from.parts.iter().enumerate();
            let main = parts.filter(|(_, it)| it.form == Form::Main).map(|(at, _)| at);
            let main: BTreeSet<usize> = main.collect();
            asked.extend((!main.is_empty()).then(|| ("__main__".to_owned(), main)));
        }
        if asked.is_empty() {
            return Ok(Choice::default());
        }
        let alone = self.closure(&asked, &BTreeSet::new());
        let first = self.choice(&alone);
        let Some(ring) = self.ring(&first) else { return self.checked(first) };
        // What both need may go as well: then only one of them takes from the other.
        let forced = self.needed(&alone);
        let second = self.choice(&self.closure(&asked, &forced));
        let later = second.taken.iter().all(|it| self.request.reserved.contains(it));
        let ring = match self.ring(&second).filter(|_| later) {
            None if later => return self.checked(second),
            None => ring,
            Some(left) => left,
        };
        let path = ring.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(" → ");
        let names = listed(&asked.into_keys().collect());
        let error = Refused::new(format!("moving {names} makes a ring of imports: {path}"));
        if self.request.package.is_some() && later {
            return Err(error.hint("one module can have what they need of each other".into()));
        }
        let (given, taken) = (listed(&first.given), listed(&first.taken));
        let path = &self.from.path;
        Err(match (first.given.is_empty(), first.taken.is_empty()) {
            (false, false) => {
                error.hint(format!("`{path}` still needs {given}, which needs {taken} of it"))
            }
            (false, true) => error.hint(format!("`{path}` still needs {given}")),
            (true, false) => error.hint(format!("what goes needs {taken} of `{path}`")),
            (true, true) => error,
        })
    }

    /// Returns the statements that define what is asked for; `None` where it is where it should be.
    fn asked(&self, name: &str) -> Result<Option<BTreeSet<usize>>, Refused> {
        let from = self.from;
        let path = &from.path;
        let binders = from.binders(name);
        if binders.is_empty() || from.is_import(name) {
            if self.defines(self.to, name) {
                return Ok(None);
            }
            if !binders.is_empty() {
                return Err(Refused::new(format!(
                    "`{path}` imports `{name}`, it does not define it"
                )));
            }
            let error = Refused::new(format!("`{path}` does not define `{name}`"));
            return Err(match nearest(name, from.defined()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
        }
        let lines = Lines::new(from.source());
        let line = |at: usize| lines.line(from.parts[at].span.start);
        let makers = self.makers(name);
        let binders = if makers.is_empty() { binders } else { makers };
        for at in &binders {
            let part = &from.parts[*at];
            let what = match &part.form {
                _ if part.names.iter().any(|it| it == name) => continue,
                Form::Function { .. } | Form::Class => "is only assigned through `global`",
                Form::Tuple => "is one of several names that are assigned at once",
                Form::Import | Form::Checking => "is imported, too",
                _ if binders.len() == 1 => "is conditional",
                Form::Value | Form::Change(_) | Form::Docstring => "is bound twice",
                Form::Guarded | Form::Main | Form::Other => "is bound twice",
            };
            return Err(Refused::new(format!("`{name}` {what}, at `{path}:{}`", line(*at))));
        }
        if !self.is_one(name, &binders) {
            let lines: Vec<String> = binders.iter().map(|it| line(*it).to_string()).collect();
            let message =
                format!("`{name}` is bound twice in `{path}`, in lines {}", lines.join(", "));
            return Err(Refused::new(message));
        }
        Ok(Some(binders))
    }

    /// Tells whether these statements are one definition: several signatures are one function.
    fn is_one(&self, name: &str, binders: &BTreeSet<usize>) -> bool {
        let written = |at: usize| {
            let mentions = self.from.parts[at].mentions.iter();
            mentions.filter(|it| it.written && it.name() == name).count()
        };
        let mut signatures = binders.iter().rev().skip(1).map(|it| &self.from.parts[*it].form);
        binders.iter().all(|it| written(*it) == 1)
            && signatures.all(|it| *it == Form::Function { overload: true })
    }

    fn defines(&self, side: &Side, name: &str) -> bool {
        side.definers(name).any(|at| side.parts[at].names.iter().any(|it| it == name))
    }

    /// Returns the statements that bind a name when the module runs: functions that assign it through
    /// `global` do so later.
    fn makers(&self, name: &str) -> BTreeSet<usize> {
        let mut binders = self.from.binders(name);
        binders.retain(|at| !self.changes(*at, name));
        binders
    }

    /// Tells whether a statement is a function or a class that assigns a name through `global`.
    fn changes(&self, at: usize, name: &str) -> bool {
        let part = &self.from.parts[at];
        matches!(part.form, Form::Function { .. } | Form::Class)
            && part.mentions.iter().any(|it| it.written && it.deferred && it.name() == name)
            && !part.names.iter().any(|it| it == name)
    }

    /// Returns the statements that make a name, where they can go: nothing else is done by them.
    fn movable(&self, name: &str) -> Option<BTreeSet<usize>> {
        let binders = self.makers(name);
        let own = |at: &usize| {
            let part = &self.from.parts[*at];
            part.form == Form::Guarded || part.names.iter().any(|it| it == name)
        };
        let is_reserved = self.request.reserved.contains(name) || name == "__all__";
        let fits = !is_reserved && !binders.is_empty() && binders.iter().all(own);
        (fits && self.is_one_of_any_form(name, &binders)).then_some(binders)
    }

    fn is_one_of_any_form(&self, name: &str, binders: &BTreeSet<usize>) -> bool {
        binders.len() == 1 || self.is_one(name, binders)
    }

    /// Returns all statements that go: those asked for, what changes their names, `forced` names, and,
    /// out of what these need, the largest set that nothing else needs.
    fn closure(
        &self,
        asked: &BTreeMap<String, BTreeSet<usize>>,
        forced: &BTreeSet<String>,
    ) -> BTreeSet<usize> {
        let mut moved: BTreeSet<usize> = asked.values().flatten().copied().collect();
        moved.extend(forced.iter().filter_map(|it| self.movable(it)).flatten());
        self.add_changes(&mut moved);
        let mut stays: BTreeSet<String> = BTreeSet::new();
        loop {
            let mut along = moved.clone();
            while let Some(more) = self.next(&along, &stays) {
                along.extend(more);
                self.add_changes(&mut along);
            }
            // What something else needs stays, and so does what only that needs.
            let added: Vec<usize> = along.difference(&moved).copied().collect();
            let names = added.iter().flat_map(|it| self.bound_by(*it));
            let shared: Vec<String> =
                names.filter(|it| self.from.users(it).any(|at| !along.contains(&at))).collect();
            if shared.is_empty() {
                return along;
            }
            stays.extend(shared);
        }
    }

    /// Returns the statements that make a name that is needed, and that may go.
    fn next(&self, parts: &BTreeSet<usize>, stays: &BTreeSet<String>) -> Option<BTreeSet<usize>> {
        let mut needs = self.needs(parts);
        needs.find_map(|name| {
            let used = self.is_used_outside(name) && !self.is_changing(name);
            let needed = used || self.request.program && self.is_public(name);
            let may_go = !needed && !stays.contains(name);
            let own = self.movable(name).filter(|_| may_go)?;
            own.iter().any(|it| !parts.contains(it)).then_some(own)
        })
    }

    /// Tells whether a definition is there for others.
    fn is_public(&self, name: &str) -> bool {
        let defines =
            |form: &Form| matches!(form, Form::Function { .. } | Form::Class | Form::Value);
        let mut definers = self.from.definers(name);
        !name.starts_with('_') && definers.any(|at| defines(&self.from.parts[at].form))
    }

    /// Tells whether a function of the module assigns a name.
    fn is_changing(&self, name: &str) -> bool {
        self.from.definers(name).any(|at| self.changes(at, name))
    }

    /// Tells whether the source goes on offering a name that goes.
    fn is_offered(&self, name: &str) -> bool {
        let used = self.is_used_outside(name) && !self.is_changing(name);
        self.request.package.is_some() && (self.is_public(name) || used)
    }

    /// Tells whether what a file takes of the source follows a name that goes.
    pub(super) fn follows(&self, file: &RepoPath, name: &str, choice: &Choice) -> bool {
        let inside = self.request.package.is_none_or(|it| file.is_under(it));
        choice.names.contains(name) && (inside || !choice.given.contains(name))
    }

    pub(super) fn is_used_outside(&self, name: &str) -> bool {
        self.request.used.contains_key(name) || self.from.listed().iter().any(|(it, _)| it == name)
    }

    /// Adds the assignments to attributes and items of what goes.
    fn add_changes(&self, moved: &mut BTreeSet<usize>) {
        let names = self.names(moved);
        let parts = self.from.parts.iter().enumerate();
        let own = |form: &Form| matches!(form, Form::Change(root) if names.contains(root));
        moved.extend(parts.filter(|(_, part)| own(&part.form)).map(|(at, _)| at));
    }

    /// Returns the names that a statement binds.
    fn bound_by(&self, at: usize) -> Vec<String> {
        let part = &self.from.parts[at];
        if !matches!(part.form, Form::Guarded | Form::Main) {
            return part.names.clone();
        }
        let written = part.mentions.iter().filter(|it| it.written);
        let written = written.map(|it| it.name().to_owned());
        let imported = self.from.imported().filter(|(_, keys)| keys.iter().any(|it| it.0 == at));
        written.chain(imported.map(|(name, _)| name.clone())).collect()
    }

    fn names(&self, parts: &BTreeSet<usize>) -> BTreeSet<String> {
        parts.iter().flat_map(|it| self.bound_by(*it)).collect()
    }

    /// Returns the names of the module that some statements mention and do not bind.
    pub(super) fn needs<'a>(&'a self, parts: &'a BTreeSet<usize>) -> impl Iterator<Item = &'a str> {
        let own = self.names(parts);
        let mentions = parts.iter().flat_map(|it| &self.from.parts[*it].mentions);
        let names = mentions.map(Mentioned::name);
        names.filter(move |it| !own.contains(*it) && !self.from.binders(it).is_empty())
    }

    /// Returns what some statements need, and what that needs, imports aside.
    fn needed(&self, parts: &BTreeSet<usize>) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = BTreeSet::new();
        let mut parts = parts.clone();
        loop {
            let more = self.needs(&parts).find(|it| {
                !self.from.is_import(it) && !all.contains(*it) && self.movable(it).is_some()
            });
            let Some(name) = more.map(str::to_owned) else { return all };
            parts.extend(self.movable(&name).unwrap_or_default());
            all.insert(name);
        }
    }

    fn choice(&self, parts: &BTreeSet<usize>) -> Choice {
        let names = self.names(parts);
        let (mut taken, mut copied) = (BTreeSet::new(), BTreeSet::new());
        for name in self.needs(parts).filter(|it| !self.from.is_import(it)) {
            match self.of_its_module(name) {
                Some(at) => drop(copied.insert(at)),
                None => drop(taken.insert(name.to_owned())),
            }
        }
        let stays = |at: &usize| !parts.contains(at);
        let given = names
            .iter()
            .filter(|it| self.from.users(it).any(|at| stays(&at)) || self.is_offered(it));
        let given = given.cloned().collect();
        Choice { parts: parts.clone(), names, taken, given, copied }
    }

    /// Returns the statement that makes a name for the module that it stands in, by `__name__`: each
    /// module has its own, as it has its own logger.
    fn of_its_module(&self, name: &str) -> Option<usize> {
        let parts = self.movable(name)?;
        let at = *parts.first().filter(|_| parts.len() == 1)?;
        let part = &self.from.parts[at];
        let own =
            part.form == Form::Value && part.mentions.iter().any(|it| it.name() == "__name__");
        let imports = |it: &Mentioned| {
            it.written || !it.known || it.name() == "__name__" || self.from.is_import(it.name())
        };
        (own && part.mentions.iter().all(imports)).then_some(at)
    }

    /// Refuses what cannot be: names that the target has, names that are assigned from elsewhere.
    fn checked(&self, choice: Choice) -> Result<Choice, Refused> {
        for name in &choice.names {
            let to = self.to;
            let takes = to.importers(name).iter().all(|(_, key)| {
                let import = to.import(*key);
                let found = self.facts.find(&to.path, import.level, &import.module);
                found == Found::Module(Module::File(self.from.module.clone()))
            });
            if to.definers(name).next().is_some() || !takes {
                return Err(Refused::new(format!("`{}` has a `{name}` already", to.path)));
            }
        }
        let path = &self.from.path;
        if let Some(name) = choice.given.first().filter(|_| self.request.program) {
            let message = format!("the program of `{path}` makes `{name}`, which others use");
            return Err(Refused::new(message));
        }
        let lines = Lines::new(self.from.source());
        for (at, part) in self.from.parts.iter().enumerate() {
            let goes = choice.parts.contains(&at);
            for mention in part.mentions.iter().filter(|it| it.written) {
                let name = mention.name();
                let moved = choice.names.contains(name);
                if goes != moved && (goes || choice.given.contains(name)) {
                    let line = lines.line(mention.parts[0].1.start);
                    return Err(Refused::new(format!(
                        "`{name}` is assigned in `{path}:{line}`, which would be in another module"
                    )));
                }
            }
        }
        if let Some(name) = choice.given.iter().find(|it| self.is_changing(it)) {
            let message = format!("`{name}` changes, so `{path}` cannot take it from elsewhere");
            let hint = format!("what uses `{name}` has to be in one module with it");
            return Err(Refused::new(message).hint(hint));
        }
        Ok(choice)
    }
}

/// Writes names as a list.
pub(super) fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}
