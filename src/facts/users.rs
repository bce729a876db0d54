//! Who uses a file, a folder, a module or a name: imports, and mentions outside them.

use std::collections::{BTreeMap, BTreeSet};

use super::references::{Mention, Subjects, mentions};
use super::table::is_init;
use super::{Edge, Facts, How, Lookup, Member, Module};
use crate::path::RepoPath;
use crate::python::{Import, Target, bindings};
use crate::text::Text;
use crate::tree::{ReadError, Tree};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A file, or a folder with all that is below it; a package is its folder.
    Path(RepoPath),
    /// A name of a module.
    Name {
        /// The file of the module.
        file: RepoPath,
        /// The name.
        name: String,
    },
}

/// Who uses a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Users {
    /// The imports, as file and line, in order.
    pub imports: Vec<(RepoPath, u32)>,
    /// The places that get at it without naming it in an import, in order.
    pub lookups: Vec<Lookup>,
    /// The mentions outside imports, in order.
    pub mentions: Vec<Mention>,
    /// The commands that start it and name it by halves, as file and line, in order.
    pub commands: Vec<(RepoPath, u32)>,
}

impl Facts {
    /// Finds what a person may mean by `text`: a path of `tree`, a module, or `module:name`, also
    /// written `module.name`.
    #[must_use]
    pub fn subject(&self, tree: &Tree, text: &str) -> Option<Subject> {
        if let Some(path) = RepoPath::new(text).ok().filter(|it| tree.exists(it)) {
            return Some(Subject::Path(path));
        }
        if let Some(path) = self.module_named(text) {
            return Some(Subject::Path(path));
        }
        let (module, name) = text.rsplit_once(':').or_else(|| text.rsplit_once('.'))?;
        let path = match RepoPath::new(module).ok().filter(|it| tree.exists(it)) {
            Some(path) => path,
            None => self.module_named(module)?,
        };
        match self.member(&self.0.module_at(&path)?, name) {
            Member::Definition { file, name } => Some(Subject::Name { file, name }),
            Member::Module(Module::File(file)) if is_init(&file) => {
                file.parent().map(Subject::Path)
            }
            Member::Module(Module::File(file)) => Some(Subject::Path(file)),
            Member::Module(Module::Namespace(portions)) => {
                portions.into_iter().next().map(Subject::Path)
            }
            Member::External | Member::Assumed | Member::Missing => None,
        }
    }

    /// Returns who uses `subject`, from outside of it.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn users_of(&self, tree: &Tree, subject: &Subject) -> Result<Users, ReadError> {
        match subject {
            Subject::Path(path) => self.users_of_path(tree, path),
            Subject::Name { file, name } => self.users_of_name(tree, file, name),
        }
    }

    /// Returns the file of a module, or the folder of a package, by its dotted name.
    #[must_use]
    pub fn module_named(&self, module: &str) -> Option<RepoPath> {
        let is_named = |it: &&RepoPath| self.names_of(it).iter().any(|name| name == module);
        let folders = self.0.table.folders().map(|(_, folder)| &folder.path);
        let files = self.files().keys().filter(|it| !is_init(it));
        folders.chain(files).find(is_named).cloned()
    }

    fn users_of_path(&self, tree: &Tree, path: &RepoPath) -> Result<Users, ReadError> {
        let edges = || self.edges().filter(|it| it.to.is_under(path) && !it.from.is_under(path));
        let imports: BTreeSet<_> = edges().map(|it| self.place_of(it)).collect();
        let below: BTreeSet<_> = tree.under(path).map(|(path, _)| path).chain([path]).collect();
        let mut lookups = self.lookups(tree, &below)?;
        lookups.retain(|it| below.iter().any(|path| it.reaches(path)) && !it.by.is_under(path));
        let importers: BTreeSet<_> = edges().map(|it| (&it.from, &it.to)).collect();
        lookups.retain(|it| it.how != How::Attribute || !importers.contains(&(&it.by, &it.of)));
        let commands = below.iter().flat_map(|it| self.commands_of(it));
        let commands: BTreeSet<_> = commands.map(|it| (it.text.clone(), it.line)).collect();
        let subjects = Subjects::new(self, below);
        let outside = |it: &Mention| !it.file.is_under(path);
        let mentions: Vec<_> =
            mentions(tree, self, &subjects)?.into_iter().filter(outside).collect();
        let is_named = |file: &RepoPath, line: u32| {
            mentions.iter().any(|it| it.file == *file && it.line == line)
        };
        let halves = commands
            .into_iter()
            .filter(|(file, line)| !file.is_under(path) && !is_named(file, *line));
        let commands = halves.collect();
        Ok(Users { imports: imports.into_iter().collect(), lookups, mentions, commands })
    }

    fn users_of_name(&self, tree: &Tree, file: &RepoPath, name: &str) -> Result<Users, ReadError> {
        let mut imports = BTreeSet::new();
        for edge in self.edges().filter(|it| it.from != *file) {
            let used = match &edge.name {
                Some(taken) => self.is_definition(&edge.to, taken, file, name),
                None if edge.to == *file => self.reads(tree, edge, name)?,
                None => false,
            };
            if used {
                imports.insert(self.place_of(edge));
            }
        }
        let all = mentions(tree, self, &Subjects::new(self, [file]))?;
        let mut found = Vec::new();
        for mention in all {
            if mention.file != *file && follows(tree, &mention, name)? {
                found.push(mention);
            }
        }
        let imports = imports.into_iter().collect();
        Ok(Users { imports, lookups: Vec::new(), mentions: found, commands: Vec::new() })
    }

    /// Tells whether `taken` of the module at `from` is, at the end of all re-exports, this name.
    fn is_definition(&self, from: &RepoPath, taken: &str, file: &RepoPath, name: &str) -> bool {
        let member = self.member(&Module::File(from.clone()), taken);
        member == Member::Definition { file: file.clone(), name: name.to_owned() }
    }

    /// Tells whether a file that imports a module whole reads this name of it.
    fn reads(&self, tree: &Tree, edge: &Edge, name: &str) -> Result<bool, ReadError> {
        let Some(file) = self.files().get(&edge.from) else { return Ok(false) };
        let Some(import) = file.imports.get(edge.import) else { return Ok(false) };
        if import.target == Target::Star {
            return Ok(true);
        }
        let Ok(text) = Text::decode_python(&tree.read(&edge.from)?) else { return Ok(false) };
        let uses = bindings(text.source(), &file.imports, &BTreeMap::new(), self.target()).uses;
        let own = uses.iter().filter(|((index, _), _)| *index == edge.import);
        let mut chains = own.flat_map(|(_, uses)| uses);
        Ok(chains.any(|it| it.parts.iter().skip(1).any(|(part, _)| part == name)))
    }

    fn import_of(&self, edge: &Edge) -> Option<&Import> {
        self.files().get(&edge.from)?.imports.get(edge.import)
    }

    fn place_of(&self, edge: &Edge) -> (RepoPath, u32) {
        (edge.from.clone(), self.import_of(edge).map_or(1, |it| it.line))
    }
}

