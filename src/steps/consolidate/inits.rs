//! `__init__` files of a folder that is folded into another: which of two yields, and where the
//! names are that were imported from the one that did.

use std::collections::BTreeMap;

use crate::facts::{Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Getattr};
use crate::steps::module::dotted_name;
use crate::steps::relocate::Relocation;
use crate::steps::used_names::{is_submodule, used_names};
use crate::steps::{Stage, StepError, packages};

/// A name of a module, by dotted name → where it is instead.
type Names = BTreeMap<(String, String), (String, String)>;

/// Tells whether an `__init__` is empty or only a docstring.
pub(super) fn says_nothing(stage: &Stage<'_>, init: &RepoPath) -> Result<bool, StepError> {
    Ok(packages::says_nothing(&stage.tree.read(init)?))
}

/// Tells whether an `__init__` is empty, only a docstring, or only re-exports its own folder.
pub(super) fn says_only_its_folder(stage: &Stage<'_>, init: &RepoPath) -> Result<bool, StepError> {
    let only_exports = || {
        let facts = stage.facts.files().get(init)?;
        Some(binds_only_imports(facts) && imports_only_its_folder(stage, init, facts)?)
    };
    Ok(says_nothing(stage, init)? || only_exports().unwrap_or(false))
}

fn binds_only_imports(facts: &FileFacts) -> bool {
    let names = &facts.names;
    let open = names.open
        || names.getattr != Getattr::Absent
        || !names.made.is_empty()
        || names.path_changed
        || names.registers;
    let reaches_out = !names.modules.is_empty() || !names.given.is_empty();
    !open
        && !reaches_out
        && names.bound.iter().all(|(name, bindings)| {
            name == "__all__" || bindings.iter().all(|it| matches!(it, Binding::Import { .. }))
        })
}

fn imports_only_its_folder(stage: &Stage<'_>, init: &RepoPath, facts: &FileFacts) -> Option<bool> {
    let folder = init.parent()?;
    Some(facts.imports.iter().all(|import| {
        match stage.facts.find(init, import.level, &import.module) {
            Found::Module(Module::File(path)) => path.is_under(&folder),
            Found::Module(Module::Namespace(portions)) => {
                portions.iter().all(|it| it.is_under(&folder))
            }
            Found::Stdlib
            | Found::ThirdParty
            | Found::Undeclared
            | Found::Missing { .. }
            | Found::Assumed => false,
        }
    }))
}

/// Returns where the names are that somebody takes of `init`, which yields to `other`: the module
/// that defines each, at its new place. What `other` offers itself is none of them.
pub(super) fn names(
    stage: &Stage<'_>,
    init: &RepoPath,
    other: &RepoPath,
    relocation: &Relocation,
) -> Result<Names, StepError> {
    let mut found = BTreeMap::new();
    let leaving = |path: &RepoPath| relocation.archived.contains(path) || path == init;
    for (name, (user, line)) in used_names(stage, init, &leaving)? {
        if stage.facts.member(&Module::File(other.clone()), &name) != Member::Missing {
            continue;
        }
        let place = |file: &RepoPath| dotted_name(stage, relocation.place_of(file));
        let member = stage.facts.member(&Module::File(init.clone()), &name);
        let now = match &member {
            _ if is_submodule(&member, init, &name) => continue,
            Member::Definition { file, name: own } => place(file).map(|it| (it, own.clone())),
            Member::Module(Module::File(file)) => place(file).and_then(|it| {
                it.rsplit_once('.').map(|(above, last)| (above.to_owned(), last.to_owned()))
            }),
            Member::Module(Module::Namespace(_)) | Member::External | Member::Assumed => None,
            // It is missing today.
            Member::Missing => continue,
        };
        let Some(now) = now else {
            let message =
                format!("`{other}` does not define `{name}`, which others take from `{init}`");
            let hint = format!("`{user}:{line}` uses `{name}`");
            return Err(StepError::new(message).with_hint(hint));
        };
        for old in stage.facts.names_of(init) {
            found.insert((old, name.clone()), now.clone());
        }
    }
    Ok(found)
}
