//! `module:pkg.mod`: a Python file or a package, written by its name.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error as _};

use super::packages::{self, stub_of};
use super::{Past, Stage};
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::python::is_identifier;
use crate::tree::ReadError;

/// One end of a move, as a playbook writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// A path.
    Path(RepoPath),
    /// A dotted module name, seen from the roots.
    Module(String),
}

impl End {
    /// Reads `module:pkg.mod`; nothing where the text does not begin so.
    pub(super) fn module(text: &str) -> Option<Result<Self, String>> {
        let name = text.strip_prefix("module:")?;
        Some(match is_dotted(name) {
            true => Ok(Self::Module(name.to_owned())),
            false => Err(format!("`{name}` is no dotted module name")),
        })
    }

    /// Returns what stands at this end: the path itself; of a module name its package or file.
    pub(super) fn existing(&self, stage: &Stage<'_>) -> Option<RepoPath> {
        match self {
            Self::Path(path) => stage.tree.exists(path).then(|| path.clone()),
            Self::Module(name) => {
                let below = RepoPath::new(&name.replace('.', "/")).ok()?;
                let roots = stage.facts.roots().iter().map(|it| it.folder.join(&below));
                roots.into_iter().find_map(|at| {
                    let file = with_suffix(&at).filter(|it| stage.tree.entry(it).is_some());
                    // Python looks for the package before the module.
                    let package = packages::is_package(&stage.tree, &at);
                    let folder = stage.tree.is_folder(&at).then(|| at.clone());
                    if package { folder } else { file.or(folder) }
                })
            }
        }
    }

    /// Returns the path that this end is to have once `from` moved to it. A module goes to the root
    /// that `from` is found from.
    pub(super) fn wanted(&self, stage: &Stage<'_>, from: &RepoPath) -> Option<RepoPath> {
        match self {
            Self::Path(path) => Some(path.clone()),
            Self::Module(name) => {
                let below = RepoPath::new(&name.replace('.', "/")).ok()?;
                let roots = stage.facts.roots().iter().filter(|it| from.is_under(&it.folder));
                let root = roots.max_by_key(|it| it.folder.depth())?;
                let at = root.folder.join(&below);
                if stage.tree.entry(from).is_some() { with_suffix(&at) } else { Some(at) }
            }
        }
    }

    /// Takes back a move from here to `to`.
    pub(super) fn take_back(
        &self,
        to: &Self,
        past: &mut Past,
        facts: &Facts,
    ) -> Result<(), ReadError> {
        let sources = self.places(facts);
        if sources.iter().any(|it| past.exists(&it.path)) {
            return Ok(());
        }
        let there = to.places(facts).into_iter().find(|it| past.exists(&it.path));
        let Some(to) = there else { return Ok(()) };
        let from = sources.into_iter().find(|it| it.root == to.root && it.file == to.file);
        let Some(from) = from else { return Ok(()) };
        if let Some((from, to)) = stub_of(&from.path).zip(stub_of(&to.path)) {
            past.take_back(&from, &to)?;
        }
        past.take_back(&from.path, &to.path)
    }

    /// Returns the ways that a move from here to `to` may go.
    pub(super) fn ways(&self, to: &Self, facts: &Facts) -> Vec<(RepoPath, RepoPath)> {
        let targets = to.places(facts);
        let ways = self.places(facts).into_iter().filter_map(|from| {
            let to = targets.iter().find(|it| it.root == from.root && it.file == from.file)?;
            Some((from.path, to.path.clone()))
        });
        ways.collect()
    }

    /// Returns where this end may stand: a path at itself, a module below each root, as a file or as
    /// a folder.
    pub(super) fn places(&self, facts: &Facts) -> Vec<Place> {
        let roots = facts.roots().iter().map(|it| &it.folder);
        let both = roots.flat_map(|root| [true, false].map(|file| (root, file)));
        let places = both.filter_map(|(root, file)| {
            let path = match self {
                Self::Path(path) => path.clone(),
                Self::Module(name) => {
                    let at = root.join(&RepoPath::new(&name.replace('.', "/")).ok()?);
                    if file { with_suffix(&at)? } else { at }
                }
            };
            Some(Place { root: root.clone(), file, path })
        });
        places.collect()
    }

    /// Warns that nothing stands here.
    pub(super) fn warn_missing(&self, stage: &mut Stage<'_>) {
        let message = format!("`{self}` does not exist");
        match self {
            Self::Path(path) => {
                let text = path.to_string();
                stage.warn_nothing(&text, message);
            }
            Self::Module(name) => stage.warn_nothing(&name.replace('.', "/"), message),
        }
    }
}

/// Where one end of a move may stand.
pub(super) struct Place {
    /// The root that it is seen from.
    root: RepoPath,
    /// Whether it would be a file.
    file: bool,
    /// The path.
    pub(super) path: RepoPath,
}

fn with_suffix(path: &RepoPath) -> Option<RepoPath> {
    RepoPath::new(&format!("{}.py", path.as_str()?)).ok()
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Module(name) => write!(f, "module:{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::module(&text) {
            Some(module) => module.map_err(D::Error::custom),
            None if text.contains(['*', '?']) => {
                Err(D::Error::custom(format!("`{text}` is a pattern; `from` and `to` are paths")))
            }
            None => RepoPath::new(&text).map(Self::Path).map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for End {
    fn schema_name() -> Cow<'static, str> {
        "PathOrModule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "description": "A path, or `module:pkg.mod` for a Python module or package.",
        })
    }
}

/// Returns the dotted name that a module at `path` has from the innermost root above it.
pub(super) fn dotted_name(stage: &Stage<'_>, path: &RepoPath) -> Option<String> {
    let roots = stage.facts.roots().iter().filter(|it| path.is_under(&it.folder));
    let root = roots.max_by_key(|it| it.folder.depth())?;
    let below = path.relative_to(&root.folder)?;
    let module = if packages::is_init(&below) { below.parent()? } else { below };
    let text = module.as_str()?;
    let text = text.strip_suffix(".pyi").or_else(|| text.strip_suffix(".py")).unwrap_or(text);
    let dotted = text.replace('/', ".");
    is_dotted(&dotted).then_some(dotted)
}

/// Tells whether `text` is a dotted name of words that Python could import.
pub(super) fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_identifier)
}
