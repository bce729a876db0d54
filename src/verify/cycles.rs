//! Import-time cycles: modules that need each other before any of them has run.
//!
//! Of each knot of modules one shortest cycle is shown: a person can follow it, and undo it.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Deref;
use std::sync::Arc;

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rayon::prelude::*;

use super::alone::{Failure, File, Process, Startup};
use super::targets::Side;
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::tree::ReadError;

/// Which file imports which when it is itself imported.
type Graph<'a> = DiGraph<&'a RepoPath, ()>;

/// The knot that each file is in; files in no cycle are in none.
type Knots = BTreeMap<RepoPath, usize>;

/// Returns one shortest cycle of every knot, and the ways in which modules that cannot be imported on
/// their own meet one that is still running.
pub(super) fn all(facts: &Facts) -> Vec<Vec<RepoPath>> {
    let ways = Ways::new(Startup::of_imports(facts));
    let asked = ways.asked();
    let mut found: Vec<_> = knots(&asked)
        .iter()
        .filter_map(|knot| shortest(&asked, knot, knot.iter().map(|node| (*node, *node))))
        .collect();
    let shown = members(&asked);
    // Of one whose ends are in a ring that is shown, enough is said.
    let unsaid = |chain: &Vec<RepoPath>| {
        let ends = chain.first().zip(chain.last()).map(|(a, b)| (shown.get(a), shown.get(b)));
        ends.is_none_or(|(a, b)| a.is_none() || a != b)
    };
    let tangle = Tangle::new(&ways);
    let failures = tangle.failures(&ways.startup, &tangle.members().collect());
    let failures = failures.into_iter().filter(|it| it.caught.is_none());
    found.extend(failures.map(|it| it.chain).filter(unsaid).map(rotated));
    found.sort();
    found.dedup();
    found
}

