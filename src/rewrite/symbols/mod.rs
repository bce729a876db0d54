//! Definitions go from one module to another: what they need goes along, both modules import what they
//! have to of the other, and nothing is imported that nobody needs any more.
//!
//! The two modules are edited here. Everybody else follows as with any other name that moved, by
//! [`follow`](super::follow).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::imports::Followed;
use super::job::Job;
use super::places::Places;
use super::view::View;
use super::walk::Key;
use super::{Edit, Moves, Sides, Uses};
use crate::facts::Facts;
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::python::{self, All, Target};
use crate::text::{Lines, Span, TextEdit, apply, line_end};
use crate::tree::{ReadError, Tree};

mod along;
mod choose;
mod cut;
mod header;
mod leave;
mod order;
mod patches;
mod ring;
mod side;

use along::{Along, Way, clash, name_of, rank};
use choose::{Choice, Chooser};
use header::{Header, Rank, Wanted};
use side::Side;

pub use order::order;
pub use patches::{Parted, patches};

/// What is asked for.
#[derive(Debug)]
pub struct Request<'a> {
    /// The module that has the definitions.
    pub from: &'a RepoPath,
    /// The module that is to have them; an empty one where it is new.
    pub to: &'a RepoPath,
    /// Their names.
    pub names: &'a BTreeSet<String>,
    /// Names that go elsewhere.
    pub reserved: &'a BTreeSet<String>,
    /// Names of the source that other files than these two use, and in which lines of which.
    pub used: &'a BTreeMap<String, BTreeMap<RepoPath, u32>>,
    /// The package of which the source is the `__init__.py` that goes on offering what it offered: its
    /// public definitions, and what others use.
    pub package: Option<&'a RepoPath>,
    /// The modules that have other parts of the source by now.
    pub parts: &'a [RepoPath],
    /// Whether what runs where the source is started goes, too.
    pub program: bool,
}

/// As wide as the line of an `__all__` gets before each name has its own.
const WIDEST: usize = 79;

/// What becomes of the two modules.
#[derive(Debug, Default)]
pub struct Split {
    /// The edits of the source.
    pub from: Vec<Edit>,
    /// The edits of the target.
    pub to: Vec<Edit>,
    /// The names that went; none where all that was asked for is done.
    pub names: BTreeSet<String>,
    /// Of these, the ones that the source takes back: there they are found, too.
    pub given: BTreeSet<String>,
    /// Names that the source imported, and that only the target imports now.
    pub along: BTreeSet<String>,
    /// Lines of the source at which something that went says where it stands, as `__file__` does.
    pub placed: Vec<u32>,
}

/// Why definitions cannot go.
#[derive(Debug)]
pub enum Refused {
    /// A file cannot be read.
    Read(ReadError),
    /// It cannot be.
    Impossible {
        /// What, with its objects in backticks.
        message: String,
        /// The remedy.
        hint: Option<String>,
    },
}

impl From<ReadError> for Refused {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl Refused {
    fn new(message: impl Into<String>) -> Self {
        Self::Impossible { message: message.into(), hint: None }
    }

    fn hint(self, hint: String) -> Self {
        match self {
            Self::Impossible { message, .. } => Self::Impossible { message, hint: Some(hint) },
            Self::Read(error) => Self::Read(error),
        }
    }
}

/// Returns the edits of both modules by which definitions go from one to the other. Both are in `tree`,
/// whose facts are `facts`.
///
/// # Errors
/// When a file cannot be read, or the definitions cannot go.
pub fn split(tree: &Tree, facts: &Facts, request: &Request<'_>) -> Result<Split, Refused> {
    let read = |path: &RepoPath| {
        let side = Side::read(tree, facts, path)?;
        side.ok_or_else(|| Refused::new(format!("`{path}` cannot be read, or does not parse")))
    };
    let (from, to) = (read(request.from)?, read(request.to)?);
    let choice = Chooser { request, from: &from, to: &to, facts }.choose()?;
    if choice.parts.is_empty() {
        return Ok(Split::default());
    }
    let moves = Moves::default();
    let sides = Sides { before: (tree, facts), after: (tree, facts) };
    let places = Places::new(sides, &moves);
    let view = |side: &Side, new: &Side| View {
        places: &places,
        old: side.path.clone(),
        new: new.path.clone(),
        facts: Arc::clone(&side.facts),
        quoted: false,
    };
    let work = Work { request, from: &from, to: &to, facts, choice };
    let mut carried =
        Job::new(sides, &moves, Uses::Keep)?.carried(&view(&from, &to), from.source())?;
    if !from.facts.snippets.is_empty() {
        let gone = work.gone();
        let job = Job::new(sides, &gone, Uses::Keep)?;
        carried.extend(job.quoted(&view(&from, &from), from.source()));
    }
    work.split(&view(&from, &to), [&view(&from, &from), &view(&to, &to)], carried)
}

/// One split, decided.
struct Work<'a> {
    request: &'a Request<'a>,
    from: &'a Side,
    to: &'a Side,
    facts: &'a Facts,
    choice: Choice,
}

