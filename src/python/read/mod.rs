//! Bytes of one file → [`FileFacts`], in one parse and one walk of what [`super::skim`] leaves.
//!
//! The [`Reader`] goes through the tree in source order. Where it is (a branch that may not run, a
//! function, a handler) is a small copied [`Place`]; what it finds goes straight into the facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ruff_python_ast::visitor::source_order::{
    SourceOrderVisitor, walk_expr, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    Comprehension, Expr, ExprContext, ExprLambda, ExprStringLiteral, FStringPart, Identifier,
    Pattern, Stmt, StmtClassDef, StmtFunctionDef, StringFlags,
};
use ruff_text_size::{Ranged, TextSize};

use super::asks::Asks;
use super::model::{Binding, DefinitionKind, FileFacts, Getattr, Listing, Literal, Status};
use super::parse::{DEEPEST, SHALLOW, Tree, captured, deeper, span};
use super::skim;
use super::words::{self, NEWEST};
use crate::text::{Lines, Span, python_source};
use branches::Truth;
use lent::Lent;
use own::Own;
use paths::Folder;
use reach::Reach;

pub(super) use own::own_paths;
pub use snippets::snippets;

mod answers;
mod branches;
mod calls;
mod exports;
mod idle;
mod imports;
mod inserts;
mod lent;
mod listings;
mod named;
mod names;
mod origin;
mod own;
mod paths;
mod reach;
mod reflection;
mod snippets;
mod starts;
mod tables;

#[cfg(test)]
mod tests;

/// Reads one Python file. Never fails: what cannot be read says so in its [`Status`].
#[must_use]
pub fn read(bytes: &[u8], target: (u8, u8)) -> FileFacts {
    read_as(bytes, target, target)
}

/// Reads a stub: nothing runs it, so it may have the newest syntax whatever the target version is.
#[must_use]
pub fn read_stub(bytes: &[u8], target: (u8, u8)) -> FileFacts {
    read_as(bytes, target, NEWEST)
}

/// Of a larger file, which is data, only the imports are read: the tree of one takes thirty times its
/// size in memory.
const LARGEST: usize = 20_000_000;

fn read_as(bytes: &[u8], target: (u8, u8), syntax: (u8, u8)) -> FileFacts {
    match python_source(bytes) {
        Ok(source) if bytes.len() > LARGEST => read_imports(&source, target, syntax),
        Ok(source) => read_source(&source, target, syntax),
        Err(error) => FileFacts::nothing(Status::Undecodable(error.to_string())),
    }
}

fn read_source(source: &str, target: (u8, u8), syntax: (u8, u8)) -> FileFacts {
    let code = Code { source, lines: Lines::new(source), target, syntax };
    let skimmed = code.skimmed();
    // What is read at speed is what the whole tree says: every file of every test shows it.
    if let Some(skimmed) = &skimmed {
        debug_assert_eq!(*skimmed, code.parsed());
    }
    let mut facts = skimmed.unwrap_or_else(|| code.parsed());
    facts.asks = Asks::of(&facts.imports);
    facts
}

/// Reads the imports of a file that is too large for more.
fn read_imports(source: &str, target: (u8, u8), syntax: (u8, u8)) -> FileFacts {
    let megabytes = source.len().div_ceil(1_000_000);
    let message = format!("too large to be read whole: {megabytes} MB, at most 20 MB are");
    // What the parser counts with ends there.
    if u32::try_from(source.len()).is_err() {
        return FileFacts::nothing(Status::Undecodable(message));
    }
    let code = Code { source, lines: Lines::new(source), target, syntax };
    let status = Status::Broken { line: 1, column: 1, message };
    let walked = code.walked(&skim::imports(source));
    let mut facts = walked.map_or_else(|| FileFacts::nothing(status.clone()), |it| it.facts);
    facts.status = status;
    (facts.names.open, facts.names.idle) = (true, false);
    facts.asks = Asks::of(&facts.imports);
    facts
}