/// Returns one shortest cycle of every knot of `after` that `before` does not have, and how modules
/// that could be imported on their own, with all that they try, cannot any more. `was` gives the path
/// that a file had before.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn new(
    before: Side<'_>,
    after: Side<'_>,
    was: impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Result<Vec<Vec<RepoPath>>, ReadError> {
    // The tree before is looked at only where the one after has a knot.
    let then = LazyCell::new(|| Ways::new(Startup::of(before)));
    let now = Ways::new(Startup::of(after));
    let mut found = tied(&then, &now, &was);
    found.extend(stuck((before.1, &then), (after.1, &now), &was));
    now.startup.whole()?;
    if !found.is_empty() {
        then.startup.whole()?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns one shortest cycle of every knot that is new.
fn tied<'a>(
    before: &impl Deref<Target = Ways<'a>>,
    after: &Ways<'_>,
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let old = LazyCell::new(|| members(&before.asked()));
    let graph = after.asked();
    let was_of = |node: NodeIndex| was(graph[node]);
    let knot_of = |node: NodeIndex| was_of(node).and_then(|path| old.get(&path).copied());
    let mut found = Vec::new();
    for knot in knots(&graph) {
        // An edge in a knot lies on a cycle; where its ends shared no knot before, on a new one.
        let mut was: BTreeMap<NodeIndex, _> = knot.iter().map(|it| (*it, knot_of(*it))).collect();
        // A new module in what was one knot makes no new one.
        let (new, known): (Vec<_>, Vec<_>) = knot.iter().partition(|it| was_of(**it).is_none());
        let homes: BTreeSet<Option<usize>> = known.iter().map(|it| was[*it]).collect();
        if let (1, Some(Some(home))) = (homes.len(), homes.first()) {
            was.extend(new.into_iter().map(|it| (*it, Some(*home))));
        }
        let fresh = knot.iter().flat_map(|from| {
            let inside = graph.neighbors(*from).filter_map(|to| Some((to, was.get(&to)?)));
            let old = was[from];
            let fresh = inside.filter(move |(_, was)| old.is_none() || old != **was);
            fresh.map(|(to, _)| (to, *from))
        });
        found.extend(shortest(&graph, &knot, fresh));
    }
    found
}

/// Returns how modules fail when they are imported alone that did not before.
fn stuck<'a>(
    before: (&Facts, &impl Deref<Target = Ways<'a>>),
    after: (&Facts, &Ways<'_>),
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let tangle = Tangle::new(after.1);
    let after = (after.0, &after.1.startup);
    let changed = |path: &RepoPath| {
        let files = after.0.files().get(path).zip(before.0.files().get(path));
        was(path).as_ref() != Some(path) || !files.is_some_and(|(now, old)| Arc::ptr_eq(now, old))
    };
    let leading = tangle.leading(after.1);
    let files = after.1.files();
    let changed = leading.iter().copied().filter(|file| changed(files[*file]));
    let first: BTreeSet<File> = tangle.members().chain(changed).collect();
    // Where each of them can be imported alone, so can all that import them.
    if tangle.failures(after.1, &first).is_empty() {
        return Vec::new();
    }
    let failures = tangle.failures(after.1, &leading);
    let failing = failures.iter().map(|it| it.of);
    let above = failing.clone().flat_map(|it| after.1.packages_of(it));
    let old: BTreeSet<RepoPath> = above.chain(failing).filter_map(was).collect();
    let number = |path: &RepoPath| before.1.startup.files().binary_search(&path).ok();
    let known = old.iter().filter_map(number).collect();
    let failed = Tangle::new(before.1).failures(&before.1.startup, &known);
    let failed: BTreeSet<_> = failed.into_iter().map(|it| (it.of, it.caught)).collect();
    let is_old = |it: &Failure<'_>| {
        // What is new has the fate of the package that it came into.
        let packages = after.1.packages_of(it.of).into_iter().rev();
        let of = was(it.of).or_else(|| packages.into_iter().find_map(&was));
        let caught = it.caught.map(&was);
        let failed = |caught: Option<&RepoPath>| {
            of.as_ref().is_some_and(|of| failed.contains(&(of, caught)))
        };
        failed(None) || caught.flatten().is_some_and(|it| failed(Some(&it)))
    };
    let fresh = failures.into_iter().filter(|it| !is_old(it));
    fresh.map(|it| rotated(it.chain)).collect()
}

/// The files that may meet another one that is still running.
struct Tangle {
    /// Files that import each other.
    knots: Vec<Vec<NodeIndex>>,
    /// Whether a file is in such a knot, or leads to one.
    leads: Vec<bool>,
    /// Files that import each other or lead, by an attribute, through each other. Each of them is looked
    /// at by itself: what they lead to and is none of them runs to its end whichever begins.
    rings: Vec<Vec<NodeIndex>>,
}

impl Tangle {
    fn new(ways: &Ways<'_>) -> Self {
        let implied = |of: &[bool]| ways.startup.implied(of);
        let knots = knots(&ways.graph(&implied(&ways.within)));
        let leads = match knots.is_empty() {
            true => vec![false; ways.within.len()],
            false => {
                let all = implied(&vec![true; ways.within.len()]);
                leading_to(&all, knots.iter().flatten().map(|node| node.index()))
            }
        };
        let rings = match ways.startup.reads_attributes() {
            true => self::knots(&ways.graph(&ways.widest)),
            false => Vec::new(),
        };
        Self { knots, leads, rings }
    }

    /// Returns the files of all knots and rings.
    fn members(&self) -> impl Iterator<Item = File> {
        self.knots.iter().chain(&self.rings).flatten().map(|node| node.index())
    }

    /// Returns the members, the files that lead to a knot, and those of which a package above does or is
    /// in a ring.
    fn leading(&self, startup: &Startup<'_>) -> BTreeSet<File> {
        let mut leads = self.leads.clone();
        self.members().for_each(|file| leads[file] = true);
        let concerned = |file: &File| with_packages(startup, *file).any(|file| leads[file]);
        (0..leads.len()).filter(concerned).collect()
    }

    /// Imports each of these files alone; returns what goes wrong, once for each that fails or catches.
    fn failures<'a>(&self, startup: &Startup<'a>, files: &BTreeSet<File>) -> Vec<Failure<'a>> {
        let leads = (0..self.leads.len()).filter(|file| self.leads[*file]);
        let mut process = Process::of(self.leads.len());
        process.open(leads);
        let mut found = startup.failures(&mut process, files.iter().copied());
        let ring_of: BTreeMap<File, usize> = (self.rings.iter().enumerate())
            .flat_map(|(number, ring)| ring.iter().map(move |node| (node.index(), number)))
            .collect();
        let mut concerned = vec![BTreeSet::new(); self.rings.len()];
        for file in files {
            let rings = with_packages(startup, *file).filter_map(|it| ring_of.get(&it));
            rings.for_each(|ring| concerned[*ring].extend([*file]));
        }
        let rings = self.rings.par_iter().zip(concerned).map_init(
            || Process::of(self.leads.len()),
            |process, (ring, files)| {
                process.open(ring.iter().map(|node| node.index()));
                let found = startup.failures(process, files);
                process.close(ring.iter().map(|node| node.index()));
                found
            },
        );
        found.extend(rings.collect::<Vec<_>>().into_iter().flatten());
        let mut told = BTreeSet::new();
        found.retain(|it| told.insert((it.of, it.caught)));
        found
    }
}

