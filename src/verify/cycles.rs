//! Import-time cycles: modules that need each other before any of them has run.
//!
//! Of each knot of modules one shortest cycle is shown: a person can follow it, and undo it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::alone::{Failure, File, Process, Startup};
use super::knots::{knots, shortest};
use super::reads::Texts;
use super::targets::Side;
use crate::facts::Facts;
use crate::path::RepoPath;
use crate::tree::ReadError;

/// The knot that each file is in; files in no cycle are in none.
type Knots = BTreeMap<RepoPath, usize>;

/// Returns one shortest cycle of every knot, and the ways in which modules that cannot be imported on
/// their own meet one that is still running.
pub(super) fn all(facts: &Facts) -> Vec<Vec<RepoPath>> {
    let ways = Ways::new(Startup::of_imports(facts));
    let asked = ways.asked();
    let knots = knots(&asked);
    let mut found: Vec<_> = knots
        .iter()
        .filter_map(|knot| shortest(&asked, knot, knot.iter().map(|file| (*file, *file))))
        .map(|cycle| ways.cycle(cycle))
        .collect();
    let shown = ways.members(&knots);
    // Of one whose ends are in a ring that is shown, enough is said.
    let unsaid = |chain: &Vec<RepoPath>| {
        let ends = chain.first().zip(chain.last()).map(|(a, b)| (shown.get(a), shown.get(b)));
        ends.is_none_or(|(a, b)| a.is_none() || a != b)
    };
    let tangle = Tangle::new(&ways);
    let failures = tangle.failures(&ways.startup, &tangle.members().collect());
    let failures = failures.into_iter().filter(|it| it.caught.is_none());
    found.extend(failures.map(|it| it.chain).filter(unsaid).map(rotated));
    found.sort();
    found.dedup();
    found
}

/// The tree that others are compared with. It is looked at only where one of them has a knot, and only
/// once.
pub(super) struct Then<'a> {
    side: Side<'a>,
    texts: Arc<Texts>,
    ways: OnceLock<Ways<'a>>,
    knots: OnceLock<Knots>,
    last: Mutex<Last>,
}

/// The last comparison: the facts after, where each file was, and what was found.
type Last = (Facts, Vec<Option<RepoPath>>, Vec<Vec<RepoPath>>);

impl<'a> Then<'a> {
    /// Has not looked at the tree yet.
    pub(super) fn new(side: Side<'a>) -> Self {
        let places = side.1.files().keys().cloned().map(Some).collect();
        let last = Mutex::new((side.1.clone(), places, Vec::new()));
        let (ways, knots) = (OnceLock::new(), OnceLock::new());
        Self { side, texts: Arc::default(), ways, knots, last }
    }

    fn ways(&self) -> &Ways<'a> {
        self.ways.get_or_init(|| Ways::new(Startup::of(self.side, &self.texts)))
    }

    fn knots(&self) -> &Knots {
        let ways = self.ways();
        self.knots.get_or_init(|| ways.members(&knots(&ways.asked())))
    }
}

/// Returns one shortest cycle of every knot of `after` that `before` does not have, and how modules
/// that could be imported on their own, with all that they try, cannot any more. `was` gives the path
/// that a file had before.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn new(
    before: &Then<'_>,
    after: Side<'_>,
    was: impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Result<Vec<Vec<RepoPath>>, ReadError> {
    let places: Vec<_> = after.1.files().keys().map(&was).collect();
    {
        let last = before.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0.is(after.1) && last.1 == places {
            return Ok(last.2.clone());
        }
    }
    let now = Ways::new(Startup::of(after, &before.texts));
    let mut found = tied(before, &now, &was);
    found.extend(stuck(before, (after.1, &now), &was));
    now.startup.whole()?;
    if !found.is_empty() {
        before.ways().startup.whole()?;
    }
    found.sort();
    found.dedup();
    let mut last = before.last.lock().unwrap_or_else(PoisonError::into_inner);
    *last = (after.1.clone(), places, found.clone());
    Ok(found)
}

