//! What does code have to say to use what moved by a name that an import binds, as in `a.b.f()` after
//! `import a.c`? Asked of the words of a file, so that most files need not be read.
//!
//! Whoever gets to a module this way, through whatever it takes the package from, names the module and
//! the package that it stands in: by its name, or by what some import calls it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::places::Places;
use crate::facts::references::pairs::{Pair, ending, first_word, is_blank, last_word, pairs};
use crate::facts::references::{Sieve, Stand, Wanted};
use crate::path::RepoPath;
use crate::python::{Asked, FileFacts, Import, ImportedName, Target};

/// The words of uses.
#[derive(Debug)]
pub(super) struct Used {
    /// The words of a package, and of the modules that left it or came to it.
    within: Vec<(Wanted, Wanted)>,
    /// Both, name by name: what stands before a dot, and what may stand behind it.
    pairs: Names,
    /// The same, as files are asked for them.
    paired: Wanted,
    /// Packages that moved, came to be or are no more, wherever they are said.
    packages: Wanted,
    /// The same, where they may be the first of a name.
    tops: BTreeSet<String>,
    /// Packages that lost a module, where they may be handed on as a whole.
    handed: Wanted,
    /// What these are called.
    left: BTreeSet<String>,
}

impl Used {
    /// Collects the words. `folders` came to be or are no more.
    pub(super) fn of(
        places: &Places<'_>,
        folders: &BTreeSet<String>,
        aliases: &[(&str, &str)],
    ) -> Self {
        let (mut names, mut packages, mut left) = (Names::new(), folders.clone(), BTreeSet::new());
        for (old, new) in &places.moves.paths {
            [old, new].into_iter().for_each(|it| add(&mut names, it));
            let gone = old.folders().filter(|it| !places.tree_after.exists(it));
            let fresh = new.folders().filter(|it| !places.tree_before.exists(it));
            let gone = gone.map(|it| (it, true)).chain(fresh.map(|it| (it, false)));
            for (folder, is_gone) in gone {
                let above = folder.parent().map(|it| it.name_str().to_owned()).unwrap_or_default();
                left.extend(is_gone.then(|| above.clone()));
                names.entry(above).or_default().insert(folder.name_str().to_owned());
            }
            let is_init = old.name_str().starts_with("__init__.");
            left.extend(old.folders().nth(usize::from(is_init)).map(|it| it.name_str().to_owned()));
        }
        for (old, new) in &places.moves.folders {
            packages.extend([old, new].map(|it| it.name_str().to_owned()));
        }
        for dotted in places.moves.modules.keys() {
            let (package, name) = dotted.rsplit_once('.').unwrap_or(("", dotted));
            let package = package.rsplit('.').next().unwrap_or_default();
            names.entry(package.to_owned()).or_default().insert(name.to_owned());
        }
        for (module, name) in places.moves.names.keys() {
            let module = module.rsplit('.').next().unwrap_or_default();
            names.entry(module.to_owned()).or_default().insert(name.clone());
        }
        packages.extend(names.remove("").unwrap_or_default());
        let tops = packages.clone();
        let packages = with_aliases(packages, aliases);
        let mut left = with_aliases(left, aliases);
        left.remove("");
        let handed = left.iter().map(|it| Wanted::group(Stand::Ended, it.as_bytes()));
        let mut used = Self {
            within: Vec::new(),
            pairs: Names::new(),
            paired: Wanted::any_of(std::iter::empty()),
            handed: Wanted::any_of(handed),
            packages: Wanted::any_of(beside(packages)),
            left,
            tops,
        };
        for (package, names) in names {
            used.add(BTreeSet::from([package]), names, aliases);
        }
        used
    }

    fn add(&mut self, owners: BTreeSet<String>, names: BTreeSet<String>, aliases: &[(&str, &str)]) {
        let owners = with_aliases(owners, aliases);
        let names = with_aliases(names, aliases);
        for owner in &owners {
            self.pairs.entry(owner.clone()).or_default().extend(names.iter().cloned());
        }
        let words = |names| Wanted::any_of(beside(names));
        self.within.push((words(owners), words(names)));
    }

    /// Adds the names that modules lose: whoever took them from there names both.
    pub(super) fn add_lost(
        &mut self,
        lost: &BTreeMap<RepoPath, BTreeSet<String>>,
        aliases: &[(&str, &str)],
    ) {
        // Many modules lose the same name.
        let mut owners: BTreeMap<&BTreeSet<String>, BTreeSet<String>> = BTreeMap::new();
        for (path, names) in lost.iter().filter(|(_, names)| !names.is_empty()) {
            owners.entry(names).or_default().insert(own_name(path));
        }
        for (names, owners) in owners {
            self.add(owners, names.clone(), aliases);
        }
        let pairs = self
            .pairs
            .iter()
            .flat_map(|(owner, names)| names.iter().map(move |name| Wanted::pair(owner, name)));
        self.paired = Wanted::any_of(pairs);
    }

