//! `package = …`: a module becomes the `__init__.py` of a package, whose modules take parts of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::path::RepoPath;
use crate::python::{FileFacts, is_builtin};
use crate::rewrite::Uses;
use crate::steps::module::End;
use crate::steps::relocate::Relocation;
use crate::steps::select::{self, Closed};
use crate::steps::{Stage, StepError, guard, packages, place};
use crate::tree::Mode;

/// Where a program of a package stands.
pub(super) const PROGRAM: &str = "__main__.py";

/// Makes the module the `__init__.py` of the package, and returns that; nothing where the module is
/// left alone.
///
/// # Errors
/// When there is no such module, or it cannot become that.
pub(super) fn begin(
    stage: &mut Stage<'_>,
    from: &End,
    package: &RepoPath,
) -> Result<Option<RepoPath>, StepError> {
    let init = package.child("__init__.py")?;
    let found = from.existing(stage).map(|it| super::init_of(stage, it));
    let module = match found {
        Some(module) if module == init => return Ok(Some(init)),
        Some(module) => module,
        None if stage.tree.entry(&init).is_some() => return Ok(Some(init)),
        None => match from {
            End::Path(path) => return Err(place::missing(&stage.tree, path)),
            End::Module(name) => {
                return Err(StepError::new(format!("there is no module `{name}`")));
            }
        },
    };
    if module.extension() != "py" || packages::is_init(&module) {
        return Err(StepError::new(format!("`{module}` is no module that could be a package")));
    }
    is_no_script(stage, &module)?;
    let mut paths = BTreeSet::from([module.clone()]);
    select::add_stubs(&stage.tree, &mut paths);
    let closed = Closed::of(stage);
    let units = select::units(stage, &closed, &paths);
    let units = guard::hold(stage, units)?;
    if !units.iter().any(|it| it.path == module) {
        return Ok(None);
    }
    let place = |path: &RepoPath| package.child(&format!("__init__.{}", path.extension()));
    let files = units.into_iter().map(|it| Ok((it.path.clone(), place(&it.path)?)));
    let files: Result<BTreeMap<RepoPath, RepoPath>, StepError> = files.collect();
    let relocation = Relocation { files: files?, ..Relocation::default() };
    relocation.carry_out(stage, Uses::Keep)?;
    let context = stage.context;
    let facts = stage.facts.index_again(&stage.tree, &context.settings, &context.memo)?;
    stage.facts = Arc::new(facts);
    Ok(Some(init))
}

/// Refuses what is started by its path: Python would give the `__init__.py` of a package neither its
/// name nor its package.
fn is_no_script(stage: &Stage<'_>, module: &RepoPath) -> Result<(), StepError> {
    let refused = |how: String| {
        StepError::new(format!("`{module}` is started by its path, which a package is not"))
            .with_hint(how)
    };
    if let Some(command) = stage.facts.commands_of(module).first() {
        return Err(refused(format!("`{}:{}` starts it", command.text, command.line)));
    }
    match stage.tree.entry(module) {
        Some(entry) if entry.mode == Mode::Executable => Err(refused("it is executable".into())),
        _ => Ok(()),
    }
}

/// Refuses modules that would stand for names which the module has for something else: a package has
/// its modules as names, once they are imported.
///
/// # Errors
/// The first of them.
pub(super) fn hide_nothing(
    init: &RepoPath,
    facts: &FileFacts,
    rows: &[(RepoPath, BTreeSet<String>)],
) -> Result<(), StepError> {
    for (to, names) in rows {
        let stem = to.stem();
        let direct = to.parent() == init.parent();
        let own = facts.names.bound.contains_key(stem) || is_builtin(stem);
        if direct && own && !names.contains(stem) {
            let message = format!("`{to}` would hide what `{stem}` means in `{init}`");
            return Err(StepError::new(message).with_hint("give the module another name"));
        }
    }
    Ok(())
}
