//! Step kinds: what a playbook can ask for.
//!
//! A step reads facts and edits the tree it is given; it never sees a disk, a terminal or another
//! step. To add one: write `steps/<kind>.rs`, add its `mod` line and its row in [`KINDS`]. Nothing
//! outside this folder changes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::facts::{Facts, Memo, Settings};
use crate::finding::{Finding, Safety};
use crate::path::{PathError, Patterns, RepoPath};
use crate::tree::{Id, ReadError, Tree};

mod clean;
mod consolidate;
mod create;
mod edit;
mod env;
mod gitignore;
mod import_style;
mod r#move;
mod move_symbols;
mod remove;
mod replace;
mod requirements;
mod rewrite_imports;
mod run;

mod archive;
mod edits;
mod fit;
mod guard;
mod ignore_file;
mod link;
mod mention;
mod module;
mod packages;
mod past;
mod place;
mod programs;
mod relocate;
mod select;
mod shadow;
mod shim;
mod sort;
mod stale;
mod used_names;
mod uses;

pub use clean::Sweep;
pub use past::Past;
pub use programs::{Changed, NoPrograms, ProgramRun, Programs};

/// What one kind of step is: a typed TOML table with a small trait.
pub trait Step: DeserializeOwned + JsonSchema + fmt::Debug + Send + Sync + 'static {
    /// The name written as `kind = "…"` in a playbook.
    const KIND: &'static str;
    /// Markdown with the sections "What it does" and "Example": the reference page.
    const DOCS: &'static str;
    /// It only moves files and spells what names them anew: whoever wrote a line is still its author.
    const RESPELLS: bool = false;
    /// Whether it starts programs that the playbook names.
    const STARTS_PROGRAMS: bool = false;

    /// Says what is wrong with the fields, before any tree is seen.
    ///
    /// # Errors
    /// The first mistake: a path that leads outside, fields that exclude each other.
    fn check(&self) -> Result<(), StepError>;

    /// Returns the archive folder that the step names, which no other step looks into.
    fn archive(&self) -> Option<RepoPath> {
        None
    }

    /// Tells whether the step leaves alone what is used, also without the guard `unless-used`.
    fn is_guarded(&self) -> bool {
        false
    }

    /// Takes the step back in `past`, as far as that shows it as done.
    ///
    /// # Errors
    /// When a file cannot be read.
    fn take_back(&self, _past: &mut Past, _now: &Now<'_>) -> Result<(), ReadError> {
        Ok(())
    }

    /// Edits `stage.tree`, and says in `stage.outcome` what it did not do.
    ///
    /// # Errors
    /// When the step cannot be carried out; the tree is then thrown away.
    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError>;
}

/// A step of any kind: [`Step`] without its type.
pub trait AnyStep: fmt::Debug + Send + Sync {
    /// See [`Step::check`].
    ///
    /// # Errors
    /// As there.
    fn check(&self) -> Result<(), StepError>;
    /// See [`Step::archive`].
    fn archive(&self) -> Option<RepoPath>;
    /// See [`Step::is_guarded`].
    fn is_guarded(&self) -> bool;
    /// See [`Step::take_back`].
    ///
    /// # Errors
    /// As there.
    fn take_back(&self, past: &mut Past, now: &Now<'_>) -> Result<(), ReadError>;
    /// See [`Step::run`].
    ///
    /// # Errors
    /// As there.
    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError>;
}

impl<S: Step> AnyStep for S {
    fn check(&self) -> Result<(), StepError> {
        Step::check(self)
    }
    fn archive(&self) -> Option<RepoPath> {
        Step::archive(self)
    }
    fn is_guarded(&self) -> bool {
        Step::is_guarded(self)
    }
    fn take_back(&self, past: &mut Past, now: &Now<'_>) -> Result<(), ReadError> {
        Step::take_back(self, past, now)
    }
    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        Step::run(self, stage)
    }
}

