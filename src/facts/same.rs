//! What of the graph of one tree holds in another one: the imports of a file lead where they led as
//! long as nothing that they ask for has changed.
//!
//! What an import asks for it names. So the names are collected of all that came, went or changed its
//! kind, and what names none of them finds the same modules. What a name of a module then is may
//! still change with what that module says, and on through everything that hands it on. Where what
//! counts for all files differs, nothing is taken for the same.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::graph::{Graph, Ways};
use super::members::IMPLICIT;
use super::roots::RootSet;
use super::table::{Child, Table, is_init, module_name};
use super::{Facts, Index, Map, Module};
use crate::path::RepoPath;
use crate::python::{Asked, FileFacts, Import, Target};

/// An earlier graph, and the files of which the imports have to be resolved again.
pub(super) struct Same<'a> {
    graph: &'a Graph,
    again: BTreeSet<&'a RepoPath>,
}

/// Names, which are asked for each part of each import.
type Names<'a> = std::collections::HashSet<&'a str, foldhash::fast::RandomState>;

impl<'a> Same<'a> {
    /// Compares the tree of `earlier` with the one of `now`; `None` where they have too little in
    /// common.
    pub(super) fn of(earlier: &'a Facts, now: &'a Index) -> Option<Self> {
        let was = &*earlier.0;
        if !is_same_for_all(was, now) {
            return None;
        }
        let other = other_files(was, now);
        let names = changed_names(was, now, &other);
        let asked: Vec<Asked> = names.iter().map(|it| Asked::of(it)).collect();
        let views = views(was, now);
        let files: Vec<_> = now.files.iter().collect();
        let changed = files.into_par_iter().map_init(Map::default, |known, (path, facts)| {
            let stays = !other.contains(path)
                && views[now.roots.set_of(path).id] == Some(was.roots.set_of(path).id)
                && !names_one(known, (&names, &asked), path, facts);
            (!stays).then_some(path)
        });
        let mut again: BTreeSet<&RepoPath> = changed.flatten_iter().collect();
        let gone = other.iter().copied().filter(|it| !now.files.contains_key(*it));
        let mut open: Vec<&RepoPath> = again.iter().copied().chain(gone).collect();
        while let Some(file) = open.pop() {
            for user in askers(earlier, now, file) {
                if let Some((user, _)) = now.files.get_key_value(user)
                    && again.insert(user)
                {
                    open.push(user);
                }
            }
        }
        Some(Self { graph: earlier.graph(), again })
    }

    /// Returns where the imports of a file lead, where that is the same.
    pub(super) fn ways(&self, file: &RepoPath) -> Option<Arc<Ways>> {
        if self.again.contains(file) { None } else { self.graph.of(file).cloned() }
    }
}

/// Tells whether all is the same that every import may depend on.
fn is_same_for_all(was: &Index, now: &Index) -> bool {
    let all_files = |index: &Index| -> Vec<RepoPath> {
        index.roots.of_all_files().map(|id| index.table.folder(id).path.clone()).collect()
    };
    was.target == now.target
        && was.oldest == now.oldest
        && was.declared == now.declared
        && was.installed == now.installed
        && was.made == now.made
        && was.renamed == now.renamed
        && was.reflection.makes_as(&now.reflection)
        && was.roots.declared().eq(now.roots.declared())
        && all_files(was) == all_files(now)
}

/// Returns the files that only one of the trees has, or that have other facts there.
fn other_files<'a>(was: &'a Index, now: &'a Index) -> BTreeSet<&'a RepoPath> {
    let (mut old, mut new) = (was.files.iter().peekable(), now.files.iter().peekable());
    let mut found = BTreeSet::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some((old, _)), Some((new, _))) => old.cmp(new),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return found,
        };
        let was = if order.is_le() { old.next() } else { None };
        let is = if order.is_ge() { new.next() } else { None };
        let same = was.zip(is).is_some_and(|((_, was), (_, is))| Arc::ptr_eq(was, is));
        found.extend(is.or(was).filter(|_| !same).map(|(path, _)| path));
    }
}

