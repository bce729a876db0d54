//! `rewrite-imports`: other names for modules and for what they define.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use super::module::is_dotted;
use super::{Stage, Step, StepError, edits};
use crate::facts::{Facts, Found, Member, Module};
use crate::finding::{Finding, nearest};
use crate::path::RepoPath;
use crate::python::{Binding, Target, is_identifier};
use crate::rewrite::{Moves, Sides, Uses};

/// Rewrites imports, and strings that are whole a dotted path.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RewriteImports {
    /// Old → new: `a.b` → `x.y` for modules, `a.b:name` → `x.y:other` for names.
    imports: BTreeMap<Name, Name>,
    /// What happens to the uses of a module whose own name changes.
    #[serde(default)]
    uses: Uses,
}

/// A module, `a.b`, or a name of one, `a.b:name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    module: String,
    name: Option<String>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.module)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, ":{name}"))
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (module, name) = match text.split_once(':') {
            Some((module, name)) => (module, Some(name)),
            None => (text.as_str(), None),
        };
        if !is_dotted(module) || !name.is_none_or(is_identifier) {
            let message =
                format!("`{text}` is neither a module, `a.b`, nor a name of one, `a.b:name`");
            return Err(D::Error::custom(message));
        }
        Ok(Self { module: module.to_owned(), name: name.map(str::to_owned) })
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "ModuleOrName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A module, `a.b`, or a name of one, `a.b:name`.",
        })
    }
}

impl Step for RewriteImports {
    const KIND: &'static str = "rewrite-imports";
    const RESPELLS: bool = true;
    const DOCS: &'static str = "\
## What it does

Makes imports, and strings that are whole a dotted path, mean other modules or other names, in every
file but the new module itself. The old ones need not exist; the new ones must, in the resulting
tree: a module that only re-exports the name from itself does not define it. Local names stay as they
are, by `as` where they must; with `uses = \"rename\"` the uses of a module are renamed where nothing
clashes, and no other file takes the name from there.

## Example

```toml
[[step]]
kind = \"rewrite-imports\"
imports = { \"app.clients.postgres:postgres_pool\" = \"app.stores.postgres:pool\", \"app.utils\" = \"app.core.text\" }
```
";

    fn check(&self) -> Result<(), StepError> {
        if self.imports.is_empty() {
            return Err(StepError::new("`imports` is empty"));
        }
        for (old, new) in &self.imports {
            if old == new {
                return Err(StepError::new(format!("`{old}` stays what it is")));
            }
            if old.name.is_some() != new.name.is_some() {
                return Err(StepError::new(format!(
                    "`{old}` cannot become `{new}`: one is a module, the other a name of one"
                )));
            }
            if let Some(next) = self.imports.get(new) {
                return Err(StepError::new(format!(
                    "`{old}` becomes `{new}`, which becomes `{next}`"
                ))
                .with_hint("write the last one at once"));
            }
        }
        Ok(())
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let before = stage.tree.clone();
        let known = Arc::clone(&stage.facts);
        for (old, new) in &self.imports {
            if !is_imported(&known, old) && !is_imported(&known, new) {
                nothing_imports(stage, old);
            }
        }
        let sides = Sides { before: (&before, &known), after: (&before, &known) };
        edits::follow(stage, sides, &self.moves(), self.uses)?;
        let context = stage.context;
        let after = known.index_again(&stage.tree, &context.settings, &context.memo)?;
        for (old, new) in &self.imports {
            match is_defined(&after, old, new) {
                // A later step of a playbook that has run may have moved what this one asked for.
                Err(error) if stage.outcome.edits.is_empty() && !is_imported(&known, old) => {
                    stage.tell(Finding::warning(None, error.to_string()));
                }
                defined => defined?,
            }
            names_exist(stage, &after, old, new)?;
        }
        Ok(())
    }
}

impl RewriteImports {
    fn moves(&self) -> Moves {
        let mut moves = Moves::default();
        for (old, new) in &self.imports {
            match (&old.name, &new.name) {
                (Some(name), Some(other)) => {
                    let (from, to) = (old.module.clone(), new.module.clone());
                    moves.names.insert((from, name.clone()), (to, other.clone()));
                }
                _ => drop(moves.modules.insert(old.module.clone(), new.module.clone())),
            }
        }
        moves
    }
}

/// Returns where a module stands that files at the top of the repository see.
fn find(facts: &Facts, module: &str) -> Found {
    let anyone = RepoPath::root().child("anyone.py").unwrap_or_else(|_| RepoPath::root());
    let found = facts.find(&anyone, 0, module);
    if matches!(found, Found::Module(_)) {
        return found;
    }
    // Some folders are roots of their own files only.
    let mut seen = facts.files().keys().map(|it| facts.find(it, 0, module));
    seen.find(|it| matches!(it, Found::Module(_))).unwrap_or(found)
}

