//! What other files take of a package: names, or more than can be told by name.

use std::collections::BTreeSet;

use crate::facts::{Bound, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{self, Target, Use};
use crate::steps::{Stage, StepError};
use crate::text::{Lines, Text};

/// One place that takes something of the package.
pub(super) struct Taken {
    /// The file.
    pub(super) by: RepoPath,
    /// The line, from 1.
    pub(super) line: u32,
    /// What it takes.
    pub(super) what: What,
}

/// What is taken of a package.
pub(super) enum What {
    /// A name.
    Name(String),
    /// A name in a string, `"package.name"`: a module, where there is one.
    Said(String),
    /// A name that is not imported where it is a module: `"package:name"`.
    Loaded(String),
    /// A name that is set or deleted there.
    Set(String),
    /// Whatever a star import gives.
    Star,
    /// The package itself, as a value.
    Whole,
}

/// Returns what files other than `init` and those of `leaving` take of the package.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn taken(
    stage: &Stage<'_>,
    init: &RepoPath,
    leaving: &BTreeSet<RepoPath>,
) -> Result<Vec<Taken>, StepError> {
    let package = Module::File(init.clone());
    let ways = ways(stage, &package);
    let dotted = stage.facts.names_of(init);
    let mut found = Vec::new();
    for by in stage.facts.files().keys().filter(|it| *it != init && !leaving.contains(*it)) {
        let mut reader = Reader { stage, package: &package, by, found: &mut found };
        reader.statements();
        reader.chains(&ways)?;
        reader.literals(&dotted);
    }
    Ok(found)
}

/// Returns the modules through which a chain of names may come to the package: the package, those above
/// it, and those that import one of these, from one to the next.
fn ways(stage: &Stage<'_>, package: &Module) -> BTreeSet<Module> {
    let mut ways = BTreeSet::from([package.clone()]);
    if let Module::File(init) = package {
        let above = stage.facts.names_of(init);
        let tops = above.iter().filter_map(|it| it.split('.').next());
        ways.extend(tops.filter_map(|top| stage.facts.find(init, 0, top).module()));
    }
    let bound: Vec<(Module, BTreeSet<&Module>)> = stage
        .facts
        .files()
        .keys()
        .map(|it| {
            (Module::File(it.clone()), stage.facts.bound_modules(it).modules.values().collect())
        })
        .collect();
    loop {
        let known = ways.len();
        let leads = bound.iter().filter(|(_, bound)| bound.iter().any(|it| ways.contains(*it)));
        let more: Vec<Module> = leads.map(|(module, _)| module.clone()).collect();
        ways.extend(more);
        if ways.len() == known {
            return ways;
        }
    }
}

/// One file that may use the package.
struct Reader<'a, 's> {
    stage: &'a Stage<'s>,
    package: &'a Module,
    by: &'a RepoPath,
    found: &'a mut Vec<Taken>,
}

impl Reader<'_, '_> {
    fn add(&mut self, line: u32, what: What) {
        self.found.push(Taken { by: self.by.clone(), line, what });
    }

    /// Adds what `from` imports take.
    fn statements(&mut self) {
        let stage = self.stage;
        let Some(facts) = stage.facts.files().get(self.by) else { return };
        for import in &facts.imports {
            let found = stage.facts.find(self.by, import.level, &import.module);
            if found != Found::Module(self.package.clone()) {
                continue;
            }
            match &import.target {
                Target::Names(names) | Target::Call { names, .. } => {
                    for name in names {
                        self.add(name.line, What::Name(name.name.clone()));
                    }
                }
                Target::Star => self.add(import.line, What::Star),
                Target::Module { .. } => {}
            }
        }
    }

    /// Adds what is taken as an attribute, through whatever modules the way goes.
    fn chains(&mut self, ways: &BTreeSet<Module>) -> Result<(), StepError> {
        let stage = self.stage;
        let Bound { modules, stars } = stage.facts.bound_modules(self.by);
        let bound: Vec<_> = modules.iter().filter(|(_, it)| ways.contains(*it)).collect();
        if bound.is_empty() {
            return Ok(());
        }
        let Ok(text) = Text::decode_python(&stage.tree.read(self.by)?) else { return Ok(()) };
        let Some(facts) = stage.facts.files().get(self.by) else { return Ok(()) };
        let (source, lines) = (text.source(), Lines::new(text.source()));
        let uses = python::bindings(source, &facts.imports, stars, stage.facts.target()).uses;
        for (key, module) in bound {
            let own = uses.get(key).map_or(&[][..], Vec::as_slice);
            for used in own.iter().filter(|it| !it.written) {
                if let Some(what) = self.what(source, module, used) {
                    let line = used.parts.first().map_or(1, |(_, span)| lines.line(span.start));
                    self.add(line, what);
                }
            }
            // Nobody knows where the value of a call goes.
            let import = &facts.imports[key.0];
            let is_call = matches!(import.target, Target::Call { .. });
            if is_call && own.is_empty() && module == self.package {
                self.add(import.line, What::Whole);
            }
        }
        Ok(())
    }

    /// Returns what one use takes of the package, where it comes there.
    fn what(&self, source: &str, module: &Module, used: &Use) -> Option<What> {
        let mut at = module.clone();
        let mut names = used.parts.iter().enumerate().skip(1);
        while at != *self.package {
            let (_, (name, _)) = names.next()?;
            let Member::Module(next) = self.stage.facts.member(&at, name) else { return None };
            at = next;
        }
        let Some((index, (name, _))) = names.next() else { return Some(What::Whole) };
        let set = index + 1 == used.parts.len() && is_set(source, used, index);
        Some(if set { What::Set(name.clone()) } else { What::Name(name.clone()) })
    }

    /// Adds what strings name.
    fn literals(&mut self, dotted: &[String]) {
        let stage = self.stage;
        let Some(facts) = stage.facts.files().get(self.by) else { return };
        for literal in facts.literals.iter().filter(|it| !it.docstring) {
            let rest = dotted.iter().find_map(|it| literal.text.strip_prefix(it.as_str()));
            let Some(rest) = rest else { continue };
            let name = |it: &str| it.split(['.', ':']).next().unwrap_or_default().to_owned();
            if let Some(rest) = rest.strip_prefix('.') {
                self.add(literal.line, What::Said(name(rest)));
            } else if let Some(rest) = rest.strip_prefix(':') {
                self.add(literal.line, What::Loaded(name(rest)));
            }
        }
    }
}

/// Tells whether a use stands where something is set or deleted.
fn is_set(source: &str, used: &Use, last: usize) -> bool {
    let span = used.span(last);
    let before = source[..span.start].trim_end_matches([' ', '\t', '(']);
    let behind = source[span.end..].trim_start_matches([' ', '\t']);
    let assigned = behind.starts_with('=') && !behind.starts_with("==");
    let operator = behind.split_once('=').is_some_and(|(operator, _)| {
        matches!(
            operator,
            "+" | "-" | "*" | "/" | "//" | "%" | "@" | "&" | "|" | "^" | ">>" | "<<" | "**"
        )
    });
    assigned || operator || before.ends_with("del")
}
