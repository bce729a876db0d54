//! No empty package is left behind: where everything else moved out, the `__init__.py` that says
//! nothing goes, too.

use std::collections::BTreeSet;

use super::Relocation;
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::steps::{Stage, StepError, packages};

/// Removes the packages that the relocation emptied and that nothing imports, inner ones first.
pub(super) fn drop_packages(
    stage: &mut Stage<'_>,
    relocation: &Relocation,
) -> Result<(), StepError> {
    let sources = relocation.files.keys().chain(relocation.merged.keys());
    let mut open: BTreeSet<RepoPath> = sources.filter_map(RepoPath::parent).collect();
    let mut after: Option<Facts> = None;
    // The last one in order is the innermost one left; its parent is looked at after it.
    while let Some(folder) = open.pop_last() {
        if !stage.tree.exists(&folder) {
            open.extend(folder.parent());
            continue;
        }
        let Some(inits) = only_inits(stage, &folder)? else { continue };
        let after = match &mut after {
            Some(after) => after,
            none => none.insert(index(stage)?),
        };
        if inits.iter().any(|it| after.users(it).next().is_some()) {
            continue;
        }
        for path in &inits {
            stage.tree.remove(path);
        }
        open.extend(folder.parent());
    }
    Ok(())
}

/// Returns the facts of the tree after the edits.
fn index(stage: &Stage<'_>) -> Result<Facts, StepError> {
    let context = stage.context;
    Ok(stage.facts.index_again(&stage.tree, &context.settings, &context.memo)?)
}

/// Returns the `__init__` files of a package that holds nothing else, where they say nothing and may
/// go.
fn only_inits(stage: &Stage<'_>, folder: &RepoPath) -> Result<Option<Vec<RepoPath>>, StepError> {
    if !packages::is_package(&stage.tree, folder) {
        return Ok(None);
    }
    let below: Vec<RepoPath> = stage.tree.under(folder).map(|(path, _)| path.clone()).collect();
    for path in &below {
        let context = stage.context;
        let held = context.keep.covers(path) || context.frozen.covers(path);
        let init = packages::is_init(path) && path.parent().as_ref() == Some(folder);
        if held || !init || !packages::says_nothing(&stage.tree.read(path)?) {
            return Ok(None);
        }
    }
    Ok(Some(below))
}
