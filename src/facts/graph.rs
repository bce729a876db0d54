//! The import graph: which file runs or reads which other one.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::attributes::Bound;
use super::roots::RootSet;
use super::same::Same;
use super::{Edge, Found, Index, Map, Member, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};

/// Every import of a tree, resolved once.
#[derive(Debug)]
pub(super) struct Graph {
    /// By file, in order.
    pub(super) files: Vec<(RepoPath, Arc<Ways>)>,
    /// The place of each file.
    places: Map<RepoPath, usize>,
    /// An earlier run resolved it.
    pub(super) learnt: bool,
}

/// Where the imports of one file lead.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// In order of appearance.
    pub(super) edges: Vec<Edge>,
    /// The imports that may fail: all others certainly lead somewhere.
    pub(super) doubtful: Vec<usize>,
    /// The packages out of which modules are taken, as by `from package import module`: no edge leads
    /// there.
    pub(super) through: Vec<RepoPath>,
    /// The modules that they bind, where somebody asked.
    pub(super) bound: OnceLock<Bound>,
}

impl PartialEq for Ways {
    fn eq(&self, other: &Self) -> bool {
        let Self { edges, doubtful, through, bound: _ } = self;
        *edges == other.edges && *doubtful == other.doubtful && *through == other.through
    }
}

/// What leads to each file; a part holds the paths of some lengths, so that all are made at once.
#[derive(Debug)]
pub(super) struct Users([UsersPart; PARTS]);

const PARTS: usize = 8;

#[derive(Debug, Default)]
struct UsersPart {
    /// The edges, by the places of the importing file and of the edge in it.
    edges: Map<RepoPath, Vec<(usize, usize)>>,
    /// The places of the files that take modules out of a package.
    through: Map<RepoPath, Vec<usize>>,
}

/// Returns the part that a path is in.
fn part_of(path: &RepoPath) -> usize {
    path.as_bytes().len() % PARTS
}

impl Graph {
    /// Takes where the imports of each file lead, in order.
    pub(super) fn new(files: Vec<(RepoPath, Arc<Ways>)>, learnt: bool) -> Self {
        let places = files.iter().enumerate().map(|(at, (path, _))| (path.clone(), at)).collect();
        Self { files, places, learnt }
    }

    /// Returns where the imports of a file lead.
    pub(super) fn of(&self, file: &RepoPath) -> Option<&Arc<Ways>> {
        self.places.get(file).map(|at| &self.files[*at].1)
    }

    /// Returns every edge, in order of file and appearance.
    pub(super) fn edges(&self) -> impl Iterator<Item = &Edge> {
        self.files.iter().flat_map(|(_, ways)| &ways.edges)
    }

    /// Turns all edges around.
    pub(super) fn users(&self) -> Users {
        let mut parts: [UsersPart; PARTS] = Default::default();
        parts.par_iter_mut().enumerate().for_each(|(number, part)| {
            for (file, (_, ways)) in self.files.iter().enumerate() {
                let edges = ways.edges.iter().enumerate();
                for (at, edge) in edges.filter(|(_, it)| part_of(&it.to) == number) {
                    add(&mut part.edges, &edge.to, (file, at));
                }
                let through = ways.through.iter().filter(|it| part_of(it) == number);
                through.for_each(|it| add(&mut part.through, it, file));
            }
        });
        Users(parts)
    }
}

impl Users {
    /// Returns all files that something imports, in no order.
    pub(super) fn imported(&self) -> impl Iterator<Item = &RepoPath> {
        self.0.iter().flat_map(|part| part.edges.keys())
    }

    /// Returns the edges of `graph`, which these are of, that lead to `file`, in order.
    pub(super) fn of<'a>(
        &'a self,
        graph: &'a Graph,
        file: &RepoPath,
    ) -> impl Iterator<Item = &'a Edge> {
        let found = self.0[part_of(file)].edges.get(file).into_iter().flatten();
        found.map(|(file, at)| &graph.files[*file].1.edges[*at])
    }

    /// Returns the files that take modules out of the package of this `__init__`.
    pub(super) fn through<'a>(
        &'a self,
        graph: &'a Graph,
        init: &RepoPath,
    ) -> impl Iterator<Item = &'a RepoPath> {
        self.0[part_of(init)]
            .through
            .get(init)
            .into_iter()
            .flatten()
            .map(|file| &graph.files[*file].0)
    }
}

