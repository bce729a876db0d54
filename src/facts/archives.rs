//! Archives: folders of what was removed, which nothing imports and nothing runs.
//!
//! A playbook names its own. Those of earlier runs are known by the folder that is used where none
//! is named, and by the `conftest.py` that a run puts into any other; but what is a package, or a
//! root, or imported by that name, is no archive.

use std::sync::Arc;

use rayon::prelude::*;

use super::survey::Configs;
use super::{Settings, config};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Listed, Target};
use crate::tree::{Tree, blob_id};

/// The archive that is used where a playbook names none.
pub const ARCHIVE: &str = "archive";

/// What keeps pytest out of an archive, whatever its configuration, and tells that it is one.
pub const NO_TESTS: &str =
    "# What is archived here is no test of this repository.\ncollect_ignore_glob = [\"*\"]\n";

/// Returns the folders that may be archives of earlier runs, as far as the listing tells.
pub(super) fn found(tree: &Tree, settings: &Settings) -> Vec<RepoPath> {
    let marker = blob_id(NO_TESTS.as_bytes());
    let marked = tree.entries().iter().filter(|(path, entry)| {
        path.name() == b"conftest.py" && entry.mode.is_file() && entry.id == marker
    });
    let marked = marked.filter_map(|(path, _)| path.parent());
    let usual = RepoPath::new(ARCHIVE).ok().filter(|it| tree.is_folder(it));
    let is_package = |folder: &RepoPath| {
        folder.child("__init__.py").is_ok_and(|init| tree.entry(&init).is_some())
    };
    let roots = settings.roots.iter().flatten();
    let is_root = |folder: &RepoPath| roots.clone().any(|root| root.is_under(folder));
    let mut found: Vec<RepoPath> = marked.chain(usual).collect();
    found.retain(|it| !it.is_root() && !is_package(it) && !is_root(it));
    found.sort();
    found.dedup();
    found
}

/// Tells whether these files, or what configures them, mean a folder: it is imported, or something puts
/// it on the path.
pub(super) fn is_live(
    folder: &RepoPath,
    files: &[(&RepoPath, &Arc<FileFacts>)],
    configs: &Configs,
) -> bool {
    let parts: Vec<_> = folder.parts().map(String::from_utf8_lossy).collect();
    // Any folder above may be a root.
    let names: Vec<String> = (0..parts.len()).map(|at| parts[at..].join(".")).collect();
    let is_in = |module: &str| {
        let rests = names.iter().filter_map(|name| module.strip_prefix(name.as_str()));
        rests.into_iter().any(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let imported = files.par_iter().any(|(path, facts)| {
        let listed = facts.listings.iter().any(|it| match &it.of {
            Listed::Package { level: 0, module } => is_in(module),
            Listed::Package { .. }
            | Listed::Folder { .. }
            | Listed::Named { .. }
            | Listed::Apps { .. }
            | Listed::Unknown => false,
        });
        let named = facts.imports.iter().any(|it| match it.level {
            0 => is_in(&it.module),
            level => relative(path, level, it).any(|to| to.is_under(folder)),
        });
        listed || named || facts.literals.iter().any(|it| it.module && is_in(&it.text))
    });
    let leads_in = |from: &RepoPath, to: &str| {
        config::join(from, to).is_some_and(|root| root.is_under(folder))
    };
    let configured = configs.iter().any(|(path, (_, config))| {
        let from = path.parent().unwrap_or_else(RepoPath::root);
        config.roots.iter().any(|(root, _)| leads_in(&from, root))
    });
    let inserted = files.iter().any(|(path, facts)| {
        let own = path.parent().unwrap_or_else(RepoPath::root);
        facts.path_inserts.iter().any(|it| match it.from_file {
            true => leads_in(&own, &it.folder),
            false => leads_in(&RepoPath::root(), &it.folder) || leads_in(&own, &it.folder),
        })
    });
    imported || configured || inserted
}

/// Returns the places that a relative import may lead to.
fn relative<'a>(
    file: &RepoPath,
    level: u32,
    import: &'a Import,
) -> impl Iterator<Item = RepoPath> + use<'a> {
    let above = usize::try_from(level).unwrap_or(usize::MAX).saturating_sub(1);
    let package = file.folders().nth(above);
    let below = import.module.replace('.', "/");
    let module = package.and_then(|it| config::join(&it, &below));
    let names = match &import.target {
        Target::Names(names) => names.as_slice(),
        Target::Module { .. } | Target::Star | Target::Call { .. } => &[],
    };
    let taken: Vec<RepoPath> = module
        .iter()
        .flat_map(|module| names.iter().filter_map(|it| module.child(&it.name).ok()))
        .collect();
    taken.into_iter().chain(module)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Memo};
    use crate::tree::Memory;

    /// Tells whether `archive/old/a.py` is looked into beside these files.
    fn check(files: &[(&str, &str)], folder: &str, is_archive: bool) {
        let old = format!("{folder}/old/a.py");
        let files = files.iter().copied().chain([(old.as_str(), "import old.gone\n")]);
        let tree = Tree::new(Memory::texts(files).unwrap());
        let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
        let path = RepoPath::new(&old).unwrap();
        let found = (facts.is_archived(&path), facts.files().contains_key(&path));
        assert_eq!(found, (is_archive, !is_archive), "{folder}");
    }

    #[test]
    fn what_was_removed_is_not_looked_into() {
        check(&[("app.py", "import os\n")], "archive", true);
        check(&[("attic/conftest.py", NO_TESTS)], "attic", true);
        check(&[("attic/conftest.py", "x = 1\n")], "attic", false);
        check(&[], "app/archive", false);
    }

    #[test]
    fn what_the_code_means_is_no_archive() {
        check(&[("archive/__init__.py", "")], "archive", false);
        check(&[("app.py", "from archive.old import a\n")], "archive", false);
        check(&[("app.py", "import archive\n")], "archive", false);
        check(&[("app.py", "import archived.old\n")], "archive", true);
        check(&[("pytest.ini", "[pytest]\npythonpath = archive\n")], "archive", false);
        check(&[("app.py", "import sys\nsys.path.insert(0, 'archive')\n")], "archive", false);
        let marked = |code| [("p/attic/conftest.py", NO_TESTS), ("p/m.py", code)];
        check(&marked("from .attic import old\n"), "p/attic", false);
        check(&marked("from . import attic\n"), "p/attic", false);
        check(&marked("import attic.old\n"), "p/attic", false);
        check(&marked("from .. import attic\n"), "p/attic", true);
    }
}