/// Returns for each set of roots of `now` the set of `was` with the same folders, where there is one.
fn views(was: &Index, now: &Index) -> Vec<Option<usize>> {
    let known: Map<_, usize> = was.roots.sets().iter().map(|it| (view(was, it), it.id)).collect();
    now.roots.sets().iter().map(|it| known.get(&view(now, it)).copied()).collect()
}

/// Returns the folders of a set of roots, and which of them are packages.
fn view(index: &Index, set: &RootSet) -> [Vec<(RepoPath, bool)>; 2] {
    [&set.firm, &set.soft].map(|ids| {
        let folders = ids.iter().map(|id| (index.table.folder(*id), index.table.is_package(*id)));
        folders.map(|(folder, package)| (folder.path.clone(), package)).collect()
    })
}

/// Returns the names under which imports look for something that is not what it was.
fn changed_names<'a>(was: &'a Index, now: &'a Index, other: &BTreeSet<&'a RepoPath>) -> Names<'a> {
    let mut names = Names::default();
    add_changed(&mut names, &was.table, &now.table);
    add_changed(&mut names, &now.table, &was.table);
    // What may make submodules of its own may make any that is missing. What only one of the trees has
    // tells by its name, or by that of its folder.
    let makes =
        |index: &Index, path: &RepoPath| index.may_make_submodules(&Module::File(path.clone()));
    let both = |path: &RepoPath| was.files.contains_key(path) && now.files.contains_key(path);
    for path in other.iter().copied().filter(|it| both(it)) {
        if makes(was, path) != makes(now, path) {
            names.insert(name_of(path));
            let installed = now.renamed.iter().filter(|(folder, _)| path.is_under(folder));
            names.extend(installed.flat_map(|(_, package)| package.split('.')));
        }
    }
    let kind = |index: &'a Index, folder: &RepoPath| {
        let id = index.table.id(folder)?;
        Some((index.table.init(id), index.table.folder(id).holds_python))
    };
    let renamed = now.renamed.iter().filter(|(folder, _)| kind(was, folder) != kind(now, folder));
    names.extend(renamed.flat_map(|(_, package)| package.split('.')));
    // A name that every module has is not missing, but for modules that others give it to.
    if was.reflection.gives() || now.reflection.gives() {
        names.extend(IMPLICIT);
    }
    // What a folder is, it is under the name of a link, too.
    for (link, folder) in was.table.links().chain(now.table.links()) {
        if names.contains(folder.name_str()) {
            names.insert(link.name_str());
        }
    }
    names
}

/// Adds the names of what `table` has and `other` has not, or not as the same. Of a folder that is in
/// one of them only its own name tells: whoever looks into it names it, stands in it, or has it as a
/// root.
fn add_changed<'a>(names: &mut Names<'a>, table: &'a Table, other: &Table) {
    for (id, folder) in table.folders() {
        let Some(there) = other.id(&folder.path) else {
            names.insert(folder.path.name_str());
            continue;
        };
        let is_same = |name: &str, child: &Child| {
            other.child(there, name).is_some_and(|it| table.has_same(child, other, it))
        };
        let changed = table.children(id).filter(|(name, child)| !is_same(name, child));
        names.extend(changed.map(|(name, _)| name));
        let kind = |table: &Table, id| (table.init(id).cloned(), table.folder(id).holds_python);
        if kind(other, there) != kind(table, id) {
            names.insert(folder.path.name_str());
        }
    }
}

/// Returns the name by which imports know a file.
fn name_of(path: &RepoPath) -> &str {
    if !is_init(path) {
        return module_name(path);
    }
    let parts = path.as_str().unwrap_or_default().rsplit('/');
    parts.into_iter().nth(1).unwrap_or_default()
}

