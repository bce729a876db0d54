//! Modules that only import, and list names: no code of theirs runs what they import.

use ruff_python_ast::helpers::any_over_expr;
use ruff_python_ast::{ExceptHandler, Expr, Stmt};

/// Tells whether a statement of a module may do more than import, and bind names to literals.
pub(super) fn does_something(statement: &Stmt) -> bool {
    let calls = |it: &Expr| any_over_expr(it, Expr::is_call_expr);
    match statement {
        Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Pass(_) => false,
        Stmt::Expr(it) => calls(&it.value),
        Stmt::Assign(it) => calls(&it.value) || !it.targets.iter().all(Expr::is_name_expr),
        Stmt::AnnAssign(it) => it.value.as_deref().is_some_and(calls),
        Stmt::AugAssign(it) => calls(&it.value),
        Stmt::If(it) => {
            let clauses = it.elif_else_clauses.iter();
            let tests = clauses.clone().filter_map(|it| it.test.as_ref()).chain([&*it.test]);
            let mut bodies = clauses.flat_map(|it| &it.body).chain(&it.body);
            tests.into_iter().any(calls) || bodies.any(does_something)
        }
        Stmt::Try(it) => {
            let handlers = it.handlers.iter().flat_map(|ExceptHandler::ExceptHandler(it)| &it.body);
            let mut bodies = it.body.iter().chain(handlers).chain(&it.orelse).chain(&it.finalbody);
            bodies.any(does_something)
        }
        _ => true,
    }
}
