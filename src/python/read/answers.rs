//! Which names the `__getattr__` of a module (PEP 562) answers, where its code tells: those that it
//! compares its argument with, or looks up in tables of literals, before it raises.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    BoolOp, CmpOp, ExceptHandler, Expr, ExprCompare, Operator, Pattern, Stmt, StmtFunctionDef,
    StmtIf, StmtMatch, StmtTry, UnaryOp,
};

use super::super::model::{All, Getattr, Names};
use super::super::parse::last_name;

type Set = BTreeSet<String>;

/// Methods and functions that change a table in place.
const CHANGES: [&str; 9] =
    ["update", "add", "append", "extend", "insert", "setdefault", "__setitem__", "pop", "clear"];

/// Returns what `function`, the only `__getattr__` of the module with this body, answers.
pub(super) fn answers(function: &StmtFunctionDef, module: &[Stmt], names: &Names) -> Getattr {
    let [argument] = function.parameters.args.as_slice() else { return Getattr::Any };
    let one = function.parameters.len() == 1 && function.decorator_list.is_empty();
    if !one || function.is_async {
        return Getattr::Any;
    }
    let tables = Tables { module, names };
    let argument = argument.parameter.name.as_str();
    let mut asked = Asked { argument, tables, found: BTreeMap::new(), answered: Set::new() };
    match asked.body(&function.body) {
        Flow::Ends => Getattr::Names(asked.answered),
        Flow::GoesOn | Flow::Answers => Getattr::Any,
    }
}

/// How a suite goes for a name that none of the known answers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flow {
    /// It surely raises.
    Ends,
    /// It may reach its end; it surely returns nothing.
    GoesOn,
    /// It may return something.
    Answers,
}

struct Asked<'a> {
    argument: &'a str,
    tables: Tables<'a>,
    /// Variables that hold what a table has for the argument, or nothing.
    found: BTreeMap<&'a str, Set>,
    answered: Set,
}

impl<'a> Asked<'a> {
    fn body(&mut self, body: &'a [Stmt]) -> Flow {
        for statement in body {
            match self.statement(statement) {
                Flow::GoesOn => {}
                done => return done,
            }
        }
        Flow::GoesOn
    }

    fn statement(&mut self, statement: &'a Stmt) -> Flow {
        match statement {
            Stmt::Raise(_) => Flow::Ends,
            Stmt::Return(it) => match it.value.as_deref().and_then(|it| self.needed(it)) {
                Some(names) => self.ends_but_for(names),
                None => Flow::Answers,
            },
            Stmt::Assign(it) => {
                if let [Expr::Name(target)] = it.targets.as_slice() {
                    self.keep(target.id.as_str(), &it.value);
                }
                self.evaluated(&it.value)
            }
            Stmt::AnnAssign(it) => {
                let Some(value) = &it.value else { return Flow::GoesOn };
                if let Expr::Name(target) = &*it.target {
                    self.keep(target.id.as_str(), value);
                }
                self.evaluated(value)
            }
            Stmt::Expr(it) => self.evaluated(&it.value),
            Stmt::If(it) => self.branches(it),
            Stmt::Match(it) => self.cases(it),
            Stmt::Try(it) => self.attempt(it),
            // What it manages may take an exception away.
            Stmt::With(it) => self.body(&it.body).max(Flow::GoesOn),
            Stmt::For(it) => self.body(&it.body).max(self.body(&it.orelse)).max(Flow::GoesOn),
            Stmt::While(it) => self.body(&it.body).max(self.body(&it.orelse)).max(Flow::GoesOn),
            _ => Flow::GoesOn,
        }
    }

    /// Notes that from here on only these names are left.
    fn ends_but_for(&mut self, names: Set) -> Flow {
        self.answered.extend(names);
        Flow::Ends
    }

    fn evaluated(&mut self, value: &Expr) -> Flow {
        match self.needed(value) {
            Some(names) => self.ends_but_for(names),
            None => Flow::GoesOn,
        }
    }

