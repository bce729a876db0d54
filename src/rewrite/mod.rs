//! Facts and a map old → new give edits: the one engine behind `move`, `consolidate`,
//! `rewrite-imports`, `move-symbols` and `import-style`.
//!
//! The engine never decides what moves. It reads the facts of the tree as it was, the tree as it is
//! with the files at their new places, and the map; it returns edits that make every import and
//! every whole-literal string mean what it meant.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::facts::Facts;
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::text::{Span, TextEdit};
use crate::tree::{ReadError, Tree};

mod begun;
mod calls;
mod chains;
mod documents;
mod exports;
mod file;
mod from_imports;
mod handed;
mod imports;
mod job;
mod listed_names;
mod lookups;
mod mentions;
mod named;
mod own;
mod notebooks;
mod places;
mod provide;
mod rows;
mod sights;
mod snippets;
mod statement;
mod strings;
mod style;
mod suspects;
mod symbols;
mod takers;
mod unknown;
mod used;
mod view;
mod walk;
#[cfg(test)]
mod tests;

pub use named::{Names, renamed};
pub use own::{own_places, reached_from, united};
pub use style::{Respelled, Style, respell};
pub use symbols::{Parted, Refused, Request, Split, order, patches, split};

/// Where things went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// Every file that moved, Python or not: old path → the path where what it held is now. A file
    /// that was folded into another one points at that one.
    pub paths: BTreeMap<RepoPath, RepoPath>,
    /// Folders that moved whole: old → new. Only needed for mentions of the folder itself and for
    /// namespace packages; the files below are in `paths` too.
    pub folders: BTreeMap<RepoPath, RepoPath>,
    /// Modules by dotted name, for names that may lead nowhere today: `a.b` → `x.y`.
    pub modules: BTreeMap<String, String>,
    /// Names by dotted module: (`a.b`, `f`) → (`x.y`, `g`).
    pub names: BTreeMap<(String, String), (String, String)>,
    /// Names of modules that a file bound, and that what it was folded into does not: by its old path.
    pub dropped: BTreeMap<RepoPath, BTreeSet<String>>,
    /// Those of the names that are found at the old place, too: there strings go on naming them, as one
    /// that says what to patch means the module that looks the name up.
    pub shared: BTreeSet<(String, String)>,
    /// Those of the names that only the files below a folder take from the new place.
    pub offered: Option<Offered>,
}

/// Names that are offered at the old place as before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The folder whose files take them from the new place.
    pub within: RepoPath,
    /// The names, as in [`Moves::names`].
    pub names: BTreeSet<(String, String)>,
}

/// What happens to the uses of a module whose own name changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Uses {
    /// The local name stays, by `as` where it must.
    #[default]
    Keep,
    /// The uses are renamed, where nothing clashes.
    Rename,
}

/// The edits of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdits {
    /// The file, where it stands now.
    pub path: RepoPath,
    /// The edits, over the text of the file, in order, without overlap.
    pub edits: Vec<Edit>,
}

/// One edit with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The replacement; spans count in the decoded source of the file.
    pub edit: TextEdit,
    /// How sure the engine is.
    pub safety: Safety,
    /// The reason: "`a.b` is now `x.y`".
    pub why: String,
}

impl Edit {
    /// Tells whether both change the same text.
    fn touches(&self, other: &Self) -> bool {
        self.changes(&other.edit.span)
    }

    /// Tells whether this changes something of the text at `span`.
    fn changes(&self, span: &Span) -> bool {
        self.edit.span.start < span.end && span.start < self.edit.span.end
    }
}

/// What following the moves takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed {
    /// The edits, by file, in order of path.
    pub files: Vec<FileEdits>,
    /// What could not be followed, and what a person should know.
    pub findings: Vec<Finding>,
}

/// Both sides of a move.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// The tree before the move, and its facts.
    pub before: (&'a Tree, &'a Facts),
    /// The tree with the files at their new places, not yet edited, and its facts.
    pub after: (&'a Tree, &'a Facts),
}

/// Returns the edits that make everything in `sides.after` mean what it meant in `sides.before`.
/// Files that do not parse, or that `editable` excludes, get none; they are findings where they
/// would have needed one.
///
/// # Errors
/// When a file cannot be read.
pub fn follow(
    sides: Sides<'_>,
    moves: &Moves,
    uses: Uses,
    editable: &dyn Fn(&RepoPath) -> bool,
) -> Result<Followed, ReadError> {
    // All threads ask who imports a file, so none may wait for the answer inside the loop.
    let _ = sides.before.1.edges();
    let job = job::Job::new(sides, moves, uses)?;
    let suspects = job.suspects()?.into_iter().map(|it| (editable(&it.view.new), it));
    let suspects: Vec<_> = suspects.collect();
    let files: Vec<_> = suspects
        .into_par_iter()
        .map(|(editable, suspect)| job.follow(&suspect, editable))
        .collect::<Result<_, _>>()?;
    let mut followed = Followed::default();
    for (edits, findings) in files {
        followed.files.extend(edits);
        followed.findings.extend(findings);
    }
    followed.files.extend(documents::follow(&job, editable)?);
    let notes = mentions::add(job.places(), editable, &mut followed.files)?;
    followed.findings.extend(notes);
    Ok(followed)
}
