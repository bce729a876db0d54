//! One walk in the order of evaluation: scopes, bindings, mentions.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt, walk_type_params};
use ruff_python_ast::{
    Alias, Comprehension, ExceptHandler, Expr, ExprAttribute, ExprCall, ExprContext, ExprLambda,
    Identifier, Parameters, Pattern, Stmt, StmtClassDef, StmtFunctionDef, StmtTypeAlias, TypeParam,
    TypeParams,
};

use super::super::model::Use;
use super::super::parse::{captured, deeper, last_name, span};
use super::parts::is_main;
use super::scopes::{Bound, Kind, MODULE, Mention, Scopes};
use super::{Collected, Key, Keys};
use crate::text::Span;

/// Collects the scopes and mentions of a module; `keys` finds the imports.
pub(super) fn collect(body: &[Stmt], source: &str, keys: &Keys<'_>, target: (u8, u8)) -> Collected {
    let (scopes, mentions) = (Scopes::new(), Vec::new());
    let mut collector = Collector {
        source,
        keys,
        found: Collected {
            scopes,
            mentions,
            owners: BTreeMap::new(),
            called: Vec::new(),
            loose: Vec::new(),
        },
        scope: MODULE,
        strings_are_code: false,
        lazy: false,
        lazy_annotations: target >= (3, 14) || body.iter().any(is_future),
        asked: BTreeMap::new(),
    };
    collector.visit_body(body);
    collector.found
}

/// The state of the walk.
pub(super) struct Collector<'s> {
    pub(super) source: &'s str,
    keys: &'s Keys<'s>,
    found: Collected,
    scope: usize,
    strings_are_code: bool,
    /// What stands here is not evaluated when the module is imported.
    lazy: bool,
    /// The same goes for annotations.
    pub(super) lazy_annotations: bool,
    /// Attributes that are asked for by name, by the place of what is asked.
    pub(super) asked: BTreeMap<usize, (String, Span)>,
}

