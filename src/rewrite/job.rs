//! One run of the engine: picks the files that may be concerned, and edits each.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::chains::Reader;
use super::exports::left;
use super::file::File;
use super::handed::hands_on;
use super::imports::{Followed, is_affected, lost_names, unsaid};
use super::places::{MovedFolders, Places};
use super::snippets::Quoted;
use super::suspects::{Known, Names};
use super::takers::Takers;
use super::unknown::Owners;
use super::used::aliases;
use super::view::View;
use super::walk::{Bound, Naming};
use super::{Edit, FileEdits, Moves, Sides, Uses};
use crate::facts::Module;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{self, All, Binding, Bindings, FileFacts, Import, Snippet, Status, Target};
use crate::text::{Text, TextEdit};
use crate::tree::ReadError;

/// What a run is asked for, and what it knows.
pub(super) struct Job<'a> {
    places: Places<'a>,
    names: Names,
    moved: MovedFolders,
    owners: Owners<'a>,
    uses: Uses,
    takers: Takers<'a>,
}

/// A file that may have to be edited.
#[derive(Debug)]
pub(super) struct Suspect<'a> {
    pub(super) view: View<'a>,
    /// Only because its code has words that uses of what moved have.
    by_words: bool,
}

/// What became of one file.
pub(super) type Outcome = (Option<FileEdits>, Vec<Finding>);

impl<'a> Job<'a> {
    pub(super) fn new(sides: Sides<'a>, moves: &'a Moves, uses: Uses) -> Result<Self, ReadError> {
        let mut places = Places::new(sides, moves);
        let aliases = aliases(&places);
        let mut names = Names::of(&places, &aliases);
        places.lost = lost(&places, &names);
        for (path, dropped) in &moves.dropped {
            places.lost.entry(path.clone()).or_default().extend(dropped.iter().cloned());
        }
        names.add_lost(&places.lost, &aliases);
        let moved = MovedFolders::of(moves);
        let owners = Owners::of(&places, &aliases);
        let takers = match uses {
            Uses::Keep => Takers::default(),
            Uses::Rename => Takers::of(&places, aliases)?,
        };
        Ok(Self { places, names, moved, owners, uses, takers })
    }

