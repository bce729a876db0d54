//! What the code imports, beside what is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::wanted::{List, Wanted};
use crate::facts::{self, Found};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::is_stdlib;
use crate::steps::packages::is_test;
use crate::steps::{Stage, StepError, edits};
use crate::text::requirement::{Requirement, normalised};

/// Distributions that are used without being imported: plugins, stubs, what builds.
const SILENT: [&str; 12] = [
    "pytest-",
    "types-",
    "flake8-",
    "sphinx",
    "mkdocs-",
    "pylint-",
    "mypy-",
    "setuptools",
    "wheel",
    "pip",
    "build",
    "tox-",
];

/// Returns requirements for what is imported and that nothing declares, and says of which modules the
/// distribution is not known. Tests and optional imports ask for nothing.
pub(super) fn missing(stage: &mut Stage<'_>, only: &dyn Fn(&str) -> bool) -> Vec<Wanted> {
    let mut modules: BTreeMap<String, (RepoPath, u32)> = BTreeMap::new();
    for (path, file) in stage.facts.files() {
        if is_test(path) || stage.facts.is_archived(path) {
            continue;
        }
        for import in file.imports.iter().filter(|it| !it.optional && !it.type_checking) {
            let top = import.module.split('.').next().unwrap_or_default();
            if stage.facts.find(path, import.level, &import.module) == Found::Undeclared {
                modules.entry(top.to_owned()).or_insert_with(|| (path.clone(), import.line));
            }
        }
    }
    let mut wanted = Vec::new();
    for (module, (file, line)) in modules {
        let known = facts::distributions_of(&module);
        match (known.as_slice(), Requirement::parse(known.first().unwrap_or(&""))) {
            ([_], Some(requirement)) => {
                if only(&normalised(&requirement.name)) {
                    let text = requirement.name.clone();
                    wanted.push(Wanted { requirement, file, line, text, bound: false });
                }
            }
            (several, _) => {
                let what = format!("imports `{module}`, and no requirement is known to install it");
                let finding = Finding::warning(Some(file), what).at_line(line);
                stage.tell(match several {
                    [] => finding,
                    several => finding.with_hint(format!("it may be {}", several.join(" or "))),
                });
            }
        }
    }
    wanted
}

/// Returns the texts of the requirements that nothing imports or names.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn unused(
    stage: &mut Stage<'_>,
    list: &List,
    only: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>, StepError> {
    let mut imported = BTreeSet::new();
    for file in stage.facts.files().values() {
        let tops = file.imports.iter().filter_map(|it| it.module.split('.').next());
        imported.extend(tops.map(str::to_lowercase));
    }
    let target = stage.facts.target();
    let mut open: BTreeMap<String, (&Wanted, BTreeSet<String>)> = BTreeMap::new();
    let mut standard: BTreeMap<String, &Wanted> = BTreeMap::new();
    for wanted in list.there.iter().map(|(it, _)| it).chain(&list.new) {
        let name = normalised(&wanted.requirement.name);
        let mut modules = facts::modules_of(&name);
        let silent = SILENT.iter().any(|it| name.starts_with(it)) || name.ends_with("-stubs");
        if !only(&name) || silent {
            continue;
        }
        if modules.iter().all(|it| is_stdlib(it, target)) {
            standard.insert(wanted.text.clone(), wanted);
        } else if modules.is_disjoint(&imported) {
            modules.insert(name);
            open.insert(wanted.text.clone(), (wanted, modules));
        }
    }
    for (path, entry) in stage.tree.entries() {
        if open.is_empty() {
            break;
        }
        if !entry.mode.is_file()
            || !edits::is_editable(stage.context, path)
            || facts::lists_requirements(path)
            || matches!(path.extension(), "md" | "rst" | "lock")
        {
            continue;
        }
        let bytes = stage.tree.read(path)?;
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let is_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
        let text = text.to_lowercase();
        let words: BTreeSet<&str> = text.split(|it| !is_word(it)).collect();
        open.retain(|_, (_, modules)| !modules.iter().any(|it| words.contains(it.as_str())));
    }
    let open = open.into_iter().map(|(text, (it, _))| (text, it, "nothing imports or names it"));
    let standard = standard.into_iter().map(|(text, it)| (text, it, "it comes with Python"));
    let mut gone = Vec::new();
    for (text, wanted, why) in standard.chain(open) {
        let what = format!("`{text}` goes: {why}");
        stage.tell(Finding::note(Some(wanted.file.clone()), what).at_line(wanted.line));
        gone.push(text);
    }
    Ok(gone)
}