impl Collector<'_> {
    fn mention(&mut self, scope: usize, parts: Vec<(String, Span)>, written: bool) {
        let order = self.found.mentions.len();
        let asked = parts.first().and_then(|(_, span)| self.asked.remove(&span.start));
        let (call, lazy) = (None, self.lazy);
        self.found.mentions.push(Mention { scope, parts, written, asked, call, lazy, order });
    }

    /// Binds a name in the current scope; the binding is a mention, too.
    fn bind(&mut self, name: &str, span: Span) {
        self.bind_in(self.scope, name, span);
    }

    fn bind_in(&mut self, scope: usize, name: &str, span: Span) {
        self.found.scopes.bind(scope, name, Bound::Other, self.found.mentions.len());
        self.mention(scope, vec![(name.to_owned(), span)], true);
    }

    fn define(&mut self, name: &Identifier) {
        self.bind(name.as_str(), span(name));
    }

    fn import(&mut self, alias: &Alias) {
        let Some(key) = self.keys.aliases.get(&span(alias).start) else { return };
        let name = alias.name.as_str();
        let local = match &alias.asname {
            Some(asname) => asname.as_str(),
            None if key.1.is_none() => name.split('.').next().unwrap_or(name),
            None => name,
        };
        self.bind_import(local, *key);
    }

    fn bind_import(&mut self, local: &str, key: Key) {
        let order = self.found.mentions.len();
        self.found.scopes.bind(self.scope, local, Bound::Import(key), order);
        self.found.owners.insert(key, self.found.scopes.owner(self.scope, local));
    }

    fn imports(&mut self, statement: Span, names: &[Alias]) {
        let keys = self.keys;
        for (key, name) in keys.unsaid.get(&statement.start).into_iter().flatten() {
            self.bind_import(name, *key);
        }
        names.iter().for_each(|it| self.import(it));
    }

    fn in_scope(&mut self, kind: Kind, work: impl FnOnce(&mut Self)) {
        let inner = self.found.scopes.add(kind, Some(self.scope));
        let outer = std::mem::replace(&mut self.scope, inner);
        self.with_strings(false, work);
        self.scope = outer;
    }

    pub(super) fn with_strings(&mut self, are_code: bool, work: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.strings_are_code, are_code);
        work(self);
        self.strings_are_code = before;
    }

    /// Looks at what an import of the module does not evaluate, where `is_lazy`.
    pub(super) fn put_off(&mut self, is_lazy: bool, work: impl FnOnce(&mut Self)) {
        let before = self.lazy;
        self.lazy |= is_lazy;
        work(self);
        self.lazy = before;
    }

    /// Opens a scope for type parameters, where there are any.
    fn with_type_params(&mut self, it: Option<&TypeParams>, work: impl FnOnce(&mut Self)) {
        match it {
            None => work(self),
            Some(parameters) => self.in_scope(Kind::TypeParameters, |collector| {
                for parameter in parameters.iter() {
                    collector.define(type_param_name(parameter));
                }
                walk_type_params(collector, parameters);
                work(collector);
            }),
        }
    }

    fn function(&mut self, it: &StmtFunctionDef) {
        it.decorator_list.iter().for_each(|it| self.visit_decorator(it));
        self.defaults(&it.parameters);
        self.with_type_params(it.type_params.as_deref(), |collector| {
            for parameter in &it.parameters {
                if let Some(annotation) = parameter.annotation() {
                    collector.annotation(annotation);
                }
            }
            if let Some(returns) = &it.returns {
                collector.annotation(returns);
            }
            collector.in_scope(Kind::Function, |collector| {
                collector.parameters(&it.parameters);
                collector.visit_body(&it.body);
            });
        });
        self.define(&it.name);
    }

    fn class(&mut self, it: &StmtClassDef) {
        it.decorator_list.iter().for_each(|it| self.visit_decorator(it));
        self.with_type_params(it.type_params.as_deref(), |collector| {
            if let Some(arguments) = &it.arguments {
                collector.visit_arguments(arguments);
            }
            collector.in_scope(Kind::Class, |collector| collector.visit_body(&it.body));
        });
        self.define(&it.name);
    }

    fn lambda(&mut self, it: &ExprLambda) {
        if let Some(parameters) = &it.parameters {
            self.defaults(parameters);
        }
        self.in_scope(Kind::Function, |collector| {
            if let Some(parameters) = &it.parameters {
                collector.parameters(parameters);
            }
            collector.visit_expr(&it.body);
        });
    }

    /// Defaults are evaluated outside of the function.
    fn defaults(&mut self, parameters: &Parameters) {
        let defaults = parameters.iter_non_variadic_params().filter_map(|it| it.default.as_deref());
        defaults.for_each(|it| self.visit_expr(it));
    }

    fn parameters(&mut self, parameters: &Parameters) {
        parameters.iter().for_each(|it| self.define(it.name()));
    }

    /// The first iterable of a comprehension is evaluated outside of it.
    fn comprehension(&mut self, generators: &[Comprehension], elements: &[&Expr]) {
        let Some((first, others)) = generators.split_first() else { return };
        self.visit_expr(&first.iter);
        self.in_scope(Kind::Comprehension, |collector| {
            collector.visit_expr(&first.target);
            first.ifs.iter().for_each(|it| collector.visit_expr(it));
            for other in others {
                collector.visit_comprehension(other);
            }
            elements.iter().for_each(|it| collector.visit_expr(it));
        });
    }

    fn type_alias(&mut self, it: &StmtTypeAlias) {
        self.with_type_params(it.type_params.as_deref(), |collector| {
            collector.put_off(true, |collector| collector.annotation(&it.value));
        });
        self.visit_expr(&it.name);
    }

    /// Notes `a.b.c` as one mention of `a`.
    fn chain(&mut self, it: &ExprAttribute) {
        let mut parts = vec![(it.attr.to_string(), span(&it.attr))];
        let mut rest = &*it.value;
        while let Expr::Attribute(inner) = rest {
            parts.push((inner.attr.to_string(), span(&inner.attr)));
            rest = &inner.value;
        }
        match rest {
            Expr::Name(name) => {
                parts.push((name.id.to_string(), span(name)));
                parts.reverse();
                self.mention(self.scope, parts, false);
            }
            Expr::Call(call) if self.key_of(call).is_some() => {
                self.called(call, parts);
                self.call(call);
            }
            Expr::Call(call) if self.asked_plainly(call).is_some() => self.asks(call, parts),
            other => {
                parts.extend(asked_for(other));
                parts.reverse();
                let used = Use { parts, written: false, asked: None, call: None };
                self.found.loose.extend((used.parts.len() > 1).then_some(used));
                self.visit_expr(other);
            }
        }
    }

    /// Notes `getattr(a.b, "c")` as one mention of `a`; `attributes` stand behind it, the last one first.
    pub(super) fn asks(&mut self, call: &ExprCall, attributes: Vec<(String, Span)>) {
        let Some((mut rest, part)) = self.asked_plainly(call) else { return };
        self.visit_expr(&call.func);
        let behind = attributes.len();
        let mut parts = attributes;
        parts.push(part);
        while let Expr::Attribute(it) = rest {
            parts.push((it.attr.to_string(), span(&it.attr)));
            rest = &it.value;
        }
        if let Expr::Name(name) = rest {
            parts.push((name.id.to_string(), span(name)));
        }
        parts.reverse();
        let at = parts.len() - 1 - behind;
        self.mention(self.scope, parts, false);
        if let Some(mention) = self.found.mentions.last_mut() {
            mention.call = Some((at, span(call)));
        }
    }

    /// Finds the import that a call is.
    fn key_of(&self, call: &ExprCall) -> Option<Key> {
        let whole = span(call);
        self.keys.calls.get(&(whole.start, whole.end)).copied()
    }

    /// Notes a use of what a call imports; `attributes` stand behind it, the last one first.
    fn called(&mut self, call: &ExprCall, mut attributes: Vec<(String, Span)>) {
        let Some(key) = self.key_of(call) else { return };
        let text = self.source.get(span(call)).unwrap_or_default();
        attributes.push((text.to_owned(), span(call)));
        attributes.reverse();
        self.found
            .called
            .push((key, Use { parts: attributes, written: false, asked: None, call: None }));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(it) => self.imports(span(it), &it.names),
            Stmt::ImportFrom(it) => self.imports(span(it), &it.names),
            Stmt::FunctionDef(it) => self.function(it),
            Stmt::ClassDef(it) => self.class(it),
            Stmt::TypeAlias(it) => self.type_alias(it),
            Stmt::If(it) if is_main(&it.test) || last_name(&it.test) == Some("TYPE_CHECKING") => {
                self.visit_expr(&it.test);
                self.put_off(true, |collector| collector.visit_body(&it.body));
                it.elif_else_clauses.iter().for_each(|it| self.visit_elif_else_clause(it));
            }
            Stmt::Global(it) => {
                for name in &it.names {
                    self.found.scopes.add_global(self.scope, name.as_str());
                    self.mention(self.scope, vec![(name.to_string(), span(name))], true);
                }
            }
            Stmt::Nonlocal(it) => {
                for name in &it.names {
                    self.found.scopes.add_nonlocal(self.scope, name.as_str());
                    self.mention(self.scope, vec![(name.to_string(), span(name))], true);
                }
            }
            Stmt::Expr(it) => match &*it.value {
                // A call for its effect gives nothing to anybody.
                Expr::Call(call) => self.call(call),
                other => self.visit_expr(other),
            },
            _ => walk_stmt(self, statement),
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Name(it) => match it.ctx {
                ExprContext::Store | ExprContext::Del => self.bind(it.id.as_str(), span(it)),
                ExprContext::Load | ExprContext::Invalid => {
                    self.mention(self.scope, vec![(it.id.to_string(), span(it))], false);
                }
            },
            Expr::Attribute(it) => self.chain(it),
            Expr::Named(it) => {
                self.visit_expr(&it.value);
                if let Expr::Name(name) = &*it.target {
                    let scope = self.found.scopes.outside_comprehensions(self.scope);
                    self.bind_in(scope, name.id.as_str(), span(name));
                }
            }
            Expr::Lambda(it) => self.lambda(it),
            Expr::ListComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::SetComp(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::Generator(it) => self.comprehension(&it.generators, &[&it.elt]),
            Expr::DictComp(it) => {
                let mut elements: Vec<&Expr> = it.key.as_deref().into_iter().collect();
                elements.push(&it.value);
                self.comprehension(&it.generators, &elements);
            }
            Expr::StringLiteral(it) if self.strings_are_code => self.string(it),
            Expr::Subscript(it) => self.subscript(it),
            Expr::Call(it) => {
                self.called(it, Vec::new());
                self.call(it);
            }
            _ => walk_expr(self, expression),
        }
    }
}

