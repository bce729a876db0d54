//! The guards: which of the matched units a step may take.
//!
//! `unless-used` keeps whatever something that stays still uses, and so on to the end: what is taken
//! is the largest set of units that nothing outside it uses.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::{is_init, is_test};
use super::select::Unit;
use super::{LeftAlone, Stage, StepError, mention};
use crate::facts::{How, Lookup};
use crate::path::RepoPath;
use crate::tree::Tree;

/// As many lines of evidence as a person reads.
const EVIDENCE: usize = 10;

/// Returns the units that both guards let go; the others are left alone, with the evidence.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn hold(stage: &mut Stage<'_>, units: Vec<Unit>) -> Result<Vec<Unit>, StepError> {
    let units = hold_same(stage, units);
    if stage.unless_used { hold_used(stage, units) } else { Ok(units) }
}

/// Keeps the units that something which stays uses.
fn hold_used(stage: &mut Stage<'_>, units: Vec<Unit>) -> Result<Vec<Unit>, StepError> {
    let users = users(stage, &units)?;
    let leaving = largest(&stage.tree, &units, &users);
    let stays = |path: &RepoPath| !leaving.contains(path);
    let (mut going, mut left) = (Vec::new(), Vec::new());
    for (unit, users) in units.iter().zip(&users) {
        if unit.files.iter().any(|it| !stays(it)) {
            going.push(unit.clone());
            continue;
        }
        let users = users.iter().filter(|it| stays(&it.by));
        let mut evidence: Vec<String> = users.map(|it| it.evidence(&unit.path)).collect();
        let below = needs_it(&stage.tree, unit, &leaving);
        evidence.extend(below.map(|it| format!("`{it}` is below it")));
        let (path, reason) = (unit.path.clone(), "something that stays uses it".to_owned());
        left.push(LeftAlone { path, reason, evidence: shortened(evidence) });
    }
    stage.outcome.left_alone.extend(left);
    Ok(going)
}

/// Returns the files of the largest set of units that nothing outside it uses: all of them, less
/// what something that stays uses, and so on to the end.
fn largest<'a>(tree: &Tree, units: &'a [Unit], users: &[BTreeSet<User>]) -> BTreeSet<&'a RepoPath> {
    let mut leaving: BTreeSet<&RepoPath> = units.iter().flat_map(|it| &it.files).collect();
    let mut open: Vec<usize> = (0..units.len()).collect();
    loop {
        let (used, unused): (Vec<usize>, Vec<usize>) = open.iter().partition(|at| {
            users[**at].iter().any(|it| !leaving.contains(&it.by))
                || needs_it(tree, &units[**at], &leaving).is_some()
        });
        if used.is_empty() {
            return leaving;
        }
        for file in used.iter().flat_map(|at| &units[*at].files) {
            leaving.remove(file);
        }
        open = unused;
    }
}

/// Something that needs a unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct User {
    by: RepoPath,
    line: u32,
    verb: &'static str,
    what: RepoPath,
}

impl User {
    fn evidence(&self, unit: &RepoPath) -> String {
        let Self { by, line, verb, what } = self;
        if what == unit {
            format!("`{by}:{line}` {verb} it")
        } else {
            format!("`{by}:{line}` {verb} `{what}`")
        }
    }
}

/// Returns for each unit who uses it from outside of it: imports, and mentions in what is no
/// documentation.
fn users(stage: &Stage<'_>, units: &[Unit]) -> Result<Vec<BTreeSet<User>>, StepError> {
    let mut owners: BTreeMap<&RepoPath, usize> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        owners.insert(&unit.path, at);
        owners.extend(unit.files.iter().map(|it| (it, at)));
    }
    let mut users = vec![BTreeSet::new(); units.len()];
    let mut add = |user: User| record(&owners, &mut users, &user);
    let mut imports = BTreeSet::new();
    for edge in stage.facts.edges() {
        let line = stage.facts.files().get(&edge.from).and_then(|it| it.imports.get(edge.import));
        let line = line.map_or(0, |it| it.line);
        imports.insert((edge.from.clone(), line, edge.to.clone()));
        add(User { by: edge.from.clone(), line, verb: "imports", what: edge.to.clone() });
    }
    let targets: Vec<&RepoPath> = owners.keys().copied().collect();
    for mention in mention::mentions(stage, targets)? {
        let mention::Mention { by, line, target, is_use } = mention;
        // `import_module("a.b")` is an import already.
        if is_use && !imports.contains(&(by.clone(), line, target.clone())) {
            add(User { by, line, verb: "names", what: target });
        }
    }
    // Some texts name a file that they start by halves: `cd jobs && python run.py`.
    for (what, at) in &owners {
        for command in stage.facts.commands_of(what) {
            let (by, line) = (command.text.clone(), command.line);
            let is_named = users[*at].iter().any(|it| it.by == by && it.line == line);
            if !is_named {
                let user = User { by, line, verb: "starts", what: (*what).clone() };
                record(&owners, &mut users, &user);
            }
        }
    }
    let mut add = |user: User| record(&owners, &mut users, &user);
    let wanted = owners.keys().copied().collect();
    let importers: BTreeSet<_> = imports.into_iter().map(|(by, _, to)| (by, to)).collect();
    let lookups = stage.facts.lookups(&stage.tree, &wanted)?;
    for Lookup { by, line, of, how } in &lookups {
        let (by, what) = (by.clone(), of.clone());
        let verb = match how {
            How::Attribute if importers.contains(&(by.clone(), what.clone())) => continue,
            How::Attribute => "uses",
            How::Quoted => "imports, in a string,",
            How::Listed { .. } => continue,
        };
        add(User { by, line: *line, verb, what });
    }
    for (unit, users) in units.iter().zip(&mut users) {
        let listed = lookups.iter().filter(|it| matches!(it.how, How::Listed { .. }));
        for Lookup { by, line, of, .. } in listed.filter(|it| is_reached(stage, unit, it)) {
            let (by, line, verb) = (by.clone(), *line, "looks for modules in");
            users.insert(User { by, line, verb, what: of.clone() });
        }
    }
    Ok(users)
}

