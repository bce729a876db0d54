//! What Python would make of the new names, beyond whether imports resolve.

use std::collections::BTreeSet;

use super::Relocation;
use crate::facts::{Edge, Facts, Found};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Binding, Import, Target, is_identifier};
use crate::steps::packages::{double_of, is_init, is_python};
use crate::steps::{Stage, StepError, shadow};

/// Looks at a tree of which the files are in their new places.
pub(super) fn look(
    stage: &mut Stage<'_>,
    relocation: &Relocation,
    after: &Facts,
) -> Result<(), StepError> {
    importable(stage, relocation)?;
    is_one_module(stage, relocation)?;
    is_not_hidden(stage, relocation, after)?;
    shadow::check(stage, &relocation.files, after)?;
    loads_what_is_declared(stage, relocation, after);
    stage.warn_of_case(relocation.files.values());
    Ok(())
}

/// Refuses a new name that Python cannot import, where something that stays imports it.
fn importable(stage: &Stage<'_>, relocation: &Relocation) -> Result<(), StepError> {
    for edge in edges_to(&stage.facts, relocation) {
        let Some(to) = relocation.files.get(&edge.to) else { continue };
        let old: BTreeSet<&[u8]> = edge.to.parts().collect();
        let parts = to.parts().filter(|it| !old.contains(it));
        let bad = parts.map(|it| String::from_utf8_lossy(it)).find(|part| {
            let file = part.as_bytes() == to.name();
            let word = if file { to.stem() } else { part.as_ref() };
            !is_identifier(word) || (file && !is_python(to))
        });
        if let Some(bad) = bad.filter(|_| !relocation.files.contains_key(&edge.from)) {
            let file = stage.facts.files().get(&edge.from);
            let line = file.and_then(|it| it.imports.get(edge.import)).map_or(0, |it| it.line);
            let message = match is_python(to) {
                true => format!("`{bad}` of `{to}` is no name that Python can import"),
                false => format!("`{to}` is no Python file"),
            };
            let hint = format!("`{}:{line}` imports `{}`", edge.from, edge.to);
            return Err(StepError::new(message).with_hint(hint));
        }
    }
    Ok(())
}

/// Refuses a module beside a package of its name, where it was none before: Python only sees the package.
fn is_one_module(stage: &Stage<'_>, relocation: &Relocation) -> Result<(), StepError> {
    let was = |path: &RepoPath| stage.facts.files().contains_key(path);
    for (from, to) in &relocation.files {
        let Some(double) = double_of(to).filter(|it| stage.tree.entry(it).is_some()) else {
            continue;
        };
        if double_of(from).is_none_or(|it| !was(&it)) {
            let message = format!("`{to}` would be the same module as `{double}`");
            let hint = "of both, Python only sees the package";
            return Err(StepError::new(message).with_hint(hint));
        }
    }
    Ok(())
}

/// Refuses a name that the package there binds to something else: who asks the package for the
/// module would get that.
fn is_not_hidden(
    stage: &Stage<'_>,
    relocation: &Relocation,
    after: &Facts,
) -> Result<(), StepError> {
    let edges = edges_to(&stage.facts, relocation);
    for edge in edges.into_iter().filter(|it| it.name.is_none()) {
        let Some(to) = relocation.files.get(&edge.to) else { continue };
        let file = stage.facts.files().get(&edge.from);
        let Some(import) = file.and_then(|it| it.imports.get(edge.import)) else { continue };
        if !matches!(import.target, Target::Names(_) | Target::Module { .. })
            || binder(&stage.facts, &edge.to).is_some()
        {
            continue;
        }
        let Some((init, name, bindings)) = binder(after, to) else { continue };
        let is_itself = |binding: &Binding| match binding {
            Binding::Definition { .. } => false,
            Binding::Import { import, .. } => stage.facts.users(&edge.to).any(|it| {
                relocation.place_of(&it.from) == init && it.import == *import && it.name.is_none()
            }),
        };
        if !bindings.iter().all(is_itself) {
            let message = format!("`{init}` binds `{name}`, which would hide the module `{to}`");
            let hint = format!("`{}:{}` imports `{}`", edge.from, import.line, edge.to);
            return Err(StepError::new(message).with_hint(hint));
        }
    }
    Ok(())
}

/// Returns the imports of what gets another place, in order of their files and there of appearance.
fn edges_to<'a>(facts: &'a Facts, relocation: &Relocation) -> Vec<&'a Edge> {
    let mut edges: Vec<&Edge> = relocation.files.keys().flat_map(|it| facts.users(it)).collect();
    edges.sort_by(|one, other| (&one.from, one.import).cmp(&(&other.from, other.import)));
    edges
}

/// Returns what binds the name of a module in the package that holds it: where, the name, and how.
fn binder<'a>(
    facts: &'a Facts,
    module: &RepoPath,
) -> Option<(&'a RepoPath, String, &'a [Binding])> {
    let place = if is_init(module) { module.parent()? } else { module.clone() };
    let name = if is_init(module) { place.name_str() } else { place.stem() }.to_owned();
    let init = place.parent()?.child("__init__.py").ok()?;
    let (init, file) = facts.files().get_key_value(&init)?;
    let bindings = file.names.bound.get(&name)?;
    Some((init, name, bindings))
}

/// Warns of a package that a file comes into, and that does not load without what nobody declares:
/// the file could be imported without that before.
fn loads_what_is_declared(stage: &mut Stage<'_>, relocation: &Relocation, after: &Facts) {
    let mut looked_at = BTreeSet::new();
    for (from, to) in relocation.files.iter().filter(|(_, to)| to.extension() == "py") {
        let before: BTreeSet<RepoPath> =
            inits_above(from).map(|it| relocation.place_of(&it).clone()).collect();
        for init in inits_above(to).filter(|it| !before.contains(it)) {
            let Some(file) = after.files().get(&init) else { continue };
            if !looked_at.insert(init.clone()) {
                continue;
            }
            let needed = |it: &&Import| !it.optional && !it.type_checking && !it.deferred;
            let mut needed = file.imports.iter().filter(needed);
            let missing = needed
                .find(|it| matches!(after.find(&init, it.level, &it.module), Found::Undeclared));
            if let Some(import) = missing {
                let (line, name) = (import.line, &import.module);
                let message =
                    format!("line {line} imports `{name}`, which is not declared; `{to}` needs it");
                let hint = "Python runs the packages above a module before it";
                stage.tell(Finding::warning(Some(init), message).with_hint(hint));
            }
        }
    }
}

/// Returns the `__init__.py` of each folder above a file, whether it is there or not.
fn inits_above(path: &RepoPath) -> impl Iterator<Item = RepoPath> {
    path.folders().filter(|it| !it.is_root()).filter_map(|it| it.child("__init__.py").ok())
}
