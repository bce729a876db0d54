//! Who replaces a name of a module for a while, as `mock.patch("a.f")` does, means the module that looks
//! the name up: once the code that does so stands elsewhere, the name has to be replaced there.

use std::collections::BTreeMap;

use super::along::depth_of;
use super::side::Side;
use crate::facts::{Facts, Member, Module};
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::python::{self, FileFacts, Import, Status, Target, Use};
use crate::rewrite::{Edit, FileEdits, Followed};
use crate::text::{Lines, Span, Text, TextEdit};
use crate::tree::{ReadError, Tree};

/// What may stand before the `=` of an assignment.
const OPERATORS: [&str; 13] = ["**", "//", ">>", "<<", "+", "-", "*", "/", "|", "&", "^", "%", "@"];

/// A module of which parts went to others, as all of them are now.
#[derive(Debug)]
pub struct Parted<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Its facts.
    pub facts: &'a Facts,
    /// The module.
    pub module: &'a RepoPath,
    /// The modules that have parts of it.
    pub parts: &'a [RepoPath],
}

/// Returns the edits by which those who replace names of the module, or name them in strings, still mean
/// what looks them up, or has them; and findings where one place has become several.
///
/// # Errors
/// When a file cannot be read.
pub fn patches(
    parted: &Parted<'_>,
    editable: &dyn Fn(&RepoPath) -> bool,
) -> Result<Followed, ReadError> {
    let Parted { tree, facts, module, parts } = *parted;
    let mut homes = Vec::new();
    for path in std::iter::once(module).chain(parts) {
        homes.extend(Side::read(tree, facts, path)?);
    }
    let names = facts.names_of(module);
    let mut sites: BTreeMap<&RepoPath, Vec<Site>> = BTreeMap::new();
    for (path, file) in facts.files() {
        let imports = facts.edges_of(path).iter().any(|it| it.to == *module);
        let says = file.literals.iter().any(|it| named(&names, &it.text).is_some());
        if file.status == Status::Parsed && (imports || says) {
            let Ok(text) = Text::decode_python(&tree.read(path)?) else { continue };
            let reader = Reader { facts, module, path, file, source: text.source() };
            sites.insert(path, reader.read(&names));
        }
    }
    let judge = Judge { facts, module, homes: &homes, sites: &sites };
    let mut followed = Followed::default();
    for (path, own) in sites.iter().filter(|(path, _)| editable(path)) {
        let mut edits = Vec::new();
        for site in own {
            match judge.verdict(path, site) {
                Verdict::Stays => {}
                Verdict::At(home) => match judge.edits(site, home) {
                    Ok(own) => edits.extend(own),
                    Err(message) => followed.findings.push(told(path, site, message)),
                },
                Verdict::Unclear(places) => {
                    followed.findings.push(told(path, site, judge.unclear(site, &places)));
                }
            }
        }
        edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
        edits.dedup_by(|one, other| one.edit == other.edit);
        if !edits.is_empty() {
            followed.files.push(FileEdits { path: (*path).clone(), edits });
        }
    }
    Ok(followed)
}

/// A place that names something of the module.
struct Site {
    line: u32,
    name: String,
    /// What names the module: an expression, or a part of a string.
    module: Span,
    how: How,
}

/// How a place names something.
enum How {
    /// `module.name`, read.
    Read,
    /// `module.name`, assigned or deleted.
    Assigned,
    /// `"module.name"`.
    Said,
    /// `patch("module.name")`.
    PatchedByText,
    /// `patch.object(module, "name")`: where the argument with the name ends, and what leaves the name
    /// of what is called where one argument in dots is to say both.
    Patched { end: usize, leaves: Option<Span> },
}

/// One file that may name something of the module.
struct Reader<'a> {
    facts: &'a Facts,
    module: &'a RepoPath,
    path: &'a RepoPath,
    file: &'a FileFacts,
    source: &'a str,
}