/// Tells whether an import of the file names one of these; `known` has the answers for modules, and
/// `asked` are the names again, as files are asked for them.
fn names_one<'a>(
    known: &mut Map<&'a str, bool>,
    (names, asked): (&Names<'_>, &[Asked]),
    path: &RepoPath,
    facts: &'a FileFacts,
) -> bool {
    let mut named = |import: &'a Import| {
        let module = import.module.as_str();
        let named = match known.get(module) {
            Some(named) => *named,
            None => {
                let named = module.split('.').any(|it| names.contains(it));
                known.insert(module, named);
                named
            }
        };
        named
            || match &import.target {
                Target::Names(taken) => taken.iter().any(|it| names.contains(it.name.as_str())),
                Target::Module { .. } | Target::Star | Target::Call { .. } => false,
            }
    };
    let is_relative = || facts.imports.iter().any(|it| it.level > 0);
    // The folders above a file are what its dots stand for.
    let above = || {
        let parts = path.as_str().unwrap_or_default().split('/');
        names.contains("") || parts.into_iter().any(|it| names.contains(it))
    };
    facts.asks.may_have_any(asked) && facts.imports.iter().any(&mut named)
        || facts.asks.may_have(Asked::DOTS) && above() && is_relative()
}

/// Returns the files that take something from `file`, of which not the same may be left.
fn askers<'a>(earlier: &'a Facts, now: &'a Index, file: &'a RepoPath) -> Vec<&'a RepoPath> {
    let was = &*earlier.0;
    let defined =
        |name: &str| was.defined(file, name).is_some() && now.defined(file, name).is_some();
    let mut stays: Map<&str, bool> = Map::default();
    let is_star = |from: &RepoPath, import: usize| {
        let import = was.files.get(from).and_then(|it| it.imports.get(import));
        import.is_some_and(|it| it.target == Target::Star)
    };
    let mut found = Vec::new();
    // Imports lead to one of the files that stand for a module, and take names from all of them.
    for module in was.table.twins(file).into_iter().flat_map(Child::files) {
        for edge in earlier.users(module) {
            let asks = match &edge.name {
                Some(name) => !*stays.entry(name).or_insert_with(|| defined(name)),
                None => is_star(&edge.from, edge.import),
            };
            found.extend(asks.then_some(&edge.from));
        }
        // A submodule is taken from its package, unless that binds the name to something else.
        found.extend(earlier.takers(module));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Memo, Settings, kept_graph};
    use super::*;
    use crate::tree::{Memory, Mode, Tree};

    const PATHS: [&str; 27] = [
        "main.py",
        "a.py",
        "a.pyi",
        "a/__init__.py",
        "a/__init__.pyi",
        "a/b.py",
        "a/b.pyi",
        "a/c.py",
        "a/c/__init__.py",
        "a/c/d.py",
        "a/n/e.py",
        "b/a/x.py",
        "b/__init__.py",
        "b/b.py",
        "b/data.txt",
        "b/c.so",
        "src/a/__init__.py",
        "src/b.py",
        "tests/a.py",
        "tests/test_a.py",
        "tests/__init__.py",
        "conftest.py",
        "scripts/run.py",
        "scripts/b.py",
        "p/b.py",
        "p/requirements.txt",
        "scripts/yaml.py",
    ];

    const LINKS: [(&str, &str); 5] = [
        ("lnk", "a"),
        ("lnk", "b"),
        ("b/l.py", "b.py"),
        ("b/l.py", "../a/b.py"),
        ("src/c", "../a/n"),
    ];

    const LINES: [&str; 43] = [
        "x = 1\n",
        "def b(): pass\n",
        "class c: pass\n",
        "import a\n",
        "import a.b\n",
        "import a.c.d as x\n",
        "import b\n",
        "import src.b\n",
        "from a import b\n",
        "from a import b as x, c\n",
        "from a import x\n",
        "from a import n, __doc__\n",
        "from a import *\n",
        "from a.b import x, c\n",
        "from a.b import *\n",
        "from a.c import d, x\n",
        "from b import x, a, c\n",
        "from b import *\n",
        "from b.a import x\n",
        "from . import b\n",
        "from . import x, c\n",
        "from .b import x\n",
        "from .c.d import *\n",
        "from .. import b, c\n",
        "from ..c import x\n",
        "from tests.a import x\n",
        "__all__ = ['x', 'b']\n",
        "def __getattr__(name): return 1\n",
        "__path__ = []\n",
        "def __getattr__(name):\n    if name == '__path__':\n        return []\n    raise AttributeError\n",
        "import yaml, scripts.b\n",
        "import a\na.x = 1\n",
        "import sys\nsys.modules['a.n'] = sys\n",
        "import sys\nsys.path.insert(0, 'src')\n",
        "if __name__ == '__main__': pass\n",
        "(\n",
        "import q.a.x, q.c\n",
        "from q import b, x\n",
        "from q.n import e\n",
        "import lnk.b, c.e\n",
        "from lnk import x, c\n",
        "from b.l import x\n",
        "import sys\nsys.path.insert(0, 'lnk')\n",
    ];

    const CONFIGS: [(&str, &str); 9] = [
        ("pyproject.toml", "[project]\nname = 'q'\ndependencies = ['b']\n"),
        ("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'src'\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['p']\n"),
        ("setup.cfg", "[options.packages.find]\nwhere = b\n"),
        (".gitignore", "*.pyc\n"),
        ("pyproject.toml", "[tool.setuptools.package-dir]\nq = 'b'\n"),
        ("pyproject.toml", "[tool.setuptools.package-dir]\nq = '.'\n'q.n' = 'a/n'\n"),
        ("Makefile", "all:\n\tpython a/b.py\n"),
        ("Makefile", "all:\n\tcd b && python b.py\n"),
    ];

    /// A file, written anew, or taken away where it has no lines.
    type Change = (prop::sample::Index, Vec<prop::sample::Index>);

    fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
        let lines = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
        prop::collection::vec((any::<prop::sample::Index>(), lines), 0..most)
    }

    fn apply(files: &mut std::collections::BTreeMap<String, String>, changes: &[Change]) {
        for (place, lines) in changes {
            let place = place.index(PATHS.len() + CONFIGS.len() + LINKS.len());
            match (PATHS.get(place), lines.is_empty()) {
                (Some(path), true) => drop(files.remove(*path)),
                (Some(path), false) => {
                    let text = lines.iter().map(|it| *it.get(&LINES)).collect();
                    files.insert((*path).to_owned(), text);
                }
                (None, gone) => {
                    let mut others = CONFIGS.iter().chain(&LINKS);
                    let (path, text) = *others.nth(place - PATHS.len()).unwrap();
                    match gone {
                        true => drop(files.remove(path)),
                        false => drop(files.insert(path.to_owned(), text.to_owned())),
                    }
                }
            }
        }
    }

    fn tree(files: &std::collections::BTreeMap<String, String>) -> Tree {
        let entries = files.iter().map(|(path, text)| {
            let is_link = LINKS.iter().any(|(link, _)| link == path);
            (&**path, if is_link { Mode::Link } else { Mode::File }, text.as_bytes())
        });
        Tree::new(Memory::snapshot(entries).unwrap())
    }

    fn shown(facts: &Facts) -> Vec<String> {
        let files = facts.files().keys();
        let shown = |it: &RepoPath| {
            let (bound, doubtful) = (facts.bound_modules(it), facts.doubtful(it));
            let (roots, script) = (facts.roots_of(it), facts.0.scripts.contains(it));
            format!("{it}: {:?} {doubtful:?} {bound:?} {roots:?} {script}", facts.edges_of(it))
        };
        files.map(shown).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn what_is_taken_for_the_same_is_the_same(
            first in changes(30), then in changes(4), last in changes(3), asked: bool,
        ) {
            let (settings, memo) = (Settings::default(), Memo::default());
            let mut files = std::collections::BTreeMap::new();
            let mut known: Option<Facts> = None;
            for changes in [&first, &then, &last] {
                apply(&mut files, changes);
                let tree = tree(&files);
                let fresh = Facts::index(&tree, &settings, &memo).unwrap();
                let facts = match &known {
                    Some(known) => known.index_again(&tree, &settings, &memo).unwrap(),
                    None => fresh.clone(),
                };
                if asked || std::ptr::eq(changes, &last) {
                    let (is, wanted) = (shown(&facts), shown(&fresh));
                    let wrong: Vec<_> = is.iter().zip(&wanted).filter(|(is, it)| is != it).collect();
                    prop_assert!(wrong.is_empty(), "{wrong:#?} in {files:#?}");
                    let bytes = kept_graph::to_bytes(fresh.graph(), fresh.files());
                    let kept = kept_graph::from_bytes(&bytes, fresh.files()).unwrap();
                    prop_assert_eq!(&kept.files, &fresh.graph().files);
                }
                known = Some(facts);
            }
        }
    }
}
