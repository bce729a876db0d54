//! The largest expressions over `__file__`, and what happens to them.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, ExprContext};

use super::super::model::{FileFacts, Status};
use super::super::own::OwnPath;
use super::super::parse::{Tree, last_name, span};
use super::Reader;
use crate::text::{Lines, Span};

/// What is found on the way.
#[derive(Default)]
pub(super) struct Own<'a> {
    paths: Vec<OwnPath>,
    /// The names that are bound to the expression that begins here, and the expression for the same
    /// place that they are bound to before.
    names: BTreeMap<usize, (&'a str, Option<Span>)>,
    /// Where expressions begin that go into `sys.path`.
    pub(super) inserted: BTreeSet<usize>,
    /// Names that are read and stand for no path.
    loose: BTreeSet<&'a str>,
}

/// Returns the paths that a file computes from its own place, with the depth of the tree.
pub(in crate::python) fn own_paths(
    tree: &Tree,
    source: &str,
    target: (u8, u8),
) -> (Vec<OwnPath>, usize) {
    use ruff_python_ast::visitor::source_order::SourceOrderVisitor as _;
    let lines = Lines::new(source);
    let mut reader = Reader::new(source, &lines, target, FileFacts::nothing(Status::Parsed));
    reader.own = Some(Own::default());
    reader.visit_body(tree.body());
    let own = reader.own.take().unwrap_or_default();
    let mut paths = own.paths;
    for path in &mut paths {
        if let Some((name, before)) = own.names.get(&path.span.start) {
            path.name = Some((*name).to_owned());
            path.loose = own.loose.contains(name);
            path.before = before.clone();
        }
        path.inserted = own.inserted.contains(&path.span.start);
    }
    (paths, reader.deepest)
}

impl<'a> Reader<'a> {
    /// Notes an expression that leads from `__file__` to a place; tells whether it does.
    pub(super) fn own_path(&mut self, expression: &'a Expr) -> bool {
        if expression.as_name_expr().is_some_and(|it| it.ctx != ExprContext::Load) {
            return false;
        }
        let harmless = match expression {
            Expr::Attribute(it) if matches!(it.attr.as_str(), "name" | "stem" | "suffix") => {
                Some(&*it.value)
            }
            Expr::Call(it) => match last_name(&it.func) {
                Some("basename" | "open" | "print") => it.arguments.args.first(),
                _ => None,
            },
            _ => None,
        };
        let is_file = |it: &Expr| self.own_of(it).is_some_and(|path| path.steps.is_empty());
        if harmless.is_some_and(is_file) {
            return true;
        }
        let found = self.own_of(expression);
        let Some(own) = &mut self.own else { return false };
        let is_found = found.is_some();
        own.paths.extend(found);
        if let Expr::Name(it) = expression
            && !is_found
        {
            own.loose.insert(it.id.as_str());
        }
        is_found
    }

    /// Notes that a name stands for the value that is assigned to it, as for that of `before`.
    pub(super) fn own_bound(&mut self, name: &'a str, value: &Expr, before: Option<Span>) {
        if let Some(own) = &mut self.own {
            own.names.insert(span(value).start, (name, before));
        }
    }

    fn own_of(&self, expression: &Expr) -> Option<OwnPath> {
        let folder = self.folder(expression)?;
        let base = folder.base?;
        Some(OwnPath {
            span: span(expression),
            base,
            steps: folder.steps,
            object: folder.object,
            name: None,
            before: None,
            loose: false,
            inserted: false,
        })
    }
}
