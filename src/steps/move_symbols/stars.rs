//! `from a import *` where something left `a`: who took it by the star takes it by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Facts, Found, Member, Module};
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::python::{self, All, FileFacts, Import, Target};
use crate::rewrite::{Edit, FileEdits};
use crate::steps::StepError;
use crate::steps::packages::is_init;
use crate::text::{Text, TextEdit, line_end};
use crate::tree::Tree;

/// Returns the edits of the files that took, by a star import of `from`, what is now in `to`.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn edits(
    tree: &Tree,
    before: &Facts,
    after: &Facts,
    (from, to): (&RepoPath, &RepoPath),
    names: &BTreeSet<String>,
) -> Result<Vec<FileEdits>, StepError> {
    let module = Module::File(from.clone());
    let taken = before.star_names(&module).unwrap_or_default();
    let still = after.star_names(&module).unwrap_or_default();
    let lost: Vec<&String> =
        names.iter().filter(|it| taken.contains(*it) && !still.contains(*it)).collect();
    let mut found = Vec::new();
    for (path, file) in before.files().iter().filter(|(path, _)| !lost.is_empty() && *path != to) {
        let leads = |it: &&Import| {
            it.target == Target::Star
                && before.find(path, it.level, &it.module) == Found::Module(module.clone())
        };
        let Some(star) = file.imports.iter().find(leads) else { continue };
        let Ok(text) = Text::decode_python(&tree.read(path)?) else { continue };
        let wanted = wanted(before, path, file, &text, &lost);
        let Some(home) = spelled(after, path, to, star.level > 0).filter(|_| !wanted.is_empty())
        else {
            continue;
        };
        let source = text.source();
        let end = star.statement.end;
        let at = end + source[end..].find(['\n', '\r']).unwrap_or(source.len() - end);
        let line = source[..star.statement.start].rfind(['\n', '\r']).map_or(0, |it| it + 1);
        let indent = &source[line..star.statement.start];
        let names = wanted.join(", ");
        let text = format!("{}{indent}from {home} import {names}", line_end(source));
        let edit = Edit {
            edit: TextEdit { span: at..at, text },
            safety: Safety::Safe,
            why: format!("the star import took what is now in `{to}`"),
        };
        found.push(FileEdits { path: path.clone(), edits: vec![edit] });
    }
    Ok(found)
}

/// Returns those of the names that a file uses, or hands on.
fn wanted(
    facts: &Facts,
    path: &RepoPath,
    file: &FileFacts,
    text: &Text,
    lost: &[&String],
) -> Vec<String> {
    let bindings = python::bindings(text.source(), &file.imports, &BTreeMap::new(), facts.target());
    let mut handed: BTreeSet<&str> = BTreeSet::new();
    let mut all = is_init(path);
    for edge in facts.users(path) {
        let from = facts.files().get(&edge.from);
        let import = from.and_then(|it| it.imports.get(edge.import));
        all |= import.is_some_and(|it| !matches!(it.target, Target::Names(_)));
        handed.extend(edge.name.as_deref());
    }
    let listed = match &file.names.all {
        All::Names(names) | All::Dynamic(names) => names.as_slice(),
        All::Absent => &[],
    };
    let module = Module::File(path.clone());
    let own = |name: &str| {
        let member = facts.member(&module, name);
        file.names.bound.contains_key(name) || member == Member::Missing
    };
    let names = lost.iter().map(|it| it.as_str()).filter(|name| {
        let is_listed = listed.iter().any(|(it, _)| it == name);
        let used = bindings.taken.contains(*name) || handed.contains(name) || is_listed || all;
        used && !own(name)
    });
    names.map(str::to_owned).collect()
}

/// Returns how a file names a module, with dots where that is how it names the other one.
fn spelled(facts: &Facts, path: &RepoPath, to: &RepoPath, relative: bool) -> Option<String> {
    let stem = if to.name_str() == "__init__.py" { "" } else { to.stem() };
    let wanted = Found::Module(Module::File(to.clone()));
    let beside = relative
        && path.parent() == to.parent()
        && !stem.is_empty()
        && facts.find(path, 1, stem) == wanted;
    if beside { Some(format!(".{stem}")) } else { facts.name_for(path, to) }
}
