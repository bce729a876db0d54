//! `overhaul.verify/1`, and the imports that do not resolve, as other reports list them.

use serde::Serialize;

use super::pretty;
use crate::path::RepoPath;
use crate::report::{Explain, TextOptions, VerifyReport};
use crate::verify::{Kind, Unreadable, Unresolved};

#[derive(Serialize)]
struct Verify<'a> {
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<&'a str>,
    files: usize,
    imports: usize,
    counts: Counts,
    unresolved: Vec<Import<'a>>,
    cycles: Vec<Vec<String>>,
    unreadable: Vec<File<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<Import<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unproved: Option<Vec<Import<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Explained<'a>>,
}

/// How many of each there are; an optional import is counted as such, whatever its kind.
#[derive(Serialize)]
struct Counts {
    missing_module: usize,
    missing_name: usize,
    undeclared: usize,
    optional: usize,
    cycles: usize,
    unreadable: usize,
}

/// An import that does not resolve.
#[derive(Serialize)]
pub(super) struct Import<'a> {
    path: String,
    line: u32,
    column: u32,
    module: &'a str,
    name: Option<&'a str>,
    kind: &'static str,
    optional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// A file that cannot be read as Python; line and column are missing where it cannot be decoded.
#[derive(Serialize)]
pub(super) struct File<'a> {
    path: String,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

#[derive(Serialize)]
struct Explained<'a> {
    target: String,
    roots: Vec<Root<'a>>,
    third_party: &'a [String],
}

#[derive(Serialize)]
struct Root<'a> {
    folder: String,
    scope: String,
    why: &'a str,
}

pub(super) fn render(report: &VerifyReport<'_>, _: TextOptions) -> Vec<u8> {
    let whole = report.report;
    let (unresolved, cycles, unreadable) = match report.against {
        None => (&whole.unresolved, &whole.cycles, &whole.unreadable),
        Some(it) => (&it.proof.broken, &it.proof.new_cycles, &it.proof.unreadable),
    };
    pretty(&Verify {
        format: "overhaul.verify/1",
        against: report.against.map(|it| it.revision),
        files: whole.files,
        imports: whole.imports,
        counts: Counts {
            missing_module: count(unresolved, Kind::MissingModule),
            missing_name: count(unresolved, Kind::MissingName),
            undeclared: count(unresolved, Kind::Undeclared),
            optional: unresolved.iter().filter(|it| it.optional).count(),
            cycles: cycles.len(),
            unreadable: unreadable.len(),
        },
        unresolved: imports(unresolved),
        cycles: paths(cycles),
        unreadable: files(unreadable),
        fixed: report.against.map(|it| imports(&it.proof.fixed)),
        unproved: report.against.map(|it| imports(&it.proof.unproved)),
        explain: report.explain.as_ref().map(explained),
    })
}

fn count(unresolved: &[Unresolved], kind: Kind) -> usize {
    unresolved.iter().filter(|it| it.kind == kind && !it.optional).count()
}

pub(super) fn imports(unresolved: &[Unresolved]) -> Vec<Import<'_>> {
    unresolved.iter().map(import).collect()
}

fn import(it: &Unresolved) -> Import<'_> {
    Import {
        path: it.path.to_string(),
        line: it.line,
        column: it.column,
        module: &it.module,
        name: it.name.as_deref(),
        kind: match it.kind {
            Kind::MissingModule => "missing-module",
            Kind::MissingName => "missing-name",
            Kind::Undeclared => "undeclared",
        },
        optional: it.optional,
        why: it.why.as_deref(),
    }
}

pub(super) fn files(unreadable: &[Unreadable]) -> Vec<File<'_>> {
    unreadable.iter().map(file).collect()
}

fn file(it: &Unreadable) -> File<'_> {
    let place = |number: u32| (number > 0).then_some(number);
    File {
        path: it.path.to_string(),
        line: place(it.line),
        column: place(it.column),
        message: &it.message,
    }
}

pub(super) fn paths(cycles: &[Vec<RepoPath>]) -> Vec<Vec<String>> {
    cycles.iter().map(|cycle| cycle.iter().map(ToString::to_string).collect()).collect()
}

fn explained<'a>(explain: &'a Explain<'a>) -> Explained<'a> {
    let root = |it: &'a crate::facts::Root| Root {
        folder: it.folder.to_string(),
        scope: it.scope.to_string(),
        why: &it.why,
    };
    Explained {
        target: format!("{}.{}", explain.target.0, explain.target.1),
        roots: explain.roots.iter().map(root).collect(),
        third_party: &explain.third_party,
    }
}
