//! Text in, text out: a small repository, moves, and the files that change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::*;
use crate::facts::{Found, Member, Memo, Module, Settings};
use crate::python::{Status, Target};
use crate::text::{Text, apply};
use crate::tree::{Memory, Mode};

mod anchors;
mod chains;
mod imports;
mod lookups;
mod missing;
mod strings;
mod through;

/// Reads a repository written as `//- path` lines, each followed by the text of that file.
pub(super) fn tree(repository: &str) -> Tree {
    let files = repository.split("//- ").skip(1).map(|it| it.split_once('\n').unwrap());
    Tree::new(Memory::texts(files).unwrap())
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn index(tree: &Tree) -> Facts {
    Facts::index(tree, &Settings::default(), &Memo::default()).unwrap()
}

/// Reads moves, one a line: `a/b.py -> x/b.py`, `a/ -> x/`, `a.b => x.y`, `a.b:f => x.y:g`.
pub(super) fn moves(before: &Tree, text: &str) -> Moves {
    let mut moves = Moves::default();
    for line in text.lines() {
        if let Some((old, new)) = line.split_once(" => ") {
            match (old.split_once(':'), new.split_once(':')) {
                (Some((old, name)), Some((new, other))) => {
                    let old = (old.to_owned(), name.to_owned());
                    moves.names.insert(old, (new.to_owned(), other.to_owned()));
                }
                _ => {
                    moves.modules.insert(old.to_owned(), new.to_owned());
                }
            }
            continue;
        }
        let (old, new) = line.split_once(" -> ").unwrap();
        if old.ends_with('/') {
            let (old, new) = (path(old), path(new));
            for (file, _) in before.under(&old) {
                moves.paths.insert(file.clone(), file.rebase(&old, &new).unwrap());
            }
            moves.folders.insert(old, new);
        } else {
            moves.paths.insert(path(old), path(new));
        }
    }
    moves
}

/// Carries the moves out the way steps do: a file that moves onto another one disappears, and a new
/// folder below a package becomes a package.
pub(super) fn moved(before: &Tree, moves: &Moves) -> Tree {
    let mut after = before.clone();
    let taken: Vec<_> = moves.paths.keys().map(|old| (old, after.remove(old).unwrap())).collect();
    for (old, entry) in taken {
        let new = &moves.paths[old];
        if after.entry(new).is_none() {
            after.put(new.clone(), entry);
        }
    }
    for (old, new) in &moves.paths {
        let init = |folder: &RepoPath| folder.child("__init__.py").unwrap();
        let from_package = before.entry(&init(&old.parent().unwrap())).is_some();
        for folder in new.folders().filter(|it| from_package && !it.is_root()) {
            if after.entry(&init(&folder)).is_none() && before.entry(&init(&folder)).is_none() {
                after.write(init(&folder), Mode::File, *b"");
            }
        }
    }
    after
}

/// Follows the moves, applies what is at least `floor`, and proves the result.
#[track_caller]
fn run(before: &Tree, moves: &Moves, uses: Uses, floor: Safety) -> (Tree, Tree, Vec<Finding>) {
    let facts = index(before);
    let after = moved(before, moves);
    let facts_after = index(&after);
    let sides = Sides { before: (before, &facts), after: (&after, &facts_after) };
    let followed =
        follow(sides, moves, uses, &|path| !path.name_str().starts_with("frozen")).unwrap();
    let mut edited = after.clone();
    for file in followed.files {
        let bytes = after.read(&file.path).unwrap();
        let text = Text::decode_python(&bytes).unwrap();
        let edits: Vec<TextEdit> =
            file.edits.iter().filter(|it| it.safety >= floor).map(|it| it.edit.clone()).collect();
        let source = apply(text.source(), &edits).unwrap_or_else(|error| {
            panic!("{}: {error}: {:#?}\n{}", file.path, file.edits, text.source())
        });
        edited.write(file.path, Mode::File, text.encode(&source).unwrap());
    }
    (after, edited, followed.findings)
}

/// Follows `moves_text` and compares the files that changed, and the findings as `! path:line
/// message` after them.
#[track_caller]
fn check_as(repository: &str, moves_text: &str, uses: Uses, floor: Safety, expected: &str) {
    let before = tree(repository);
    let moves = moves(&before, moves_text);
    let (after, edited, findings) = run(&before, &moves, uses, floor);
    let mut shown = String::new();
    for (path, entry) in edited.entries() {
        if after.entry(path).map(|it| it.id) != Some(entry.id) {
            let bytes = edited.read(path).unwrap();
            writeln!(shown, "//- {path}").unwrap();
            shown.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
    let complete = findings.is_empty();
    for it in findings {
        let (path, line) = (it.path.unwrap(), it.line.unwrap_or(0));
        writeln!(shown, "! {path}:{line} {}", it.message).unwrap();
    }
    assert_eq!(shown, expected, "\n── found ──\n{shown}\n── expected ──\n{expected}");
    if uses == Uses::Keep && complete {
        assert_faithful(&before, &edited, &moves);
    }
}

/// As [`check_as`], with what is applied when nothing is asked for.
#[track_caller]
fn check(repository: &str, moves: &str, expected: &str) {
    check_as(repository, moves, Uses::Keep, Safety::Safe, expected);
}

/// Checks the edits of `use.py`, in a repository where `moves` happen.
#[track_caller]
fn check_use(repository: &str, moves: &str, source: &str, expected: &str) {
    let repository = format!("{repository}//- use.py\n{source}");
    let expected =
        if source == expected { String::new() } else { format!("//- use.py\n{expected}") };
    check(&repository, moves, &expected);
}

/// Checks that every file still parses, and that every name that an import binds leads to what it
/// led to before.
#[track_caller]
fn assert_faithful(before: &Tree, edited: &Tree, moves: &Moves) {
    let (old, new) = (index(before), index(edited));
    let place = |path: &RepoPath| moves.paths.get(path).unwrap_or(path).clone();
    for (path, facts) in old.files() {
        let now = place(path);
        let Some(facts_now) = new.files().get(&now) else { continue };
        if facts.status == Status::Parsed {
            assert_eq!(facts_now.status, Status::Parsed, "{now}");
        }
        if !moves.modules.is_empty()
            || !moves.names.is_empty()
            || facts.status != Status::Parsed
            || now.name_str().starts_with("frozen")
            || old.files().contains_key(&now) && now != *path
        {
            continue;
        }
        let led = leads(&old, path, &|it| place(it));
        let mut lead = leads(&new, &now, &RepoPath::clone);
        // `import b` binds `b`; before, only what it imports counts: its uses may be rewritten.
        for import in new.files()[&now].imports.iter().filter(|it| it.level == 0) {
            let found = new.find(&now, 0, &import.module);
            if let (Target::Module { asname: None }, Found::Module(Module::File(file))) =
                (&import.target, found)
            {
                lead.entry(import.module.clone()).or_default().insert(file.to_string());
            }
        }
        for (name, targets) in led {
            let found = lead.get(&name).cloned().unwrap_or_default();
            assert!(
                targets.is_subset(&found),
                "{path} → {now}: `{name}` led to {targets:?}, leads to {found:?}\n{}",
                String::from_utf8_lossy(&edited.read(&now).unwrap())
            );
        }
    }
}

/// Returns what each name that an import binds leads to; what plain imports import is under `import`.
fn leads(
    facts: &Facts,
    file: &RepoPath,
    place: &dyn Fn(&RepoPath) -> RepoPath,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let module_text = |module: &Module| match module {
        Module::File(path) => Some(place(path).to_string()),
        Module::Namespace(_) => None,
    };
    for import in &facts.files()[file].imports {
        let Found::Module(module) = facts.find(file, import.level, &import.module) else {
            continue;
        };
        let mut add = |name: &str, target: Option<String>| {
            found.entry(name.to_owned()).or_default().extend(target);
        };
        match &import.target {
            Target::Module { asname: Some(name) } => add(name, module_text(&module)),
            Target::Module { asname: None } | Target::Star => add("import", module_text(&module)),
            // What it goes on with may be what it imports now.
            Target::Call { .. } => {}
            Target::Names(names) => {
                for name in names {
                    let target = match facts.member(&module, &name.name) {
                        Member::Definition { file, name } => {
                            Some(format!("{}:{name}", place(&file)))
                        }
                        Member::Module(found) => module_text(&found),
                        Member::External | Member::Assumed | Member::Missing => None,
                    };
                    add(name.local(), target);
                }
            }
        }
    }
    // A plain import may have become a `from` import: what it imported is imported still.
    let all: BTreeSet<String> = found.values().flatten().cloned().collect();
    found.entry("import".to_owned()).or_default().extend(all);
    found
}
