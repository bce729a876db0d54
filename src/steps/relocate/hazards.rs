//! What Python would make of the new names, beyond whether imports resolve.

use std::collections::{BTreeMap, BTreeSet};

use super::Relocation;
use crate::facts::{Facts, Found};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Binding, Target, is_identifier};
use crate::steps::packages::{is_init, is_python};
use crate::steps::{Stage, StepError};

/// Looks at a tree of which the files are in their new places.
pub(super) fn look(
    stage: &mut Stage<'_>,
    relocation: &Relocation,
    after: &Facts,
) -> Result<(), StepError> {
    importable(stage, relocation)?;
    is_not_hidden(stage, relocation, after)?;
    hides_nothing(stage, relocation, after)?;
    differs_by_more_than_case(stage, relocation);
    Ok(())
}

/// Refuses a new name that Python cannot import, where something that stays imports it.
fn importable(stage: &Stage<'_>, relocation: &Relocation) -> Result<(), StepError> {
    for edge in stage.facts.edges() {
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

/// Refuses a name that the package there binds to something else: who asks the package for the
/// module would get that.
fn is_not_hidden(
    stage: &Stage<'_>,
    relocation: &Relocation,
    after: &Facts,
) -> Result<(), StepError> {
    for edge in stage.facts.edges().iter().filter(|it| it.name.is_none()) {
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
            Binding::Import { import, .. } => stage.facts.edges().iter().any(|it| {
                relocation.place_of(&it.from) == init
                    && it.import == *import
                    && it.to == edge.to
                    && it.name.is_none()
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

/// Refuses a new top-level module that imports of the standard library or of a dependency would
/// find instead.
fn hides_nothing(
    stage: &mut Stage<'_>,
    relocation: &Relocation,
    after: &Facts,
) -> Result<(), StepError> {
    let mut names: BTreeMap<String, (&RepoPath, Found)> = BTreeMap::new();
    for (from, to) in relocation.files.iter().filter(|(_, to)| is_python(to)) {
        for name in after.names_of(to) {
            let top = name.split('.').next().unwrap_or_default();
            let found = stage.facts.find(from, 0, top);
            if matches!(found, Found::Stdlib | Found::ThirdParty) {
                names.entry(top.to_owned()).or_insert((to, found));
            }
        }
    }
    for (name, (to, found)) in names {
        let what = match found == Found::Stdlib {
            true => format!("`{name}` of the standard library"),
            false => format!("the dependency `{name}`"),
        };
        for (path, file) in after.files() {
            let mut imports = file.imports.iter().filter(|it| it.level == 0);
            let hit = imports.find(|it| it.module.split('.').next() == Some(name.as_str()));
            if let Some(import) = hit
                && matches!(after.find(path, 0, &name), Found::Module(_))
            {
                let line = import.line;
                return Err(StepError::new(format!("`{to}` would hide {what}"))
                    .with_hint(format!("`{path}:{line}` imports `{name}`")));
            }
        }
        let message = format!("hides {what}");
        stage.tell(Finding::warning(Some(to.clone()), message));
    }
    Ok(())
}

/// Warns of a path that some file systems take for another one.
fn differs_by_more_than_case(stage: &mut Stage<'_>, relocation: &Relocation) {
    let lower = |path: &RepoPath| path.to_string().to_lowercase();
    let parts: Vec<RepoPath> = relocation.files.values().flat_map(parts_of).collect();
    let mut seen: BTreeMap<String, BTreeSet<RepoPath>> =
        parts.iter().map(|it| (lower(it), BTreeSet::new())).collect();
    let mut last = &RepoPath::root();
    for path in stage.tree.entries().keys() {
        // The folders that the path before stands in, too, have been looked at.
        for part in parts_of(path).take_while(|it| !last.is_under(it)) {
            if let Some(same) = seen.get_mut(&lower(&part)) {
                same.insert(part);
            }
        }
        last = path;
    }
    for part in parts {
        let same = seen.remove(&lower(&part)).unwrap_or_default();
        if let Some(other) = same.iter().find(|it| **it != part) {
            let message = format!("differs from `{other}` only by upper and lower case");
            stage.tell(Finding::warning(Some(part), message));
        }
    }
}

/// Returns a path and the folders above it, without the root.
fn parts_of(path: &RepoPath) -> impl Iterator<Item = RepoPath> + '_ {
    std::iter::successors(Some(path.clone()), RepoPath::parent).filter(|it| !it.is_root())
}
