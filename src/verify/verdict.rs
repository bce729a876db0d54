//! All that `verify` says of a tree, as one value: what it found, and what that stands on.
//!
//! A verdict is a pure function of a [`Question`]: of trees, in which an id stands for the bytes, and
//! of settings, in which stands what the world outside of them tells. So it may be kept under the
//! id of the question; whatever else should ever count has to become a part of it first.
//!
//! Most edits change nothing that other files can see. So a verdict is also kept under the outline of
//! the question, in which the outline of each Python file stands for its bytes; it is the answer
//! unless one of the files of which it tells lines was edited.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, Proof, Report, Unreadable, Unresolved, check, compare};
use crate::facts::{Facts, Memo, Root, Settings};
use crate::kept::{Kept, VERSION, choices, records};
use crate::path::RepoPath;
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
    /// The files of which it tells lines, as they were.
    pub placed: Vec<(RepoPath, Id)>,
    /// What differs from the other tree.
    pub proof: Option<Proof>,
    /// The roots, those of all files first.
    pub roots: Vec<Root>,
    /// The version that the code is read as.
    pub target: (u8, u8),
    /// Top-level modules that the declared dependencies may install, in lower case.
    pub third_party: Vec<String>,
}

/// The facts that an answer stands on. To take their millions of values apart would be a tenth of the
/// time, so whoever ends the process had better not.
#[derive(Debug)]
pub struct Evidence {
    /// The tree that is looked at, where it is known what of it stood elsewhere.
    renamed: Option<Tree>,
    facts: Facts,
    before: Option<Facts>,
}

impl Question<'_> {
    /// Returns the same id for the same question to the same build, and for no other.
    #[must_use]
    pub fn id(&self) -> Id {
        self.hash("whole", &BTreeMap::new())
    }

    /// Returns the same id for all questions to the same build that differ only in where things stand
    /// in Python files; `None` where trees are compared, for then these places are compared, too.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn outline(&self, memo: &Memo) -> Result<Option<Id>, ReadError> {
        if self.against.is_some() {
            return Ok(None);
        }
        let outlines = Facts::outlines(self.tree, self.settings, memo)?;
        Ok(outlines.map(|it| self.hash("outline", &it)))
    }

    /// Tells whether a verdict on a question of the same outline is one on this question.
    #[must_use]
    pub fn is_answered_by(&self, verdict: &Verdict) -> bool {
        let id = |path| self.tree.entry(path).map(|entry| entry.id);
        verdict.placed.iter().all(|(path, then)| id(path) == Some(*then))
    }

    fn hash(&self, kind: &str, outlines: &BTreeMap<RepoPath, Id>) -> Id {
        let Self { tree, against, settings } = self;
        let Settings { roots, target, skip, installed } = settings;
        let mut out = [kind, VERSION].concat().into_bytes();
        put_tree(&mut out, tree, outlines);
        against.is_some().put(&mut out);
        against.iter().for_each(|it| put_tree(&mut out, it, outlines));
        roots.put(&mut out);
        target.put(&mut out);
        skip.put(&mut out);
        installed.put(&mut out);
        blob_id(&out)
    }

    /// Reads all that the answer stands on.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&self, memo: &Memo) -> Result<Evidence, ReadError> {
        let renamed = self.against.map(|before| self.tree.renamed_from(before)).transpose()?;
        let facts = Facts::index(renamed.as_ref().unwrap_or(self.tree), self.settings, memo)?;
        let index = |tree| Facts::index(tree, self.settings, memo);
        Ok(Evidence { renamed, facts, before: self.against.map(index).transpose()? })
    }

    /// Finds the answer.
    ///
    /// # Errors
    /// When a file cannot be read: where trees are compared, some are looked at more closely.
    pub fn answer(&self, evidence: &Evidence) -> Result<Verdict, ReadError> {
        let Evidence { renamed, facts, before } = evidence;
        let tree = renamed.as_ref().unwrap_or(self.tree);
        let trees = self.against.zip(before.as_ref());
        let proof = |before| compare(before, (tree, facts), &|_| false);
        let report = check(facts);
        let placed = report.unresolved.iter().map(|it| &it.path).collect::<BTreeSet<_>>();
        let placed =
            placed.into_iter().filter_map(|it| Some((it.clone(), self.tree.entry(it)?.id)));
        Ok(Verdict {
            placed: placed.collect(),
            report,
            proof: trees.map(proof).transpose()?,
            roots: facts.roots().to_vec(),
            target: facts.target(),
            third_party: facts.declared().iter().cloned().collect(),
        })
    }
}