/// Tells whether the name follows the module that a text mentions: `a.b.name`, `a.b:name`.
fn follows(tree: &Tree, mention: &Mention, name: &str) -> Result<bool, ReadError> {
    let bytes = tree.read(&mention.file)?;
    let text = Text::decode_python(&bytes).ok().or_else(|| Text::decode_utf8(&bytes));
    let Some(text) = text else { return Ok(false) };
    let rest = text.source().get(mention.span.end..).unwrap_or_default();
    let rest = rest.strip_prefix(['.', ':']).and_then(|it| it.strip_prefix(name));
    Ok(rest.is_some_and(|it| !it.starts_with(|c: char| c.is_alphanumeric() || c == '_')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Memo, Settings};
    use crate::tree::Memory;

    const FILES: [(&str, &str); 9] = [
        ("pkg/__init__.py", "from .core import run\n"),
        ("pkg/core.py", "def run():\n    pass\n\n\ndef stop():\n    pass\n"),
        ("a.py", "from pkg import run\n"),
        ("b.py", "import pkg.core\n\npkg.core.stop()\n"),
        ("c.py", "TARGET = 'pkg.core.run'\n"),
        ("Makefile", "all:\n\tpython pkg/core.py\n"),
        ("top/sub/__init__.py", "X = 1\n"),
        ("top/bare/deep/x.py", ""),
        ("d.py", "from top.sub import X\nimport top.bare.deep.x\n"),
    ];

    #[track_caller]
    fn check(subject: &str, expected: &[&str]) {
        let tree = Tree::new(Memory::texts(FILES).unwrap());
        let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
        let subject = facts.subject(&tree, subject).unwrap();
        let users = facts.users_of(&tree, &subject).unwrap();
        let imports = users.imports.iter().map(|(path, line)| format!("{path}:{line}"));
        let mentions = users.mentions.iter().map(|it| format!("{}:{} says", it.file, it.line));
        assert_eq!(imports.chain(mentions).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn paths_modules_and_names_have_users() {
        check("pkg/core.py", &["b.py:1", "pkg/__init__.py:1", "Makefile:2 says", "c.py:1 says"]);
        check("pkg.core", &["b.py:1", "pkg/__init__.py:1", "Makefile:2 says", "c.py:1 says"]);
        check("pkg", &["a.py:1", "b.py:1", "Makefile:2 says", "c.py:1 says"]);
        check("top.sub", &["d.py:1"]);
        check("top/sub", &["d.py:1"]);
        check("top.bare", &["d.py:2"]);
        check("top/bare:deep", &["d.py:2"]);
        check("top.sub.X", &["d.py:1"]);
        check("pkg.core:run", &["a.py:1", "pkg/__init__.py:1", "c.py:1 says"]);
        check("pkg:run", &["a.py:1", "pkg/__init__.py:1", "c.py:1 says"]);
        check("pkg.core.stop", &["b.py:1"]);
    }
}
