//! The statements of a module one by one: what each defines, and which names of the module it mentions.

use ruff_python_ast::{Expr, Stmt, StmtIf};

use super::super::model::{Form, Import, Mentioned, Part};
use super::super::parse::{DEEPEST, Tree, last_name, span};
use super::collect::collect;
use super::{Collected, Keys};

/// Reads the statements of a module; `imports` are its [`FileFacts::imports`](super::super::FileFacts).
#[must_use]
pub fn parts(source: &str, imports: &[Import], target: (u8, u8)) -> Vec<Part> {
    let Some(tree) = Tree::parse(source, target) else { return Vec::new() };
    let depth = tree.depth();
    let unsaid = std::collections::BTreeMap::new();
    let keys = Keys::new(imports, &unsaid);
    let mut parts = Vec::new();
    if depth <= DEEPEST {
        parts = tree.body().iter().enumerate().map(|(at, it)| part(at, it)).collect();
        mentions(&mut parts, collect(tree.body(), source, &keys, target));
    }
    tree.drop_deep(depth);
    parts
}

/// Gives each statement the names of the module that it mentions.
fn mentions(parts: &mut [Part], found: Collected) {
    for mention in found.mentions {
        let home = found.scopes.resolve(&mention);
        if home.is_some_and(|it| it != super::scopes::MODULE) {
            continue;
        }
        let start = mention.parts.first().map_or(0, |(_, span)| span.start);
        let at = parts.partition_point(|it| it.span.end <= start);
        let Some(part) = parts.get_mut(at).filter(|it| it.span.start <= start) else { continue };
        let deferred = found.scopes.is_deferred(mention.scope);
        let (parts, written) = (mention.parts, mention.written);
        part.mentions.push(Mentioned { parts, written, deferred, known: home.is_some() });
    }
}

fn part(at: usize, statement: &Stmt) -> Part {
    let (form, names) = match statement {
        Stmt::Expr(it) if at == 0 && it.value.is_string_literal_expr() => (Form::Docstring, vec![]),
        Stmt::Import(_) | Stmt::ImportFrom(_) => (Form::Import, vec![]),
        Stmt::FunctionDef(it) => {
            let mut decorators = it.decorator_list.iter();
            let overload = decorators.any(|it| last_name(&it.expression) == Some("overload"));
            (Form::Function { overload }, vec![it.name.to_string()])
        }
        Stmt::ClassDef(it) => (Form::Class, vec![it.name.to_string()]),
        Stmt::TypeAlias(it) => (Form::Value, name_of(&it.name).into_iter().collect()),
        Stmt::AnnAssign(it) => assigned(std::slice::from_ref(&it.target)),
        Stmt::AugAssign(it) => match root_of(&it.target) {
            Some(root) if !it.target.is_name_expr() => (Form::Change(root), vec![]),
            _ => (Form::Other, vec![]),
        },
        Stmt::Assign(it) => assigned(&it.targets),
        Stmt::If(it) if is_main(&it.test) => (Form::Main, vec![]),
        Stmt::If(it) if is_checking(it) => (Form::Checking, vec![]),
        other if only_imports(std::slice::from_ref(other)) => (Form::Guarded, vec![]),
        _ => (Form::Other, vec![]),
    };
    Part { span: span(statement), form, names, mentions: Vec::new() }
}

/// Returns what an assignment to these targets is.
fn assigned(targets: &[Expr]) -> (Form, Vec<String>) {
    let names: Vec<String> = targets.iter().filter_map(name_of).collect();
    if names.len() == targets.len() {
        return (Form::Value, names);
    }
    match targets {
        [Expr::Attribute(_) | Expr::Subscript(_)] => match root_of(&targets[0]) {
            Some(root) => (Form::Change(root), vec![]),
            None => (Form::Other, vec![]),
        },
        [Expr::Tuple(_) | Expr::List(_), ..] => (Form::Tuple, vec![]),
        _ => (Form::Other, vec![]),
    }
}

fn name_of(expression: &Expr) -> Option<String> {
    expression.as_name_expr().map(|it| it.id.to_string())
}

/// Returns the name that `a.b["c"]` begins with.
fn root_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Attribute(it) => root_of(&it.value),
        Expr::Subscript(it) => root_of(&it.value),
        other => name_of(other),
    }
}

