//! Importing a module alone, as a fresh Python does: the packages above it run first, each import
//! runs what has not begun yet, and what is taken from a module that is still running has to be bound
//! by then.
//!
//! So has what is read as an attribute, and a package has none for a submodule that is still running.
//! Where a handler catches that, something is lost all the same, and told apart.
//!
//! Only modules that need each other can meet one that is still running, so all others are taken to
//! run to their end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::reads::{Read, Reads, Texts};
use super::targets::Side;
use crate::facts::{Edge, Facts, Member, Module};
use crate::path::RepoPath;
use crate::python::{All, Binding, DefinitionKind, FileFacts, Status, Target};
use crate::tree::ReadError;

/// As many modules as Python itself would have running, one importing the next.
const DEEPEST: usize = 500;

/// The `__init__` files of each folder and of those above it.
type Packages = HashMap<RepoPath, Vec<File>, foldhash::fast::RandomState>;

/// The place of a module that has not begun.
const UNSEEN: usize = usize::MAX;

/// The place of a module that has run to its end.
const END: usize = UNSEEN - 1;

/// A file, by its number in the order of the tree.
pub(super) type File = usize;

/// Files by path: a seeded map, and faster than the standard one.
type Numbers<'a> = HashMap<&'a RepoPath, File, foldhash::fast::RandomState>;

/// The modules that were running when a name was missing: the first lacks it, the last asks for it.
pub(super) type Chain = Vec<RepoPath>;

/// What every module of a tree imports as it runs.
pub(super) struct Startup<'a> {
    facts: &'a Facts,
    files: Vec<&'a RepoPath>,
    acts: Vec<Vec<Act<'a>>>,
    /// The `__init__` files of the packages above each file, the outermost first.
    above: Vec<Vec<File>>,
    reads: Reads<'a>,
}

/// What goes wrong where a module is imported alone.
pub(super) struct Failure<'a> {
    /// The module.
    pub(super) of: &'a RepoPath,
    /// Where a handler catches it, so that the module itself is imported.
    pub(super) caught: Option<&'a RepoPath>,
    pub(super) chain: Chain,
}

/// One import that runs with its module.
struct Act<'a> {
    /// Where the statement stands.
    at: usize,
    to: File,
    name: Option<&'a str>,
    star: bool,
    optional: bool,
    /// It stands in a handler, and so may not run at all.
    fallback: bool,
    /// As many of the packages above the module are attributes on the way from the name that is bound:
    /// `b` of `import a.b.c`.
    through: usize,
}

/// One Python, and how far each module has come in it.
#[derive(Default)]
pub(super) struct Process {
    at: Vec<usize>,
    /// How far modules had come before, in the order in which they went on.
    trail: Vec<(File, usize)>,
    /// Star imports of modules that were still running: who, where, of whom, and how far that was.
    halves: BTreeMap<File, Vec<(usize, File, usize)>>,
    running: Vec<File>,
    /// What handlers caught, by the file in which they stand.
    caught: Vec<(File, Chain)>,
}

/// A moment of a process: how long its trail was, its half star imports, and how much was caught.
type Mark = (usize, BTreeMap<File, Vec<(usize, File, usize)>>, usize);

impl Process {
    /// Begins a process in which all of so many files have run to their end.
    pub(super) fn of(files: usize) -> Self {
        Self { at: vec![END; files], ..Self::default() }
    }

    /// Takes these files to have not begun yet: they may meet one that is running.
    pub(super) fn open(&mut self, files: impl Iterator<Item = File>) {
        files.for_each(|file| self.at[file] = UNSEEN);
    }

    /// Takes these files to have run to their end.
    pub(super) fn close(&mut self, files: impl Iterator<Item = File>) {
        files.for_each(|file| self.at[file] = END);
    }

    fn set(&mut self, file: File, place: usize) {
        self.trail.push((file, self.at[file]));
        self.at[file] = place;
    }

    fn mark(&self) -> Mark {
        (self.trail.len(), self.halves.clone(), self.caught.len())
    }

    /// Goes back to a moment, at the cost of what was done since.
    fn back(&mut self, (length, halves, caught): Mark) {
        for (file, place) in self.trail.drain(length..).rev() {
            self.at[file] = place;
        }
        self.halves = halves;
        self.caught.truncate(caught);
    }
}

impl<'a> Startup<'a> {
    /// Reads the imports of a tree, and takes its files to read no attributes.
    pub(super) fn of_imports(facts: &'a Facts) -> Self {
        Self::new(facts, Reads::none())
    }

