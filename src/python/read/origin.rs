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

    /// Tells whether an expression stands for `path`.
    pub(super) fn is(&self, expression: &Expr, path: &str) -> bool {
        // Nearly every node fails on its last word already, at no cost, unless that is an alias.
        let may_be = match expression {
            Expr::Name(it) => path.ends_with(it.id.as_str()) || self.origins.contains_key(&*it.id),
            Expr::Attribute(it) => path.ends_with(it.attr.as_str()),
            _ => false,
        };
        may_be && self.origin(expression).as_deref() == Some(path)
    }
}
