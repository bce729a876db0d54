//! Which files may have to be edited? Told from names alone, so that of a large tree only what may
//! be concerned is resolved.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::places::Places;
use super::used::{Used, own_name, with_aliases};
use crate::facts::references::{Sieve, Stand, Wanted};
use crate::path::RepoPath;
use crate::python::{Asked, Asks, FileFacts, Import, Literal, Target};

/// Answers by dotted name.
pub(super) type Known<'a> = HashMap<&'a str, bool, foldhash::fast::RandomState>;

/// Names that are asked for each part of each import: seeded, and faster than the standard one.
type Set = HashSet<String, foldhash::fast::RandomState>;

/// The names by which something that moved can be spoken of.
#[derive(Debug)]
pub(super) struct Names {
    /// Last parts of what moved or came: an import that leads there has one.
    own: Set,
    /// Names of the packages above it, and what imports call them: a use such as `a.b.f` may begin
    /// there.
    above: Set,
    /// Names of folders that came to be or are no more.
    folders: Set,
    /// The `__init__` of a package moved, which `from . import f` names without a name.
    packages: bool,
    /// What an import has to have that may lead elsewhere now.
    asked: Vec<Asked>,
    /// What a document has to say to speak of what moved in its examples.
    said: Wanted,
    /// What code has to say to name what moved by two strings, or by one that counts from a package.
    rowed: Wanted,
    /// What code has to say to use what moved by a name that an import binds, though the import itself
    /// still holds.
    pub(super) used: Used,
}

impl Names {
    /// Collects the names of what moved.
    pub(super) fn of(places: &Places<'_>, aliases: &[(&str, &str)]) -> Self {
        let folders = folders(places);
        let (mut own, mut above) = (BTreeSet::new(), BTreeSet::new());
        let mut packages = false;
        for path in places.moves.paths.iter().flat_map(|(old, new)| [old, new]) {
            packages |= is_init(path);
            add(&mut own, &mut above, path);
        }
        for (old, new) in &places.moves.folders {
            own.extend([old.name_str().to_owned(), new.name_str().to_owned()]);
        }
        let modules = places.moves.modules.keys();
        for dotted in modules.chain(places.moves.names.keys().map(|(module, _)| module)) {
            let mut parts = dotted.split('.').map(str::to_owned);
            own.extend(parts.next_back());
            above.extend(parts);
        }
        own.extend(places.moves.names.keys().map(|(_, name)| name.clone()));
        let led = with_aliases(above.union(&own).cloned().collect(), aliases);
        above.extend(led.difference(&own).cloned().collect::<Vec<_>>());
        let all = || own.union(&folders);
        let said = all().filter(|it| !it.is_empty());
        let said = said.map(|it| Wanted::group(Stand::Said, it.as_bytes()));
        let asked = all().map(|it| Asked::of(it));
        let asked = asked.chain(packages.then_some(Asked::of(""))).chain([Asked::STAR]);
        Self {
            rowed: Wanted::any_of(rowed(places)),
            said: Wanted::any_of(said),
            asked: asked.collect(),
            used: Used::of(places, &folders, aliases),
            packages,
            own: own.into_iter().collect(),
            above: above.into_iter().collect(),
            folders: folders.into_iter().collect(),
        }
    }

    /// Adds the names that modules lose.
    pub(super) fn add_lost(
        &mut self,
        lost: &BTreeMap<RepoPath, BTreeSet<String>>,
        aliases: &[(&str, &str)],
    ) {
        self.used.add_lost(lost, aliases);
    }

    /// Tells whether the examples of a document may speak of what moved.
    pub(super) fn may_be_said(&self, sieve: &Sieve) -> bool {
        self.said.may_be_in(sieve)
    }

    /// Tells whether code may name what moved by two strings that stand together, or by one that counts
    /// from a package.
    pub(super) fn may_be_rowed(&self, sieve: &Sieve) -> bool {
        self.rowed.may_be_in(sieve)
    }

