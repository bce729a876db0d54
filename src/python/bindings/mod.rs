//! Where the names that imports bind are used: [`Bindings`] of one source.
//!
//! [`collect`] walks the tree once and notes every scope, every binding and every mention of a name;
//! [`scopes`] then says by Python's rules which scope a mention belongs to. Within one scope the order
//! of statements is not followed: a name that an import and an assignment both bind there has all its
//! uses listed, and the assignment among them as written.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Bindings, Import, Owner, Target, Use};
use super::parse::{DEEPEST, Tree};
use scopes::{Bound, Mention, Scopes};

mod annotations;
mod collect;
mod parts;
mod scopes;

pub use parts::parts;

#[cfg(test)]
mod tests;

/// An import and, of a from-import, which of its names.
type Key = (usize, Option<usize>);

/// Finds the uses of all that `imports` bind in `source`, which are its
/// [`FileFacts::imports`](super::FileFacts::imports): keys count in them. What they bind and do
/// not say, as a star import does, is told by `unsaid`, with keys of their own.
#[must_use]
pub fn bindings(
    source: &str,
    imports: &[Import],
    unsaid: &BTreeMap<Key, String>,
    target: (u8, u8),
) -> Bindings {
    let Some(tree) = Tree::parse(source, target) else { return Bindings::default() };
    let depth = tree.depth();
    let keys = Keys::new(imports, unsaid);
    let found = (depth <= DEEPEST).then(|| collect::collect(tree.body(), source, &keys, target));
    tree.drop_deep(depth);
    found.map_or_else(Bindings::default, |found| assemble(found, keys))
}

/// What binds or gives modules, by where it stands.
#[derive(Debug, Default)]
struct Keys<'a> {
    /// Each name that an import statement binds, by the start of its alias.
    aliases: BTreeMap<usize, Key>,
    /// The names that each statement binds and does not say, by its start.
    unsaid: BTreeMap<usize, Vec<(Key, &'a str)>>,
    /// Each call that imports, by its start and end.
    calls: BTreeMap<(usize, usize), Key>,
}

impl<'a> Keys<'a> {
    fn new(imports: &[Import], unsaid: &'a BTreeMap<Key, String>) -> Self {
        let mut keys = Self::default();
        for (index, import) in imports.iter().enumerate() {
            let Import { statement, span, .. } = import;
            let own = unsaid.range((index, None)..(index + 1, None));
            let own = own.map(|(key, name)| (*key, name.as_str()));
            keys.unsaid.entry(statement.start).or_default().extend(own);
            match &import.target {
                Target::Module { .. } => {
                    keys.aliases.insert(span.start, (index, None));
                }
                Target::Names(names) => {
                    let places = names.iter().enumerate();
                    let places = places.map(|(at, it)| (it.span.start, (index, Some(at))));
                    keys.aliases.extend(places);
                }
                Target::Star => {}
                Target::Call { .. } => {
                    keys.calls.insert((statement.start, statement.end), (index, None));
                }
            }
        }
        keys
    }
}

/// What one walk through a file found.
#[derive(Debug)]
struct Collected {
    scopes: Scopes,
    mentions: Vec<Mention>,
    /// Whose name each import binds.
    owners: BTreeMap<Key, Owner>,
    /// The uses of what calls import.
    called: Vec<(Key, Use)>,
    /// See [`Bindings::loose`].
    loose: Vec<Use>,
}

fn assemble(found: Collected, keys: Keys<'_>) -> Bindings {
    let Collected { scopes, mentions, owners, called, mut loose } = found;
    let mut uses: BTreeMap<Key, Vec<Use>> =
        keys.aliases.into_values().map(|key| (key, Vec::new())).collect();
    let mut captured: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    let mut looked_at = BTreeSet::new();
    let mut early: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
    let mut taken = scopes.names();
    let is_own = taken.contains("getattr");
    for mut mention in mentions {
        if let Some((at, _)) = mention.call.take_if(|_| is_own) {
            let behind = mention.parts.split_off(at);
            mention.asked = behind.first().cloned();
            let used = Use { parts: behind, written: false, asked: None, call: None };
            loose.extend((used.parts.len() > 1).then_some(used));
        }
        let name = &mention.parts[0].0;
        if !taken.contains(name) {
            taken.insert(name.clone());
        }
        let Some(home) = scopes.resolve(&mention) else {
            loose.extend((mention.parts.len() > 1).then(|| mention.used()));
            continue;
        };
        let imported = scopes.bound(home, name).iter().any(|it| matches!(it, Bound::Import(_)));
        if !imported && mention.parts.len() > 2 {
            let mut used = mention.used();
            used.parts.remove(0);
            used.call = None;
            loose.push(used);
        }
        for bound in scopes.bound(home, name) {
            let Bound::Import(key) = bound else { continue };
            uses.entry(*key).or_default().push(mention.used());
            if mention.parts.len() > 1 && !mention.lazy && !scopes.is_deferred(mention.scope) {
                early.entry(*key).or_default().insert(mention.parts[0].1.start);
            }
            if looked_at.insert((*key, mention.scope)) {
                scopes.captured(mention.scope, home, captured.entry(*key).or_default());
            }
        }
    }
    for (key, used) in called {
        uses.entry(key).or_default().push(used);
    }
    for list in uses.values_mut() {
        list.sort_by_key(|it| it.parts[0].1.start);
    }
    loose.sort_by_key(|it| it.parts[0].1.start);
    Bindings { uses, owners, loose, taken, captured, early }
}
