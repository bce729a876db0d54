//! What definitions need in the module that they go to: imports, spelled from there, and names of the
//! module itself.

use std::collections::BTreeSet;

use super::Refused;
use super::header::{Rank, Wanted};
use super::side::Side;
use crate::facts::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{self, Import, Mentioned, Target};
use crate::rewrite::from_imports::module_lead;
use crate::rewrite::imports::Followed;
use crate::rewrite::places::Place;
use crate::rewrite::view::{Lead, Taken, View};
use crate::rewrite::walk::Key;
use crate::text::TextEdit;

/// What goes along with definitions.
#[derive(Debug, Default)]
pub(super) struct Along {
    /// What the target has to import.
    pub(super) wanted: Vec<Wanted>,
    /// The imports that what goes uses.
    pub(super) used: BTreeSet<Key>,
    /// Names of the target itself, which are used by way of an import in the source.
    pub(super) edits: Vec<TextEdit>,
}

/// The way from one module to the other.
pub(super) struct Way<'a> {
    pub(super) from: &'a Side,
    pub(super) to: &'a Side,
    pub(super) facts: &'a Facts,
    /// The source, as if it stood where the target does.
    pub(super) view: &'a View<'a>,
    pub(super) followed: &'a Followed,
    /// Imports of the target that leave it.
    pub(super) drop: &'a BTreeSet<Key>,
}

