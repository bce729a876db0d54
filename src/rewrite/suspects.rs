//! Which files may have to be edited? Told from names alone, so that of a large tree only what may
//! be concerned is resolved.

use std::collections::BTreeSet;

use super::places::Places;
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};

/// The names by which something that moved can be spoken of.
#[derive(Debug)]
pub(super) struct Names {
    /// Last parts of what moved or came: an import that leads there has one.
    own: BTreeSet<String>,
    /// Names of the packages above it, and what imports call them: a use such as `a.b.f` may begin
    /// there.
    above: BTreeSet<String>,
    /// The `__init__` of a package moved, which `from . import f` names without a name.
    packages: bool,
}

impl Names {
    /// Collects the names of what moved.
    pub(super) fn of(places: &Places<'_>) -> Self {
        let mut names = Self { own: BTreeSet::new(), above: BTreeSet::new(), packages: false };
        for (old, new) in &places.moves.paths {
            names.add(old);
            names.add(new);
        }
        for (old, new) in &places.moves.folders {
            names.own.extend([old.name_str().to_owned(), new.name_str().to_owned()]);
        }
        let modules = places.moves.modules.keys();
        for dotted in modules.chain(places.moves.names.keys().map(|(module, _)| module)) {
            let mut parts = dotted.split('.').map(str::to_owned);
            names.own.extend(parts.next_back());
            names.above.extend(parts);
        }
        names.own.extend(places.moves.names.keys().map(|(_, name)| name.clone()));
        names.follow_aliases(places);
        names
    }

    fn add(&mut self, path: &RepoPath) {
        let stem = path.name_str().split('.').next().unwrap_or_default();
        let mut folders = path.folders();
        if stem == "__init__" {
            self.packages = true;
            self.own.extend(folders.next().map(|it| it.name_str().to_owned()));
        } else {
            self.own.insert(stem.to_owned());
        }
        self.above.extend(folders.map(|it| it.name_str().to_owned()).filter(|it| !it.is_empty()));
    }

    /// Adds what imports call these packages by `as`, anywhere.
    fn follow_aliases(&mut self, places: &Places<'_>) {
        let mut aliases: Vec<(&str, &str)> = Vec::new();
        for import in places.before.files().values().flat_map(|it| &it.imports) {
            match &import.target {
                Target::Module { asname: Some(alias) } => {
                    aliases.push((import.module.rsplit('.').next().unwrap_or_default(), alias));
                }
                Target::Names(names) => {
                    let renamed =
                        names.iter().filter_map(|it| Some((&*it.name, it.asname.as_deref()?)));
                    aliases.extend(renamed.filter(|(name, alias)| name != alias));
                }
                Target::Module { asname: None } | Target::Star | Target::Call => {}
            }
        }
        let mut grew = true;
        while grew {
            let count = self.above.len();
            for (name, alias) in &aliases {
                if self.above.contains(*name) || self.own.contains(*name) {
                    self.above.insert((*alias).to_owned());
                }
            }
            grew = self.above.len() > count;
        }
    }

    /// Tells whether an import or a string of this file may speak of what moved.
    pub(super) fn concern(&self, file: &FileFacts) -> bool {
        let quoted = file.snippets.iter().flat_map(|it| &it.imports);
        let mut imports = file.imports.iter().chain(quoted);
        imports.any(|it| self.concern_import(it))
            || file
                .literals
                .iter()
                .any(|it| it.text.split(['.', ':']).any(|it| self.own.contains(it)))
            || self.concerns_all(file)
            || !file.listings.is_empty()
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
                Target::Call => false,
            }
    }

    /// Tells whether `__all__` lists something of that name.
    fn concerns_all(&self, file: &FileFacts) -> bool {
        match &file.names.all {
            crate::python::All::Absent => false,
            crate::python::All::Names(names) | crate::python::All::Dynamic(names) => {
                names.iter().any(|(name, _)| self.own.contains(name))
            }
        }
    }
}