impl<'a> Visitor<'a> for Collector<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        deeper(|| self.statement(statement));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        deeper(|| self.expression(expression));
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        self.annotation(annotation);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(it) = handler;
        if let Some(caught) = &it.type_ {
            self.visit_expr(caught);
        }
        if let Some(name) = &it.name {
            self.define(name);
        }
        self.visit_body(&it.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        deeper(|| walk_pattern(self, pattern));
        if let Some(name) = captured(pattern) {
            self.define(name);
        }
    }
}

/// Tells whether this is `from __future__ import annotations`.
fn is_future(statement: &Stmt) -> bool {
    let Stmt::ImportFrom(it) = statement else { return false };
    let module = it.module.as_ref().map(|it| it.as_str());
    module == Some("__future__") && it.names.iter().any(|it| it.name.as_str() == "annotations")
}

/// Returns what `getattr(a, "b")` asks for.
fn asked_for(expression: &Expr) -> Option<(String, Span)> {
    let call = expression.as_call_expr()?;
    let name = call.arguments.args.get(1)?.as_string_literal_expr()?;
    (last_name(&call.func) == Some("getattr")).then(|| (name.value.to_str().to_owned(), span(name)))
}

fn type_param_name(parameter: &TypeParam) -> &Identifier {
    match parameter {
        TypeParam::TypeVar(it) => &it.name,
        TypeParam::TypeVarTuple(it) => &it.name,
        TypeParam::ParamSpec(it) => &it.name,
    }
}