impl Reader<'_> {
    fn read(&self, names: &[String]) -> Vec<Site> {
        let mut sites = Vec::new();
        for literal in self.file.literals.iter().filter(|it| !it.docstring) {
            let Some((length, name, whole)) = named(names, &literal.text) else { continue };
            let callee = called(self.source, literal.span.start);
            let patched = whole && callee.is_some_and(|it| replaces(it, false));
            let how = if patched { How::PatchedByText } else { How::Said };
            let module = literal.span.start..literal.span.start + length;
            sites.push(Site { line: literal.line, name: name.to_owned(), module, how });
        }
        let lines = Lines::new(self.source);
        let imports = &self.file.imports;
        let none = BTreeMap::new();
        let bindings = python::bindings(self.source, imports, &none, self.facts.target());
        for (key, uses) in &bindings.uses {
            let Some(import) = imports.get(key.0) else { continue };
            let depth = depth_of(self.facts, self.path, (import, key.1), self.module);
            let Some(depth) = depth else { continue };
            for used in uses.iter().filter(|it| leads_to(import, depth, it)) {
                sites.extend(self.site(used, depth, &lines));
            }
        }
        sites
    }

    /// Reads what is done with the module.
    fn site(&self, used: &Use, depth: usize, lines: &Lines) -> Option<Site> {
        let (first, last) = (used.parts.first()?, used.parts.get(depth.checked_sub(1)?)?);
        let module = first.1.start..last.1.end;
        let line = lines.line(module.start);
        if let Some((name, span)) = used.parts.get(depth) {
            let assigned = used.parts.len() == depth + 1 && self.is_assigned(&module, span);
            let how = if assigned { How::Assigned } else { How::Read };
            return Some(Site { line, name: name.clone(), module, how });
        }
        let callee = called(self.source, module.start)?;
        let rest = self.source[module.end..].trim_start().strip_prefix(',')?.trim_start();
        let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let name = rest[1..].split(quote).next().filter(|it| python::is_identifier(it))?;
        let how = match replaces(callee, true) {
            true => How::Patched {
                end: self.source.len() - rest.len() + name.len() + 2,
                leaves: self.leaves(callee, module.start),
            },
            false => How::Read,
        };
        Some(Site { line, name: name.to_owned(), module, how })
    }

    /// Returns what leaves the name of what is called, so that it takes a name in dots.
    fn leaves(&self, callee: &str, at: usize) -> Option<Span> {
        let end = self.source[..at].rfind('(').map(|it| self.source[..it].trim_end().len())?;
        let (_, last) = callee.rsplit_once('.')?;
        match last {
            "object" => Some(end - ".object".len()..end),
            "setattr" | "delattr" => Some(end..end),
            _ => None,
        }
    }

    /// Tells whether an attribute is assigned or deleted.
    fn is_assigned(&self, module: &Span, name: &Span) -> bool {
        let behind = self.source[name.end..].trim_start_matches([' ', '\t']);
        let operator = OPERATORS.iter().find_map(|it| behind.strip_prefix(it)).unwrap_or(behind);
        let assigned = operator.starts_with('=') && !operator.starts_with("==");
        let before = self.source[..module.start].trim_end_matches([' ', '\t']);
        let word = before.rsplit(|it: char| !it.is_alphanumeric() && it != '_').next();
        assigned || word == Some("del")
    }
}

/// Where a name has to be replaced, or found.
enum Verdict<'a> {
    Stays,
    At(&'a Side),
    Unclear(Vec<&'a RepoPath>),
}

/// Decides where a name has to be replaced.
struct Judge<'a> {
    facts: &'a Facts,
    module: &'a RepoPath,
    homes: &'a [Side],
    sites: &'a BTreeMap<&'a RepoPath, Vec<Site>>,
}

