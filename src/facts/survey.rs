//! Reads a tree: which files count, what configuration says, and all that is indexed from both.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::config::{self, Config, Generated, Kind};
use super::links::{self, End};
use super::memo::Memo;
use super::reflection::Reflection;
use super::roots::{Project, RootMap, Sources};
use super::stays::Basis;
use super::table::{Table, is_init};
use super::{Index, Map, Settings, archives, cache, commands, distributions};
use crate::path::RepoPath;
use crate::python::FileFacts;
use crate::tree::{Entry, Id, Mode, ReadError, Tree};

/// The version that code is read as where nothing says otherwise: the newest one that still rejects
/// Python 2's `except A, e:`.
const DEFAULT_TARGET: (u8, u8) = (3, 13);

pub(super) type Files = BTreeMap<RepoPath, Arc<FileFacts>>;

pub(super) type Configs = BTreeMap<RepoPath, (Kind, Arc<Config>)>;

/// Indexes a tree, which may have much in common with an earlier one.
/// Does `beside` with the files meanwhile.
pub(super) fn survey<T: Send>(
    (tree, earlier): (&Tree, Option<&Index>),
    settings: &Settings,
    memo: &Memo,
    beside: impl FnOnce(&Files) -> T + Send,
) -> Result<(Index, T), ReadError> {
    let mut hidden = hidden(tree, settings);
    let archives = archives::found(tree, settings);
    hidden.extend(archives.iter().cloned());
    let mut read = Read::of(tree, settings, memo, &hidden)?;
    let live = live(&archives, &read, earlier);
    if !live.is_empty() {
        hidden.retain(|it| !live.contains(it));
        read = Read::of(tree, settings, memo, &hidden)?;
    }
    // What is said of them here stands on files of which none is in an archive.
    let unused = if live.is_empty() { archives.clone() } else { Vec::new() };
    let archives = archives.iter().filter(|it| hidden.contains(*it)).cloned();
    let archives = archives.chain(settings.skip.iter().cloned()).collect();
    let entries = || entries(tree, &hidden);
    let Read { configs, target, oldest, files, mut table } = read;
    let is_hidden = |path: &RepoPath| hidden.iter().any(|folder| path.is_under(folder));
    let commands = commands::Started::of(tree, memo, &files, &is_hidden)?;
    let scripts = scripts(tree, &files, &commands);
    let projects = projects(&configs);
    let declared = declared(&configs);
    let sources = Sources {
        settings,
        projects: &projects,
        table: &table,
        files: &files,
        scripts: &scripts,
        declared: &declared,
    };
    let others = || (made(entries(), &configs), Reflection::new(&files), lone(&table, &files));
    let roots = || rayon::join(|| RootMap::new(sources), others);
    let ((roots, (made, reflection, lone)), beside) = rayon::join(roots, || beside(&files));
    let renamed = renamed(&configs);
    let included = configs.iter().flat_map(|(path, (_, it))| includes(path, it)).collect();
    add_renamed(&mut table, &roots, &renamed);
    add_generated(&mut table, &roots, &configs);
    let index = Index {
        basis: Basis { tree: tree.clone(), settings: settings.clone(), hidden, included },
        shown: roots.shown(),
        archives,
        unused,
        renamed,
        declared,
        made,
        reflection,
        lone,
        installed: settings.installed.clone(),
        cache: cache::Cache::new(roots.sets().len()),
        sieves: Arc::clone(memo.sieves()),
        graph: OnceLock::new(),
        question: None,
        earlier: Mutex::default(),
        users: OnceLock::new(),
        started: OnceLock::new(),
        scripts,
        commands,
        files,
        table,
        roots,
        target,
        oldest,
    };
    Ok((index, beside))
}

