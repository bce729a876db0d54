//! Modules that a file looks for while it runs: the package is followed where its name is written
//! and all of it went to one place; else what is not where it was is told.

use super::file::File;
use super::places::{Place, Places};
use super::unknown::module_place;
use super::view::{Lead, View};
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::{Framework, Listed, Listing};
use crate::text::TextEdit;

/// As many modules as a note names.
const NAMED: usize = 3;

impl File<'_> {
    /// Follows the packages that this file looks into.
    pub(super) fn edit_listings(&mut self) {
        let facts = std::sync::Arc::clone(&self.view.facts);
        for listing in &facts.listings {
            self.edit_listing(listing);
        }
    }

    fn edit_listing(&mut self, listing: &Listing) {
        let places = self.view.places;
        let was = places.before.folders_of(&self.view.old, listing);
        let lead = match &listing.of {
            Listed::Package { level, module } => self.view.lead(*level, module),
            Listed::Named { name } => return self.tell_named(name, listing.line),
            Listed::Apps { name, framework } => {
                return self.tell_loaded(name, *framework, listing.line);
            }
            Listed::Folder { .. } | Listed::Unknown => Lead::unknown(),
        };
        let is = match &lead.place {
            Some(Place::Module(module)) if is_followed(listing) => module.folders(),
            _ => places.after.folders_of(&self.view.new, listing),
        };
        let gone = gone(places, listing.deep, &was, &is);
        if gone.is_empty() {
            self.follow_listing(listing, &lead);
        }
        self.findings.extend(note(self.view, listing, &was, &gone));
    }

    /// Says which modules a framework does not find any more: it knows them by their places in the
    /// package, which is followed where it is named.
    fn tell_loaded(&mut self, name: &str, framework: Framework, line: u32) {
        let places = self.view.places;
        let homes = places.before.app_folders(&self.view.old, name);
        let lost =
            places.before.loaded(&self.view.old, name, framework).into_iter().filter_map(|old| {
                let home = homes.iter().find(|it| old.is_under(it))?;
                let new = places.file(&old).filter(|it| *it != old)?;
                let now = places.moves.folders.get(home).unwrap_or(home);
                (loaded_as(&old, home) != loaded_as(&new, now)).then_some((old, new))
            });
        let lost: Vec<(RepoPath, RepoPath)> = lost.collect();
        let Some(home) = homes.first() else { return };
        if let Some(moved) = said(&lost) {
            let message = format!("a framework loads modules of `{home}` by their places; {moved}");
            self.findings.push(Finding::note(Some(self.view.new.clone()), message).at_line(line));
        }
    }

    /// Says that a module may be named whose package is computed.
    fn tell_named(&mut self, name: &str, line: u32) {
        let places = self.view.places;
        let end = name.replace('.', "/");
        let is_named = |path: &RepoPath| {
            let place = module_place(path).map(|it| it.to_string()).unwrap_or_default();
            place.strip_suffix(&end).is_some_and(|it| it.is_empty() || it.ends_with('/'))
        };
        let moved = places.moves.paths.iter().find(|(old, _)| is_named(old));
        let what = match moved {
            Some((old, new)) => format!("`{old}` is now `{new}`"),
            None if self.view.old != self.view.new => "this file moved".to_owned(),
            None => return,
        };
        let message = format!("imports `{name}` from a package that is computed; {what}");
        let finding = Finding::note(Some(self.view.new.clone()), message);
        self.findings.push(finding.at_line(line));
    }

    /// Writes the new name of a package that went, whole, to one place.
    fn follow_listing(&mut self, listing: &Listing, lead: &Lead) {
        let (Some(span), Listed::Package { level, .. }) = (&listing.span, &listing.of) else {
            return;
        };
        let Some(place) = lead.place.as_ref().filter(|_| !lead.holds) else { return };
        match self.view.spell(place, lead, *level > 0) {
            Some(now) if now.level == *level => {
                let edit = TextEdit { span: span.clone(), text: now.module };
                self.push(edit, self.view.why(lead));
            }
            Some(_) | None => {
                let message = "looks for modules in a package that cannot be named like this here";
                let finding = Finding::warning(Some(self.view.new.clone()), message);
                self.findings.push(finding.at_line(listing.line));
            }
        }
    }
}

/// Tells whether the package is followed where it is named: by its import, as a literal, or here.
fn is_followed(listing: &Listing) -> bool {
    match &listing.of {
        Listed::Package { level, module } => {
            *level == 0 || module.is_empty() || !listing.deep || listing.span.is_some()
        }
        Listed::Folder { .. } | Listed::Named { .. } | Listed::Apps { .. } | Listed::Unknown => {
            false
        }
    }
}

/// Returns the modules that were found in the folders `was`, and that are not found under the same
/// name in the folders `is`: where they were and are.
pub(super) fn gone(
    places: &Places<'_>,
    deep: bool,
    was: &[RepoPath],
    is: &[RepoPath],
) -> Vec<(RepoPath, RepoPath)> {
    let mut gone = Vec::new();
    for folder in was {
        for (old, new) in places.moves.paths.iter().filter(|(old, _)| old.is_under(folder)) {
            let Some(below) = old.relative_to(folder) else { continue };
            let is_init = below.name_str().starts_with("__init__.");
            let depth = below.depth() - usize::from(is_init);
            let listed = depth == 1 || depth > 1 && deep;
            let is_module = places.before.files().contains_key(old);
            let found = is.iter().any(|it| it.join(&below) == *new);
            if listed && is_module && !found {
                gone.push((old.clone(), new.clone()));
            }
        }
    }
    gone
}

/// Returns as what a framework loads a file of the package in `home`: `management/commands/x`, `models`.
fn loaded_as(file: &RepoPath, home: &RepoPath) -> Option<String> {
    let below = file.relative_to(home)?;
    let first = String::from_utf8_lossy(below.parts().next()?).into_owned();
    let by_file = ["management", "migrations", "templatetags"].contains(&first.as_str());
    let loaded = if by_file { below.as_str()?.to_owned() } else { first };
    Some(loaded.trim_end_matches(".py").to_owned())
}

/// Says where modules went, where any did.
fn said(gone: &[(RepoPath, RepoPath)]) -> Option<String> {
    let moved =
        gone.iter().filter(|(old, new)| old != new && !old.name_str().starts_with("__init__."));
    let mut moved: Vec<String> =
        moved.map(|(old, new)| format!("`{old}` is now `{new}`")).collect();
    let more = moved.len().saturating_sub(NAMED);
    moved.truncate(NAMED);
    if more > 0 {
        moved.push(format!("{more} more moved"));
    }
    (!moved.is_empty()).then(|| moved.join(", "))
}

fn note(
    view: &View<'_>,
    listing: &Listing,
    was: &[RepoPath],
    gone: &[(RepoPath, RepoPath)],
) -> Option<Finding> {
    let (folder, moved) = was.first().zip(said(gone))?;
    let message = format!("looks for modules in `{folder}` while it runs; {moved}");
    Some(Finding::note(Some(view.new.clone()), message).at_line(listing.line))
}