    /// Returns the keys of `TABLE` in `TABLE[name]`: any other name raises.
    fn needed(&self, value: &Expr) -> Option<Set> {
        match value {
            Expr::Subscript(it) if self.is_argument(&it.slice) => self.tables.mapping(&it.value),
            _ => None,
        }
    }

    /// Remembers `found = TABLE.get(name)`.
    fn keep(&mut self, target: &'a str, value: &Expr) {
        let found = self.looked_up(value);
        self.found.remove(target);
        self.found.extend(found.map(|it| (target, it)));
    }

    fn looked_up(&self, value: &Expr) -> Option<Set> {
        let Expr::Call(call) = value else { return None };
        let Expr::Attribute(method) = &*call.func else { return None };
        let nothing = match &*call.arguments.args {
            [_] => true,
            [_, default] => default.is_none_literal_expr(),
            _ => false,
        };
        let asks = method.attr.as_str() == "get" && call.arguments.keywords.is_empty() && nothing;
        let argument = call.arguments.args.first().is_some_and(|it| self.is_argument(it));
        (asks && argument).then(|| self.tables.mapping(&method.value)).flatten()
    }

    fn is_argument(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Name(it) if it.id.as_str() == self.argument)
    }

    fn branches(&mut self, it: &'a StmtIf) -> Flow {
        let mut clauses = vec![(Some(&*it.test), it.body.as_slice())];
        let others = it.elif_else_clauses.iter();
        clauses.extend(others.map(|it| (it.test.as_ref(), it.body.as_slice())));
        // How it goes for a name that no clause so far is for.
        let mut flow = Flow::Ends;
        for (test, body) in clauses {
            let Some(test) = test else { return flow.max(self.body(body)) };
            self.walrus(test);
            if let Some(names) = self.holds_for(test) {
                // Whatever it does there, it may answer these.
                self.answered.extend(names);
            } else if let Some(names) = self.fails_for(test) {
                self.answered.extend(names);
                return flow.max(self.body(body));
            } else {
                flow = flow.max(self.body(body));
            }
        }
        flow.max(Flow::GoesOn)
    }

    fn walrus(&mut self, test: &'a Expr) {
        match test {
            Expr::Named(it) => {
                if let Expr::Name(target) = &*it.target {
                    self.keep(target.id.as_str(), &it.value);
                }
            }
            Expr::Compare(it) => self.walrus(&it.left),
            Expr::UnaryOp(it) => self.walrus(&it.operand),
            _ => {}
        }
    }

    /// Returns names outside of which the test is false.
    fn holds_for(&self, test: &Expr) -> Option<Set> {
        match test {
            Expr::Name(it) => self.found.get(it.id.as_str()).cloned(),
            Expr::Named(it) => self.holds_for(&it.target),
            Expr::Call(_) => self.looked_up(test),
            Expr::UnaryOp(it) if it.op == UnaryOp::Not => self.fails_for(&it.operand),
            Expr::BoolOp(it) if it.op == BoolOp::And => {
                it.values.iter().find_map(|it| self.holds_for(it))
            }
            Expr::BoolOp(it) => union(it.values.iter().map(|it| self.holds_for(it))),
            Expr::Compare(it) => self.compared(it, [CmpOp::Eq, CmpOp::In, CmpOp::IsNot]),
            _ => None,
        }
    }

    /// Returns names outside of which the test is true.
    fn fails_for(&self, test: &Expr) -> Option<Set> {
        match test {
            Expr::UnaryOp(it) if it.op == UnaryOp::Not => self.holds_for(&it.operand),
            Expr::BoolOp(it) if it.op == BoolOp::And => {
                union(it.values.iter().map(|it| self.fails_for(it)))
            }
            Expr::BoolOp(it) => it.values.iter().find_map(|it| self.fails_for(it)),
            Expr::Compare(it) => self.compared(it, [CmpOp::NotEq, CmpOp::NotIn, CmpOp::Is]),
            _ => None,
        }
    }

    /// `name == "a"`, `name in TABLE`, `found is not None`, or their opposites.
    fn compared(&self, it: &ExprCompare, [equal, within, found]: [CmpOp; 3]) -> Option<Set> {
        let ([op], [right]) = (&*it.ops, &*it.comparators) else { return None };
        let left = &*it.left;
        if *op == equal {
            let other = if self.is_argument(left) { right } else { left };
            let argument = self.is_argument(left) || self.is_argument(right);
            let text = other.as_string_literal_expr().filter(|_| argument)?;
            return Some(Set::from([text.value.to_str().to_owned()]));
        }
        if *op == within && self.is_argument(left) {
            return self.tables.read(right);
        }
        (*op == found && right.is_none_literal_expr()).then(|| self.holds_for(left)).flatten()
    }

    fn cases(&mut self, it: &'a StmtMatch) -> Flow {
        let argument = self.is_argument(&it.subject);
        let mut flow = Flow::Ends;
        for case in &it.cases {
            match literals(&case.pattern).filter(|_| argument) {
                Some(names) => self.answered.extend(names),
                None => {
                    flow = flow.max(self.body(&case.body));
                    if case.guard.is_none() && case.pattern.is_irrefutable() {
                        return flow;
                    }
                }
            }
        }
        flow.max(Flow::GoesOn)
    }

    fn attempt(&mut self, it: &'a StmtTry) -> Flow {
        let mut flow = match self.body(&it.body) {
            Flow::Answers => return Flow::Answers,
            Flow::GoesOn => self.body(&it.orelse),
            Flow::Ends => Flow::Ends,
        };
        for ExceptHandler::ExceptHandler(handler) in &it.handlers {
            flow = flow.max(self.body(&handler.body));
        }
        match self.body(&it.finalbody) {
            Flow::GoesOn => flow,
            done => done,
        }
    }
}

