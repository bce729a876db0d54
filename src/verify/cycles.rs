//! Import-time cycles: modules that need each other before any of them has run.
//!
//! Of each knot of modules one shortest cycle is shown: a person can follow it, and undo it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::facts::Facts;
use crate::path::RepoPath;

/// Which file imports which when it is itself imported.
type Graph<'a> = DiGraph<&'a RepoPath, ()>;

/// The knot that each file is in; files in no cycle are in none.
type Knots = BTreeMap<RepoPath, usize>;

/// Returns one shortest cycle of every knot.
pub(super) fn all(facts: &Facts) -> Vec<Vec<RepoPath>> {
    let graph = graph(facts);
    let mut found: Vec<_> = knots(&graph)
        .iter()
        .filter_map(|knot| {
            let within: BTreeSet<NodeIndex> = knot.iter().copied().collect();
            shortest(&graph, &within, knot.iter().map(|node| (*node, *node)))
        })
        .collect();
    found.sort();
    found
}

/// Returns one shortest cycle of every knot of `after` that `before` does not have. `was` gives the
/// path that a file had before.
pub(super) fn new(
    before: &Facts,
    after: &Facts,
    was: impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let old = members(&graph(before));
    let graph = graph(after);
    let knot_of = |node: NodeIndex| was(graph[node]).and_then(|path| old.get(&path).copied());
    let mut found = Vec::new();
    for knot in knots(&graph) {
        let within: BTreeSet<NodeIndex> = knot.iter().copied().collect();
        // An edge in a knot lies on a cycle; where its ends shared no knot before, on a new one.
        let edges = knot.iter().flat_map(|from| {
            let inside = graph.neighbors(*from).filter(|to| within.contains(to));
            inside.map(|to| (*from, to)).collect::<Vec<_>>()
        });
        let fresh = edges.filter(|(from, to)| {
            let old = knot_of(*from);
            old.is_none() || old != knot_of(*to)
        });
        found.extend(shortest(&graph, &within, fresh.map(|(from, to)| (to, from))));
    }
    found.sort();
    found
}

fn graph(facts: &Facts) -> Graph<'_> {
    let mut graph = Graph::new();
    let nodes: BTreeMap<&RepoPath, NodeIndex> =
        facts.files().keys().map(|path| (path, graph.add_node(path))).collect();
    for edge in facts.edges() {
        let import = facts.files().get(&edge.from).and_then(|file| file.imports.get(edge.import));
        let runs = import.is_some_and(|import| !import.deferred && !import.type_checking)
            && edge.from.extension() != "pyi";
        let Some(from) = nodes.get(&edge.from).filter(|_| runs) else { continue };
        let targets = std::iter::once(edge.to.clone()).chain(entered(&edge.from, &edge.to));
        for to in targets.filter_map(|path| nodes.get(&path)).filter(|to| *to != from) {
            graph.update_edge(*from, *to, ());
        }
    }
    graph
}

/// Returns the packages that an import of `to` runs first, but for those that `from` is in itself:
/// they run, or have run, before it.
fn entered(from: &RepoPath, to: &RepoPath) -> impl Iterator<Item = RepoPath> {
    let packages = to.folders().filter(|folder| !from.is_under(folder));
    packages.filter_map(|folder| folder.child("__init__.py").ok())
}

fn knots(graph: &Graph<'_>) -> Vec<Vec<NodeIndex>> {
    let mut knots = tarjan_scc(graph);
    knots.retain(|knot| knot.len() > 1);
    knots.iter_mut().for_each(|knot| knot.sort_unstable());
    knots
}

fn members(graph: &Graph<'_>) -> Knots {
    let knots = knots(graph);
    let numbered = knots.iter().enumerate();
    numbered
        .flat_map(|(number, knot)| knot.iter().map(move |it| (graph[*it].clone(), number)))
        .collect()
}

/// Returns the shortest of the cycles that close these ways (from, to), the smallest path first.
fn shortest(
    graph: &Graph<'_>,
    within: &BTreeSet<NodeIndex>,
    ways: impl Iterator<Item = (NodeIndex, NodeIndex)>,
) -> Option<Vec<RepoPath>> {
    let mut best: Option<Vec<RepoPath>> = None;
    for (from, to) in ways {
        let longest = best.as_ref().map_or(usize::MAX, Vec::len);
        let Some(way) = way(graph, within, (from, to), longest) else { continue };
        let mut cycle: Vec<RepoPath> = way.into_iter().map(|node| graph[node].clone()).collect();
        let smallest = (0..cycle.len()).min_by_key(|at| &cycle[*at]).unwrap_or_default();
        cycle.rotate_left(smallest);
        let better = |best: &Vec<RepoPath>| (cycle.len(), &cycle) < (best.len(), best);
        if best.as_ref().is_none_or(better) {
            best = Some(cycle);
        }
    }
    best
}

/// Returns the shortest way between two nodes of a knot, of at most `longest` nodes; both ends stand
/// in it, once where they are the same.
fn way(
    graph: &Graph<'_>,
    within: &BTreeSet<NodeIndex>,
    (from, to): (NodeIndex, NodeIndex),
    longest: usize,
) -> Option<Vec<NodeIndex>> {
    let mut came: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut open = VecDeque::from([(from, 1)]);
    while let Some((node, length)) = open.pop_front() {
        if length > longest {
            return None;
        }
        let mut next: Vec<_> = graph.neighbors(node).filter(|it| within.contains(it)).collect();
        next.sort_unstable();
        for other in next {
            if other == to {
                let mut way = if to == from { Vec::new() } else { vec![to] };
                way.extend(std::iter::successors(Some(node), |node| came.get(node).copied()));
                way.reverse();
                return Some(way);
            }
            if other != from && !came.contains_key(&other) {
                came.insert(other, node);
                open.push_back((other, length + 1));
            }
        }
    }
    None
}
