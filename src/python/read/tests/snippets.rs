//! Code in strings.

use super::facts;
use crate::python::model::Snippet;

#[test]
fn code_in_strings() {
    #[track_caller]
    fn check_code(source: &str, expected: &[&str]) {
        let found = facts(source).snippets;
        let code = |it: &Snippet| {
            let marks = [(it.whole, "whole "), (it.talk, "talk ")];
            let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
            format!("{marks}{}: {}", it.line, it.code(source))
        };
        assert_eq!(found.iter().map(code).collect::<Vec<_>>(), expected, "{source}");
    }
    check_code("x = 'import a', 'import', 'import a b', 'x'\n", &["whole 1: import a"]);
    check_code("x = '''\n  import a\n\n  a.b()\n'''\n", &["whole 1: \nimport a\n\na.b()\n"]);
    check_code("x = '''\\\nimport a\n'''\n", &["whole 2: import a\n"]);
    check_code("x = 'import a\\nb', r'import a\\nb'\n", &["whole 1: import a\nb"]);
    check_code(
        "'''Talk.\n\n>>> import a\n>>> for x in a:\n...     x\n...\n1\nimport b\n'''\n",
        &["whole talk 3: import a\nfor x in a:\n    x\n"],
    );
    check_code(
        "x = '''{{ y }}\n  from a import b\nfrom b import (\n  c,\n)\nfrom d\nfrom . import e\n'''\n",
        &["2: from a import b", "3: from b import (\n  c,\n)"],
    );
    check_code(
        "x = 'from a import ' + b, 'from c import %s', f'from d import {e}', f'import {f}'\n",
        &["1: from a import _", "1: from c import _", "1: from d import _"],
    );
    check_code("x = b'import a'\n", &["whole 1: import a"]);
    check_code("x = r'''{% y %}\nfrom a import b,\\\n  c\n'''\n", &["2: from a import b,\\\n  c"]);
    check_code(
        "x = f'import a\\nimport {b}', f'{c}\\nimport d', f'import e{f}'\n",
        &["1: import a"],
    );
}
