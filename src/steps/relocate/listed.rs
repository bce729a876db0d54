//! Lists of packages that a distribution is made of: what left a listed package is still part of it
//! where the package that it came to is listed, and a package of which nothing is left cannot be built.

use std::collections::BTreeSet;

use super::Relocation;
use crate::facts::references::{PackageList, may_list_packages, package_lists};
use crate::facts::{Facts, Module};
use crate::finding::Safety;
use crate::path::RepoPath;
use crate::rewrite::{Edit, FileEdits};
use crate::steps::edits::{self, is_editable};
use crate::steps::packages::{is_package, is_python};
use crate::steps::{Stage, StepError};
use crate::text::{Span, Text, TextEdit};
use crate::tree::Tree;

/// Brings the lists up to date; `tree` and `before` are those of before the move, `after` the facts
/// after it.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn follow(
    stage: &mut Stage<'_>,
    relocation: &Relocation,
    (tree, before): (&Tree, &Facts),
    after: &Facts,
) -> Result<(), StepError> {
    let context = stage.context;
    let files = stage.tree.entries().iter().filter(|(_, it)| it.mode.is_file());
    let files = files.map(|(path, _)| path.clone());
    let files: Vec<_> =
        files.filter(|it| may_list_packages(it) && is_editable(context, it)).collect();
    let mut found = Vec::new();
    for path in files {
        let bytes = stage.tree.read(&path)?;
        let Some(text) = Text::decode_utf8(&bytes) else { continue };
        let lists = Lists { stage, relocation, before, after, file: &path, source: text.source() };
        let old = match tree.entry(&path) {
            Some(_) => Text::decode_utf8(&tree.read(&path)?),
            None => None,
        };
        let mut old = old.map_or_else(Vec::new, |it| package_lists(&path, it.source())).into_iter();
        let now = package_lists(&path, text.source());
        let edits = now.iter().flat_map(|it| lists.edits(it, &old.next().unwrap_or_default()));
        let edits: Vec<Edit> = edits.collect();
        if !edits.is_empty() {
            found.push(FileEdits { path, edits });
        }
    }
    edits::make(stage, &found)
}

/// The lists of one file.
struct Lists<'a> {
    stage: &'a Stage<'a>,
    relocation: &'a Relocation,
    before: &'a Facts,
    after: &'a Facts,
    file: &'a RepoPath,
    source: &'a str,
}

impl Lists<'_> {
    /// Returns what a list of packages, which was `old` before, lacks and has too much.
    fn edits(&self, list: &PackageList, old: &PackageList) -> Vec<Edit> {
        let mut known: BTreeSet<String> = list.iter().map(|(_, name)| name.clone()).collect();
        let mut edits = Vec::new();
        let mut kept = false;
        for (at, (span, name)) in list.iter().enumerate() {
            // What was folded into a package that is listed has its name now.
            let stays = |at: usize| old.get(at).is_some_and(|(_, was)| *was == list[at].1);
            let said =
                |it: &(usize, &(Span, String))| it.1.1 == *name && (it.0 < at || stays(it.0));
            let folded = !stays(at) && list.iter().enumerate().any(|it| it.0 != at && said(&it));
            let gone = self.is_left(name) == Some(false) || folded;
            let mut fresh: Vec<String> =
                self.arrivals(name).into_iter().filter(|it| known.insert(it.clone())).collect();
            let mut push = |span: Span, text: String, why: String| {
                edits.push(Edit { edit: TextEdit { span, text }, safety: Safety::Safe, why });
            };
            let written = &self.source[span.clone()];
            if gone && !fresh.is_empty() {
                let first = fresh.remove(0);
                let why = format!("what `{name}` held is in `{first}` now");
                push(span.clone(), written.replace(name.as_str(), &first), why);
                kept = true;
            } else if gone {
                push(
                    with_gap(list, at, kept),
                    String::new(),
                    format!("nothing is left of `{name}`"),
                );
            } else {
                kept = true;
            }
            for package in fresh {
                let item = written.replace(name.as_str(), &package);
                let text = format!("{}{item}", gap(self.source, list, at));
                push(span.end..span.end, text, format!("`{package}` holds what `{name}` held"));
            }
        }
        let last = list.len().saturating_sub(1);
        let stays = |name: &String| !known.contains(name) && self.is_left(name) == Some(true);
        for (_, name) in old.iter().filter(|it| stays(&it.1)) {
            let Some((span, other)) = list.last() else { break };
            let item = self.source[span.clone()].replace(other.as_str(), name);
            let text = format!("{}{item}", gap(self.source, list, last));
            let why = format!("`{name}` is still there");
            let edit = TextEdit { span: span.end..span.end, text };
            edits.push(Edit { edit, safety: Safety::Safe, why });
        }
        edits
    }

    /// Tells whether anything is left of a package; nothing where there was none of the name.
    fn is_left(&self, name: &str) -> Option<bool> {
        let folders = match self.before.find(self.file, 0, name).module()? {
            Module::File(init) => init.parent().into_iter().collect(),
            Module::Namespace(portions) => portions,
        };
        let is_left = |it: &RepoPath| self.stage.tree.under(it).any(|(path, _)| is_python(path));
        Some(folders.iter().any(is_left))
    }

    /// Returns the packages to which something of the package of this name went.
    fn arrivals(&self, name: &str) -> BTreeSet<String> {
        let home = |it: &RepoPath| it.parent().unwrap_or_else(RepoPath::root);
        let moved = self.relocation.files.iter().filter(|(old, new)| {
            let is_module =
                |it: &RepoPath| is_python(it) && !it.name_str().starts_with("__init__.");
            let names = || self.before.names_of(&home(old));
            is_module(old) && is_module(new) && names().iter().any(|it| it == name)
        });
        let mut found = BTreeSet::new();
        for (_, new) in moved {
            let folders = new.folders().take_while(|it| is_package(&self.stage.tree, it));
            found.extend(folders.filter_map(|it| self.after.names_of(&it).into_iter().next()));
        }
        found
    }
}

/// Returns what stands between an item and the next one, or the one before.
fn gap<'s>(source: &'s str, list: &PackageList, at: usize) -> &'s str {
    let between = |a: usize, b: usize| Some(list.get(a)?.0.end..list.get(b)?.0.start);
    let span = between(at, at + 1).or_else(|| between(at.checked_sub(1)?, at));
    let text = span.map_or(", ", |it| &source[it]);
    // A comment belongs to one item.
    if text.contains('#') { text.rfind('\n').map_or(", ", |end| &text[end..]) } else { text }
}

/// Returns where an item stands with what divides it from the one before, where one before is `kept`,
/// else from the next one: so no two of them overlap.
fn with_gap(list: &PackageList, at: usize, kept: bool) -> Span {
    let (span, _) = &list[at];
    let before = at.checked_sub(1).and_then(|it| list.get(it)).filter(|_| kept);
    let start = before.map_or(span.start, |(last, _)| last.end);
    let next = list.get(at + 1).filter(|_| !kept);
    start..next.map_or(span.end, |(next, _)| next.start)
}
