//! Code that may not run: version and platform branches, `TYPE_CHECKING`, `__main__`, handlers.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_with_item};
use ruff_python_ast::{BoolOp, CmpOp, ExceptHandler, Expr, ExprCompare, ExprIf, UnaryOp};
use ruff_python_ast::{Stmt, StmtIf, StmtTry, StmtWith};
use std::cmp::Ordering;

use super::super::model::Attempt;
use super::super::parse::{deeper, last_name};
use super::imports::number;
use super::{Place, Reader, ScopeKind, Value};

/// The classes whose handlers catch a failed import.
const CATCHERS: [&str; 4] = ["ModuleNotFoundError", "ImportError", "Exception", "BaseException"];

/// What fails of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The module is not there.
    Module,
    /// A name of the module is not there.
    Name,
}

/// What the target says about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    /// The target version always takes the branch.
    Holds,
    /// The target version never takes the branch.
    Fails,
    /// It depends on the machine: its platform, or what is installed there.
    Varies,
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Varies => Self::Varies,
        }
    }
}

/// What the branches of one `if` say about the next one.
#[derive(Clone, Copy)]
struct Chain {
    outer: Place,
    /// An earlier branch is always taken, or on some platforms.
    not_taken: bool,
    /// Every version of Python 3 takes an earlier branch.
    dead: bool,
    /// The earlier branches are for running only: `if not TYPE_CHECKING:`.
    type_checking: bool,
}

impl Chain {
    /// Returns the place of the branch under `test`.
    fn branch(&mut self, reader: &Reader<'_>, test: Option<&Expr>) -> Place {
        let truth = test.and_then(|it| reader.truth(it));
        let skipped = matches!(truth, Some(Truth::Fails | Truth::Varies));
        let checking = test.and_then(|it| reader.type_checking(it));
        let place = Place {
            conditional: true,
            not_taken: self.outer.not_taken || self.not_taken || skipped,
            dead: self.outer.dead
                || self.dead
                || test.is_some_and(|it| reader.in_python_3(it, Truth::Fails)),
            type_checking: self.outer.type_checking || self.type_checking || checking == Some(true),
            deferred: self.outer.deferred || test.is_some_and(is_main),
            ..self.outer
        };
        self.not_taken |= matches!(truth, Some(Truth::Holds | Truth::Varies));
        self.dead |= test.is_some_and(|it| reader.in_python_3(it, Truth::Holds));
        self.type_checking |= checking == Some(false);
        place
    }
}

impl<'a> Reader<'a> {
    fn chain(&self) -> Chain {
        Chain { outer: self.place, not_taken: false, dead: false, type_checking: false }
    }

    pub(super) fn branches(&mut self, it: &'a StmtIf) {
        let mut chain = self.chain();
        let first = std::iter::once((Some(&*it.test), &*it.body));
        let others = it.elif_else_clauses.iter().map(|it| (it.test.as_ref(), &*it.body));
        for (test, body) in first.chain(others) {
            if let Some(test) = test {
                self.visit_expr(test);
                self.facts.main_guard |= self.scope() == ScopeKind::Module && is_main(test);
            }
            let place = chain.branch(self, test);
            self.at(place, |reader| reader.visit_body(body));
        }
    }

    pub(super) fn ternary(&mut self, it: &'a ExprIf) {
        let mut chain = self.chain();
        let place = chain.branch(self, Some(&it.test));
        self.at(place, |reader| reader.visit_expr(&it.body));
        self.visit_expr(&it.test);
        let place = chain.branch(self, None);
        self.at(place, |reader| reader.visit_expr(&it.orelse));
    }

