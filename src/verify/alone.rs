//! Importing a module alone, as a fresh Python does: the packages above it run first, each import
//! runs what has not begun yet, and what is taken from a module that is still running has to be bound
//! by then.
//!
//! Only modules that need each other can meet one that is still running, so only those are tried.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Edge, Facts, Member, Module};
use crate::path::RepoPath;
use crate::python::{All, Binding, DefinitionKind, FileFacts, Import, Status, Target};

/// As many modules as Python itself would have running, one importing the next.
const DEEPEST: usize = 500;

/// The place of a module that has run to its end.
const END: usize = usize::MAX;

/// The modules that were running when a name was missing: the first lacks it, the last asks for it.
pub(super) type Chain = Vec<RepoPath>;

/// One import that runs with its module.
struct Act<'a> {
    /// Where the statement stands.
    at: usize,
    to: &'a RepoPath,
    name: Option<&'a str>,
    star: bool,
    optional: bool,
}

/// What every module of a tree imports as it runs.
pub(super) struct Startup<'a> {
    facts: &'a Facts,
    acts: BTreeMap<&'a RepoPath, Vec<Act<'a>>>,
}

/// One Python, and how far each module has come in it.
#[derive(Default, Clone)]
struct Process<'a> {
    at: BTreeMap<&'a RepoPath, usize>,
    /// Star imports of modules that were still running: who, where, and how far the other was.
    halves: BTreeMap<&'a RepoPath, Vec<(usize, &'a RepoPath, usize)>>,
    running: Vec<&'a RepoPath>,
}

/// Returns the import behind an edge, where it runs with its module.
pub(super) fn import_of<'a>(facts: &'a Facts, edge: &Edge) -> Option<&'a Import> {
    let import = facts.files().get(&edge.from)?.imports.get(edge.import)?;
    let runs = !import.deferred && !import.type_checking && edge.from.extension() != "pyi";
    runs.then_some(import)
}

/// Returns the `__init__` files of the packages above `file`, the outermost first.
pub(super) fn packages<'a>(facts: &'a Facts, file: &RepoPath) -> Vec<&'a RepoPath> {
    let inits = file.folders().filter_map(|folder| folder.child("__init__.py").ok());
    let inits = inits.filter(|init| init != file);
    let mut found: Vec<_> =
        inits.filter_map(|it| facts.files().get_key_value(&it).map(|(init, _)| init)).collect();
    found.reverse();
    found
}

impl<'a> Startup<'a> {
    /// Reads the imports of a tree.
    pub(super) fn new(facts: &'a Facts) -> Self {
        let mut acts: BTreeMap<&RepoPath, Vec<Act<'_>>> = BTreeMap::new();
        for edge in facts.edges() {
            let Some(import) = import_of(facts, edge) else { continue };
            acts.entry(&edge.from).or_default().push(Act {
                at: import.statement.start,
                to: &edge.to,
                name: edge.name.as_deref(),
                star: import.target == Target::Star,
                optional: import.optional,
            });
        }
        Self { facts, acts }
    }

    /// Imports each of `files` alone; returns those that fail, and why.
    pub(super) fn failures(
        &self,
        files: impl IntoIterator<Item = &'a RepoPath>,
    ) -> Vec<(&'a RepoPath, Chain)> {
        // The modules of a package begin alike.
        let mut by_packages: BTreeMap<Vec<&RepoPath>, Vec<&RepoPath>> = BTreeMap::new();
        for file in files {
            by_packages.entry(packages(self.facts, file)).or_default().push(file);
        }
        let mut found = Vec::new();
        for (above, files) in by_packages {
            let mut process = Process::default();
            let begun = above.into_iter().try_for_each(|init| self.run(&mut process, init));
            for file in files {
                let result = match &begun {
                    Ok(()) if process.at.contains_key(file) => Ok(()),
                    Ok(()) => self.run(&mut process.clone(), file),
                    Err(chain) => Err(chain.clone()),
                };
                found.extend(result.err().map(|chain| (file, chain)));
            }
        }
        found
    }

