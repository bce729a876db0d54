//! The module table: folders and what Python's path finder would see in them.
//!
//! The table knows names and files, nothing of roots or of what files say.

use super::links::{End, is_alike};
use super::{Map, Module};
use crate::path::RepoPath;
use crate::tree::{Entry, Mode};

/// Index of a folder in the table.
pub(super) type FolderId = usize;

/// Every folder of the tree, the root first.
#[derive(Debug)]
pub(super) struct Table {
    folders: Vec<Folder>,
    ids: Map<RepoPath, FolderId>,
    /// The folders that links lead to.
    links: Map<RepoPath, FolderId>,
}

/// One folder: what stands in it, by the name that an import would use.
#[derive(Debug)]
pub(super) struct Folder {
    /// Where it is.
    pub(super) path: RepoPath,
    /// A Python module stands in it, at any depth.
    pub(super) holds_python: bool,
    children: Map<Box<str>, Child>,
}

/// All that one name stands for in one folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Child {
    /// The folder of that name.
    pub(super) folder: Option<FolderId>,
    /// `name.py`.
    pub(super) source: Option<RepoPath>,
    /// `name.pyi`.
    pub(super) stub: Option<RepoPath>,
    /// `name.so`, `name.cpython-312-x86_64-linux-gnu.so`, `name.pyd`, `name.pyx`.
    pub(super) compiled: Option<RepoPath>,
    /// A link that leads out, a submodule, a module that a build makes: what it holds is not known
    /// here.
    pub(super) opaque: bool,
}

impl Child {
    /// Returns the file that stands for the module: its source where there is one.
    pub(super) fn file(&self) -> Option<&RepoPath> {
        self.source.as_ref().or(self.compiled.as_ref()).or(self.stub.as_ref())
    }

    /// Returns the files that stand for the module.
    pub(super) fn files(&self) -> impl Iterator<Item = &RepoPath> {
        [&self.source, &self.stub, &self.compiled].into_iter().flatten()
    }
}

/// What a name leads to in a list of folders.
#[derive(Debug)]
pub(super) enum Step {
    /// A package with an `__init__`.
    Package(FolderId, RepoPath),
    /// A module that is no package.
    Module(RepoPath),
    /// A namespace package: its portions.
    Namespace(Vec<FolderId>),
    /// Something is there, and what it holds is not known.
    Opaque,
    /// Nothing.
    Nothing,
}