/// Returns one shortest cycle of every knot that is new.
fn tied(
    before: &Then<'_>,
    after: &Ways<'_>,
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let asked = after.asked();
    let was_of = |file: File| was(after.startup.files()[file]);
    let knot_of = |file: File| was_of(file).and_then(|path| before.knots().get(&path).copied());
    let mut found = Vec::new();
    for knot in knots(&asked) {
        // An edge in a knot lies on a cycle; where its ends shared no knot before, on a new one.
        let mut was: BTreeMap<File, _> = knot.iter().map(|it| (*it, knot_of(*it))).collect();
        // A new module in what was one knot makes no new one.
        let (new, known): (Vec<_>, Vec<_>) = knot.iter().partition(|it| was_of(**it).is_none());
        let homes: BTreeSet<Option<usize>> = known.iter().map(|it| was[*it]).collect();
        if let (1, Some(Some(home))) = (homes.len(), homes.first()) {
            was.extend(new.into_iter().map(|it| (*it, Some(*home))));
        }
        let fresh = knot.iter().flat_map(|from| {
            let inside = asked[*from].iter().rev().filter_map(|to| Some((*to, was.get(to)?)));
            let old = was[from];
            let fresh = inside.filter(move |(_, was)| old.is_none() || old != **was);
            fresh.map(|(to, _)| (to, *from))
        });
        found.extend(shortest(&asked, &knot, fresh).map(|it| after.cycle(it)));
    }
    found
}

/// Returns how modules fail when they are imported alone that did not before.
fn stuck(
    before: &Then<'_>,
    after: (&Facts, &Ways<'_>),
    was: &impl Fn(&RepoPath) -> Option<RepoPath>,
) -> Vec<Vec<RepoPath>> {
    let tangle = Tangle::new(after.1);
    let after = (after.0, &after.1.startup);
    let changed = |path: &RepoPath| {
        let files = after.0.files().get(path).zip(before.side.1.files().get(path));
        was(path).as_ref() != Some(path) || !files.is_some_and(|(now, old)| Arc::ptr_eq(now, old))
    };
    let leading = tangle.leading(after.1);
    let files = after.1.files();
    let changed = leading.iter().copied().filter(|file| changed(files[*file]));
    let first: BTreeSet<File> = tangle.members().chain(changed).collect();
    // Where each of them can be imported alone, so can all that import them.
    if tangle.failures(after.1, &first).is_empty() {
        return Vec::new();
    }
    let failures = tangle.failures(after.1, &leading);
    let failing = failures.iter().map(|it| it.of);
    let above = failing.clone().flat_map(|it| after.1.packages_of(it));
    let old: BTreeSet<RepoPath> = above.chain(failing).filter_map(was).collect();
    let then = before.ways();
    let number = |path: &RepoPath| then.startup.files().binary_search(&path).ok();
    let known = old.iter().filter_map(number).collect();
    let failed = Tangle::new(then).failures(&then.startup, &known);
    let failed: BTreeSet<_> = failed.into_iter().map(|it| (it.of, it.caught)).collect();
    let is_old = |it: &Failure<'_>| {
        // What is new has the fate of the package that it came into.
        let packages = after.1.packages_of(it.of).into_iter().rev();
        let of = was(it.of).or_else(|| packages.into_iter().find_map(&was));
        let caught = it.caught.map(&was);
        let failed = |caught: Option<&RepoPath>| {
            of.as_ref().is_some_and(|of| failed.contains(&(of, caught)))
        };
        failed(None) || caught.flatten().is_some_and(|it| failed(Some(&it)))
    };
    let fresh = failures.into_iter().filter(|it| !is_old(it));
    fresh.map(|it| rotated(it.chain)).collect()
}

/// The files that may meet another one that is still running.
struct Tangle {
    /// Files that import each other.
    knots: Vec<Vec<File>>,
    /// Whether a file is in such a knot, or leads to one.
    leads: Vec<bool>,
    /// Files that import each other or lead, by an attribute, through each other. Each of them is looked
    /// at by itself: what they lead to and is none of them runs to its end whichever begins.
    rings: Vec<Vec<File>>,
}

impl Tangle {
    fn new(ways: &Ways<'_>) -> Self {
        let implied = |of: &[bool]| ways.startup.implied(of);
        let knots = knots(&implied(&ways.within));
        let leads = match knots.is_empty() {
            true => vec![false; ways.within.len()],
            false => leading_to(&implied(&vec![true; ways.within.len()]), knots.iter().flatten()),
        };
        let rings = match ways.startup.reads_attributes() {
            true => ways.rings.clone(),
            false => Vec::new(),
        };
        Self { knots, leads, rings }
    }

    /// Returns the files of all knots and rings.
    fn members(&self) -> impl Iterator<Item = File> {
        self.knots.iter().chain(&self.rings).flatten().copied()
    }

