//! One of the two modules between which definitions move: its statements, and what binds its names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::Facts;
use crate::path::RepoPath;
use crate::python::{self, All, FileFacts, Form, Import, Mentioned, Part, Status, Target};
use crate::rewrite::walk::Key;
use crate::text::{Span, Text};
use crate::tree::{ReadError, Tree};

/// One module.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) path: RepoPath,
    /// The file that an import of it finds: a stub speaks for the module beside it.
    pub(super) module: RepoPath,
    pub(super) text: Text,
    pub(super) facts: Arc<FileFacts>,
    pub(super) parts: Vec<Part>,
    /// What binds each name of the module: imports, by the statement that they stand in.
    imported: BTreeMap<String, Vec<(usize, Key)>>,
    /// The statements that define each name.
    defined: BTreeMap<String, BTreeSet<usize>>,
}

impl Side {
    /// Reads a module; `None` where it cannot be read or does not parse.
    pub(super) fn read(
        tree: &Tree,
        facts: &Facts,
        path: &RepoPath,
    ) -> Result<Option<Self>, ReadError> {
        let bytes = tree.read(path)?;
        let text = Text::decode_python(&bytes).ok();
        let file = facts.files().get(path).filter(|it| it.status == Status::Parsed);
        let Some((text, file)) = text.zip(file.cloned()) else { return Ok(None) };
        let parts = python::parts(text.source(), &file.imports, facts.target());
        let mut side = Self {
            path: path.clone(),
            module: module_of(facts, path),
            text,
            facts: file,
            parts,
            imported: BTreeMap::new(),
            defined: BTreeMap::new(),
        };
        side.bind();
        Ok(Some(side))
    }

    fn bind(&mut self) {
        for (index, import) in self.facts.imports.iter().enumerate() {
            let Some(at) = self.part_at(import.statement.start) else { continue };
            let inside = matches!(self.parts[at].form, Form::Function { .. } | Form::Class);
            if inside || import.deferred {
                continue;
            }
            for (key, local) in locals(index, import) {
                self.imported.entry(local).or_default().push((at, key));
            }
        }
        for (at, part) in self.parts.iter().enumerate() {
            let written = part.mentions.iter().filter(|it| it.written && it.known);
            for name in written.map(Mentioned::name) {
                self.defined.entry(name.to_owned()).or_default().insert(at);
            }
        }
    }

    pub(super) fn source(&self) -> &str {
        self.text.source()
    }

    /// Returns the text at a span.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.source().get(span).unwrap_or_default()
    }

    /// Returns the statement at this place.
    pub(super) fn part_at(&self, at: usize) -> Option<usize> {
        let index = self.parts.partition_point(|it| it.span.end <= at);
        self.parts.get(index).filter(|it| it.span.start <= at).map(|_| index)
    }

    pub(super) fn import(&self, key: Key) -> &Import {
        &self.facts.imports[key.0]
    }

    /// Returns the statements that define a name otherwise than by an import.
    pub(super) fn definers(&self, name: &str) -> impl Iterator<Item = usize> {
        self.defined.get(name).into_iter().flatten().copied()
    }

    /// Returns the imports that bind a name in the module, with their statements.
    pub(super) fn importers(&self, name: &str) -> &[(usize, Key)] {
        self.imported.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns every name that is bound in the module, and what imports bind it.
    pub(super) fn imported(&self) -> impl Iterator<Item = (&String, &[(usize, Key)])> {
        self.imported.iter().map(|(name, keys)| (name, keys.as_slice()))
    }

    /// Returns the names that statements define.
    pub(super) fn defined(&self) -> impl Iterator<Item = &str> {
        self.defined.keys().map(String::as_str)
    }

    /// Tells whether all that binds a name are imports that stand alone.
    pub(super) fn is_import(&self, name: &str) -> bool {
        let plain = |at: usize| matches!(self.parts[at].form, Form::Import | Form::Checking);
        let keys = self.importers(name);
        !keys.is_empty()
            && keys.iter().all(|(at, _)| plain(*at))
            && self.definers(name).next().is_none()
    }

    /// Returns the statements that bind a name, imports too.
    pub(super) fn binders(&self, name: &str) -> BTreeSet<usize> {
        self.definers(name).chain(self.importers(name).iter().map(|(at, _)| *at)).collect()
    }

    /// Returns the statements that mention a name.
    pub(super) fn users<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let parts = self.parts.iter().enumerate();
        parts
            .filter(move |(_, part)| part.mentions.iter().any(|it| it.name() == name))
            .map(|(at, _)| at)
    }

    /// Returns the names that `__all__` lists, with their literals.
    pub(super) fn listed(&self) -> &[(String, Span)] {
        match &self.facts.names.all {
            All::Names(names) | All::Dynamic(names) => names,
            All::Absent => &[],
        }
    }

    /// Tells whether this module names others from where it stands.
    pub(super) fn is_relative(&self) -> bool {
        let mut imports = self.facts.imports.iter();
        imports.any(|it| it.level > 0 && matches!(it.target, Target::Names(_)))
    }
}

/// Returns the module that a file speaks for.
fn module_of(facts: &Facts, path: &RepoPath) -> RepoPath {
    let text = path.as_str().filter(|_| path.extension() == "pyi");
    let module = text.and_then(|it| RepoPath::new(it.strip_suffix('i')?).ok());
    module.filter(|it| facts.files().contains_key(it)).unwrap_or_else(|| path.clone())
}

/// Returns the names that an import binds.
fn locals(index: usize, import: &Import) -> Vec<(Key, String)> {
    match &import.target {
        Target::Module { asname } => {
            let first = import.module.split('.').next().unwrap_or_default();
            vec![((index, None), asname.clone().unwrap_or_else(|| first.to_owned()))]
        }
        Target::Names(names) => {
            let names = names.iter().enumerate();
            names.map(|(at, it)| ((index, Some(at)), it.local().to_owned())).collect()
        }
        Target::Star | Target::Call { .. } => Vec::new(),
    }
}