/// Reads the outlines of a tree, of what may be an archive too; `None` where the version that the
/// code is read as depends on which folders are archives.
pub(super) fn outlines(
    tree: &Tree,
    settings: &Settings,
    memo: &Memo,
) -> Result<Option<BTreeMap<RepoPath, Id>>, ReadError> {
    let hidden = hidden(tree, settings);
    let archives = archives::found(tree, settings);
    let target = |hidden: &BTreeSet<RepoPath>| {
        let configs = configs(tree, memo, entries(tree, hidden))?;
        Ok(versions(settings, &configs).0)
    };
    let least = target(&hidden)?;
    if !archives.is_empty() && target(&hidden.iter().cloned().chain(archives).collect())? != least {
        return Ok(None);
    }
    memo.outlines(tree, least, entries(tree, &hidden)).map(Some)
}

/// Reads the files that may be Python files, of which an outline is not known.
pub(super) fn read_ahead(tree: &Tree, settings: &Settings, memo: &Memo) -> Result<(), ReadError> {
    let hidden = hidden(tree, settings);
    let configs = configs(tree, memo, entries(tree, &hidden))?;
    memo.read_ahead(tree, versions(settings, &configs).0, entries(tree, &hidden))
}

/// Returns the folders that are no archives, for the code means them. Of a folder that no file of the
/// earlier tree meant, only other files can tell that.
fn live<'a>(
    archives: &'a [RepoPath],
    read: &Read,
    earlier: Option<&Index>,
) -> BTreeSet<&'a RepoPath> {
    let is_unused = |it: &RepoPath| earlier.is_some_and(|earlier| earlier.unused.contains(it));
    let (known, new): (Vec<_>, Vec<_>) = archives.iter().partition(|it| is_unused(it));
    let is_other = |(path, facts): &(&RepoPath, &Arc<FileFacts>)| {
        let was = earlier.and_then(|it| it.files.get(*path));
        was.is_none_or(|was| !Arc::ptr_eq(was, facts))
    };
    let all: Vec<_> = read.files.iter().collect();
    let other: Vec<_> = match known.is_empty() {
        true => Vec::new(),
        false => all.par_iter().copied().filter(is_other).collect(),
    };
    let known = known.into_iter().filter(|it| archives::is_live(it, &other, &read.configs));
    let new = new.into_iter().filter(|it| archives::is_live(it, &all, &read.configs));
    let live: BTreeSet<_> = known.chain(new).collect();
    debug_assert!(
        archives
            .iter()
            .all(|it| { live.contains(it) == archives::is_live(it, &all, &read.configs) })
    );
    live
}

/// Returns the folders that are never looked into, whatever stands in them: the archives that a
/// playbook names, and virtual environments.
fn hidden(tree: &Tree, settings: &Settings) -> BTreeSet<RepoPath> {
    let markers = tree.entries().keys().filter(|path| path.name() == b"pyvenv.cfg");
    let environments = markers.filter_map(RepoPath::parent).filter(|folder| !folder.is_root());
    environments.chain(settings.skip.iter().cloned()).collect()
}

/// Returns what does not stand in one of these folders.
fn entries<'a>(
    tree: &'a Tree,
    hidden: &BTreeSet<RepoPath>,
) -> impl Iterator<Item = (&'a RepoPath, &'a Entry)> {
    tree.entries().iter().filter(|(path, _)| !hidden.iter().any(|folder| path.is_under(folder)))
}

/// The files that count, read one by one.
pub(super) struct Read {
    pub(super) configs: Configs,
    target: (u8, u8),
    oldest: (u8, u8),
    pub(super) files: BTreeMap<RepoPath, Arc<FileFacts>>,
    table: Table,
}

impl Read {
    /// Reads what does not stand in one of these folders.
    fn of(
        tree: &Tree,
        settings: &Settings,
        memo: &Memo,
        hidden: &BTreeSet<RepoPath>,
    ) -> Result<Self, ReadError> {
        let configs = configs(tree, memo, entries(tree, hidden))?;
        let (target, oldest) = versions(settings, &configs);
        let files = || memo.files(tree, target, entries(tree, hidden));
        let (files, table) = rayon::join(files, || table(tree, hidden));
        let (mut files, table) = (files?, table?);
        let unsettled = files.par_iter_mut().filter(|(_, it)| it.is_unsettled());
        unsettled.for_each(|(path, facts)| Arc::make_mut(facts).settle(is_init(path)));
        Ok(Self { configs, target, oldest, files, table })
    }
}

