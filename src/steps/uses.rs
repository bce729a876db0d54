//! Who uses some files and folders: imports, mentions in what is no documentation, commands, and what
//! code gets at while it runs. Asked for some users and then for others, each file is read once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;

use super::mention::{Mention, Mentions};
use super::packages::is_init;
use super::{Stage, StepError};
use crate::facts::references::{Stand, Subjects, Wanted};
use crate::facts::{Edge, How, Lookup, Lookups, Module};
use crate::path::RepoPath;
use crate::python::{FileFacts, Target};
use crate::rewrite::reached_from;
use crate::text::{Lines, Text};

/// What is looked for.
pub(super) struct Targets {
    paths: BTreeSet<RepoPath>,
    /// The paths, and what is one module with them.
    ends: HashSet<RepoPath, foldhash::fast::RandomState>,
    subjects: Subjects,
}

impl Targets {
    /// Takes files and folders.
    pub(super) fn new(stage: &Stage<'_>, paths: BTreeSet<RepoPath>) -> Self {
        let mut subjects = Subjects::new(&stage.facts, &paths);
        subjects.look_for_starts(&stage.facts);
        let ends = paths.iter().flat_map(|it| twin(it).into_iter().chain([it.clone()])).collect();
        Self { paths, ends, subjects }
    }
}

/// A place that uses one of the targets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    /// The target.
    pub(super) target: RepoPath,
    /// Who uses it.
    pub(super) user: User,
}

/// Something that uses a target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct User {
    /// The file.
    pub(super) by: RepoPath,
    /// The line, from 1.
    pub(super) line: u32,
    verb: &'static str,
    what: RepoPath,
}

impl User {
    /// Says who uses something of `unit`, where and how.
    pub(super) fn evidence(&self, unit: &RepoPath) -> String {
        let Self { by, line, verb, what } = self;
        if what == unit {
            format!("`{by}:{line}` {verb} it")
        } else {
            format!("`{by}:{line}` {verb} `{what}`")
        }
    }
}

/// A search for what uses the targets.
pub(super) struct Uses<'a> {
    stage: &'a Stage<'a>,
    targets: &'a Targets,
    mentions: Mentions<'a>,
    lookups: Lookups<'a>,
    /// What each text starts, and in which line.
    commands: BTreeMap<&'a RepoPath, Vec<(&'a RepoPath, u32)>>,
    /// The word of which code needs some to reach anything from its own place.
    own: Wanted,
}

impl<'a> Uses<'a> {
    /// Prepares to look for uses of `targets`.
    pub(super) fn new(stage: &'a Stage<'_>, targets: &'a Targets) -> Self {
        let mut commands: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for what in &targets.paths {
            for command in stage.facts.commands_of(what) {
                commands.entry(&command.text).or_default().push((what, command.line));
            }
        }
        let wanted = targets.paths.iter().collect();
        let lookups = Lookups::new(&stage.facts, &stage.tree, &wanted);
        let mentions = Mentions::new(stage, &targets.subjects);
        let stands = [Stand::Ended, Stand::Passed].into_iter();
        let own = Wanted::any_of(stands.map(|it| Wanted::group(it, b"__file__")));
        Self { stage, targets, mentions, lookups, commands, own }
    }

