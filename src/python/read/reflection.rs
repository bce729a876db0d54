//! Names that are made behind the compiler's back: `globals()` and friends, `sys.modules`, `exec`.
//!
//! Reading a namespace makes no names. Whatever else is done with one, such as giving it away, may.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{ArgOrKeyword, Arguments, Expr, ExprCall, ExprContext, Operator};

use super::super::parse::last_name;
use super::lent::Lent;
use super::reach::is_dunder;
use super::{Reader, ScopeKind, Value};

/// Methods that only look at a namespace.
pub(super) const LOOKS: [&str; 6] = ["get", "items", "keys", "values", "copy", "__contains__"];

/// Functions that only look at a namespace or a module that they are given.
const LOOKERS: &str = "ChainMap __import__ all any bool dict dir enumerate eval filter findTestCases \
    format frozenset get_type_hints getattr getdoc getfile getmembers getmodule getsource \
    getsourcefile hasattr id import_module isinstance iter len list loadTestsFromModule map next \
    pformat pprint print repr set sorted str tuple";

impl<'a> Reader<'a> {
    /// Visits an expression that is read and not kept.
    pub(super) fn visit_read(&mut self, expression: &'a Expr) {
        let looked_at = self.is_namespace(expression) || self.is_module(expression);
        if !looked_at && !is_callers_namespace(expression) {
            self.visit_expr(expression);
        }
    }

