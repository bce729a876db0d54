//! Imports equal those of `rustpython-parser`, in the files that it can parse.
#![expect(clippy::wildcard_enum_match_arm, reason = "most statements hold no suite")]

use overhaul::python::{self, Target};
use overhaul::text::Text;
use rayon::prelude::*;
use rustpython_parser::Parse;
use rustpython_parser::ast::{ExceptHandler, Ranged, Stmt, Suite};

/// Module with its dots and names, and the span of the statement.
type Found = (String, usize, usize);

/// Adds the imports of `body` and of the suites in it.
fn imports(acc: &mut Vec<Found>, body: &[Stmt]) {
    for statement in body {
        let (start, end) = (statement.start().into(), statement.end().into());
        match statement {
            Stmt::Import(it) => {
                acc.extend(it.names.iter().map(|it| (it.name.to_string(), start, end)));
            }
            Stmt::ImportFrom(it) => {
                let dots = ".".repeat(it.level.map_or(0, |it| it.to_usize()));
                let module = it.module.as_ref().map_or("", |it| it.as_str());
                let names = it
                    .names
                    .iter()
                    .map(|it| format!(" {}={}", it.name, it.asname.as_ref().unwrap_or(&it.name)));
                acc.push((format!("{dots}{module}{}", names.collect::<String>()), start, end));
            }
            other => suites(other).into_iter().for_each(|it| imports(acc, it)),
        }
    }
}

fn suites(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::FunctionDef(it) => vec![&it.body],
        Stmt::AsyncFunctionDef(it) => vec![&it.body],
        Stmt::ClassDef(it) => vec![&it.body],
        Stmt::For(it) => vec![&it.body, &it.orelse],
        Stmt::AsyncFor(it) => vec![&it.body, &it.orelse],
        Stmt::While(it) => vec![&it.body, &it.orelse],
        Stmt::If(it) => vec![&it.body, &it.orelse],
        Stmt::With(it) => vec![&it.body],
        Stmt::AsyncWith(it) => vec![&it.body],
        Stmt::Match(it) => it.cases.iter().map(|it| &*it.body).collect(),
        Stmt::Try(it) => attempt(&it.body, &it.handlers, &it.orelse, &it.finalbody),
        Stmt::TryStar(it) => attempt(&it.body, &it.handlers, &it.orelse, &it.finalbody),
        _ => Vec::new(),
    }
}

fn attempt<'a>(
    body: &'a [Stmt],
    handlers: &'a [ExceptHandler],
    orelse: &'a [Stmt],
    last: &'a [Stmt],
) -> Vec<&'a [Stmt]> {
    let handlers = handlers.iter().map(|ExceptHandler::ExceptHandler(it)| &*it.body);
    [body].into_iter().chain(handlers).chain([orelse, last]).collect()
}

fn theirs(source: &str) -> Option<Vec<Found>> {
    let mut found = Vec::new();
    imports(&mut found, &Suite::parse(source, "module.py").ok()?);
    Some(found)
}

fn ours(source: &str, version: (u8, u8)) -> Vec<Found> {
    let imports = python::read(source.as_bytes(), version).imports;
    let found = imports.into_iter().filter_map(|it| {
        let names = match it.target {
            Target::Call { .. } => return None,
            Target::Module { .. } => {
                return Some((it.module, it.statement.start, it.statement.end));
            }
            Target::Star => " *=*".to_owned(),
            Target::Names(names) => {
                names.iter().map(|it| format!(" {}={}", it.name, it.local())).collect()
            }
        };
        let text = format!("{}{}{names}", ".".repeat(it.level as usize), it.module);
        Some((text, it.statement.start, it.statement.end))
    });
    found.collect()
}

#[test]
fn rustpython_finds_the_same_imports() {
    let (version, files) = super::library();
    let compared = files.par_iter().filter_map(|file| {
        let text = Text::decode_python(&std::fs::read(file).unwrap()).ok()?;
        let source = text.source();
        let (theirs, ours) = (theirs(source)?, ours(source, version));
        Some((theirs != ours).then(|| format!("{}: {theirs:?}\n  {ours:?}", file.display())))
    });
    let compared: Vec<Option<String>> = compared.collect();
    assert!(compared.len() * 10 > files.len() * 8, "it parses only {} files", compared.len());
    super::report(&compared.into_iter().flatten().collect::<Vec<_>>());
}
