//! Who takes a name from a module that has it by an import only: `b.c.f` where `b` says
//! `from a import c`. Such a name is not renamed: no import of theirs tells that they use it.
//!
//! Told from words: whoever gets at a module somehow, and says the name as an attribute or in a
//! string, may take it from there.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::documents::is_document;
use super::places::{Places, found};
use super::used::{anywhere, own_name, with_aliases};
use super::view::View;
use crate::facts::Module;
use crate::facts::references::{Sieve, Wanted, is_changelog};
use crate::path::RepoPath;
use crate::python::Target;
use crate::text::Text;
use crate::tree::ReadError;

/// What the files of a tree take from others under the old names of what moved.
#[derive(Debug, Default)]
pub(super) struct Takers<'a> {
    /// The files that say a name as an attribute or in a string, by the name.
    sayers: BTreeMap<String, Vec<Sieve>>,
    /// What `from` imports take, as name and file, but for what a file takes from itself.
    imported: BTreeSet<(String, RepoPath)>,
    /// What imports call something by `as`, in order.
    aliases: Vec<(&'a str, &'a str)>,
}

impl<'a> Takers<'a> {
    /// Finds who takes something under a name that a module of `places` had.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn of(
        places: &Places<'a>,
        aliases: Vec<(&'a str, &'a str)>,
    ) -> Result<Self, ReadError> {
        let moves = places.moves;
        let modules = moves.modules.keys().filter_map(|it| it.rsplit('.').next());
        let names = moves.paths.keys().map(own_name).chain(modules.map(str::to_owned));
        let names: BTreeSet<String> = names.filter(|it| !it.is_empty()).collect();
        let wanted = Wanted::any_of(anywhere(names.clone()));
        let tree = places.tree_before;
        let files = tree.entries().iter().filter(|(path, entry)| {
            let talks = is_document(path) || is_changelog(path);
            entry.mode.is_file() && (places.before.files().contains_key(*path) || !talks)
        });
        let files: Vec<&RepoPath> = files.map(|(path, _)| path).collect();
        let said = files.into_par_iter().map(|path| {
            let sieve = places.before.sieve(tree, path)?;
            let said = match wanted.may_be_in(&sieve) {
                true => said(places, path, &names)?,
                false => BTreeSet::new(),
            };
            Ok((sieve, said))
        });
        let mut sayers: BTreeMap<String, Vec<Sieve>> = BTreeMap::new();
        for (sieve, said) in said.collect::<Result<Vec<_>, ReadError>>()? {
            for name in said {
                sayers.entry(name).or_default().push(sieve.clone());
            }
        }
        Ok(Self { sayers, imported: imported(places, &names), aliases })
    }

    /// Tells whether some file may take this name from the module of a view.
    pub(super) fn take(&self, view: &View<'_>, name: &str) -> bool {
        let owner = with_aliases(BTreeSet::from([own_name(&view.old)]), &self.aliases);
        let owner = Wanted::any_of(anywhere(owner));
        let mut sayers = self.sayers.get(name).into_iter().flatten();
        self.imported.contains(&(name.to_owned(), view.old.clone()))
            || sayers.any(|it| it.has_odd_names() || owner.may_be_in(it))
    }
}

/// Returns what other files take from a file by these names.
fn imported(places: &Places<'_>, names: &BTreeSet<String>) -> BTreeSet<(String, RepoPath)> {
    let mut taken = BTreeSet::new();
    for (path, file) in places.before.files() {
        for import in &file.imports {
            let (Target::Names(all) | Target::Call { names: all, .. }) = &import.target else {
                continue;
            };
            let mut all = all.iter().filter(|it| names.contains(&it.name)).peekable();
            if all.peek().is_none() {
                continue;
            }
            let module = found(places.before, path, import.level, &import.module);
            let Some(Module::File(from)) = module.filter(|it| *it != Module::File(path.clone()))
            else {
                continue;
            };
            taken.extend(all.map(|it| (it.name.clone(), from.clone())));
        }
    }
    taken
}

/// Returns those of `names` that a file says as an attribute or in a string, beside its imports.
fn said(
    places: &Places<'_>,
    path: &RepoPath,
    names: &BTreeSet<String>,
) -> Result<BTreeSet<String>, ReadError> {
    let bytes = places.tree_before.read(path)?;
    let file = places.before.files().get(path);
    let text = match file {
        Some(_) => Text::decode_python(&bytes).ok(),
        None => Text::decode_utf8(&bytes),
    };
    let source = text.as_ref().map_or("", Text::source);
    let imports = file.into_iter().flat_map(|it| &it.imports);
    let imports = imports.filter(|it| !matches!(it.target, Target::Call { .. }));
    let imports: BTreeMap<usize, usize> =
        imports.map(|it| (it.statement.start, it.statement.end)).collect();
    let in_import = |at: usize| imports.range(..=at).next_back().is_some_and(|(_, end)| at < *end);
    let is_letter = |it: char| it == '_' || it.is_alphanumeric();
    let is_said = |name: &&String| {
        source.match_indices(name.as_str()).any(|(at, _)| {
            let (before, behind) = (&source[..at], &source[at + name.len()..]);
            let dotted =
                before.trim_end_matches(|it: char| it == '\\' || it.is_whitespace()).ends_with('.');
            (dotted || before.ends_with([':', '"', '\'']))
                && !behind.starts_with(is_letter)
                && !in_import(at)
        })
    };
    Ok(names.iter().filter(is_said).cloned().collect())
}
