//! What a definition does to modules that it is no part of: it gets hold of one, or of its namespace,
//! by a name that only the run tells, or of its caller's, and changes it.

use ruff_python_ast::{Expr, ExprCall};

use super::Reader;
use super::reflection::is_callers_namespace;

/// A variable, or an attribute of one: `module`, `self.module`.
type Holder<'a> = (&'a str, Option<&'a str>);

/// What the definitions around a place hold, and what the innermost one changes, in no order: a loop
/// may run it again. An inner one holds what the outer ones hold.
#[derive(Debug, Default)]
pub(super) struct Reach<'a> {
    /// What holds another module.
    foreign: Vec<Holder<'a>>,
    /// The first holds what the second held.
    same: Vec<(Holder<'a>, Holder<'a>)>,
    /// What is changed.
    changed: Vec<Holder<'a>>,
    /// Another module is changed that nothing holds.
    changes: bool,
}

/// What an outer definition holds and changes.
pub(super) struct Outer<'a> {
    foreign: usize,
    same: usize,
    changed: Vec<Holder<'a>>,
    changes: bool,
}

/// Where an expression has a module, or its namespace, from.
enum Origin<'a> {
    Foreign,
    Held(Holder<'a>),
}

impl<'a> Reach<'a> {
    /// Goes into a definition.
    pub(super) fn enter(&mut self) -> Outer<'a> {
        Outer {
            foreign: self.foreign.len(),
            same: self.same.len(),
            changed: std::mem::take(&mut self.changed),
            changes: std::mem::take(&mut self.changes),
        }
    }

    /// Comes back out of a definition; tells whether it changes another module.
    pub(super) fn leave(&mut self, outer: Outer<'a>) -> bool {
        let changes = self.changes_foreign();
        self.foreign.truncate(outer.foreign);
        self.same.truncate(outer.same);
        (self.changed, self.changes) = (outer.changed, outer.changes);
        changes
    }

    fn changes_foreign(&self) -> bool {
        if self.changes || self.changed.is_empty() || self.foreign.is_empty() {
            return self.changes;
        }
        let mut foreign = self.foreign.clone();
        let mut next = 0;
        while let Some(holder) = foreign.get(next).copied() {
            next += 1;
            let same = self.same.iter().filter(|(_, from)| *from == holder);
            for (to, _) in same {
                if !foreign.contains(to) {
                    foreign.push(*to);
                }
            }
        }
        self.changed.iter().any(|it| foreign.contains(it))
    }
}

impl<'a> Reader<'a> {
    /// `target = value`: the one may hold a module that the other one is.
    pub(super) fn held(&mut self, target: &'a Expr, value: &'a Expr) {
        let (Some(target), Some(origin)) = (holder(target), self.module_of(value)) else { return };
        match origin {
            Origin::Foreign => self.reach.foreign.push(target),
            Origin::Held(from) => self.reach.same.push((target, from)),
        }
    }

    /// Names are made in what the expression is, should that be a module or a namespace.
    pub(super) fn changed(&mut self, expression: &'a Expr) {
        match self.module_of(expression) {
            Some(Origin::Foreign) => self.reach.changes = true,
            Some(Origin::Held(holder)) => self.reach.changed.push(holder),
            None => {}
        }
    }

    /// `setattr(module, name, …)`, `exec(code, namespace)`.
    pub(super) fn changed_by(&mut self, name: &str, call: &'a ExprCall) {
        let arguments = &call.arguments;
        let (at, made) = match name {
            "setattr" => (0, arguments.args.get(1)),
            "exec" => (1, None),
            _ => return,
        };
        let own =
            |it: &Expr| it.as_string_literal_expr().is_some_and(|it| is_dunder(it.value.to_str()));
        if let Some(module) = arguments.args.get(at).filter(|_| !made.is_some_and(own)) {
            self.changed(module);
        }
    }

    fn module_of(&self, expression: &'a Expr) -> Option<Origin<'a>> {
        if is_callers_namespace(expression) || self.is_foreign(expression) {
            return Some(Origin::Foreign);
        }
        match expression {
            Expr::Attribute(it) if it.attr.as_str() == "__dict__" => self.module_of(&it.value),
            Expr::Named(it) => self.module_of(&it.value),
            Expr::Call(it) => match (&*it.func, &*it.arguments.args) {
                (Expr::Name(function), [module]) if function.id.as_str() == "vars" => {
                    self.module_of(module)
                }
                _ => None,
            },
            _ => holder(expression).map(Origin::Held),
        }
    }

    /// `sys.modules[name]`, `sys.modules.get(name)`.
    fn is_foreign(&self, expression: &Expr) -> bool {
        let (modules, name) = match expression {
            Expr::Subscript(it) => (&*it.value, Some(&*it.slice)),
            Expr::Call(it) => match &*it.func {
                Expr::Attribute(get) if get.attr.as_str() == "get" => {
                    (&*get.value, it.arguments.args.first())
                }
                _ => return false,
            },
            _ => return false,
        };
        name.is_some_and(|it| !it.is_string_literal_expr())
            && self.is(modules, "sys.modules")
            && !self.is_module(expression)
    }
}

fn holder(expression: &Expr) -> Option<Holder<'_>> {
    match expression {
        Expr::Name(it) => Some((it.id.as_str(), None)),
        Expr::Attribute(it) => match &*it.value {
            Expr::Name(base) => Some((base.id.as_str(), Some(it.attr.as_str()))),
            _ => None,
        },
        _ => None,
    }
}

/// Tells whether a name is one of Python's own, which nobody imports.
pub(super) fn is_dunder(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}
