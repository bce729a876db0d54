//! Strings that may name modules.

use super::facts;
use crate::python::fixture::dedent;

#[track_caller]
fn check_literals(source: &str, expected: &str) {
    let source = dedent(source);
    let literals = facts(&source).literals;
    let texts = literals.iter().map(|it| {
        assert_eq!(source[it.span.clone()], it.text);
        format!("{}:{}{}", it.line, it.text, if it.docstring { "!" } else { "" })
    });
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[test]
fn literals_are_whole_dotted_paths() {
    check_literals(
        r#"
        """a.b"""
        x = ['a.b.c', "d.e:f", r'g.g', 'g', 'h i', f'j.k', 'l' 'm', b'n', 'o\x2ep', f"{q['r.s']}"]
        def t(u: 'v.w' = """x.y"""):
            'z:z'
            'a.a'
        "#,
        "1:a.b! 2:a.b.c 2:d.e:f 2:g.g 2:r.s 3:v.w 3:x.y 4:z:z! 5:a.a!",
    );
}

#[test]
fn words_that_stand_where_a_module_is_named() {
    check_literals(
        "getLogger('a')\nlogging.getLogger(name='b')\ngetLogger('no, no')\nrun('c')\n\
         importlib.resources.files('d')\nmine.files('e')\nfrom importlib.resources import files as f\nf('g')\n",
        "1:a 2:b 5:d 8:g",
    );
    check_literals(
        "sys.modules['a']\nsys.modules.pop('b', None)\n'c' in sys.modules\nx.__module__ == 'd'\n\
         patch.dict('sys.modules', {'e': None})\nmonkeypatch.delitem(sys.modules, 'f')\n",
        "1:a 2:b 3:c 4:d 5:sys.modules 5:e 6:f",
    );
    check_literals(
        "setup(name='a', packages=['b', *more], package_data={'c': ['d']})\n\
         find_packages(include=['e', 'f.*'])\nINSTALLED_APPS = ['g'] + ['h']\npytest_plugins = 'i'\n",
        "1:b 1:c 2:e 2:f 3:g 3:h 4:i",
    );
}
