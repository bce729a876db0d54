//! The module's namespace: what statements bind and unbind.

use ruff_python_ast::visitor::source_order::SourceOrderVisitor;
use ruff_python_ast::{Expr, ExprName, Identifier, StmtAnnAssign, StmtAssign, StmtAugAssign};

use super::super::model::{All, Binding, DefinitionKind};
use super::super::parse::span;
use super::super::words;
use super::branches::Failure;
use super::{Reader, ScopeKind, Value};
use crate::text::Span;

impl<'a> Reader<'a> {
    /// Binds a name that is no expression: of a function, a class, a pattern.
    pub(super) fn define(&mut self, name: &'a Identifier, kind: DefinitionKind) {
        self.bind(name.as_str(), span(name), kind);
    }

    pub(super) fn bind(&mut self, name: &'a str, span: Span, kind: DefinitionKind) {
        if !self.place.comprehension_target {
            self.set_value(name, None);
            self.record(name, Binding::Definition { kind, span });
        }
    }

    /// Tells whether a name that is bound here is one of the module: made there, or sent there by
    /// `global`.
    pub(super) fn binds_module(&self, name: &str) -> bool {
        self.scopes
            .last()
            .is_none_or(|it| it.kind == ScopeKind::Module || it.globals.contains(&name))
    }

    pub(super) fn record(&mut self, name: &'a str, binding: Binding) {
        if !self.binds_module(name) || name.is_empty() || self.place.dead {
            return;
        }
        match &binding {
            Binding::Definition { kind: DefinitionKind::Annotation, .. } => {}
            _ if name == "__path__" => self.path_changed(),
            _ if name == "__all__" => self.exports_unreadable(),
            _ => {}
        }
        self.facts.names.gone.remove(name);
        self.bound.entry(name).or_default().push(binding);
    }

    /// Remembers that modules below this one may be found elsewhere.
    pub(super) fn path_changed(&mut self) {
        let names = &mut self.facts.names;
        (names.path_changed, names.childless) = (true, false);
    }

    /// `__path__ = []`: what stands below the package is not found.
    fn search_ended(&mut self, target: &Expr, value: &Expr) {
        let own = matches!(target, Expr::Name(it) if it.id.as_str() == "__path__");
        let surely = self.scope() == ScopeKind::Module && !self.place.conditional;
        if own && surely && matches!(value, Expr::List(it) if it.is_empty()) {
            self.facts.names.childless = true;
        }
    }

    /// Takes a name away, where the `del` surely runs.
    pub(super) fn unbind(&mut self, name: &str) {
        if self.scope() == ScopeKind::Module && !self.place.conditional {
            self.bound.remove(name);
            self.facts.names.gone.insert(name.to_owned());
            if name == "__all__" {
                self.facts.names.all = All::Absent;
            }
        }
    }

    /// Remembers what a variable holds if it holds nothing else in the scope, and that it holds nothing
    /// of interest where that hides something.
    pub(super) fn set_value(&mut self, name: &'a str, value: Option<Value>) {
        if value.is_none() && self.value(name).is_none() {
            return;
        }
        if let Some(scope) = self.scopes.last_mut() {
            let known = scope.values.get(name).map(|known| {
                let (known, value) = (known.as_ref()?, value.as_ref()?);
                known.is_same(value).then(|| known.clone())
            });
            scope.values.insert(name, known.unwrap_or(value));
        }
    }

    /// Runs `work` in a loop, `for target in list`: there, the variable holds each string of the list.
    pub(super) fn with_each(
        &mut self,
        target: &'a Expr,
        list: &Expr,
        work: impl FnOnce(&mut Self),
    ) {
        let name = target.as_name_expr().map(|it| it.id.as_str());
        let Some((name, strings)) = name.zip(strings(list)) else { return work(self) };
        let Some(scope) = self.scopes.last_mut() else { return work(self) };
        let before = scope.values.insert(name, Some(Value::Each(strings)));
        work(self);
        if let Some(scope) = self.scopes.last_mut() {
            scope.values.remove(name);
            scope.values.extend(before.map(|it| (name, it)));
        }
    }