    pub(super) fn attempt(&mut self, it: &'a StmtTry) {
        let outer = Place { conditional: true, ..self.place };
        let guarded = Place {
            guarded: outer.guarded || self.handles(it, Failure::Module),
            name_guarded: outer.name_guarded || self.handles(it, Failure::Name),
            ..outer
        };
        let start = self.facts.imports.len();
        self.at(guarded, |reader| reader.visit_body(&it.body));
        let tried = self.facts.imports.len();
        for handler in &it.handlers {
            let fallback = Place { fallback: true, ..outer };
            let is_fallback = self.catches(handler, Failure::Module);
            let place = if is_fallback { fallback } else { guarded };
            let begin = self.facts.imports.len();
            self.at(place, |reader| reader.handler(handler));
            let end = self.facts.imports.len();
            if is_fallback && end > start {
                self.facts.attempts.push(Attempt { start, tried, handler: begin, end });
            }
        }
        self.at(outer, |reader| reader.visit_body(&it.orelse));
        self.visit_body(&it.finalbody);
    }

    /// Tells whether a `try` goes on after this failure: the first handler that catches it does not
    /// raise again.
    fn handles(&self, it: &StmtTry, failure: Failure) -> bool {
        let first = it.handlers.iter().find(|it| self.catches(it, failure));
        first.is_some_and(|ExceptHandler::ExceptHandler(it)| !raises(&it.body))
    }

    fn catches(&self, handler: &ExceptHandler, failure: Failure) -> bool {
        let ExceptHandler::ExceptHandler(handler) = handler;
        handler.type_.as_deref().is_none_or(|it| self.catches_failure(it, failure))
    }

