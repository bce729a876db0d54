//! Shims: modules that stay at an old place and hand on whatever the module at the new place has.
//!
//! A shim binds only names of its own, with an underscore, and answers every other one by its
//! `__getattr__` (PEP 562): so what it gives is always the very object of the new module, also where
//! that is made or replaced later. Type checkers read the star import, which never runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::packages::is_test;
use super::select::Unit;
use super::{Now, Past, Stage, StepError};
use crate::facts::{Facts, Found, Module};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Binding, FileFacts, Target};
use crate::tree::Mode;

/// What a playbook says of the shims of a step.
#[derive(Debug, Clone)]
pub(super) struct Shim {
    /// The version that will be without them.
    pub(super) removed_in: Option<String>,
}

impl Shim {
    /// Reads the fields `shim` and `removed-in`.
    ///
    /// # Errors
    /// When there is a version and no shim, or the version is more than a plain text.
    pub(super) fn of(shim: bool, removed_in: Option<&str>) -> Result<Option<Self>, StepError> {
        let Some(version) = removed_in else {
            return Ok(shim.then_some(Self { removed_in: None }));
        };
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "._+- ".contains(it);
        if !shim {
            Err(StepError::new("`removed-in` goes with `shim = true`"))
        } else if version.trim().is_empty() || !version.chars().all(is_plain) {
            Err(StepError::new(format!("`{version}` is no version")))
        } else {
            Ok(Some(Self { removed_in: Some(version.to_owned()) }))
        }
    }

    /// Says, in a sentence that goes on, when the shim will be gone.
    pub(super) fn end(&self) -> String {
        let end = self.removed_in.as_ref();
        end.map_or_else(String::new, |it| format!(", and will be removed in {it}"))
    }

    /// Leaves a shim at the old place of each module that moved, `files` old → new, once everything
    /// else of the move is done.
    ///
    /// # Errors
    /// When a file cannot be read, or Python would not find a shim or what it stands for.
    pub(super) fn leave(
        &self,
        stage: &mut Stage<'_>,
        files: &BTreeMap<RepoPath, RepoPath>,
    ) -> Result<(), StepError> {
        let modules: Vec<_> = files.iter().filter(|(from, _)| is_wanted(from)).collect();
        // They stand there before anybody asks what they see: their folders may have been empty.
        for (from, _) in &modules {
            stage.tree.write((*from).clone(), Mode::File, *b"");
        }
        let context = stage.context;
        let after = stage.facts.index_again(&stage.tree, &context.settings, &context.memo)?;
        for (from, to) in modules {
            if stage.facts.names_of(from).is_empty() {
                stage.tree.remove(from);
                let message = "leaves no shim, for no import could find it";
                stage.tell(Finding::note(Some(to.clone()), message));
                continue;
            }
            let is_found = !after.names_of(from).is_empty();
            let Some(module) = after.name_for(from, to).filter(|_| is_found) else {
                let message = format!("a shim at `{from}` could not hand on `{to}`");
                let hint = "Python finds only one of a module, a package and a folder of one name";
                return Err(StepError::new(message).with_hint(hint));
            };
            let script = is_script(stage, from, to).then_some(to);
            if script.is_some() {
                let message = format!("started as a script, the shim only tells of `{to}`");
                stage.tell(Finding::warning(Some(from.clone()), message));
            }
            let text = self.text(&module, &own_names(after.files().get(to)), script);
            stage.tree.write(from.clone(), Mode::File, text.into_bytes());
        }
        Ok(())
    }