fn put_tree(out: &mut Vec<u8>, tree: &Tree, outlines: &BTreeMap<RepoPath, Id>) {
    // More than most paths take, with their ids.
    out.reserve(tree.entries().len() * 100);
    tree.entries().len().put(out);
    for (path, Entry { mode, id, origin }) in tree.entries() {
        path.put(out);
        out.extend_from_slice(mode.octal().as_bytes());
        outlines.get(path).unwrap_or(id).put(out);
        let moved = origin.as_ref() != Some(path);
        moved.put(out);
        if moved {
            origin.put(out);
        }
    }
}

records! {
    Verdict { report, placed, proof, roots, target, third_party }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    const FILES: [(&str, &str); 5] = [
        ("app/__init__.py", ""),
        ("app/core.py", "from .ring import Z\n\nclass X:\n    pass\n"),
        ("app/ring.py", "def Z():\n    pass\n"),
        ("app/main.py", "import app.nope\nfrom app.core import X, Y\n"),
        ("notes.txt", "Nothing.\n"),
    ];

    /// Edits one file; tells whether the verdict on the tree before is found for the one after.
    #[track_caller]
    fn check(path: &str, text: &str, found: bool) {
        let edited = FILES.map(|(it, old)| (it, if it == path { text } else { old }));
        let settings = Settings::default();
        let [before, after] = [FILES, edited].map(|it| Tree::new(Memory::texts(it).unwrap()));
        let ask = |tree| Question { tree, against: None, settings: &settings };
        let answer = |question: Question<'_>| {
            question.answer(&question.read(&Memo::default()).unwrap()).unwrap()
        };
        let outline = |question: Question<'_>| question.outline(&Memo::default()).unwrap();
        let (before, after) = (ask(&before), ask(&after));
        assert_ne!(before.id(), after.id());
        let verdict = answer(before);
        assert_eq!(verdict.report.unresolved.len(), 2);
        let alike = outline(before) == outline(after) && after.is_answered_by(&verdict);
        assert_eq!(alike, found, "{path}: {text}");
        if found {
            assert_eq!(answer(after), verdict, "{path}: {text}");
        }
    }

    #[test]
    fn an_edit_that_nobody_sees_has_the_same_answer() {
        check("app/core.py", "# Why\nfrom .ring import Z\n\nclass X:\n    y = 1\n", true);
        check("app/ring.py", "'''Why'''\ndef Z(x):\n    return x\n", true);
        check("app/__init__.py", "\n", true);
    }

    #[test]
    fn any_other_edit_is_another_question() {
        check("app/core.py", "class X:\n    pass\n\nfrom .ring import Z\n", false);
        check("app/core.py", "from .ring import Z\n\ndef Y(): ...\n", false);
        check("app/ring.py", "import app.gone\ndef Z():\n    pass\n", false);
        check("app/ring.py", "def Z(:\n    pass\n", false);
        check("app/__init__.py", "def __getattr__(name): ...\n", false);
        check("notes.txt", "Something.\n", false);
    }

    #[test]
    fn lines_that_are_told_are_not_those_of_before() {
        check("app/main.py", "\nimport app.nope\nfrom app.core import X, Y\n", false);
    }
}
