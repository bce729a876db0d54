//! The import graph as bytes: resolving every import of a tree takes longer than all else that a plan
//! asks of it, and is the same for the same tree.
//!
//! Files are numbers, in the order of the tree; what is no Python file (a compiled module) is listed
//! behind them. A name that an import takes is its place among the names of that import.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::graph::{Graph, Ways};
use super::{Edge, Map, Settings};
use crate::kept::{Kept as _, VERSION, byte};
use crate::path::RepoPath;
use crate::python::{FileFacts, Import, Target};
use crate::tree::{Id, Tree, blob_id};

type Files = BTreeMap<RepoPath, Arc<FileFacts>>;

/// Returns the id of all that decides the graph of a tree; `None` for one that was changed since it was
/// loaded, for then it also counts where its files stood.
pub(super) fn question(tree: &Tree, settings: &Settings) -> Option<Id> {
    if tree.entries().iter().any(|(path, entry)| entry.origin.as_ref() != Some(path)) {
        return None;
    }
    let Settings { roots, target, skip, installed } = settings;
    let mut asked = Vec::new();
    VERSION.to_owned().put(&mut asked);
    "graph".to_owned().put(&mut asked);
    asked.extend_from_slice(tree.id().as_bytes());
    (roots.clone(), (*target, (skip.clone(), installed.clone()))).put(&mut asked);
    Some(blob_id(&asked))
}

/// Returns the graph of these files as bytes.
pub(super) fn to_bytes(graph: &Graph, files: &Files) -> Vec<u8> {
    let mut numbers: Map<&RepoPath, usize> =
        files.keys().enumerate().map(|(number, path)| (path, number)).collect();
    let mut others: Vec<RepoPath> = Vec::new();
    let all = graph
        .files
        .iter()
        .flat_map(|(_, ways)| ways.edges.iter().map(|it| &it.to).chain(&ways.through));
    for path in all {
        if !numbers.contains_key(path) {
            numbers.insert(path, files.len() + others.len());
            others.push(path.clone());
        }
    }
    let mut out = Vec::new();
    others.put(&mut out);
    graph.files.len().put(&mut out);
    for ((_, ways), facts) in graph.files.iter().zip(files.values()) {
        let mut own = Vec::new();
        put(ways, facts, &numbers, &mut own);
        own.len().put(&mut out);
        out.extend(own);
    }
    out
}

fn put(ways: &Ways, facts: &FileFacts, numbers: &Map<&RepoPath, usize>, out: &mut Vec<u8>) {
    let number = |path: &RepoPath| numbers.get(path).copied().unwrap_or(usize::MAX);
    ways.edges.len().put(out);
    for Edge { from: _, import, to, name } in &ways.edges {
        let place = name.as_ref().map(|name| place_of(facts.imports.get(*import), name));
        (*import, (number(to), place)).put(out);
    }
    ways.doubtful.put(out);
    ways.through.iter().map(number).collect::<Vec<_>>().put(out);
}

/// Returns the place of a name among those that an import takes.
fn place_of(import: Option<&Import>, name: &str) -> usize {
    let place = import.and_then(|it| names_of(it).iter().position(|it| it.name == name));
    place.unwrap_or(usize::MAX)
}

fn names_of(import: &Import) -> &[crate::python::ImportedName] {
    match &import.target {
        Target::Names(names) => names,
        Target::Module { .. } | Target::Star | Target::Call { .. } => &[],
    }
}

/// Reads the graph of these files from bytes; `None` where they are not of this graph.
pub(super) fn from_bytes(mut bytes: &[u8], files: &Files) -> Option<Graph> {
    let from = &mut bytes;
    let others: Vec<RepoPath> = Vec::take(from)?;
    let paths: Vec<&RepoPath> = files.keys().chain(&others).collect();
    if usize::take(from)? != files.len() {
        return None;
    }
    let mut parts = Vec::with_capacity(files.len());
    for file in files {
        let length = usize::take(from)?;
        let (own, rest) = from.split_at_checked(length)?;
        *from = rest;
        parts.push((file, own));
    }
    if !from.is_empty() {
        return None;
    }
    let ways = parts.into_par_iter().map(|((path, facts), own)| {
        let ways = take(own, (path, facts), &paths)?;
        Some((path.clone(), Arc::new(ways)))
    });
    Some(Graph::new(ways.collect::<Option<_>>()?, true))
}