/// A decoded file, and the versions that it is read for.
struct Code<'a> {
    source: &'a str,
    lines: Lines<'a>,
    target: (u8, u8),
    syntax: (u8, u8),
}

impl Code<'_> {
    /// Reads a file of which functions that hold no fact are not parsed; `None` where it takes all.
    fn skimmed(&self) -> Option<FileFacts> {
        let skimmed = (self.syntax >= skim::OLDEST).then(|| skim::skim(self.source)).flatten()?;
        let Walked { mut facts, by_bodies, .. } = self.walked(&skimmed.source)?;
        if by_bodies {
            return None;
        }
        let literal = |it: skim::Named| Literal {
            text: self.source[it.start..it.end].to_owned(),
            span: it.start..it.end,
            line: self.lines.line(it.start),
            docstring: it.docstring,
            module: false,
        };
        facts.literals.extend(skimmed.literals.into_iter().map(literal));
        facts.literals.sort_by_key(|it| it.span.start);
        (facts.status == Status::Parsed).then_some(facts)
    }

    /// Reads all of the file.
    fn parsed(&self) -> FileFacts {
        let nothing = || FileFacts::nothing(Status::Undecodable("no module".to_owned()));
        self.walked(self.source).map_or_else(nothing, |it| it.facts)
    }

    /// Reads the tree of `parsed`, which has the same text as the source wherever facts stand.
    fn walked(&self, parsed: &str) -> Option<Walked> {
        let tree = Tree::parse(parsed, self.syntax)?;
        let status = tree.status(&self.lines);
        let walked = walk(&tree, self.source, &self.lines, self.target, status);
        tree.drop_deep(walked.depth);
        Some(walked)
    }
}

/// What a walk has found.
pub(super) struct Walked {
    /// The facts.
    pub(super) facts: FileFacts,
    /// The depth of the tree.
    pub(super) depth: usize,
    /// Some fact depends on what any function does: to the tables of a `__getattr__`, to a namespace.
    by_bodies: bool,
}

/// Reads the facts of a parsed tree.
pub(super) fn walk(
    tree: &Tree,
    source: &str,
    lines: &Lines<'_>,
    target: (u8, u8),
    status: Status,
) -> Walked {
    Reader::new(source, lines, target, FileFacts::nothing(status)).run(tree)
}

/// What names stand for: asked several times of every call.
type Origins<'a> = HashMap<&'a str, String, foldhash::fast::RandomState>;

/// The state of one walk.
struct Reader<'a> {
    source: &'a str,
    lines: &'a Lines<'a>,
    target: (u8, u8),
    facts: FileFacts,
    place: Place,
    /// The scopes around the current node, the module first. Comprehensions are none: a walrus in
    /// one binds outside.
    scopes: Vec<Scope<'a>>,
    /// What the names that imports have bound so far stand for: `t` → `typing`.
    origins: Origins<'a>,
    /// The definition at the top of the module that the current node stands in.
    top: Option<&'a str>,
    /// The parameter of the module's `__getattr__`.
    asked: Option<&'a str>,
    /// What is found of the file's own paths, where they are asked for.
    own: Option<Own<'a>>,
    /// Where literals start that stand where a module is named.
    told: BTreeSet<TextSize>,
    /// Folders that are listed, and whether surely for their modules.
    folders: Vec<(bool, Listing)>,
    /// Some call loads a module by a name.
    loads: bool,
    /// How many strings this is code in.
    quotes: usize,
    /// What the definitions around it do to other modules.
    reach: Reach<'a>,
    /// The calls that are given the module's namespace.
    lent: Vec<Lent<'a>>,
    /// What the module binds so far.
    bound: BTreeMap<&'a str, Vec<Binding>>,
    depth: usize,
    deepest: usize,
}

