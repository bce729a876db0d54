//! What moved, taken as an attribute of an object that nothing is known of: `self.a.b.f`. It may be
//! the module, so a person is told where to look.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::file::File;
use super::places::{Places, found};
use super::walk::{Bound, Naming, Walk, walk};
use crate::facts::Module;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::Use;
use crate::text::Lines;

/// What has lost something that was taken from it as an attribute.
#[derive(Debug, Default)]
pub(super) struct Owners<'a> {
    /// The names of an owner and of the attribute lead to the places of packages, or of modules.
    places: BTreeMap<(String, String), BTreeSet<RepoPath>>,
    /// Each name that some import made up, with what stands behind it, in order.
    named: Vec<(&'a str, &'a str)>,
}

impl<'a> Owners<'a> {
    /// Collects the packages that modules left, and the modules that names left.
    pub(super) fn of(places: &Places<'_>, aliases: &[(&'a str, &'a str)]) -> Self {
        let mut named: Vec<_> = aliases.iter().map(|(name, alias)| (*alias, *name)).collect();
        named.par_sort_unstable();
        let mut owners = Self { named, ..Self::default() };
        let python = places.moves.paths.keys();
        let python = python.filter(|it| places.before.files().contains_key(*it));
        let gone = |old: &RepoPath| {
            let gone = old.folders().filter(|it| !it.is_root() && !places.tree_after.exists(it));
            module_place(old).into_iter().chain(gone.collect::<Vec<_>>())
        };
        for owned in python.flat_map(gone) {
            if let Some(owner) = owned.parent().filter(|it| !it.is_root()) {
                owners.add(owner, owned.name_str());
            }
        }
        for (path, names) in &places.lost {
            let Some(owner) = module_place(path) else { continue };
            names.iter().for_each(|name| owners.add(owner.clone(), name));
        }
        owners
    }

    fn add(&mut self, owner: RepoPath, name: &str) {
        let key = (owner.name_str().to_owned(), name.to_owned());
        self.places.entry(key).or_default().insert(owner);
    }

    /// Returns the places that `owner.name` may speak of, with the name of the attribute there.
    fn get<'b>(
        &'b self,
        owner: &'b str,
        name: &'b str,
    ) -> impl Iterator<Item = (&'b RepoPath, &'b str)> {
        let names =
            self.meant(name).flat_map(move |name| self.meant(owner).map(move |it| (it, name)));
        names.flat_map(|(owner, name)| {
            let places = self.places.get(&(owner.to_owned(), name.to_owned()));
            places.into_iter().flatten().map(move |it| (it, name))
        })
    }

    fn meant<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let from = self.named.partition_point(|(alias, _)| *alias < name);
        let named = self.named[from..].iter().take_while(move |(alias, _)| *alias == name);
        std::iter::once(name).chain(named.map(|(_, it)| *it))
    }
}

/// Returns the path by which imports know the file or folder at `path`.
pub(super) fn module_place(path: &RepoPath) -> Option<RepoPath> {
    match path.name_str().split_once('.') {
        None => Some(path.clone()),
        Some(("__init__", _)) => path.parent(),
        Some((stem, _)) => path.parent()?.child(stem).ok(),
    }
}

impl File<'_> {
    /// Tells where something that moved may be taken from an object that is not known.
    pub(super) fn tell_unknown(&mut self, bound: &[Bound], owners: &Owners<'_>) {
        let known: BTreeMap<_, &Bound> = bound.iter().map(|it| (it.key, it)).collect();
        let uses = self.bindings.uses.iter();
        let uses = uses.flat_map(|(key, uses)| uses.iter().map(move |it| (key, it)));
        let passed = |key, used| known.get(key).map_or(1, |bound| self.passed(bound, used));
        let imported = uses.map(|(key, used)| (used, passed(key, used)));
        let loose = self.bindings.loose.iter().map(|it| (it, 0));
        let maybe = imported.chain(loose);
        let maybe = maybe.filter_map(|(used, passed)| self.may_be(used, passed, owners));
        let own = self.bindings.loose.iter().filter_map(|it| self.is_own(it, owners));
        let told: Vec<(usize, String)> = maybe.chain(own).collect();
        if told.is_empty() {
            return;
        }
        let lines = Lines::new(self.source);
        let told: BTreeSet<(u32, String)> =
            told.into_iter().map(|(at, message)| (lines.line(at), message)).collect();
        let path = Some(self.view.new.clone());
        let told = told.into_iter();
        let notes = told.map(|(line, it)| Finding::note(path.clone(), it).at_line(line));
        self.findings.extend(notes);
    }

    /// Returns how many parts of a use lead to modules, and to the name in the last of them.
    fn passed(&self, bound: &Bound, used: &Use) -> usize {
        walk(self.view, bound, false, used).last + 2
    }

    /// Says what the attributes behind the first `passed` parts of a use may mean, and where it stands.
    fn may_be(&self, used: &Use, passed: usize, owners: &Owners<'_>) -> Option<(usize, String)> {
        let rest = used.parts.get(passed..)?;
        for pair in rest.windows(2) {
            let ((owner, first), (name, place)) = (&pair[0], &pair[1]);
            let start = first.start;
            let walks = owners.get(owner, name);
            let mut walks = walks.filter_map(|(owner, name)| self.walk_from(owner, name));
            let Some((was, walk)) = walks.find(|(_, walk)| !walk.holds) else { continue };
            let now = self.view.spell(walk.place.as_ref()?, &walk.lead(), false)?;
            if self.edits.iter().any(|it| it.changes(&(start..place.end))) {
                return None;
            }
            let message = format!(
                "`{was}` may be the module that is now `{now}`: what it is taken from is not known"
            );
            return Some((place.start, message));
        }
        None
    }

    /// Says which submodule the `__init__.py` of its package names without an import of its own, and
    /// where.
    fn is_own(&self, used: &Use, owners: &Owners<'_>) -> Option<(usize, String)> {
        let package =
            self.view.old.parent().filter(|_| self.view.old.name_str().starts_with("__init__."))?;
        let (name, place) = used.parts.first()?;
        let is_free = !self.source[..place.start].trim_end().ends_with('.');
        let mut places = owners.get(package.name_str(), name);
        places.find(|(owner, known)| is_free && **owner == package && known == name)?;
        let (was, walk) = self.walk_from(&package, name).filter(|(_, it)| !it.holds)?;
        let now = self.view.spell(walk.place.as_ref()?, &walk.lead(), false)?;
        let message =
            format!("`{name}` may be `{was}`, which is now `{now}`: nothing here imports it");
        Some((place.start, message))
    }

    /// Walks the attribute `name` of the module at `owner`.
    fn walk_from(&self, owner: &RepoPath, name: &str) -> Option<(String, Walk)> {
        let before = self.view.places.before;
        let dotted = before.names_of(owner).into_iter().next()?;
        let module: Module = found(before, &self.view.old, 0, &dotted)?;
        let parts = [dotted.as_str(), name].map(|it| (it.to_owned(), 0..0)).to_vec();
        let bound = Bound {
            key: (0, None),
            local: dotted.clone(),
            module: Some(module),
            dotted: Some(dotted.clone()),
            // Who took the whole package from somewhere may have taken it by its name.
            naming: Naming::Own,
        };
        let walk =
            walk(self.view, &bound, false, &Use { parts, written: false, asked: None, call: None });
        Some((format!("{dotted}.{name}"), walk)).filter(|(_, it)| it.last == 1)
    }
}
