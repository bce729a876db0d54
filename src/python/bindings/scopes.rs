//! Scopes and the rule that leads from a name to the scope that it belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{Owner, Use};
use super::Key;
use crate::text::Span;

/// Something that gives names a home.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) kind: Kind,
    parent: Option<usize>,
    names: BTreeMap<String, Vec<Bound>>,
    /// How many mentions came before the first binding of a name; matters in classes only.
    first: BTreeMap<String, usize>,
    globals: BTreeSet<String>,
    nonlocals: BTreeSet<String>,
}

/// What a scope is the scope of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Module,
    /// Seen by its own statements only, not by functions in it.
    Class,
    Function,
    /// Its targets are its own; a walrus in it binds outside.
    Comprehension,
    /// The type parameters of a definition (PEP 695); sees a class around it.
    TypeParameters,
}

/// What binds a name in a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Import(Key),
    Other,
}

/// A name as it stands in the source, with the attributes that follow.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) scope: usize,
    /// Never empty.
    pub(super) parts: Vec<(String, Span)>,
    pub(super) written: bool,
    pub(super) asked: Option<(String, Span)>,
    pub(super) call: Option<(usize, Span)>,
    /// It stands where nothing is evaluated, or not by an import: in an annotation that is kept as it is
    /// written, under `if __name__ == "__main__":`.
    pub(super) lazy: bool,
    /// How many mentions came before this one.
    pub(super) order: usize,
}

impl Mention {
    pub(super) fn used(&self) -> Use {
        let Self { parts, written, asked, call, .. } = self;
        let (parts, asked, call) = (parts.clone(), asked.clone(), call.clone());
        Use { parts, written: *written, asked, call }
    }
}

/// All scopes of a file; the module is the first.
#[derive(Debug)]
pub(super) struct Scopes(Vec<Scope>);

/// The index of the module's scope.
pub(super) const MODULE: usize = 0;

impl Scopes {
    pub(super) fn new() -> Self {
        let mut scopes = Self(Vec::new());
        scopes.add(Kind::Module, None);
        scopes
    }

    pub(super) fn add(&mut self, kind: Kind, parent: Option<usize>) -> usize {
        self.0.push(Scope {
            kind,
            parent,
            names: BTreeMap::new(),
            first: BTreeMap::new(),
            globals: BTreeSet::new(),
            nonlocals: BTreeSet::new(),
        });
        self.0.len() - 1
    }

    pub(super) fn add_global(&mut self, scope: usize, name: &str) {
        if scope != MODULE {
            self.0[scope].globals.insert(name.to_owned());
        }
    }

    pub(super) fn add_nonlocal(&mut self, scope: usize, name: &str) {
        self.0[scope].nonlocals.insert(name.to_owned());
    }

    /// Returns the scope in which a statement in `scope` binds a name; `None` for that of a function
    /// around it.
    fn home(&self, scope: usize, name: &str) -> Option<usize> {
        match &self.0[scope] {
            it if it.nonlocals.contains(name) => None,
            it if it.globals.contains(name) => Some(MODULE),
            _ => Some(scope),
        }
    }

    /// Tells whose name a statement in `scope` binds.
    pub(super) fn owner(&self, scope: usize, name: &str) -> Owner {
        match self.home(scope, name).map(|it| self.0[it].kind) {
            Some(Kind::Module) if scope == MODULE => Owner::Module,
            Some(Kind::Module) => Owner::Global,
            Some(Kind::Function) => Owner::Function,
            Some(Kind::Class | Kind::Comprehension | Kind::TypeParameters) | None => Owner::Other,
        }
    }

    /// Binds a name where the statement in `scope` binds it, after `order` mentions.
    pub(super) fn bind(&mut self, scope: usize, name: &str, bound: Bound, order: usize) {
        let Some(home) = self.home(scope, name) else { return };
        let home = &mut self.0[home];
        home.names.entry(name.to_owned()).or_default().push(bound);
        home.first.entry(name.to_owned()).or_insert(order);
    }

    /// Returns the scope in which a walrus in `scope` binds.
    pub(super) fn outside_comprehensions(&self, scope: usize) -> usize {
        let mut at = scope;
        while let (Kind::Comprehension, Some(parent)) = (self.0[at].kind, self.0[at].parent) {
            at = parent;
        }
        at
    }

    /// Returns every name that some scope binds.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.iter().flat_map(|it| it.names.keys().cloned()).collect()
    }

    pub(super) fn bound(&self, scope: usize, name: &str) -> &[Bound] {
        self.0[scope].names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the scope that a mentioned name belongs to; `None` for a builtin or an unknown name.
    pub(super) fn resolve(&self, mention: &Mention) -> Option<usize> {
        let name = mention.parts.first()?.0.as_str();
        for at in self.seen_from(mention.scope) {
            let scope = &self.0[at];
            if scope.globals.contains(name) {
                return self.0[MODULE].names.contains_key(name).then_some(MODULE);
            }
            if scope.nonlocals.contains(name) || !scope.names.contains_key(name) {
                continue;
            }
            // Before a class has bound a name, its statements see the module's.
            let early = scope.kind == Kind::Class && mention.order < scope.first[name];
            if early {
                return self.0[MODULE].names.contains_key(name).then_some(MODULE);
            }
            return Some(at);
        }
        None
    }

    /// Tells whether code in `scope` runs only when a function is called.
    pub(super) fn is_deferred(&self, scope: usize) -> bool {
        let mut around = std::iter::successors(Some(scope), |at| self.0[*at].parent);
        around.any(|at| self.0[at].kind == Kind::Function)
    }

    /// Returns the scopes in which code in `scope` looks for names, the innermost first.
    fn seen_from(&self, scope: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(scope);
        let mut sees_class = true;
        std::iter::from_fn(move || {
            loop {
                let at = next?;
                let Scope { kind, parent, .. } = &self.0[at];
                next = *parent;
                let seen = sees_class || *kind != Kind::Class;
                sees_class &= *kind == Kind::TypeParameters;
                if seen {
                    return Some(at);
                }
            }
        })
    }

    /// Adds the names that would capture a new name in `scope` which is to belong to `home`: all that
    /// the scopes on the way bind, and what `home` itself binds otherwise than by imports.
    pub(super) fn captured(&self, scope: usize, home: usize, acc: &mut BTreeSet<String>) {
        for at in self.seen_from(scope) {
            let names = self.0[at].names.iter();
            let captures = |bound: &Vec<Bound>| at != home || bound.contains(&Bound::Other);
            acc.extend(names.filter(|it| captures(it.1)).map(|it| it.0.clone()));
            if at == home {
                return;
            }
        }
    }
}
