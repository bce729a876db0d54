//! What the imports of one file lead to, before and after.
//!
//! An import may resolve and still be wrong: where the module that it led to stands elsewhere now and
//! another one has taken its name, or where only a `__getattr__` is left to answer for a name.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::check::{failure, written};
use super::{Kind, Unresolved};
use crate::facts::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};
use crate::tree::{Entry, Tree};

/// One tree and its facts.
pub(super) type Side<'a> = (&'a Tree, &'a Facts);

/// A file of one tree.
type File<'a> = (&'a RepoPath, &'a FileFacts);

/// Paths by path: a seeded map, and faster than the standard one.
type Places<'a> = HashMap<&'a RepoPath, &'a RepoPath, foldhash::fast::RandomState>;

/// Both trees, and where each file of one stands in the other.
pub(super) struct Matches<'a> {
    /// The tree before.
    pub(super) before: Side<'a>,
    /// The tree after.
    pub(super) after: Side<'a>,
    was: Places<'a>,
    now: Places<'a>,
    /// The paths of `after` at which nothing stood before, or something else. Few, and asked for often.
    other: HashSet<&'a RepoPath, foldhash::fast::RandomState>,
}

impl<'a> Matches<'a> {
    /// Matches files by their origin in the snapshot; those without one, which an earlier step made,
    /// by their path.
    pub(super) fn new(before: Side<'a>, after: Side<'a>) -> Self {
        let mut by_origin = Places::default();
        for (path, entry) in before.0.entries() {
            by_origin.extend(entry.origin.as_ref().map(|origin| (origin, path)));
        }
        let (was, now) = (Places::default(), Places::default());
        let mut matches = Self { before, after, was, now, other: HashSet::default() };
        for (path, entry) in after.0.entries() {
            let made =
                |path| before.0.entries().get_key_value(path).filter(|it| it.1.origin.is_none());
            let old = match &entry.origin {
                Some(origin) => by_origin.get(origin).copied(),
                None => made(path).map(|(old, _)| old),
            };
            matches.other.extend((old != Some(path)).then_some(path));
            matches.was.extend(old.map(|old| (path, old)));
            matches.now.extend(old.map(|old| (old, path)));
        }
        matches
    }

    /// Returns where a file stood before.
    pub(super) fn was(&self, path: &RepoPath) -> Option<&'a RepoPath> {
        self.was.get(path).copied()
    }

    /// Returns the files that have other bytes now, stand elsewhere, or are gone, in no order.
    pub(super) fn touched(&self) -> impl Iterator<Item = &'a RepoPath> {
        let (before, after) = (self.before, self.after);
        let is_same = move |path: &RepoPath, entry: &Entry| {
            self.now(path) == Some(path) && after.0.entry(path).is_some_and(|it| it.id == entry.id)
        };
        let entries = before.0.entries().iter();
        entries.filter(move |(path, entry)| !is_same(path, entry)).map(|(path, _)| path)
    }

    /// Tells whether a file stands where it stood, with the same bytes, and all that it imports
    /// certainly leads where it led.
    pub(super) fn is_as_before(&self, (old, was): File<'_>, (new, is): File<'_>) -> bool {
        let (before, after) = (self.before.1, self.after.1);
        if old != new || !std::ptr::eq(was, is) {
            return false;
        }
        let stays = |path: &RepoPath| !self.other.contains(path);
        if let Some(edges) = after.edges_as_in(before, new) {
            return edges.iter().all(|it| stays(&it.to));
        }
        if !before.doubtful(old).is_empty() || !after.doubtful(new).is_empty() {
            return false;
        }
        let (mut then, mut now) =
            (before.edges_of(old).iter().peekable(), after.edges_of(new).iter());
        for (index, import) in is.imports.iter().enumerate() {
            let mut leads = false;
            while let Some(was) = then.next_if(|it| it.import == index) {
                let same = now.next().is_some_and(|is| is == was);
                if !same || !stays(&was.to) {
                    return false;
                }
                leads = true;
            }
            // What leads to no file may be outside of this tree, or a namespace.
            let find = |facts: &Facts| facts.find(new, import.level, &import.module);
            let moved = |it: &Found| matches!(it, Found::Module(Module::File(it)) if !stays(it));
            if !leads && (find(before) != find(after) || moved(&find(after))) {
                return false;
            }
        }
        now.next().is_none()
    }

    /// Tells whether a module has become the other one: its file went there, or, of a package whose
    /// `__init__` is gone or never was, something in it.
    pub(super) fn is_same(&self, old: &Module, new: &Module) -> bool {
        if let (Some(file), Some(other)) = (file_of(old), file_of(new))
            && let Some(now) = self.now.get(file)
        {
            return *now == other;
        }
        let went = |from: &RepoPath, to: &RepoPath| {
            let mut held = self.before.0.under(from).map(|(path, _)| path);
            held.any(|path| self.now.get(path).copied() == path.rebase(from, to).as_ref())
        };
        let (from, to) = (old.folders(), new.folders());
        from.iter().any(|from| to.iter().any(|to| went(from, to)))
    }

    /// Returns where a file that counts before and after stands now.
    pub(super) fn now(&self, path: &RepoPath) -> Option<&'a RepoPath> {
        self.now.get(path).copied().filter(|now| self.after.1.files().contains_key(*now))
    }
}

