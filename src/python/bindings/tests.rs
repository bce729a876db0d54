//! Uses as text: of each binding its index, then line, chain and `!` where written.

use std::collections::BTreeMap;

use super::super::fixture::dedent;
use crate::python::Bindings;
use crate::python::read;
use crate::text::Lines;

fn bindings(source: &str) -> Bindings {
    let target = (3, 12);
    super::bindings(source, &read(source.as_bytes(), target).imports, &BTreeMap::new(), target)
}

/// Renders `0: 3 a.b.c, 4 a!; 1.0: 5 d`.
fn uses_text(source: &str) -> String {
    let bindings = bindings(source);
    let lines = Lines::new(source);
    let texts = bindings.uses.iter().map(|((import, name), uses)| {
        let key = name.map_or(import.to_string(), |name| format!("{import}.{name}"));
        let uses = uses.iter().map(|it| {
            for (name, span) in &it.parts {
                assert_eq!(&source[span.clone()], name);
            }
            let names: Vec<&str> = it.parts.iter().map(|it| it.0.as_str()).collect();
            let line = lines.line(it.parts[0].1.start);
            format!(" {line} {}{}", names.join("."), if it.written { "!" } else { "" })
        });
        format!("{key}:{}", uses.collect::<Vec<_>>().join(","))
    });
    texts.collect::<Vec<_>>().join("; ")
}

#[track_caller]
fn check(source: &str, expected: &str) {
    let source = dedent(source);
    assert_eq!(uses_text(&source), expected, "{source}");
}

#[test]
fn chains_are_listed_with_each_part() {
    check("import a.b\na.b.f(a.b .g, (a). \\\n h)[a]", "0: 2 a.b.f, 2 a.b.g, 2 a.h, 3 a");
    check("from a import b as c, d\nc.e = d\nb", "0.0: 2 c.e; 0.1: 2 d");
    check("import a as b\na.c, b().d, f'{b.e}'", "0: 2 b, 2 b.e");
    check("import a\na.b += 1\nprint(a.b)\n'a.b'", "0: 2 a.b, 3 a.b");
}

#[test]
fn what_a_plain_getattr_asks_for_is_a_part() {
    check("import a\ngetattr(a.b, 'c').d, (getattr(a, \"e\"))", "0: 2 a.b.c.d, 2 a.e");
    check(
        "import a\ngetattr(a, 'b', 1).c, getattr(a, 'b c'), getattr(a, '__b')",
        "0: 2 a, 2 a, 2 a",
    );
    check(
        "import a\ngetattr(a, 'class'), getattr(a, '\\x62'), x.getattr(a, 'b')",
        "0: 2 a, 2 a, 2 a",
    );
    check("import a\ndef f(getattr): getattr(a, 'b').c", "0: 2 a");
    let uses = bindings("import a\nx = getattr(a.b, 'c').d\n").uses;
    let used = &uses[&(0, None)][0];
    assert_eq!([1, 2, 3].map(|it| used.span(it)), [21..24, 13..30, 13..32]);
}

#[test]
fn one_name_may_be_of_many_imports() {
    check("import a.b\nimport a.c\na.b.x + a.c.y", "0: 3 a.b.x, 3 a.c.y; 1: 3 a.b.x, 3 a.c.y");
    check("try:\n  import a\nexcept E:\n  a = None\na", "0: 4 a!, 5 a");
    check("if x: import a\nelse: from b import a\na", "0: 3 a; 1.0: 3 a");
}

#[test]
fn functions_have_names_of_their_own() {
    check(
        "
        import a
        def f(x=a.b): return a.c
        def g(a): return a.d
        def h():
            a.e
            a = 1
        def i():
            def j(): return a.f
            for a in x: pass
        lambda a=a.g: a.h
        ",
        "0: 2 a.b, 2 a.c, 10 a.g",
    );
}

#[test]
fn an_import_in_a_function_binds_there() {
    check(
        "
        import a
        def f():
            import a
            def g(): return a.x
        a.y
        ",
        "0: 5 a.y; 1: 4 a.x",
    );
    check("def f():\n  global a\n  import a\na.b", "0: 2 a!, 4 a.b");
}

#[test]
fn classes_hide_nothing_from_their_functions() {
    check(
        "
        import a
        class C(a.B):
            x = a.c
            a = a.d
            y = a.e
            def f(self, z=a.f): return a.g
            [a.h for _ in a.i]
        ",
        "0: 2 a.B, 3 a.c, 4 a.d, 6 a.g, 7 a.h",
    );
    check("class C:\n  import a\n  a.b\n  def f(self): a.c\na.d", "0: 3 a.b");
}