    /// Finds what some files use.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn of(&self, files: &BTreeSet<RepoPath>) -> Result<BTreeSet<Use>, StepError> {
        let mut found = BTreeSet::new();
        let mut imported = BTreeSet::new();
        for by in files {
            let Some(facts) = self.stage.facts.files().get(by) else { continue };
            for edge in self.stage.facts.edges_of(by) {
                self.import((facts, edge), &mut imported, &mut found);
            }
        }
        let mut named = BTreeSet::new();
        for Mention { by, line, target, is_use, dotted } in self.mentions.of(files.iter())? {
            // `import_module("a.b")` is an import already.
            if !is_use || imported.contains(&(by.clone(), line, target.clone())) {
                continue;
            }
            named.insert((by.clone(), line, target.clone()));
            for start in starts_of(&target).into_iter().filter(|_| dotted) {
                self.add((&by, line, "starts"), &start, &mut found);
            }
            self.add((&by, line, "names"), &target, &mut found);
        }
        // Some texts name a file that they start by halves: `cd jobs && python run.py`.
        for (by, (what, line)) in files
            .iter()
            .filter_map(|by| Some((by, self.commands.get(by)?)))
            .flat_map(|(by, all)| all.iter().map(move |one| (by, one)))
        {
            let key = |what: RepoPath| (by.clone(), *line, what);
            if !what.folders().chain([(*what).clone()]).any(|it| named.contains(&key(it))) {
                self.add((by, *line, "starts"), what, &mut found);
            }
        }
        for by in files {
            self.own_places(by, &mut found)?;
        }
        let imported: BTreeSet<_> = imported.iter().map(|(by, _, to)| (by, to)).collect();
        for lookup in self.lookups.by(files.iter())? {
            let is_known = imported.contains(&(&lookup.by, &lookup.of));
            self.look_up(&lookup, is_known, &mut found);
        }
        Ok(found)
    }

    /// Notes that a file is used, and what is one module with it.
    fn add(
        &self,
        (by, line, verb): (&RepoPath, u32, &'static str),
        what: &RepoPath,
        found: &mut BTreeSet<Use>,
    ) {
        let both = twin(what).into_iter().chain([what.clone()]);
        for target in both.filter(|it| self.targets.paths.contains(it)) {
            let user = User { by: by.clone(), line, verb, what: what.clone() };
            found.insert(Use { target, user });
        }
    }

    fn import(
        &self,
        (facts, edge): (&FileFacts, &Edge),
        imported: &mut BTreeSet<(RepoPath, u32, RepoPath)>,
        found: &mut BTreeSet<Use>,
    ) {
        let import = facts.imports.get(edge.import);
        let line = import.map_or(0, |it| it.line);
        if self.targets.ends.contains(&edge.to) {
            imported.insert((edge.from.clone(), line, edge.to.clone()));
            self.add((&edge.from, line, "imports"), &edge.to, found);
        }
        // A star imports the modules that `__all__` names.
        if import.is_some_and(|it| it.target == Target::Star) && is_init(&edge.to) {
            for module in
                self.stage.facts.star_modules(&Module::File(edge.to.clone())).into_values()
            {
                if let Module::File(to) = module {
                    self.add((&edge.from, line, "imports"), &to, found);
                }
            }
        }
    }

    /// Notes the files that a Python file reaches from its own place: `Path(__file__).parent / "a.py"`.
    fn own_places(&self, by: &RepoPath, found: &mut BTreeSet<Use>) -> Result<(), StepError> {
        let Stage { tree, facts, .. } = self.stage;
        if !facts.files().contains_key(by) || !self.own.may_be_in(&facts.sieve(tree, by)?) {
            return Ok(());
        }
        let bytes = tree.read(by)?;
        let Ok(text) = Text::decode_python(&bytes) else { return Ok(()) };
        let lines = Lines::new(text.source());
        for (at, path) in reached_from(by, text.source(), facts.target()) {
            if tree.entry(&path).is_some() {
                self.add((by, lines.line(at), "reaches"), &path, found);
            }
        }
        Ok(())
    }

    fn look_up(&self, lookup: &Lookup, is_known: bool, found: &mut BTreeSet<Use>) {
        let Lookup { by, line, of, how } = lookup;
        let verb = match how {
            How::Attribute if is_known => return,
            How::Attribute => "uses",
            How::Quoted => "imports, in a string,",
            How::Loaded => "has a framework load",
            How::Listed { .. } => {
                let user = User {
                    by: by.clone(),
                    line: *line,
                    verb: "looks for modules in",
                    what: of.clone(),
                };
                let reached = self.listed(lookup).into_iter();
                found.extend(reached.map(|target| Use { target, user: user.clone() }));
                return;
            }
        };
        self.add((by, *line, verb), of, found);
    }

    /// Returns the targets with modules that a listing finds.
    fn listed(&self, lookup: &Lookup) -> Vec<RepoPath> {
        let files = self.stage.facts.files();
        let head = [lookup.of.as_bytes(), b"/"].concat();
        let from = (Bound::Included(head.as_slice()), Bound::Unbounded);
        let below = self.targets.paths.range::<[u8], _>(from);
        let below = below.take_while(|it| it.as_bytes().starts_with(&head));
        let above = lookup.of.folders().chain([lookup.of.clone()]);
        let above = above.filter_map(|it| self.targets.paths.get(&it));
        let has_modules = |target: &&RepoPath| {
            let mut inside = self.stage.tree.under(target).map(|(path, _)| path);
            inside.any(|it| files.contains_key(it))
        };
        let reached = below.chain(above).filter(|it| lookup.reaches(it));
        reached.filter(has_modules).cloned().collect()
    }
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

/// Returns what a package is started by: `python -m package`, `celery -A package`.
fn starts_of(named: &RepoPath) -> Vec<RepoPath> {
    let starts = ["__main__.py", "celery.py"];
    let is_package = is_init(named) || starts.iter().any(|it| named.name() == it.as_bytes());
    let folder = named.parent().filter(|it| is_package && !it.is_root());
    let starts = folder.iter().flat_map(|it| starts.map(|name| it.child(name)));
    starts.filter_map(Result::ok).filter(|it| it != named).collect()
}