    /// Returns both trees and what happened between them.
    pub(super) fn places(&self) -> &Places<'a> {
        &self.places
    }

    /// Tells whether the examples of a document, where it was, may speak of what moved.
    pub(super) fn may_be_said(&self, old: &RepoPath) -> Result<bool, ReadError> {
        let Places { before, tree_before, .. } = self.places;
        Ok(self.names.may_be_said(&before.sieve(tree_before, old)?))
    }

    /// Returns the files that may have to be edited.
    pub(super) fn suspects(&self) -> Result<Vec<Suspect<'_>>, ReadError> {
        let files = self.places.files();
        let views = files.into_par_iter().map_init(Known::default, |known, (old, new, facts)| {
            let view = View {
                places: &self.places,
                old: old.0.clone(),
                new: new.clone(),
                facts: Arc::clone(facts),
                quoted: false,
            };
            let named = old.0 != new
                || self.is_owner(&view)
                || self.says(&view)
                || self.imports_elsewhere(&view, facts, known);
            let Places { before, tree_before, .. } = self.places;
            let sieve = || before.sieve_of(tree_before, old, Some(facts));
            let named = named || self.names.may_be_rowed(&sieve()?);
            let concerned = named || self.names.used.may_be_in(&sieve()?, facts);
            Ok(concerned.then_some(Suspect { view, by_words: !named }))
        });
        let views: Result<Vec<Option<Suspect<'_>>>, ReadError> = views.collect();
        Ok(views?.into_iter().flatten().collect())
    }

    /// Tells whether anything but the code of a file speaks of what moved.
    fn says(&self, view: &View<'_>) -> bool {
        let FileFacts { literals, snippets, listings, .. } = &*view.facts;
        let mut quoted = snippets.iter().flat_map(|it| &it.imports);
        let all = || left(&self.places, &Module::File(view.old.clone()));
        !listings.is_empty()
            || quoted.any(|it| self.names.concern_import(it))
            || self.names.concern_all(&view.facts) && !all().is_empty()
            || literals
                .iter()
                .any(|it| self.names.concern_literal(it) && view.follow_literal(it).is_some())
    }

    /// Tells whether some import of a file may lead elsewhere now.
    fn imports_elsewhere<'f>(
        &self,
        view: &View<'_>,
        facts: &'f FileFacts,
        known: &mut Known<'f>,
    ) -> bool {
        let mut imports = facts.imports.iter();
        let elsewhere = |it: &Import| it.target == Target::Star || is_affected(view, it);
        self.names.may_be_asked(&facts.asks)
            && imports.any(|it| self.names.may_lead_away(it, known) && elsewhere(it))
    }

    /// Tells whether this is the `__init__.py` of a package in which something moved: it has the names of
    /// submodules, whoever imports them.
    fn is_owner(&self, view: &View<'_>) -> bool {
        self.moved.hold(&Module::File(view.old.clone()))
    }

    /// Follows what moved through one file.
    pub(super) fn follow(
        &self,
        suspect: &Suspect<'_>,
        editable: bool,
    ) -> Result<Outcome, ReadError> {
        let Suspect { view, by_words } = suspect;
        let left_alone = match &view.facts.status {
            Status::Parsed if editable => None,
            Status::Parsed => Some("may not be edited"),
            Status::Broken { .. } => Some("does not parse"),
            Status::Undecodable(_) => Some("cannot be read"),
        };
        if let Some(why) = left_alone {
            return Ok((None, left_alone_findings(view, why)));
        }
        let bytes = self.places.tree_after.read(&view.new)?;
        let Ok(text) = Text::decode_python(&bytes) else { return Ok((None, Vec::new())) };
        let spoken = self.is_spoken(view, text.source())?;
        // A debug build reads the code all the same.
        debug_assert!(
            spoken || self.edit(view, text.source(), true) == self.edit(view, text.source(), false),
            "`{}` speaks of what moved",
            view.old
        );
        if *by_words && !spoken {
            return Ok((None, Vec::new()));
        }
        let (mut edits, findings) = self.edit(view, text.source(), spoken);
        edits.sort_by_key(|it| (it.edit.span.start, it.edit.span.end));
        let edits = (!edits.is_empty()).then(|| FileEdits { path: view.new.clone(), edits });
        Ok((edits, findings))
    }

    /// Tells whether the code beside the imports may speak of what moved: what its words promise has to
    /// stand together, and to lead there.
    fn is_spoken(&self, view: &View<'_>, source: &str) -> Result<bool, ReadError> {
        let Places { before, tree_before, .. } = self.places;
        let sieve = before.sieve(tree_before, &view.old)?;
        if !self.names.used.may_be_in(&sieve, &view.facts) {
            return Ok(false);
        }
        let bound = LazyCell::new(|| Followed::of(view).bound(view, &self.moved, Uses::Keep, true));
        let mut handed = self.names.used.handed_on_in(&sieve, source, &view.facts);
        Ok(self.names.used.is_hidden_in(&sieve, &view.facts)
            || self.names.used.is_taken_in(source)
            || handed.any(|chain| hands_on(view, &self.moved, &bound, &chain)))
    }

    /// Returns the edits by which a file that stands elsewhere means what it meant.
    pub(super) fn carried(
        &self,
        view: &View<'_>,
        source: &str,
    ) -> Result<Vec<TextEdit>, ReadError> {
        let (edits, _) = self.edit(view, source, self.is_spoken(view, source)?);
        Ok(edits.into_iter().map(|it| it.edit).collect())
    }

    /// Returns the edits by which the code in the strings of a file means what it meant.
    pub(super) fn quoted(&self, view: &View<'_>, source: &str) -> Vec<TextEdit> {
        let snippets = view.facts.snippets.iter();
        let edits = snippets.flat_map(|it| self.follow_snippet(view, source, it).0);
        edits.map(|it| it.edit).collect()
    }

    /// Makes the edits of a file. `spoken` tells that its code may speak of what moved.
    fn edit(&self, view: &View<'_>, source: &str, spoken: bool) -> (Vec<Edit>, Vec<Finding>) {
        let followed = &Followed::of(view);
        let through = spoken && self.names.used.is_taken_in(source);
        let bound = followed.bound(view, &self.moved, self.uses, through);
        let reads = through || self.is_owner(view);
        let bindings = if reads || self.may_follow_uses(view, followed, &bound, spoken) {
            let (imports, target) = (&view.facts.imports, self.places.after.target());
            python::bindings(source, imports, &unsaid(imports, &bound), target)
        } else {
            python::Bindings::default()
        };
        // Asked of what imports bind, and of what is renamed.
        let exported = match bound.is_empty() && self.uses == Uses::Keep {
            true => BTreeSet::new(),
            false => self.exported(view),
        };
        let mut file = self.file(view, source, followed, &bound, &bindings, &exported);
        file.edit_imports();
        file.doubt = None;
        file.edit_all();
        file.edit_literals();
        file.edit_rows();
        file.edit_listings();
        file.follow_values(&bound);
        file.tell_unknown(&bound, &self.owners);
        let File { mut edits, mut findings, .. } = file;
        for snippet in &view.facts.snippets {
            let (own, told) = self.follow_snippet(view, source, snippet);
            let free = |it: &Edit| !edits.iter().any(|other| other.touches(it));
            let own: Vec<Edit> = own.into_iter().filter(free).collect();
            edits.extend(own);
            findings.extend(told);
        }
        (edits, findings)
    }

    /// Tells whether the uses of what imports bind have to be read: where a name may have to be
    /// replaced, or where the code beside the imports may speak of what moved, as `spoken` tells.
    fn may_follow_uses(
        &self,
        view: &View<'_>,
        followed: &Followed,
        bound: &[Bound],
        spoken: bool,
    ) -> bool {
        let replaced = |it: &Bound| {
            let own = it.dotted.as_ref().unwrap_or(&it.local);
            it.naming != Naming::Chosen
                && !(followed.leads[it.key.0].holds && view.lead(0, own).holds)
        };
        view.facts.imports.iter().any(|it| it.target == Target::Star)
            || !bound.is_empty()
                && (self.uses == Uses::Rename || spoken || bound.iter().any(replaced))
    }

    /// Follows what moved through code that stands in a string or a block of a file.
    pub(super) fn follow_snippet(
        &self,
        view: &View<'_>,
        source: &str,
        snippet: &Snippet,
    ) -> (Vec<Edit>, Vec<Finding>) {
        let code = snippet.code(source);
        let through = self.names.used.is_taken_in(&code);
        if !through && !snippet.imports.iter().any(|it| self.names.concern_import(it)) {
            return (Vec::new(), Vec::new());
        }
        let target = self.places.after.target();
        let inner = View {
            places: &self.places,
            old: view.old.clone(),
            new: view.new.clone(),
            facts: Arc::new(python::read(code.as_bytes(), target)),
            quoted: true,
        };
        let followed = Followed::of(&inner);
        let bound = followed.bound(&inner, &self.moved, self.uses, through);
        let imports = &inner.facts.imports;
        let bindings = python::bindings(&code, imports, &unsaid(imports, &bound), target);
        let exported = BTreeSet::new();
        let mut file = self.file(&inner, &code, &followed, &bound, &bindings, &exported);
        file.edit_imports();
        let File { edits, findings, .. } = file;
        Quoted { source, snippet, facts: &inner.facts }.placed(edits, findings)
    }

    fn file<'f>(
        &'f self,
        view: &'f View<'f>,
        source: &'f str,
        followed: &'f Followed,
        bound: &[Bound],
        bindings: &'f Bindings,
        exported: &'f BTreeSet<String>,
    ) -> File<'f> {
        let reader = Reader { view, source, bindings, bound, leads: &followed.leads, exported };
        let mut chains = reader.read();
        File {
            view,
            source,
            followed,
            doubt: followed.doubt(view).or(chains.doubt.take()),
            chains,
            bindings,
            uses: self.uses,
            takers: &self.takers,
            exported,
            edits: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Returns the names of a module that others take from it, or that it offers.
    fn exported(&self, view: &View<'_>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for edge in self.places.before.users(&view.old) {
            if let Some(name) = &edge.name {
                if !names.contains(name) {
                    names.insert(name.clone());
                }
                continue;
            }
            let from = self.places.before.files().get(&edge.from);
            let import = from.and_then(|from| from.imports.get(edge.import));
            if import.is_some_and(|it| it.target == Target::Star) {
                let binds = |name: &&str| from.is_some_and(|it| binds_by_import(it, name));
                let taken = view.facts.names.bound.keys().filter(|it| !binds(it));
                names.extend(taken.map(str::to_owned));
            }
        }
        if let All::Names(listed) | All::Dynamic(listed) = &view.facts.names.all {
            names.extend(listed.iter().map(|(name, _)| name.clone()));
        }
        names
    }
}