/// The imports of a file that is in both trees.
pub(super) struct Targets<'a> {
    matches: &'a Matches<'a>,
    old: File<'a>,
    new: File<'a>,
    reached: OnceCell<BTreeSet<RepoPath>>,
}

impl<'a> Targets<'a> {
    /// Looks at `old`, which is `new` now.
    pub(super) fn new(matches: &'a Matches<'a>, old: File<'a>, new: File<'a>) -> Self {
        Self { matches, old, new, reached: OnceCell::new() }
    }

    /// Tells whether an import that is undeclared now led to a module of this tree before; where it
    /// is spelled anew, whether the file lost a module that is still here. A dependency that is
    /// declared no more is as importable as it was.
    pub(super) fn lost(&self, failure: &Unresolved) -> bool {
        self.old.1.imports.iter().any(|import| {
            let ours = matches!(self.find_old(import), Found::Module(_) | Found::Assumed);
            (ours && written(import) == failure.module) || self.loses(import)
        })
    }

    /// Returns the imports that are spelled as before and lead to another module now, while the one
    /// that they led to is still here and the file does not import it any more.
    pub(super) fn astray(&self) -> Vec<Unresolved> {
        let strays = self.new.1.imports.iter().filter(|import| self.is_astray(import));
        let fails = |import: &Import| {
            let place = (import.line, import.column);
            failure(self.new.0, import, (Kind::MissingModule, None), place)
        };
        strays.map(fails).collect()
    }

    /// Returns the names that a module had before and that nothing but its own ways to make up names
    /// answers for now.
    pub(super) fn vanished(&self) -> Vec<Unresolved> {
        let mut found = Vec::new();
        let (before, after) = (self.matches.before.1, self.matches.after.1);
        for import in &self.new.1.imports {
            let Target::Names(names) = &import.target else { continue };
            let Found::Module(module) = self.find_new(import) else { continue };
            let Some(old) = file_of(&module).and_then(|file| self.matches.was(file)) else {
                continue;
            };
            let old = Module::File(old.clone());
            for name in names {
                let granted = after.member(&module, &name.name) == Member::Assumed;
                if granted && matches!(before.member(&old, &name.name), Member::Definition { .. }) {
                    let what = (Kind::MissingName, Some(name.name.as_str()));
                    found.push(failure(self.new.0, import, what, (name.line, name.column)));
                }
            }
        }
        found
    }

