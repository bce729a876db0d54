//! What a script loads by way of its own folder: these files have that folder on the path, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::table::{FolderId, Step, Table};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};

/// Returns the files that a script, and what it loads, finds in or below its folder.
pub(super) fn loaded(
    table: &Table,
    files: &BTreeMap<RepoPath, Arc<FileFacts>>,
    script: &RepoPath,
) -> BTreeSet<RepoPath> {
    let mut found = BTreeSet::new();
    let Some(root) = script.parent() else { return found };
    let mut open = vec![script.clone()];
    while let Some(file) = open.pop() {
        let imports = files.get(&file).into_iter().flat_map(|facts| &facts.imports);
        for import in imports.filter(|it| !it.type_checking) {
            let Some(start) = start(&root, &file, import.level) else { continue };
            let start = table.id(&start).into_iter().collect();
            let reached = reached(table, start, import);
            let new = reached.into_iter().filter(|it| it != script);
            open.extend(new.filter(|it| found.insert(it.clone())));
        }
    }
    found
}

/// Returns the folder that an import counts from: of an absolute one the root, which is no package in
/// such a run.
fn start(root: &RepoPath, file: &RepoPath, level: u32) -> Option<RepoPath> {
    let above = usize::try_from(level).ok()?.checked_sub(1);
    let Some(above) = above else { return Some(root.clone()) };
    file.folders().nth(above).filter(|it| it.is_under(root) && it != root)
}

/// Returns the files that an import runs.
fn reached(table: &Table, start: Vec<FolderId>, import: &Import) -> Vec<RepoPath> {
    let mut reached = Vec::new();
    let parts = import.module.split('.').filter(|it| !it.is_empty());
    let within = parts.fold(start, |folders, part| go(table, &folders, part, &mut reached));
    if let Target::Names(names) = &import.target {
        for name in names {
            go(table, &within, &name.name, &mut reached);
        }
    }
    reached
}

/// Goes one part further along a name; returns the folders in which it goes on.
fn go(
    table: &Table,
    folders: &[FolderId],
    part: &str,
    reached: &mut Vec<RepoPath>,
) -> Vec<FolderId> {
    match table.step(folders, part) {
        Step::Package(folder, init) => {
            reached.push(init);
            vec![folder]
        }
        Step::Module(file) => {
            reached.push(file);
            Vec::new()
        }
        Step::Namespace(portions) => portions,
        Step::Opaque | Step::Nothing => Vec::new(),
    }
}