    /// Tells whether a dotted path names something that moved behind what it stood in.
    pub(super) fn is_named_in(&self, path: &str) -> bool {
        let parts = path.split(['.', ':']);
        let mut pairs = parts.clone().zip(parts.skip(1));
        pairs.any(|(owner, name)| self.pairs.get(owner).is_some_and(|it| it.contains(name)))
    }

    /// Tells whether code takes something that moved as an attribute of what it stood in, whatever
    /// object that is taken from.
    pub(super) fn is_taken_in(&self, source: &str) -> bool {
        let taken = |owner: &str, name: &str| {
            self.pairs.get(owner).is_some_and(|names| names.contains(name))
        };
        let by_dot =
            pairs(source).any(|it| taken(it.owner, it.name) && !ends_in_import(&source[..it.dot]));
        // `getattr(package, "module")`
        let by_call = |(comma, _)| {
            let name = source[comma + 1..].trim_start().strip_prefix(['"', '\'']);
            name.is_some_and(|it| taken(last_word(ending(&source[..comma])), first_word(it)))
        };
        by_dot || source.contains("getattr") && source.match_indices(',').any(by_call)
    }

    /// Tells whether code may use what moved, or hand on what it left.
    pub(super) fn may_be_in(&self, sieve: &Sieve, file: &FileFacts) -> bool {
        self.handed.may_be_in(sieve)
            || self.paired.may_be_in(sieve)
            || self.is_hidden_in(sieve, file)
    }

    /// Tells whether code may use what moved in a way that only reading it can tell.
    pub(super) fn is_hidden_in(&self, sieve: &Sieve, file: &FileFacts) -> bool {
        let both = |(package, names): &(Wanted, Wanted)| {
            package.may_be_in(sieve) && names.may_be_in(sieve)
        };
        // `import a.b` may hold while `a`, which it binds, went elsewhere.
        let is_top = |it: &Import| {
            it.target == (Target::Module { asname: None })
                && it.module.split('.').next().is_some_and(|it| self.tops.contains(it))
        };
        sieve.has_odd_names()
            || file.imports.iter().any(is_top)
            || sieve.takes_from_afar()
                && (self.handed.may_be_in(sieve)
                    || self.packages.may_be_in(sieve)
                    || self.within.iter().any(both))
    }

    /// Returns the chains of attributes in code that end with what packages are called that lost a module:
    /// where it may be handed on as a whole. A name alone is one, too, where an import binds it.
    pub(super) fn handed_on_in<'a>(
        &'a self,
        sieve: &'a Sieve,
        source: &'a str,
        file: &'a FileFacts,
    ) -> impl Iterator<Item = Vec<&'a str>> {
        let is_left = |it: &str| self.left.contains(it);
        let ends = |it: &str| {
            let word = Wanted::group(Stand::Ended, it.as_bytes());
            Wanted::any_of(std::iter::once(word)).may_be_in(sieve)
        };
        let own = file.imports.iter().flat_map(locals);
        let own = own.filter(move |it| is_left(it) && ends(it));
        let goes_on = |it: &Pair<'_>| {
            let behind = source[it.dot + 1..].trim_start_matches(is_blank);
            behind[it.name.len()..].trim_start_matches(is_blank).starts_with('.')
        };
        let taken = pairs(source).filter(move |it| is_left(it.name) && !goes_on(it));
        let taken = taken.map(|it| {
            let mut chain = chain(&source[..it.dot]);
            chain.push(it.name);
            chain
        });
        own.map(|it| vec![it]).chain(taken)
    }
}

/// Returns the names that an import binds by saying them.
pub(super) fn locals(import: &Import) -> Vec<&str> {
    match &import.target {
        Target::Module { asname: Some(local) } => vec![local],
        Target::Module { asname: None } => import.module.split('.').take(1).collect(),
        Target::Names(names) => names.iter().map(ImportedName::local).collect(),
        Target::Star | Target::Call { .. } => Vec::new(),
    }
}

