//! `unreachable-from`: what is started, and which files may go where nothing needs them for that.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use super::super::module::End;
use super::super::packages::{is_init, is_test};
use super::super::select::{self, Closed, Spare};
use super::super::{Stage, StepError};
use crate::path::{Pattern, RepoPath};
use crate::tree::Mode;

/// Files that a tool starts, or loads, because it finds them by their name.
const FOUND: [&[u8]; 13] = [
    b"SConscript",
    b"SConstruct",
    b"conftest.py",
    b"dodo.py",
    b"fabfile.py",
    b"gunicorn.conf.py",
    b"gunicorn_conf.py",
    b"hatch_build.py",
    b"manage.py",
    b"noxfile.py",
    b"setup.py",
    b"sitecustomize.py",
    b"usercustomize.py",
];

/// What is started, as a playbook writes it.
#[derive(Debug)]
pub(super) enum Entry {
    /// Files, or all files of folders.
    Pattern(Pattern),
    /// `module:pkg.mod`; of a package what runs when it is imported or started.
    Module(End),
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match End::module(&text) {
            Some(module) => module.map(Self::Module).map_err(D::Error::custom),
            None => Pattern::new(&text).map(Self::Pattern).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Entry {
    fn schema_name() -> Cow<'static, str> {
        "PatternOrModule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A pattern, or `module:pkg.mod` for a Python module or package.",
        })
    }
}

/// Returns the files that are started.
pub(super) fn files(
    entries: &[Entry],
    stage: &Stage<'_>,
    closed: &Closed,
) -> Result<BTreeSet<RepoPath>, StepError> {
    let mut found = BTreeSet::new();
    for entry in entries {
        let files = entry.files(stage, closed)?;
        if files.is_empty() {
            let hint = "everything would go that only this needs";
            let message = format!("`{entry}`, which `unreachable-from` names, does not exist");
            return Err(StepError::new(message).with_hint(hint));
        }
        found.extend(files);
    }
    Ok(found)
}

impl Entry {
    fn files(&self, stage: &Stage<'_>, closed: &Closed) -> Result<Vec<RepoPath>, StepError> {
        let below = |path: &RepoPath| {
            stage.tree.under(path).map(|(file, _)| file.clone()).collect::<Vec<_>>()
        };
        Ok(match self {
            Self::Pattern(pattern) => {
                let mut found = select::matches(&stage.tree, closed, pattern, Spare::Nothing)?;
                let went = pattern.literal().and_then(|it| stage.past.went(it));
                found.extend(went.filter(|_| found.is_empty()).cloned());
                found.iter().flat_map(below).collect()
            }
            Self::Module(module) => match module.existing(stage) {
                None => Vec::new(),
                Some(path) => {
                    let runs = |it: &RepoPath| is_init(it) || it.name() == b"__main__.py";
                    let own = |it: &RepoPath| it.parent().as_ref() == Some(&path) && runs(it);
                    below(&path).into_iter().filter(|it| *it == path || own(it)).collect()
                }
            },
        })
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pattern(pattern) => f.write_str(pattern.as_text()),
            Self::Module(module) => module.fmt(f),
        }
    }
}

/// Returns the Python files that may go: all but tests, and what is started without being named.
pub(super) fn candidates(stage: &Stage<'_>, closed: &Closed) -> BTreeSet<RepoPath> {
    let may_go = |path: &&RepoPath| {
        is_free(stage, closed, path)
            && !is_test_code(path)
            && (!is_found(stage, path) || path.name() == b"conftest.py")
    };
    stage.facts.files().keys().filter(may_go).cloned().collect()
}

/// Tells whether a step may take a Python file that nobody named.
pub(super) fn is_free(stage: &Stage<'_>, closed: &Closed, path: &RepoPath) -> bool {
    let context = stage.context;
    closed.sees(path)
        && !stage.facts.is_archived(path)
        && !context.keep.covers(path)
        && !context.frozen.covers(path)
        && !context.entry_points.covers(path)
        && !stage.past.came(path)
}

/// Tells whether a file holds tests.
pub(super) fn is_test_code(path: &RepoPath) -> bool {
    is_test(path) || path.name() == b"tests.py"
}

/// Tells whether a tool finds the file by its name.
pub(super) fn is_found(stage: &Stage<'_>, path: &RepoPath) -> bool {
    let beside = |name| {
        path.parent().is_some_and(|it| it.child(name).is_ok_and(|it| stage.tree.exists(&it)))
    };
    let is_sphinx = || beside("index.rst") || beside("index.md");
    FOUND.contains(&path.name())
        || path.name() == b"conf.py" && is_sphinx()
        || is_of_alembic(stage, path)
}

/// Tells whether Alembic loads the file: `env.py` beside its template, and what is in `versions` there.
fn is_of_alembic(stage: &Stage<'_>, path: &RepoPath) -> bool {
    let has_template = |folder: &RepoPath| {
        folder.child("script.py.mako").is_ok_and(|it| stage.tree.entry(&it).is_some())
    };
    let Some(folder) = path.parent() else { return false };
    let is_version =
        folder.name() == b"versions" && folder.parent().is_some_and(|it| has_template(&it));
    is_version || path.name() == b"env.py" && has_template(&folder)
}

/// Tells whether a Python file is started by itself.
pub(super) fn is_started(stage: &Stage<'_>, path: &RepoPath) -> bool {
    let has_main = stage.facts.files().get(path).is_some_and(|it| it.main_guard);
    let is_executable = stage.tree.entry(path).is_some_and(|it| it.mode == Mode::Executable);
    has_main
        || is_executable
        || path.name() == b"__main__.py"
        || !matches!(path.extension(), "py" | "pyi")
        || !stage.facts.commands_of(path).is_empty()
        || is_found(stage, path)
}
