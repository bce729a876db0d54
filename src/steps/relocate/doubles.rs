//! Lists that named two files, of which there is one now, name it once.

use std::collections::BTreeSet;

use crate::data::{Change, Format, Value, changed, doubled};
use crate::path::RepoPath;
use crate::steps::{Stage, StepError, edits};
use crate::tree::Tree;

/// Takes the second of two items out that came to say the same since `before`, of the lists in edited
/// files. What cannot be taken out in its place stays: it does no harm.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn leave_out(stage: &mut Stage<'_>, before: &Tree) -> Result<(), StepError> {
    let applied = stage.outcome.edits.iter().filter(|it| it.applied);
    let edited: BTreeSet<RepoPath> = applied.map(|it| it.path.clone()).collect();
    for path in edited {
        let Some(format) = Format::of(&path) else { continue };
        let Some(mode) = stage.tree.entry(&path).map(|it| it.mode) else { continue };
        let read = |tree: &Tree| Ok::<_, StepError>(edits::decoded(&path, &tree.read(&path)?).ok());
        let (Some(old), Some(new)) = (read(before)?, read(&stage.tree)?) else { continue };
        let twice = doubled(format, (old.source(), new.source()), &names_the_same);
        let changes: Vec<Change> = twice.into_iter().map(Change::Remove).collect();
        let Ok(source) = changed(format, new.source(), &changes) else { continue };
        if let Ok(bytes) = new.encode(&source)
            && source != new.source()
        {
            stage.tree.write(path, mode, bytes);
        }
    }
    Ok(())
}

/// Tells whether two values are the same, `./` before a path aside.
fn names_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => {
            let bare = |it: &str| it.strip_prefix("./").unwrap_or(it).to_owned();
            bare(one) == bare(other)
        }
        _ => one == other,
    }
}
