//! The import graph: which file runs or reads which other one.

use rayon::prelude::*;

use super::roots::RootSet;
use super::{Edge, Found, Index, Map, Member, Module};
use crate::path::RepoPath;
use crate::python::{Import, Target};

/// Every import of a tree, resolved once.
#[derive(Debug)]
pub(super) struct Graph {
    /// In order of file and appearance.
    pub(super) edges: Vec<Edge>,
    /// By file, the imports that may fail: all others certainly lead somewhere.
    pub(super) doubtful: Map<RepoPath, Vec<usize>>,
}

impl Index {
    /// Resolves every import of the tree.
    pub(super) fn resolve(&self) -> Graph {
        let files: Vec<_> = self.files.iter().collect();
        let by_file = files.into_par_iter().map(|(path, facts)| {
            let (mut edges, mut doubtful) = (Vec::new(), Vec::new());
            let from = (path, self.roots.set_of(path));
            for (index, import) in facts.imports.iter().enumerate() {
                if !self.edges_of(&mut edges, from, (index, import)) {
                    doubtful.push(index);
                }
            }
            (path, edges, doubtful)
        });
        let by_file: Vec<_> = by_file.collect();
        let mut graph = Graph { edges: Vec::new(), doubtful: Map::default() };
        for (path, edges, doubtful) in by_file {
            graph.edges.extend(edges);
            if !doubtful.is_empty() {
                graph.doubtful.insert(path.clone(), doubtful);
            }
        }
        graph
    }

    /// Adds where one import leads; returns whether it and its names certainly lead somewhere.
    fn edges_of(
        &self,
        edges: &mut Vec<Edge>,
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
        let mut add = |module: &Module, name: Option<&str>| {
            if let Module::File(to) = module {
                let (from, to, name) = (from.clone(), to.clone(), name.map(str::to_owned));
                edges.push(Edge { from, import: index, to, name });
            }
        };
        let Target::Names(names) = &import.target else {
            add(&module, None);
            return certain;
        };
        for name in names {
            let member = self.member(&module, &name.name);
            certain &= !matches!(member, Member::Missing | Member::Assumed);
            match member {
                // Importing a submodule this way is importing it; its package comes along unasked.
                Member::Module(submodule) if self.is_below(&submodule, &module, &name.name) => {
                    add(&submodule, None);
                }
                Member::Definition { .. }
                | Member::Module(_)
                | Member::External
                | Member::Assumed
                | Member::Missing => add(&module, Some(&name.name)),
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