/// Writes down a user for the unit that it uses, if it is no part of that.
fn record(owners: &BTreeMap<&RepoPath, usize>, users: &mut [BTreeSet<User>], user: &User) {
    let stub_or_module = twin(&user.what).filter(|it| owners.contains_key(it));
    for what in stub_or_module.iter().chain([&user.what]) {
        if let Some(at) = owners.get(what)
            && owners.get(&user.by) != Some(at)
        {
            users[*at].insert(user.clone());
        }
    }
}

/// Tells whether code outside of a unit looks for modules where the unit has some.
fn is_reached(stage: &Stage<'_>, unit: &Unit, lookup: &Lookup) -> bool {
    let has_modules = unit.files.iter().any(|it| stage.facts.files().contains_key(it));
    let outside = lookup.by != unit.path && !unit.files.contains(&lookup.by);
    let mut paths = unit.files.iter().chain([&unit.path]);
    has_modules && outside && paths.any(|it| lookup.reaches(it))
}

/// Returns the stub of a module, or the module of a stub.
fn twin(path: &RepoPath) -> Option<RepoPath> {
    let text = path.as_str()?;
    let other = match path.extension() {
        "py" => format!("{text}i"),
        "pyi" => text.strip_suffix('i')?.to_owned(),
        _ => return None,
    };
    RepoPath::new(&other).ok()
}

/// Returns something that stays and that needs a file of its folder without naming it: anything below
/// an `__init__.py`, which would be in no package without it, and the tests below a `conftest.py`.
fn needs_it(tree: &Tree, unit: &Unit, leaving: &BTreeSet<&RepoPath>) -> Option<RepoPath> {
    let is_conftest = unit.path.name() == b"conftest.py";
    if unit.folder || !(is_init(&unit.path) || is_conftest) {
        return None;
    }
    let folder = unit.path.parent()?;
    let mut below = tree.under(&folder).map(|(path, _)| path).filter(|it| **it != unit.path);
    below.find(|it| !leaving.contains(it) && (!is_conftest || is_test(it))).cloned()
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > EVIDENCE {
        let more = lines.len() - EVIDENCE;
        lines.truncate(EVIDENCE);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Keeps the units that are byte-identical to the path that `same-as` names.
fn hold_same(stage: &mut Stage<'_>, units: Vec<Unit>) -> Vec<Unit> {
    let (same, left): (Vec<_>, Vec<_>) = units
        .into_iter()
        .map(|it| (stage.differs(&it.path), it))
        .partition(|(why, _)| why.is_none());
    for (why, unit) in left {
        stage.leave(&unit.path, why.unwrap_or_default());
    }
    same.into_iter().map(|(_, unit)| unit).collect()
}

impl Stage<'_> {
    /// Says why `path` does not pass the guard `same-as`, if it does not.
    pub(super) fn differs(&self, path: &RepoPath) -> Option<String> {
        let original = self.same_as.as_ref()?;
        if path == original {
            Some("it is the one that `same-as` compares with".to_owned())
        } else if !self.tree.exists(original) {
            Some(format!("`{original}`, which it has to equal, does not exist"))
        } else if listing(&self.tree, path) == listing(&self.tree, original) {
            None
        } else {
            Some(format!("it differs from `{original}`"))
        }
    }
}

/// Returns the bytes, by id, of everything at or below a path.
fn listing(tree: &Tree, top: &RepoPath) -> Vec<(Option<RepoPath>, crate::tree::Id)> {
    tree.under(top).map(|(path, entry)| (path.relative_to(top), entry.id)).collect()
}
