//! `move-symbols`: top-level definitions to other modules, with what they need; whoever uses them
//! follows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::module::End;
use super::packages::{self, Placed, stub_of};
use super::shim::Shim;
use super::used_names::taken_names;
use super::{Stage, Step, StepError, edits, place, shadow};
use crate::facts::Facts;
use crate::finding::Finding;
use crate::path::RepoPath;
use crate::python::is_identifier;
use crate::rewrite::{
    self, FileEdits, Moves, Names, Offered, Parted, Refused, Request, Sides, Split, Uses,
};
use crate::tree::{Mode, Tree};

mod left;
mod package;
mod stars;

/// Moves definitions from one module to others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct MoveSymbols {
    /// The module that has the definitions: a path, or `module:pkg.mod`.
    from: End,
    /// The module that is to have them; it may be new.
    to: Option<End>,
    /// The names of the definitions.
    #[serde(default)]
    names: Vec<String>,
    /// File → names: as `to` and `names`, for several modules.
    #[serde(default)]
    into: BTreeMap<RepoPath, Vec<String>>,
    /// The package that the module becomes; the files of `into` stand in it.
    package: Option<RepoPath>,
    /// Whether the module goes on offering what left it, with a warning.
    #[serde(default)]
    shim: bool,
    /// The version that will be without this, for the warning.
    removed_in: Option<String>,
}

impl Step for MoveSymbols {
    const KIND: &'static str = "move-symbols";
    const DOCS: &'static str = "\
## What it does

Moves functions, classes and constants from one module to another, which may be new, with the comments
directly above them. What a definition needs goes along: its imports, and other definitions that nothing
else uses. What both modules need stays, and the target imports it; where that would make a ring of
imports, it goes too, and the source imports it back. A name made with `__name__`, such as a logger, is
made in both. Imports that nothing in the source uses any more leave it. Whoever uses what moved
follows: imports, `module.name`, star imports, `__all__`, dotted paths in strings, and rows that name the
module and what to take of it apart: `{\"slug\": (\"app.text\", \"slugify\")}`.
What the stub of the source says of it goes into the stub of the target, which is made with a new module.
What names it in configuration follows (`app.cli:main`); in free text, where the edit is chosen.

A name that is conditional, bound twice, or one of several that are assigned at once cannot move, nor
can one that the target has already. One that is assigned through `global` goes with all that uses it.

With `package`, the module becomes the `__init__.py` of that package, and the files of `into` take parts
of it. The package goes on offering every public definition, and every name that somebody uses: importers
stay as they are. What no row lists goes where its only user goes, else to the first module that needs
it, else it stays. A block under `if __name__ == \"__main__\":` becomes the `__main__.py` of the
package; a module that is started by its path cannot become one.

`shim = true` lets the module go on offering what left it, for those who are not in this repository: its
`__getattr__` finds each name where it is now, and warns with a `DeprecationWarning` that says so, and
with `removed-in` until when. A module that has a `__getattr__` of its own is refused.

Who replaces a name for a while means the module that looks it up: `mock.patch(\"app.views.search\")`,
`patch.object`, `monkeypatch.setattr` and `views.LIMIT = 1` name the module that does so now. Where
several do, there is a warning.

## Example

```toml
[[step]]
kind = \"move-symbols\"
from = \"app/helpers.py\"
to = \"app/text.py\"
names = [\"slugify\", \"MAX_LENGTH\"]

[[step]]
kind = \"move-symbols\"
from = \"module:app.models\"
into = { \"app/users.py\" = [\"User\", \"Group\"], \"app/orders.py\" = [\"Order\"] }

[[step]]
kind = \"move-symbols\"
from = \"app/views.py\"
package = \"app/views\"
into = { \"app/views/pages.py\" = [\"index\", \"about\"], \"app/views/api.py\" = [\"search\"] }
```
";