/// What is true of the code at the current node.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Runs later than the import of the module.
    deferred: bool,
    /// Only type checkers look at it.
    type_checking: bool,
    /// A failing import is caught around it: of a module that is not there.
    guarded: bool,
    /// And of a name that is not there.
    name_guarded: bool,
    /// It runs where an import has failed.
    fallback: bool,
    /// The target version does not run it, or only on some platforms.
    not_taken: bool,
    /// No version of Python 3 runs it, so it binds nothing.
    dead: bool,
    /// May not run at all, so a `del` in it proves nothing.
    conditional: bool,
    /// The target of a comprehension, which binds in a scope of its own.
    comprehension_target: bool,
    /// An expression statement whose string is talk.
    talk: bool,
}

/// One scope around the current node.
#[derive(Debug)]
struct Scope<'a> {
    kind: ScopeKind,
    /// Names that a `global` statement sends to the module.
    globals: Vec<&'a str>,
    /// What simple variables hold; `None` where they are bound to anything else.
    values: BTreeMap<&'a str, Option<Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Module,
    Class,
    Function,
}

/// What a variable holds that holds nothing else, as far as facts go.
#[derive(Debug, Clone)]
enum Value {
    /// A folder, and the expression that says which.
    Folder(Folder, Span),
    Truth(Truth),
    /// Exceptions, a failed import among them.
    ImportErrors,
    /// A dotted name.
    Text(String),
    /// Each of these strings, one after the other.
    Each(Vec<String>),
}