    /// Runs a module, unless it has begun already.
    fn run(&self, process: &mut Process<'a>, file: &'a RepoPath) -> Result<(), Chain> {
        if process.at.contains_key(file) || process.running.len() > DEEPEST {
            return Ok(());
        }
        process.at.insert(file, 0);
        process.running.push(file);
        let mut acts = self.acts.get(file).into_iter().flatten();
        let result = acts.try_for_each(|act| {
            process.at.insert(file, act.at);
            let done = self.act(process, file, act);
            if act.optional { Ok(()) } else { done }
        });
        process.running.pop();
        match &result {
            Ok(()) => process.at.insert(file, END),
            // What failed is to be imported again.
            Err(_) => process.at.remove(file),
        };
        result
    }

    fn act(
        &self,
        process: &mut Process<'a>,
        file: &'a RepoPath,
        act: &Act<'a>,
    ) -> Result<(), Chain> {
        for init in packages(self.facts, act.to) {
            self.run(process, init)?;
        }
        self.run(process, act.to)?;
        let place = process.at.get(act.to).copied().unwrap_or(END);
        let lacks = |name: &str| !self.has(process, (act.to, name), place, &mut BTreeSet::new());
        if act.name.is_some_and(lacks) || (act.star && self.exports(act.to, place).any(lacks)) {
            return Err(chain(process, file, act.to));
        }
        if act.star && place != END {
            process.halves.entry(file).or_default().push((act.at, act.to, place));
        }
        Ok(())
    }

    /// Returns the names that a star import asks for by now: those of an `__all__` that is bound.
    fn exports(&self, file: &RepoPath, place: usize) -> impl Iterator<Item = &'a str> {
        let facts = self.facts.files().get(file);
        let bound = facts.filter(|it| bound_by(it, "__all__", place));
        let names = bound.and_then(|it| match &it.names.all {
            All::Names(names) => Some(names),
            All::Absent | All::Dynamic(_) => None,
        });
        names.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Tells whether a module that has come to `place` has a name, if it ever has.
    fn has(
        &self,
        process: &Process<'a>,
        (file, name): (&'a RepoPath, &str),
        place: usize,
        met: &mut BTreeSet<&'a RepoPath>,
    ) -> bool {
        let halves = process.halves.get(file).map_or(&[][..], Vec::as_slice);
        if (place == END && halves.is_empty()) || !met.insert(file) {
            return true;
        }
        let Some(facts) = self.facts.files().get(file) else { return true };
        let unread = facts.names.open || facts.names.getattr || facts.status != Status::Parsed;
        if unread || bound_by(facts, name, place) {
            return true;
        }
        let acts = self.acts.get(file).map_or(&[][..], Vec::as_slice);
        let offers =
            |to: &RepoPath| self.facts.member(&Module::File(to.clone()), name) != Member::Missing;
        let stars: Vec<&Act<'_>> = acts.iter().filter(|act| act.star && offers(act.to)).collect();
        // What nothing here binds comes in some other way: it is a submodule, or always there.
        let elsewhere = stars.is_empty() && !bound_by(facts, name, END);
        elsewhere
            || stars.into_iter().filter(|act| act.at < place).any(|act| {
                let half = halves.iter().find(|(at, to, _)| *at == act.at && *to == act.to);
                let then = half.map_or(END, |(_, _, then)| *then);
                self.has(process, (act.to, name), then, met)
            })
    }
}

/// Tells whether something before `place` binds the name.
fn bound_by(facts: &FileFacts, name: &str, place: usize) -> bool {
    let bindings = facts.names.bound.get(name).into_iter().flatten();
    let starts = bindings.filter_map(|binding| match binding {
        Binding::Definition { kind: DefinitionKind::Annotation, .. } => None,
        Binding::Definition { span, .. } => Some(span.start),
        Binding::Import { import, .. } => {
            let import = facts.imports.get(*import)?;
            Some(import.statement.start)
        }
    });
    starts.into_iter().any(|start| start < place)
}

/// Returns what was running from the module that lacks a name to `file`, which asks for it.
fn chain(process: &Process<'_>, file: &RepoPath, lacks: &RepoPath) -> Chain {
    let halves = process.halves.get(lacks).into_iter().flatten().map(|(_, to, _)| *to);
    let guilty: Vec<&RepoPath> = halves.chain([lacks]).collect();
    match process.running.iter().position(|it| guilty.contains(it)) {
        Some(first) => process.running[first..].iter().map(|it| (*it).clone()).collect(),
        None => vec![lacks.clone(), file.clone()],
    }
}