    fn check(&self) -> Result<(), StepError> {
        match (&self.to, self.into.is_empty()) {
            (Some(_), false) => return Err(StepError::new("`into` excludes `to` and `names`")),
            (None, true) => {
                return Err(StepError::new("either `to` and `names`, or `into` is needed"));
            }
            (None, false) if !self.names.is_empty() => {
                return Err(StepError::new("`into` excludes `to` and `names`"));
            }
            (Some(to), true) if *to == self.from => {
                return Err(StepError::new(format!("`{to}` stays what it is")));
            }
            (Some(_), true) | (None, false) => {}
        }
        let single = self.to.as_ref().map(|to| (to.to_string(), &self.names));
        let rows = self.into.iter().map(|(to, names)| (to.to_string(), names)).chain(single);
        let mut known: BTreeMap<&str, String> = BTreeMap::new();
        for (to, names) in rows {
            if names.is_empty() {
                return Err(StepError::new(format!("`{to}` gets no names")));
            }
            for name in names {
                if !is_identifier(name) {
                    return Err(StepError::new(format!("`{name}` is no name of a definition")));
                }
                if let Some(other) = known.insert(name, to.clone()).filter(|it| *it != to) {
                    let message = format!("`{name}` would go to `{other}` and to `{to}`");
                    return Err(StepError::new(message));
                }
            }
        }
        if let Some(to) = self.into.keys().find(|it| End::Path((*it).clone()) == self.from) {
            return Err(StepError::new(format!("`{to}` stays what it is")));
        }
        Shim::of(self.shim, self.removed_in.as_deref())?;
        match &self.package {
            Some(package) => self.check_package(package),
            None => Ok(()),
        }
    }

    fn run(&self, stage: &mut Stage<'_>) -> Result<(), StepError> {
        let into = self.into.iter();
        let mut rows: Vec<(RepoPath, BTreeSet<String>)> =
            into.map(|(to, names)| (to.clone(), names.iter().cloned().collect())).collect();
        if let Some(package) = &self.package {
            return match package::begin(stage, &self.from, package)? {
                Some(init) => split_package(stage, package, &init, rows),
                None => Ok(()),
            };
        }
        let from = self.source(stage)?;
        if let Some(to) = &self.to {
            let path = to.wanted(stage, from.as_ref().unwrap_or(&RepoPath::root()));
            let path = to.existing(stage).or(path);
            let path = path.ok_or_else(|| StepError::new(format!("`{to}` has no root here")))?;
            rows.push((path, self.names.iter().cloned().collect()));
        }
        for (to, _) in &mut rows {
            // A later step of the playbook may have moved the module that received the names.
            if let Some(place) = stage.past.went(to).filter(|_| !stage.tree.exists(to)) {
                *to = place.clone();
            }
        }
        match from {
            Some(from) => {
                let moved = self.offered(&carry_out(stage, &from, None, rows)?);
                match Shim::of(self.shim, self.removed_in.as_deref())? {
                    Some(shim) if !moved.is_empty() => left::leave(stage, &shim, &from, &moved),
                    Some(_) | None => Ok(()),
                }
            }
            None => self.is_done(stage, &rows),
        }
    }
}

/// Moves groups of names, one after the other; returns those that the source has no more.
fn carry_out(
    stage: &mut Stage<'_>,
    from: &RepoPath,
    package: Option<&RepoPath>,
    rows: Vec<(RepoPath, BTreeSet<String>)>,
) -> Result<Names, StepError> {
    let mut open: BTreeSet<String> = rows.iter().flat_map(|(_, names)| names.clone()).collect();
    let (mut parts, mut gone) = (Vec::new(), Names::new());
    for (to, names) in rows {
        open.retain(|it| !names.contains(it));
        let to = init_of(stage, to);
        let row = Row { from, to: to.clone(), names: &names, reserved: &open, package };
        if let Some(names) = row.carry_out(stage, &parts)? {
            gone.extend(names);
            parts.push(to);
            let context = stage.context;
            let facts = stage.facts.index_again(&stage.tree, &context.settings, &context.memo)?;
            stage.facts = Arc::new(facts);
        }
    }
    if parts.is_empty() {
        return Ok(gone);
    }
    let (tree, facts) = (stage.tree.clone(), Arc::clone(&stage.facts));
    let parted = Parted { tree: &tree, facts: &facts, module: from, parts: &parts };
    let followed = rewrite::patches(&parted, &|path| {
        edits::is_editable(stage.context, path) && !facts.is_archived(path)
    })?;
    stage.outcome.findings.extend(followed.findings);
    edits::make(stage, &followed.files)?;
    follow_mentions(stage, from, &gone)?;
    Ok(gone)
}