    /// Returns what the variable of that name holds, seen from the current scope.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        let inner = self.scopes.len().checked_sub(1)?;
        let seen = self.scopes.iter().enumerate().rev();
        let seen = seen.filter(|(at, it)| *at == inner || it.kind != ScopeKind::Class);
        seen.into_iter().find_map(|(_, it)| it.values.get(name))?.as_ref()
    }

    pub(super) fn assign(&mut self, it: &'a StmtAssign) {
        if let [Expr::Name(name)] = it.targets.as_slice()
            && self.assign_known(name, &it.value)
        {
            self.modules_assigned(&it.targets[0], &it.value);
            return self.visit_expr(&it.value);
        }
        for target in &it.targets {
            self.modules_assigned(target, &it.value);
            self.held(target, &it.value);
            match target {
                Expr::Name(name) if name.id.as_str() == "__all__" => {
                    self.exports_bound(target, |reader| reader.exports_assigned(&it.value));
                }
                _ => {
                    self.path_assigned(target, &it.value);
                    self.visit_expr(target);
                    self.search_ended(target, &it.value);
                }
            }
        }
        self.visit_expr(&it.value);
    }

    /// Binds a name to a value that is understood; tells whether it is.
    fn assign_known(&mut self, name: &'a ExprName, value: &'a Expr) -> bool {
        let id = name.id.as_str();
        let Some(known) = self.known_value(value).filter(|_| id != "__all__") else { return false };
        let before = match self.scopes.last().and_then(|it| it.values.get(id)) {
            Some(Some(before)) if before.is_same(&known) => before.expression(),
            _ => None,
        };
        self.own_bound(id, value, before);
        self.set_value(id, Some(known));
        let binding = Binding::Definition { kind: DefinitionKind::Variable, span: span(name) };
        self.record(id, binding);
        true
    }

    fn known_value(&self, value: &Expr) -> Option<Value> {
        if let Some(folder) = self.folder(value) {
            return Some(Value::Folder(folder, span(value)));
        }
        if self.catches_failure(value, Failure::Module) {
            return Some(Value::ImportErrors);
        }
        match value {
            Expr::StringLiteral(it) if words::is_dotted(it.value.to_str()) => {
                Some(Value::Text(it.value.to_str().to_owned()))
            }
            _ => self.version_truth(value).map(Value::Truth),
        }
    }

    pub(super) fn annotated(&mut self, it: &'a StmtAnnAssign) {
        if let Some(value) = &it.value {
            self.modules_assigned(&it.target, value);
            self.held(&it.target, value);
        }
        match (&*it.target, &it.value) {
            (Expr::Name(name), None) => {
                self.bind(name.id.as_str(), span(name), DefinitionKind::Annotation);
            }
            (Expr::Name(name), Some(value)) if name.id.as_str() == "__all__" => {
                self.exports_bound(&it.target, |reader| reader.exports_assigned(value));
            }
            (Expr::Name(name), Some(value)) if self.assign_known(name, value) => {}
            (target, value) => {
                self.visit_expr(target);
                value.iter().for_each(|it| self.search_ended(target, it));
            }
        }
        self.visit_annotation(&it.annotation);
        if let Some(value) = &it.value {
            self.visit_expr(value);
        }
    }

    pub(super) fn augmented(&mut self, it: &'a StmtAugAssign) {
        self.modules_assigned(&it.target, &it.value);
        match &*it.target {
            Expr::Name(name) if name.id.as_str() == "__all__" => {
                self.exports_bound(&it.target, |reader| reader.exports_extended(&it.value));
            }
            target => {
                self.path_extended(target, &it.value);
                self.visit_expr(target);
            }
        }
        self.visit_expr(&it.value);
    }
}

/// Returns the strings of a list that has nothing else.
fn strings(list: &Expr) -> Option<Vec<String>> {
    let elements = match list {
        Expr::List(it) => &it.elts,
        Expr::Tuple(it) => &it.elts,
        Expr::Set(it) => &it.elts,
        _ => return None,
    };
    let string = |it: &Expr| Some(it.as_string_literal_expr()?.value.to_str().to_owned());
    elements.iter().map(string).collect()
}