impl Table {
    /// Reads the listing of a tree.
    pub(super) fn new<'a>(entries: impl Iterator<Item = (&'a RepoPath, &'a Entry)>) -> Self {
        let (folders, ids, links) = (Vec::new(), Map::default(), Map::default());
        let mut table = Self { folders, ids, links };
        let mut last = table.folder_at(&RepoPath::root());
        for (path, entry) in entries {
            // Listings are sorted, so the next path mostly stands beside the one before.
            if !stands_in(path, &table.folders[last].path) {
                last = path.parent().map_or(last, |parent| table.folder_at(&parent));
            }
            table.add(path, entry.mode, last);
        }
        table
    }

    /// Returns the id of the folder at `path`, or behind links on it.
    pub(super) fn id(&self, path: &RepoPath) -> Option<FolderId> {
        let known = self.ids.get(path).copied();
        if known.is_some() || self.links.is_empty() {
            return known;
        }
        let mut above = std::iter::once(path.clone()).chain(path.folders());
        let (link, to) = above.find_map(|it| self.links.get_key_value(&it))?;
        // Where the link leads no link is on the way, so there are fewer each time.
        self.id(&path.rebase(link, &self.folders[*to].path)?)
    }

    /// Tells whether the same stands for a name in `other`, a table of another tree.
    pub(super) fn has_same(&self, child: &Child, other: &Self, there: &Child) -> bool {
        let Child { folder: _, source, stub, compiled, opaque } = child;
        self.place(child) == other.place(there)
            && *source == there.source
            && *stub == there.stub
            && *compiled == there.compiled
            && *opaque == there.opaque
    }

    /// Returns the links that lead to folders, with these, in no order.
    pub(super) fn links(&self) -> impl Iterator<Item = (&RepoPath, &RepoPath)> {
        self.links.iter().map(|(link, to)| (link, &self.folders[*to].path))
    }

    /// Returns where the folder of a child is, which a link may lead to.
    fn place(&self, child: &Child) -> Option<&RepoPath> {
        child.folder.map(|it| &self.folders[it].path)
    }

    /// Returns a folder.
    pub(super) fn folder(&self, id: FolderId) -> &Folder {
        &self.folders[id]
    }

    /// Returns every folder, those above first.
    pub(super) fn folders(&self) -> impl Iterator<Item = (FolderId, &Folder)> {
        self.folders.iter().enumerate()
    }

    /// Tells whether a Python module stands directly in the folder.
    pub(super) fn holds_modules(&self, folder: FolderId) -> bool {
        self.folders[folder].children.values().any(|child| child.file().is_some())
    }

    /// Returns all that stands in a folder, by name, in no order.
    pub(super) fn children(&self, folder: FolderId) -> impl Iterator<Item = (&str, &Child)> {
        self.folders[folder].children.iter().map(|(name, child)| (&**name, child))
    }

    /// Returns what stands for `name` in a folder.
    pub(super) fn child(&self, folder: FolderId, name: &str) -> Option<&Child> {
        self.folders[folder].children.get(name)
    }

    /// Tells whether the folder is a package with an `__init__`.
    pub(super) fn is_package(&self, folder: FolderId) -> bool {
        self.init(folder).is_some()
    }

    /// Looks for `name` in `folders`, in order: a package before a module, and a namespace package
    /// only where no folder has either.
    pub(super) fn step(&self, folders: &[FolderId], name: &str) -> Step {
        let mut portions = Vec::new();
        for child in folders.iter().filter_map(|folder| self.child(*folder, name)) {
            if let Some(below) = child.folder {
                if let Some(init) = self.init(below) {
                    return Step::Package(below, init.clone());
                }
                portions.push(below);
            }
            if let Some(file) = child.file() {
                return Step::Module(file.clone());
            }
            if child.opaque {
                return Step::Opaque;
            }
        }
        if portions.is_empty() { Step::Nothing } else { Step::Namespace(portions) }
    }

    /// Returns the folder in which submodules of `module` are looked for; of a namespace package,
    /// all its portions; none for a module that is no package.
    pub(super) fn portions(&self, module: &Module) -> Vec<FolderId> {
        match module {
            Module::Namespace(portions) => {
                portions.iter().filter_map(|path| self.id(path)).collect()
            }
            Module::File(path) if is_init(path) => self.folder_of(path).into_iter().collect(),
            Module::File(_) => Vec::new(),
        }
    }

    /// Returns the module that these portions make.
    pub(super) fn namespace(&self, portions: &[FolderId]) -> Module {
        Module::Namespace(portions.iter().map(|id| self.folders[*id].path.clone()).collect())
    }

    /// Returns the folder that a path stands in. Asked for every name that is taken from a module, so
    /// no path is made of it.
    fn folder_of(&self, path: &RepoPath) -> Option<FolderId> {
        let end = path.as_bytes().len() - path.name().len();
        self.ids.get(&path.as_bytes()[..end.saturating_sub(1)]).copied()
    }

    /// Returns the files that stand for the same module as `path`: source, stub and compiled.
    pub(super) fn twins(&self, path: &RepoPath) -> Option<&Child> {
        self.child(self.folder_of(path)?, module_name(path))
    }

    /// Notes that something stands at `path`, a module's path without extension, that only a build
    /// or a link could show.
    pub(super) fn add_opaque(&mut self, path: &RepoPath) {
        let Some(folder) = path.parent() else { return };
        let folder = self.folder_at(&folder);
        self.add_opaque_at(folder, path.name_str());
    }

    /// Notes what stands at the end of a symbolic link.
    pub(super) fn add_link(&mut self, link: &RepoPath, end: &End) {
        let Some(above) = link.parent() else { return };
        let folder = self.folder_at(&above);
        let place = match end {
            End::Nothing => return,
            // A package all the same, of which nobody reads what it begins with.
            End::Place(_) | End::Unknown if is_init(link) => {
                return self.add_file(link, link, folder);
            }
            End::Unknown => return self.add_opaque_at(folder, module_name(link)),
            End::Place(place) => place,
        };
        if let Some(to) = self.ids.get(place).copied() {
            // A folder with an extension in its name is none that an import could have.
            if link.extension().is_empty() {
                self.links.insert(link.clone(), to);
                let child = self.folders[folder].children.entry(link.name_str().into());
                child.or_default().folder = Some(to);
                if self.folders[to].holds_python {
                    self.mark_python(folder);
                }
            }
        } else if is_alike(link, place) {
            self.add_file(link, place, folder);
        } else if !link.extension().is_empty() {
            self.add_opaque_at(folder, module_name(link));
        }
    }

    /// Notes that `folder` is the package of this dotted name below `root`, whatever its own name is;
    /// where the package above is not there, or the folder, nobody can see what the name holds.
    pub(super) fn mount(&mut self, root: FolderId, package: &str, folder: Option<FolderId>) {
        let Some((above, last)) = self.above(root, package) else {
            return self.add_opaque_at(root, package.split('.').next().unwrap_or_default());
        };
        if folder.is_none() {
            return self.add_opaque_at(above, last);
        }
        let child = self.folders[above].children.entry(last.into()).or_default();
        child.folder = child.folder.or(folder);
    }

    /// Notes that a module of this dotted name below `root` is made by a build, where the package
    /// above is there.
    pub(super) fn add_opaque_module(&mut self, root: FolderId, module: &str) {
        if let Some((above, last)) = self.above(root, module) {
            self.add_opaque_at(above, last);
        }
    }

    /// Returns the folder of the package above a dotted name, and the last part of the name.
    fn above<'n>(&self, root: FolderId, dotted: &'n str) -> Option<(FolderId, &'n str)> {
        let (above, last) = dotted.rsplit_once('.').unwrap_or(("", dotted));
        let mut parts = above.split('.').filter(|it| !it.is_empty());
        let above = parts.try_fold(root, |at, part| self.child(at, part)?.folder)?;
        Some((above, last))
    }

    fn add_opaque_at(&mut self, folder: FolderId, name: &str) {
        self.folders[folder].children.entry(name.into()).or_default().opaque = true;
    }

    /// Returns the file that makes the folder a package.
    pub(super) fn init(&self, folder: FolderId) -> Option<&RepoPath> {
        self.child(folder, "__init__").and_then(Child::file)
    }

    fn add(&mut self, path: &RepoPath, mode: Mode, folder: FolderId) {
        match mode {
            Mode::File | Mode::Executable => self.add_file(path, path, folder),
            Mode::Submodule => self.add_opaque_at(folder, path.name_str()),
            // Added last, when all is there that it may lead to.
            Mode::Link => {}
        }
    }

    /// Notes that what `path` looks like is in `file`.
    fn add_file(&mut self, path: &RepoPath, file: &RepoPath, folder: FolderId) {
        let place: fn(&mut Child) -> &mut Option<RepoPath> = match path.extension() {
            "py" => |child| &mut child.source,
            "pyi" => |child| &mut child.stub,
            "so" | "pyd" | "pyx" => |child| &mut child.compiled,
            _ => return,
        };
        self.mark_python(folder);
        let name = module_name(path);
        // A name that is not UTF-8 is none that an import could have.
        if !name.is_empty() {
            let child = self.folders[folder].children.entry(name.into()).or_default();
            *place(child) = Some(file.clone());
        }
    }

    fn mark_python(&mut self, folder: FolderId) {
        let mut open = Some(folder);
        while let Some(id) = open {
            if std::mem::replace(&mut self.folders[id].holds_python, true) {
                return;
            }
            open = self.folders[id].path.parent().and_then(|it| self.ids.get(&it).copied());
        }
    }

    fn folder_at(&mut self, path: &RepoPath) -> FolderId {
        if let Some(id) = self.ids.get(path).copied() {
            return id;
        }
        let parent = path.parent().map(|parent| self.folder_at(&parent));
        let id = self.folders.len();
        self.ids.insert(path.clone(), id);
        let children = Map::default();
        self.folders.push(Folder { path: path.clone(), holds_python: false, children });
        if let Some(parent) = parent {
            let child = self.folders[parent].children.entry(path.name_str().into()).or_default();
            child.folder = Some(id);
        }
        id
    }
}

/// Tells whether `path` stands directly in `folder`.
fn stands_in(path: &RepoPath, folder: &RepoPath) -> bool {
    let above = path.as_bytes().len() - path.name().len();
    let above = &path.as_bytes()[..above];
    above.strip_suffix(b"/").unwrap_or(above) == folder.as_bytes()
}

/// Returns the name under which an import would find the file at `path` in its folder: all before
/// the last dot, and of a compiled module (`x.cpython-312-x86_64-linux-gnu.so`) before the first.
pub(super) fn module_name(path: &RepoPath) -> &str {
    match path.extension() {
        "so" | "pyd" => path.name_str().split('.').next().unwrap_or_default(),
        _ => path.stem(),
    }
}

/// Tells whether `path` is what makes its folder a package.
pub(super) fn is_init(path: &RepoPath) -> bool {
    // Most files are none, and this is asked of all of them.
    path.name().starts_with(b"__init__") && module_name(path) == "__init__"
}
