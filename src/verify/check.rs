//! Every import of one tree: does it resolve?

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::*;

use super::{Kind, Report, Unreadable, Unresolved, cycles};
use crate::facts::{Facts, Found, Member, Module};
use crate::path::RepoPath;
use crate::python::{All, Attempt, Binding, FileFacts, Import, Status, Target};

/// Looks at every import of a tree. `undeclared` ones and optional ones are listed, too.
#[must_use]
pub fn check(facts: &Facts) -> Report {
    let files: Vec<_> = facts.files().iter().collect();
    // All threads resolve the imports, so none may wait for them inside the loop.
    let _ = facts.edges();
    let unresolved = files.par_iter().flat_map_iter(|(path, file)| unresolved(facts, path, file));
    let (unresolved, cycles) = rayon::join(|| unresolved.collect(), || cycles::all(facts));
    Report {
        files: files.len(),
        imports: files.iter().map(|(_, file)| file.imports.len()).sum(),
        unresolved,
        cycles,
        unreadable: files.iter().filter_map(|(path, file)| unreadable(path, file)).collect(),
    }
}

/// Returns the imports of a file that do not resolve, in order of appearance.
pub(super) fn unresolved(facts: &Facts, path: &RepoPath, file: &FileFacts) -> Vec<Unresolved> {
    let mut found: Vec<Unresolved> = Vec::new();
    let (mut failing, mut fallbacks) = (BTreeSet::new(), Vec::new());
    for index in facts.doubtful(path) {
        let Some(import) = file.imports.get(*index) else { continue };
        let known = found.len();
        look_at(&mut found, facts, path, import);
        if found.len() > known {
            failing.insert(*index);
            fallbacks.extend(import.fallback.then_some((*index, known..found.len())));
        }
    }
    for (index, own) in fallbacks {
        let mut attempts = file.attempts.iter().filter(|it| it.replaces(index));
        if attempts.all(|it| fails(file, it.start..it.tried, &failing)) {
            found[own].iter_mut().for_each(|it| it.optional = false);
        }
    }
    found
}

/// Tells whether what runs in this range of imports ends in one that fails; what a `try` in it handles
/// does not end it.
fn fails(file: &FileFacts, range: Range<usize>, failing: &BTreeSet<usize>) -> bool {
    let holds = |range: &Range<usize>, it: &Attempt| range.start <= it.start && it.end <= range.end;
    let inner: Vec<&Attempt> = file.attempts.iter().filter(|it| holds(&range, it)).collect();
    let is_outermost = |one: &Attempt| {
        let extent = |it: &Attempt| it.start..it.end;
        !inner.iter().any(|it| extent(it) != extent(one) && holds(&extent(it), one))
    };
    let is_handled = |index| inner.iter().any(|it| (it.start..it.end).contains(&index));
    // What is not optional stands in a function, which runs later.
    let runs = |index: usize| file.imports.get(index).is_some_and(|it| it.optional);
    // Both are parts of it then, and smaller.
    let imports_in_both =
        |it: &Attempt| it.start < it.tried && it.tried <= it.handler && it.handler < it.end;
    let mut here = failing.iter().filter(|it| range.contains(it));
    here.any(|index| runs(*index) && !is_handled(*index))
        || inner.iter().filter(|it| is_outermost(it) && imports_in_both(it)).any(|it| {
            fails(file, it.start..it.tried, failing) && fails(file, it.handler..it.end, failing)
        })
}

/// Returns why a file cannot be read; `None` where it can.
pub(super) fn unreadable(path: &RepoPath, file: &FileFacts) -> Option<Unreadable> {
    let (line, column, message) = match &file.status {
        Status::Parsed => return None,
        Status::Broken { line, column, message } => (*line, *column, message.clone()),
        Status::Undecodable(message) => (0, 0, message.clone()),
    };
    Some(Unreadable { path: path.clone(), line, column, message })
}

fn look_at(found: &mut Vec<Unresolved>, facts: &Facts, path: &RepoPath, import: &Import) {
    let fails = |kind, name: Option<&str>, place| failure(path, import, (kind, name), place);
    let place = (import.line, import.column);
    let module = match facts.find(path, import.level, &import.module) {
        Found::Module(module) => module,
        Found::Missing { .. } => return found.push(fails(Kind::MissingModule, None, place)),
        Found::Undeclared => return found.push(fails(Kind::Undeclared, None, place)),
        Found::Stdlib | Found::ThirdParty | Found::Assumed => return,
    };
    let itself = !import.deferred && matches!(&module, Module::File(it) if it == path);
    let missing = |name: &str| match facts.member(&module, name) {
        Member::Missing => true,
        // What a module takes from itself has to be there by then, or below it.
        Member::Definition { file, name } if itself && file == *path => {
            let dot = if import.module.is_empty() { "" } else { "." };
            let below = format!("{}{dot}{name}", import.module);
            !bound_before(facts, path, &name, import)
                && !matches!(
                    facts.find(path, import.level, &below),
                    Found::Module(_) | Found::Assumed
                )
        }
        Member::Definition { .. } | Member::Module(_) | Member::External | Member::Assumed => false,
    };
    match &import.target {
        Target::Names(names) => {
            for name in names.iter().filter(|it| missing(&it.name)) {
                let place = (name.line, name.column);
                found.push(fails(Kind::MissingName, Some(&name.name), place));
            }
        }
        // Python takes every name of `__all__`, and fails at the first that is not there.
        Target::Star => {
            for name in exported(facts, &module).filter(|name| missing(name)) {
                found.push(fails(Kind::MissingName, Some(name), place));
            }
        }
        Target::Module { .. } | Target::Call { .. } => {}
    }
}

/// Writes down that an import fails, or one name of it.
pub(super) fn failure(
    path: &RepoPath,
    import: &Import,
    (kind, name): (Kind, Option<&str>),
    (line, column): (u32, u32),
) -> Unresolved {
    Unresolved {
        path: path.clone(),
        line,
        column,
        module: written(import),
        name: name.map(str::to_owned),
        kind,
        optional: match kind {
            Kind::MissingName => import.name_optional,
            Kind::MissingModule | Kind::Undeclared => import.optional,
        },
        why: None,
    }
}

/// Tells whether anything before `import` in the same file binds `name`.
fn bound_before(facts: &Facts, path: &RepoPath, name: &str, import: &Import) -> bool {
    let Some(file) = facts.files().get(path) else { return true };
    let start = |binding: &Binding| match binding {
        Binding::Definition { span, .. } => Some(span.start),
        Binding::Import { import, .. } => file.imports.get(*import).map(|it| it.statement.start),
    };
    let bindings = file.names.bound.get(name).into_iter().flatten();
    bindings.filter_map(start).any(|start| start < import.statement.start)
}

/// Returns the names of a literal `__all__`.
fn exported<'a>(facts: &'a Facts, module: &Module) -> impl Iterator<Item = &'a str> {
    let file = match module {
        Module::File(path) => facts.files().get(path),
        Module::Namespace(_) => None,
    };
    let names = file.and_then(|file| match &file.names.all {
        All::Names(names) => Some(names),
        All::Absent | All::Dynamic(_) => None,
    });
    names.into_iter().flatten().map(|(name, _)| name.as_str())
}

/// Returns the module as it is written, with its dots.
pub(super) fn written(import: &Import) -> String {
    ".".repeat(import.level as usize) + &import.module
}
