//! `__init__` files of a folder that is folded into another: how much does one say?

use crate::facts::{Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Getattr, Import, Target};
use crate::steps::relocate::Relocation;
use crate::steps::{Stage, StepError, packages};

/// Tells whether an `__init__` is empty or only a docstring.
pub(super) fn says_nothing(stage: &Stage<'_>, init: &RepoPath) -> Result<bool, StepError> {
    Ok(packages::says_nothing(&stage.tree.read(init)?))
}

/// Tells whether an `__init__` only re-exports its own folder.
pub(super) fn only_exports(stage: &Stage<'_>, init: &RepoPath) -> bool {
    stage.facts.files().get(init).is_some_and(|facts| {
        binds_only_imports(facts) && imports_only_its_folder(stage, init, facts)
    })
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

fn imports_only_its_folder(stage: &Stage<'_>, init: &RepoPath, facts: &FileFacts) -> bool {
    let Some(folder) = init.parent() else { return false };
    facts.imports.iter().all(|import| match stage.facts.find(init, import.level, &import.module) {
        Found::Module(Module::File(path)) => path.is_under(&folder),
        Found::Module(Module::Namespace(portions)) => {
            portions.iter().all(|it| it.is_under(&folder))
        }
        Found::Stdlib
        | Found::ThirdParty
        | Found::Undeclared
        | Found::Missing { .. }
        | Found::Assumed => false,
    })
}

/// Tells whether the relative imports of two files of the same bytes lead to the same modules
/// afterwards.
pub(super) fn imports_the_same(
    stage: &Stage<'_>,
    file: &RepoPath,
    other: &RepoPath,
    relocation: &Relocation,
) -> bool {
    let Some(facts) = stage.facts.files().get(file) else { return true };
    let place = |module: &Module| match module {
        Module::File(path) => Module::File(relocation.place_of(path).clone()),
        Module::Namespace(_) => Module::Namespace(Vec::new()),
    };
    let led = |from: &RepoPath, import: &Import| {
        let Found::Module(module) = stage.facts.find(from, import.level, &import.module) else {
            return Vec::new();
        };
        let names = match &import.target {
            Target::Names(names) => names.as_slice(),
            Target::Module { .. } | Target::Star | Target::Call { .. } => &[],
        };
        let below = names.iter().filter_map(|it| match stage.facts.member(&module, &it.name) {
            Member::Module(below) => Some(place(&below)),
            Member::Definition { .. } | Member::External | Member::Assumed | Member::Missing => {
                None
            }
        });
        std::iter::once(place(&module)).chain(below).collect()
    };
    let mut relative = facts.imports.iter().filter(|it| it.level > 0);
    relative.all(|it| led(file, it) == led(other, it))
}