    fn is_astray(&self, import: &Import) -> bool {
        let outside = match self.find_new(import) {
            Found::Module(_) => false,
            Found::Stdlib | Found::ThirdParty => true,
            Found::Undeclared | Found::Missing { .. } | Found::Assumed => return false,
        };
        let same = |it: &&Import| it.level == import.level && it.module == import.module;
        let old = self.old.1.imports.iter().filter(same).flat_map(taken);
        let old: BTreeSet<Option<&str>> = old.map(|(_, name)| name).collect();
        let (before, after) = (self.matches.before.1, self.matches.after.1);
        let strays = |(import, name): (&Import, Option<&str>)| {
            // Another name of the same module is no spelling as before.
            if old.is_empty() || name.is_some() && !old.contains(&None) && !old.contains(&name) {
                return false;
            }
            let led = asked(before, self.old.0, import, name);
            let elsewhere = |now: &RepoPath| match self.matches.was(now) {
                Some(was) => !led.contains(was),
                // A module that the plan made stands for the one whose name it has.
                None => false,
            };
            let now = asked(after, self.new.0, import, name);
            let leaves = outside || !now.is_empty() && now.iter().all(elsewhere);
            leaves && self.misses(lead(before, self.old.0, import, name).as_slice())
        };
        taken(import).into_iter().any(strays)
    }

    /// Tells whether what an import led to is still here and the file does not import it any more.
    fn loses(&self, old: &Import) -> bool {
        self.misses(&leads(self.matches.before.1, self.old.0, old))
    }

    /// Tells whether one of these files is still here and the file does not import it any more.
    fn misses(&self, led: &[RepoPath]) -> bool {
        let reached = self.reached.get_or_init(|| {
            let found = self.new.1.imports.iter();
            found.flat_map(|it| leads(self.matches.after.1, self.new.0, it)).collect()
        });
        led.iter().filter_map(|it| self.matches.now(it)).any(|now| !reached.contains(now))
    }

    fn find_old(&self, import: &Import) -> Found {
        self.matches.before.1.find(self.old.0, import.level, &import.module)
    }

    fn find_new(&self, import: &Import) -> Found {
        self.matches.after.1.find(self.new.0, import.level, &import.module)
    }
}

/// Returns the files that an import is for: each submodule that it takes, and the module where it
/// takes anything else. The packages on the way are loaded, too, but nothing asks for them.
fn leads(facts: &Facts, file: &RepoPath, import: &Import) -> Vec<RepoPath> {
    let taken = taken(import).into_iter();
    taken.filter_map(|(import, name)| lead(facts, file, import, name)).collect()
}

/// Returns what an import takes: each name that it lists, or the module.
fn taken(import: &Import) -> Vec<(&Import, Option<&str>)> {
    match &import.target {
        Target::Names(names) => names.iter().map(|it| (import, Some(&*it.name))).collect(),
        Target::Module { .. } | Target::Star | Target::Call { .. } => vec![(import, None)],
    }
}

/// Returns the file that an import is for, of which one name is taken or none.
fn lead(facts: &Facts, file: &RepoPath, import: &Import, name: Option<&str>) -> Option<RepoPath> {
    let Found::Module(module) = facts.find(file, import.level, &import.module) else {
        return None;
    };
    match name.map(|it| facts.member(&module, it)) {
        Some(Member::Module(submodule)) => file_of(&submodule).cloned(),
        Some(Member::Definition { .. } | Member::External | Member::Assumed | Member::Missing)
        | None => file_of(&module).cloned(),
    }
}

/// Returns the files of which an import asks a name: the one that it is for, and the package that may
/// have taken a submodule under this name itself, and may have another one there now.
fn asked(facts: &Facts, file: &RepoPath, import: &Import, name: Option<&str>) -> Vec<RepoPath> {
    let mut files: Vec<RepoPath> = lead(facts, file, import, name).into_iter().collect();
    let package = lead(facts, file, import, None);
    let facts = package.as_ref().and_then(|it| facts.files().get(it));
    let binds = |name| {
        let starred = |it: &FileFacts| it.imports.iter().any(|it| it.target == Target::Star);
        facts.is_some_and(|it| it.names.bound.contains_key(name) || starred(it))
    };
    files.extend(package.filter(|_| name.is_some_and(binds)));
    files
}

fn file_of(module: &Module) -> Option<&RepoPath> {
    match module {
        Module::File(path) => Some(path),
        Module::Namespace(_) => None,
    }
}