    /// Tells whether a string may name something that moved.
    pub(super) fn concern_literal(&self, literal: &Literal) -> bool {
        let own = literal.text.split(['.', ':']).any(|it| self.own.contains(it));
        own || self.used.is_named_in(&literal.text)
    }

    /// Tells whether some import of a file may lead elsewhere now by itself, see
    /// [`Names::may_lead_away`].
    pub(super) fn may_be_asked(&self, asks: &Asks) -> bool {
        asks.may_have_any(&self.asked)
    }

    /// Tells whether an import itself may lead elsewhere now. `known` has the answers for modules, of
    /// which most are imported many times.
    pub(super) fn may_lead_away<'a>(&self, import: &'a Import, known: &mut Known<'a>) -> bool {
        let is_own = |part: &str| self.own.contains(part) || self.folders.contains(part);
        let module = import.module.as_str();
        *known.entry(module).or_insert_with(|| module.split('.').any(is_own))
            || self.packages && import.module.is_empty()
            || match &import.target {
                Target::Module { .. } | Target::Call { .. } => false,
                Target::Names(names) => names.iter().any(|it| is_own(&it.name)),
                Target::Star => self.concern_import(import),
            }
    }

    /// Tells whether an import may lead to what moved.
    pub(super) fn concern_import(&self, import: &Import) -> bool {
        let own = |dotted: &str| dotted.split('.').any(|part| self.own.contains(part));
        let any = |dotted: &str| dotted.split('.').any(|part| self.above.contains(part));
        let name = |it: &str| self.own.contains(it) || self.above.contains(it);
        own(&import.module)
            || self.packages && import.module.is_empty()
            || match &import.target {
                Target::Module { .. } => any(&import.module),
                Target::Names(names) => names.iter().any(|it| name(&it.name)),
                Target::Star => any(&import.module) || import.module.is_empty(),
                Target::Call { names, .. } => names.iter().any(|it| name(&it.name)),
            }
    }

    /// Tells whether `__all__` lists something of that name.
    pub(super) fn concern_all(&self, file: &FileFacts) -> bool {
        match &file.names.all {
            crate::python::All::Absent => false,
            crate::python::All::Names(names) | crate::python::All::Dynamic(names) => {
                names.iter().any(|(name, _)| self.own.contains(name))
            }
        }
    }
}

/// Returns what code has to say to name something by two strings, `("a.b", "f")`, or a module by one
/// that counts from a package: `import_module(".b", package)`.
fn rowed<'a>(places: &'a Places<'_>) -> impl Iterator<Item = Vec<u32>> + 'a {
    let said = |it: &str| Wanted::group(Stand::Said, it.as_bytes());
    let names = places.moves.names.keys().map(move |(module, name)| {
        let module = module.rsplit('.').next().unwrap_or_default();
        [said(module), said(name)].concat()
    });
    let paths = places.moves.paths.keys().map(own_name);
    let paths = paths
        .filter(|it| !it.is_empty())
        .map(move |name| [said(&name), Wanted::group(Stand::Ended, b"import_module")].concat());
    names.chain(paths)
}

fn is_init(path: &RepoPath) -> bool {
    path.name_str().split('.').next() == Some("__init__")
}

/// Adds the names of something that moved or came, and of the packages above it.
fn add(own: &mut BTreeSet<String>, above: &mut BTreeSet<String>, path: &RepoPath) {
    let mut folders = path.folders();
    if is_init(path) {
        own.extend(folders.next().map(|it| it.name_str().to_owned()));
    } else {
        own.insert(path.name_str().split('.').next().unwrap_or_default().to_owned());
    }
    above.extend(folders.map(|it| it.name_str().to_owned()).filter(|it| !it.is_empty()));
}

/// Returns the names of folders that came to be or are no more.
fn folders(places: &Places<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (old, new) in &places.moves.paths {
        let gone = old.folders().filter(|it| !places.tree_after.exists(it));
        let fresh = new.folders().filter(|it| !places.tree_before.exists(it));
        found.extend(gone.chain(fresh).map(|it| it.name_str().to_owned()));
    }
    found
}
