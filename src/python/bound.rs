//! The names that a module binds, in three pieces of memory: a large tree has a million of them.

use std::collections::BTreeMap;

use super::model::Binding;

/// Names, and what may have bound each of them, in order of appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound {
    /// All names, in order, one after the other.
    text: String,
    /// Where each name ends in the text, and where its bindings end in their list.
    ends: Vec<(usize, usize)>,
    bindings: Vec<Binding>,
}

impl Bound {
    /// Returns what binds a name; `None` where nothing does.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[Binding]> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(self.bindings(middle)),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Tells whether something binds a name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns the names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.name(at))
    }

    /// Returns all bindings, in order of their names.
    #[must_use]
    pub fn values(&self) -> &[Binding] {
        &self.bindings
    }

    /// Returns the names with what binds each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Binding])> {
        (0..self.ends.len()).map(|at| (self.name(at), self.bindings(at)))
    }

    fn name(&self, at: usize) -> &str {
        self.text.get(self.start(at).0..self.ends[at].0).unwrap_or_default()
    }

    fn bindings(&self, at: usize) -> &[Binding] {
        self.bindings.get(self.start(at).1..self.ends[at].1).unwrap_or_default()
    }

    /// Returns where a name begins, and its bindings: where those before it end.
    fn start(&self, at: usize) -> (usize, usize) {
        at.checked_sub(1).map_or((0, 0), |before| self.ends[before])
    }
}

crate::kept::records! {
    Bound { text, ends, bindings }
}

impl From<BTreeMap<&str, Vec<Binding>>> for Bound {
    fn from(names: BTreeMap<&str, Vec<Binding>>) -> Self {
        let mut bound = Self::default();
        for (name, bindings) in names {
            bound.text.push_str(name);
            bound.bindings.extend(bindings);
            bound.ends.push((bound.text.len(), bound.bindings.len()));
        }
        bound
    }
}
