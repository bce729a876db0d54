//! Where the names that imports bind are used: [`Bindings`] of one source.
//!
//! [`collect`] walks the tree once and notes every scope, every binding and every mention of a name;
//! [`scopes`] then says by Python's rules which scope a mention belongs to. Within one scope the order
//! of statements is not followed: a name that an import and an assignment both bind there has all its
//! uses listed, and the assignment among them as written.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Bindings, Import, Target, Use};
use super::parse::{DEEPEST, Tree};
use scopes::{Bound, Mention, Scopes};

mod annotations;
mod collect;
mod scopes;

#[cfg(test)]
mod tests;

/// An import and, of a from-import, which of its names.
type Key = (usize, Option<usize>);

/// Finds the uses of all that `imports` bind in `source`, which are its
/// [`FileFacts::imports`](super::FileFacts::imports): keys count in them.
#[must_use]
pub fn bindings(source: &str, imports: &[Import], target: (u8, u8)) -> Bindings {
    let Some(tree) = Tree::parse(source, target) else { return Bindings::default() };
    let depth = tree.depth();
    let keys = keys(imports);
    let found = (depth <= DEEPEST).then(|| collect::collect(tree.body(), source, &keys));
    tree.drop_deep(depth);
    match found {
        Some((scopes, mentions)) => assemble(&scopes, mentions, keys.into_values()),
        None => Bindings::default(),
    }
}

/// Finds each import binding by the place of its alias.
fn keys(imports: &[Import]) -> BTreeMap<usize, Key> {
    let mut found = BTreeMap::new();
    for (index, import) in imports.iter().enumerate() {
        match &import.target {
            Target::Module { .. } => {
                found.insert(import.span.start, (index, None));
            }
            Target::Names(names) => {
                let places = names.iter().enumerate();
                found.extend(places.map(|(at, it)| (it.span.start, (index, Some(at)))));
            }
            Target::Star | Target::Call { .. } => {}
        }
    }
    found
}

fn assemble(scopes: &Scopes, mentions: Vec<Mention>, keys: impl Iterator<Item = Key>) -> Bindings {
    let mut uses: BTreeMap<Key, Vec<Use>> = keys.map(|key| (key, Vec::new())).collect();
    let mut captured: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    let mut looked_at = BTreeSet::new();
    let mut taken = scopes.names();
    for mention in mentions {
        let name = &mention.parts[0].0;
        if !taken.contains(name) {
            taken.insert(name.clone());
        }
        let Some(home) = scopes.resolve(&mention) else { continue };
        for bound in scopes.bound(home, name) {
            let Bound::Import(key) = bound else { continue };
            uses.entry(*key).or_default().push(mention.used());
            if looked_at.insert((*key, mention.scope)) {
                scopes.captured(mention.scope, home, captured.entry(*key).or_default());
            }
        }
    }
    for list in uses.values_mut() {
        list.sort_by_key(|it| it.parts[0].1.start);
    }
    Bindings { uses, taken, captured }
}
