//! The import graph: which file runs or reads which other one.

use rayon::prelude::*;

use super::{Edge, Found, Index, Member, Module};
use crate::path::RepoPath;
use crate::python::{Import, Target};

impl Index {
    /// Resolves every import of the tree.
    pub(super) fn build_edges(&self) -> Vec<Edge> {
        let files: Vec<_> = self.files.iter().collect();
        let by_file = files.into_par_iter().map(|(path, facts)| {
            let mut edges = Vec::new();
            for (index, import) in facts.imports.iter().enumerate() {
                self.edges_of(&mut edges, path, (index, import));
            }
            edges
        });
        by_file.flatten_iter().collect()
    }

    fn edges_of(&self, edges: &mut Vec<Edge>, from: &RepoPath, (index, import): (usize, &Import)) {
        let Found::Module(module) = self.find(from, import.level, &import.module) else { return };
        let mut add = |module: &Module, name: Option<&str>| {
            if let Module::File(to) = module {
                let (from, to, name) = (from.clone(), to.clone(), name.map(str::to_owned));
                edges.push(Edge { from, import: index, to, name });
            }
        };
        let Target::Names(names) = &import.target else { return add(&module, None) };
        for name in names {
            match self.member(&module, &name.name) {
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
