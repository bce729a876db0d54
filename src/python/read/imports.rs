//! Imports: the two statements, and the calls that import what a literal names.

use ruff_python_ast::{Alias, Expr, ExprCall, ExprStringLiteral, StmtImport, StmtImportFrom};

use super::super::model::{Binding, Import, ImportedName, Target};
use super::super::parse::{last_name, span};
use super::super::words;
use super::Reader;
use crate::text::Span;

impl<'a> Reader<'a> {
    pub(super) fn import(&mut self, it: &'a StmtImport) {
        for alias in &it.names {
            let module = alias.name.as_str();
            if !is_whole(module) {
                continue;
            }
            let asname = alias.asname.as_ref().map(|it| it.as_str());
            let index = self.facts.imports.len();
            let target = Target::Module { asname: asname.map(str::to_owned) };
            self.push_import(span(it), span(alias), (0, module), target, it.is_lazy);
            let top = module.split('.').next().unwrap_or(module);
            self.bind_import(asname.unwrap_or(top), index, None);
            let origin = if asname.is_some() { module } else { top };
            self.origins.insert(asname.unwrap_or(top), origin.to_owned());
        }
    }

    pub(super) fn import_from(&mut self, it: &'a StmtImportFrom) {
        let module = it.module.as_ref().map_or("", |it| it.as_str());
        if !is_whole(module) && (it.level == 0 || it.module.is_some()) {
            return;
        }
        let names: Vec<&Alias> = it.names.iter().filter(|it| !it.name.is_empty()).collect();
        let index = self.facts.imports.len();
        let star = names.iter().any(|it| it.name.as_str() == "*");
        let target = if star {
            Target::Star
        } else {
            Target::Names(names.iter().map(|it| self.imported_name(it)).collect())
        };
        let written = self.module_span(it);
        self.push_import(span(it), written, (it.level, module), target, it.is_lazy);
        if star {
            return;
        }
        let mut package = ".".repeat(usize::try_from(it.level).unwrap_or(0)) + module;
        if !module.is_empty() {
            package.push('.');
        }
        for (place, alias) in names.into_iter().enumerate() {
            let local = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
            self.bind_import(local, index, Some(place));
            self.origins.insert(local, format!("{package}{}", alias.name));
        }
    }

    fn imported_name(&self, alias: &Alias) -> ImportedName {
        let (line, column) = self.lines.position(span(&alias.name).start);
        ImportedName {
            span: span(alias),
            name: alias.name.to_string(),
            asname: alias.asname.as_ref().map(ToString::to_string),
            line,
            column,
        }
    }

    /// Finds `..a` in `from ..a import b`: the parser keeps no place for the dots.
    fn module_span(&self, it: &StmtImportFrom) -> Span {
        let whole = span(it);
        let text = self.source.get(whole.clone()).unwrap_or_default();
        let keyword = text.find("from").map_or(0, |at| at + "from".len());
        let name = it.module.as_ref().map(span);
        let before = name.as_ref().map_or(whole.end, |it| it.start);
        let gap = self.source.get(whole.start + keyword..before).unwrap_or_default();
        // Only dots, blanks and line continuations stand between `from` and a name or `import`.
        let gap = gap.split("import").next().unwrap_or_default();
        let start = gap.find('.').map(|at| whole.start + keyword + at);
        let end = gap.rfind('.').map(|at| whole.start + keyword + at + 1);
        match (name, start, end) {
            (Some(name), start, _) => start.unwrap_or(name.start)..name.end,
            (None, Some(start), Some(end)) => start..end,
            (None, _, _) => whole,
        }
    }

    fn push_import(
        &mut self,
        statement: Span,
        span: Span,
        (level, module): (u32, &str),
        target: Target,
        lazy: bool,
    ) {
        let (line, column) = self.lines.position(statement.start);
        let excused = self.place.guarded || self.place.not_taken;
        self.facts.imports.push(Import {
            statement,
            span,
            line,
            column,
            level,
            module: module.to_owned(),
            target,
            optional: excused || self.place.fallback,
            fallback: self.place.fallback && !excused,
            type_checking: self.place.type_checking,
            deferred: self.place.deferred || lazy,
        });
    }

    fn bind_import(&mut self, local: &'a str, import: usize, name: Option<usize>) {
        self.set_value(local, None);
        self.record(local, Binding::Import { import, name });
    }

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
        let Some(Expr::StringLiteral(literal)) = call.arguments.find_argument_value(argument, 0)
        else {
            return;
        };
        let Some((level, module)) = self.called_module(call, literal) else { return };
        let guarded = self.place.guarded || skipping;
        let place = super::Place { guarded, ..self.place };
        self.at(place, |reader| {
            let (whole, written) = (span(call), span(literal));
            let target = Target::Call { names: reader.called_names(call), top: gives_top(call) };
            reader.push_import(whole, written, (level, &module), target, false);
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

    /// Returns level and dotted name of what a call imports, where both can be told.
    fn called_module(&self, call: &ExprCall, literal: &ExprStringLiteral) -> Option<(u32, String)> {
        let text = literal.value.to_str();
        let name = text.trim_start_matches('.');
        let dots = text.len() - name.len();
        if !words::is_dotted(name) {
            return None;
        }
        if dots == 0 {
            let level = match last_name(&call.func) {
                Some("__import__") => call.arguments.find_argument_value("level", 4),
                _ => None,
            };
            let level = level.map_or(Some(0), number).and_then(|it| u32::try_from(it).ok())?;
            return Some((level, name.to_owned()));
        }
        let level = u32::try_from(dots).ok()?;
        match call.arguments.find_argument_value("package", 1)? {
            Expr::Name(it) if it.id.as_str() == "__package__" => Some((level, name.to_owned())),
            // `__name__` is a package only in an `__init__.py`; one dot fails anywhere else.
            Expr::Name(it) if it.id.as_str() == "__name__" && level == 1 => {
                Some((level, name.to_owned()))
            }
            Expr::Attribute(it)
                if it.attr.as_str() == "parent" && last_name(&it.value) == Some("__spec__") =>
            {
                Some((level, name.to_owned()))
            }
            Expr::StringLiteral(package) => {
                let mut base = package.value.to_str();
                for _ in 1..level {
                    base = base.rsplit_once('.')?.0;
                }
                words::is_dotted(base).then(|| (0, format!("{base}.{name}")))
            }
            _ => None,
        }
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

/// Tells whether a module name is all there: in a broken file it may be `a.`, or nothing.
fn is_whole(module: &str) -> bool {
    module.split('.').all(|part| !part.is_empty())
}

/// Returns the value of a literal whole number.
pub(super) fn number(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::NumberLiteral(it) => it.value.as_int().and_then(ruff_python_ast::Int::as_i64),
        _ => None,
    }
}
