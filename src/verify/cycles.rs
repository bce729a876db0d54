//! Import-time cycles: modules that need each other before any of them has run.
//!
//! Of each knot of modules one shortest cycle is shown: a person can follow it, and undo it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::alone::{Startup, import_of, packages};
use crate::facts::Facts;
use crate::path::RepoPath;

/// Which file imports which when it is itself imported.
type Graph<'a> = DiGraph<&'a RepoPath, ()>;

/// The knot that each file is in; files in no cycle are in none.
type Knots = BTreeMap<RepoPath, usize>;

/// Returns one shortest cycle of every knot, and the ways in which modules that cannot be imported on
/// their own meet one that is still running.
pub(super) fn all(facts: &Facts) -> Vec<Vec<RepoPath>> {
    let graph = graph(facts, Entering::Asked);
    let mut found: Vec<_> = knots(&graph)
        .iter()
        .filter_map(|knot| {
            let within: BTreeSet<NodeIndex> = knot.iter().copied().collect();
            shortest(&graph, &within, knot.iter().map(|node| (*node, *node)))
        })
        .collect();
    let shown = members(&graph);
    let files = entangled(facts);
    let failures = Startup::new(facts).failures(files);
    // Of one whose ends are in a ring that is shown, enough is said.
    let unsaid = |chain: &Vec<RepoPath>| {
        let ends = chain.first().zip(chain.last()).map(|(a, b)| (shown.get(a), shown.get(b)));
        ends.is_none_or(|(a, b)| a.is_none() || a != b)
    };
    found.extend(failures.into_iter().map(|(_, chain)| chain).filter(unsaid).map(rotated));
    found.sort();
    found.dedup();
    found
}

/// Returns one shortest cycle of every knot of `after` that `before` does not have, and how modules
/// that could be imported on their own cannot any more. `was` gives the path that a file had before.
pub(super) fn new(
    before: &Facts,
    after: &Facts,
    was: impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let mut found = tied(before, after, &was);
    found.extend(stuck(before, after, &was));
    found.sort();
    found.dedup();
    found
}

/// Returns one shortest cycle of every knot that is new.
fn tied(
    before: &Facts,
    after: &Facts,
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let old = members(&graph(before, Entering::Asked));
    let graph = graph(after, Entering::Asked);
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
    found
}

/// Returns how modules fail when they are imported alone that did not before.
fn stuck(
    before: &Facts,
    after: &Facts,
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let failures = Startup::new(after).failures(entangled(after));
    if failures.is_empty() {
        return Vec::new();
    }
    let old: Vec<Option<RepoPath>> = failures.iter().map(|(file, _)| was(file)).collect();
    let known = old.iter().flatten().filter_map(|it| before.files().get_key_value(it));
    let failed = Startup::new(before).failures(known.map(|(path, _)| path));
    let failed: BTreeSet<&RepoPath> = failed.into_iter().map(|(path, _)| path).collect();
    let fresh = failures.into_iter().zip(&old);
    let fresh = fresh.filter(|(_, old)| old.as_ref().is_none_or(|old| !failed.contains(old)));
    fresh.map(|((_, chain), _)| rotated(chain)).collect()
}

/// Returns the files that may meet another one that is still running.
fn entangled(facts: &Facts) -> Vec<&RepoPath> {
    let graph = graph(facts, Entering::Implied);
    knots(&graph).into_iter().flatten().map(|node| graph[node]).collect()
}

/// Which packages an import enters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entering {
    /// The one that it asks for.
    Asked,
    /// Those above what it asks for, too, but for those that the importing module is in itself: they
    /// run, or have run, before it.
    Implied,
}

fn graph(facts: &Facts, entering: Entering) -> Graph<'_> {
    let mut graph = Graph::new();
    let nodes: BTreeMap<&RepoPath, NodeIndex> =
        facts.files().keys().map(|path| (path, graph.add_node(path))).collect();
    for edge in facts.edges().iter().filter(|edge| import_of(facts, edge).is_some()) {
        let Some(from) = nodes.get(&edge.from) else { continue };
        let implied = match entering {
            Entering::Asked => Vec::new(),
            Entering::Implied => packages(facts, &edge.to),
        };
        let outside =
            |init: &&RepoPath| init.parent().is_some_and(|folder| !edge.from.is_under(&folder));
        let targets = implied.into_iter().filter(outside).chain([&edge.to]);
        for to in targets.filter_map(|path| nodes.get(path)).filter(|to| *to != from) {
            graph.update_edge(*from, *to, ());
        }
    }
    graph
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
        let cycle = rotated(way.into_iter().map(|node| graph[node].clone()).collect());
        let better = |best: &Vec<RepoPath>| (cycle.len(), &cycle) < (best.len(), best);
        if best.as_ref().is_none_or(better) {
            best = Some(cycle);
        }
    }
    best
}

/// Returns a cycle from its smallest path on.
fn rotated(mut cycle: Vec<RepoPath>) -> Vec<RepoPath> {
    let smallest = (0..cycle.len()).min_by_key(|at| &cycle[*at]).unwrap_or_default();
    cycle.rotate_left(smallest);
    cycle
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
