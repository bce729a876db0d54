//! Functions of a module that are given its namespace, and whether they only look at it.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{ArgOrKeyword, Expr, ExprCall, Stmt, StmtFunctionDef};

use super::super::model::{Binding, DefinitionKind, Names};
use super::reflection::{LOOKS, only_looks};

/// A call `function(…, globals())`.
#[derive(Debug)]
pub(super) struct Lent<'a> {
    function: &'a str,
    to: To<'a>,
}

/// Which parameter is given.
#[derive(Debug)]
enum To<'a> {
    Position(usize),
    Name(&'a str),
}

impl<'a> Lent<'a> {
    /// Returns what is lent where `argument` of a call is the namespace.
    pub(super) fn new(call: &'a ExprCall, argument: ArgOrKeyword<'a>) -> Option<Self> {
        let function = call.func.as_name_expr()?.id.as_str();
        let to = match argument {
            ArgOrKeyword::Keyword(it) => To::Name(it.arg.as_ref()?.as_str()),
            ArgOrKeyword::Arg(value) => {
                let mut before = call.arguments.args.iter();
                let at = before.position(|it| std::ptr::eq(it, value))?;
                let unpacked = call.arguments.args.iter().take(at).any(Expr::is_starred_expr);
                To::Position((!unpacked).then_some(at)?)
            }
        };
        Some(Self { function, to })
    }

    /// Tells whether the function is one of this module, and only looks at what it is given.
    pub(super) fn is_looked_at(&self, module: &'a [Stmt], names: &Names) -> bool {
        let known = matches!(
            names.bound.get(self.function),
            Some([Binding::Definition { kind: DefinitionKind::Function, .. }])
        );
        let functions = module.iter().filter_map(Stmt::as_function_def_stmt);
        let mut functions = functions.filter(|it| it.name.as_str() == self.function);
        let (Some(function), None) = (functions.next(), functions.next()) else { return false };
        let plain = known && function.decorator_list.is_empty();
        plain && self.parameter(function).is_some_and(|it| Looks::only(function, it))
    }

    fn parameter(&self, function: &'a StmtFunctionDef) -> Option<&'a str> {
        let all = &function.parameters;
        let found = match self.to {
            To::Position(at) => all.posonlyargs.iter().chain(&all.args).nth(at),
            To::Name(name) => {
                let mut named = all.args.iter().chain(&all.kwonlyargs);
                named.find(|it| it.parameter.name.as_str() == name)
            }
        };
        found.map(|it| it.parameter.name.as_str())
    }
}

/// Counts how often a variable stands, and how often it is only looked at.
struct Looks<'b> {
    name: &'b str,
    stands: usize,
    looked_at: usize,
}

impl Looks<'_> {
    fn only(function: &StmtFunctionDef, name: &str) -> bool {
        let mut looks = Looks { name, stands: 0, looked_at: 0 };
        looks.visit_body(&function.body);
        looks.stands == looks.looked_at
    }

    fn look(&mut self, expression: &Expr) {
        self.looked_at += usize::from(self.is_it(expression));
    }

    fn is_it(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Name(it) if it.id.as_str() == self.name)
    }
}

impl<'a> SourceOrderVisitor<'a> for Looks<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::For(it) => self.look(&it.iter),
            Stmt::Delete(it) => it.targets.iter().for_each(|it| self.look(it)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.stands += usize::from(self.is_it(expression));
        match expression {
            Expr::Attribute(it) if LOOKS.contains(&it.attr.as_str()) => self.look(&it.value),
            Expr::Subscript(it) if it.ctx.is_load() => self.look(&it.value),
            Expr::Compare(it) => it.comparators.iter().for_each(|it| self.look(it)),
            Expr::Call(it) if only_looks(&it.func) => {
                it.arguments.iter_source_order().for_each(|it| self.look(it.value()));
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}