/// Returns what runs where a file is imported: the packages above it, and it.
fn with_packages(startup: &Startup<'_>, file: File) -> impl Iterator<Item = File> {
    startup.above(file).iter().copied().chain([file])
}

/// Tells of each file whether it is one of these or leads to one.
fn leading_to(ways: &[Vec<File>], files: impl Iterator<Item = File>) -> Vec<bool> {
    let users = turned(ways, &vec![true; ways.len()]);
    let mut leads = vec![false; ways.len()];
    let mut open: Vec<File> = files.collect();
    while let Some(file) = open.pop() {
        if !std::mem::replace(&mut leads[file], true) {
            open.extend(&users[file]);
        }
    }
    leads
}

/// The ways from file to file in a tree.
struct Ways<'a> {
    startup: Startup<'a>,
    /// For each file where it leads, in the widest sense: in any other one there are fewer ways.
    widest: Vec<Vec<File>>,
    /// Whether a file may be in a ring of such ways. Most are in none.
    within: Vec<bool>,
}

impl<'a> Ways<'a> {
    fn new(startup: Startup<'a>) -> Self {
        let all = vec![true; startup.files().len()];
        let widest = match startup.reads_attributes() {
            true => startup.passed(),
            false => startup.implied(&all),
        };
        let mut within = all;
        peel(&widest, &mut within);
        peel(&turned(&widest, &within), &mut within);
        Self { startup, widest, within }
    }

    /// Returns which files ask for each other as they run.
    fn asked(&self) -> Graph<'a> {
        self.graph(&self.startup.asked(&self.within))
    }

    /// Makes the graph in which each file leads to those that `ways` has for it, of files that may be
    /// in a ring.
    fn graph(&self, ways: &[Vec<File>]) -> Graph<'a> {
        let mut graph = Graph::new();
        for path in self.startup.files() {
            graph.add_node(*path);
        }
        for (from, ways) in ways.iter().enumerate().filter(|(from, _)| self.within[*from]) {
            for to in ways.iter().filter(|to| self.within[**to]) {
                graph.add_edge(NodeIndex::new(from), NodeIndex::new(*to), ());
            }
        }
        graph
    }
}

/// Leaves out, one after the other, the files to which no other one leads.
fn peel(ways: &[Vec<File>], within: &mut [bool]) {
    let mut users = vec![0_usize; ways.len()];
    ways.iter().flatten().for_each(|to| users[*to] += 1);
    let mut open: Vec<File> =
        (0..ways.len()).filter(|file| within[*file] && users[*file] == 0).collect();
    while let Some(file) = open.pop() {
        within[file] = false;
        for to in &ways[file] {
            users[*to] -= 1;
            open.extend((users[*to] == 0).then_some(*to));
        }
    }
}