fn union(sets: impl Iterator<Item = Option<Set>>) -> Option<Set> {
    sets.collect::<Option<Vec<_>>>().map(|sets| sets.into_iter().flatten().collect())
}

/// Returns the strings that a pattern is, where it is nothing else.
fn literals(pattern: &Pattern) -> Option<Set> {
    match pattern {
        Pattern::MatchValue(it) => {
            let text = it.value.as_string_literal_expr()?;
            Some(Set::from([text.value.to_str().to_owned()]))
        }
        Pattern::MatchOr(it) => union(it.patterns.iter().map(literals)),
        _ => None,
    }
}

/// What containers of string literals have in them.
struct Tables<'a> {
    module: &'a [Stmt],
    names: &'a Names,
}

/// Tables that are made of tables that are made of tables end here.
const DEEPEST: usize = 8;

impl Tables<'_> {
    /// Returns the keys of what is surely a dictionary.
    fn mapping(&self, value: &Expr) -> Option<Set> {
        let value = self.value(value);
        matches!(value, Expr::Dict(_)).then(|| self.read(value)).flatten()
    }

    /// Returns the strings that are in a container, of a dictionary the keys.
    fn read(&self, value: &Expr) -> Option<Set> {
        self.read_at(value, 0)
    }

    fn read_at(&self, value: &Expr, depth: usize) -> Option<Set> {
        if depth == DEEPEST {
            return None;
        }
        let within = |it: &Expr| self.read_at(it, depth + 1);
        let all = |it: &[Expr]| it.iter().map(text).collect();
        match value {
            Expr::Name(it) if it.id.as_str() == "__all__" => match &self.names.all {
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
        let once = self.names.bound.get(name).is_some_and(|it| it.len() == 1);
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
        assigned.filter(|_| once && !self.is_changed(name)).unwrap_or(value)
    }

    /// Tells whether the module changes in place what a variable holds.
    fn is_changed(&self, name: &str) -> bool {
        let mut changes = Changes { name, seen: false };
        changes.visit_body(self.module);
        changes.seen
    }
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
