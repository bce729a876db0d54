//! Which names the imports of a file have, told without reading them: a tree has a hundred thousand
//! imports, and whoever changes something looks for a few names.

use std::collections::BTreeSet;

use super::model::{Anchor, Import, Target};
use crate::kept::Kept;

/// A name as [`Asks`] know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked(u32);

/// The names in the imports of a file, by their hashes, in order: a name that is not among them is in
/// no import; one that is may be another one of the same hash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asks(Vec<u32>);

impl Asked {
    /// An import counts from the package of the file: it begins with dots.
    pub const DOTS: Self = Self::of(".");
    /// An import takes what a module has.
    pub const STAR: Self = Self::of("*");
    /// Something is called otherwise here.
    pub const ALIAS: Self = Self::of("as");
    /// What an import counts from depends on where the file stands.
    pub const OWN_NAME: Self = Self::of("__name__");

    /// Returns what tells whether a name is there: one part of a dotted name.
    #[must_use]
    pub const fn of(name: &str) -> Self {
        // FNV-1a: the same on every machine, for facts are kept.
        let (bytes, mut hash, mut at) = (name.as_bytes(), 0x811c_9dc5_u32, 0);
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        Self(hash)
    }
}

impl Asks {
    /// Collects the names: the parts of modules, what is taken from them, and what else the statements
    /// say. The module of `from . import a` is empty, and so is its one part.
    #[must_use]
    pub fn of(imports: &[Import]) -> Self {
        let mut all: Vec<Asked> = Vec::new();
        for import in imports {
            all.extend(import.module.split('.').map(Asked::of));
            all.extend((import.level > 0).then_some(Asked::DOTS));
            all.extend((import.anchor == Anchor::Name).then_some(Asked::OWN_NAME));
            match &import.target {
                Target::Names(names) | Target::Call { names, .. } => {
                    all.extend(names.iter().map(|it| Asked::of(&it.name)));
                    let renamed = names.iter().any(|it| it.asname.is_some());
                    all.extend(renamed.then_some(Asked::ALIAS));
                }
                Target::Module { asname } => {
                    all.extend(asname.is_some().then_some(Asked::ALIAS));
                }
                Target::Star => all.push(Asked::STAR),
            }
        }
        all.sort_unstable();
        all.dedup();
        Self(all.into_iter().map(|it| it.0).collect())
    }

    /// Tells whether some import may have a name.
    #[must_use]
    pub fn may_have(&self, name: Asked) -> bool {
        self.0.binary_search(&name.0).is_ok()
    }

    /// Tells whether some import may have one of these names, of which there may be many.
    #[must_use]
    pub fn may_have_one_of(&self, names: &BTreeSet<Asked>) -> bool {
        match names.len() < self.0.len() {
            true => names.iter().any(|it| self.may_have(*it)),
            false => self.0.iter().any(|it| names.contains(&Asked(*it))),
        }
    }

    /// Tells whether some import may have one of these names.
    #[must_use]
    pub fn may_have_any(&self, names: &[Asked]) -> bool {
        names.iter().any(|it| self.may_have(*it))
    }
}

impl Kept for Asks {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.len().put(out);
        out.extend(self.0.iter().flat_map(|it| it.to_le_bytes()));
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let length = usize::take(from)?.checked_mul(4)?;
        let (bytes, rest) = from.split_at_checked(length)?;
        *from = rest;
        let (hashes, _) = bytes.as_chunks();
        Some(Self(hashes.iter().map(|it| u32::from_le_bytes(*it)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, names: &[&str]) {
        let facts = crate::python::read(source.as_bytes(), (3, 13));
        let all = ["a", "b", "c", "d", "", ".", "*", "as", "__name__", "a.b"];
        let found: Vec<_> =
            all.into_iter().filter(|it| facts.asks.may_have(Asked::of(it))).collect();
        assert_eq!(found, names, "{source}");
        assert_eq!(Asks::from_bytes(&facts.asks.to_bytes()), Some(facts.asks));
    }

    #[test]
    fn names_of_imports_are_known() {
        check("x = 'a'; b.c()", &[]);
        check("import a.b", &["a", "b"]);
        check("import a.b as d", &["a", "b", "as"]);
        check("from a import b, c as d", &["a", "b", "c", "as"]);
        check("from . import a", &["a", "", "."]);
        check("def f():\n    from ..a.b import *", &["a", "b", ".", "*"]);
        check("import importlib\nimportlib.import_module('a.b').c()", &["a", "b"]);
        check("__import__('a', fromlist=['b'])", &["a", "b"]);
    }

    #[test]
    fn bytes_that_nobody_made_are_none() {
        assert_eq!(Asks::from_bytes(&[2, 0, 0, 0, 0]), None);
        assert_eq!(Asks::from_bytes(&[0xff; 12]), None);
    }
}