/// Returns the names at the end of a text that stand before a dot, as in `a.b.`; the first is empty where
/// they begin with no name.
fn chain(text: &str) -> Vec<&str> {
    let (mut rest, mut names) = (text, Vec::new());
    loop {
        rest = ending(rest);
        let word = last_word(rest);
        names.push(word);
        match ending(&rest[..rest.len() - word.len()]).strip_suffix('.') {
            Some(before) => rest = before,
            None => break,
        }
    }
    names.reverse();
    names
}

/// Returns the name by which imports know a module.
pub(super) fn own_name(path: &RepoPath) -> String {
    let stem = path.name_str().split('.').next().unwrap_or_default();
    let folder = path.parent().filter(|_| stem == "__init__");
    folder.as_ref().map_or(stem, |it| it.name_str()).to_owned()
}

/// Tells whether the last statement of a text is an import.
fn ends_in_import(text: &str) -> bool {
    let start = text.rfind(['\n', ';']).map_or(0, |at| at + 1);
    let text = text[start..].trim_start();
    text.starts_with("from ") || text.starts_with("import ")
}

/// Names by the name of the package that they stand in; it is empty where none goes before.
type Names = BTreeMap<String, BTreeSet<String>>;

/// Adds the name by which imports know a module. What is itself a package may be at the top of a
/// root, where no other name goes before it.
fn add(names: &mut Names, path: &RepoPath) {
    let stem = path.name_str().split('.').next().unwrap_or_default();
    let mut above = path.folders().map(|it| it.name_str().to_owned());
    let folder = above.next().unwrap_or_default();
    if stem == "__init__" {
        let package = above.next().unwrap_or_default();
        names.entry(String::new()).or_default().insert(folder.clone());
        names.entry(package).or_default().insert(folder);
    } else {
        names.entry(folder).or_default().insert(stem.to_owned());
    }
}

/// Returns the groups of words that have one of these names, wherever it stands.
pub(super) fn anywhere(names: BTreeSet<String>) -> impl Iterator<Item = Vec<u32>> {
    groups(names, [Stand::Said, Stand::Passed, Stand::Ended, Stand::Imported])
}

/// As [`anywhere`], but for imports: whether these lead elsewhere is asked of the imports themselves.
fn beside(names: BTreeSet<String>) -> impl Iterator<Item = Vec<u32>> {
    groups(names, [Stand::Said, Stand::Passed, Stand::Ended])
}

fn groups<const COUNT: usize>(
    names: BTreeSet<String>,
    stands: [Stand; COUNT],
) -> impl Iterator<Item = Vec<u32>> {
    let names = names.into_iter().filter(|it| !it.is_empty());
    names.flat_map(move |name| stands.map(|stand| Wanted::group(stand, name.as_bytes())))
}

/// Returns what imports call something by `as`, anywhere, in order.
pub(super) fn aliases<'a>(places: &Places<'a>) -> Vec<(&'a str, &'a str)> {
    let of_file = |file: &'a Arc<FileFacts>| {
        let mut aliases: Vec<(&str, &str)> = Vec::new();
        for import in &file.imports {
            match &import.target {
                Target::Module { asname: Some(alias) } => {
                    aliases.push((import.module.rsplit('.').next().unwrap_or_default(), alias));
                }
                Target::Names(names) => {
                    let renamed =
                        names.iter().filter_map(|it| Some((&*it.name, it.asname.as_deref()?)));
                    aliases.extend(renamed.filter(|(name, alias)| name != alias));
                }
                Target::Module { asname: None } | Target::Star | Target::Call { .. } => {}
            }
        }
        aliases
    };
    let files: Vec<_> = places.before.files().values().collect();
    let files = files.into_par_iter().filter(|it| it.asks.may_have(Asked::ALIAS));
    let mut aliases: Vec<_> = files.flat_map_iter(of_file).collect();
    aliases.par_sort_unstable();
    aliases.dedup();
    aliases
}

/// Adds what these names are called by `as`, and what that is called. The aliases are in order.
pub(super) fn with_aliases(
    mut names: BTreeSet<String>,
    aliases: &[(&str, &str)],
) -> BTreeSet<String> {
    let mut open: Vec<String> = names.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let from = aliases.partition_point(|(it, _)| *it < name.as_str());
        let own = aliases[from..].iter().take_while(|(it, _)| *it == name);
        for (_, alias) in own {
            if names.insert((*alias).to_owned()) {
                open.push((*alias).to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::chain;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(chain(text), expected, "{text}");
    }

    #[test]
    fn a_chain_begins_with_a_name() {
        check("f(a.b", &["a", "b"]);
        check("x = (a)\\\n .b", &["a", "b"]);
        check("x[0]", &[""]);
        check("", &[""]);
    }
}
