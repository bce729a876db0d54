//! Which names the `__getattr__` of a module (PEP 562) answers, where its code tells: those that it
//! compares its argument with, or looks up in tables of literals, before it raises.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    Alias, BoolOp, CmpOp, ExceptHandler, Expr, ExprCompare, Parameter, Pattern, Stmt,
    StmtFunctionDef, StmtIf, StmtMatch, StmtTry, UnaryOp,
};

use super::super::model::{Binding, DefinitionKind, FileFacts, Getattr};
use super::tables::{Set, Tables, union};

/// Returns what the `__getattr__` of the module with this body answers.
pub(super) fn answers(module: &[Stmt], facts: &FileFacts) -> Getattr {
    let bound = facts.names.bound.get("__getattr__").unwrap_or_default();
    let kept = bound
        .iter()
        .filter(|it| !matches!(it, Binding::Definition { kind: DefinitionKind::Annotation, .. }));
    let kept = kept.count();
    let mut found = Vec::new();
    defined(module, module, facts, &mut found);
    if kept == 0 {
        return Getattr::Absent;
    }
    // Whatever else binds the name may answer anything.
    let all = union(found.iter().copied().map(|it| it.and_then(|it| it.answers(module, facts))));
    all.filter(|_| found.len() == kept).map_or(Getattr::Any, Getattr::Names)
}

/// Finds what binds `__getattr__` in the suites of a module.
fn defined<'a>(
    body: &'a [Stmt],
    module: &'a [Stmt],
    facts: &FileFacts,
    found: &mut Vec<Option<Asking<'a>>>,
) {
    for statement in body {
        let mut within = |body: &'a [Stmt]| defined(body, module, facts, found);
        match statement {
            Stmt::FunctionDef(it) if it.name.as_str() == "__getattr__" => {
                found.push(Some(Asking { function: it, maker: None }));
            }
            Stmt::Assign(it) => {
                let is_it = |it: &Expr| is_name(it, "__getattr__");
                if it.targets.iter().any(is_it) {
                    found.push(made_by(&it.value, module, facts));
                }
            }
            Stmt::If(it) => {
                within(&it.body);
                it.elif_else_clauses.iter().for_each(|it| within(&it.body));
            }
            Stmt::Try(it) => {
                within(&it.body);
                for ExceptHandler::ExceptHandler(it) in &it.handlers {
                    within(&it.body);
                }
                within(&it.orelse);
                within(&it.finalbody);
            }
            Stmt::With(it) => within(&it.body),
            _ => {}
        }
    }
}

/// Finds the function that `make(…)` returns, where `make` is a function of the module that does
/// nothing but define it.
fn made_by<'a>(value: &'a Expr, module: &'a [Stmt], facts: &FileFacts) -> Option<Asking<'a>> {
    let Expr::Call(call) = value else { return None };
    let maker = function(module, call.func.as_name_expr()?.id.as_str())?;
    let [Binding::Definition { .. }] = facts.names.bound.get(&maker.name)? else { return None };
    let (Stmt::Return(last), before) = maker.body.split_last()? else { return None };
    let function = function(before, last.value.as_deref()?.as_name_expr()?.id.as_str())?;
    let plain = |it: &Stmt| matches!(it, Stmt::FunctionDef(_) | Stmt::Expr(_) | Stmt::Assign(_));
    let plain = before.iter().all(plain) && maker.decorator_list.is_empty() && !maker.is_async;
    plain.then_some(Asking { function, maker: Some(maker) })
}

/// Returns the only function of that name in a suite.
fn function<'a>(body: &'a [Stmt], name: &str) -> Option<&'a StmtFunctionDef> {
    let functions = body.iter().filter_map(Stmt::as_function_def_stmt);
    let mut functions = functions.filter(|it| it.name.as_str() == name);
    functions.next().filter(|_| functions.next().is_none())
}

/// A `__getattr__`, and the function that it is made by.
#[derive(Clone, Copy)]
struct Asking<'a> {
    function: &'a StmtFunctionDef,
    maker: Option<&'a StmtFunctionDef>,
}

impl Asking<'_> {
    /// Returns all names that it answers, where its code tells.
    fn answers(self, module: &[Stmt], facts: &FileFacts) -> Option<Set> {
        let [argument] = self.function.parameters.args.as_slice() else { return None };
        let one = self.function.parameters.len() == 1 && self.function.decorator_list.is_empty();
        if !one || self.function.is_async {
            return None;
        }
        let mut locals = Locals::default();
        for function in self.maker.into_iter().chain([self.function]) {
            locals.visit_parameters(&function.parameters);
            locals.visit_body(&function.body);
        }
        let tables = Tables { module, facts, local: locals.names };
        let argument = argument.parameter.name.as_str();
        let mut asked = Asked { argument, tables, found: BTreeMap::new(), answered: Set::new() };
        (asked.body(&self.function.body) == Flow::Ends).then_some(asked.answered)
    }
}

/// The names that a function binds.
#[derive(Default)]
struct Locals<'a> {
    names: BTreeSet<&'a str>,
}

impl<'a> SourceOrderVisitor<'a> for Locals<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(it) => drop(self.names.insert(it.name.as_str())),
            Stmt::ClassDef(it) => drop(self.names.insert(it.name.as_str())),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(it) = expression
            && !it.ctx.is_load()
        {
            self.names.insert(it.id.as_str());
        }
        walk_expr(self, expression);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.names.insert(parameter.name.as_str());
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        self.names.insert(bound.split_once('.').map_or(bound, |(first, _)| first));
    }
}

fn is_name(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Name(it) if it.id.as_str() == name)
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
            Expr::Subscript(it) => self.tables.keys(&it.value, &it.slice, self.argument),
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
        let key = call.arguments.args.first().filter(|_| asks)?;
        self.tables.keys(&method.value, key, self.argument)
    }

    fn is_argument(&self, expression: &Expr) -> bool {
        is_name(expression, self.argument)
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
            // What follows may not be looked at.
            Expr::BoolOp(it) => it.values.iter().take(1).for_each(|it| self.walrus(it)),
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
        if *op == within {
            return self.tables.items(right, left, self.argument);
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