    /// Reads the imports of a tree, and where it matters what its files read beside them.
    pub(super) fn of(side: Side<'a>, texts: &Arc<Texts>) -> Self {
        Self::new(side.1, Reads::of(side, texts))
    }

    fn new(facts: &'a Facts, reads: Reads<'a>) -> Self {
        let files: Vec<&RepoPath> = facts.files().keys().collect();
        let numbers: Numbers<'_> =
            files.iter().enumerate().map(|(number, path)| (*path, number)).collect();
        let acts = facts.files().par_iter().map(|(path, file)| {
            // The names of an import mostly lead to one file.
            let mut last = (None, None);
            let mut number = |to: &'a RepoPath| {
                if last.0 != Some(to) {
                    last = (Some(to), numbers.get(to).copied());
                }
                last.1
            };
            let edges = facts.edges_of(path).iter();
            edges.filter_map(|edge| act(&mut number, file, edge)).collect()
        });
        let acts = acts.collect();
        let mut known = Packages::default();
        let above = files.iter().enumerate().map(|(number, path)| {
            let all = path.parent().map(|it| packages(&numbers, &mut known, &it));
            all.into_iter().flatten().filter(|init| *init != number).collect()
        });
        let above = above.collect();
        Self { facts, files, acts, above, reads }
    }

    /// Tells whether it is known what files read as attributes.
    pub(super) fn reads_attributes(&self) -> bool {
        self.reads.are_known()
    }

    /// Tells whether all that was asked for could be read.
    ///
    /// # Errors
    /// When a file could not.
    pub(super) fn whole(&self) -> Result<(), ReadError> {
        self.reads.whole()
    }

    /// Returns the files, by number.
    pub(super) fn files(&self) -> &[&'a RepoPath] {
        &self.files
    }

    /// Returns the `__init__` files of the packages above a file, which run before it.
    pub(super) fn above(&self, file: File) -> &[File] {
        &self.above[file]
    }

    /// Returns the `__init__` files of the packages above a file, the outermost first, by path.
    pub(super) fn packages_of(&self, path: &RepoPath) -> Vec<&'a RepoPath> {
        let file = self.files.binary_search(&path).ok();
        let above = file.map_or(&[][..], |it| &self.above[it]);
        above.iter().map(|it| self.files[*it]).collect()
    }

    /// Returns for each of these files the others that it imports as it runs, in order.
    pub(super) fn asked(&self, of: &[bool]) -> Vec<Vec<File>> {
        self.ways(of, |from, act, ways| ways.extend(Some(act.to).filter(|to| *to != from)))
    }

    /// Returns for each of these files the others that may run while it does, in order: those that it
    /// imports, and the packages above them, but for those that it is in itself: they run, or have run,
    /// before it.
    pub(super) fn implied(&self, of: &[bool]) -> Vec<Vec<File>> {
        self.ways(of, |from, act, ways| self.imply(from, act, ways))
    }

    /// Returns the same of all files, with the packages through which attributes lead, be they the
    /// file's own.
    pub(super) fn passed(&self) -> Vec<Vec<File>> {
        self.ways(&vec![true; self.files.len()], |from, act, ways| {
            self.imply(from, act, ways);
            ways.extend(self.way(act).1);
        })
    }

    fn imply(&self, from: File, act: &Act<'_>, ways: &mut Vec<File>) {
        let own = &self.above[from];
        let all = self.above[act.to].iter().filter(|init| !own.contains(*init));
        ways.extend(all.chain([&act.to]).filter(|to| **to != from));
    }

    fn ways(
        &self,
        of: &[bool],
        add: impl Fn(File, &Act<'_>, &mut Vec<File>) + Sync,
    ) -> Vec<Vec<File>> {
        let all = self.acts.par_iter().zip(of).enumerate().map(|(from, (acts, wanted))| {
            let mut ways = Vec::new();
            // The names that an import takes mostly lead to one file.
            let mut last = None;
            for act in acts.iter().filter(|_| *wanted) {
                if last.replace((act.to, act.through)) != Some((act.to, act.through)) {
                    add(from, act, &mut ways);
                }
            }
            ways.sort_unstable();
            ways.dedup();
            ways
        });
        all.collect()
    }

    /// Imports each of `files` alone, in a process in which nothing has begun yet; returns what goes wrong.
    pub(super) fn failures(
        &self,
        process: &mut Process,
        files: impl IntoIterator<Item = File>,
    ) -> Vec<Failure<'a>> {
        // The modules of a package begin alike.
        let mut by_packages: BTreeMap<&[File], Vec<File>> = BTreeMap::new();
        for file in files {
            by_packages.entry(&self.above[file]).or_default().push(file);
        }
        let mut found = Vec::new();
        for (above, files) in by_packages {
            let fresh = process.mark();
            let begun = above.iter().try_for_each(|init| self.run(process, *init));
            for file in files {
                let mark = process.mark();
                let result = match &begun {
                    Ok(()) => self.run(process, file),
                    Err(chain) => Err(chain.clone()),
                };
                found.extend(self.told(file, result, &process.caught));
                process.back(mark);
            }
            process.back(fresh);
        }
        found
    }

    /// Returns what went wrong in one process: that a module could not be imported, or else what was
    /// caught, once for each file.
    fn told(
        &self,
        file: File,
        result: Result<(), Chain>,
        caught: &[(File, Chain)],
    ) -> Vec<Failure<'a>> {
        let of = self.files[file];
        match result {
            Err(chain) => vec![Failure { of, caught: None, chain }],
            Ok(()) => {
                let first: BTreeMap<File, &Chain> =
                    caught.iter().rev().map(|(by, chain)| (*by, chain)).collect();
                let by = |(by, chain): (File, &Chain)| {
                    let caught = Some(self.files[by]);
                    Failure { of, caught, chain: chain.clone() }
                };
                first.into_iter().map(by).collect()
            }
        }
    }

    /// Runs a module, unless it has begun already.
    fn run(&self, process: &mut Process, file: File) -> Result<(), Chain> {
        if process.at[file] != UNSEEN || process.running.len() > DEEPEST {
            return Ok(());
        }
        process.running.push(file);
        let result = self.body(process, file);
        process.running.pop();
        // What failed is to be imported again.
        process.set(file, if result.is_ok() { END } else { UNSEEN });
        result
    }

    fn body(&self, process: &mut Process, file: File) -> Result<(), Chain> {
        let acts = &self.acts[file];
        let mut wary = false;
        for (index, act) in acts.iter().enumerate() {
            process.set(file, act.at);
            match self.act(process, file, act) {
                Err(chain) if !act.optional => return Err(chain),
                Err(chain) if !act.fallback => process.caught.push((file, chain)),
                Ok(()) | Err(_) => {}
            }
            wary |= self.meets_running(process, act);
            if wary {
                let next = acts.get(index + 1).map_or(END, |it| it.at);
                let reads = self.reads.by(file, self.files[file]).iter();
                for read in reads.filter(|it| act.at < it.at && it.at < next) {
                    process.set(file, read.at);
                    self.read(process, file, read)?;
                }
            }
        }
        Ok(())
    }

    /// Tells whether what an import binds is still running, or what its attributes lead through.
    fn meets_running(&self, process: &Process, act: &Act<'_>) -> bool {
        self.way(act).1.iter().chain([&act.to]).any(|it| process.at[*it] != END)
    }

    /// Returns the packages that run before what an import leads to, and those of them to which
    /// attributes lead from the name that it binds.
    fn way(&self, act: &Act<'_>) -> (&[File], &[File]) {
        let above = &self.above[act.to];
        above.split_at(above.len().saturating_sub(act.through))
    }

    /// Reads attributes, which something lacks where it has not come so far.
    fn read(&self, process: &Process, file: File, read: &Read) -> Result<(), Chain> {
        let mut lacking = None;
        for module in &read.modules {
            match self.lacking(process, module, &read.names) {
                None => return Ok(()),
                Some(lacks) => lacking = lacking.or(Some(lacks)),
            }
        }
        lacking.map_or(Ok(()), |lacks| Err(self.chain(process, file, lacks)))
    }

    /// Returns the file that has not come so far that these attributes can be read.
    fn lacking(&self, process: &Process, module: &Module, names: &[String]) -> Option<File> {
        let number = |module: &Module| match module {
            Module::File(path) => self.files.binary_search(&path).ok(),
            Module::Namespace(_) => None,
        };
        let mut module = module.clone();
        for name in names {
            let own = number(&module);
            let binds = own.and_then(|own| {
                let facts = self.facts.files().get(self.files[own])?;
                let binds = bound_by(facts, name, process.at[own]) || facts.names.may_make(name);
                Some((own, binds))
            });
            if let Some((own, false)) = binds
                && !self.has(process, (own, name), process.at[own], &mut BTreeSet::new())
            {
                return Some(own);
            }
            let below = self.facts.submodule(&module, name).as_ref().and_then(number);
            if binds.is_none_or(|(_, binds)| !binds)
                && let Some(below) = below.filter(|it| process.at[*it] != END)
            {
                return Some(below);
            }
            let Member::Module(next) = self.facts.member(&module, name) else { return None };
            module = next;
        }
        None
    }

    fn act(&self, process: &mut Process, file: File, act: &Act<'_>) -> Result<(), Chain> {
        for init in &self.above[act.to] {
            self.run(process, *init)?;
        }
        self.run(process, act.to)?;
        let place = process.at[act.to];
        let lacks = |name: &str| !self.has(process, (act.to, name), place, &mut BTreeSet::new());
        if act.name.is_some_and(lacks) || (act.star && self.exports(act.to, place).any(lacks)) {
            return Err(self.chain(process, file, act.to));
        }
        if act.star && place != END {
            process.halves.entry(file).or_default().push((act.at, act.to, place));
        }
        Ok(())
    }

    /// Returns the names that a star import asks for by now: those of an `__all__` that is bound.
    fn exports(&self, file: File, place: usize) -> impl Iterator<Item = &'a str> {
        let facts = self.facts.files().get(self.files[file]);
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
        process: &Process,
        (file, name): (File, &str),
        place: usize,
        met: &mut BTreeSet<File>,
    ) -> bool {
        let halves = process.halves.get(&file).map_or(&[][..], Vec::as_slice);
        if (place == END && halves.is_empty()) || !met.insert(file) {
            return true;
        }
        let Some(facts) = self.facts.files().get(self.files[file]) else { return true };
        let unread = facts.names.may_make(name) || facts.status != Status::Parsed;
        if unread || bound_by(facts, name, place) {
            return true;
        }
        let offers = |to: File| {
            let module = Module::File(self.files[to].clone());
            self.facts.member(&module, name) != Member::Missing
        };
        let acts = self.acts[file].iter();
        let stars: Vec<&Act<'_>> = acts.filter(|act| act.star && offers(act.to)).collect();
        // What nothing here binds comes in some other way: it is a submodule, or always there.
        let elsewhere = stars.is_empty() && !bound_by(facts, name, END);
        elsewhere
            || stars.into_iter().filter(|act| act.at < place).any(|act| {
                let half = halves.iter().find(|(at, to, _)| *at == act.at && *to == act.to);
                let then = half.map_or(END, |(_, _, then)| *then);
                self.has(process, (act.to, name), then, met)
            })
    }

    /// Returns what was running from the module that lacks a name to `file`, which asks for it.
    fn chain(&self, process: &Process, file: File, lacks: File) -> Chain {
        let halves = process.halves.get(&lacks).into_iter().flatten().map(|(_, to, _)| *to);
        let guilty: Vec<File> = halves.chain([lacks]).collect();
        let path = |file: &File| self.files[*file].clone();
        match process.running.iter().position(|it| guilty.contains(it)) {
            Some(first) => process.running[first..].iter().map(path).collect(),
            None => vec![path(&lacks), path(&file)],
        }
    }
}

