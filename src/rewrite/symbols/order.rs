//! In which order the parts of a module leave it: first what other parts need, so that what several of
//! them need goes to where all of them can take it from.

use std::collections::BTreeSet;

use super::side::Side;
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::python::Mentioned;
use crate::tree::{ReadError, Tree};

/// Returns the order in which groups of names should leave a module, as indices into `groups`.
///
/// # Errors
/// When the file cannot be read.
pub fn order(
    tree: &Tree,
    facts: &Facts,
    from: &RepoPath,
    groups: &[&BTreeSet<String>],
) -> Result<Vec<usize>, ReadError> {
    let mut open: Vec<usize> = (0..groups.len()).collect();
    let Some(side) = Side::read(tree, facts, from)? else { return Ok(open) };
    let needs: Vec<BTreeSet<String>> = groups.iter().map(|it| needed(&side, it, groups)).collect();
    let mut order = Vec::new();
    while !open.is_empty() {
        let is_ready = |at: &usize| {
            let mut others = open.iter().filter(|it| *it != at);
            others.all(|it| needs[*at].is_disjoint(groups[*it]))
        };
        let next = open.iter().position(is_ready).unwrap_or_default();
        order.push(open.remove(next));
    }
    Ok(order)
}

/// Returns the names of other groups that a group needs, be it by way of names of no group.
fn needed(side: &Side, group: &BTreeSet<String>, groups: &[&BTreeSet<String>]) -> BTreeSet<String> {
    let mut known = group.clone();
    let mut open: Vec<String> = group.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let parts: BTreeSet<usize> = side.binders(&name);
        let mentions = parts.iter().flat_map(|it| &side.parts[*it].mentions).map(Mentioned::name);
        for name in mentions {
            if known.insert(name.to_owned()) && !groups.iter().any(|it| it.contains(name)) {
                open.push(name.to_owned());
            }
        }
    }
    known
}
