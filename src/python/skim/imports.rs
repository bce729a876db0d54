//! The import statements of a file that is too large for a tree.

use super::lexer::{Keyword, Kind, Lexer, Operator};

/// Returns a source that has the import statements at their offsets, each on a line of its own, and
/// nothing else; as far as tokens can be told.
pub(in crate::python) fn imports(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut only = vec![b' '; bytes.len()];
    let mut lexer = Lexer::new(bytes);
    let (mut starts, mut open) = (true, None);
    while let Ok(token) = lexer.next() {
        let ends =
            matches!(token.kind, Kind::Newline | Kind::End | Kind::Operator(Operator::Semicolon));
        if ends && let Some(start) = open.take() {
            only[start..token.start].copy_from_slice(&bytes[start..token.start]);
            only[..start].last_mut().into_iter().for_each(|it| *it = b'\n');
        }
        if token.kind == Kind::End {
            break;
        }
        let imports = matches!(token.kind, Kind::Keyword(Keyword::Import | Keyword::From));
        if starts && imports {
            open = Some(token.start);
        }
        let begins = matches!(token.kind, Kind::Indent | Kind::Dedent);
        let behind_head = token.kind == Kind::Operator(Operator::Colon) && lexer.is_outside();
        starts = ends || begins || behind_head;
    }
    String::from_utf8(only).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let only = imports(source);
        assert_eq!(only.len(), source.len());
        let lines: Vec<&str> = only.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
        assert_eq!(lines, expected);
        for line in lines {
            assert_eq!(only.find(line), source.find(line), "{line}");
        }
    }

    #[test]
    fn import_statements_stay_where_they_are() {
        check(
            "'''\nimport talk\n'''\nimport a.b, c; x = 1; from . import d\nif x: import e\n\
             D = [\n'import no',\n  1]\ndef f():\n    from g import (h,\n  i)  # why\n    yield from j\n\
             import last",
            &[
                "import a.b, c",
                "from . import d",
                "import e",
                "from g import (h,",
                "i)  # why",
                "import last",
            ],
        );
        check("x = 1\n", &[]);
        check("import a\n\tif x:\nimport b\n", &["import a"]);
    }
}