/// Reads the fields of a step out of its TOML table.
pub type Load = fn(toml::de::ValueDeserializer<'_>) -> Result<Box<dyn AnyStep>, toml::de::Error>;

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The name written as `kind = "…"`.
    pub name: &'static str,
    /// Markdown: the reference page.
    pub docs: &'static str,
    /// See [`Step::RESPELLS`].
    pub respells: bool,
    /// See [`Step::STARTS_PROGRAMS`].
    pub starts_programs: bool,
    /// Reads the fields.
    pub load: Load,
    /// Makes the JSON schema of the fields.
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl Kind {
    /// Makes the row of a typed step.
    #[must_use]
    pub const fn of<S: Step>() -> Self {
        Self {
            name: S::KIND,
            docs: S::DOCS,
            respells: S::RESPELLS,
            starts_programs: S::STARTS_PROGRAMS,
            load: |table| Ok(Box::new(S::deserialize(table)?)),
            schema: |generator| generator.subschema_for::<S>(),
        }
    }
}

/// Every kind of step, in alphabetical order.
pub static KINDS: &[Kind] = &[
    Kind::of::<clean::Clean>(),
    Kind::of::<consolidate::Consolidate>(),
    Kind::of::<create::Create>(),
    Kind::of::<edit::Edit>(),
    Kind::of::<env::Env>(),
    Kind::of::<gitignore::Gitignore>(),
    Kind::of::<import_style::ImportStyle>(),
    Kind::of::<r#move::Move>(),
    Kind::of::<move_symbols::MoveSymbols>(),
    Kind::of::<remove::Remove>(),
    Kind::of::<replace::Replace>(),
    Kind::of::<requirements::Requirements>(),
    Kind::of::<rewrite_imports::RewriteImports>(),
    Kind::of::<run::Run>(),
];

/// What steps may read: the same for all steps of a run.
#[derive(Debug, Clone)]
pub struct Context {
    /// The commit that the run starts from.
    pub base: Id,
    /// The base commit's day, UTC, as `yyyymmdd`.
    pub date: String,
    /// How the tree is read; its `skip` holds the archives.
    pub settings: Settings,
    /// Facts of files that were read before.
    pub memo: Arc<Memo>,
    /// Paths that are not moved or removed; their imports still follow.
    pub keep: Patterns,
    /// Paths of which not a byte changes.
    pub frozen: Patterns,
    /// Files that the playbook says are started.
    pub entry_points: Patterns,
    /// The variables of the playbook, the date among them.
    pub vars: BTreeMap<String, String>,
    /// Fills variables into a text.
    pub fill: Fill,
    /// Starts programs.
    pub programs: Arc<dyn Programs>,
}

/// Fills variables into a text, or says what is wrong with it.
pub type Fill = fn(&str, &BTreeMap<String, String>) -> Result<String, String>;

/// The tree that a run starts from.
#[derive(Debug, Clone, Copy)]
pub struct Now<'a> {
    /// What all steps of the run share.
    pub context: &'a Context,
    /// The tree.
    pub tree: &'a Tree,
    /// Its facts.
    pub facts: &'a Facts,
}

/// The state that one step works on.
#[derive(Debug)]
pub struct Stage<'a> {
    /// What all steps of the run share.
    pub context: &'a Context,
    /// The tree of the base commit.
    pub base: &'a Tree,
    /// The tree as the steps before left it; the step edits it.
    pub tree: Tree,
    /// The facts of `tree` as it was when the step began.
    pub facts: Arc<Facts>,
    /// What the base commit shows as done by later steps.
    pub past: Past,
    /// Guard: take only what nothing that stays uses.
    pub unless_used: bool,
    /// Imports that it edits go where they belong, where they were in order.
    pub sort: bool,
    /// Guard: take only files that are byte-identical to this one.
    pub same_as: Option<RepoPath>,
    /// Edits below this are shown, not applied.
    pub floor: Safety,
    /// What the step says about its work.
    pub outcome: Outcome,
}

impl Stage<'_> {
    /// Says that `path` matched and stays as it is.
    fn leave(&mut self, path: &RepoPath, reason: impl Into<String>) {
        let (path, reason) = (path.clone(), reason.into());
        self.outcome.left_alone.push(LeftAlone { path, reason, evidence: Vec::new() });
    }

    /// Adds something that a person should know.
    fn tell(&mut self, finding: Finding) {
        self.outcome.findings.push(finding);
    }
}

/// What a step says about its work, beside the tree that it leaves.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Every edit with its reason, applied or not, in order.
    pub edits: Vec<Note>,
    /// What matched but was left where it is, and why.
    pub left_alone: Vec<LeftAlone>,
    /// What a person should know.
    pub findings: Vec<Finding>,
    /// Tracked paths that leave the branch while their bytes stay on disk.
    pub untracked: Vec<RepoPath>,
    /// What is to leave the disk, where git does not track it: no part of the tree.
    pub sweep: Option<Sweep>,
}

/// An edit of a line, and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file, where it stands after the step.
    pub path: RepoPath,
    /// The first line of the edit, from 1, before the edit.
    pub line: u32,
    /// What stood there.
    pub before: String,
    /// What stands there now, or would.
    pub after: String,
    /// How sure overhaul is.
    pub safety: Safety,
    /// The reason.
    pub why: String,
    /// Whether it was applied.
    pub applied: bool,
}

/// Something that matched and was left where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftAlone {
    /// The file or folder.
    pub path: RepoPath,
    /// Why: "used by what stays".
    pub reason: String,
    /// The evidence, one line each: "`docker-compose.yml:12` starts it".
    pub evidence: Vec<String>,
}

/// A step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The step asks for something that cannot be.
    #[error("{message}")]
    Impossible {
        /// What, lower case, objects in backticks.
        message: String,
        /// The remedy.
        hint: Option<String>,
    },
}

impl From<PathError> for StepError {
    fn from(error: PathError) -> Self {
        Self::new(error.to_string())
    }
}

impl StepError {
    /// Makes an error from one sentence.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::Impossible { message: message.into(), hint: None }
    }

    /// Returns the remedy.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Impossible { hint, .. } => hint.as_deref(),
            Self::Read(_) => None,
        }
    }

    /// Adds the remedy.
    #[must_use]
    pub fn with_hint(self, remedy: impl Into<String>) -> Self {
        match self {
            Self::Impossible { message, .. } => {
                Self::Impossible { message, hint: Some(remedy.into()) }
            }
            Self::Read(_) => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_sorted_unique_and_documented() {
        assert!(KINDS.is_sorted_by(|a, b| a.name < b.name), "sort KINDS by name; no duplicates");
        for kind in KINDS {
            for section in ["## What it does\n", "## Example\n"] {
                assert!(kind.docs.contains(section), "`{}` lacks `{section}`", kind.name);
            }
        }
    }
}