/// Lists the folders and modules outside of these folders, links last.
fn table(tree: &Tree, hidden: &BTreeSet<RepoPath>) -> Result<Table, ReadError> {
    let mut table = Table::new(entries(tree, hidden));
    let links = entries(tree, hidden).filter(|(_, entry)| entry.mode == Mode::Link);
    for (link, end) in links::ends(tree, links.map(|(path, _)| path))? {
        let is_hidden = |place: &RepoPath| hidden.iter().any(|folder| place.is_under(folder));
        let unseen = matches!(&end, End::Place(place) if is_hidden(place));
        table.add_link(link, if unseen { &End::Unknown } else { &end });
    }
    Ok(table)
}

/// Reads every configuration file, and those that they include.
fn configs<'a>(
    tree: &Tree,
    memo: &Memo,
    entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
) -> Result<Configs, ReadError> {
    let mut found = Configs::new();
    let files = entries.filter(|(_, entry)| entry.mode.is_file());
    let mut open: Vec<(RepoPath, Kind)> =
        files.filter_map(|(path, _)| Some((path.clone(), config::kind_of(path)?))).collect();
    while let Some((path, kind)) = open.pop() {
        let Some(entry) = tree.entry(&path).filter(|entry| entry.mode.is_file()) else { continue };
        if found.contains_key(&path) {
            continue;
        }
        let config = memo.config(tree, (&path, entry.id), kind)?;
        open.extend(includes(&path, &config).map(|target| (target, Kind::Requirements)));
        found.insert(path, (kind, config));
    }
    Ok(found)
}

/// Returns the files that a configuration file includes.
fn includes<'a>(path: &RepoPath, config: &'a Config) -> impl Iterator<Item = RepoPath> + use<'a> {
    let folder = path.parent();
    config.includes.iter().filter_map(move |it| config::join(folder.as_ref()?, it))
}

/// Returns the version that code is read as, and the oldest that it runs on.
///
/// The lower bound of `requires-python` says what must work, not what is written: a file for newer
/// versions only may stand beside. So code is read as the newest version that is known to reject
/// Python 2, unless the playbook or a `.python-version` names one.
fn versions(settings: &Settings, configs: &Configs) -> ((u8, u8), (u8, u8)) {
    let by_depth = |path: &&RepoPath| (path.depth(), (*path).clone());
    let mut paths: Vec<&RepoPath> = configs.keys().collect();
    paths.sort_by_key(by_depth);
    let ordered = || paths.iter().map(|path| &configs[*path].1);
    let exactly = configs.iter().filter(|(path, _)| path.depth() == 1);
    let exactly = exactly.filter_map(|(_, (_, config))| config.exactly).next();
    let oldest = ordered().filter_map(|config| config.oldest).min();
    let target = settings.target.or(exactly);
    let target = target.unwrap_or_else(|| oldest.unwrap_or_default().max(DEFAULT_TARGET));
    (target, oldest.unwrap_or(target).min(target))
}

/// Returns the files that are started by themselves: by a command, by their mode, or by a main block
/// in a folder that is no package.
fn scripts(
    tree: &Tree,
    files: &BTreeMap<RepoPath, Arc<FileFacts>>,
    commands: &commands::Started,
) -> BTreeSet<RepoPath> {
    let is_package = |folder: &RepoPath| {
        folder.child("__init__.py").is_ok_and(|init| tree.entry(&init).is_some())
    };
    let executable = tree.entries().iter().filter(|(_, entry)| entry.mode == Mode::Executable);
    let executable: HashSet<&RepoPath> = executable.map(|(path, _)| path).collect();
    let started = |path: &RepoPath, facts: &FileFacts| {
        // Without an extension it is a Python file only because something starts it; nothing imports
        // a `.pyw`.
        executable.contains(path)
            || commands.has(path)
            || matches!(path.extension(), "" | "pyw")
            || (facts.main_guard && !path.parent().is_some_and(|it| is_package(&it)))
    };
    let files: Vec<_> = files.iter().collect();
    let found = files.into_par_iter().filter(|(path, facts)| started(path, facts));
    found.map(|(path, _)| path.clone()).collect()
}