fn take(
    mut bytes: &[u8],
    (path, facts): (&RepoPath, &FileFacts),
    paths: &[&RepoPath],
) -> Option<Ways> {
    let from = &mut bytes;
    let path_of = |number: usize| paths.get(number).map(|it| (*it).clone());
    let count = usize::take(from)?;
    let mut edges = Vec::with_capacity(count.min(from.len()));
    for _ in 0..count {
        let (import, to, named) = (usize::take(from)?, usize::take(from)?, byte(from)?);
        let name = match named {
            0 => None,
            1 => {
                let names = names_of(facts.imports.get(import)?);
                Some(names.get(usize::take(from)?)?.name.clone())
            }
            _ => return None,
        };
        edges.push(Edge { from: path.clone(), import, to: path_of(to)?, name });
    }
    let doubtful = Vec::take(from)?;
    let through = Vec::take(from)?.into_iter().map(path_of).collect::<Option<_>>()?;
    from.is_empty().then_some(Ways { edges, doubtful, through, ..Ways::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::{Facts, Memo};
    use super::*;
    use crate::tree::Memory;

    /// Indexes these files as a run does that finds `kept`, and returns what it keeps anew.
    fn run(
        files: &[(&str, &str)],
        settings: &Settings,
        kept: &Arc<Mutex<BTreeMap<Id, Vec<u8>>>>,
    ) -> bool {
        let tree = Tree::new(Memory::texts(files.to_vec()).unwrap());
        let plain = Facts::index(&tree, settings, &Memo::default()).unwrap();
        let memo = Memo::default();
        let known = Arc::clone(kept);
        memo.ask_graphs(Box::new(move |id| known.lock().unwrap().get(&id).cloned()));
        let facts = Facts::index(&tree, settings, &memo).unwrap();
        assert_eq!(facts.graph().files, plain.graph().files);
        let fresh = facts.fresh_graph();
        fresh.map(|(id, bytes)| kept.lock().unwrap().insert(id, bytes)).is_some()
    }

    const FILES: [(&str, &str); 7] = [
        ("a/__init__.py", "from . import b as c, d, _fast\n"),
        ("a/b.py", "import a.d, q, os\nfrom a.d import f, g as h, nothing\nfrom .d import *\n"),
        ("a/d.py", "def f(): from a import b\ng = __import__('a.b')\n"),
        ("a/_fast.so", ""),
        ("n/x.py", "from n import y\nimport n.x, missing\n"),
        ("n/y.py", "import importlib\nimportlib.import_module('a.b')\n"),
        ("t.pyi", "from a import d\n"),
    ];

    #[test]
    fn a_second_run_resolves_nothing() {
        let (kept, plain) = (Arc::default(), Settings::default());
        assert!(run(&FILES, &plain, &kept));
        assert!(!run(&FILES, &plain, &kept));
        // Another tree, or another question, is another graph.
        assert!(run(&FILES[1..], &plain, &kept));
        let roots = Some(vec![RepoPath::new("a").unwrap()]);
        assert!(run(&FILES, &Settings { roots, ..Settings::default() }, &kept));
    }

    #[test]
    fn bytes_that_nobody_made_are_no_graph() {
        let tree = Tree::new(Memory::texts(FILES).unwrap());
        let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
        let (graph, files) = (facts.graph(), facts.files());
        let whole = to_bytes(graph, files);
        assert_eq!(from_bytes(&whole, files).unwrap().files, graph.files);
        for at in 0..whole.len() {
            assert!(from_bytes(&whole[..at], files).is_none(), "{at} bytes");
            let mut broken = whole.clone();
            // It may be another graph, but no panic.
            broken[at] ^= 0x81;
            drop(from_bytes(&broken, files));
        }
        assert!(from_bytes(&[whole.as_slice(), b"\0"].concat(), files).is_none());
    }

    #[test]
    fn a_tree_that_was_changed_is_no_question() {
        let mut tree = Tree::new(Memory::texts(FILES).unwrap());
        assert!(question(&tree, &Settings::default()).is_some());
        tree.rename(&RepoPath::new("t.pyi").unwrap(), RepoPath::new("u.pyi").unwrap());
        assert_eq!(question(&tree, &Settings::default()), None);
        assert!(question(&tree.settled(), &Settings::default()).is_some());
    }
}
