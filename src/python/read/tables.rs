//! What tables of string literals have in them, as far as the code of one module tells.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, InterpolatedStringElement, Operator, Stmt};

use super::super::model::{All, FileFacts, Target};
use super::super::parse::last_name;

pub(super) type Set = BTreeSet<String>;

/// Methods and functions that change a table in place.
const CHANGES: [&str; 9] =
    ["update", "add", "append", "extend", "insert", "setdefault", "__setitem__", "pop", "clear"];

/// A string that is looked up: what stands before and after the one that is asked for.
pub(super) struct Key {
    before: String,
    after: String,
}

impl Key {
    /// Returns the string that is asked for where this key is `name`.
    fn asked(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        Some(rest.to_owned())
    }
}

/// What containers of string literals have in them.
pub(super) struct Tables<'a> {
    /// The body of the module.
    pub(super) module: &'a [Stmt],
    /// What is known of the module.
    pub(super) facts: &'a FileFacts,
    /// Names that stand for something else where the tables are looked at.
    pub(super) local: BTreeSet<&'a str>,
}

/// Tables that are made of tables that are made of tables end here.
const DEEPEST: usize = 8;

impl Tables<'_> {
    /// Returns what `argument` is for each key of what is surely a dictionary.
    pub(super) fn keys(&self, value: &Expr, key: &Expr, argument: &str) -> Option<Set> {
        let value = self.value(value);
        let mapping = matches!(value, Expr::Dict(_)) || is_namespace(value);
        mapping.then(|| self.items(value, key, argument)).flatten()
    }

    /// Returns what `argument` is for each string in a container that `key` may be.
    pub(super) fn items(&self, value: &Expr, key: &Expr, argument: &str) -> Option<Set> {
        let key = self.key(key, argument)?;
        let names = self.read(value)?;
        Some(names.iter().filter_map(|it| key.asked(it)).collect())
    }

    /// Reads `name`, `"_" + name`, `f"{PREFIX}{name}"`, `"_%s" % name`.
    fn key(&self, key: &Expr, argument: &str) -> Option<Key> {
        let joined = |before: String, after: String| Some(Key { before, after });
        match key {
            Expr::Name(it) if it.id.as_str() == argument => joined(String::new(), String::new()),
            Expr::BinOp(it) if it.op == Operator::Add => match self.text(&it.left) {
                Some(before) => {
                    let rest = self.key(&it.right, argument)?;
                    joined(before + &rest.before, rest.after)
                }
                None => {
                    let rest = self.key(&it.left, argument)?;
                    joined(rest.before, rest.after + &self.text(&it.right)?)
                }
            },
            Expr::BinOp(it) if it.op == Operator::Mod => {
                let pattern = self.text(&it.left)?;
                let (before, after) = pattern.split_once("%s")?;
                self.key(&it.right, argument).filter(|_| !before.contains('%'))?;
                joined(before.to_owned(), after.to_owned()).filter(|it| !it.after.contains('%'))
            }
            Expr::FString(it) => {
                let mut found: Option<Key> = None;
                let mut before = String::new();
                for element in it.value.elements() {
                    let text = match element {
                        InterpolatedStringElement::Literal(it) => Some(it.value.to_string()),
                        InterpolatedStringElement::Interpolation(it) => self.text(&it.expression),
                    };
                    match (text, element, &mut found) {
                        (Some(text), _, Some(found)) => found.after.push_str(&text),
                        (Some(text), _, None) => before.push_str(&text),
                        (None, InterpolatedStringElement::Interpolation(it), None) => {
                            let plain = it.format_spec.is_none() && it.debug_text.is_none();
                            let key = self.key(&it.expression, argument).filter(|_| plain)?;
                            found = Some(Key { before: before.clone() + &key.before, ..key });
                        }
                        _ => return None,
                    }
                }
                found
            }
            _ => None,
        }
    }

    /// Returns the string that an expression is.
    fn text(&self, value: &Expr) -> Option<String> {
        text(self.value(value))
    }

    /// Returns all names that the module has, where it makes none that cannot be read.
    fn namespace(&self) -> Option<Set> {
        let starred = self.facts.imports.iter().any(|it| it.target == Target::Star);
        let names = &self.facts.names;
        let bound = names.bound.keys().chain(names.made.iter().map(String::as_str));
        (!starred && !names.open).then(|| bound.map(str::to_owned).collect())
    }

    /// Returns the strings that are in a container, of a dictionary the keys.
    pub(super) fn read(&self, value: &Expr) -> Option<Set> {
        self.read_at(value, 0)
    }

    fn read_at(&self, value: &Expr, depth: usize) -> Option<Set> {
        if depth == DEEPEST {
            return None;
        }
        let within = |it: &Expr| self.read_at(it, depth + 1);
        let all = |it: &[Expr]| it.iter().map(text).collect();
        match value {
            _ if is_namespace(value) => self.namespace(),
            Expr::Name(it) if it.id.as_str() == "__all__" => match &self.facts.names.all {
                All::Names(all) => Some(all.iter().map(|(name, _)| name.clone()).collect()),
                All::Absent | All::Dynamic(_) => None,
            },
            Expr::Name(_) => match self.value(value) {
                Expr::Name(_) => None,
                value => within(value),
            },
            Expr::List(it) => all(&it.elts),
            Expr::Tuple(it) => all(&it.elts),
            Expr::Set(it) => all(&it.elts),
            Expr::Dict(it) => union(it.items.iter().map(|item| match &item.key {
                Some(key) => text(key).map(|it| Set::from([it])),
                None => within(&item.value),
            })),
            Expr::BinOp(it) if matches!(it.op, Operator::Add | Operator::BitOr) => {
                union([within(&it.left), within(&it.right)].into_iter())
            }
            Expr::Call(it) => match (last_name(&it.func)?, &*it.func, &*it.arguments.args) {
                ("frozenset" | "set" | "tuple" | "list" | "sorted" | "dict", _, [one])
                    if it.arguments.keywords.is_empty() =>
                {
                    within(one)
                }
                ("keys", Expr::Attribute(method), []) => within(&method.value),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns what a variable of the module holds that is assigned once and never changed.
    fn value<'b>(&'b self, value: &'b Expr) -> &'b Expr {
        let Expr::Name(name) = value else { return value };
        let name = name.id.as_str();
        let once = self.facts.names.bound.get(name).is_some_and(|it| it.len() == 1);
        let assigned = self.module.iter().find_map(|statement| match statement {
            Stmt::Assign(it) => match it.targets.as_slice() {
                [Expr::Name(target)] if target.id.as_str() == name => Some(&*it.value),
                _ => None,
            },
            Stmt::AnnAssign(it) => match &*it.target {
                Expr::Name(target) if target.id.as_str() == name => it.value.as_deref(),
                _ => None,
            },
            _ => None,
        });
        let known = once && !self.local.contains(name) && !self.is_changed(name);
        assigned.filter(|_| known).unwrap_or(value)
    }

    /// Tells whether the module changes in place what a variable holds.
    fn is_changed(&self, name: &str) -> bool {
        let mut changes = Changes { name, seen: false };
        changes.visit_body(self.module);
        changes.seen
    }
}

pub(super) fn union(sets: impl Iterator<Item = Option<Set>>) -> Option<Set> {
    sets.collect::<Option<Vec<_>>>().map(|sets| sets.into_iter().flatten().collect())
}

/// Tells whether an expression is `globals()`.
fn is_namespace(value: &Expr) -> bool {
    matches!(value, Expr::Call(it) if it.arguments.is_empty()
        && matches!(&*it.func, Expr::Name(it) if it.id.as_str() == "globals"))
}

fn text(value: &Expr) -> Option<String> {
    value.as_string_literal_expr().map(|it| it.value.to_str().to_owned())
}

/// Looks for `NAME[…] = …`, `NAME |= …`, `NAME.update(…)`.
struct Changes<'b> {
    name: &'b str,
    seen: bool,
}

impl Changes<'_> {
    fn is_it(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Name(it) if it.id.as_str() == self.name)
    }
}

impl<'a> SourceOrderVisitor<'a> for Changes<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.seen |= matches!(statement, Stmt::AugAssign(it) if self.is_it(&it.target));
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.seen |= match expression {
            Expr::Subscript(it) => !it.ctx.is_load() && self.is_it(&it.value),
            Expr::Attribute(it) => CHANGES.contains(&it.attr.as_str()) && self.is_it(&it.value),
            _ => false,
        };
        walk_expr(self, expression);
    }
}