/// Makes texts that name definitions of the module at `from` name them where they are now.
fn follow_mentions(stage: &mut Stage<'_>, from: &RepoPath, gone: &Names) -> Result<(), StepError> {
    if gone.is_empty() {
        return Ok(());
    }
    let context = stage.context;
    let facts = stage.facts.index_again(&stage.tree, &context.settings, &context.memo)?;
    let editable = |path: &RepoPath| edits::is_editable(context, path) && !facts.is_archived(path);
    let files = rewrite::renamed((&stage.tree, &facts), from, gone, &editable)?;
    edits::make(stage, &files)
}

/// Gives the modules of a package their parts of its `__init__.py`.
fn split_package(
    stage: &mut Stage<'_>,
    package: &RepoPath,
    init: &RepoPath,
    rows: Vec<(RepoPath, BTreeSet<String>)>,
) -> Result<(), StepError> {
    if let Some(facts) = stage.facts.files().get(init) {
        package::hide_nothing(init, facts, &rows)?;
    }
    let groups: Vec<&BTreeSet<String>> = rows.iter().map(|(_, names)| names).collect();
    let order = rewrite::order(&stage.tree, &stage.facts, init, &groups)?;
    let mut ordered: Vec<_> = order.into_iter().map(|at| rows[at].clone()).collect();
    ordered.push((package.child(package::PROGRAM)?, BTreeSet::new()));
    carry_out(stage, init, Some(package), ordered).map(|_| ())
}

impl MoveSymbols {
    fn check_package(&self, package: &RepoPath) -> Result<(), StepError> {
        if self.to.is_some() {
            return Err(StepError::new("`package` goes with `into`"));
        }
        if self.shim {
            return Err(StepError::new("`package` offers the old names anyway, without `shim`"));
        }
        for to in self.into.keys() {
            if !to.is_under(package) || packages::is_init(to) || to.name_str() == package::PROGRAM {
                let message = format!("`{to}` is no module for a part, in the package `{package}`");
                return Err(StepError::new(message));
            }
        }
        Ok(())
    }

    /// Returns where the names are that the source offered and has no more, as `module:name`.
    fn offered(&self, gone: &Names) -> BTreeMap<String, String> {
        let asked =
            |name: &String| self.into.values().chain([&self.names]).any(|it| it.contains(name));
        let offered = gone.iter().filter(|((_, it), _)| asked(it) || !it.starts_with('_'));
        let place = |(module, name): &(String, String)| format!("{module}:{name}");
        offered.map(|((_, old), new)| (old.clone(), place(new))).collect()
    }

    /// Returns the file of the source; nothing where it is gone.
    fn source(&self, stage: &Stage<'_>) -> Result<Option<RepoPath>, StepError> {
        let Some(found) = self.from.existing(stage) else { return Ok(None) };
        let found = init_of(stage, found);
        if !packages::is_python(&found) || stage.tree.entry(&found).is_none() {
            return Err(StepError::new(format!("`{found}` is no Python module")));
        }
        Ok(Some(found))
    }

    /// Makes sure that all names are where they should be, once the source is gone.
    fn is_done(
        &self,
        stage: &Stage<'_>,
        rows: &[(RepoPath, BTreeSet<String>)],
    ) -> Result<(), StepError> {
        let has = |(to, names): &(RepoPath, BTreeSet<String>)| {
            let to = init_of(stage, to.clone());
            let file = stage.facts.files().get(&to);
            file.is_some_and(|file| names.iter().all(|it| file.names.bound.contains_key(it)))
        };
        match (rows.iter().all(has), &self.from) {
            (true, _) => Ok(()),
            (false, End::Path(path)) => Err(place::missing(&stage.tree, path)),
            (false, End::Module(name)) => {
                Err(StepError::new(format!("there is no module `{name}`")))
            }
        }
    }
}

