//! Annotations that are written as strings: `x: "a.B"`, `List["a.B"]`, `cast("a.B", x)`.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Expr, ExprCall, ExprName, ExprStringLiteral, ExprSubscript, StringFlags};
use ruff_python_parser::parse_string_annotation;

use super::super::parse::{last_name, span};
use super::super::words::is_identifier;
use super::collect::Collector;
use crate::text::Span;

/// Functions that ask an object for an attribute by its name.
const ASKS: [&str; 5] = ["getattr", "hasattr", "setattr", "delattr", "object"];

/// Longer strings are no annotations, and their trees could be too deep to drop.
const LONGEST: usize = 1000;

impl Collector<'_> {
    /// Visits an expression whose strings are code.
    pub(super) fn annotation(&mut self, annotation: &Expr) {
        self.put_off(self.lazy_annotations, |collector| {
            collector.with_strings(true, |collector| collector.visit_expr(annotation));
        });
    }

    /// Reads a string in an annotation. Where it stands with escapes or in pieces, its parts have no
    /// place of their own and nothing can be said.
    pub(super) fn string(&mut self, it: &ExprStringLiteral) {
        let Some(part) = it.as_single_part_string().filter(|it| it.len() <= LONGEST) else {
            return;
        };
        let range = part.range;
        let written = self.source.get(range.start().to_usize()..range.end().to_usize());
        if !written.is_some_and(|it| it.contains(part.as_str())) {
            return;
        }
        if let Ok(parsed) = parse_string_annotation(self.source, part) {
            self.put_off(true, |collector| collector.visit_expr(parsed.expr()));
        }
    }

    /// Notes what `getattr(a.b, "f")` asks for.
    fn asked(&mut self, arguments: &[Expr]) {
        if let [object, name, ..] = arguments
            && let Some(first) = first_name(object)
            && let Some(part) = self.written(name)
        {
            self.asked.insert(span(first).start, part);
        }
    }

    /// Returns what `getattr(a.b, "f")` is asked, which is what `a.b.f` is, and where `f` stands.
    pub(super) fn asked_plainly<'a>(&self, it: &'a ExprCall) -> Option<(&'a Expr, (String, Span))> {
        let Expr::Name(function) = &*it.func else { return None };
        let [object, name] = &*it.arguments.args else { return None };
        let (text, span) = self.written(name)?;
        let plain = function.id == "getattr" && it.arguments.keywords.is_empty();
        let is_name = is_identifier(&text) && !text.starts_with("__");
        (plain && is_name && first_name(object).is_some()).then_some((object, (text, span)))
    }

    /// Returns the text of a literal that stands there as it is, and where.
    fn written(&self, literal: &Expr) -> Option<(String, Span)> {
        let part = literal.as_string_literal_expr()?.as_single_part_string()?;
        let start = span(part).start + part.flags.opener_len().to_usize();
        let within = start..start + part.len();
        let is_there = self.source.get(within.clone()) == Some(part.as_str());
        is_there.then(|| (part.as_str().to_owned(), within))
    }

    /// `Literal["a"]` holds values, `Annotated[T, "a"]` a type and values.
    pub(super) fn subscript(&mut self, it: &ExprSubscript) {
        self.visit_expr(&it.value);
        match (last_name(&it.value), &*it.slice) {
            (Some("Literal"), slice) => {
                self.with_strings(false, |collector| collector.visit_expr(slice));
            }
            (Some("Annotated"), Expr::Tuple(slice)) => {
                let mut elements = slice.elts.iter();
                if let Some(annotated) = elements.next() {
                    self.visit_expr(annotated);
                }
                self.with_strings(false, |collector| {
                    elements.for_each(|it| collector.visit_expr(it));
                });
            }
            (_, slice) => self.visit_expr(slice),
        }
    }

    /// Visits a call; some calls take types.
    pub(super) fn call(&mut self, it: &ExprCall) {
        if self.asked_plainly(it).is_some() {
            return self.asks(it, Vec::new());
        }
        self.visit_expr(&it.func);
        let function = last_name(&it.func);
        if function.is_some_and(|it| ASKS.contains(&it)) {
            self.asked(&it.arguments.args);
        }
        for (place, argument) in it.arguments.args.iter().enumerate() {
            let is_type = match function {
                Some("cast") => place == 0,
                Some("TypeVar" | "NewType") => place > 0,
                _ => false,
            };
            self.with_strings(is_type, |collector| collector.visit_expr(argument));
        }
        for keyword in &it.arguments.keywords {
            let name = keyword.arg.as_ref().map(|it| it.as_str());
            let is_type = function == Some("TypeVar") && matches!(name, Some("bound" | "default"));
            self.with_strings(is_type, |collector| collector.visit_expr(&keyword.value));
        }
    }
}

/// Returns the name that a chain of attributes begins with.
fn first_name(chain: &Expr) -> Option<&ExprName> {
    let mut first = chain;
    while let Expr::Attribute(it) = first {
        first = &it.value;
    }
    first.as_name_expr()
}
