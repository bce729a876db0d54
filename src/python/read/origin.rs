//! What the names in a file stand for, as far as its own imports tell.

use ruff_python_ast::Expr;

use super::Reader;

impl Reader<'_> {
    /// Returns the dotted path that a chain of names stands for: `t.cast` → `typing.cast` after
    /// `import typing as t`. A name that no import has bound stands for itself.
    pub(super) fn origin(&self, expression: &Expr) -> Option<String> {
        let mut attributes = Vec::new();
        let mut rest = expression;
        while let Expr::Attribute(it) = rest {
            attributes.push(it.attr.as_str());
            rest = &it.value;
        }
        let Expr::Name(name) = rest else { return None };
        let first = name.id.as_str();
        let mut path = self.origins.get(first).map_or(first, String::as_str).to_owned();
        for attribute in attributes.iter().rev() {
            path.push('.');
            path.push_str(attribute);
        }
        Some(path)
    }

    /// Tells whether an expression stands for `path`: asked of most nodes, so nothing is made for it.
    pub(super) fn is(&self, expression: &Expr, path: &str) -> bool {
        match expression {
            Expr::Name(it) => self.origins.get(&*it.id).map_or(&*it.id, String::as_str) == path,
            Expr::Attribute(it) => {
                let base = path.strip_suffix(it.attr.as_str()).and_then(|it| it.strip_suffix('.'));
                base.is_some_and(|base| self.is(&it.value, base))
            }
            _ => false,
        }
    }
}
