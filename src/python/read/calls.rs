//! Calls that import what a literal names: `import_module("a.b")`, `import_module("..b", __package__)`,
//! `__import__("a.b")`.

use ruff_python_ast::{Expr, ExprCall, ExprStringLiteral};

use super::super::model::{Anchor, ImportedName, Listed, Target};
use super::super::parse::{last_name, span};
use super::super::words;
use super::Reader;
use super::imports::{Written, number};

/// What a call imports.
struct Called {
    anchor: Anchor,
    level: u32,
    module: String,
}

impl Called {
    fn absolute(module: String) -> Self {
        Self { anchor: Anchor::Package, level: 0, module }
    }
}

impl<'a> Reader<'a> {
    /// Records `import_module("a.b")` and its like.
    pub(super) fn import_call(&mut self, call: &'a ExprCall) {
        let expected = match last_name(&call.func) {
            Some("__import__") => {
                self.is(&call.func, "__import__") || self.is(&call.func, "builtins.__import__")
            }
            Some(_) => self.is(&call.func, "importlib.import_module"),
            None => false,
        };
        let skipping = self.is(&call.func, "pytest.importorskip");
        if !expected && !skipping {
            return;
        }
        let argument = if skipping { "modname" } else { "name" };
        let Some(name) = call.arguments.find_argument_value(argument, 0) else { return };
        let called = match name {
            Expr::StringLiteral(literal) => self.called_module(call, literal),
            other => self.below_own(other),
        };
        let Some(Called { anchor, level, module }) = called else { return };
        let guarded = self.place.guarded || skipping;
        let name_guarded = self.place.name_guarded || skipping;
        let place = super::Place { guarded, name_guarded, ..self.place };
        self.at(place, |reader| {
            let target = Target::Call { names: reader.called_names(call), top: gives_top(call) };
            let written = Written { statement: span(call), span: span(name), anchor };
            reader.push_import(written, (level, &module), target, false);
        });
    }

    /// Returns the literal names in the `fromlist` of `__import__`.
    fn called_names(&self, call: &ExprCall) -> Vec<ImportedName> {
        let list = match last_name(&call.func) {
            Some("__import__") => call.arguments.find_argument_value("fromlist", 3),
            _ => None,
        };
        let elements = match list {
            Some(Expr::List(it)) => it.elts.as_slice(),
            Some(Expr::Tuple(it)) => it.elts.as_slice(),
            _ => &[],
        };
        let literals = elements.iter().filter_map(|it| match it {
            Expr::StringLiteral(it) if it.value.to_str() != "*" => Some(it),
            _ => None,
        });
        let name = |it: &ExprStringLiteral| {
            let (line, column) = self.lines.position(span(it).start);
            let name = it.value.to_str().to_owned();
            ImportedName { span: span(it), name, asname: None, line, column }
        };
        literals.map(name).collect()
    }

    /// Reads what a call with a literal imports, where that can be told.
    fn called_module(&mut self, call: &'a ExprCall, literal: &ExprStringLiteral) -> Option<Called> {
        let text = literal.value.to_str();
        let name = text.trim_start_matches('.');
        let dots = u32::try_from(text.len() - name.len()).ok()?;
        if !words::is_dotted(name) {
            return None;
        }
        if dots == 0 {
            let level = match last_name(&call.func) {
                Some("__import__") => call.arguments.find_argument_value("level", 4),
                _ => None,
            };
            let level = level.map_or(Some(0), number).and_then(|it| u32::try_from(it).ok())?;
            return Some(Called { anchor: Anchor::Package, level, module: name.to_owned() });
        }
        let package = call.arguments.find_argument_value("package", 1)?;
        if let Expr::StringLiteral(package) = package {
            let mut base = package.value.to_str();
            for _ in 1..dots {
                base = base.rsplit_once('.')?.0;
            }
            let module = words::is_dotted(base).then(|| format!("{base}.{name}"))?;
            return Some(Called::absolute(module));
        }
        match anchor(package) {
            Some((anchor, above)) => {
                let level = dots.checked_add(above)?;
                Some(Called { anchor, level, module: name.to_owned() })
            }
            None => {
                let of = Listed::Named { name: name.to_owned() };
                self.list(of, false, None, span(call));
                None
            }
        }
    }

    /// Reads `__package__ + ".a"` and `f"{__package__}.a"`.
    fn below_own(&self, name: &Expr) -> Option<Called> {
        let text = self.own_name(name)?;
        let module = text.strip_prefix('.').filter(|it| words::is_dotted(it))?;
        Some(Called { anchor: Anchor::Joined, level: 1, module: module.to_owned() })
    }
}

/// Tells whether a call gives the first package of what it imports: `__import__` without a `fromlist`.
fn gives_top(call: &ExprCall) -> bool {
    let is_empty = |it: &Expr| match it {
        Expr::List(it) => it.elts.is_empty(),
        Expr::Tuple(it) => it.elts.is_empty(),
        other => other.is_none_literal_expr(),
    };
    last_name(&call.func) == Some("__import__")
        && call.arguments.find_argument_value("fromlist", 3).is_none_or(is_empty)
}

/// Reads what the dots of a name count from, and how many packages above: `__package__`,
/// `__name__.rpartition(".")[0]`.
fn anchor(package: &Expr) -> Option<(Anchor, u32)> {
    match package {
        Expr::Name(it) if it.id.as_str() == "__package__" => Some((Anchor::Package, 0)),
        Expr::Name(it) if it.id.as_str() == "__name__" => Some((Anchor::Name, 0)),
        Expr::Attribute(it)
            if it.attr.as_str() == "parent" && last_name(&it.value) == Some("__spec__") =>
        {
            Some((Anchor::Package, 0))
        }
        Expr::Subscript(it) if number(&it.slice) == Some(0) => {
            let Expr::Call(call) = &*it.value else { return None };
            let Expr::Attribute(function) = &*call.func else { return None };
            let dot = call.arguments.find_argument_value("sep", 0)?.as_string_literal_expr()?;
            let parts = match (function.attr.as_str(), dot.value.to_str()) {
                ("rpartition", ".") => 1,
                ("rsplit", ".") => number(call.arguments.find_argument_value("maxsplit", 1)?)?,
                _ => return None,
            };
            let (base, above) = anchor(&function.value)?;
            Some((base, above.checked_add(u32::try_from(parts).ok()?)?))
        }
        _ => None,
    }
}