    /// Visits a node that may hold a namespace of the module.
    pub(super) fn reflected(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Attribute(it) => {
                if self.is_namespace(expression) {
                    self.facts.names.open = true;
                }
                // A finder there may find anything.
                if it.attr.as_str() == "meta_path" && self.is(expression, "sys.meta_path") {
                    self.path_changed();
                }
                if it.ctx == ExprContext::Store {
                    if self.is_module(&it.value) && self.makes(it.attr.as_str()) {
                        return;
                    }
                    if !is_dunder(it.attr.as_str()) {
                        self.changed(&it.value);
                    }
                    self.gives(expression);
                }
                let reads_module = it.ctx == ExprContext::Load && self.is_module(&it.value);
                let looks = LOOKS.contains(&it.attr.as_str())
                    && (self.is_namespace(&it.value) || is_callers_namespace(&it.value));
                if !reads_module && !looks {
                    self.visit_expr(&it.value);
                }
            }
            Expr::Subscript(it) => {
                self.module_subscript(&it.value, &it.slice);
                if self.is_module(expression) {
                    self.facts.names.open = true;
                } else if it.ctx == ExprContext::Store
                    && self.is_namespace(&it.value)
                    && self.makes_one(&it.slice)
                {
                    return;
                } else if it.ctx != ExprContext::Load {
                    let taken_away =
                        it.ctx == ExprContext::Del && self.is(&it.value, "sys.modules");
                    if !taken_away {
                        self.changed_in_place(&it.value, Some(&it.slice));
                    }
                } else if self.is_namespace(&it.value) || is_callers_namespace(&it.value) {
                    return self.visit_expr(&it.slice);
                }
                self.visit_expr(&it.value);
                self.visit_expr(&it.slice);
            }
            Expr::Compare(it) => {
                if let [right] = &*it.comparators {
                    self.modules_compared(&it.left, right);
                }
                self.visit_read(&it.left);
                for comparator in &it.comparators {
                    self.visit_read(comparator);
                }
            }
            Expr::BinOp(it) if it.op == Operator::Mod => {
                self.visit_expr(&it.left);
                self.visit_read(&it.right);
            }
            _ => walk_expr(self, expression),
        }
    }

    /// Visits a call: it may import, change a list of names or paths, or make names.
    pub(super) fn call(&mut self, it: &'a ExprCall, expression: &'a Expr) {
        self.import_call(it);
        self.listing_call(it);
        self.modules_told(it);
        self.module_started(&it.arguments.args);
        self.made_name(expression);
        self.changed_by(last_name(&it.func).unwrap_or_default(), it);
        if let Expr::Attribute(function) = &*it.func {
            self.method_called(&function.value, function.attr.as_str(), it);
        }
        if self.is_namespace(expression) || self.is_module(expression) || self.makes_names(it) {
            self.facts.names.open = true;
        }
        if !self.makes_in_place(it) {
            self.visit_expr(&it.func);
        }
        let one = match (last_name(&it.func), &*it.arguments.args) {
            (Some("setattr"), [module, key, _]) => self.is_module(module) && self.makes_one(key),
            _ => false,
        };
        for argument in it.arguments.iter_source_order() {
            let value = argument.value();
            let unpacked = matches!(argument, ArgOrKeyword::Keyword(it) if it.arg.is_none());
            let namespace = self.is_namespace(value);
            // Whoever is given the namespace of a caller, such as `eval`, only looks at it.
            let looked_at =
                (namespace || self.is_module(value)) && (one || unpacked || only_looks(&it.func));
            let lent = (namespace && !looked_at).then(|| Lent::new(it, argument));
            if let Some(lent) = lent.flatten() {
                self.lent.push(lent);
            } else if !looked_at && !is_callers_namespace(value) {
                self.visit_expr(value);
            }
        }
    }

    fn method_called(&mut self, object: &'a Expr, method: &str, call: &'a ExprCall) {
        match object {
            Expr::Name(it) if it.id.as_str() == "__all__" => self.exports_called(method, call),
            Expr::Name(it) if it.id.as_str() == "__path__" => self.path_changed(),
            _ if matches!(method, "update" | "setdefault") => {
                let key = call.arguments.args.first().filter(|_| method == "setdefault");
                self.changed_in_place(object, key);
            }
            _ if matches!(method, "insert" | "append" | "extend") => {
                self.path_called(object, method, call);
            }
            _ if method == "addsitedir" => self.site_added(call),
            _ if method == "declare_namespace" => self.path_changed(),
            _ => {}
        }
    }

    /// `object[key] = …`, `del object[key]`, `object.update(…)`.
    fn changed_in_place(&mut self, object: &'a Expr, key: Option<&Expr>) {
        self.changed(object);
        match object {
            Expr::Name(it) if it.id.as_str() == "__all__" => self.exports_unreadable(),
            Expr::Name(it) if it.id.as_str() == "__path__" => self.path_changed(),
            // Modules that no file holds: `sys.modules[__name__ + ".moves"] = …`.
            _ if self.is(object, "sys.modules") => match key.and_then(module_made) {
                Some(name) => drop(self.facts.names.modules.insert(name)),
                None if self.is_told(key) => self.facts.names.registers = true,
                None => self.path_changed(),
            },
            _ => {}
        }
    }

    /// Tells whether a key is a variable of a function: whoever calls it says which module is made.
    fn is_told(&self, key: Option<&Expr>) -> bool {
        self.scope() == ScopeKind::Function
            && matches!(key, Some(Expr::Name(it)) if !is_dunder(it.id.as_str()))
    }

    /// `globals()["name"] = …` makes this one, `globals()[name] = …` those of the loop around it; in
    /// `__getattr__`, it keeps an answer.
    fn makes_one(&mut self, key: &Expr) -> bool {
        match key {
            Expr::StringLiteral(it) => self.makes(it.value.to_str()),
            Expr::Name(it) if self.top == Some("__getattr__") && self.asked == Some(&*it.id) => {
                true
            }
            Expr::Name(it) => {
                let Some(Value::Each(names)) = self.value(&it.id) else { return false };
                names.clone().iter().all(|name| self.makes(name))
            }
            _ => false,
        }
    }

    /// Notes a name that the module makes; tells whether it is a name like any other.
    fn makes(&mut self, name: &str) -> bool {
        let plain = !matches!(name, "__all__" | "__class__" | "__getattr__" | "__path__");
        if plain {
            self.facts.names.made.insert(name.to_owned());
        }
        plain
    }

    /// `globals().update(a=1)` and `globals().setdefault("a", 1)` make what they name.
    fn makes_in_place(&mut self, call: &ExprCall) -> bool {
        let Expr::Attribute(function) = &*call.func else { return false };
        if !self.is_namespace(&function.value) {
            return false;
        }
        match function.attr.as_str() {
            "setdefault" => call.arguments.args.first().is_some_and(|key| self.makes_one(key)),
            "update" => named_in(&call.arguments)
                .is_some_and(|names| names.into_iter().all(|name| self.makes(name))),
            _ => false,
        }
    }

    /// `module.name = …` while the module runs, where an import binds `module`.
    fn gives(&mut self, target: &Expr) {
        if self.scope() != ScopeKind::Module || self.place.deferred {
            return;
        }
        let mut parts = Vec::new();
        let mut rest = target;
        while let Expr::Attribute(it) = rest {
            parts.push(it.attr.as_str());
            rest = &it.value;
        }
        let Expr::Name(base) = rest else { return };
        if self.origins.contains_key(base.id.as_str()) {
            parts.push(base.id.as_str());
            parts.reverse();
            self.facts.names.given.insert(parts.join("."));
        }
    }

    /// `exec(…)` in the module's own namespace, or one of the makers of the standard library.
    fn makes_names(&self, call: &ExprCall) -> bool {
        match last_name(&call.func) {
            Some("exec") => {
                let own = call.arguments.len() == 1 && self.scope() == ScopeKind::Module;
                own && self.is(&call.func, "exec")
            }
            // `enum` makes members of the module that it is told: `IntEnum._convert_("A", __name__, …)`.
            Some("_convert_" | "_convert") => call.arguments.args.iter().any(is_own_name),
            _ => false,
        }
    }

    /// Tells whether an expression is the dictionary of this module.
    fn is_namespace(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Call(it) => {
                let Expr::Name(function) = &*it.func else { return false };
                match (function.id.as_str(), &*it.arguments.args) {
                    ("globals", []) => true,
                    ("vars" | "locals", []) => self.scope() == ScopeKind::Module,
                    ("vars", [module]) => self.is_module(module),
                    _ => false,
                }
            }
            Expr::Attribute(it) => it.attr.as_str() == "__dict__" && self.is_module(&it.value),
            _ => false,
        }
    }

    /// Tells whether an expression is this module itself.
    pub(super) fn is_module(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Subscript(it) => is_own_name(&it.slice) && self.is(&it.value, "sys.modules"),
            Expr::Call(it) => match last_name(&it.func) {
                Some("__import__" | "import_module" | "get") => {
                    let named = it.arguments.args.first().is_some_and(is_own_name);
                    named
                        && (last_name(&it.func) != Some("get")
                            || self.is(&it.func, "sys.modules.get"))
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// Tells whether an expression is the namespace of whoever called: `sys._getframe(1).f_globals`.
pub(super) fn is_callers_namespace(expression: &Expr) -> bool {
    matches!(expression, Expr::Attribute(it) if matches!(it.attr.as_str(), "f_globals" | "f_locals"))
}

/// Returns the name of the module that `sys.modules[key] = …` makes: `a.b`, or `.b` for
/// `__name__ + ".b"` and `f"{__name__}.b"`.
fn module_made(key: &Expr) -> Option<String> {
    let made = match key {
        Expr::StringLiteral(it) => return Some(it.value.to_str().to_owned()),
        Expr::BinOp(it) if it.op == Operator::Add && is_own_name(&it.left) => {
            it.right.as_string_literal_expr()?.value.to_str()
        }
        Expr::FString(it) => {
            let mut elements = it.value.elements();
            let own = elements.next()?.as_interpolation()?;
            let tail = elements.next()?.as_literal()?;
            let whole = is_own_name(&own.expression) && elements.next().is_none();
            whole.then_some(&*tail.value)?
        }
        _ => return None,
    };
    made.starts_with('.').then(|| made.to_owned())
}

/// Returns the names that `update` is given, where all are written out.
fn named_in(arguments: &Arguments) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for argument in &arguments.args {
        for item in &argument.as_dict_expr()?.items {
            names.push(item.key.as_ref()?.as_string_literal_expr()?.value.to_str());
        }
    }
    for keyword in &arguments.keywords {
        names.push(keyword.arg.as_ref()?.as_str());
    }
    Some(names)
}

fn is_own_name(expression: &Expr) -> bool {
    matches!(expression, Expr::Name(it) if matches!(it.id.as_str(), "__name__" | "__package__"))
}

/// Tells whether a function only looks at what it is given.
pub(super) fn only_looks(function: &Expr) -> bool {
    last_name(function).is_some_and(|name| LOOKERS.split_whitespace().any(|it| it == name))
}
