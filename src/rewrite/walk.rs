//! One use, walked from the name that an import binds: which module do its parts name, and where is
//! that now?

use super::begun::When;
use super::chains::is_at_or_above;
use super::places::{Place, below, binds, member_module, submodule};
use super::view::{Lead, View};
use crate::facts::Module;
use crate::python::Use;

/// A name that an import binds to a module.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    /// The import, and the name in it where it takes names.
    pub(super) key: Key,
    /// The name here.
    pub(super) local: String,
    /// The module that the local name stands for, where it is one of the tree before.
    pub(super) module: Option<Module>,
    /// Its absolute dotted name before, where it is known.
    pub(super) dotted: Option<String>,
    /// How it came to stand for the module.
    pub(super) naming: Naming,
}

/// How a name came to stand for a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// It was chosen here, whatever the module is called.
    Chosen,
    /// `import a.b` binds the first part of the module's own name.
    Plain,
    /// It is part of the module's own name, and no statement says it: the value of `__import__("a.b")`,
    /// or a submodule in the `__init__.py` of its package, once that imports something of it.
    Own,
}

/// What [`crate::python::Bindings`] are keyed by.
pub(super) type Key = (usize, Option<usize>);

/// How far a use names modules, and where the last one is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk {
    /// Index of the last part that was followed.
    pub(super) last: usize,
    /// The module there, before.
    pub(super) module: Option<Module>,
    /// Its dotted name before.
    pub(super) dotted: Option<String>,
    /// Where it is now.
    pub(super) place: Option<Place>,
    /// The parts as they are written still lead there.
    pub(super) holds: bool,
    /// The last part is a name that moves by itself: its name now.
    pub(super) name: Option<String>,
}

impl Walk {
    /// Returns the lead of the module: what a new spelling takes its style from.
    pub(super) fn lead(&self) -> Lead {
        Lead {
            was: self.module.clone(),
            dotted: self.dotted.clone(),
            place: self.place.clone(),
            holds: self.holds,
        }
    }
}

/// Walks a use. `kept` tells that the local name will go on standing for its module.
pub(super) fn walk(view: &View<'_>, bound: &Bound, kept: bool, used: &Use) -> Walk {
    let place = view.place(bound.dotted.as_deref(), bound.module.as_ref());
    let holds = kept
        || bound.naming == Naming::Chosen
        || bound.module.is_none()
        || place.is_some() && view.lead(0, bound.dotted.as_ref().unwrap_or(&bound.local)).holds;
    let mut at = Walk {
        last: 0,
        module: bound.module.clone(),
        dotted: bound.dotted.clone(),
        place,
        holds,
        name: None,
    };
    let mut known = at.clone();
    for (index, (name, _)) in used.parts.iter().enumerate().skip(1) {
        if let Some((place, name)) = view.name_place(&at.lead(), name) {
            return Walk { last: index, place: Some(place), name: Some(name), holds: false, ..at };
        }
        let own = is_imported(view, bound, &at, name);
        let Some(next) = step(view, &at, index, (name, own)) else { break };
        at = next;
        // A package that is gone may lead to a module that went elsewhere.
        if at.place.is_some() || at.module.is_none() {
            known = at.clone();
        }
    }
    known
}

/// Returns the part of a walk that has to be written anew: what goes on with names that modules bind is
/// followed by the edits of those modules.
pub(super) fn moved_part(
    view: &View<'_>,
    bound: &Bound,
    kept: bool,
    used: &Use,
    whole: Walk,
) -> Walk {
    let places = view.places;
    let part = |from: usize, to: usize| Use {
        parts: used.parts[from..=to].to_vec(),
        written: false,
        asked: None,
        call: None,
    };
    let goes_on = |at: &Walk| {
        let (name, module) = (&used.parts[at.last + 1].0, at.module.as_ref());
        let binds =
            module.is_some_and(|it| binds(places.before, it, name) && !places.loses(it, name));
        // A call that asks for a name goes on asking, where what it asks may.
        let asks = used.call.as_ref().is_some_and(|(asked, _)| *asked == at.last + 1);
        let from = Bound {
            key: bound.key,
            local: String::new(),
            module: at.module.clone(),
            dotted: at.dotted.clone(),
            naming: Naming::Chosen,
        };
        (binds || asks)
            && at.place.is_some()
            && walk(view, &from, false, &part(at.last, whole.last)).holds
    };
    if whole.holds || whole.name.is_some() {
        return whole;
    }
    let heads = (0..whole.last).map(|last| walk(view, bound, kept, &part(0, last)));
    let mut heads = heads.filter(|it| !it.holds && it.name.is_none());
    heads.find(goes_on).unwrap_or(whole)
}

/// Tells whether an attribute on the way of `import a.b.c` is the submodule, whatever the package itself
/// binds: it is imported only after that has run.
fn is_imported(view: &View<'_>, bound: &Bound, at: &Walk, name: &str) -> bool {
    let places = view.places;
    let import = view.facts.imports.get(bound.key.0).filter(|_| bound.naming == Naming::Plain);
    let (Some(import), Some(module), Some(dotted)) = (import, &at.module, &at.dotted) else {
        return false;
    };
    let is_on_way = is_at_or_above(&format!("{dotted}.{name}"), &import.module);
    if !is_on_way || !binds(places.before, module, name) {
        return false;
    }
    match (module, below(places.before, module, name)) {
        (Module::File(init), Some(Module::File(file))) => {
            !places.run_with(When::Before, init).contains(&file)
        }
        _ => false,
    }
}

/// Follows one attribute, where it names a module that is still somewhere. It is the submodule of its
/// name where that is `own`, whatever the package binds.
fn step(view: &View<'_>, at: &Walk, last: usize, (name, own): (&str, bool)) -> Option<Walk> {
    let places = view.places;
    let submodule = if own { below } else { submodule };
    let dotted = at.dotted.as_ref().map(|it| format!("{it}.{name}"));
    let next =
        |module, dotted, place, holds| Walk { last, module, dotted, place, holds, name: None };
    if let Some(module) = &at.module
        && let Some(found) = places.dropped(module, name)
    {
        let place = places.module(&found).map(Place::Module);
        return Some(next(Some(found), None, place, false));
    }
    if let Some(module) = &at.module
        && !own
        && binds(places.before, module, name)
    {
        let found = member_module(places.before, module, name)?;
        let place = places.module(&found).map(Place::Module);
        if places.loses(module, name) {
            return Some(next(Some(found), None, place, false));
        }
        // A re-export: the edit of that package follows it.
        return Some(next(Some(found), None, Some(place?), at.holds));
    }
    let module = at.module.as_ref().and_then(|it| submodule(places.before, it, name));
    let place = view.place(dotted.as_deref(), module.as_ref());
    let holds = at.holds
        && match (&at.place, &place) {
            (Some(Place::Module(package)), Some(Place::Module(wanted))) => {
                submodule(places.after, package, name).as_ref() == Some(wanted)
            }
            (Some(Place::Dotted(package)), Some(Place::Dotted(wanted))) => {
                *wanted == format!("{package}.{name}")
            }
            (_, None) => module.is_none(),
            (None, Some(_)) | (Some(_), Some(_)) => false,
        };
    let named = dotted.as_ref().is_some_and(|it| view.is_named(it));
    if module.is_none() && !named && matches!(place, Some(Place::Dotted(_))) {
        // A name in a module that only the map of dotted names knows.
        return None;
    }
    let known = place.is_some()
        || module.is_some()
        || dotted.as_ref().is_some_and(|it| view.places.may_be_named(it));
    known.then(|| next(module, dotted, place, holds))
}
