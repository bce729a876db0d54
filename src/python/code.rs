//! What the code of a file says, however it is laid out: by this, two files are compared.

use ruff_python_ast::token::TokenKind;

use super::model::{Import, Status, Target};
use super::parse::Tree;
use crate::text::{Lines, Span};

/// Returns the lines of a source as far as they say something: without comments and import statements,
/// with one blank where there are several. `imports` are its [`FileFacts::imports`](super::FileFacts).
#[must_use]
pub fn code_lines(source: &str, imports: &[Import], target: (u8, u8)) -> Vec<String> {
    let statements = imports.iter().filter(|it| !matches!(it.target, Target::Call { .. }));
    let mut unsaid: Vec<Span> = statements.map(|it| it.statement.clone()).collect();
    unsaid.extend(
        tokens(source, target)
            .into_iter()
            .flatten()
            .filter_map(|(kind, span)| (kind == TokenKind::Comment).then_some(span)),
    );
    unsaid.sort_by_key(|it| it.start);
    let (mut said, mut at) = (String::with_capacity(source.len()), 0);
    for span in unsaid {
        said.push_str(source.get(at..span.start).unwrap_or_default());
        at = at.max(span.end);
    }
    said.push_str(source.get(at..).unwrap_or_default());
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    said.lines().map(words).filter(|it| !it.is_empty()).collect()
}

/// Tells whether two sources that parse differ only in what Python does not see: line ends, blanks at
/// the ends of lines, comments.
#[must_use]
pub fn is_same_code(one: &str, other: &str, target: (u8, u8)) -> bool {
    let seen = |source: &str| -> Option<Vec<(TokenKind, String)>> {
        let seen = tokens(source, target)?.into_iter().filter(|(kind, _)| !kind.is_trivia());
        let text = |kind: TokenKind, span: Span| match kind {
            TokenKind::Newline => String::new(),
            _ => source.get(span).unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n"),
        };
        Some(seen.map(|(kind, span)| (kind, text(kind, span))).collect())
    };
    seen(one).is_some_and(|it| Some(it) == seen(other))
}

/// Returns the tokens of a source; `None` where it does not parse.
fn tokens(source: &str, target: (u8, u8)) -> Option<Vec<(TokenKind, Span)>> {
    let tree = Tree::parse(source, target)?;
    let parses = tree.status(&Lines::new(source)) == Status::Parsed;
    let tokens = parses.then(|| tree.tokens().collect());
    let depth = tree.depth();
    tree.drop_deep(depth);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::read;

    const NEW: (u8, u8) = (3, 14);

    #[track_caller]
    fn check_lines(source: &str, expected: &[&str]) {
        let facts = read(source.as_bytes(), NEW);
        assert_eq!(code_lines(source, &facts.imports, NEW), expected);
    }

    #[test]
    fn comments_imports_and_layout_say_nothing() {
        check_lines("# head\nimport a, b\nfrom c import (\n    d,\n    e,\n)\nx = 1\n", &["x = 1"]);
        check_lines("def f( ):\n\n    x  =  '# no' # yes\n", &["def f( ):", "x = '# no'"]);
        check_lines("import a; x = 1\n", &["; x = 1"]);
        check_lines("a = import_module('b.c')\n", &["a = import_module('b.c')"]);
        check_lines("x = (\n", &["x = ("]);
    }

    #[track_caller]
    fn check_same(one: &str, other: &str, same: bool) {
        assert_eq!(is_same_code(one, other, NEW), same);
        assert_eq!(is_same_code(other, one, NEW), same);
    }

    #[test]
    fn blanks_in_strings_are_seen() {
        check_same("x = 1  \nif x:\n    y()\n", "x = 1\r\nif x:\r\n    y()", true);
        check_same("x = '''a\nb'''\n", "x = '''a\r\nb'''\r\n", true);
        check_same("x = '''a \nb'''\n", "x = '''a\nb'''\n", false);
        check_same("x = f'''{y} \nb'''\n", "x = f'''{y}\nb'''\n", false);
        check_same("x = 1\n", "x = 2\n", false);
        check_same("x = (\n", "x = ( \n", false);
    }
}
