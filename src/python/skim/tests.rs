//! What is read without a tree, and that nothing is which the parser would see otherwise.

use proptest::prelude::*;

use super::odd::{is_odd, is_told};
use super::skim;
use crate::python::{Status, read};

/// Statements as they stand in functions, their tokens apart, so that tests can take them apart.
const ORDINARY: &[&str] = &[
    "pass ; break ; continue ;",
    "return",
    "return * a , b",
    "x = yield",
    "x = yield from a",
    "( yield a )",
    "raise",
    "raise A ( b ) from None",
    "assert a , 'b'",
    "del a . b , c [ 1 ]",
    "nonlocal a , b",
    "a = b = c , d",
    "( a , * b ) = [ c , d ] = e",
    "a , b . c , d [ 0 ] = f ( )",
    "a : int = 1",
    "a . b : c",
    "a [ 0 ] += 1",
    "a //= - b ** - c",
    "f ( a , * b , c = d , ** e )",
    "f ( a for a in b if c if d )",
    "f ( a := 1 , b = 2 )",
    "( a := b . c ( ) )",
    "x = [ a for a , b in c for d in e ]",
    "x = { a : b for a in c }",
    "x = { * a , b } | { ** c , d : e } | { } | { f for f in g }",
    "x = ( ) , ( a , ) , [ ]",
    "x = a [ 1 : 2 , : : 3 , ... ] [ b : ] [ : ]",
    "x = a if not b else lambda c , * d , e = 1 , ** f : c",
    "x = lambda : ( yield )",
    "x = lambda a , / , b , * , c : a",
    "x = not a in b and c is not d or e not in f < g",
    "x = ~ a + b * c @ d % e << f & g ^ h",
    "x = await a ** await b",
    "x = 0x1F + 1_000 . real + .5e-3 + 1. + 2.5",
    "x = 'a!' \"b\" f'{ c }' , rb'd'",
    "x = b'a!' b'b'",
    "x = f'{a!r:>{b}} {{c}} {d = } {e:%H:%M}'",
    "x = f'''{a['b']}''' r'\\d'",
    "x = True , False , None",
    "'words of explanation'",
    "'a.b'",
    "x = ( 'a.b' )",
    "x = f ( 'a.b.c' ) , 'a.b.c' , [ 'd.e.f' ]",
    "x = 'a!' \"b\" % d + 'e.f'",
    "match ( a )",
    "type . b = match [ c ]",
    "case = d",
];

/// Compound statements.
const COMPOUND: &[&str] = &[
    "if a := b :\n pass\nelif c :\n pass\nelse : pass",
    "while a :\n pass\nelse :\n pass",
    "for a , b in c , d :\n pass\nelse :\n pass",
    "for a . b in c : pass",
    "try :\n pass\nexcept A as b :\n pass\nexcept ( C , D ) :\n pass\nexcept :\n pass\nelse :\n pass",
    "try :\n pass\nfinally :\n pass",
    "with a as b , c ( ) as ( d , e ) :\n pass",
    "async def f ( a , / , b : int = 1 , * c , d , ** e ) -> g :\n pass",
    "def f ( * , a = 1 , b , ) : return",
    "@ a . b ( c )\n@ d\nclass A ( B , metaclass = C ) :\n x = 1",
    "class A : pass",
    "async with a : pass",
    "async for a in b : pass",
    "def f ( ) :\n 'a.b'\n return 'c.d'",
];

/// What tokens are exchanged for.
const TOKENS: &[&str] = &[
    "a",
    "1",
    "'s'",
    "b's'",
    "f'{a}'",
    "'a.b'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ";",
    ".",
    "=",
    ":=",
    "+=",
    "==",
    "->",
    "*",
    "**",
    "/",
    "-",
    "@",
    "~",
    "...",
    "if",
    "else",
    "for",
    "in",
    "not",
    "is",
    "and",
    "lambda",
    "await",
    "async",
    "yield",
    "from",
    "as",
    "import",
    "global",
    "del",
    "return",
    "match",
    "type",
    "print",
    "globals",
    "sys",
    "None",
    "%",
    "getLogger",
    "'a.b.c'",
    "f'a.b.{c}'",
    "'import a'",
    "import_module",
    "__module__",
    "'a' 'b.c'",
    "modules",
    "'sys.modules'",
    "walk",
    "path",
    "raise",
    "setattr",
];

fn in_function(body: &str) -> String {
    let lines = body.lines().map(|line| format!("    {line}\n"));
    format!("def f(p):\n{}\n\nimport last\n", lines.collect::<String>())
}

/// Reads a file both ways: a debug build compares them.
fn status(source: &str) -> Status {
    read(source.as_bytes(), (3, 13)).status
}