impl Value {
    /// Tells whether both are one folder, written the one way or the other.
    fn is_same(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Folder(one, _), Self::Folder(other, _)) if one.is_same(other))
    }

    /// Returns the expression that says which folder it is.
    fn expression(&self) -> Option<Span> {
        match self {
            Self::Folder(_, expression) => Some(expression.clone()),
            Self::Truth(_) | Self::ImportErrors | Self::Text(_) | Self::Each(_) => None,
        }
    }
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, lines: &'a Lines<'a>, target: (u8, u8), facts: FileFacts) -> Self {
        let module =
            Scope { kind: ScopeKind::Module, globals: Vec::new(), values: BTreeMap::new() };
        Self {
            source,
            lines,
            target,
            facts,
            place: Place::default(),
            scopes: vec![module],
            origins: Origins::default(),
            top: None,
            asked: None,
            own: None,
            told: BTreeSet::new(),
            folders: Vec::new(),
            loads: false,
            quotes: 0,
            reach: Reach::default(),
            lent: Vec::new(),
            bound: BTreeMap::new(),
            depth: 0,
            deepest: 0,
        }
    }

    /// Reads all of a tree; returns the facts with the depth of the tree.
    fn run(mut self, tree: &'a Tree) -> Walked {
        self.visit_body(tree.body());
        self.finish_listings();
        self.facts.imports.shrink_to_fit();
        self.facts.names.bound = std::mem::take(&mut self.bound).into();
        // Of a tree that is too deep for these, nothing is claimed.
        let body = if self.deepest > SHALLOW { &[] } else { tree.body() };
        let looked_at = |it: &Lent<'a>| it.is_looked_at(body, &self.facts.names);
        self.facts.names.open |= !self.lent.iter().all(looked_at);
        self.facts.names.idle = self.deepest <= SHALLOW && !body.iter().any(idle::does_something);
        self.facts.names.getattr = answers::answers(body, &self.facts);
        let by_bodies = self.facts.names.getattr != Getattr::Absent || !self.lent.is_empty();
        Walked { facts: self.facts, depth: self.deepest, by_bodies }
    }

    /// Runs `work` at `place`, and comes back.
    fn at(&mut self, place: Place, work: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.place, place);
        work(self);
        self.place = before;
    }

    /// Runs `work` in a scope of its own.
    fn in_scope(&mut self, kind: ScopeKind, work: impl FnOnce(&mut Self)) {
        self.scopes.push(Scope { kind, globals: Vec::new(), values: BTreeMap::new() });
        work(self);
        self.scopes.pop();
    }

    /// Goes down one node, which starts at `at`.
    fn deeper(&mut self, at: TextSize, work: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth <= DEEPEST {
            deeper(|| work(self));
        } else if self.facts.status == Status::Parsed {
            let (line, column) = self.lines.position(at.to_usize());
            let message = "too deeply nested".to_owned();
            self.facts.status = Status::Broken { line, column, message };
        }
        self.depth -= 1;
    }

    fn scope(&self) -> ScopeKind {
        self.scopes.last().map_or(ScopeKind::Module, |it| it.kind)
    }

    fn function(&mut self, it: &'a StmtFunctionDef) {
        if it.name.as_str() == "__getattr__" && self.top.is_none() {
            self.asked = it.parameters.args.first().map(|it| it.parameter.name.as_str());
        }
        for decorator in &it.decorator_list {
            self.visit_decorator(decorator);
        }
        self.define(&it.name, DefinitionKind::Function);
        if let Some(type_params) = &it.type_params {
            self.visit_type_params(type_params);
        }
        self.visit_parameters(&it.parameters);
        if let Some(returns) = &it.returns {
            self.visit_annotation(returns);
        }
        self.in_definition(&it.name, |reader| {
            reader.in_function(|reader| {
                for parameter in &it.parameters {
                    reader.set_value(parameter.name().as_str(), None);
                }
                reader.visit_body(&it.body);
            });
        });
    }

    /// Runs `work` in the body of a definition.
    fn in_definition(&mut self, name: &'a Identifier, work: impl FnOnce(&mut Self)) {
        let outer = (self.top, self.reach.enter());
        self.top = outer.0.or(Some(name.as_str()));
        work(self);
        let reaches = self.reach.leave(outer.1);
        if let Some(top) = self.top.filter(|_| reaches) {
            self.facts.names.reaching.insert(top.to_owned());
        }
        self.top = outer.0;
    }

    fn lambda(&mut self, it: &'a ExprLambda) {
        if let Some(parameters) = &it.parameters {
            self.visit_parameters(parameters);
        }
        self.in_function(|reader| reader.visit_expr(&it.body));
    }

    /// A function runs later, out of the handlers and suites that its definition stands in.
    fn in_function(&mut self, work: impl FnOnce(&mut Self)) {
        let place = Place {
            deferred: true,
            conditional: true,
            guarded: false,
            name_guarded: false,
            fallback: false,
            ..self.place
        };
        self.at(place, |reader| reader.in_scope(ScopeKind::Function, work));
    }

    fn class(&mut self, it: &'a StmtClassDef) {
        for decorator in &it.decorator_list {
            if self.origin(&decorator.expression).as_deref() == Some("enum.global_enum") {
                self.facts.names.open = true;
            }
            self.visit_decorator(decorator);
        }
        self.define(&it.name, DefinitionKind::Class);
        if let Some(type_params) = &it.type_params {
            self.visit_type_params(type_params);
        }
        if let Some(arguments) = &it.arguments {
            self.visit_arguments(arguments);
        }
        self.in_definition(&it.name, |reader| {
            reader.in_scope(ScopeKind::Class, |reader| reader.visit_body(&it.body));
        });
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(it) => self.import(it),
            Stmt::ImportFrom(it) => self.import_from(it),
            Stmt::FunctionDef(it) => self.function(it),
            Stmt::ClassDef(it) => self.class(it),
            Stmt::If(it) => self.branches(it),
            Stmt::Try(it) => self.attempt(it),
            Stmt::With(it) => self.with(it),
            Stmt::For(it) => {
                self.visit_expr(&it.target);
                self.visit_read(&it.iter);
                self.with_each(&it.target, &it.iter, |reader| {
                    reader.conditionally(|reader| {
                        reader.visit_body(&it.body);
                        reader.visit_body(&it.orelse);
                    });
                });
                self.path_loop(it);
            }
            Stmt::While(it) => {
                self.visit_expr(&it.test);
                self.conditionally(|reader| {
                    reader.visit_body(&it.body);
                    reader.visit_body(&it.orelse);
                });
            }
            Stmt::Match(_) => self.conditionally(|reader| walk_stmt(reader, statement)),
            Stmt::Global(it) => {
                let names = it.names.iter().map(Identifier::as_str);
                if let Some(scope) = self.scopes.last_mut() {
                    scope.globals.extend(names);
                }
            }
            Stmt::Assign(it) => self.assign(it),
            Stmt::AnnAssign(it) => self.annotated(it),
            Stmt::AugAssign(it) => self.augmented(it),
            Stmt::Expr(it) => {
                let talk = it.value.is_string_literal_expr();
                self.at(Place { talk, ..self.place }, |reader| reader.visit_expr(&it.value));
            }
            _ => walk_stmt(self, statement),
        }
    }

    fn conditionally(&mut self, work: impl FnOnce(&mut Self)) {
        self.at(Place { conditional: true, ..self.place }, work);
    }

    fn expression(&mut self, expression: &'a Expr) {
        if self.own.is_some() && self.own_path(expression) {
            return;
        }
        match expression {
            Expr::Name(it) => match it.ctx {
                ExprContext::Store => {
                    self.bind(it.id.as_str(), span(it), DefinitionKind::Variable);
                }
                ExprContext::Del => self.unbind(it.id.as_str()),
                ExprContext::Load | ExprContext::Invalid => {}
            },
            Expr::StringLiteral(it) => {
                self.literal(it);
                self.quoted_code(expression);
            }
            Expr::BytesLiteral(_) => self.quoted_code(expression),
            Expr::List(it) => {
                self.started(&it.elts);
                self.module_started(&it.elts);
                walk_expr(self, expression);
            }
            Expr::Tuple(it) => {
                self.started(&it.elts);
                self.module_started(&it.elts);
                walk_expr(self, expression);
            }
            Expr::Lambda(it) => self.lambda(it),
            Expr::Named(it) => {
                self.held(&it.target, &it.value);
                walk_expr(self, expression);
            }
            Expr::If(it) => self.ternary(it),
            Expr::Call(it) => self.call(it, expression),
            Expr::FString(it) => {
                self.made_name(expression);
                for part in &it.value {
                    if let FStringPart::FString(part) = part {
                        self.formatted_code(part);
                    }
                }
                walk_expr(self, expression);
            }
            Expr::BinOp(_) => {
                self.made_name(expression);
                self.reflected(expression);
            }
            Expr::Attribute(_) | Expr::Subscript(_) | Expr::Compare(_) => {
                self.reflected(expression);
            }
            _ => walk_expr(self, expression),
        }
    }

    fn literal(&mut self, it: &ExprStringLiteral) {
        let Some(part) = it.as_single_part_string() else { return };
        let module = self.told.contains(&it.start());
        // `find_packages(include=["a.*"])`: what stands before the star is the package.
        let text = part.as_str();
        let text = text.strip_suffix(".*").filter(|_| module).unwrap_or(text);
        if !(words::is_path(text) || module && words::is_dotted(text)) {
            return;
        }
        let whole = span(part);
        let opened = part.flags.opener_len().to_usize();
        let within = whole.start + opened..whole.start + opened + text.len();
        if within.end <= whole.end && self.source.get(within.clone()) == Some(text) {
            self.facts.literals.push(Literal {
                text: text.to_owned(),
                line: self.lines.line(within.start),
                span: within,
                docstring: self.place.talk,
                module,
            });
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Reader<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.deeper(statement.start(), |reader| reader.statement(statement));
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.deeper(expression.start(), |reader| reader.expression(expression));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = captured(pattern) {
            self.define(name, DefinitionKind::Variable);
        }
        self.deeper(pattern.start(), |reader| walk_pattern(reader, pattern));
    }

    fn visit_comprehension(&mut self, it: &'a Comprehension) {
        let place = Place { comprehension_target: true, ..self.place };
        self.at(place, |reader| reader.visit_expr(&it.target));
        self.visit_read(&it.iter);
        for condition in &it.ifs {
            self.visit_expr(condition);
        }
    }
}