/// Tells whether this is `__name__ == "__main__"`.
pub(super) fn is_main(test: &Expr) -> bool {
    let Expr::Compare(it) = test else { return false };
    name_of(&it.left).as_deref() == Some("__name__")
}

/// Tells whether this is an `if TYPE_CHECKING:` in which nothing but imports stand.
fn is_checking(it: &StmtIf) -> bool {
    last_name(&it.test) == Some("TYPE_CHECKING")
        && it.elif_else_clauses.is_empty()
        && it.body.iter().all(|it| matches!(it, Stmt::Import(_) | Stmt::ImportFrom(_)))
}

/// Tells whether nothing but imports, and names for what is written out, stand in these statements: to
/// run them elsewhere is the same.
fn only_imports(body: &[Stmt]) -> bool {
    body.iter().all(|statement| match statement {
        Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Pass(_) => true,
        Stmt::Assign(it) => it.targets.iter().all(Expr::is_name_expr) && it.value.is_literal_expr(),
        Stmt::If(it) => {
            let mut clauses = it.elif_else_clauses.iter();
            is_plain(&it.test) && only_imports(&it.body) && clauses.all(|it| only_imports(&it.body))
        }
        Stmt::Try(it) => {
            let mut handlers = it.handlers.iter().filter_map(|it| it.as_except_handler());
            handlers.all(|it| only_imports(&it.body))
                && [&it.body, &it.orelse, &it.finalbody].into_iter().all(|it| only_imports(it))
        }
        _ => false,
    })
}

/// Tells whether a condition calls nothing.
fn is_plain(test: &Expr) -> bool {
    match test {
        Expr::Name(_) => true,
        Expr::Attribute(it) => is_plain(&it.value),
        Expr::Subscript(it) => is_plain(&it.value) && it.slice.is_literal_expr(),
        Expr::UnaryOp(it) => is_plain(&it.operand),
        Expr::BoolOp(it) => it.values.iter().all(is_plain),
        Expr::Compare(it) => is_plain(&it.left) && it.comparators.iter().all(is_plain),
        Expr::Tuple(it) => it.elts.iter().all(is_plain),
        other => other.is_literal_expr(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::read;

    /// Renders each statement as its form, what it defines, and what it mentions: `!` where that is
    /// bound, `?` where nothing here binds it, `~` where it does not run with the module.
    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let target = (3, 12);
        let parts = parts(source, &read(source.as_bytes(), target).imports, target);
        let text = |it: &Part| {
            let mentions = it.mentions.iter().map(|it| {
                let marks = [(it.written, '!'), (!it.known, '?'), (it.deferred, '~')];
                let marks = marks.iter().filter(|it| it.0).map(|it| it.1);
                format!(" {}{}", it.name(), marks.collect::<String>())
            });
            format!("{:?} {}:{}", it.form, it.names.join(","), mentions.collect::<String>())
        };
        assert_eq!(parts.iter().map(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn statements_say_what_they_define_and_mention() {
        check(
            "\"doc\"\nimport a\n@a.b\ndef f(x=y): return x + g\nclass C(f): z = f\n",
            &[
                "Docstring :",
                "Import :",
                "Function { overload: false } f: a y? g?~ f!",
                "Class C: f f C!",
            ],
        );
        check("A = B = 1\nC: int = A\n", &["Value A,B: A! B!", "Value C: A int? C!"]);
        check(
            "a, b = x\na.c = 1\na['d'] += 1\n",
            &["Tuple : x? a! b!", "Change(\"a\") : a", "Change(\"a\") : a"],
        );
    }

    #[test]
    fn compound_statements_are_known_by_what_they_hold() {
        check("try:\n  import a\nexcept E:\n  a = None\n", &["Guarded : E? a!"]);
        check("if sys.x > (3, 1): a = 1\n", &["Guarded : sys? a!"]);
        check("if f(): a = 1\n", &["Other : f? a!"]);
        check("if TYPE_CHECKING:\n  import a\n", &["Checking : TYPE_CHECKING?"]);
        check("if __name__ == '__main__': f()\n", &["Main : __name__? f?"]);
        check(
            "n = 0\ndef f():\n  global n\n  n = 1\n",
            &["Value n: n!", "Function { overload: false } f: n!~ n!~ f!"],
        );
    }
}