/// Returns the ways between these files, turned around.
fn turned(ways: &[Vec<File>], within: &[bool]) -> Vec<Vec<File>> {
    let mut turned = vec![Vec::new(); ways.len()];
    for (from, ways) in ways.iter().enumerate().filter(|(from, _)| within[*from]) {
        ways.iter().filter(|to| within[**to]).for_each(|to| turned[*to].push(from));
    }
    turned
}

fn knots(graph: &Graph<'_>) -> Vec<Vec<NodeIndex>> {
    let mut knots = tarjan_scc(graph);
    knots.retain(|knot| knot.len() > 1 || knot.iter().any(|it| graph.contains_edge(*it, *it)));
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

/// Returns the shortest of the cycles that close these ways (from, to), the first where several are.
fn shortest(
    graph: &Graph<'_>,
    knot: &[NodeIndex],
    ways: impl Iterator<Item = (NodeIndex, NodeIndex)>,
) -> Option<Vec<RepoPath>> {
    let mut search = Search::new(graph, knot);
    let mut best: Option<Vec<usize>> = None;
    for (from, to) in ways {
        let most = best.as_ref().map_or(usize::MAX, |best| best.len() - 1);
        // No cycle has fewer than two.
        if most < 2 {
            break;
        }
        let (from, to) = (place(knot, from)?, place(knot, to)?);
        best = search.way(from, to, most).or(best);
        // Whatever goes this way is no shorter.
        search.forget(from, to);
    }
    Some(rotated(best?.into_iter().map(|node| graph[knot[node]].clone()).collect()))
}

/// Returns a cycle from its smallest path on.
fn rotated(mut cycle: Vec<RepoPath>) -> Vec<RepoPath> {
    let smallest = (0..cycle.len()).min_by_key(|at| &cycle[*at]).unwrap_or_default();
    cycle.rotate_left(smallest);
    cycle
}

/// Returns the place of a node in its knot, which is sorted.
fn place(knot: &[NodeIndex], node: NodeIndex) -> Option<usize> {
    knot.binary_search(&node).ok()
}

/// A breadth-first search in one knot, repeated from many nodes; nodes go by their place in it.
///
/// What is on no cycle any more is left out, so a knot that is one large ring is gone with its first
/// node.
struct Search {
    /// Where one can go from each node, in order.
    next: Vec<Vec<usize>>,
    /// From where one can come to each node.
    last: Vec<Vec<usize>>,
    /// How many of both are not gone.
    degrees: Vec<[usize; 2]>,
    gone: Vec<bool>,
    /// In which round a node was met last, and from where; the first node from itself.
    met: Vec<(usize, usize)>,
    round: usize,
}

impl Search {
    fn new(graph: &Graph<'_>, knot: &[NodeIndex]) -> Self {
        let inside = |direction: Direction| {
            let near = knot.iter().map(|node| {
                let near = graph.neighbors_directed(*node, direction);
                let mut near: Vec<usize> = near.filter_map(|it| place(knot, it)).collect();
                near.sort_unstable();
                near
            });
            near.collect::<Vec<_>>()
        };
        let (next, last) = (inside(Direction::Outgoing), inside(Direction::Incoming));
        let degrees = next.iter().zip(&last).map(|(next, last)| [next.len(), last.len()]);
        Self {
            degrees: degrees.collect(),
            gone: vec![false; knot.len()],
            met: vec![(0, 0); knot.len()],
            round: 0,
            next,
            last,
        }
    }

    /// Leaves out the step from `to` to `from`, or the node where both are the same, and what is on
    /// no cycle then.
    fn forget(&mut self, from: usize, to: usize) {
        if from != to {
            self.next[to].retain(|it| *it != from);
            self.last[from].retain(|it| *it != to);
            let steps = usize::from(!self.gone[from] && !self.gone[to]);
            self.degrees[to][0] -= steps;
            self.degrees[from][1] -= steps;
        }
        let mut open = vec![from, to];
        let mut whole = from == to;
        while let Some(node) = open.pop() {
            let ends = self.degrees[node].contains(&0);
            if self.gone[node] || !(ends || std::mem::take(&mut whole)) {
                continue;
            }
            self.gone[node] = true;
            for (side, near) in [(1, &self.next[node]), (0, &self.last[node])] {
                for other in near {
                    self.degrees[*other][side] -= 1;
                    open.push(*other);
                }
            }
        }
    }

    /// Returns the shortest way between two nodes, of at most `most` nodes; both ends stand in it,
    /// once where they are the same.
    fn way(&mut self, from: usize, to: usize, most: usize) -> Option<Vec<usize>> {
        if self.gone[from] || self.gone[to] {
            return None;
        }
        self.round += 1;
        self.met[from] = (self.round, from);
        let mut open = VecDeque::from([(from, 1)]);
        while let Some((node, length)) = open.pop_front() {
            if length + usize::from(to != from) > most {
                return None;
            }
            for other in &self.next[node] {
                if *other == to {
                    return Some(self.back(node, (from != to).then_some(to)));
                }
                if self.met[*other].0 != self.round && !self.gone[*other] {
                    self.met[*other] = (self.round, node);
                    open.push_back((*other, length + 1));
                }
            }
        }
        None
    }

    /// Returns the way that led to `node`, with `end` after it.
    fn back(&self, node: usize, end: Option<usize>) -> Vec<usize> {
        let before = |node: &usize| Some(self.met[*node].1).filter(|it| it != node);
        let mut way: Vec<usize> = end.into_iter().collect();
        way.extend(std::iter::successors(Some(node), before));
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern, the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(self.0 >> 33).unwrap() % end
        }
    }

    /// As `shortest`, but without leaving anything out.
    fn plainly(
        graph: &Graph<'_>,
        knot: &[NodeIndex],
        ways: &[(NodeIndex, NodeIndex)],
    ) -> Option<Vec<RepoPath>> {
        let mut best: Option<Vec<usize>> = None;
        for (from, to) in ways {
            let most = best.as_ref().map_or(usize::MAX, |best| best.len() - 1);
            let (from, to) = (place(knot, *from).unwrap(), place(knot, *to).unwrap());
            best = Search::new(graph, knot).way(from, to, most).or(best);
        }
        Some(rotated(best?.into_iter().map(|node| graph[knot[node]].clone()).collect()))
    }

    #[test]
    fn what_is_left_out_is_on_no_shorter_cycle() {
        let mut numbers = Numbers(7);
        let mut seen = 0;
        for round in 0..600 {
            let count = 2 + numbers.below(10);
            let paths: Vec<_> =
                (0..count).map(|it| RepoPath::new(&format!("m{it:02}.py")).unwrap()).collect();
            let mut graph = Graph::new();
            let nodes: Vec<NodeIndex> = paths.iter().map(|path| graph.add_node(path)).collect();
            for _ in 0..count + numbers.below(2 * count) {
                let (from, to) = (nodes[numbers.below(count)], nodes[numbers.below(count)]);
                if from != to {
                    graph.update_edge(from, to, ());
                }
            }
            for knot in knots(&graph) {
                let all: Vec<_> = knot.iter().map(|it| (*it, *it)).collect();
                let inside = |it: &(NodeIndex, NodeIndex)| {
                    place(&knot, it.0).is_some() && place(&knot, it.1).is_some()
                };
                let mut some: Vec<_> = graph
                    .edge_indices()
                    .filter_map(|edge| graph.edge_endpoints(edge))
                    .map(|(from, to)| (to, from))
                    .filter(inside)
                    .collect();
                some.retain(|_| numbers.below(3) > 0);
                for ways in [all, some] {
                    let found = shortest(&graph, &knot, ways.iter().copied());
                    assert_eq!(found, plainly(&graph, &knot, &ways), "round {round}");
                    seen += usize::from(found.is_some_and(|it| it.len() > 2));
                }
            }
        }
        assert!(seen > 50, "{seen} cycles are longer than two");
    }
}