/// Returns what an edge of a file does where its import runs with its module.
fn act<'a>(
    number: &mut impl FnMut(&'a RepoPath) -> Option<File>,
    file: &'a FileFacts,
    edge: &'a Edge,
) -> Option<Act<'a>> {
    let import = file.imports.get(edge.import)?;
    let runs = !import.deferred && !import.type_checking && edge.from.extension() != "pyi";
    runs.then_some(())?;
    Some(Act {
        at: import.statement.start,
        to: number(&edge.to)?,
        name: edge.name.as_deref(),
        star: import.target == Target::Star,
        optional: import.optional,
        fallback: import.fallback,
        through: match import.target {
            Target::Module { asname: None } | Target::Call { top: true, .. } => {
                import.module.split('.').count().saturating_sub(2)
            }
            Target::Module { .. } | Target::Names(_) | Target::Star | Target::Call { .. } => 0,
        },
    })
}

/// Returns the `__init__` files of a folder and of those above it, the outermost first.
fn packages(numbers: &Numbers<'_>, known: &mut Packages, folder: &RepoPath) -> Vec<File> {
    if let Some(found) = known.get(folder) {
        return found.clone();
    }
    // What stands at the root of the repository is no package.
    let Some(parent) = folder.parent() else { return Vec::new() };
    let mut found = packages(numbers, known, &parent);
    let init = folder.child("__init__.py").ok();
    found.extend(init.and_then(|init| numbers.get(&init)));
    known.insert(folder.clone(), found.clone());
    found
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