    /// Python unbinds the name of a handler at its end, whatever was bound to it inside.
    fn handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(it) = handler;
        if let Some(caught) = &it.type_ {
            self.visit_expr(caught);
        }
        let Some(name) = &it.name else { return self.visit_body(&it.body) };
        self.set_value(name.as_str(), None);
        let bound = |reader: &Self| reader.bound.get(name.as_str()).map_or(0, Vec::len);
        let before = bound(self);
        self.visit_body(&it.body);
        if before == 0 {
            self.bound.remove(name.as_str());
        } else if let Some(bindings) = self.bound.get_mut(name.as_str()) {
            bindings.truncate(before);
        }
    }

    pub(super) fn with(&mut self, it: &'a StmtWith) {
        let (mut suppresses, mut names) = (false, false);
        for item in &it.items {
            walk_with_item(self, item);
            suppresses |= self.suppresses(&item.context_expr, Failure::Module);
            names |= self.suppresses(&item.context_expr, Failure::Name);
        }
        let place = self.place;
        let place = Place {
            guarded: place.guarded || suppresses,
            name_guarded: place.name_guarded || names,
            conditional: place.conditional || suppresses,
            ..place
        };
        self.at(place, |reader| reader.visit_body(&it.body));
    }

    /// Tells whether a handler of this type catches a failed import.
    pub(super) fn catches_failure(&self, caught: &Expr, failure: Failure) -> bool {
        deeper(|| match caught {
            Expr::Tuple(it) => it.elts.iter().any(|it| self.catches_failure(it, failure)),
            Expr::BinOp(it) => {
                self.catches_failure(&it.left, failure) || self.catches_failure(&it.right, failure)
            }
            Expr::Name(it) if matches!(self.value(it.id.as_str()), Some(Value::ImportErrors)) => {
                true
            }
            other => self.origin(other).is_some_and(|origin| {
                let last = origin.rsplit('.').next().unwrap_or_default();
                let catchers = match failure {
                    Failure::Module => &CATCHERS,
                    Failure::Name => &CATCHERS[1..],
                };
                catchers.contains(&last)
            }),
        })
    }

    /// Tells whether a context lets a failed import pass, or expects one.
    fn suppresses(&self, context: &Expr, failure: Failure) -> bool {
        let Expr::Call(call) = context else { return false };
        let called = self.origin(&call.func);
        let called = called.as_deref().or_else(|| last_name(&call.func)).unwrap_or_default();
        let suppresses = matches!(
            called.rsplit('.').next(),
            Some("suppress" | "raises" | "assertRaises" | "assertRaisesRegex")
        );
        suppresses && call.arguments.args.iter().any(|it| self.catches_failure(it, failure))
    }

    /// Returns what the target says about a condition; `None` where it says nothing.
    fn truth(&self, test: &Expr) -> Option<Truth> {
        match test {
            Expr::BooleanLiteral(it) => Some(Truth::of(it.value)),
            Expr::NumberLiteral(_) => number(test).map(|it| Truth::of(it != 0)),
            _ => self.version_truth(test),
        }
    }

    /// Tells whether all versions of Python 3 say this of a condition, where the code is for one.
    fn in_python_3(&self, test: &Expr, truth: Truth) -> bool {
        let says = |minor| self.truth_in(test, (3, minor)) == Some(truth);
        self.target.0 == 3 && says(0) && says(u8::MAX)
    }

    /// As [`Self::truth`], where versions or platforms are what decides.
    pub(super) fn version_truth(&self, test: &Expr) -> Option<Truth> {
        self.truth_in(test, self.target)
    }

    fn truth_in(&self, test: &Expr, version: (u8, u8)) -> Option<Truth> {
        deeper(|| match test {
            Expr::UnaryOp(it) if it.op == UnaryOp::Not => {
                Some(self.truth_in(&it.operand, version)?.not())
            }
            Expr::BoolOp(it) => {
                let deciding = match it.op {
                    BoolOp::And => Truth::Fails,
                    BoolOp::Or => Truth::Holds,
                };
                let parts: Vec<_> = it.values.iter().map(|it| self.truth_in(it, version)).collect();
                [deciding, Truth::Varies]
                    .into_iter()
                    .find(|it| parts.contains(&Some(*it)))
                    .or_else(|| parts.iter().all(Option::is_some).then(|| deciding.not()))
            }
            Expr::Name(_) | Expr::Attribute(_) => self.named_truth(test, version),
            Expr::Compare(it) => {
                let [right] = &*it.comparators else { return None };
                let [op] = &*it.ops else { return None };
                self.compared(it, (*op, right), version)
            }
            Expr::Call(it) => self.of_platform(&it.func).then_some(Truth::Varies),
            _ => None,
        })
    }

    fn named_truth(&self, test: &Expr, version: (u8, u8)) -> Option<Truth> {
        let name = last_name(test)?;
        if let (Expr::Name(_), Some(Value::Truth(truth))) = (test, self.value(name)) {
            // Of a variable it is known what it is for the target.
            return (version == self.target).then_some(*truth);
        }
        match name {
            "PY2" => Some(Truth::Fails),
            "PY3" => Some(Truth::Holds),
            _ => None,
        }
    }

    fn compared(
        &self,
        it: &ExprCompare,
        (op, right): (CmpOp, &Expr),
        version: (u8, u8),
    ) -> Option<Truth> {
        if self.of_platform(&it.left) || self.of_platform(right) {
            return Some(Truth::Varies);
        }
        let ordering = match self.version_against(version, &it.left, right) {
            Some(ordering) => ordering,
            None => self.version_against(version, right, &it.left)?.reverse(),
        };
        Some(Truth::of(match op {
            CmpOp::Eq => ordering.is_eq(),
            CmpOp::NotEq => ordering.is_ne(),
            CmpOp::Lt => ordering.is_lt(),
            CmpOp::LtE => ordering.is_le(),
            CmpOp::Gt => ordering.is_gt(),
            CmpOp::GtE => ordering.is_ge(),
            CmpOp::Is | CmpOp::IsNot | CmpOp::In | CmpOp::NotIn => return None,
        }))
    }

    /// Compares `sys.version_info` of a version, an item or a slice of it, with a literal.
    fn version_against(&self, version: (u8, u8), asked: &Expr, literal: &Expr) -> Option<Ordering> {
        let own = [i64::from(version.0), i64::from(version.1)];
        let (length, item) = match asked {
            Expr::Subscript(it) if self.is(&it.value, "sys.version_info") => match &*it.slice {
                Expr::Slice(slice) => {
                    let from_start = slice.lower.as_deref().is_none_or(|it| number(it) == Some(0));
                    let end = slice.upper.as_deref().and_then(number);
                    (end.filter(|_| from_start && slice.step.is_none())?, None)
                }
                index => (1, Some(number(index)?)),
            },
            _ if self.is(asked, "sys.version_info.major") => (1, Some(0)),
            _ if self.is(asked, "sys.version_info.minor") => (1, Some(1)),
            _ if self.is(asked, "sys.version_info") => (5, None),
            _ => return None,
        };
        if let Some(item) = item {
            return Some(own.get(usize::try_from(item).ok()?)?.cmp(&number(literal)?));
        }
        let Expr::Tuple(literal) = literal else { return None };
        let literal: Option<Vec<i64>> = literal.elts.iter().map(number).collect();
        let literal = literal?;
        let length = usize::try_from(length).ok()?;
        let known = length.min(own.len());
        let compared = known.min(literal.len());
        match own[..compared].cmp(&literal[..compared]) {
            Ordering::Equal if literal.len() <= known => Some(length.cmp(&literal.len())),
            Ordering::Equal if known == length => Some(Ordering::Less),
            Ordering::Equal => None,
            decided => Some(decided),
        }
    }

    /// Tells whether an expression asks for the platform, the implementation, or what is installed.
    fn of_platform(&self, expression: &Expr) -> bool {
        let mut base = expression;
        while let Expr::Attribute(it) = base {
            base = &it.value;
        }
        deeper(|| match base {
            Expr::Call(it) => self.of_platform(&it.func),
            Expr::Subscript(it) => self.of_platform(&it.value),
            // `platform` is as likely a variable as the module.
            Expr::Name(it) if self.origins.contains_key(it.id.as_str()) => {
                self.origin(expression).is_some_and(|it| is_platform(&it))
            }
            _ => false,
        })
    }

    /// Tells whether a condition is for type checkers only, or for running only.
    fn type_checking(&self, test: &Expr) -> Option<bool> {
        deeper(|| match test {
            Expr::Name(_) | Expr::Attribute(_) => {
                let origin = self.origin(test)?;
                (origin.rsplit('.').next() == Some("TYPE_CHECKING")).then_some(true)
            }
            Expr::UnaryOp(it) if it.op == UnaryOp::Not => Some(!self.type_checking(&it.operand)?),
            Expr::BoolOp(it) if it.op == BoolOp::And => {
                let checking = it.values.iter().any(|it| self.type_checking(it) == Some(true));
                checking.then_some(true)
            }
            _ => None,
        })
    }
}