/// Returns the file of a module that may be written as the folder of a package.
fn init_of(stage: &Stage<'_>, path: RepoPath) -> RepoPath {
    let init = path.child("__init__.py").ok().filter(|it| stage.tree.entry(it).is_some());
    init.unwrap_or(path)
}

/// Some names that go to one module.
struct Row<'a> {
    from: &'a RepoPath,
    to: RepoPath,
    names: &'a BTreeSet<String>,
    reserved: &'a BTreeSet<String>,
    package: Option<&'a RepoPath>,
}

impl Row<'_> {
    /// Moves the names, where any is left to move; returns where those are that the source has no more.
    fn carry_out(
        &self,
        stage: &mut Stage<'_>,
        parts: &[RepoPath],
    ) -> Result<Option<Names>, StepError> {
        self.is_possible(stage)?;
        let stubs = self.stubs(stage)?;
        let context = stage.context;
        let (before, known) = (stage.tree.clone(), Arc::clone(&stage.facts));
        let shell = self.shell(&before, stubs.as_ref());
        let shown = known.index_again(&shell, &context.settings, &context.memo)?;
        let own = |path: &RepoPath| {
            let mut stubs = stubs.iter().flatten();
            path == self.from || *path == self.to || stubs.any(|it| it == path)
        };
        let used = taken_names(stage, self.from, &own)?;
        let request = Request {
            from: self.from,
            to: &self.to,
            names: self.names,
            reserved: self.reserved,
            used: &used,
            package: self.package,
            parts,
            program: self.names.is_empty(),
        };
        let split = rewrite::split(&shell, &shown, &request)?;
        if split.to.is_empty() {
            return Ok(None);
        }
        for line in split.placed.iter().filter(|_| self.from.parent() != self.to.parent()) {
            let message = "says where it stands, and goes elsewhere";
            let finding = Finding::warning(Some(self.from.clone()), message);
            stage.tell(finding.at_line(*line));
        }
        let moves = self.moves(&shown, &split)?;
        let mut edited = vec![
            FileEdits { path: self.from.clone(), edits: split.from },
            FileEdits { path: self.to.clone(), edits: split.to },
        ];
        if let Some(stubs) = &stubs {
            let request = Request { names: &split.names, ..request };
            edited.extend(follow_in_stubs(&shell, &shown, request, stubs)?);
        }
        let after = edits::preview(&shell, &edited)?;
        let facts = known.index_again(&after, &context.settings, &context.memo)?;
        if before.entry(&self.to).is_none() {
            shadow::check(stage, [(self.from, &self.to)], &facts)?;
        }
        let stars = stars::edits(&shell, &shown, &facts, (self.from, &self.to), &split.names)?;
        stage.tree = shell.clone();
        let sides = Sides { before: (&before, &known), after: (&shell, &facts) };
        edits::follow_with(stage, sides, &moves, Uses::Keep, rewrite::united(edited, stars))?;
        let mut gone = moves.names;
        gone.retain(|it, _| split.names.contains(&it.1) && !moves.shared.contains(it));
        Ok(Some(gone))
    }

    /// Refuses what is no plain module, and what may not be edited.
    fn is_possible(&self, stage: &Stage<'_>) -> Result<(), StepError> {
        place::reachable(&stage.tree, &self.to)?;
        if *self.from == self.to {
            return Err(StepError::new(format!("`{}` stays what it is", self.to)));
        }
        if self.to.extension() != "py" || stage.tree.is_folder(&self.to) {
            return Err(StepError::new(format!("`{}` is no Python module", self.to)));
        }
        if stage.tree.entry(&self.to).is_some_and(|it| !it.mode.is_file()) {
            return Err(StepError::new(format!("`{}` is no file", self.to)));
        }
        for path in [self.from, &self.to] {
            if !edits::is_editable(stage.context, path) {
                return Err(StepError::new(format!("`{path}` may not be edited")));
            }
        }
        Ok(())
    }

    /// Returns the stubs of both modules, where the source has one. Refuses a stub beside only one of two
    /// modules: it would not say what goes.
    fn stubs(&self, stage: &Stage<'_>) -> Result<Option<[RepoPath; 2]>, StepError> {
        let there = |path: &RepoPath| stub_of(path).filter(|it| stage.tree.entry(it).is_some());
        let is_new = stage.tree.entry(&self.to).is_none();
        let own = there(self.from).filter(|_| self.package.is_none());
        let (stub, path, other) = match (own, there(&self.to)) {
            (None, None) => return Ok(None),
            (Some(own), Some(other)) => return Ok(Some([own, other])),
            (Some(own), None) if is_new => return Ok(stub_of(&self.to).map(|it| [own, it])),
            (Some(own), None) => (own, self.from, &self.to),
            (None, Some(other)) => (other, &self.to, self.from),
        };
        let message = format!("`{stub}` says what `{path}` has, and `{other}` has no stub");
        Err(StepError::new(message))
    }

    /// Returns the tree with an empty target, and an empty stub of it, where they are new.
    fn shell(&self, before: &Tree, stubs: Option<&[RepoPath; 2]>) -> Tree {
        let mut shell = before.clone();
        if let Some([_, stub]) = stubs.filter(|[_, it]| before.entry(it).is_none()) {
            shell.write(stub.clone(), Mode::File, *b"");
        }
        if shell.entry(&self.to).is_none() {
            shell.write(self.to.clone(), Mode::File, *b"");
            let placed = Placed { from: Some(self.from), to: &self.to };
            packages::complete(before, &mut shell, [placed], &BTreeMap::new());
        }
        shell
    }

    /// Says what moved in the words of the rewriting engine.
    fn moves(&self, facts: &Facts, split: &Split) -> Result<Moves, StepError> {
        let new = facts.names_of(&self.to).into_iter().next().or_else(|| {
            let from = facts.name_for(self.from, &self.to);
            from.or_else(|| facts.name_for(&self.to, &self.to))
        });
        let new = new.ok_or_else(|| {
            StepError::new(format!("`{}` has no name that Python could import", self.to))
        })?;
        let mut old = facts.names_of(self.from);
        old.extend(facts.name_for(self.from, self.from));
        let mut moves = Moves::default();
        let mut offered = BTreeSet::new();
        for (old, name) in old
            .iter()
            .flat_map(|old| split.names.iter().chain(&split.along).map(move |it| (old, it)))
        {
            moves.names.insert((old.clone(), name.clone()), (new.clone(), name.clone()));
            let is_given = split.given.contains(name);
            offered.extend(is_given.then(|| (old.clone(), name.clone())));
            // What strings of others mean is told once all parts of a package are where they go.
            if is_given || self.package.is_some() {
                moves.shared.insert((old.clone(), name.clone()));
            }
        }
        moves.offered = self.package.map(|it| Offered { within: it.clone(), names: offered });
        Ok(moves)
    }
}

/// Returns the edits by which the stubs of both modules say what these have now. What a stub does not
/// say, it goes on not saying.
fn follow_in_stubs(
    shell: &Tree,
    shown: &Facts,
    request: Request<'_>,
    [from, to]: &[RepoPath; 2],
) -> Result<Vec<FileEdits>, StepError> {
    let Some(file) = shown.files().get(from) else { return Ok(Vec::new()) };
    let mut names = request.names.clone();
    names.retain(|it| file.names.bound.contains_key(it));
    let request = Request { from, to, names: &names, ..request };
    let split = rewrite::split(shell, shown, &request)?;
    let edits = [(from, split.from), (to, split.to)];
    let edits = edits.into_iter().map(|(path, edits)| FileEdits { path: path.clone(), edits });
    Ok(edits.collect())
}

impl From<Refused> for StepError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Read(error) => Self::Read(error),
            Refused::Impossible { message, hint } => Self::Impossible { message, hint },
        }
    }
}
