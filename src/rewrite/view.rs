//! One file's view of what moved: where its imports led, where that is now, and how the file would
//! spell it from where it stands now.

use std::fmt;
use std::sync::Arc;

use super::Offered;
use super::places::{Place, Places, below, binds, found, member_module, module_path, submodule};
use crate::facts::{Member, Module};
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Import, Status, Target, is_identifier};

/// One file, on both sides of the move, with the same bytes.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) places: &'a Places<'a>,
    /// Where it was.
    pub(super) old: RepoPath,
    /// Where it is.
    pub(super) new: RepoPath,
    /// What it says.
    pub(super) facts: Arc<FileFacts>,
    /// It is code in a string of the file: what it imports from the file itself is nothing odd.
    pub(super) quoted: bool,
}

/// How a module is written in an import.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spelling {
    /// The leading dots.
    pub(super) level: u32,
    /// The dotted name after them.
    pub(super) module: String,
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.level).try_for_each(|_| f.write_str("."))?;
        f.write_str(&self.module)
    }
}

impl Spelling {
    /// Splits into the package to import from and the name to take: `a.b` and `c`. `None` for a
    /// top-level module, and for the package that the dots alone name.
    pub(super) fn split(&self) -> Option<(Self, &str)> {
        let (module, name) = match self.module.rsplit_once('.') {
            Some((module, name)) => (module, name),
            None if self.level > 0 && !self.module.is_empty() => ("", self.module.as_str()),
            None => return None,
        };
        Some((Self { level: self.level, module: module.to_owned() }, name))
    }
}

/// Where a module that an import names was and is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lead {
    /// The module before; `None` where the name led nowhere in the tree.
    pub(super) was: Option<Module>,
    /// Its absolute dotted name before, as far as the import tells.
    pub(super) dotted: Option<String>,
    /// Where it is now; `None` where it is gone, or never was here.
    pub(super) place: Option<Place>,
    /// The import as it is written still leads there (or there is nowhere to lead).
    pub(super) holds: bool,
}

impl Lead {
    /// Returns the lead of what nothing is known of.
    pub(super) fn unknown() -> Self {
        Self { was: None, dotted: None, place: None, holds: true }
    }
}

impl<'a> View<'a> {
    /// Makes the view of a file that is no Python code, from which modules are only spoken of.
    pub(super) fn of_text(places: &'a Places<'a>, old: RepoPath, new: RepoPath) -> Self {
        let facts = FileFacts::nothing(Status::Parsed);
        Self { places, old, new, facts: Arc::new(facts), quoted: true }
    }
}

