//! Files that commands of the tree start: `python tools/build.py` in a Makefile, a Dockerfile, a
//! workflow, a shell script.
//!
//! Such a file is a script, whatever it looks like: Python puts its own folder on the path. Only
//! files are read that a name tells to hold commands, and Python code with `[sys.executable, "x.py"]`.
//! What other code and texts start is looked for where somebody asks for it: see [`Facts::commands`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::config::join;
use super::memo::Memo;
use super::references::{self, Form, Subjects};
use super::{Facts, Map};
use crate::path::RepoPath;
use crate::python::{self, FileFacts};
use crate::tree::{Entry, ReadError, Tree};

mod read;
mod variables;

use read::Start;
pub(super) use read::{Commands, read};
pub(super) use variables::Dialect;

/// A command that starts a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// The text in which it stands.
    pub text: RepoPath,
    /// Line, from 1.
    pub line: u32,
    /// The lines that say what the variables of the command stand for.
    pub assigned: BTreeSet<u32>,
    /// The text sets `PYTHONPATH`: of what else the run finds, nothing is known.
    pub own_path: bool,
}

/// The files that commands start, with the commands in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Started {
    /// As the tree is.
    now: Commanded,
    /// As it was before the changes, by where the files are now.
    then: Commanded,
}

type Commanded = BTreeMap<RepoPath, Vec<Command>>;

type Files = BTreeMap<RepoPath, Arc<FileFacts>>;

impl Started {
    /// Finds the files that commands of `tree` start, outside of what is hidden. A file that moved
    /// since the snapshot is still what the commands there mean.
    pub(super) fn of(
        tree: &Tree,
        memo: &Memo,
        files: &Files,
        is_hidden: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Self, ReadError> {
        let files: Vec<_> = files.iter().collect();
        let files: Vec<_> = files.into_par_iter().filter(|it| !it.1.starts.is_empty()).collect();
        let mut now = of_listing(tree, memo, is_hidden)?;
        add_code(&mut now, tree, &files);
        let base = Tree::new(tree.snapshot().clone());
        if std::ptr::eq(base.entries(), tree.entries()) {
            return Ok(Self { now, then: Commanded::new() });
        }
        let mut meant = of_listing(&base, memo, is_hidden)?;
        add_code(&mut meant, &base, &files);
        if meant.is_empty() {
            return Ok(Self { now, then: meant });
        }
        let origin = |path: &RepoPath| base.entry(path)?.origin.as_ref();
        let origins: Map<&RepoPath, &Vec<Command>> =
            meant.iter().filter_map(|(path, commands)| Some((origin(path)?, commands))).collect();
        let moved = tree.entries().iter().filter_map(|(path, entry)| {
            let commands = *origins.get(entry.origin.as_ref()?)?;
            Some((path.clone(), commands.clone()))
        });
        Ok(Self { now, then: moved.collect() })
    }

    /// Tells whether a command starts the file.
    pub(super) fn has(&self, file: &RepoPath) -> bool {
        self.now.contains_key(file) || self.then.contains_key(file)
    }

    /// Returns the first command that starts the file with the path that Python gives it.
    fn known(&self, file: &RepoPath) -> Option<&Command> {
        let both = [&self.now, &self.then].into_iter().filter_map(|it| it.get(file));
        both.flatten().find(|it| !it.own_path)
    }
}

fn of_listing(
    tree: &Tree,
    memo: &Memo,
    is_hidden: &dyn Fn(&RepoPath) -> bool,
) -> Result<Commanded, ReadError> {
    let mut found = Commanded::new();
    let holds = |(path, entry): &(&RepoPath, &Entry)| {
        entry.mode.is_file() && holds_commands(path) && !is_hidden(path)
    };
    for (path, entry) in tree.entries().iter().filter(holds) {
        let commands = memo.commands(tree, path, entry.id)?;
        for start in &commands.starts {
            let (line, own_path) = (start.line, commands.own_path);
            for file in meant(path, &commands, start, tree) {
                let assigned = start.assigned.clone();
                let command = Command { text: path.clone(), line, assigned, own_path };
                found.entry(file).or_default().push(command);
            }
        }
    }
    Ok(found)
}

/// Adds the files of `tree` that code starts.
fn add_code(found: &mut Commanded, tree: &Tree, files: &[(&RepoPath, &Arc<FileFacts>)]) {
    let starts =
        files.iter().flat_map(|(path, facts)| facts.starts.iter().map(move |it| (path, it)));
    for (path, python::Start { file: named, from_file, line, own_path }) in starts {
        let own = path.parent().unwrap_or_else(RepoPath::root);
        let homes = [own, RepoPath::root()];
        let homes = if *from_file { &homes[..1] } else { &homes };
        let files: BTreeSet<_> = homes.iter().filter_map(|home| file(home, named, tree)).collect();
        for file in files {
            let (text, assigned) = (RepoPath::clone(path), BTreeSet::new());
            let command = Command { text, line: *line, assigned, own_path: *own_path };
            found.entry(file).or_default().push(command);
        }
    }
}

/// Tells whether the name of a file, or of a folder above it, says that commands stand in it.
fn holds_commands(path: &RepoPath) -> bool {
    let extension = path.extension();
    if matches!(extension, "py" | "pyi" | "pyw" | "md" | "rst") {
        return false;
    }
    let name = path.name_str();
    match extension {
        "sh" | "bash" | "zsh" | "fish" | "mk" | "service" => return true,
        "yml" | "yaml" | "toml" | "ini" | "conf" | "json" => {
            let folders = ["deploy", "k8s", "kubernetes", "manifests", "helm"];
            let tells = |part: &[u8]| {
                part.starts_with(b".") || folders.iter().any(|it| part.starts_with(it.as_bytes()))
            };
            let named = ["compose", "docker-compose", "supervisord", "Taskfile"];
            let told = named.iter().any(|it| name.starts_with(it)) || path.parts().any(tells);
            return match extension {
                "json" => matches!(name, "package.json" | "tasks.json"),
                _ => told || path.depth() == 1,
            };
        }
        _ => {}
    }
    let names =
        ["makefile", "gnumakefile", "justfile", "procfile", "jenkinsfile", "crontab", "snakefile"];
    let stem = name.split('.').next().unwrap_or_default();
    names.iter().any(|it| it.eq_ignore_ascii_case(stem)) || references::is_dockerfile(path)
}

/// Returns the files that a command may start: below the folder that it goes to, else from where the
/// text stands, from the root, and from folders that the text names.
fn meant(text: &RepoPath, commands: &Commands, start: &Start, tree: &Tree) -> Vec<RepoPath> {
    let own = text.parent().unwrap_or_else(RepoPath::root);
    let homes = [own, RepoPath::root()];
    let folders = |named: &str| {
        let below = homes.iter().filter_map(|home| ways(home, named).find(|it| tree.is_folder(it)));
        below.collect::<Vec<_>>()
    };
    let files = |homes: &[RepoPath]| {
        let mut found: Vec<RepoPath> =
            homes.iter().filter_map(|home| file(home, &start.file, tree)).collect();
        found.sort();
        found.dedup();
        found
    };
    let within = start.within.as_deref().map(|it| files(&folders(it))).unwrap_or_default();
    if !within.is_empty() {
        return within;
    }
    let named = commands.folders.iter().flat_map(|it| folders(it));
    files(&homes.iter().cloned().chain(named).collect::<Vec<_>>())
}

/// Returns what Python starts by this name: the file, or the `__main__.py` of a folder.
fn file(home: &RepoPath, name: &str, tree: &Tree) -> Option<RepoPath> {
    ways(home, name).find_map(|path| {
        let main = || path.child("__main__.py").ok();
        let path = if matches!(path.extension(), "py" | "pyw") { path } else { main()? };
        tree.entry(&path).is_some_and(|it| it.mode.is_file()).then_some(path)
    })
}

/// Returns the paths that a name may mean below a folder: one that begins with a slash goes on with
/// one of the repository, nobody knows where.
fn ways(home: &RepoPath, name: &str) -> impl Iterator<Item = RepoPath> {
    let heads = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
    let heads: Vec<&str> = if name.starts_with('/') { heads.collect() } else { vec![name] };
    heads.into_iter().filter_map(|it| join(home, it))
}

impl Facts {
    /// Tells whether a command starts the file with the path that Python gives it, and no other.
    #[must_use]
    pub fn is_commanded(&self, file: &RepoPath) -> bool {
        self.0.commands.known(file).is_some()
    }

