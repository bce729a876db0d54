//! Another spelling for the imports of a file, which go on meaning what they meant: absolute ones for
//! relative ones, and back.
//!
//! The new spelling is computed from the names alone, and taken only where facts find the very same by
//! it. What cannot be spelled anew is told with its reason.

use std::collections::BTreeMap;

use super::from_imports::module_part;
use super::places::{binds, found, member_module};
use super::statement::{Fate, Fresh, Statement};
use super::view::Spelling;
use super::{Edit, FileEdits};
use crate::facts::{Facts, Found, Module};
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};
use crate::text::Text;
use crate::tree::{ReadError, Tree};

/// How imports are to be spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// `from shop.text import slugify`.
    Absolute,
    /// `from .text import slugify`.
    Relative,
}

/// What becomes of the imports of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Respelled {
    /// The edits; `None` where there is nothing to edit.
    pub edits: Option<FileEdits>,
    /// Why all of the file stays as it is, where it does though it has imports to spell anew.
    pub held: Option<String>,
    /// The lines of imports that stay as they are, and why.
    pub left: Vec<(u32, String)>,
}

/// Spells the imports of one file in a style, as far as they lead to something that is `wanted`.
///
/// # Errors
/// When the file cannot be read.
pub fn respell(
    (tree, facts): (&Tree, &Facts),
    path: &RepoPath,
    style: Style,
    wanted: &dyn Fn(&RepoPath) -> bool,
) -> Result<Respelled, ReadError> {
    let nothing = Ok(Respelled::default());
    let Some((file, (_, package))) = facts.files().get(path).zip(facts.package_of(path)) else {
        return nothing;
    };
    let Ok(text) = Text::decode_python(&tree.read(path)?) else { return nothing };
    let speller = Speller { facts, path, file, package, style, source: text.source() };
    let mut respelled = Respelled::default();
    let edits = speller.edits(wanted, &mut respelled.left);
    if edits.is_empty() {
        return Ok(respelled);
    }
    respelled.held = speller.obstacle();
    if respelled.held.is_none() {
        respelled.edits = Some(FileEdits { path: path.clone(), edits });
    }
    Ok(respelled)
}

/// One file, and what it is to look like.
struct Speller<'a> {
    facts: &'a Facts,
    path: &'a RepoPath,
    file: &'a FileFacts,
    /// The package that its relative imports count from.
    package: String,
    style: Style,
    source: &'a str,
}