impl View<'_> {
    /// Follows the module of an import.
    pub(super) fn lead(&self, level: u32, module: &str) -> Lead {
        let was = found(self.places.before, &self.old, level, module);
        let dotted = self.absolute(level, module);
        let place = self.place(dotted.as_deref(), was.as_ref());
        let holds = place.as_ref().is_none_or(|place| {
            self.leads(level, module, place)
                && (level > 0 || self.is_same_root(module, was.as_ref(), place))
        });
        Lead { was, dotted, place, holds }
    }

    /// Follows the module of an import that is a statement. What leads nowhere follows the last module
    /// on the way there.
    pub(super) fn follow_module(&self, level: u32, module: &str) -> Lead {
        let lead = self.lead(level, module);
        if lead.was.is_some() || lead.place.is_some() {
            return lead;
        }
        let near = self.places.before.nearest(&self.old, level, module);
        let Some((above, rest)) = near.filter(|(_, rest)| !rest.is_empty()) else { return lead };
        let Some(now) = self.places.module(&above) else { return lead };
        let place = Place::Below(now, rest.to_owned());
        let holds = self.leads(level, module, &place);
        Lead { place: Some(place), holds, ..lead }
    }

    /// Returns where a module of the tree before is now, known by its name or by what it was.
    pub(super) fn place(&self, dotted: Option<&str>, was: Option<&Module>) -> Option<Place> {
        if let Some(name) = self.by_name(dotted, was) {
            return Some(self.place_named(name));
        }
        self.places.module(was?).map(Place::Module)
    }

    fn place_named(&self, name: String) -> Place {
        match found(self.places.after, &self.new, 0, &name) {
            Some(module) => Place::Module(module),
            None => Place::Dotted(name),
        }
    }

    /// Tells whether this spelling, read in the tree after, leads to `place`.
    pub(super) fn leads(&self, level: u32, module: &str, place: &Place) -> bool {
        match place {
            Place::Module(wanted) => {
                found(self.places.after, &self.new, level, module).as_ref() == Some(wanted)
            }
            Place::Dotted(wanted) => level == 0 && module == wanted,
            Place::Below(wanted, rest) => self
                .places
                .after
                .nearest(&self.new, level, module)
                .is_some_and(|(above, left)| above == *wanted && left == rest),
        }
    }

    /// Tells whether an absolute name counts from the root that it counted from: a folder that became
    /// a root only because no package is there may be none when the file is imported. What stood
    /// beside a script and still does, though, is found the same way.
    fn is_same_root(&self, dotted: &str, was: Option<&Module>, place: &Place) -> bool {
        let (Some(was), Place::Module(is)) = (was, place) else { return true };
        if was == is {
            return true;
        }
        match (root_of(was, dotted), root_of(is, dotted)) {
            (Some(was), Some(is)) => {
                was == is || self.old.parent() == Some(was) && self.new.parent() == Some(is)
            }
            _ => true,
        }
    }

    /// Returns the new home of a name, where the map moves the name itself.
    pub(super) fn name_place(&self, lead: &Lead, name: &str) -> Option<(Place, String)> {
        let names = &self.places.moves.names;
        if names.is_empty() {
            return None;
        }
        let keys = self.dotted_names(lead.dotted.as_deref(), lead.was.as_ref());
        let (module, new_name) =
            keys.into_iter().find_map(|dotted| names.get(&(dotted, name.to_owned())))?;
        if self.is_self(module) || self.is_offered(lead, name) {
            return None;
        }
        let place = self.place_named(module.clone());
        Some((place, new_name.clone()))
    }

    /// Tells whether a name that moved is found at its old place, too.
    pub(super) fn is_shared(&self, lead: &Lead, name: &str) -> bool {
        let keys = self.dotted_names(lead.dotted.as_deref(), lead.was.as_ref());
        let shared = &self.places.moves.shared;
        keys.into_iter().any(|dotted| shared.contains(&(dotted, name.to_owned())))
    }

    /// Tells whether a name that moved goes on being taken by this file from its old place.
    fn is_offered(&self, lead: &Lead, name: &str) -> bool {
        let Some(Offered { within, names }) = &self.places.moves.offered else { return false };
        let keys = self.dotted_names(lead.dotted.as_deref(), lead.was.as_ref());
        !self.new.is_under(within)
            && keys.into_iter().any(|dotted| names.contains(&(dotted, name.to_owned())))
    }

    /// Spells `place`: relative where that is the style and can be, else absolute, below the root
    /// that the old spelling counted from where that can be.
    pub(super) fn spell(&self, place: &Place, old: &Lead, relative: bool) -> Option<Spelling> {
        let module = match place {
            Place::Dotted(name) => return Some(Spelling { level: 0, module: name.clone() }),
            Place::Below(module, rest) => return self.spell_below(module, rest, old, relative),
            Place::Module(module) => module,
        };
        let path = module_path(module)?;
        let relative = relative.then(|| self.relative(&path, place)).flatten();
        relative.or_else(|| self.absolutely(&path, place, old))
    }

    fn spell_below(
        &self,
        module: &Module,
        rest: &str,
        old: &Lead,
        relative: bool,
    ) -> Option<Spelling> {
        let dotted = old.dotted.as_deref().and_then(|it| it.strip_suffix(rest)?.strip_suffix('.'));
        let was = dotted.and_then(|it| found(self.places.before, &self.old, 0, it));
        let above = Lead { was, dotted: dotted.map(str::to_owned), ..Lead::unknown() };
        let Spelling { level, module } =
            self.spell(&Place::Module(module.clone()), &above, relative)?;
        let dot = if module.is_empty() { "" } else { "." };
        Some(Spelling { level, module: format!("{module}{dot}{rest}") })
    }

    fn relative(&self, path: &RepoPath, place: &Place) -> Option<Spelling> {
        let (root, package) = self.places.after.package_of(&self.new)?;
        let target = dotted(path, &root)?;
        let own: Vec<&str> = package.split('.').collect();
        let target: Vec<&str> = target.split('.').collect();
        let common = own.iter().zip(&target).take_while(|(a, b)| a == b).count();
        if common == 0 {
            return None;
        }
        let level = u32::try_from(own.len() - common + 1).ok()?;
        let module = target[common..].join(".");
        self.leads(level, &module, place).then_some(Spelling { level, module })
    }

    fn absolutely(&self, path: &RepoPath, place: &Place, old: &Lead) -> Option<Spelling> {
        let root = || root_of(old.was.as_ref()?, old.dotted.as_ref()?);
        let below = |folder: Option<RepoPath>| {
            dotted(path, &folder?).filter(|module| self.leads(0, module, place))
        };
        let mut names: Vec<String> = below(root()).into_iter().collect();
        let known = self.places.after.name_for(&self.new, path);
        for name in known.into_iter().chain(below(self.new.parent())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let module = self.best(names, place, old)?;
        Some(Spelling { level: 0, module })
    }

    /// Returns the absolute name of what an import of the file, where it was, names.
    fn absolute(&self, level: u32, module: &str) -> Option<String> {
        if level == 0 {
            return Some(module.to_owned());
        }
        let (_, package) = self.places.before.package_of(&self.old)?;
        let mut parts: Vec<&str> = package.split('.').collect();
        let above = usize::try_from(level).ok()? - 1;
        parts.truncate(parts.len().checked_sub(above)?);
        parts.extend(module.split('.').filter(|it| !it.is_empty()));
        (!parts.is_empty()).then(|| parts.join("."))
    }

    /// Returns what the map of dotted names makes of a module.
    fn by_name(&self, dotted: Option<&str>, was: Option<&Module>) -> Option<String> {
        let modules = &self.places.moves.modules;
        if modules.is_empty() {
            return None;
        }
        let known = self.dotted_names(dotted, was);
        known.iter().find_map(|name| {
            let prefixes =
                std::iter::successors(Some(name.as_str()), |it| Some(it.rsplit_once('.')?.0));
            prefixes.into_iter().find_map(|old| {
                let new = modules.get(old)?;
                (!self.is_self(new)).then(|| format!("{new}{}", &name[old.len()..]))
            })
        })
    }

    /// Tells whether the map of dotted names has this very name.
    pub(super) fn is_named(&self, dotted: &str) -> bool {
        self.places.moves.modules.get(dotted).is_some_and(|new| !self.is_self(new))
    }

    /// Tells whether this file is the module of that name: it is not turned on itself.
    fn is_self(&self, module: &str) -> bool {
        !self.quoted && self.places.after.names_of(&self.new).iter().any(|it| it == module)
    }

    fn dotted_names(&self, dotted: Option<&str>, was: Option<&Module>) -> Vec<String> {
        let mut names: Vec<String> = dotted.map(str::to_owned).into_iter().collect();
        if let Some(Module::File(path)) = was {
            names.extend(self.places.before.names_of(path));
        }
        names
    }

    /// Says in a reason where a module went, or that only the file that imports it did.
    pub(super) fn why(&self, lead: &Lead) -> String {
        let now = lead.place.as_ref().and_then(|it| self.spell(it, lead, false));
        let old = lead.dotted.as_deref().unwrap_or("the module");
        match now.map(|it| it.to_string()) {
            Some(now) if now != old => format!("`{old}` is now `{now}`"),
            _ if self.old != self.new => {
                format!("this file moved; it still imports `{old}`")
            }
            _ => format!("`{old}` moved"),
        }
    }

    /// Follows one name of a `from` import.
    pub(super) fn follow_name(&self, import: &Import, lead: &Lead, name: &str) -> NameLead {
        if let Some((place, name)) = self.name_place(lead, name) {
            return NameLead { place: Some(place), taken: Taken::Name(name), holds: false };
        }
        let own = lead.was.as_ref().and_then(|was| self.takes_own_submodule(was, name));
        let is_own = own.is_some();
        let dropped = || self.places.dropped(lead.was.as_ref()?, name);
        let submodule_of = || submodule(self.places.before, lead.was.as_ref()?, name);
        let module = own.or_else(dropped).or_else(submodule_of);
        let dotted = lead.dotted.as_ref().map(|it| format!("{it}.{name}"));
        // A name that leads nowhere may still be a module that the map of dotted names knows.
        let named = module.is_some() || dotted.as_ref().is_some_and(|it| self.is_named(it));
        let place = if named { self.place(dotted.as_deref(), module.as_ref()) } else { None };
        let Some(place) = place else {
            let taken = Taken::Name(name.to_owned());
            let gone = module.is_some();
            return NameLead {
                place: lead.place.clone().filter(|_| !gone),
                taken,
                holds: lead.holds || gone,
            };
        };
        let same_root = import.level > 0
            || dotted.is_none_or(|it| self.is_same_root(&it, module.as_ref(), &place));
        let after = self.places.after;
        let now = found(after, &self.new, import.level, &import.module).and_then(|package| {
            if is_own { below(after, &package, name) } else { submodule(after, &package, name) }
        });
        let holds = same_root && now.map(Place::Module).as_ref() == Some(&place);
        NameLead { place: Some(place), taken: Taken::Module, holds }
    }

    /// Returns the submodule that `from a import name` takes somewhere in the package `a`, where
    /// what binds the name in `a/__init__.py` is nothing but that very import: in a package that is
    /// still being imported, only the submodule itself is sure to be there.
    fn takes_own_submodule(&self, was: &Module, name: &str) -> Option<Module> {
        let Module::File(init) = was else { return None };
        let inside = init.parent().is_some_and(|package| self.old.is_under(&package));
        if !inside || !init.name_str().starts_with("__init__.") {
            return None;
        }
        let file = self.places.before.files().get(init)?;
        let takes = |binding: &Binding| match binding {
            Binding::Import { import, name: Some(at) } => {
                let import = &file.imports[*import];
                let package = found(self.places.before, init, import.level, &import.module);
                package.as_ref() == Some(was)
                    && matches!(&import.target, Target::Names(names) if names[*at].name == name)
            }
            Binding::Import { name: None, .. } | Binding::Definition { .. } => false,
        };
        if !file.names.bound.get(name)?.iter().all(takes) {
            return None;
        }
        member_module(self.places.before, was, name)
    }

    /// Returns what `package` itself binds `name` to, where it does: no submodule is looked for.
    pub(super) fn shadow(&self, package: &Spelling, name: &str) -> Option<Member> {
        let after = self.places.after;
        let module = found(after, &self.new, package.level, &package.module)?;
        binds(after, &module, name).then(|| after.member(&module, name))
    }
}

/// Where one name of a `from` import is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NameLead {
    /// The module that has the name, or that is the name; `None` where it is gone or was never here.
    pub(super) place: Option<Place>,
    /// What the name takes.
    pub(super) taken: Taken,
    /// The import as it is written still leads there.
    pub(super) holds: bool,
}

/// What a name of a `from` import takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// A name that the module has, as it is called there now.
    Name(String),
    /// The module itself.
    Module,
}

/// Returns the folder from which `dotted` leads to a module.
pub(super) fn root_of(module: &Module, dotted: &str) -> Option<RepoPath> {
    let path = module_path(module)?;
    let root = path.as_bytes().strip_suffix(dotted.replace('.', "/").as_bytes())?;
    match root.strip_suffix(b"/") {
        None => root.is_empty().then(RepoPath::root),
        Some(root) => RepoPath::from_bytes(root).ok(),
    }
}

/// Returns the dotted name of a module's path below a root, where each part can be one.
fn dotted(path: &RepoPath, root: &RepoPath) -> Option<String> {
    let below = path.relative_to(root)?;
    let parts: Vec<&str> = below.as_str()?.split('/').collect();
    parts.iter().all(|it| is_identifier(it)).then(|| parts.join("."))
}
