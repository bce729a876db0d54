//! Knots: files that lead to each other, and the shortest cycles in them.

use std::collections::VecDeque;

use super::alone::File;

/// A file that was not met yet.
const UNMET: usize = usize::MAX;

/// A file of which the knot is known.
const DONE: usize = UNMET - 1;

/// Returns the files that lead to each other, and those that lead to themselves, knot by knot, in order
/// in each. `ways` has for each file where it leads, in order.
///
/// This is what Tarjan found, without recursion, for a way may be as long as a tree has files.
pub(super) fn knots(ways: &[Vec<File>]) -> Vec<Vec<File>> {
    // The smallest number of all that is met from a file and in no knot yet.
    let mut low = vec![UNMET; ways.len()];
    let (mut open, mut found, mut count) = (Vec::new(), Vec::new(), 0);
    for first in 0..ways.len() {
        // Each file on the way with its number, and how many of its ways are not gone.
        let mut way: Vec<(File, usize, usize)> = Vec::new();
        let mut next = Some(first).filter(|it| low[*it] == UNMET);
        loop {
            if let Some(file) = next.take() {
                low[file] = count;
                open.push(file);
                way.push((file, count, ways[file].len()));
                count += 1;
            }
            let Some((file, number, left)) = way.last_mut() else { break };
            if let Some(at) = left.checked_sub(1) {
                *left = at;
                let to = ways[*file][at];
                match low[to] {
                    UNMET => next = Some(to),
                    DONE => {}
                    lowest => low[*file] = low[*file].min(lowest),
                }
                continue;
            }
            let (file, number) = (*file, *number);
            way.pop();
            if let Some((above, ..)) = way.last() {
                low[*above] = low[*above].min(low[file]);
            }
            if low[file] == number {
                let at = open.iter().rposition(|it| *it == file).unwrap_or_default();
                let mut knot = open.split_off(at);
                knot.iter().for_each(|it| low[*it] = DONE);
                if knot.len() > 1 || ways[file].contains(&file) {
                    knot.sort_unstable();
                    found.push(knot);
                }
            }
        }
    }
    found
}

/// Returns the shortest of the cycles that close these steps (from, to), the first where several are.
pub(super) fn shortest(
    ways: &[Vec<File>],
    knot: &[File],
    steps: impl Iterator<Item = (File, File)>,
) -> Option<Vec<File>> {
    let mut search = Search::new(ways, knot);
    let mut best: Option<Vec<usize>> = None;
    for (from, to) in steps {
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
    Some(best?.into_iter().map(|place| knot[place]).collect())
}

/// Returns the place of a file in its knot, which is sorted.
fn place(knot: &[File], file: File) -> Option<usize> {
    knot.binary_search(&file).ok()
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
    fn new(ways: &[Vec<File>], knot: &[File]) -> Self {
        let inside = |file: &File| ways[*file].iter().filter_map(|to| place(knot, *to)).collect();
        let next: Vec<Vec<usize>> = knot.iter().map(inside).collect();
        let mut last = vec![Vec::new(); knot.len()];
        for (from, near) in next.iter().enumerate() {
            near.iter().for_each(|to| last[*to].push(from));
        }
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

    /// Makes ways between files, in order.
    fn some_ways(numbers: &mut Numbers) -> Vec<Vec<File>> {
        let count = 2 + numbers.below(10);
        let mut ways = vec![Vec::new(); count];
        for _ in 0..count + numbers.below(2 * count) {
            let (from, to) = (numbers.below(count), numbers.below(count));
            ways[from].push(to);
        }
        for ways in &mut ways {
            ways.sort_unstable();
            ways.dedup();
        }
        ways
    }

    /// Tells which files each file leads to, by one way or more.
    fn led(ways: &[Vec<File>], from: File) -> Vec<bool> {
        let (mut led, mut open) = (vec![false; ways.len()], ways[from].clone());
        while let Some(file) = open.pop() {
            if !std::mem::replace(&mut led[file], true) {
                open.extend(&ways[file]);
            }
        }
        led
    }

    #[test]
    fn files_of_a_knot_lead_to_each_other() {
        let mut numbers = Numbers(3);
        let mut seen = 0;
        for round in 0..600 {
            let ways = some_ways(&mut numbers);
            let led: Vec<_> = (0..ways.len()).map(|file| led(&ways, file)).collect();
            let together = |one: File, other: File| led[one][other] && led[other][one];
            let mut expected: Vec<Vec<File>> = (0..ways.len())
                .map(|one| (0..ways.len()).filter(|other| together(one, *other)).collect())
                .filter(|knot: &Vec<File>| !knot.is_empty())
                .collect();
            expected.sort();
            expected.dedup();
            let mut found = knots(&ways);
            found.sort();
            assert_eq!(found, expected, "round {round}: {ways:?}");
            seen += usize::from(found.len() > 1);
        }
        assert!(seen > 50, "{seen} have several knots");
    }

    #[test]
    fn a_long_way_is_no_deep_one() {
        let count = 200_000;
        let mut ways: Vec<Vec<File>> = (1..count).map(|next| vec![next]).collect();
        ways.push(vec![0]);
        assert_eq!(knots(&ways), [(0..count).collect::<Vec<_>>()]);
    }

    /// As `shortest`, but without leaving anything out.
    fn plainly(ways: &[Vec<File>], knot: &[File], steps: &[(File, File)]) -> Option<Vec<File>> {
        let mut best: Option<Vec<usize>> = None;
        for (from, to) in steps {
            let most = best.as_ref().map_or(usize::MAX, |best| best.len() - 1);
            let (from, to) = (place(knot, *from).unwrap(), place(knot, *to).unwrap());
            best = Search::new(ways, knot).way(from, to, most).or(best);
        }
        Some(best?.into_iter().map(|place| knot[place]).collect())
    }

    #[test]
    fn what_is_left_out_is_on_no_shorter_cycle() {
        let mut numbers = Numbers(7);
        let mut seen = 0;
        for round in 0..600 {
            let mut ways = some_ways(&mut numbers);
            for (from, ways) in ways.iter_mut().enumerate() {
                ways.retain(|to| *to != from);
            }
            for knot in knots(&ways) {
                let all: Vec<_> = knot.iter().map(|it| (*it, *it)).collect();
                let steps = |from: &File| ways[*from].iter().map(|to| (*to, *from)).collect();
                let mut some: Vec<(File, File)> =
                    knot.iter().flat_map(|it| -> Vec<_> { steps(it) }).collect();
                some.retain(|it| place(&knot, it.0).is_some() && numbers.below(3) > 0);
                for steps in [all, some] {
                    let found = shortest(&ways, &knot, steps.iter().copied());
                    assert_eq!(found, plainly(&ways, &knot, &steps), "round {round}");
                    seen += usize::from(found.is_some_and(|it| it.len() > 2));
                }
            }
        }
        assert!(seen > 50, "{seen} cycles are longer than two");
    }
}