impl<'a> Judge<'a> {
    fn verdict(&self, path: &RepoPath, site: &Site) -> Verdict<'a> {
        let name = site.name.as_str();
        let has = |home: &Side| !home.binders(name).is_empty();
        let offered = self.facts.member(&Module::File(self.module.clone()), name);
        let offered = offered != Member::Missing;
        let home = || match self.homes.iter().find(|it| has(it)) {
            Some(home) if !offered => Verdict::At(home),
            _ => Verdict::Stays,
        };
        match site.how {
            How::Read => return Verdict::Stays,
            How::Said => return home(),
            How::Assigned | How::PatchedByText | How::Patched { .. } => {}
        }
        let looks = |side: &&Side| {
            let mut mentions = side.parts.iter().flat_map(|it| &it.mentions);
            has(side) && mentions.any(|it| !it.written && it.name() == name)
        };
        let looking: Vec<&Side> = self.homes.iter().filter(looks).collect();
        let read_elsewhere = self.sites.iter().any(|(other, sites)| {
            let reads = |it: &Site| matches!(it.how, How::Read) && it.name == name;
            **other != *path && sites.iter().any(reads)
        });
        match looking.as_slice() {
            [] => home(),
            [only] if only.path == *self.module => Verdict::Stays,
            [only] if !read_elsewhere || !offered => Verdict::At(only),
            _ => {
                let own = read_elsewhere.then_some(self.module);
                let mut places: Vec<&RepoPath> = looking.iter().map(|it| &it.path).collect();
                places.extend(own.filter(|it| !places.contains(it)));
                Verdict::Unclear(places)
            }
        }
    }

    /// Returns the edits of a place, or what a person has to do there.
    fn edits(&self, site: &Site, home: &Side) -> Result<Vec<Edit>, String> {
        let missing = || format!("replaces `{}`, which `{}` looks up now", site.name, home.path);
        let old = self.facts.names_of(self.module);
        let new = self.facts.names_of(&home.path).into_iter().next().ok_or_else(missing)?;
        let why = format!("`{}` is looked up in `{}`", site.name, home.path);
        let edit = |span, text| {
            let edit = TextEdit { span, text };
            Edit { edit, safety: Safety::Safe, why: why.clone() }
        };
        let below = old.iter().find_map(|it| new.strip_prefix(it.as_str())?.strip_prefix('.'));
        let loaded = self.facts.edges_of(self.module).iter().any(|it| it.to == home.path);
        let module = &site.module;
        match (&site.how, below.filter(|_| loaded)) {
            (How::Said | How::PatchedByText, _) => Ok(vec![edit(module.clone(), new)]),
            (_, Some(below)) => Ok(vec![edit(module.end..module.end, format!(".{below}"))]),
            (How::Patched { end, leaves: Some(leaves) }, None) => {
                let text = format!("\"{new}.{}\"", site.name);
                let both = [(leaves.clone(), String::new()), (module.start..*end, text)];
                let both =
                    both.into_iter().filter(|(span, text)| !span.is_empty() || !text.is_empty());
                Ok(both.map(|(span, text)| edit(span, text)).collect())
            }
            (_, None) => Err(missing()),
        }
    }

    fn unclear(&self, site: &Site, places: &[&RepoPath]) -> String {
        let places: Vec<String> = places.iter().map(|it| format!("`{it}`")).collect();
        let (name, module) = (&site.name, self.module);
        format!("replaces `{name}` of `{module}`, which {} look up now", places.join(" and "))
    }
}

fn told(path: &RepoPath, site: &Site, message: String) -> Finding {
    Finding::warning(Some(path.clone()), message).at_line(site.line)
}

/// Splits a string that names something of a module: the length of the name of the module, the name in
/// it, and whether the string ends there.
fn named<'t>(modules: &[String], text: &'t str) -> Option<(usize, &'t str, bool)> {
    modules.iter().find_map(|module| {
        let rest = text.strip_prefix(module.as_str())?.strip_prefix(['.', ':'])?;
        let name = rest.split('.').next().filter(|it| python::is_identifier(it))?;
        Some((module.len(), name, name == rest))
    })
}

/// Returns what is called with the argument at this place as the first one.
fn called(source: &str, at: usize) -> Option<&str> {
    let head = source[..at].trim_end_matches(['"', '\'']).trim_end();
    let head = head.strip_suffix("target=").unwrap_or(head).trim_end();
    let head = head.strip_suffix('(')?.trim_end();
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.');
    let start = head.trim_end_matches(is_part).len();
    Some(&head[start..])
}

/// Tells whether a call replaces a name: of an object, or one that it is given in dots.
fn replaces(callee: &str, object: bool) -> bool {
    let last = callee.rsplit('.').next().unwrap_or_default();
    match last {
        "setattr" | "delattr" => true,
        "object" | "spy" => object,
        "patch" => !object,
        _ => false,
    }
}

/// Tells whether a use spells the module out: `import a.b` binds `a`, so it has the uses of `a.c`, too.
fn leads_to(import: &Import, depth: usize, used: &Use) -> bool {
    let plain = matches!(import.target, Target::Module { asname: None });
    let parts = used.parts.iter().map(|(part, _)| part.as_str()).take(depth);
    !plain || parts.eq(import.module.split('.'))
}
