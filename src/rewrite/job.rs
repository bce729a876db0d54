//! One run of the engine: picks the files that may be concerned, and edits each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::chains::Reader;
use super::file::File;
use super::imports::Followed;
use super::places::{MovedFolders, Places};
use super::suspects::Names;
use super::view::View;
use super::{FileEdits, Moves, Sides, Uses};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{self, All, Status, Target};
use crate::text::Text;
use crate::tree::ReadError;

/// What a run is asked for, and what it knows.
pub(super) struct Job<'a> {
    places: Places<'a>,
    names: Names,
    moved: MovedFolders,
    uses: Uses,
    exported: OnceLock<BTreeMap<&'a RepoPath, BTreeSet<String>>>,
}

/// What became of one file.
pub(super) type Outcome = (Option<FileEdits>, Vec<Finding>);

impl<'a> Job<'a> {
    pub(super) fn new(sides: Sides<'a>, moves: &'a Moves, uses: Uses) -> Self {
        let places = Places::new(sides, moves);
        let names = Names::of(&places);
        let moved = MovedFolders::of(moves);
        Self { places, names, moved, uses, exported: OnceLock::new() }
    }

    /// Returns both trees and what happened between them.
    pub(super) fn places(&self) -> &Places<'a> {
        &self.places
    }

    /// Returns the files that may have to be edited.
    pub(super) fn suspects(&self) -> Vec<View<'_>> {
        let files = self.places.after.files().keys();
        let views = files.filter_map(|new| {
            let old = self.places.origin(new)?;
            // Spans count in the file as it was: the facts after may know of edits.
            let facts = self.places.before.files().get(old)?;
            let moved = old != new;
            (moved || self.names.concern(facts)).then(|| View {
                places: &self.places,
                old: old.clone(),
                new: new.clone(),
                facts: Arc::clone(facts),
            })
        });
        views.collect()
    }

    /// Follows what moved through one file.
    pub(super) fn follow(&self, view: &View<'_>, editable: bool) -> Result<Outcome, ReadError> {
        let followed = Followed::of(view);
        let affected: Vec<usize> =
            (0..followed.leads.len()).filter(|it| followed.is_affected(*it)).collect();
        let bound = followed.bound(view, &self.moved, self.uses);
        let left_alone = match &view.facts.status {
            Status::Parsed if editable => None,
            Status::Parsed => Some("may not be edited"),
            Status::Broken { .. } => Some("does not parse"),
            Status::Undecodable(_) => Some("cannot be decoded"),
        };
        if let Some(why) = left_alone {
            return Ok((None, left_alone_findings(view, &followed, &affected, why)));
        }
        let bytes = self.places.tree_after.read(&view.new)?;
        let Ok(text) = Text::decode_python(&bytes) else { return Ok((None, Vec::new())) };
        let bindings = if bound.is_empty() {
            python::Bindings::default()
        } else {
            python::bindings(text.source(), self.places.after.target())
        };
        let exported = self.exported(view);
        let reader = Reader {
            view,
            bindings: &bindings,
            bound: &bound,
            leads: &followed.leads,
            exported: &exported,
        };
        let mut file = File {
            view,
            source: text.source(),
            followed: &followed,
            doubt: followed.doubt(view),
            chains: reader.read(),
            bindings: &bindings,
            uses: self.uses,
            exported: &exported,
            edits: Vec::new(),
            findings: Vec::new(),
        };
        file.edit_imports();
        file.doubt = None;
        file.edit_all();
        file.edit_literals();
        let File { mut edits, findings, .. } = file;
        edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
        let edits = (!edits.is_empty()).then(|| FileEdits { path: view.new.clone(), edits });
        Ok((edits, findings))
    }

    /// Returns the names of a module that others take from it, or that it offers.
    fn exported(&self, view: &View<'_>) -> BTreeSet<String> {
        let taken = self.exported.get_or_init(|| {
            let mut taken: BTreeMap<&RepoPath, BTreeSet<String>> = BTreeMap::new();
            for edge in self.places.before.edges() {
                let Some(from) = self.places.before.files().get(&edge.from) else { continue };
                let names = taken.entry(&edge.to).or_default();
                names.extend(edge.name.clone());
                if from.imports.get(edge.import).is_some_and(|it| it.target == Target::Star)
                    && let Some(to) = self.places.before.files().get(&edge.to)
                {
                    names.extend(to.names.bound.keys().cloned());
                }
            }
            taken
        });
        let mut names = taken.get(&view.old).cloned().unwrap_or_default();
        if let All::Names(listed) | All::Dynamic(listed) = &view.facts.names.all {
            names.extend(listed.iter().map(|(name, _)| name.clone()));
        }
        names
    }
}

fn left_alone_findings(
    view: &View<'_>,
    followed: &Followed,
    affected: &[usize],
    why: &str,
) -> Vec<Finding> {
    let finding = |index: &usize| {
        let (import, lead) = (&view.facts.imports[*index], &followed.leads[*index]);
        let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
        let now = lead.place.as_ref().and_then(|it| view.spell(it, lead, false));
        let message = match now {
            Some(now) => format!("imports `{dots}{}`, now `{now}`, and {why}", import.module),
            None => {
                format!("imports from `{dots}{}`, of which a part moved, and {why}", import.module)
            }
        };
        Finding::warning(Some(view.new.clone()), message).at_line(import.line)
    };
    affected.iter().map(finding).collect()
}
