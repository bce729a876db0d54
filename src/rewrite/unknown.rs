//! What moved, taken as an attribute of an object that nothing is known of: `self.a.b.f`. It may be
//! the module, so a person is told where to look.

use std::collections::{BTreeMap, BTreeSet};

use super::file::File;
use super::places::{Places, found};
use super::walk::{Bound, Walk, walk};
use crate::facts::Module;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::Use;
use crate::text::Lines;

/// What has lost something that was taken from it as an attribute: its name and that of the attribute
/// lead to the places of packages, or of modules.
#[derive(Debug)]
pub(super) struct Owners(BTreeMap<(String, String), BTreeSet<RepoPath>>);

impl Owners {
    /// Collects the packages that modules left, and the modules that names left.
    pub(super) fn of(places: &Places<'_>) -> Self {
        let mut owners: BTreeMap<_, BTreeSet<RepoPath>> = BTreeMap::new();
        let python = places.moves.paths.keys();
        let python = python.filter(|it| places.before.files().contains_key(*it));
        let gone = |old: &RepoPath| {
            let gone = old.folders().filter(|it| !it.is_root() && !places.tree_after.exists(it));
            module_place(old).into_iter().chain(gone.collect::<Vec<_>>())
        };
        for owned in python.flat_map(gone) {
            let Some(owner) = owned.parent().filter(|it| !it.is_root()) else { continue };
            let key = (owner.name_str().to_owned(), owned.name_str().to_owned());
            owners.entry(key).or_default().insert(owner);
        }
        for (path, names) in &places.lost {
            let Some(owner) = module_place(path) else { continue };
            for name in names {
                let key = (owner.name_str().to_owned(), name.clone());
                owners.entry(key).or_default().insert(owner.clone());
            }
        }
        Self(owners)
    }

    fn get(&self, owner: &str, name: &str) -> impl Iterator<Item = &RepoPath> {
        self.0.get(&(owner.to_owned(), name.to_owned())).into_iter().flatten()
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
    pub(super) fn tell_unknown(&mut self, bound: &[Bound], owners: &Owners) {
        let known: BTreeMap<_, &Bound> = bound.iter().map(|it| (it.key, it)).collect();
        let mut found: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        let lines = Lines::new(self.source);
        let uses = self.bindings.uses.iter();
        let uses = uses.flat_map(|(key, uses)| uses.iter().map(move |it| (key, it)));
        let passed = |key, used| known.get(key).map_or(1, |bound| self.passed(bound, used));
        let imported = uses.map(|(key, used)| (used, passed(key, used)));
        let loose = self.bindings.loose.iter().map(|it| (it, 0));
        for (used, passed) in imported.chain(loose) {
            let Some((line, message)) = self.may_be(used, passed, owners, &lines) else { continue };
            found.entry(line).or_default().insert(message);
        }
        let path = Some(self.view.new.clone());
        let found =
            found.into_iter().flat_map(|(line, it)| it.into_iter().map(move |it| (line, it)));
        let notes = found.map(|(line, it)| Finding::note(path.clone(), it).at_line(line));
        self.findings.extend(notes);
    }

    /// Returns how many parts of a use lead to modules, and to the name in the last of them.
    fn passed(&self, bound: &Bound, used: &Use) -> usize {
        walk(self.view, bound, false, used).last + 2
    }

    /// Says what the attributes behind the first `passed` parts of a use may mean.
    fn may_be(
        &self,
        used: &Use,
        passed: usize,
        owners: &Owners,
        lines: &Lines<'_>,
    ) -> Option<(u32, String)> {
        let rest = used.parts.get(passed..)?;
        for (at, pair) in rest.windows(2).enumerate() {
            let ((owner, first), (name, place)) = (&pair[0], &pair[1]);
            let start = first.start;
            let mut walks =
                owners.get(owner, name).filter_map(|it| self.walk_from(it, &rest[at..]));
            let Some((was, walk)) = walks.find(|(_, walk)| !walk.holds) else { continue };
            let now = self.view.spell(walk.place.as_ref()?, &walk.lead(), false)?;
            if self.edits.iter().any(|it| it.changes(&(start..place.end))) {
                return None;
            }
            let message = format!(
                "`{was}` may be the module that is now `{now}`: what it is taken from is not known"
            );
            return Some((lines.line(place.start), message));
        }
        None
    }

    /// Walks the parts of a use, the first of which stands for the module at `owner`.
    fn walk_from(
        &self,
        owner: &RepoPath,
        parts: &[(String, crate::text::Span)],
    ) -> Option<(String, Walk)> {
        let before = self.view.places.before;
        let dotted = before.names_of(owner).into_iter().next()?;
        let module: Module = found(before, &self.view.old, 0, &dotted)?;
        let bound = Bound {
            key: (0, None),
            local: String::new(),
            module: Some(module),
            dotted: Some(dotted.clone()),
            plain: false,
        };
        let used = Use { parts: parts.get(..2)?.to_vec(), written: false, asked: None };
        let walk = walk(self.view, &bound, false, &used);
        Some((format!("{dotted}.{}", parts[1].0), walk)).filter(|(_, it)| it.last == 1)
    }
}