/// Returns the files that alone stand for their module.
fn lone(
    table: &Table,
    files: &BTreeMap<RepoPath, Arc<FileFacts>>,
) -> Map<RepoPath, Arc<FileFacts>> {
    let alone = |path: &RepoPath| {
        table
            .twins(path)
            .is_some_and(|it| it.file().is_some() && it.files().all(|file| file == path))
    };
    let files: Vec<_> = files.iter().collect();
    let lone: Vec<_> = files.into_par_iter().filter(|(path, _)| alone(path)).collect();
    lone.into_iter().map(|(path, facts)| (path.clone(), Arc::clone(facts))).collect()
}

/// Groups configuration files by folder.
fn projects(configs: &Configs) -> Vec<Project> {
    let mut by_folder: BTreeMap<RepoPath, Vec<_>> = BTreeMap::new();
    for (path, (_, config)) in configs {
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        by_folder.entry(folder).or_default().push((path.clone(), Arc::clone(config)));
    }
    by_folder.into_iter().map(|(folder, configs)| Project { folder, configs }).collect()
}

/// Returns the folders that are installed as packages of another name, with that name.
fn renamed(configs: &Configs) -> Vec<(RepoPath, String)> {
    let rows = configs.iter().flat_map(|(path, (_, config))| {
        let home = path.parent().unwrap_or_else(RepoPath::root);
        config.renamed.iter().filter_map(move |(package, folder)| {
            Some((config::join(&home, folder)?, package.clone()))
        })
    });
    rows.collect()
}

/// Returns the top-level modules of all dependencies that are not projects of this tree.
fn declared(configs: &Configs) -> BTreeSet<String> {
    let all = || configs.values().map(|(_, config)| config);
    let own: BTreeSet<&String> = all().filter_map(|config| config.name.as_ref()).collect();
    let mut modules = BTreeSet::new();
    let required: BTreeSet<&String> = all().flat_map(|config| &config.requires).collect();
    for distribution in required.difference(&own) {
        distributions::add_modules(&mut modules, distribution);
    }
    modules
}

/// Returns the last parts of the names of modules that a build makes, it does not say where.
fn made<'a>(
    entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>,
    configs: &Configs,
) -> BTreeSet<String> {
    let mut made: BTreeSet<String> = entries.flat_map(|(path, _)| config::made_of(path)).collect();
    for generated in configs.values().flat_map(|(_, config)| &config.generated) {
        if let Generated::Somewhere(name) = generated {
            made.insert(name.clone());
        }
    }
    made
}

/// Puts packages that are installed under another name into the table, outer ones first.
fn add_renamed(table: &mut Table, roots: &RootMap, renamed: &[(RepoPath, String)]) {
    let mut renamed: Vec<_> = renamed.iter().collect();
    renamed.sort_by_key(|(_, package)| package.split('.').count());
    for (folder, package) in renamed {
        let folder = table.id(folder);
        roots.of_all_files().for_each(|root| table.mount(root, package, folder));
    }
}

/// Puts the modules that a build makes into the table.
fn add_generated(table: &mut Table, roots: &RootMap, configs: &Configs) {
    for (path, (_, config)) in configs {
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        for generated in &config.generated {
            match generated {
                Generated::Path(file) => {
                    let stem = file.strip_suffix(".py").unwrap_or(file);
                    config::join(&folder, stem).into_iter().for_each(|it| table.add_opaque(&it));
                }
                Generated::Module(name) => {
                    roots.of_all_files().for_each(|root| table.add_opaque_module(root, name));
                }
                Generated::Somewhere(_) => {}
            }
        }
    }
}
