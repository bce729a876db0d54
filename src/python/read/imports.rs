//! Import statements.

use ruff_python_ast::{Alias, Expr, StmtImport, StmtImportFrom};

use super::super::model::{Anchor, Binding, Import, ImportedName, Target};
use super::super::parse::span;
use super::{Place, Reader};
use crate::text::Span;

/// Where an import stands, and what its dots count from.
pub(super) struct Written {
    pub(super) statement: Span,
    pub(super) span: Span,
    pub(super) anchor: Anchor,
}

impl Written {
    fn statement(statement: Span, span: Span) -> Self {
        Self { statement, span, anchor: Anchor::Package }
    }
}

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
            let written = Written::statement(span(it), span(alias));
            self.push_import(written, (0, module), target, it.is_lazy);
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
        let written = Written::statement(span(it), self.module_span(it));
        self.push_import(written, (it.level, module), target, it.is_lazy);
        if star {
            self.facts.names.gone.clear();
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

    pub(super) fn push_import(
        &mut self,
        Written { statement, span, anchor }: Written,
        (level, module): (u32, &str),
        target: Target,
        lazy: bool,
    ) {
        let (line, column) = self.lines.position(statement.start);
        let Place { guarded, name_guarded, not_taken, fallback, .. } = self.place;
        let excused = guarded || not_taken;
        self.facts.imports.push(Import {
            statement,
            span,
            line,
            column,
            anchor,
            level,
            module: module.to_owned(),
            target,
            optional: excused || fallback,
            name_optional: name_guarded || not_taken || fallback,
            fallback: fallback && !excused,
            type_checking: self.place.type_checking,
            deferred: self.place.deferred || lazy,
        });
    }

    fn bind_import(&mut self, local: &'a str, import: usize, name: Option<usize>) {
        self.set_value(local, None);
        self.record(local, Binding::Import { import, name });
    }
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
