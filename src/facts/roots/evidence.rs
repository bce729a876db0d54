//! Roots that only the code tells of: nobody configures them, and every run puts them on the path.
//!
//! `backend/main.py` imports `routers`, and `backend/routers` is the only one there is: whoever runs
//! this has `backend` on the path, and `backend/routers/users.py` sees it, too. That holds only where
//! nobody outside asks for `routers`, for then the path is another one, or the import is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Map;
use super::super::table::{FolderId, Table};
use crate::path::RepoPath;
use crate::python::{self, Asked, FileFacts, Import, Target};

/// A folder that must be on the path: the file that says so, and the module that it imports.
#[derive(Debug)]
pub(super) struct Evidence {
    /// The folder.
    pub(super) folder: RepoPath,
    /// The importing file.
    pub(super) file: RepoPath,
    /// The top-level module.
    pub(super) module: String,
}

/// Looks for modules that are imported, that no root of the importing file has, and that stand in a
/// folder above it. `roots` has them by the path at or below which they are seen; `declared` holds
/// the modules of dependencies, in lower case.
pub(super) fn evidence(
    table: &Table,
    roots: &[(RepoPath, FolderId)],
    declared: &BTreeSet<String>,
    files: &BTreeMap<RepoPath, Arc<FileFacts>>,
) -> Vec<Evidence> {
    let is_elsewhere = |top: &str| {
        let library = (7..=14).any(|minor| python::is_stdlib(top, (3, minor)));
        let mut everywhere = roots.iter().filter(|(scope, _)| scope.is_root());
        library
            || declared.contains(&top.to_lowercase())
            || everywhere.any(|(_, root)| stands_in(table, *root, top))
    };
    let is_seen = |path: &RepoPath, top: &str| {
        let mut seen = roots.iter().filter(|(scope, _)| path.is_under(scope));
        seen.any(|(_, root)| stands_in(table, *root, top))
    };
    let mut found: BTreeMap<(RepoPath, &str), &RepoPath> = BTreeMap::new();
    let mut orphans: BTreeSet<&str> = BTreeSet::new();
    let names = names_below(table, roots);
    // Most files ask for none of them.
    let files = files.iter().filter(|(_, facts)| facts.asks.may_have_one_of(&names));
    let files: Vec<_> = files.collect();
    let asked = files.into_par_iter().map_init(Map::default, |known, (path, facts)| {
        let (mut last, mut met) = ("", Vec::new());
        let absolute = facts.imports.iter().filter(|it| it.level == 0 && !it.optional);
        for top in absolute.map(|import| first_part(&import.module)) {
            // Most imports begin as the one before.
            let again = std::mem::replace(&mut last, top) == top;
            if again || top.is_empty() || met.contains(&top) {
                continue;
            }
            if !*known.entry(top).or_insert_with(|| is_elsewhere(top)) {
                met.push(top);
            }
        }
        (path, facts, met)
    });
    for (path, facts, met) in asked.collect::<Vec<_>>() {
        for top in met {
            if is_seen(path, top) {
                continue;
            }
            match holder(table, path, top) {
                Some(folder) if leads_somewhere(table, &folder, top, facts) => {
                    found.entry((folder, top)).or_insert(path);
                }
                Some(_) => {}
                None => drop(orphans.insert(top)),
            }
        }
    }
    let sure = found.into_iter().filter(|((_, top), _)| !orphans.contains(top));
    sure.map(|((folder, top), file)| Evidence {
        folder,
        file: file.clone(),
        module: top.to_owned(),
    })
    .collect()
}

/// Returns the names of all that a file can have in a folder above it and in no root of all files: an
/// import of any other name is no evidence.
fn names_below(table: &Table, roots: &[(RepoPath, FolderId)]) -> BTreeSet<Asked> {
    let everywhere: BTreeSet<FolderId> =
        roots.iter().filter(|(scope, _)| scope.is_root()).map(|(_, root)| *root).collect();
    let folders = table.folders().map(|(id, _)| id);
    let folders = folders.filter(|it| !everywhere.contains(it) && !table.is_package(*it));
    let names = folders.flat_map(|it| table.children(it)).map(|(name, _)| Asked::of(name));
    names.collect()
}

/// Returns the nearest folder above `path`, no package, in which `top` stands.
fn holder(table: &Table, path: &RepoPath, top: &str) -> Option<RepoPath> {
    path.folders().find(|folder| {
        let id = table.id(folder).filter(|id| !table.is_package(*id));
        id.is_some_and(|id| stands_in(table, id, top))
    })
}

/// Tells whether the file finds a module from there: folders alone may have the name of anything.
fn leads_somewhere(table: &Table, folder: &RepoPath, top: &str, facts: &FileFacts) -> bool {
    let imports = facts.imports.iter().filter(|it| it.level == 0);
    let mut own = imports.filter(|it| first_part(&it.module) == top);
    table.id(folder).is_some_and(|folder| own.any(|it| ends_in_file(table, folder, it)))
}

fn ends_in_file(table: &Table, mut folder: FolderId, import: &Import) -> bool {
    for part in import.module.split('.') {
        let Some(child) = table.child(folder, part) else { return false };
        match child.folder {
            Some(below) if !table.is_package(below) && child.file().is_none() => folder = below,
            _ => return true,
        }
    }
    match &import.target {
        Target::Names(names) => names.iter().any(|it| stands_in(table, folder, &it.name)),
        Target::Module { .. } | Target::Star | Target::Call { .. } => true,
    }
}

/// Returns what stands before the first dot: asked of every import.
fn first_part(module: &str) -> &str {
    let end = module.bytes().position(|it| it == b'.');
    end.and_then(|end| module.get(..end)).unwrap_or(module)
}

fn stands_in(table: &Table, folder: FolderId, name: &str) -> bool {
    table.child(folder, name).is_some_and(|child| {
        let holds_python = |folder| table.folder(folder).holds_python;
        child.file().is_some() || child.folder.is_some_and(holds_python)
    })
}
