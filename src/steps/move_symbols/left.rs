//! What a module goes on offering of the definitions that left it: its `__getattr__` (PEP 562) finds
//! each where it is now, and warns.
//!
//! The names and their places are a table. A later step of the same kind adds its rows to it; what
//! moves once more is followed there, as in any string that names something.

use std::collections::BTreeMap;

use crate::path::RepoPath;
use crate::steps::shim::Shim;
use crate::steps::{Stage, StepError};
use crate::text::{Text, line_end};

/// The table, by its name.
const TABLE: &str = "_MOVED_NAMES";

/// Lets the module at `from` go on offering names that it does not define any more; `names` tells where
/// each is, as `module:name`.
///
/// # Errors
/// When the module answers names itself, or cannot be read or written.
pub(super) fn leave(
    stage: &mut Stage<'_>,
    shim: &Shim,
    from: &RepoPath,
    names: &BTreeMap<String, String>,
) -> Result<(), StepError> {
    let bytes = stage.tree.read(from)?;
    let odd = |error: String| StepError::new(format!("`{from}` cannot get a shim: {error}"));
    let text = Text::decode_python(&bytes).map_err(|it| odd(it.to_string()))?;
    let end = line_end(text.source());
    let rows: String =
        names.iter().map(|(name, place)| format!("    \"{name}\": \"{place}\",{end}")).collect();
    let asks = function(shim).replace('\n', end);
    let close = format!("}}{end}{end}{end}");
    let made = text.source().split_once(&asks);
    let made = made.and_then(|(head, rest)| Some((head.strip_suffix(&close)?, rest)));
    let source = match made {
        Some((head, rest)) => format!("{head}{rows}{close}{asks}{rest}"),
        None => {
            refuse_names(stage, from)?;
            let head = text.source().trim_end_matches(['\n', '\r', ' ', '\t']);
            let gap = if head.is_empty() { String::new() } else { end.repeat(3) };
            format!("{head}{gap}{TABLE} = {{{end}{rows}{close}{asks}")
        }
    };
    let bytes = text.encode(&source).map_err(|it| odd(it.to_string()))?;
    if let Some(mode) = stage.tree.entry(from).map(|it| it.mode) {
        stage.tree.write(from.clone(), mode, bytes);
    }
    Ok(())
}

/// Refuses a module that has what the shim would bind.
fn refuse_names(stage: &Stage<'_>, from: &RepoPath) -> Result<(), StepError> {
    let facts = stage.facts.files().get(from);
    let taken = facts.and_then(|facts| {
        ["__getattr__", TABLE].into_iter().find(|it| facts.names.bound.contains_key(it))
    });
    match taken {
        Some(name) => Err(StepError::new(format!("`{from}` has a `{name}` of its own"))
            .with_hint("leave `shim` out, and offer the old names there by hand")),
        None => Ok(()),
    }
}

/// Writes the function that finds names. What it imports it keeps to itself.
fn function(shim: &Shim) -> String {
    let end = shim.end();
    format!(
        r#"def __getattr__(name: str):
    if name not in {TABLE}:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    import importlib
    import warnings

    module, _, own = {TABLE}[name].partition(":")
    warnings.warn(
        f"`{{__name__}}.{{name}}` is now `{{module}}.{{own}}`{end}",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(importlib.import_module(module), own)
"#
    )
}