/// Tells whether these statements surely end in a `raise`.
fn raises(body: &[Stmt]) -> bool {
    match body.iter().find(|it| !is_plain(it)) {
        Some(Stmt::Raise(_)) => true,
        Some(Stmt::If(it)) => {
            let others = &it.elif_else_clauses;
            others.last().is_some_and(|it| it.test.is_none())
                && raises(&it.body)
                && others.iter().all(|it| raises(&it.body))
        }
        _ => false,
    }
}

/// Tells whether what follows a statement runs next, unless it fails.
fn is_plain(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::Expr(_)
            | Stmt::Assign(_)
            | Stmt::AnnAssign(_)
            | Stmt::AugAssign(_)
            | Stmt::Import(_)
            | Stmt::ImportFrom(_)
            | Stmt::Delete(_)
            | Stmt::Pass(_)
    )
}

fn is_platform(origin: &str) -> bool {
    let under =
        |of: &str| origin.strip_prefix(of).is_some_and(|it| it.is_empty() || it.starts_with('.'));
    origin.starts_with("platform.")
        || ["os.name", "sys.implementation", "sys.platform"].into_iter().any(under)
        || matches!(origin, "importlib.util.find_spec" | "pkgutil.find_loader")
}

/// Tells whether a condition asks for `__name__ == "__main__"`.
fn is_main(test: &Expr) -> bool {
    deeper(|| match test {
        Expr::Compare(it) => {
            let ([CmpOp::Eq], [right]) = (&*it.ops, &*it.comparators) else { return false };
            let name = |it: &Expr| matches!(it, Expr::Name(it) if it.id.as_str() == "__name__");
            let main = |it: &Expr| matches!(it, Expr::StringLiteral(it) if it.value.to_str() == "__main__");
            (name(&it.left) && main(right)) || (main(&it.left) && name(right))
        }
        Expr::BoolOp(it) if it.op == BoolOp::And => it.values.iter().any(is_main),
        _ => false,
    })
}