/// Tells whether a statement of the module that nothing holds imports something by this name: whoever
/// has a star import beside it does not depend on what that brings.
fn binds_by_import(file: &FileFacts, name: &str) -> bool {
    let bound = file.names.bound.get(name).unwrap_or_default();
    bound.iter().any(|it| match it {
        Binding::Import { import, .. } => file.imports[*import].column == 1,
        Binding::Definition { .. } => false,
    })
}

/// Returns the files in which `import a.b` leads elsewhere now, with the names that they lose by it.
fn lost(places: &Places<'_>, names: &Names) -> BTreeMap<RepoPath, BTreeSet<String>> {
    let files: Vec<_> = places.before.files().iter().collect();
    let files = files.into_par_iter().filter(|(_, facts)| names.may_be_asked(&facts.asks));
    let found = files.map_init(Known::default, |known, (old, facts)| {
        let mut plain = facts
            .imports
            .iter()
            .filter(|it| it.target == (Target::Module { asname: None }) && it.module.contains('.'));
        plain.find(|it| names.may_lead_away(it, known))?;
        let new = places.file(old)?;
        let facts = Arc::clone(facts);
        let view = View { places, old: old.clone(), new, facts, quoted: false };
        Some((old.clone(), lost_names(&view)?))
    });
    found.flatten_iter().collect()
}

fn left_alone_findings(view: &View<'_>, why: &str) -> Vec<Finding> {
    let followed = Followed::of(view);
    let finding = |index: usize| {
        let (import, lead) = (&view.facts.imports[index], &followed.leads[index]);
        let dots = ".".repeat(usize::try_from(import.level).unwrap_or_default());
        let named = format!("{dots}{}", import.module);
        let now = lead.place.as_ref().and_then(|it| view.spell(it, lead, false));
        let message = match now.map(|it| it.to_string()).filter(|it| *it != named) {
            Some(now) => format!("imports `{named}`, now `{now}`, and {why}"),
            None => format!("imports from `{named}`, of which a part moved, and {why}"),
        };
        Finding::warning(Some(view.new.clone()), message).at_line(import.line)
    };
    let affected = (0..followed.leads.len()).filter(|it| followed.is_affected(*it));
    affected.map(finding).collect()
}
