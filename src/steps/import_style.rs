//! `import-style`: absolute imports for relative ones, and back; each goes on meaning what it meant.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use super::packages::is_python;
use super::select::{self, Closed, Spare};
use super::{LeftAlone, Stage, Step, StepError, edits};
use crate::path::{Pattern, RepoPath};
use crate::python::Status;
use crate::rewrite::{Respelled, Style, respell};

/// Spells imports in one style.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ImportStyle {
    /// The files to edit; of a folder, all Python files in it.
    paths: Vec<Pattern>,
    /// How their imports are to be spelled.
    style: Style,
    /// Only imports that lead out of one of these folders, in which they stand.
    leaving: Option<BTreeSet<RepoPath>>,
}

impl Step for ImportStyle {
    const KIND: &'static str = "import-style";
    const RESPELLS: bool = true;
    const DOCS: &'static str = "\
## What it does

Spells the imports of files as absolute or as relative ones, also those in functions, under conditions
and for type checkers; each leads to what it led to. Nothing but the name of the module changes, and
`import a.b as c`, which has no relative form, becomes `from . import b as c`. With `leaving`, only
imports are edited that lead out of one of the folders: `style = \"absolute\"` makes them absolute, and
those inside of the folder stay as they are.

What cannot be spelled anew is left alone and told: `import a.b`, which binds `a`; an import that leads
nowhere; and, where it would become relative, all of a file that is in no package or may be started as a
script, and of one that somebody imports by another name than that in its package.

## Example

```toml
[[step]]
kind = \"import-style\"
paths = [\"app\"]
style = \"absolute\"

[[step]]
kind = \"import-style\"
paths = [\"app/orders\", \"app/users\"]
style = \"absolute\"
leaving = [\"app/orders\", \"app/users\"]
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.paths.is_empty() {
            return Err(StepError::new("`paths` names nothing"));
        }
        match &self.leaving {
            Some(folders) if folders.is_empty() => Err(StepError::new("`leaving` names no folder")
                .with_hint("leave it out for all imports")),
            Some(folders) if folders.iter().any(RepoPath::is_root) => {
                Err(StepError::new("no import leaves `.`, the whole repository"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let files = self.files(stage)?;
        // All threads ask who imports and who starts a file, so none may wait inside the loop.
        let _ = (stage.facts.users(&RepoPath::root()).next(), stage.facts.started());
        let (tree, facts) = (&stage.tree, &*stage.facts);
        let respelled: Result<Vec<(RepoPath, Respelled)>, StepError> = files
            .into_par_iter()
            .map(|path| {
                let wanted = |target: &RepoPath| self.wants(&path, target);
                let respelled = respell((tree, facts), &path, self.style, &wanted)?;
                Ok((path, respelled))
            })
            .collect();
        let mut edits = Vec::new();
        for (path, Respelled { edits: own, held, left }) in respelled? {
            edits.extend(own);
            if let Some(reason) = held {
                stage.leave(&path, reason);
            } else if !left.is_empty() {
                let evidence = left.into_iter().map(|(line, why)| format!("line {line}: {why}"));
                stage.outcome.left_alone.push(LeftAlone {
                    path,
                    reason: "has imports that stay as they are".to_owned(),
                    evidence: evidence.collect(),
                });
            }
        }
        edits::make(stage, &edits)
    }
}

impl ImportStyle {
    /// Returns the Python files that the patterns match and that may be edited; says why others may not.
    fn files(&self, stage: &mut Stage<'_>) -> Result<BTreeSet<RepoPath>, StepError> {
        let closed = Closed::of(stage);
        let mut files = BTreeSet::new();
        for pattern in &self.paths {
            let found = select::matches(&stage.tree, &closed, pattern, Spare::Nothing)?;
            let below = found.iter().flat_map(|it| stage.tree.under(it)).map(|(path, _)| path);
            let python = below.filter(|it| is_python(it) && closed.sees(it));
            let python: Vec<RepoPath> = python.cloned().collect();
            if python.is_empty() {
                let text = pattern.as_text();
                stage.warn_nothing(text, format!("`{text}` matches no Python file"));
            }
            files.extend(python);
        }
        let mut held: BTreeMap<RepoPath, &str> = BTreeMap::new();
        files.retain(|path| {
            let facts = stage.facts.files().get(path);
            let reason = match facts.map(|it| &it.status) {
                None => Some("is not read as Python code"),
                Some(_) if !edits::is_editable(stage.context, path) => Some("may not be edited"),
                Some(Status::Parsed) => None,
                Some(Status::Broken { .. }) => Some("does not parse"),
                Some(Status::Undecodable(_)) => Some("cannot be read"),
            };
            held.extend(reason.map(|it| (path.clone(), it)));
            reason.is_none()
        });
        for (path, reason) in held {
            stage.leave(&path, reason);
        }
        Ok(files)
    }

    /// Tells whether imports from a file to a target are to be edited.
    fn wants(&self, path: &RepoPath, target: &RepoPath) -> bool {
        let Some(folders) = &self.leaving else { return true };
        folders.iter().any(|it| path.is_under(it) && !target.is_under(it))
    }
}