    /// Returns the members, the files that lead to a knot, and those of which a package above does or is
    /// in a ring.
    fn leading(&self, startup: &Startup<'_>) -> BTreeSet<File> {
        let mut leads = self.leads.clone();
        self.members().for_each(|file| leads[file] = true);
        let concerned = |file: &File| with_packages(startup, *file).any(|file| leads[file]);
        (0..leads.len()).filter(concerned).collect()
    }

    /// Imports each of these files alone; returns what goes wrong, once for each that fails or catches.
    fn failures<'a>(&self, startup: &Startup<'a>, files: &BTreeSet<File>) -> Vec<Failure<'a>> {
        let leads = (0..self.leads.len()).filter(|file| self.leads[*file]);
        let mut process = Process::of(self.leads.len());
        process.open(leads);
        let mut found = startup.failures(&mut process, files.iter().copied());
        let ring_of: BTreeMap<File, usize> = (self.rings.iter().enumerate())
            .flat_map(|(number, ring)| ring.iter().map(move |file| (*file, number)))
            .collect();
        let mut concerned = vec![BTreeSet::new(); self.rings.len()];
        for file in files {
            let rings = with_packages(startup, *file).filter_map(|it| ring_of.get(&it));
            rings.for_each(|ring| concerned[*ring].extend([*file]));
        }
        let rings = self.rings.par_iter().zip(concerned).map_init(
            || Process::of(self.leads.len()),
            |process, (ring, files)| {
                process.open(ring.iter().copied());
                let found = startup.failures(process, files);
                process.close(ring.iter().copied());
                found
            },
        );
        found.extend(rings.collect::<Vec<_>>().into_iter().flatten());
        let mut told = BTreeSet::new();
        found.retain(|it| told.insert((it.of, it.caught)));
        found
    }
}

/// Returns what runs where a file is imported: the packages above it, and it.
fn with_packages(startup: &Startup<'_>, file: File) -> impl Iterator<Item = File> {
    startup.above(file).iter().copied().chain([file])
}

/// Tells of each file whether it is one of these or leads to one.
fn leading_to<'f>(ways: &[Vec<File>], files: impl Iterator<Item = &'f File>) -> Vec<bool> {
    let mut users = vec![Vec::new(); ways.len()];
    for (from, ways) in ways.iter().enumerate() {
        ways.iter().for_each(|to| users[*to].push(from));
    }
    let mut leads = vec![false; ways.len()];
    let mut open: Vec<File> = files.copied().collect();
    while let Some(file) = open.pop() {
        if !std::mem::replace(&mut leads[file], true) {
            open.extend(&users[file]);
        }
    }
    leads
}

/// The ways from file to file in a tree.
struct Ways<'a> {
    startup: Startup<'a>,
    /// The knots of all ways that count. Where fewer count, there are no others.
    rings: Vec<Vec<File>>,
    /// Whether a file is in such a ring. Most are in none.
    within: Vec<bool>,
}

impl<'a> Ways<'a> {
    fn new(startup: Startup<'a>) -> Self {
        let all = vec![true; startup.files().len()];
        let rings = match startup.reads_attributes() {
            true => knots(&startup.passed()),
            false => knots(&startup.implied(&all)),
        };
        let mut within = vec![false; all.len()];
        rings.iter().flatten().for_each(|file| within[*file] = true);
        Self { startup, rings, within }
    }

    /// Returns which files ask for each other as they run, of those that are in a ring.
    fn asked(&self) -> Vec<Vec<File>> {
        self.startup.asked(&self.within)
    }

    /// Returns the paths of a cycle, from the smallest one on.
    fn cycle(&self, cycle: Vec<File>) -> Vec<RepoPath> {
        rotated(cycle.into_iter().map(|file| self.startup.files()[file].clone()).collect())
    }

    /// Returns the number of the knot that each file is in.
    fn members(&self, knots: &[Vec<File>]) -> Knots {
        let path = |file: &File| self.startup.files()[*file].clone();
        let numbered = knots.iter().enumerate();
        numbered.flat_map(|(number, knot)| knot.iter().map(move |it| (path(it), number))).collect()
    }
}

/// Returns a cycle from its smallest path on.
fn rotated(mut cycle: Vec<RepoPath>) -> Vec<RepoPath> {
    let smallest = (0..cycle.len()).min_by_key(|at| &cycle[*at]).unwrap_or_default();
    cycle.rotate_left(smallest);
    cycle
}