impl Way<'_> {
    /// Collects what statements of the source need in the target.
    pub(super) fn along(&self, parts: &BTreeSet<usize>) -> Result<Along, Refused> {
        let mut along = Along::default();
        for mention in parts.iter().flat_map(|it| &self.from.parts[*it].mentions) {
            if self.from.is_import(mention.name()) {
                self.import(mention, &mut along)?;
            } else if !mention.known {
                self.starred(mention.name(), &mut along)?;
            }
        }
        Ok(along)
    }

    /// Brings the imports that a name stands for.
    fn import(&self, mention: &Mentioned, along: &mut Along) -> Result<(), Refused> {
        let keys = self.from.importers(mention.name()).iter().map(|(_, key)| *key);
        let keys: Vec<Key> =
            keys.filter(|it| leads_along(self.from.import(*it), mention)).collect();
        let runs = |key: &Key| !self.from.import(*key).type_checking;
        let some_run = keys.iter().any(runs);
        for key in keys.into_iter().filter(|it| !some_run || runs(it)) {
            along.used.insert(key);
            if let Some(depth) = stands_for(self.facts, self.from, key, &self.to.module) {
                along.edits.push(own_name(&self.from.path, mention, depth)?);
                continue;
            }
            if let Some(name) = self.own(key) {
                let (local, span) = &mention.parts[0];
                if *local != name {
                    along.edits.push(TextEdit { span: span.clone(), text: name });
                }
                continue;
            }
            self.bring(mention.name(), key, along)?;
        }
        Ok(())
    }

    /// Returns the name that an import takes of the target itself.
    fn own(&self, key: Key) -> Option<String> {
        let import = self.from.import(key);
        let (Target::Names(names), Some(at)) = (&import.target, key.1) else { return None };
        let found = self.facts.find(&self.from.path, import.level, &import.module);
        (found == Found::Module(Module::File(self.to.module.clone())))
            .then(|| names[at].name.clone())
    }

    fn bring(&self, local: &str, key: Key, along: &mut Along) -> Result<(), Refused> {
        let import = self.from.import(key);
        let mut known = self.to.importers(local).iter().map(|(_, key)| *key);
        let same = known.clone().filter(|it| !self.drop.contains(it)).any(|other| {
            let there = self.to.import(other);
            self.is_same(key, other) && (import.type_checking || !there.type_checking)
        });
        if same {
            return Ok(());
        }
        let other = known.any(|it| !self.drop.contains(&it) && !self.is_same(key, it));
        let plain = |it: Key| {
            let import = self.to.import(it);
            matches!(import.target, Target::Module { asname: None })
        };
        // `import a.b` and `import a.c` both bind `a`.
        let both_plain = matches!(import.target, Target::Module { asname: None })
            && self.to.importers(local).iter().all(|(_, it)| plain(*it));
        if self.to.definers(local).next().is_some() || other && !both_plain {
            return Err(clash(&self.to.path, local));
        }
        let Some(wanted) = self.spell(key, local) else {
            let message = format!("`{}` cannot import what `{local}` means", self.to.path);
            return Err(Refused::new(message));
        };
        along.wanted.push(wanted);
        Ok(())
    }

    /// Tells whether an import of the source and one of the target bind the same.
    fn is_same(&self, key: Key, other: Key) -> bool {
        let (one, two) = (self.from.import(key), self.to.import(other));
        let name = |import: &Import, at: Option<usize>| match (&import.target, at) {
            (Target::Names(names), Some(at)) => Some(names[at].name.clone()),
            _ => None,
        };
        let found = |path: &RepoPath, it: &Import| self.facts.find(path, it.level, &it.module);
        let modules = (found(&self.from.path, one), found(&self.to.path, two));
        let same_module = match modules {
            (Found::Module(one), Found::Module(two)) => one == two,
            _ => one.level == two.level && one.module == two.module,
        };
        let plain = |it: &Import| matches!(it.target, Target::Module { asname: None });
        same_module && name(one, key.1) == name(two, other.1) && plain(one) == plain(two)
    }

    /// Spells an import of the source as the target would.
    fn spell(&self, key: Key, local: &str) -> Option<Wanted> {
        let import = self.from.import(key);
        let lead = &self.followed.leads[key.0];
        let checking = import.type_checking;
        let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
        let written = format!("{dots}{}", import.module);
        let named = |name: &str| match name == local {
            true => name.to_owned(),
            false => format!("{name} as {local}"),
        };
        let (from, text) = match (&import.target, key.1) {
            (Target::Names(names), Some(at)) => {
                let (imported, now) = (&names[at], &self.followed.names[key.0][at]);
                match (now.place.as_ref().filter(|_| !now.holds), &now.taken) {
                    (None, _) => (Some(written), named(&imported.name)),
                    (Some(place), Taken::Name(name)) => {
                        let spelling = self.view.spell(place, lead, import.level > 0)?;
                        (Some(spelling.to_string()), named(name))
                    }
                    (Some(place), Taken::Module) => {
                        let lead = module_lead(self.view, lead, imported, now);
                        let spelling = self.view.spell(place, &lead, import.level > 0)?;
                        match spelling.split() {
                            Some((package, name)) => (Some(package.to_string()), named(name)),
                            None => (None, named(&spelling.module)),
                        }
                    }
                }
            }
            (Target::Module { asname }, None) => {
                match lead.place.as_ref().filter(|_| !lead.holds) {
                    None if asname.is_none() => (None, import.module.clone()),
                    None => (None, named(&import.module)),
                    Some(place) => (None, named(&self.view.spell(place, lead, false)?.module)),
                }
            }
            _ => return None,
        };
        let rank = self.rank(from.as_deref().unwrap_or(&text));
        Some(Wanted { rank, checking, from, text })
    }

    fn rank(&self, module: &str) -> Rank {
        rank(self.facts, &self.to.path, module)
    }

    /// Brings a name that the source has from a star import.
    fn starred(&self, name: &str, along: &mut Along) -> Result<(), Refused> {
        let bound = !self.to.binders(name).is_empty();
        let member = |side: &Side| self.facts.member(&Module::File(side.module.clone()), name);
        if bound && (python::is_builtin(name) || member(self.from) != member(self.to)) {
            return Err(clash(&self.to.path, name));
        }
        if bound || python::is_builtin(name) {
            return Ok(());
        }
        let stars = self.from.facts.imports.iter().enumerate();
        let stars = stars.filter(|(_, it)| it.target == Target::Star && !it.deferred);
        for (index, import) in stars {
            let lead = &self.followed.leads[index];
            let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
            let module = match lead.place.as_ref().filter(|_| !lead.holds) {
                None => format!("{dots}{}", import.module),
                Some(place) => match self.view.spell(place, lead, import.level > 0) {
                    Some(spelling) => spelling.to_string(),
                    None => continue,
                },
            };
            let names = lead.was.as_ref().and_then(|it| self.facts.star_names(it));
            let text = match names {
                Some(names) if names.contains(name) => name,
                Some(_) => continue,
                None => "*",
            };
            let itself = lead.was == Some(Module::File(self.to.module.clone()));
            if !itself {
                let rank = self.rank(&module);
                let from = Some(module);
                along.wanted.push(Wanted { rank, checking: false, from, text: text.to_owned() });
            }
            if text != "*" {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Lets the target take a name of the source.
    pub(super) fn take(&self, name: &str, home: &str) -> Result<Option<Wanted>, Refused> {
        let known = self.to.importers(name).iter().any(|(_, key)| {
            let import = self.to.import(*key);
            let found = self.facts.find(&self.to.path, import.level, &import.module);
            found == Found::Module(Module::File(self.from.module.clone()))
        });
        let own = |side: &Side| {
            let part = side.definers(name).next().map(|it| side.parts[it].span.clone());
            part.map(|it| side.slice(it).to_owned())
        };
        let same = own(self.to).is_some() && own(self.to) == own(self.from);
        if known || same {
            return Ok(None);
        }
        if !self.to.binders(name).is_empty() {
            return Err(clash(&self.to.path, name));
        }
        let rank = self.rank(home);
        Ok(Some(Wanted {
            rank,
            checking: false,
            from: Some(home.to_owned()),
            text: name.to_owned(),
        }))
    }
}

/// Says that a name means something else in the target.
pub(super) fn clash(path: &RepoPath, name: &str) -> Refused {
    Refused::new(format!("`{name}`, which is needed, means something else in `{path}`"))
}

/// Returns where an import of this module stands among others.
pub(super) fn rank(facts: &Facts, path: &RepoPath, module: &str) -> Rank {
    if module.starts_with('.') {
        return Rank::Relative;
    }
    if module == "__future__" {
        return Rank::Future;
    }
    let module = module.split(' ').next().unwrap_or_default();
    match facts.find(path, 0, module) {
        Found::Stdlib => Rank::Standard,
        Found::Module(_) | Found::Missing { .. } => Rank::Own,
        Found::ThirdParty | Found::Undeclared | Found::Assumed => Rank::Foreign,
    }
}

/// Tells whether a use may need this import: `a.b.c` needs `import a.b`, not `import a.d`.
pub(super) fn leads_along(import: &Import, mention: &Mentioned) -> bool {
    let plain = matches!(import.target, Target::Module { asname: None });
    let parts = mention.parts.iter().map(|(name, _)| name.as_str());
    !plain || import.module.split('.').zip(parts).all(|(one, other)| one == other)
}

/// Tells whether an import binds a module, and at which part of a use the names of that module come.
pub(super) fn stands_for(facts: &Facts, side: &Side, key: Key, module: &RepoPath) -> Option<usize> {
    depth_of(facts, &side.path, (side.import(key), key.1), module)
}

/// As [`stands_for`], of an import of any file.
pub(super) fn depth_of(
    facts: &Facts,
    path: &RepoPath,
    (import, name): (&Import, Option<usize>),
    module: &RepoPath,
) -> Option<usize> {
    let wanted = Module::File(module.clone());
    let found = facts.find(path, import.level, &import.module);
    match (&import.target, name) {
        (Target::Module { asname }, None) if found == Found::Module(wanted.clone()) => {
            Some(asname.as_ref().map_or(import.module.split('.').count(), |_| 1))
        }
        (Target::Names(names), Some(at)) => {
            let Found::Module(package) = found else { return None };
            let member = facts.member(&package, &names[at].name);
            (member == Member::Module(wanted)).then_some(1)
        }
        _ => None,
    }
}

/// Returns the edit by which `module.name` becomes `name`, in that module.
fn own_name(path: &RepoPath, mention: &Mentioned, depth: usize) -> Result<TextEdit, Refused> {
    let (first, name) = (mention.parts.first(), mention.parts.get(depth));
    match first.zip(name) {
        Some(((_, first), (text, last))) => {
            Ok(TextEdit { span: first.start..last.end, text: text.clone() })
        }
        None => {
            let message = format!("what goes out of `{path}` uses `{}` as a whole", mention.name());
            Err(Refused::new(message))
        }
    }
}

/// Returns how a file names a module of the tree.
pub(super) fn name_of(view: &View<'_>, module: &RepoPath, relative: bool) -> Option<String> {
    let place = Place::Module(Module::File(module.clone()));
    view.spell(&place, &Lead::unknown(), relative).map(|it| it.to_string())
}