impl Speller<'_> {
    /// Returns the edits of all import statements; says of each that stays why it does.
    fn edits(
        &self,
        wanted: &dyn Fn(&RepoPath) -> bool,
        left: &mut Vec<(u32, String)>,
    ) -> Vec<Edit> {
        let mut statements: BTreeMap<(usize, usize), Vec<&Import>> = BTreeMap::new();
        for import in self.file.imports.iter().filter(|it| self.concerns(it, wanted)) {
            let span = &import.statement;
            statements.entry((span.start, span.end)).or_default().push(import);
        }
        let mut edits = Vec::new();
        for imports in statements.values() {
            let mut entries = Vec::new();
            for import in imports {
                let module = Spelling { level: import.level, module: import.module.clone() };
                match self.entry(import) {
                    Ok(Entry::Module(now)) => {
                        let why = format!("`{module}` is `{now}` from here");
                        let edit = module_part(self.source, import, &now);
                        edits.push(Edit { edit, safety: Safety::Safe, why });
                    }
                    Ok(Entry::Name(package, name)) => entries.push((*import, package, name)),
                    Err(why) => left.push((import.line, why)),
                }
            }
            edits.extend(self.plain(entries));
        }
        edits.sort_by_key(|it| it.edit.span.start);
        edits
    }

    /// Tells whether an import could have the style and does not, and leads to something wanted.
    fn concerns(&self, import: &Import, wanted: &dyn Fn(&RepoPath) -> bool) -> bool {
        let other = match self.style {
            Style::Absolute => import.level > 0,
            Style::Relative => import.level == 0 && top(&import.module) == top(&self.package),
        };
        let is_statement = !matches!(import.target, Target::Call { .. });
        other && is_statement && self.targets(import).iter().any(wanted)
    }

    /// Returns the files and folders that an import leads to, as far as it leads.
    fn targets(&self, import: &Import) -> Vec<RepoPath> {
        let places = |module: Module| match module {
            Module::File(path) => vec![path],
            Module::Namespace(portions) => portions,
        };
        let near = self.facts.nearest(self.path, import.level, &import.module);
        let Some((module, rest)) = near else { return vec![RepoPath::root()] };
        let names = match &import.target {
            Target::Names(names) if rest.is_empty() => names.as_slice(),
            Target::Module { .. } | Target::Names(_) | Target::Star | Target::Call { .. } => &[],
        };
        let below = names.iter().map(|it| member_module(self.facts, &module, &it.name));
        let targets = below.map(|it| places(it.unwrap_or_else(|| module.clone())));
        let targets: Vec<RepoPath> = targets.flatten().collect();
        if targets.is_empty() { places(module) } else { targets }
    }

    /// Returns what is to be written in place of an import.
    fn entry(&self, import: &Import) -> Result<Entry, String> {
        let Target::Module { asname } = &import.target else {
            return self.spelled(import.level, &import.module).map(Entry::Module);
        };
        let module = &import.module;
        let Some(local) = asname else {
            return Err(format!(
                "`import {module}` has no relative form: it binds `{}`",
                top(module)
            ));
        };
        let Some((package, name)) = module.rsplit_once('.') else {
            return Err(format!("`{module}` has no relative name"));
        };
        let is_other = |above: &Module| {
            binds(self.facts, above, name)
                && member_module(self.facts, above, name) != found(self.facts, self.path, 0, module)
        };
        if found(self.facts, self.path, 0, package).is_some_and(|it| is_other(&it)) {
            return Err(format!("`{package}` has another `{name}`"));
        }
        let now = self.spelled(0, package)?;
        let text = if name == local { name.to_owned() } else { format!("{name} as {local}") };
        Ok(Entry::Name(now, text))
    }

    /// Spells a module anew.
    fn spelled(&self, level: u32, module: &str) -> Result<Spelling, String> {
        let old = Spelling { level, module: module.to_owned() };
        let was = self.facts.find(self.path, level, module);
        if !matches!(was, Found::Module(_) | Found::Assumed) {
            return Err(format!("`{old}` leads nowhere"));
        }
        let now = match self.style {
            Style::Absolute => absolute(&self.package, level, module),
            Style::Relative => relative(&self.package, module),
        };
        let now = now.ok_or_else(|| format!("`{old}` leads out of the package"))?;
        match self.facts.find(self.path, now.level, &now.module) == was {
            true => Ok(now),
            false => Err(format!("`{now}` is not `{old}` from here")),
        }
    }

    /// Rewrites one statement `import a.b as c`, of which these entries are to be taken from packages.
    fn plain(&self, entries: Vec<(&Import, Spelling, String)>) -> Vec<Edit> {
        let Some(span) = entries.first().map(|it| it.0.statement.clone()) else {
            return Vec::new();
        };
        let all = self.file.imports.iter().filter(|it| it.statement == span);
        let all: Vec<&Import> = all.collect();
        let leaves = |import: &&&Import| entries.iter().any(|it| it.0.span == import.span);
        let fate = |it: &&Import| if leaves(&it) { Fate::Leaves } else { Fate::Stays };
        let fates: Vec<Fate> = all.iter().map(fate).collect();
        let from = |(_, package, name): &(&Import, Spelling, String)| Fresh::From {
            module: package.to_string(),
            names: vec![(name.clone(), None)],
        };
        let fresh: Vec<Fresh> = entries.iter().map(from).collect();
        let spans = all.iter().map(|it| it.span.clone()).collect();
        let statement = Statement { source: self.source, span, entries: spans };
        let edits = statement.rewrite(&fates, &fresh).into_iter();
        let why = |it: &(&Import, Spelling, String)| {
            format!("`{}` is taken from `{}` here", it.0.module, it.1)
        };
        let why = entries.iter().map(why).collect::<Vec<_>>().join("; ");
        edits.map(|edit| Edit { edit, safety: Safety::Safe, why: why.clone() }).collect()
    }

    /// Returns why the file cannot have imports of the style, where it cannot.
    fn obstacle(&self) -> Option<String> {
        if let Some(other) = self.other_name() {
            return Some(format!("is imported as `{other}`, too, which is in another package"));
        }
        let is_relative = |it: &&Import| it.level > 0 && !matches!(it.target, Target::Call { .. });
        let runs = |it: &&Import| !it.deferred && !it.optional && !it.type_checking;
        // Where one works at import time, all do.
        if self.style == Style::Absolute
            || self.file.imports.iter().filter(is_relative).any(|it| runs(&it))
        {
            return None;
        }
        let own = self.facts.find(self.path, 1, "").module();
        if !matches!(own, Some(Module::File(_))) {
            return Some("stands in no package".to_owned());
        }
        let is_main = self.path.name() == b"__main__.py";
        let started = is_main || self.facts.started().contains(self.path);
        started.then(|| "may be started as a script, which is in no package".to_owned())
    }

    /// Returns a name by which somebody imports the file that is not the one in its package.
    fn other_name(&self) -> Option<String> {
        let own = match self.path.stem() {
            "__init__" => self.package.clone(),
            stem => format!("{}.{stem}", self.package),
        };
        let last = own.rsplit('.').next().unwrap_or_default();
        let mut names = self.facts.users(self.path).filter_map(|edge| {
            let import = self.facts.files().get(&edge.from)?.imports.get(edge.import)?;
            let name = match &import.target {
                Target::Names(names) if edge.name.is_none() => {
                    let is_taken = names.iter().any(|it| it.name == last);
                    is_taken.then(|| format!("{}.{last}", import.module))?
                }
                Target::Module { .. } | Target::Names(_) | Target::Star | Target::Call { .. } => {
                    import.module.clone()
                }
            };
            (import.level == 0).then_some(name)
        });
        names.find(|it| *it != own)
    }
}

/// What is written in place of an import.
enum Entry {
    /// Another spelling of the module, between `from` and `import`.
    Module(Spelling),
    /// `from package import name`, in place of `import package.name as …`.
    Name(Spelling, String),
}

fn top(module: &str) -> &str {
    module.split('.').next().unwrap_or_default()
}

/// Returns the absolute name of what a relative import in `package` names.
fn absolute(package: &str, level: u32, module: &str) -> Option<Spelling> {
    let mut parts: Vec<&str> = package.split('.').collect();
    let above = usize::try_from(level).ok()?.checked_sub(1)?;
    parts.truncate(parts.len().checked_sub(above).filter(|left| *left > 0)?);
    parts.extend(module.split('.').filter(|it| !it.is_empty()));
    Some(Spelling { level: 0, module: parts.join(".") })
}

/// Returns the relative name, in `package`, of what has this absolute name.
fn relative(package: &str, module: &str) -> Option<Spelling> {
    let (own, target): (Vec<&str>, Vec<&str>) =
        (package.split('.').collect(), module.split('.').collect());
    let common = own.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let level = u32::try_from(own.len() - common + 1).ok()?;
    (common > 0).then(|| Spelling { level, module: target[common..].join(".") })
}
