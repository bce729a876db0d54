//! What a pattern takes of a tree: files, and folders as one unit.
//!
//! Archives and virtual environments are never looked into; what the playbook keeps, and
//! submodules, are left alone and named.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::FROZEN;
use super::packages::stub_of;
use super::{Stage, StepError, place};
use crate::path::{Pattern, RepoPath};
use crate::tree::{Mode, Tree};

/// A file, or a folder with all that the step may take of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// The file or the folder.
    pub(super) path: RepoPath,
    /// Whether it is a folder.
    pub(super) folder: bool,
    /// The files to take, in order.
    pub(super) files: Vec<RepoPath>,
}

/// What wildcards leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spare {
    /// Nothing.
    Nothing,
    /// `__init__.py` and `conftest.py`: they belong to their folder.
    FolderFiles,
}

/// The folders that no pattern looks into.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    archives: Vec<RepoPath>,
    environments: BTreeSet<RepoPath>,
}

impl Closed {
    /// Finds the archives and the virtual environments of a tree.
    pub(super) fn of(stage: &Stage<'_>) -> Self {
        let markers = stage.tree.entries().keys().filter(|it| it.name() == b"pyvenv.cfg");
        let environments = markers.filter_map(RepoPath::parent).filter(|it| !it.is_root());
        Self { archives: stage.context.settings.skip.clone(), environments: environments.collect() }
    }

    /// Tells whether `path` is an archive or lies in one.
    pub(super) fn in_archive(&self, path: &RepoPath) -> bool {
        self.archives.iter().any(|it| path.is_under(it))
    }

    /// Tells whether `path` lies in a virtual environment; the environment itself does not.
    fn in_environment(&self, path: &RepoPath) -> bool {
        path.folders().any(|it| self.environments.contains(&it))
    }

    /// Tells whether a pattern may see `path`.
    pub(super) fn sees(&self, path: &RepoPath) -> bool {
        !self.in_archive(path) && !self.in_environment(path)
    }
}

/// Returns what `pattern` matches, whether or not the step may take it: outermost folders, and files
/// below none of them, in order of path.
///
/// # Errors
/// When a literal pattern leads through a link or into a submodule.
pub(super) fn matches(
    tree: &Tree,
    closed: &Closed,
    pattern: &Pattern,
    spare: Spare,
) -> Result<Vec<RepoPath>, StepError> {
    if let Some(path) = pattern.literal() {
        place::reachable(tree, path)?;
        let found = tree.exists(path) && closed.sees(path);
        return Ok(if found { vec![path.clone()] } else { Vec::new() });
    }
    let folder_file =
        |path: &RepoPath| matches!(path.name(), b"__init__.py" | b"__init__.pyi" | b"conftest.py");
    let mut seen: BTreeMap<RepoPath, bool> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for path in tree.entries().keys() {
        let mut folders: Vec<RepoPath> = path.folders().filter(|it| !it.is_root()).collect();
        folders.reverse();
        let mut taken = |folder: &RepoPath| {
            *seen
                .entry(folder.clone())
                .or_insert_with(|| pattern.matches(folder) && closed.sees(folder))
        };
        let outermost = folders.into_iter().find(|it| taken(it));
        if let Some(folder) = outermost {
            found.insert(folder);
        } else if pattern.matches(path) && closed.sees(path) {
            let spared = spare == Spare::FolderFiles && folder_file(path);
            found.extend((!spared).then(|| path.clone()));
        }
    }
    Ok(found.into_iter().collect())
}

/// Adds the stubs that stand beside matched modules: they go where their modules go.
pub(super) fn add_stubs(tree: &Tree, paths: &mut BTreeSet<RepoPath>) {
    let stubs = paths.iter().filter(|it| tree.entry(it).is_some()).filter_map(stub_of);
    let stubs: Vec<RepoPath> = stubs.filter(|it| tree.entry(it).is_some()).collect();
    paths.extend(stubs);
}

/// Makes units of matched paths. What is kept, frozen or a submodule is left alone, the rest of its
/// folder is not; a path below another one belongs to that one.
pub(super) fn units(
    stage: &mut Stage<'_>,
    closed: &Closed,
    paths: &BTreeSet<RepoPath>,
) -> Vec<Unit> {
    let outer = paths.iter().filter(|path| !path.folders().any(|it| paths.contains(&it)));
    let mut found = Vec::new();
    for path in outer {
        let folder = stage.tree.entry(path).is_none();
        let below = stage.tree.under(path).filter(|(it, _)| !closed.in_archive(it));
        let below: Vec<(RepoPath, Mode)> =
            below.map(|(path, entry)| (path.clone(), entry.mode)).collect();
        let mut spared: BTreeMap<&'static str, BTreeSet<RepoPath>> = BTreeMap::new();
        let mut files = Vec::new();
        for (file, mode) in below {
            match reason_to_spare(stage, &file, mode) {
                Some(reason) => drop(spared.entry(reason).or_default().insert(file)),
                None => files.push(file),
            }
        }
        for (reason, spared) in spared {
            for path in outermost(&stage.tree, path, &spared) {
                stage.leave(&path, reason);
            }
        }
        if !files.is_empty() {
            found.push(Unit { path: path.clone(), folder, files });
        }
    }
    found
}

/// Says why a step may not take a file that it matched.
fn reason_to_spare(stage: &Stage<'_>, path: &RepoPath, mode: Mode) -> Option<&'static str> {
    if mode == Mode::Submodule {
        Some("a submodule is another repository")
    } else if stage.context.frozen.covers(path) {
        Some(FROZEN)
    } else if stage.context.keep.covers(path) {
        Some("`[keep] paths` keeps it")
    } else if stage.past.came(path) {
        Some("a later step puts it there")
    } else {
        None
    }
}

/// Returns the fewest paths at or below `top` that name exactly these files.
fn outermost(tree: &Tree, top: &RepoPath, files: &BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
    let whole = |folder: &RepoPath| tree.under(folder).all(|(it, _)| files.contains(it));
    let above = |file: &RepoPath| {
        let folders = file.folders().take_while(|it| it.is_under(top) && !it.is_root());
        folders.take_while(|it| whole(it)).last().unwrap_or_else(|| file.clone())
    };
    files.iter().map(above).collect()
}
