//! The parser's tree of one source, and how to walk and drop trees of any depth.
//!
//! The parser grows its own stack; a tree of 10,000 nested nodes is as valid as any other, so whoever
//! walks one goes down through [`deeper`] and hands it back to [`Tree::drop_deep`].

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{
    SourceOrderVisitor, walk_expr, walk_pattern, walk_stmt,
};
use ruff_python_ast::{Expr, Identifier, ModModule, Pattern, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::Ranged;

use super::model::Status;
use crate::text::{Lines, Span};

/// Deeper trees are not walked. CPython's compiler gives up long before.
pub(super) const DEEPEST: usize = 50_000;

/// Deeper trees are not walked without care for the stack. Nobody writes them by hand.
pub(super) const SHALLOW: usize = 200;

/// A parsed module.
pub(super) struct Tree(Parsed<ModModule>);

impl Tree {
    /// Parses `source`; what does not parse is left out of the tree.
    pub(super) fn parse(source: &str, target: (u8, u8)) -> Option<Self> {
        // The parser knows no older grammar than that of 3.7.
        let version = PythonVersion::from(target).max(PythonVersion::lowest());
        let options = ParseOptions::from(Mode::Module).with_target_version(version);
        parse_unchecked(source, options).try_into_module().map(Self)
    }

    /// Returns the statements of the module.
    pub(super) fn body(&self) -> &[Stmt] {
        self.0.suite()
    }

    /// Returns the kind and the place of each token, comments among them.
    pub(super) fn tokens(&self) -> impl Iterator<Item = (TokenKind, Span)> {
        self.0.tokens().iter().map(|it| (it.kind(), span(it)))
    }

    /// Returns whether the source parses under the target version, and where it does not.
    pub(super) fn status(&self, lines: &Lines<'_>) -> Status {
        let errors = self.0.errors().iter().map(|it| (it.location.start(), it.error.to_string()));
        let newer = self.0.unsupported_syntax_errors().iter();
        let newer = newer.map(|it| (it.range.start(), it.to_string()));
        match errors.chain(newer).min_by_key(|(at, _)| *at) {
            None => Status::Parsed,
            Some((at, message)) => {
                let (line, column) = lines.position(at.to_usize());
                Status::Broken { line, column, message: uncapitalised(&message) }
            }
        }
    }

    /// Returns how deep the tree is, as far as it can be walked.
    pub(super) fn depth(&self) -> usize {
        let mut depth = Depth::default();
        depth.visit_body(self.body());
        depth.deepest
    }

    /// Drops a tree that was found to be `depth` nodes deep; one too deep to be walked is left.
    pub(super) fn drop_deep(self, depth: usize) {
        const FRAME: usize = 2048;
        if depth > DEEPEST {
            std::mem::forget(self);
        } else if depth > SHALLOW {
            stacker::grow(depth * FRAME, || drop(self));
        }
    }
}

/// Measures a tree.
#[derive(Default)]
struct Depth {
    now: usize,
    deepest: usize,
}

impl Depth {
    fn down(&mut self, work: impl FnOnce(&mut Self)) {
        self.now += 1;
        self.deepest = self.deepest.max(self.now);
        if self.now <= DEEPEST {
            deeper(|| work(self));
        }
        self.now -= 1;
    }
}

impl<'a> SourceOrderVisitor<'a> for Depth {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.down(|depth| walk_stmt(depth, statement));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.down(|depth| walk_expr(depth, expression));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.down(|depth| walk_pattern(depth, pattern));
    }
}

/// Returns the name that a pattern itself captures.
pub(super) fn captured(pattern: &Pattern) -> Option<&Identifier> {
    match pattern {
        Pattern::MatchAs(it) => it.name.as_ref(),
        Pattern::MatchStar(it) => it.name.as_ref(),
        Pattern::MatchMapping(it) => it.rest.as_ref(),
        Pattern::MatchValue(_)
        | Pattern::MatchSingleton(_)
        | Pattern::MatchSequence(_)
        | Pattern::MatchClass(_)
        | Pattern::MatchOr(_) => None,
    }
}

fn uncapitalised(message: &str) -> String {
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Runs `work`, one node deeper in a tree, with stack to spare.
pub(super) fn deeper<T>(work: impl FnOnce() -> T) -> T {
    const RED_ZONE: usize = 128 * 1024;
    const SEGMENT: usize = 4 * 1024 * 1024;
    stacker::maybe_grow(RED_ZONE, SEGMENT, work)
}

/// Returns where a node stands.
pub(super) fn span(node: &impl Ranged) -> Span {
    node.start().to_usize()..node.end().to_usize()
}

/// Returns the last word of a chain of names.
pub(super) fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(it) => Some(it.id.as_str()),
        Expr::Attribute(it) => Some(it.attr.as_str()),
        _ => None,
    }
}