#[test]
fn comprehensions_have_targets_of_their_own() {
    check("import a\n[a.b for a in a.c if a.d]\na.e", "0: 2 a.c, 3 a.e");
    check(
        "import a\n{k: a.b for k in x for v in a.c}\n(a.d async for _ in y)",
        "0: 2 a.b, 2 a.c, 3 a.d",
    );
    check("import a\ndef f(): [a := 1 for _ in x]; a.b\na.c", "0: 3 a.c");
    check("import a\n[a := 1 for _ in x]", "0: 2 a!");
}

#[test]
fn global_and_nonlocal_reach_out() {
    check("import a\ndef f():\n  global a\n  a = a.b", "0: 3 a!, 4 a!, 4 a.b");
    check(
        "
        def f():
            import a
            def g():
                nonlocal a
                a = a.b
        ",
        "0: 4 a!, 5 a!, 5 a.b",
    );
    check("import a\ndef f():\n  a = 1\n  def g():\n    global a\n    a.b", "0: 5 a!, 6 a.b");
}

#[test]
fn writes_are_marked() {
    check(
        "import a\ndel a\na = 1\nfor a in x: pass\nwith y as a: pass",
        "0: 2 a!, 3 a!, 4 a!, 5 a!",
    );
    check(
        "import a\ndef a(): pass\nclass a: pass\na += 1\na: int = 1",
        "0: 2 a!, 3 a!, 4 a!, 5 a!",
    );
    check("import a\ntry: pass\nexcept a.E as a: pass", "0: 3 a.E, 3 a!");
    check(
        "import a\nmatch x:\n  case a.B(c=a.D): pass\n  case [*a]: pass",
        "0: 3 a.B, 3 a.D, 4 a!",
    );
}

#[test]
fn annotations_count_also_as_strings() {
    check(
        "
        import a
        def f(x: 'a.B', *y: List['a.C']) -> 'Optional[a.D]':
            z: 'dict[str, \"a.E\"]' = g('a.F')
        class C:
            x: a.G
        def g(u: Literal['a.H'], v: Annotated['a.I', 'a.J'], w: 'a.' 'K'): pass
        cast('a.L', 'a.M'), TypeVar('a.N', bound='a.O')
        type A = 'a.P'
        ",
        "0: 2 a.B, 2 a.C, 2 a.D, 3 a.E, 5 a.G, 6 a.I, 7 a.L, 7 a.O, 8 a.P",
    );
}

#[test]
fn type_parameters_are_a_scope() {
    check(
        "
        import a, b
        def f[a: b.T](x: a.X = a.D) -> a.R: return a.V
        class C[a](a.B):
            x = a.x
        type A[b] = b.c | a.d
        ",
        "0: 2 a.D, 5 a.d; 1: 2 b.T",
    );
    check("class C:\n  import a\n  def f[T: a.B](self, x: a.C): a.D", "0: 3 a.B, 3 a.C");
}

#[test]
fn names_are_counted_as_in_the_facts() {
    let source = "__import__('x')\nimport a, b.c\nfrom d import (e,\n f as g)\nfrom h import *\nfrom . import i";
    let imports = read(source.as_bytes(), (3, 12)).imports;
    assert_eq!(imports.len(), 6);
    assert_eq!(uses_text(source), "1:; 2:; 3.0:; 3.1:; 5.0:");
}

#[test]
fn taken_names_are_those_bound_or_used_anywhere() {
    let bindings = bindings("import a.b as c\ndef f(x): y = print(z.w)\n[q for q in c]");
    let taken: Vec<&str> = bindings.taken.iter().map(String::as_str).collect();
    assert_eq!(taken, ["c", "f", "print", "q", "x", "y", "z"]);
}

#[test]
fn captured_names_stand_between_a_use_and_its_import() {
    let source = dedent(
        "
        import a, b
        x = 1
        def f(p):
            q = a.y
            class C:
                r = 1
                def g(self, s): return a.z
        def h(t): return b
        ",
    );
    let bindings = bindings(&source);
    let captured = |index| {
        let names = bindings.captured[&(index, None)].iter();
        names.map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(captured(0), "C f h p q s self x");
    assert_eq!(captured(1), "f h t x");
}

#[test]
fn depth_is_no_danger() {
    for source in [
        format!("import a\nx = {}1", "a + ".repeat(20_000)),
        format!("import a\nx = {}a", "lambda: ".repeat(5_000)),
        format!("import a\nx: '{}a'", "not ".repeat(200)),
    ] {
        assert!(uses_text(&source).ends_with('a'));
    }
    assert_eq!(uses_text(&format!("import a\nx = {}1", "a + ".repeat(60_000))), "");
}