impl Work<'_> {
    /// Says where the names are that the source has no more.
    fn gone(&self) -> Moves {
        let mut moves = Moves::default();
        let new = self.facts.names_of(&self.to.module).into_iter().next().unwrap_or_default();
        let names = self.choice.names.difference(&self.choice.given);
        for name in names.filter(|_| !new.is_empty()) {
            for old in self.facts.names_of(&self.from.module) {
                moves.names.insert((old, name.clone()), (new.clone(), name.clone()));
            }
        }
        moves
    }

    fn split(
        mut self,
        view: &View<'_>,
        [own, other]: [&View<'_>; 2],
        carried: Vec<TextEdit>,
    ) -> Result<Split, Refused> {
        self.settle_copies()?;
        let (from, to) = (self.from, self.to);
        let followed = Followed::of(view);
        let (drop, mut to_edits) = self.dropped_by_target(other)?;
        let way = Way { from, to, facts: self.facts, view, followed: &followed, drop: &drop };
        let whole: BTreeSet<usize> =
            self.choice.parts.union(&self.choice.copied).copied().collect();
        let along = way.along(&whole)?;
        let mut wanted = along.wanted.clone();
        for name in &self.choice.taken {
            let home = name_of(other, &from.module, to.is_relative() || self.is_relative());
            let home = home.ok_or_else(|| unreachable(&to.path, &from.path))?;
            wanted.extend(way.take(name, &home)?);
        }
        self.hides_nothing(&wanted)?;
        wanted.extend(self.futures());
        let newline = match to.source().is_empty() {
            true => line_end(from.source()),
            false => line_end(to.source()),
        };
        let insertion = self.insertion(&whole, &along, carried, &to_edits, newline)?;
        let none = BTreeSet::new();
        let header = self.header(to, newline, drop.clone(), &none).edited(wanted);
        to_edits.extend(header.edits);
        to_edits.extend(cut::removals(to.source(), &header.lines));
        to_edits.push(insertion);

        to_edits.extend(self.list());

        let mut regions = cut::regions(from, &self.choice.parts)?;
        let mut back = Vec::new();
        if !self.choice.given.is_empty() {
            let home = name_of(own, &to.module, self.is_relative());
            let home = home.ok_or_else(|| unreachable(&from.path, &to.path))?;
            let rank = rank(self.facts, &from.path, &home);
            back.extend(self.choice.given.iter().map(|text| Wanted {
                rank,
                checking: false,
                from: Some(home.clone()),
                text: text.clone(),
            }));
        }
        let dropped = self.dropped_by_source(&along);
        let imported =
            from.imported().filter(|(_, keys)| keys.iter().all(|it| dropped.contains(&it.1)));
        let left = imported.map(|(name, _)| name.clone()).collect();
        let newline = line_end(from.source());
        let header = self.header(from, newline, dropped, &self.choice.parts).edited(back);
        let mut from_edits = header.edits;
        regions.extend(header.lines);
        regions.sort_by_key(|it| it.start);
        regions.dedup();
        from_edits.extend(cut::removals(from.source(), &regions));
        from_edits.extend(self.unlisted());
        self.finished(merged(from_edits), merged(to_edits), left)
    }

    /// Tells whether the two modules name each other from where they stand.
    fn is_relative(&self) -> bool {
        self.request.package.is_some() || self.from.is_relative()
    }

    fn finished(
        self,
        from: Vec<TextEdit>,
        to: Vec<TextEdit>,
        along: BTreeSet<String>,
    ) -> Result<Split, Refused> {
        for (side, edits) in [(self.from, &from), (self.to, &to)] {
            let edited = apply(side.source(), edits).map_err(|it| it.to_string());
            let bytes = edited.and_then(|it| side.text.encode(&it).map_err(|it| it.to_string()));
            bytes.map_err(|error| Refused::new(format!("`{}`: {error}", side.path)))?;
        }
        let what = match self.choice.names.is_empty() {
            true => "the program".to_owned(),
            false => choose::listed(&self.choice.names),
        };
        let why = format!("{what} moved to `{}`", self.to.path);
        let noted = |edits: Vec<TextEdit>| {
            let edits = edits.into_iter();
            edits.map(|edit| Edit { edit, safety: Safety::Safe, why: why.clone() }).collect()
        };
        let lines = Lines::new(self.from.source());
        let mentions = self.choice.parts.iter().flat_map(|it| &self.from.parts[*it].mentions);
        let own =
            mentions.filter(|it| matches!(it.name(), "__file__" | "__path__" | "__package__"));
        let placed = own.map(|it| lines.line(it.parts[0].1.start)).collect();
        let Choice { names, given, .. } = self.choice;
        Ok(Split { from: noted(from), to: noted(to), names, given, along, placed })
    }

    /// Refuses names that would hide what every module has from what the target uses.
    fn hides_nothing(&self, wanted: &[Wanted]) -> Result<(), Refused> {
        let local = |it: &Wanted| it.text.rsplit(' ').next().map(str::to_owned);
        let fresh = wanted.iter().filter_map(local).chain(self.choice.names.iter().cloned());
        let hidden = fresh.into_iter().find(|name| {
            let mut mentions = self.to.parts.iter().flat_map(|it| &it.mentions);
            python::is_builtin(name) && mentions.any(|it| it.name() == name && !it.known)
        });
        hidden.map_or(Ok(()), |name| Err(clash(&self.to.path, &name)))
    }

    /// Leaves out what the target has in the same words already.
    fn settle_copies(&mut self) -> Result<(), Refused> {
        for at in self.choice.copied.clone() {
            let text = self.from.slice(self.from.parts[at].span.clone());
            for name in &self.from.parts[at].names {
                let mut own = self.to.definers(name);
                if own.any(|it| self.to.slice(self.to.parts[it].span.clone()) == text) {
                    self.choice.copied.remove(&at);
                } else if !self.to.binders(name).is_empty() {
                    return Err(clash(&self.to.path, name));
                }
            }
        }
        Ok(())
    }

    fn header<'b>(
        &self,
        side: &'b Side,
        newline: &'b str,
        drop: BTreeSet<Key>,
        gone: &'b BTreeSet<usize>,
    ) -> Header<'b> {
        let rank_of = |it: &python::Import| match it.level {
            0 => rank(self.facts, &side.path, &it.module),
            _ => Rank::Relative,
        };
        let ranks = side.facts.imports.iter().map(rank_of).collect();
        Header { side, newline, ranks, drop, gone }
    }

    /// Returns the future statements that what goes was written for.
    fn futures(&self) -> Vec<Wanted> {
        let names = |side: &Side| {
            let imports = side.facts.imports.iter().filter(|it| it.module == "__future__");
            let names = imports.flat_map(|it| match &it.target {
                Target::Names(names) => names.iter().map(|it| it.name.clone()).collect(),
                Target::Module { .. } | Target::Star | Target::Call { .. } => Vec::new(),
            });
            names.collect::<BTreeSet<String>>()
        };
        let known = names(self.to);
        let text = |at: &usize| self.from.slice(self.from.parts[*at].span.clone());
        let annotated = |text: &str| text.contains("->") || text.contains(':');
        let needs = self.choice.parts.iter().any(|at| annotated(text(at)));
        let fresh = self.to.parts.is_empty();
        let own = names(self.from).into_iter().filter(|it| !known.contains(it));
        let own = own.filter(|it| needs && (fresh || it == "annotations"));
        let wanted = own.map(|text| Wanted {
            rank: Rank::Future,
            checking: false,
            from: Some("__future__".to_owned()),
            text,
        });
        wanted.collect()
    }

    /// Returns the edit that puts the definitions into the target.
    fn insertion(
        &self,
        whole: &BTreeSet<usize>,
        along: &Along,
        carried: Vec<TextEdit>,
        own: &[TextEdit],
        newline: &str,
    ) -> Result<TextEdit, Refused> {
        let regions = cut::regions(self.from, whole)?;
        let parts: Vec<usize> = whole.iter().copied().collect();
        let mut inner = along.edits.clone();
        inner.extend(self.renamed_strings(self.from));
        let touches = |one: &TextEdit, two: &TextEdit| {
            one.span.start < two.span.end && two.span.start < one.span.end
        };
        let free: Vec<TextEdit> =
            carried.into_iter().filter(|it| !inner.iter().any(|own| touches(own, it))).collect();
        inner.extend(free);
        let text = cut::text(self.from, &parts, &regions, &inner)?;
        let renamed = |edits: &[TextEdit]| {
            edits.iter().map(|it| (it.span.start, it.text.clone())).collect::<cut::Renamed>()
        };
        let (there, here) = (renamed(&along.edits), renamed(own));
        let spot = cut::spot((self.from, &there), (self.to, &here), &self.choice)?;
        let small = |at: Option<&usize>| at.is_some_and(|at| cut::is_small(self.from, *at));
        let ends = (small(parts.first()), small(parts.last()));
        let mut edit = cut::insert(self.to, &spot, &text, ends, newline);
        if self.to.source().is_empty() {
            let gap = newline.repeat(if ends.0 { 1 } else { 2 });
            let header = !along.wanted.is_empty()
                || !self.choice.taken.is_empty()
                || !self.futures().is_empty();
            let before = match self.fresh_list(newline) {
                Some(list) if header => format!("{newline}{list}{gap}"),
                Some(list) => format!("{list}{gap}"),
                None if header => gap,
                None => String::new(),
            };
            edit.text.insert_str(0, &before);
        }
        Ok(edit)
    }

    /// Returns the edits of strings in one of the two modules that name what goes.
    fn renamed_strings(&self, side: &Side) -> Vec<TextEdit> {
        let old = self.facts.names_of(&self.from.module);
        let Some(new) = self.facts.names_of(&self.to.module).into_iter().next() else {
            return Vec::new();
        };
        let mut edits = Vec::new();
        for literal in side.facts.literals.iter().filter(|it| !it.docstring) {
            let found = old.iter().find_map(|old| {
                let rest = literal.text.strip_prefix(old.as_str())?;
                let name = rest.strip_prefix(['.', ':'])?.split('.').next()?;
                let Choice { names, given, .. } = &self.choice;
                (names.contains(name) && !given.contains(name)).then_some(old.len())
            });
            if let Some(length) = found {
                let span = literal.span.start..literal.span.start + length;
                edits.push(TextEdit { span, text: new.clone() });
            }
        }
        edits
    }

    /// Takes what goes out of the `__all__` of the source.
    fn unlisted(&self) -> Vec<TextEdit> {
        let Choice { names, given, .. } = &self.choice;
        let offers = |it: &String| self.request.package.is_some() && given.contains(it);
        let gone = self.from.listed().iter().filter(|(it, _)| names.contains(it) && !offers(it));
        let span = |span: &Span| super::exports::item(self.from.source(), span);
        gone.map(|(_, it)| TextEdit { span: span(it), text: String::new() }).collect()
    }

    /// Returns the `__all__` of a new module, where that of the source listed something that goes there.
    fn fresh_list(&self, newline: &str) -> Option<String> {
        let listed = self.from.listed().iter().filter(|(it, _)| self.choice.names.contains(it));
        let items: Vec<&str> = listed.map(|(_, span)| self.from.slice(span.clone())).collect();
        if items.is_empty() || self.request.package.is_some() {
            return None;
        }
        let line = format!("__all__ = [{}]{newline}", items.join(", "));
        if line.trim_end().len() <= WIDEST {
            return Some(line);
        }
        let items: String = items.iter().map(|it| format!("    {it},{newline}")).collect();
        Some(format!("__all__ = [{newline}{items}]{newline}"))
    }

    /// Lists in the `__all__` of the target what that of the source listed.
    fn list(&self) -> Option<TextEdit> {
        let All::Names(names) = &self.to.facts.names.all else { return None };
        let (_, last) = names.last()?;
        let listed = self.from.listed().iter().map(|(name, _)| name);
        let mut fresh: Vec<&String> = listed.filter(|it| self.choice.names.contains(*it)).collect();
        fresh.retain(|name| !names.iter().any(|(it, _)| it == *name));
        let source = self.to.source();
        let quote = self.to.slice(last.start..last.start + 1);
        let line = super::statement::start_of_line(source, last.start);
        let indent = &source[line..last.start];
        let gap = match indent.trim().is_empty() && !indent.is_empty() {
            true => format!(",{}{indent}", line_end(source)),
            false => ", ".to_owned(),
        };
        let text: String = fresh.iter().map(|it| format!("{gap}{quote}{it}{quote}")).collect();
        (!text.is_empty()).then_some(TextEdit { span: last.end..last.end, text })
    }
}

fn unreachable(path: &RepoPath, other: &RepoPath) -> Refused {
    Refused::new(format!("`{path}` cannot import `{other}`"))
}

/// Unites removals that touch.
fn merged(mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    let mut merged: Vec<TextEdit> = Vec::new();
    for edit in edits {
        match merged.last_mut() {
            Some(last)
                if last.text.is_empty()
                    && edit.text.is_empty()
                    && edit.span.start < last.span.end =>
            {
                last.span.end = last.span.end.max(edit.span.end);
            }
            _ => merged.push(edit),
        }
    }
    merged
}