fn add<T>(map: &mut Map<RepoPath, Vec<T>>, path: &RepoPath, value: T) {
    match map.get_mut(path) {
        Some(known) => known.push(value),
        None => drop(map.insert(path.clone(), vec![value])),
    }
}

impl Index {
    /// Resolves every import of the tree. What was resolved for `earlier` is taken from there where
    /// it certainly is the same.
    pub(super) fn resolve(&self, earlier: Option<&super::Facts>) -> Graph {
        let same = earlier.and_then(|earlier| Same::of(earlier, self));
        let files: Vec<_> = self.files.iter().collect();
        let files = files.into_par_iter().map(|(path, facts)| {
            let known = same.as_ref().and_then(|it| it.ways(path));
            let ways = known.unwrap_or_else(|| Arc::new(self.ways(path, facts)));
            (path.clone(), ways)
        });
        Graph::new(files.collect(), false)
    }

    fn ways(&self, path: &RepoPath, facts: &FileFacts) -> Ways {
        let mut ways = Ways::default();
        let from = (path, self.roots.set_of(path));
        for (index, import) in facts.imports.iter().enumerate() {
            if !self.add_ways(&mut ways, from, (index, import)) {
                ways.doubtful.push(index);
            }
        }
        ways
    }

    /// Adds where one import leads; returns whether it and its names certainly lead somewhere.
    fn add_ways(
        &self,
        ways: &mut Ways,
        (from, set): (&RepoPath, &RootSet),
        (index, import): (usize, &Import),
    ) -> bool {
        let module = match self.find_from((from, set), import.level, &import.module) {
            Found::Module(module) => module,
            Found::Stdlib | Found::ThirdParty | Found::Assumed => return true,
            Found::Missing { .. } | Found::Undeclared => return false,
        };
        // What a file takes from itself, and what a star takes, is more than this looks at.
        let itself = matches!(&module, Module::File(file) if file == from);
        let mut certain = !itself && import.target != Target::Star;
        let edge = |edges: &mut Vec<Edge>, module: &Module, name: Option<&str>| {
            if let Module::File(to) = module {
                let (from, to, name) = (from.clone(), to.clone(), name.map(str::to_owned));
                edges.push(Edge { from, import: index, to, name });
            }
        };
        let Target::Names(names) = &import.target else {
            edge(&mut ways.edges, &module, None);
            return certain;
        };
        for name in names {
            let member = self.member(&module, &name.name);
            certain &= !matches!(member, Member::Missing | Member::Assumed);
            match member {
                // Importing a submodule this way is importing it; its package comes along unasked.
                Member::Module(submodule) if self.is_below(&submodule, &module, &name.name) => {
                    edge(&mut ways.edges, &submodule, None);
                    if let Module::File(init) = &module
                        && ways.through.last() != Some(init)
                    {
                        ways.through.push(init.clone());
                    }
                }
                Member::Definition { .. }
                | Member::Module(_)
                | Member::External
                | Member::Assumed
                | Member::Missing => edge(&mut ways.edges, &module, Some(&name.name)),
            }
        }
        certain
    }

    /// Tells whether `submodule` stands directly in the package `module`, under this very name: what
    /// the package calls otherwise is there only once the package has run.
    fn is_below(&self, submodule: &Module, module: &Module, name: &str) -> bool {
        let path = match submodule {
            Module::File(file) => match self.table.portions(submodule).first() {
                Some(own) => &self.table.folder(*own).path,
                None => file,
            },
            Module::Namespace(portions) => match portions.first() {
                Some(portion) => portion,
                None => return false,
            },
        };
        let parent = path.parent().and_then(|parent| self.table.id(&parent));
        path.name_str().split('.').next() == Some(name)
            && parent.is_some_and(|parent| self.table.portions(module).contains(&parent))
    }
}