#[test]
fn ordinary_functions_are_read_without_a_tree() {
    for body in ORDINARY.iter().chain(COMPOUND) {
        let source = in_function(body);
        assert_eq!(status(&source), Status::Parsed, "{source}");
        let Some(skimmed) = skim(&source) else { panic!("{source}") };
        assert!(skimmed.source.starts_with("def f():0#"), "{source}");
        assert!(skimmed.source.ends_with("\n\n\nimport last\n"), "{source}");
        assert_eq!(skimmed.source.len(), source.len());
    }
}

#[test]
fn what_may_be_a_fact_is_left_to_the_parser() {
    for body in [
        "import a",
        "if a:\n     from b import c",
        "global a",
        "globals()[a] = 1",
        "sys.path.insert(0, a)",
        "(sys).path.insert(0, a)",
        "@sys.path.append(a)\n    def g(): pass",
        "sys.modules[a] = b",
        "importlib.import_module(a)",
        "__path__.append(a)",
        "('a.b')",
        "x = '\\x41'",
        "match a:\n     case b: pass",
        "with (a as b): pass",
        "except_ = print 'a'",
        "a; match.b = c",
        "raise; a",
        "a(b).getLogger('c')",
        "(getLogger)('c')",
        "@getLogger('c')\n    def g(): pass",
        "for a in os.walk(b): pass",
        "self.__module__ = a",
        "patch.dict('sys.modules', a)",
        "x = f'a.b.{c}'",
        "x = 'a!' f'b.c' f'.{d}'",
        "x = 'a.b.' + c",
        "x = ('a.b.c') + d",
        "x = 'a.' 'b.c' + d",
        "x = 'a.b.c'.format(d)",
        "x = 'a; import b'",
        "x = 'imp\\\nort a'",
        "x = [",
    ] {
        let source = in_function(body);
        assert!(skim(&source).is_none(), "{source}");
    }
}

#[test]
fn files_that_are_not_ordinary_are_left_to_the_parser() {
    let body = "def f():\n    pass\n";
    assert!(skim(body).is_some());
    for head in [
        "import sys as s",
        "from sys import path",
        "from importlib import import_module as load",
        "\t",
        "if a:\n\tpass",
        "x = f'{a['b']}'",
        "x = (",
        "größe = 1",
    ] {
        assert!(skim(&format!("{head}\n{body}")).is_none(), "{head}");
    }
}

#[test]
fn a_function_is_blanked_to_its_last_byte() {
    let source = "class A:\n    def f(self):  # why\n\n        # because\n        x = '''\nö\n'''  # so\n\
        # then\n    def g(self): pass\n";
    let expected = format!(
        "class A:\n    def f():0#{}\n# then\n    def g(self): pass\n",
        " ".repeat("self):  # why..        # because.        x = '''.oo.'''  # so".len() - 4)
    );
    assert_eq!(skim(source).unwrap().source, expected);
}

#[test]
fn a_head_that_may_do_something_stays() {
    for head in [
        "def f(a=(b := 1)) -> None",
        "def f(a=lambda: b)",
        "def f(a, b=c(d))",
        "def f(a=f'{b()}')",
        "def f[T](a: T)",
        "def f(*a: *b)",
    ] {
        let source = format!("{head}:\n    pass\n");
        assert_eq!(skim(&source).unwrap().source, format!("{head}:\n    0#  \n"));
        assert_eq!(status(&source), Status::Parsed, "{source}");
    }
    let source = "def f(a: int = 1, *b, c=d.e, **g) -> 'h.i':\n    pass\n";
    let skimmed = skim(source).unwrap();
    assert!(skimmed.source.starts_with("def f():0#"));
    assert_eq!(skimmed.literals.len(), 1);
}

#[test]
fn names_that_facts_depend_on_are_odd() {
    assert!(is_odd(b"globals") && is_odd(b"import_module") && !is_odd(b"local"));
    assert!(is_told(b"getLogger") && !is_told(b"logger"));
}

/// A statement, and what is done to one of its tokens.
fn broken() -> impl Strategy<Value = String> {
    let all: Vec<&str> = ORDINARY.iter().chain(COMPOUND).copied().collect();
    let change = prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8), 1..3);
    (prop::sample::select(all), change, prop::sample::select(TOKENS)).prop_map(
        |(statement, changes, token)| {
            let mut tokens: Vec<&str> = statement.split(' ').collect();
            for (index, kind) in changes {
                let at = index.index(tokens.len());
                match kind {
                    0 => drop(tokens.remove(at)),
                    1 => tokens.insert(at, token),
                    2 => tokens[at] = token,
                    _ => tokens.insert(at, tokens[at]),
                }
                if tokens.is_empty() {
                    tokens.push(token);
                }
            }
            tokens.join(" ")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn broken_statements_read_as_the_parser_reads_them(body in broken(), after in broken()) {
        status(&in_function(&body));
        status(&in_function(&format!("{body}\n{after}")));
        status(&format!("{body}\n{}", in_function(&after)));
    }
}