/// Makes sure that the new module exists, and really defines the name.
fn is_defined(facts: &Facts, old: &Name, new: &Name) -> Result<(), StepError> {
    let module = match find(facts, &new.module) {
        Found::Module(module) => module,
        Found::Stdlib | Found::ThirdParty | Found::Assumed => return Ok(()),
        Found::Undeclared | Found::Missing { .. } => {
            let known: BTreeSet<String> =
                facts.files().keys().flat_map(|it| facts.names_of(it)).collect();
            let error = StepError::new(format!("there is no module `{}`", new.module));
            return Err(hinted(error, &new.module, known.iter().map(String::as_str)));
        }
    };
    let Some(name) = &new.name else { return Ok(()) };
    let member = facts.member(&module, name);
    let Module::File(path) = &module else {
        return match member {
            Member::Missing => {
                Err(StepError::new(format!("`{}` does not define `{name}`", new.module)))
            }
            Member::Definition { .. } | Member::Module(_) | Member::External | Member::Assumed => {
                Ok(())
            }
        };
    };
    let bound = facts.files().get(path).map(|it| &it.names.bound);
    let is_bound = bound.is_some_and(|it| it.contains_key(name));
    if (is_bound && member == Member::Missing) || takes_back(facts, path, name, old) {
        let message = format!("`{path}` only re-exports `{name}`, and nothing defines it");
        return Err(
            StepError::new(message).with_hint("the new name has to end in a real definition")
        );
    }
    if member != Member::Missing {
        return Ok(());
    }
    let error = StepError::new(format!("`{path}` does not define `{name}`"));
    Err(hinted(error, name, bound.into_iter().flat_map(|it| it.keys())))
}

/// Tells whether the new module takes the name from the old one, which is not in the tree.
fn takes_back(facts: &Facts, path: &RepoPath, name: &str, old: &Name) -> bool {
    let Some(file) = facts.files().get(path) else { return false };
    let bindings = file.names.bound.get(name).unwrap_or_default();
    let from_old = |binding: &Binding| match binding {
        Binding::Import { import, .. } => file.imports.get(*import).is_some_and(|it| {
            it.level == 0
                && it.module == old.module
                && facts.find(path, 0, &it.module) == Found::Undeclared
        }),
        Binding::Definition { .. } => false,
    };
    !bindings.is_empty() && bindings.iter().all(from_old)
}

/// Makes sure that a module that stands for another one has what importers take of it now.
fn names_exist(stage: &Stage<'_>, after: &Facts, old: &Name, new: &Name) -> Result<(), StepError> {
    if old.name.is_some() {
        return Ok(());
    }
    let Found::Module(module) = find(after, &new.module) else { return Ok(()) };
    let edited: BTreeSet<&RepoPath> =
        stage.outcome.edits.iter().filter(|it| it.applied).map(|it| &it.path).collect();
    for path in edited {
        let Some(file) = after.files().get(path) else { continue };
        for import in &file.imports {
            let Target::Names(names) = &import.target else { continue };
            if after.find(path, import.level, &import.module) != Found::Module(module.clone()) {
                continue;
            }
            let taken_before = |name: &str| {
                let file = stage.facts.files().get(path);
                let imports = file.into_iter().flat_map(|it| &it.imports);
                imports.filter(|it| it.level == import.level && it.module == import.module).any(|it| {
                    matches!(&it.target, Target::Names(all) if all.iter().any(|it| it.name == name))
                })
            };
            let lost = names.iter().find(|it| {
                after.member(&module, &it.name) == Member::Missing && !taken_before(&it.name)
            });
            if let Some(lost) = lost {
                let message = format!("`{}` does not define `{}`", new.module, lost.name);
                let hint = format!("`{path}:{}` takes it from `{}`", lost.line, old.module);
                return Err(StepError::new(message).with_hint(hint));
            }
        }
    }
    Ok(())
}

/// Tells whether some import leads to a module of this name or below it, or did so once.
fn is_imported(facts: &Facts, wanted: &Name) -> bool {
    imported(facts).any(|module| {
        let rest = module.strip_prefix(wanted.module.as_str());
        rest.is_some_and(|it| it.is_empty() || it.starts_with('.'))
    })
}

/// Returns the absolute names of everything that is imported: modules, and what is taken of them.
fn imported(facts: &Facts) -> impl Iterator<Item = String> {
    facts.files().iter().flat_map(move |(path, file)| {
        let package = facts.package_of(path).map(|(_, name)| name).unwrap_or_default();
        file.imports.iter().flat_map(move |import| {
            let module = absolute(&package, import.level, &import.module);
            let names = match &import.target {
                Target::Names(names) => names.as_slice(),
                Target::Module { .. } | Target::Star | Target::Call { .. } => &[],
            };
            let below = names.iter().map(|it| format!("{module}.{}", it.name)).collect::<Vec<_>>();
            below.into_iter().chain([module])
        })
    })
}

/// Returns the absolute name of a module that a file of `package` imports.
fn absolute(package: &str, level: u32, module: &str) -> String {
    if level == 0 {
        return module.to_owned();
    }
    let parts: Vec<&str> = package.split('.').collect();
    let kept = parts.len().saturating_sub(level as usize - 1);
    let parts = parts[..kept].iter().copied().chain([module]).filter(|it| !it.is_empty());
    parts.collect::<Vec<_>>().join(".")
}

/// Warns that a name is imported nowhere, and names what is near.
fn nothing_imports(stage: &mut Stage<'_>, old: &Name) {
    let known: BTreeSet<String> = imported(&stage.facts).collect();
    let finding = Finding::warning(None, format!("nothing imports `{old}`"));
    let near = nearest(&old.module, known.iter().map(String::as_str));
    stage.tell(match near {
        Some(near) => finding.with_hint(format!("did you mean `{near}`?")),
        None => finding,
    });
}

/// Adds the nearest of the known words to an error.
fn hinted<'a>(error: StepError, word: &str, known: impl IntoIterator<Item = &'a str>) -> StepError {
    match nearest(word, known) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
