//! Packages that are given away as values, `f(package)`, and submodules that are asked for by name,
//! `getattr(package, "module")`: what is done with them elsewhere cannot be followed.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::Edit;
use super::file::File;
use super::lookups::gone;
use super::places::{MovedFolders, Place, Places, module_path};
use super::view::View;
use super::walk::{Bound, Key, Walk, walk};
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::python::{Target, Use};
use crate::text::{Lines, Span, TextEdit};

impl File<'_> {
    /// Follows submodules that are asked for by name, and tells which packages that lost a module are
    /// given away.
    pub(super) fn follow_values(&mut self, bound: &[Bound]) {
        let source = self.source;
        let lines = LazyCell::new(|| Lines::new(source));
        let mut seen = BTreeSet::new();
        let mut given = BTreeSet::new();
        for one in bound {
            let uses = self.bindings.uses.get(&one.key).map_or(&[][..], Vec::as_slice);
            for used in uses.iter().filter(|it| !it.written) {
                let place = used.parts.first().map_or(0..0, |(_, span)| span.clone());
                if !seen.insert((place.start, place.end)) {
                    continue;
                }
                let line = || lines.line(place.start);
                if let Some((name, span)) = &used.asked {
                    self.asked(one, used, (name, span), line());
                } else if !self.is_edited_call(one.key)
                    && let Some(message) = self.given(one, used)
                    && given.insert(message.clone())
                {
                    let finding = Finding::note(Some(self.view.new.clone()), message);
                    self.findings.push(finding.at_line(line()));
                }
            }
        }
    }

    /// Tells whether a call imports another module now, so that what it gives has been looked at.
    fn is_edited_call(&self, (import, _): Key) -> bool {
        matches!(self.view.facts.imports[import].target, Target::Call { .. })
            && !self.followed.leads[import].holds
    }

    /// Says what a package that is given away as a value has lost.
    fn given(&self, bound: &Bound, used: &Use) -> Option<String> {
        let walk = walk(self.view, bound, false, used);
        let whole = walk.last + 1 == used.parts.len() && walk.name.is_none();
        let was = walk.module.as_ref().filter(|_| whole)?;
        let is = match &walk.place {
            Some(Place::Module(is)) => is.folders(),
            Some(Place::Dotted(_) | Place::Below(..)) | None => return None,
        };
        let places = self.view.places;
        let mut gone = gone(places, false, &was.folders(), &is);
        gone.extend(without_init(places, &was.folders(), &is));
        // What a variable holds is used here, or asked for its submodules.
        let asks = !self.is_assigned(used);
        let matters = |old: &RepoPath| asks || self.has_attribute(old.stem());
        let (old, new) = gone.iter().find(|(old, new)| old != new && matters(old))?;
        let name = chain(used);
        Some(format!("`{name}` is handed on here as a whole; `{old}` is now `{new}`"))
    }

    /// Tells whether a use is the call in `name = import_module("a")`.
    fn is_assigned(&self, used: &Use) -> bool {
        let Some((text, span)) = used.parts.first() else { return false };
        let before = self.source[..span.start].trim_end_matches(' ');
        text.ends_with(')') && before.ends_with('=') && !before.ends_with("==")
    }

    /// Tells whether the file has `.name` anywhere, or the name in quotes.
    fn has_attribute(&self, name: &str) -> bool {
        let ends = |it: Option<char>| !it.is_some_and(|it| it == '_' || it.is_alphanumeric());
        self.source.match_indices(name).any(|(at, _)| {
            let before = self.source[..at].chars().next_back();
            let after = self.source[at + name.len()..].chars().next();
            matches!(before, Some('.' | '"' | '\'')) && ends(after)
        })
    }

    /// Follows `getattr(package, "module")`.
    fn asked(&mut self, bound: &Bound, used: &Use, (name, span): (&str, &Span), line: u32) {
        let mut all = used.clone();
        all.parts.push((name.to_owned(), span.clone()));
        let found = walk(self.view, bound, false, &all);
        let package = walk(self.view, bound, false, used);
        let shared = found.name.is_some() && self.view.is_shared(&found.lead(), name);
        if found.last + 1 != all.parts.len() || found.holds || shared {
            return;
        }
        let Some(now) =
            found.place.as_ref().and_then(|it| self.view.spell(it, &found.lead(), false))
        else {
            return;
        };
        let now = found.name.as_ref().map_or(now.to_string(), |name| format!("{now}.{name}"));
        let why = format!("`{}.{name}` is now `{now}`", chain(used));
        match new_name(&package, &found).filter(|_| found.name.is_none()) {
            Some(text) => {
                let edit = TextEdit { span: span.clone(), text };
                self.edits.push(Edit { edit, safety: Safety::Review, why });
            }
            None => {
                let finding = Finding::note(Some(self.view.new.clone()), why);
                self.findings.push(finding.at_line(line));
            }
        }
    }
}

/// Tells whether a chain of attributes may be a package, whole, in which something moved.
pub(super) fn hands_on(
    view: &View<'_>,
    moved: &MovedFolders,
    bound: &[Bound],
    chain: &[&str],
) -> bool {
    let parts = chain.iter().map(|it| ((*it).to_owned(), 0..0)).collect();
    let used = Use { parts, written: false, asked: None, call: None };
    let mut meant = bound.iter().filter(|it| Some(&it.local.as_str()) == chain.first());
    meant.any(|it| {
        let walk = walk(view, it, false, &used);
        walk.last + 1 == chain.len() && walk.module.is_some_and(|it| moved.hold(&it))
    })
}

/// Returns what moved out of packages without an `__init__` that are no more below these folders.
fn without_init(
    places: &Places<'_>,
    was: &[RepoPath],
    is: &[RepoPath],
) -> Vec<(RepoPath, RepoPath)> {
    let gone = super::lookups::gone(places, true, was, is).into_iter();
    let is_gone = |old: &RepoPath| {
        let mut above = old.folders();
        let package = above.find(|it| it.parent().is_some_and(|it| was.contains(&it)));
        package.is_some_and(|it| !places.tree_after.exists(&it))
    };
    gone.filter(|(old, _)| is_gone(old)).collect()
}

/// Returns the name of a submodule that is still in its package.
fn new_name(package: &Walk, found: &Walk) -> Option<String> {
    let (Some(Place::Module(package)), Some(Place::Module(found))) = (&package.place, &found.place)
    else {
        return None;
    };
    let path = module_path(found)?;
    let inside = package.folders().contains(&path.parent()?);
    inside.then(|| path.name_str().to_owned())
}

fn chain(used: &Use) -> String {
    used.parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".")
}
