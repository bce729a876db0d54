//! `__all__`, in every form that can be read.

use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{Expr, ExprCall, Operator};

use super::super::model::All;
use super::super::parse::span;
use super::{Reader, ScopeKind};
use crate::text::Span;

/// What an expression adds to `__all__`.
#[derive(Default)]
struct Exports {
    names: Vec<(String, Span)>,
    /// Nothing else is in it.
    readable: bool,
    /// It starts from what `__all__` was.
    continues: bool,
}

impl<'a> Reader<'a> {
    /// Binds `__all__` by a statement that is understood; `update` says how.
    pub(super) fn exports_bound(&mut self, target: &'a Expr, update: impl FnOnce(&mut Self)) {
        let before = std::mem::take(&mut self.facts.names.all);
        self.visit_expr(target);
        self.facts.names.all = before;
        if self.binds_module("__all__") {
            update(self);
        }
    }

    /// `__all__ = value`. One that may not run adds to what others say.
    pub(super) fn exports_assigned(&mut self, value: &Expr) {
        let found = exports(value);
        if !found.continues && !self.place.conditional {
            self.facts.names.all = All::Absent;
        }
        self.add(found);
    }

    /// `__all__ += value`, `__all__.extend(value)`.
    pub(super) fn exports_extended(&mut self, value: &Expr) {
        self.add(exports(value));
    }

    /// `__all__.remove("name")` takes the first one out.
    fn exports_removed(&mut self, name: &str) {
        if let All::Names(names) | All::Dynamic(names) = &mut self.facts.names.all
            && let Some(at) = names.iter().position(|(it, _)| it == name)
        {
            names.remove(at);
        }
    }

    /// Marks that something is done to `__all__` that cannot be read.
    pub(super) fn exports_unreadable(&mut self) {
        self.add(Exports::default());
    }

    fn add(&mut self, found: Exports) {
        let all = &mut self.facts.names.all;
        let (mut names, readable) = match std::mem::take(all) {
            All::Absent => (Vec::new(), true),
            All::Names(names) => (names, true),
            All::Dynamic(names) => (names, false),
        };
        names.extend(found.names);
        *all = if readable && found.readable { All::Names(names) } else { All::Dynamic(names) };
    }

    /// A method of `__all__` is called.
    pub(super) fn exports_called(&mut self, method: &str, call: &ExprCall) {
        if self.scope() != ScopeKind::Module {
            return self.exports_unreadable();
        }
        match (method, &*call.arguments.args) {
            ("extend", [value]) => self.exports_extended(value),
            ("append", [value]) | ("insert", [_, value]) => {
                let literal = exported(value);
                self.add(Exports {
                    readable: literal.is_some(),
                    names: literal.into_iter().collect(),
                    continues: true,
                });
            }
            ("remove", [value]) if !self.place.conditional => match exported(value) {
                Some((name, _)) => self.exports_removed(&name),
                None => self.exports_unreadable(),
            },
            ("sort" | "reverse" | "index" | "count" | "copy", _) => {}
            _ => self.exports_unreadable(),
        }
    }
}

/// Reads lists and tuples of literals, and their sums.
fn exports(value: &Expr) -> Exports {
    let mut terms = Vec::new();
    let mut rest = value;
    while let Expr::BinOp(sum) = rest {
        if sum.op != Operator::Add {
            break;
        }
        terms.push(&*sum.right);
        rest = &sum.left;
    }
    terms.push(rest);
    let mut found = Exports { readable: true, ..Exports::default() };
    for term in terms.into_iter().rev() {
        match term {
            Expr::List(it) => found.take(&it.elts),
            Expr::Tuple(it) => found.take(&it.elts),
            Expr::Name(it) if it.id.as_str() == "__all__" => found.continues = true,
            _ => found.readable = false,
        }
    }
    found
}

impl Exports {
    fn take(&mut self, elements: &[Expr]) {
        for element in elements {
            match exported(element) {
                Some(name) => self.names.push(name),
                None => self.readable = false,
            }
        }
    }
}

fn exported(element: &Expr) -> Option<(String, Span)> {
    match element {
        Expr::StringLiteral(it) => Some((it.value.to_str().to_owned(), span(it))),
        _ => None,
    }
}