    /// Writes a shim for `module`, which calls modules of Python, and that one, by the names `own`. One
    /// that may be started fails then, and tells of `script`. What an `import` statement binds may be
    /// something of the same name that the package has, so it is not used. What Python itself keeps in
    /// a module is not handed on: it is looked for in all of them.
    fn text(&self, module: &str, own: &[String; 4], script: Option<&RepoPath>) -> String {
        let [importlib, typing, warnings, moved] = own;
        let end = self.end();
        let script = script.map_or_else(String::new, |path| {
            let message = format!("this is `{path}` now");
            format!("if __name__ == \"__main__\":\n    raise SystemExit({message:?})\n\n")
        });
        format!(
            r#""""This module is now `{module}`{end}."""

{script}import importlib as {importlib}
import typing as {typing}
import warnings as {warnings}

{moved} = {importlib}.import_module("{module}")

if {typing}.TYPE_CHECKING:
    from {module} import *  # noqa: F403


def __getattr__(name: str) -> {typing}.Any:
    if name in ("__path__", "__warningregistry__"):
        raise AttributeError(name)
    if name == "__all__" and not hasattr({moved}, name):
        return [it for it in vars({moved}) if not it.startswith("_")]
    value = getattr({moved}, name)
    {warnings}.warn(
        f"`{{__name__}}` is now `{module}`{end}",
        DeprecationWarning,
        stacklevel=2,
    )
    return value


def __dir__() -> {typing}.List[str]:
    return dir({moved})
"#
        )
    }
}

/// Tells whether a file is a module that others may import by its name. What pytest collects is
/// not, and a stub says nothing that the stub at the new place does not say.
fn is_wanted(path: &RepoPath) -> bool {
    path.extension() == "py" && path.name() != b"conftest.py" && !is_test(path)
}

/// Tells whether something starts the file that moved, or it is made to be started.
fn is_script(stage: &Stage<'_>, from: &RepoPath, to: &RepoPath) -> bool {
    let has_main = stage.facts.files().get(from).is_some_and(|it| it.main_guard);
    let mode = stage.tree.entry(to).map(|it| it.mode);
    has_main || mode == Some(Mode::Executable) || !stage.facts.commands_of(from).is_empty()
}

/// Chooses the names that a shim binds, none of which the module behind it may have.
fn own_names(module: Option<&Arc<FileFacts>>) -> [String; 4] {
    ["importlib", "typing", "warnings", "moved"].map(|word| {
        let mut name = format!("_{word}");
        while module.is_some_and(|it| it.names.bound.contains_key(&name)) {
            name.push('_');
        }
        name
    })
}

/// Leaves alone what stands at the old places of units because they have moved already; `place` tells
/// where a unit goes.
pub(super) fn drop_from(
    stage: &Stage<'_>,
    units: &mut Vec<Unit>,
    place: impl Fn(&Unit) -> Option<RepoPath>,
) {
    for unit in units.iter_mut() {
        let Some(to) = place(unit) else { continue };
        let from = unit.path.clone();
        unit.files.retain(|it| !stands_for(&stage.facts, &stage.past, it, it.rebase(&from, &to)));
    }
    units.retain(|it| !it.files.is_empty());
}

/// Takes back that shims stand at or below `from` for what moved to `to`.
pub(super) fn take_back(past: &mut Past, now: &Now<'_>, from: &RepoPath, to: &RepoPath) {
    for (path, _) in now.tree.under(from) {
        if stands_for(now.facts, past, path, path.rebase(from, to)) {
            past.lift(path);
        }
    }
}

/// Tells whether the file at `from` is a shim for what moved to `to`, wherever later steps of the
/// playbook, which `past` tells of, have put that.
fn stands_for(facts: &Facts, past: &Past, from: &RepoPath, to: Option<RepoPath>) -> bool {
    let Some((file, to)) = facts.files().get(from).zip(to) else { return false };
    let defines = |binding: &Binding| matches!(binding, Binding::Definition { .. });
    let mut defined = file.names.bound.iter().filter(|(_, it)| it.iter().any(defines));
    let to = past.went(&to).unwrap_or(&to);
    let hands_on = file.imports.iter().any(|it| {
        matches!(it.target, Target::Call { .. })
            && facts.find(from, it.level, &it.module) == Found::Module(Module::File(to.clone()))
    });
    hands_on
        && file.names.bound.contains_key("__getattr__")
        && defined.all(|(name, _)| name.starts_with('_'))
}
