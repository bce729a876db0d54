//! A module at the top that Python would find in place of one of its own, or of a dependency.

use std::collections::BTreeMap;

use super::packages::is_python;
use super::{Stage, StepError};
use crate::facts::{Facts, Found};
use crate::finding::Finding;
use crate::path::RepoPath;

/// The tests of Python itself, which no program imports: many a project calls its own tests so.
const UNUSED: &str = "test";

/// Refuses a new module, with where it came from, that hides one of the standard library, or a dependency
/// that somebody here imports. Of one that nobody imports here it warns.
pub(super) fn check<'a>(
    stage: &mut Stage<'_>,
    arrived: impl IntoIterator<Item = (&'a RepoPath, &'a RepoPath)>,
    after: &Facts,
) -> Result<(), StepError> {
    let mut names: BTreeMap<String, (&RepoPath, Found)> = BTreeMap::new();
    for (from, to) in arrived.into_iter().filter(|(_, to)| is_python(to)) {
        for name in after.names_of(to) {
            let top = name.split('.').next().unwrap_or_default();
            let found = stage.facts.find(from, 0, top);
            if matches!(found, Found::Stdlib | Found::ThirdParty) {
                names.entry(top.to_owned()).or_insert((to, found));
            }
        }
    }
    for (name, (to, found)) in names {
        let is_own = found == Found::Stdlib;
        let what = match is_own {
            true => format!("`{name}` of the standard library"),
            false => format!("the dependency `{name}`"),
        };
        let refused = || StepError::new(format!("`{to}` would hide {what}"));
        if let Some((path, line)) = importer(after, &name) {
            return Err(refused().with_hint(format!("`{path}:{line}` imports `{name}`")));
        }
        if is_own && name != UNUSED {
            return Err(refused().with_hint("what is imported may import it in its turn"));
        }
        stage.tell(Finding::warning(Some(to.clone()), format!("hides {what}")));
    }
    Ok(())
}

/// Returns the first file, and the line in it, that imports a module by its absolute name and finds one of
/// the repository.
fn importer<'a>(facts: &'a Facts, name: &str) -> Option<(&'a RepoPath, u32)> {
    facts.files().iter().find_map(|(path, file)| {
        let mut imports = file.imports.iter().filter(|it| it.level == 0);
        let import = imports.find(|it| it.module.split('.').next() == Some(name))?;
        let is_ours = matches!(facts.find(path, 0, name), Found::Module(_));
        is_ours.then_some((path, import.line))
    })
}
