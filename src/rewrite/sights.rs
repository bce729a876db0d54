//! On which paths a file found a module, and on which it would find it by a new name.
//!
//! What a script finds beside itself is not what the repository's root offers. An import that only
//! another path finds is a change of meaning: probably right, and for a person to look at.

use std::collections::BTreeSet;

use super::from_imports::module_lead;
use super::imports::Followed;
use super::places::{Place, Places};
use super::view::{Lead, Taken, View, root_of};
use crate::facts::Sight;
use crate::python::Target;

impl View<'_> {
    /// Returns the paths on which the file found the module of an import.
    fn found_on(&self, lead: &Lead) -> BTreeSet<Sight> {
        let (Some(was), Some(dotted)) = (&lead.was, &lead.dotted) else { return BTreeSet::new() };
        let before = self.places.before;
        let mut sights = before.sights(&self.old, dotted, was);
        if !before.started().contains(&self.old) {
            sights.remove(&Sight::Script);
        }
        sights
    }

    /// Returns the first name that the file finds on every path that it found the old one on. Where
    /// there is none, the run of a script comes first, then what the project has on its path.
    pub(super) fn best(&self, names: Vec<String>, place: &Place, old: &Lead) -> Option<String> {
        let Place::Module(module) = place else { return names.into_iter().next() };
        if names.len() < 2 {
            return names.into_iter().next();
        }
        let mut before = self.found_on(old);
        if self.was_parted() {
            before.insert(Sight::Script);
        }
        let loss = |name: &String| {
            let after = self.places.after.sights(&self.new, name, module);
            let lost: BTreeSet<&Sight> = before.difference(&after).collect();
            (lost.contains(&Sight::Script), lost.contains(&Sight::Project), lost.len())
        };
        names.into_iter().min_by_key(loss)
    }

    /// Tells whether an earlier step took what a command starts away from the folder that it finds
    /// things in: they may come after it.
    fn was_parted(&self) -> bool {
        let Places { before, tree_before, .. } = self.places;
        let origin = tree_before.entry(&self.old).and_then(|it| it.origin.as_ref());
        before.is_commanded(&self.old) && origin.is_some_and(|it| *it != self.old)
    }

    /// Says of an import that has to be written anew that no path of the old one finds it, or not the
    /// one that the project has.
    pub(super) fn doubt(&self, place: &Place, old: &Lead, relative: bool) -> Option<String> {
        let Place::Module(module) = place else { return None };
        let now = self.spell(place, old, relative).filter(|it| it.level == 0)?;
        let before = self.found_on(old);
        let after = self.places.after.sights(&self.new, &now.module, module);
        let no_project = before.contains(&Sight::Project) && !after.contains(&Sight::Project);
        let lost = no_project || !before.is_empty() && before.is_disjoint(&after);
        let (was, dotted) = (old.was.as_ref()?, old.dotted.as_ref()?);
        lost.then(|| {
            let folder = root_of(was, dotted).filter(|it| !it.is_root());
            let folder = folder.map_or("the root".to_owned(), |it| format!("`{it}`"));
            format!("`{dotted}` was found from {folder}, and `{now}` is not")
        })
    }
}

impl Followed {
    /// Says which import is found only on other paths than before, where one is.
    pub(super) fn doubt(&self, view: &View<'_>) -> Option<String> {
        view.facts.imports.iter().enumerate().find_map(|(index, import)| {
            let (lead, relative) = (&self.leads[index], import.level > 0);
            let Target::Names(names) = &import.target else {
                let place = lead.place.as_ref().filter(|_| !lead.holds)?;
                return view.doubt(place, lead, relative);
            };
            names.iter().zip(&self.names[index]).find_map(|(imported, name)| {
                let place = name.place.as_ref().filter(|_| !name.holds)?;
                match name.taken {
                    Taken::Name(_) => view.doubt(place, lead, relative),
                    Taken::Module => {
                        view.doubt(place, &module_lead(view, lead, imported, name), relative)
                    }
                }
            })
        })
    }
}
