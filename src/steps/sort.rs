//! An import that an edit renamed goes where its new name belongs, where the imports around it were in
//! order.

use crate::python::{Import, Target, read};
use crate::text::Span;

/// How a block of imports may be in order.
#[derive(Debug, Clone, Copy)]
struct Order {
    /// `import a` comes before `from a import b`, whatever their modules; else after it, of one module.
    by_form: bool,
    /// Capital letters come first.
    by_case: bool,
}

/// The orders of isort and of ruff, the usual one first.
const ORDERS: [Order; 4] = [
    Order { by_form: true, by_case: false },
    Order { by_form: false, by_case: false },
    Order { by_form: true, by_case: true },
    Order { by_form: false, by_case: true },
];

/// Puts the imports of `after` in order, block by block, where an edit of `before` left a block out of
/// the order that it had.
pub(super) fn sort(before: &str, after: String, target: (u8, u8)) -> String {
    let (old, new) = (blocks(before, target), blocks(&after, target));
    if old.len() != new.len() {
        return after;
    }
    let mut sorted = String::with_capacity(after.len());
    let mut at = 0;
    for (old, new) in old.iter().zip(&new) {
        let (Some(first), Some(last)) = (new.first(), new.last()) else { continue };
        let lines = |block: &[Line], text: &str| -> Vec<String> {
            block.iter().map(|it| text[it.span.clone()].to_owned()).collect()
        };
        let same = lines(old, before) == lines(new, &after);
        let Some(order) = ORDERS.iter().find(|it| it.holds(old)).filter(|_| !same) else {
            continue;
        };
        let mut block: Vec<&Line> = new.iter().collect();
        block.sort_by_cached_key(|it| order.key(it));
        sorted.push_str(&after[at..first.span.start]);
        sorted.extend(block.into_iter().map(|it| &after[it.span.clone()]));
        at = last.span.end;
    }
    sorted.push_str(&after[at..]);
    sorted
}

impl Order {
    fn holds(self, block: &[Line]) -> bool {
        block.is_sorted_by_key(|it| self.key(it))
    }

    /// What imports are compared by. Those of `__future__` are first, relative ones last, the furthest
    /// before the nearest.
    fn key(self, line: &Line) -> impl Ord + use<> {
        let name = match self.by_case {
            true => line.module.clone(),
            false => line.module.to_lowercase(),
        };
        let near = u32::MAX - line.level;
        let place = (line.module != "__future__", line.level > 0, near);
        (place, self.by_form && line.is_from, name, line.is_from)
    }
}

/// An import statement that has its lines for itself.
struct Line {
    /// Its lines, with their ends.
    span: Span,
    is_from: bool,
    level: u32,
    module: String,
}

/// Returns the import statements of a file, in blocks of lines that follow one another.
fn blocks(source: &str, target: (u8, u8)) -> Vec<Vec<Line>> {
    let facts = read(source.as_bytes(), target);
    let mut blocks: Vec<Vec<Line>> = Vec::new();
    let mut seen = None;
    for import in facts.imports.iter().filter(|it| !matches!(it.target, Target::Call { .. })) {
        if seen.replace(import.statement.start) == Some(import.statement.start) {
            continue;
        }
        let Some(line) = line(source, import) else {
            blocks.push(Vec::new());
            continue;
        };
        let indent = |it: &Line| source[it.span.clone()].find(|it: char| !it.is_whitespace());
        match blocks.last_mut() {
            Some(block)
                if block.last().is_some_and(|it| {
                    it.span.end == line.span.start && indent(it) == indent(&line)
                }) =>
            {
                block.push(line);
            }
            _ => blocks.push(vec![line]),
        }
    }
    blocks
}

/// Returns the lines of an import; `None` where something else stands there, or no line follows.
fn line(source: &str, import: &Import) -> Option<Line> {
    let Span { start, end } = import.statement;
    let first = source[..start].rfind('\n').map_or(0, |it| it + 1);
    let last = end + source[end..].find('\n')? + 1;
    let rest = source[end..last].trim();
    if !source[first..start].trim().is_empty() || !(rest.is_empty() || rest.starts_with('#')) {
        return None;
    }
    Some(Line {
        span: first..last,
        is_from: !matches!(import.target, Target::Module { .. }),
        level: import.level,
        module: import.module.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, (old, new): (&str, &str), expected: &str) {
        assert_eq!(sort(before, before.replace(old, new), (3, 12)), expected);
    }

    #[test]
    fn an_import_goes_where_it_belongs() {
        check("import a\nimport m\nx\n", ("a", "z"), "import m\nimport z\nx\n");
        check(
            "import b\nfrom a import (\n    x,  # y\n)\nfrom c import d  # e\n",
            ("a import", "k import"),
            "import b\nfrom c import d  # e\nfrom k import (\n    x,  # y\n)\n",
        );
        check(
            "from a import x\nimport b\nfrom c import d\n",
            ("a import", "k import"),
            "import b\nfrom c import d\nfrom k import x\n",
        );
        check(
            "if y:\n    import a\n    import c\nimport b\n",
            ("import a", "import d"),
            "if y:\n    import c\n    import d\nimport b\n",
        );
        check(
            "from ..b import x\nfrom . import y\n",
            ("..b", "b"),
            "from b import x\nfrom . import y\n",
        );
        check("import a\r\nimport c\r\n", ("a", "d"), "import c\r\nimport d\r\n");
    }

    #[test]
    fn what_was_in_no_order_stays() {
        check("import c\nimport a\nimport b\n", ("c", "d"), "import d\nimport a\nimport b\n");
        check("import a\n\nimport c\n", ("a", "d"), "import d\n\nimport c\n");
        check("import a\n# why\nimport c\n", ("a", "d"), "import d\n# why\nimport c\n");
        check("import a; x\nimport c\n", ("a;", "d;"), "import d; x\nimport c\n");
        check("import b\nimport c", ("b", "d"), "import d\nimport c");
        check(
            "import c\nx = 1\nimport a\nimport b\n",
            ("1", "2"),
            "import c\nx = 2\nimport a\nimport b\n",
        );
        check(
            "\"\"\"\nimport a\nimport c\n\"\"\"\n",
            ("a", "d"),
            "\"\"\"\nimport d\nimport c\n\"\"\"\n",
        );
    }
}
