//! All that `verify` says of a tree, as one value: what it found, and what that stands on.
//!
//! A verdict is a pure function of a [`Question`]: of trees, in which an id stands for the bytes, and
//! of settings, in which stands what the world outside of them tells. So it may be kept under the
//! id of the question; whatever else should ever count has to become a part of it first.

use super::{Kind, Proof, Report, Terms, Unreadable, Unresolved, check, compare};
use crate::facts::{Facts, Memo, Root, Settings};
use crate::kept::{Kept, VERSION, choices, records};
use crate::tree::{Entry, Id, ReadError, Tree, blob_id};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The tree that is looked at.
    pub tree: &'a Tree,
    /// The tree that it is compared with.
    pub against: Option<&'a Tree>,
    /// What is known of both before they are read.
    pub settings: &'a Settings,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the tree looks like.
    pub report: Report,
    /// What differs from the other tree.
    pub proof: Option<Proof>,
    /// The roots, those of all files first.
    pub roots: Vec<Root>,
    /// The version that the code is read as.
    pub target: (u8, u8),
    /// Top-level modules that the declared dependencies may install, in lower case.
    pub third_party: Vec<String>,
}

impl Question<'_> {
    /// Returns the same id for the same question to the same build, and for no other.
    #[must_use]
    pub fn id(&self) -> Id {
        let Self { tree, against, settings } = self;
        let Settings { roots, target, skip, installed } = settings;
        let mut out = VERSION.as_bytes().to_vec();
        put_tree(&mut out, tree);
        against.is_some().put(&mut out);
        against.iter().for_each(|it| put_tree(&mut out, it));
        roots.put(&mut out);
        target.put(&mut out);
        skip.put(&mut out);
        installed.put(&mut out);
        blob_id(&out)
    }

    /// Finds the answer; returns it with the facts that it was found by. To take their millions of
    /// values apart would be a tenth of the time, so whoever ends the process had better not.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn answer(&self, memo: &Memo) -> Result<(Verdict, Vec<Facts>), ReadError> {
        let facts = Facts::index(self.tree, self.settings, memo)?;
        let before = match self.against {
            Some(tree) => Some((tree, Facts::index(tree, self.settings, memo)?)),
            None => None,
        };
        let proof = |(tree, before): &(&Tree, Facts)| {
            compare((tree, before), (self.tree, &facts), &|_| Terms::Open)
        };
        let verdict = Verdict {
            report: check(&facts),
            proof: before.as_ref().map(proof),
            roots: facts.roots().to_vec(),
            target: facts.target(),
            third_party: facts.declared().iter().cloned().collect(),
        };
        Ok((verdict, before.into_iter().map(|(_, facts)| facts).chain([facts]).collect()))
    }
}

fn put_tree(out: &mut Vec<u8>, tree: &Tree) {
    tree.entries().len().put(out);
    for (path, Entry { mode, id, origin }) in tree.entries() {
        path.put(out);
        out.extend_from_slice(mode.octal().as_bytes());
        out.extend_from_slice(id.as_bytes());
        let moved = origin.as_ref() != Some(path);
        moved.put(out);
        if moved {
            origin.put(out);
        }
    }
}

records! {
    Verdict { report, proof, roots, target, third_party }
    Report { files, imports, unresolved, cycles, unreadable }
    Proof { fixed, broken, still_broken, unproved, new_cycles, unreadable }
    Unresolved { path, line, column, module, name, kind, optional, why }
    Unreadable { path, line, column, message }
    Root { folder, scope, why }
}

choices! {
    Kind {
        0: MissingModule {}
        1: MissingName {}
        2: Undeclared {}
    }
}