    /// Returns the commands that start the file, as the tree is, in texts whose names tell of some.
    #[must_use]
    pub fn commands_of(&self, file: &RepoPath) -> &[Command] {
        self.0.commands.now.get(file).map_or(&[], Vec::as_slice)
    }

    /// Returns which of these files a command starts with the path that Python gives it, and where
    /// it stands. One that sets `PYTHONPATH` gives a path of its own, of which nothing is said.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn commands<'a>(
        &self,
        tree: &Tree,
        files: impl Iterator<Item = &'a RepoPath> + Clone,
    ) -> Result<BTreeMap<RepoPath, String>, ReadError> {
        let place = |it: &Command| format!("{}:{}", it.text, it.line);
        let told = |it: &RepoPath| Some((it.clone(), self.0.commands.known(it).map(place)?));
        let mut found: BTreeMap<RepoPath, String> = files.clone().filter_map(told).collect();
        let open = files.filter(|it| !found.contains_key(*it));
        let subjects = Subjects::new(self, open);
        for it in references::mentions(tree, self, &subjects)? {
            let read_already = holds_commands(&it.file);
            if !it.place.is_use() || it.form == Form::Dotted || read_already {
                continue;
            }
            let bytes = tree.read(&it.file)?;
            let text = String::from_utf8_lossy(&bytes);
            let line = text.lines().nth(it.line.saturating_sub(1) as usize).unwrap_or_default();
            let starts = read(line, Dialect::of(&it.file))
                .starts
                .iter()
                .any(|start| start.file.contains(&it.text));
            if starts && !text.contains("PYTHONPATH") {
                found.entry(it.subject).or_insert_with(|| format!("{}:{}", it.file, it.line));
            }
        }
        Ok(found)
    }
}
