//! Insertions into `sys.path`, in the order in which Python searches what they insert.

use std::collections::BTreeMap;

use ruff_python_ast::{Comprehension, Expr, ExprCall, Operator, Stmt, StmtFor};

use super::super::model::{PathInsert, PathSpot};
use super::super::parse::{deeper, span};
use super::imports::number;
use super::{Reader, Value};

/// A place on `sys.path`, counted from its beginning; `None` for its end.
type At = Option<usize>;

impl<'a> Reader<'a> {
    /// `sys.path.insert(0, folder)`, `.append(folder)`, `.extend([folder])`.
    pub(super) fn path_called(&mut self, object: &Expr, method: &str, call: &'a ExprCall) {
        if !self.is(object, "sys.path") {
            return;
        }
        match (method, &*call.arguments.args) {
            ("insert", [at, folder]) => drop(self.insert(folder, place(at))),
            ("append", [folder]) => drop(self.insert(folder, None)),
            ("extend", [folders]) => drop(self.insert_all(folders, None)),
            _ => {}
        }
    }

    /// `site.addsitedir(folder)`.
    pub(super) fn site_added(&mut self, call: &'a ExprCall) {
        if let ([folder], true) = (&*call.arguments.args, self.is(&call.func, "site.addsitedir")) {
            self.insert(folder, None);
        }
    }

    /// `sys.path = [folder] + sys.path`, `sys.path[0:0] = [folder]`.
    pub(super) fn path_assigned(&mut self, target: &Expr, value: &'a Expr) {
        let (list, lower) = match target {
            Expr::Subscript(it) => match &*it.slice {
                Expr::Slice(slice) => (&*it.value, slice.lower.as_deref()),
                _ => return,
            },
            other => (other, None),
        };
        if self.is(list, "sys.path") {
            self.insert_all(value, lower.map_or(Some(0), place));
        }
    }

    /// `sys.path += [folder]`.
    pub(super) fn path_extended(&mut self, target: &Expr, value: &'a Expr) {
        if self.is(target, "sys.path") {
            self.insert_all(value, None);
        }
    }

    /// `for folder in ("lib", "src"): sys.path.insert(0, folder)`.
    pub(super) fn path_loop(&mut self, it: &'a StmtFor) {
        if self.own.is_none() && self.touches_path(&it.body) {
            self.each(&it.target, &it.iter, |reader| reader.path_statements(&it.body));
        }
    }

    fn touches_path(&self, body: &[Stmt]) -> bool {
        body.iter().any(|statement| match statement {
            Stmt::Expr(it) => match it.value.as_call_expr().map(|it| &*it.func) {
                Some(Expr::Attribute(it)) => {
                    self.is(&it.value, "sys.path") || it.attr.as_str() == "addsitedir"
                }
                _ => false,
            },
            Stmt::AugAssign(it) => self.is(&it.target, "sys.path"),
            Stmt::If(it) => self.touches_path(&it.body),
            _ => false,
        })
    }

    /// Does again what a loop does to `sys.path`.
    fn path_statements(&mut self, body: &'a [Stmt]) {
        for statement in body {
            match statement {
                Stmt::Expr(it) => {
                    let Expr::Call(call) = &*it.value else { continue };
                    let Expr::Attribute(function) = &*call.func else { continue };
                    self.path_called(&function.value, function.attr.as_str(), call);
                    self.site_added(call);
                }
                Stmt::AugAssign(it) => self.path_extended(&it.target, &it.value),
                Stmt::Assign(it) => {
                    let [Expr::Name(name)] = it.targets.as_slice() else { continue };
                    let value = self.folder(&it.value);
                    let value = value.map(|folder| Value::Folder(folder, span(&*it.value)));
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.values.insert(name.id.as_str(), value);
                    }
                }
                Stmt::If(it) => self.path_statements(&it.body),
                _ => {}
            }
        }
    }

    /// Works with `target` as each of the folders of a list, one after the other.
    fn each(&mut self, target: &'a Expr, list: &'a Expr, mut work: impl FnMut(&mut Self)) {
        let elements = match list {
            Expr::List(it) => &it.elts,
            Expr::Tuple(it) => &it.elts,
            _ => return,
        };
        let Expr::Name(target) = target else { return };
        let Some(before) = self.scopes.last().map(|it| it.values.clone()) else { return };
        for element in elements {
            let value = self.place_of(element).map(|it| Value::Folder(it, span(element)));
            let mut now = before.clone();
            now.insert(target.id.as_str(), value);
            self.set_values(now);
            work(self);
        }
        self.set_values(before);
    }

    fn set_values(&mut self, values: BTreeMap<&'a str, Option<Value>>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.values = values;
        }
    }

    /// Inserts the folders of a list, the first one at `at`; returns where a next one would go.
    fn insert_all(&mut self, folders: &'a Expr, at: At) -> At {
        deeper(|| match folders {
            Expr::List(it) => it.elts.iter().fold(at, |at, it| self.insert_part(it, at)),
            Expr::Tuple(it) => it.elts.iter().fold(at, |at, it| self.insert_part(it, at)),
            Expr::ListComp(it) => self.insert_made(&it.elt, &it.generators, at),
            Expr::Generator(it) => self.insert_made(&it.elt, &it.generators, at),
            Expr::BinOp(it) if it.op == Operator::Add => {
                let at = self.insert_all(&it.left, at);
                self.insert_all(&it.right, at)
            }
            Expr::Subscript(it) if self.is(&it.value, "sys.path") => match &*it.slice {
                // `sys.path[:1] + …`: what follows stands behind the first ones.
                Expr::Slice(slice) => Some(at? + slice.upper.as_deref().and_then(place)?),
                _ => at,
            },
            Expr::Starred(it) => self.insert_all(&it.value, at),
            other if self.is(other, "sys.path") => None,
            _ => at,
        })
    }

    fn insert_part(&mut self, part: &'a Expr, at: At) -> At {
        match part {
            Expr::Starred(_) => self.insert_all(part, at),
            folder => self.insert(folder, at),
        }
    }

    /// `[join(HERE, name) for name in ("lib", "src")]`.
    fn insert_made(&mut self, made: &'a Expr, loops: &'a [Comprehension], mut at: At) -> At {
        if let ([only], None) = (loops, &self.own) {
            self.each(&only.target, &only.iter, |reader| at = reader.insert(made, at));
        }
        at
    }

    /// Inserts a folder; returns where a next one would go.
    fn insert(&mut self, expression: &Expr, at: At) -> At {
        if let Some(own) = &mut self.own {
            own.inserted.insert(span(expression).start);
        }
        // A file on `sys.path` is an archive or a slip.
        let Some(folder) = self.place_of(expression).filter(|it| !it.is_file()) else { return at };
        let known = &mut self.facts.path_inserts;
        let count = |spot| known.iter().filter(|it| it.spot == spot).count();
        let (first, second) = (count(PathSpot::First), count(PathSpot::Second));
        // Between those two stands what Python began with: the folder of the script.
        let (spot, index) = match at {
            Some(at) if at <= first => (PathSpot::First, at),
            Some(at) => (PathSpot::Second, (at - 1).min(first + second)),
            None => (PathSpot::Last, known.len()),
        };
        let line = self.lines.line(span(expression).start);
        let (folder, from_file) = (folder.text(), folder.base.is_some());
        known.insert(index, PathInsert { folder, from_file, spot, line });
        at.map(|at| at + 1)
    }
}

/// Returns the place that an index of `sys.path` is: one that is no plain number counts from its end.
fn place(index: &Expr) -> At {
    usize::try_from(number(index)?).ok()
}
