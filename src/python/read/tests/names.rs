//! Which names a module has in the end.

use super::facts;
use crate::python::fixture::dedent;
use crate::python::model::{All, Binding, DefinitionKind, Getattr};

fn names_text(source: &str) -> String {
    let names = facts(source).names;
    let mut found = Vec::new();
    for (name, bindings) in names.bound.iter() {
        let kinds = bindings.iter().map(|it| match it {
            Binding::Definition { kind, span } => {
                assert!(source[span.clone()] == *name || !source.is_ascii(), "{name}: {span:?}");
                match kind {
                    DefinitionKind::Function => "def",
                    DefinitionKind::Class => "class",
                    DefinitionKind::Variable => "=",
                    DefinitionKind::Annotation => ":",
                }
                .to_owned()
            }
            Binding::Import { import, name: None } => format!("import {import}"),
            Binding::Import { import, name: Some(name) } => format!("import {import}.{name}"),
        });
        found.push(format!("{name} {}", kinds.collect::<Vec<_>>().join(" ")));
    }
    match names.getattr {
        Getattr::Absent => {}
        Getattr::Names(names) => {
            found.push(format!("(getattr {})", Vec::from_iter(names).join(" ")))
        }
        Getattr::Any => found.push("(getattr)".to_owned()),
    }
    if !names.made.is_empty() {
        found.push(format!("(made {})", Vec::from_iter(names.made).join(" ")));
    }
    let flags =
        [(names.open, "open"), (names.path_changed, "path"), (names.childless, "childless")];
    found.extend(flags.iter().filter(|it| it.0).map(|it| format!("({})", it.1)));
    found.join("; ")
}

#[track_caller]
fn check_names(source: &str, expected: &str) {
    let source = dedent(source);
    assert_eq!(names_text(&source), expected, "{source}");
}

#[track_caller]
fn check_all(source: &str, expected: &str) {
    let source = dedent(source);
    let (head, names) = match facts(&source).names.all {
        All::Absent => ("absent", Vec::new()),
        All::Names(names) => ("names", names),
        All::Dynamic(names) => ("dynamic", names),
    };
    let found = names.iter().fold(head.to_owned(), |text, (name, span)| {
        assert!(source[span.clone()].contains(name.as_str()));
        format!("{text} {name}")
    });
    assert_eq!(found, expected, "{source}");
}

#[test]
fn statements_bind_names() {
    check_names("def f(p): q = 1\nasync def g(): pass\nclass C: x = 1", "C class; f def; g def");
    check_names("a = b = 1\n(c, [d, *e]), f.g, h[0] = x", "a =; b =; c =; d =; e =");
    check_names("a: int\nb: int = 1\nc += 1", "a :; b =; c =");
    check_names(
        "import a.b, c.d as e\nfrom f import g, h as i",
        "a import 0; e import 1; g import 2.0; i import 2.1",
    );
    check_names(
        "for a, b in x: c = 1\nwith y as d, z as (e, f): pass",
        "a =; b =; c =; d =; e =; f =",
    );
    check_names("[(a := x) for b in c if (d := b)]\nlambda: (e := 1)", "a =; d =");
    check_names("type A[T] = list[T]\ndef f[T](x: T): pass", "A =; f def");
    check_names(
        "match x:\n  case [a, *b] | {'k': c, **d} | C(e, k=f) as g: h = 1",
        "a =; b =; c =; d =; e =; f =; g =; h =",
    );
    check_names("from a import *", "");
    check_names(
        "def f(x=(a := 1)): pass\n@(b := y)\nclass C((c := D)): pass",
        "C class; a =; b =; c =; f def",
    );
}

#[test]
fn global_sends_names_to_the_module() {
    check_names(
        "
        def f():
            global a, b, g, h, unused
            a = c = 1
            import b, d
            def g(): e = 1
            class h: a = 1
            [a := 2 for _ in x]
        class C:
            global k
            k = 1
        ",
        "C class; a = =; b import 0; f def; g def; h class; k =",
    );
}

#[test]
fn del_takes_names_away_where_it_surely_runs() {
    check_names("a = b = 1\ndel a\nif x: del b", "b =");
    check_names("a = 1\ndel a\na = 2", "a =");
    check_names("a = b = 1\ndel (a, [b])", "");
    check_names("a = 1\ndef f():\n  global a\n  del a", "a =; f def");
    check_names("try: x()\nfinally:\n  a = 1\n  del a", "");
    check_names("try: pass\nexcept E as e: e = 1; f = 2", "f =");
    check_names("e = 1\ntry: pass\nexcept E as e: pass", "e =");
}

#[test]
fn all_is_read_in_every_form() {
    check_all("", "absent");
    check_all("__all__ = ['a', \"b\"]", "names a b");
    check_all("__all__: list[str] = ('a',) + ('b',)", "names a b");
    check_all("__all__: list[str]", "absent");
    check_all(
        "__all__ = []\n__all__ += ['a']\n__all__.append('b')\n__all__.extend(('c',))",
        "names a b c",
    );
    check_all("__all__ = ['a']\n__all__ = __all__ + ['b']", "names a b");
    check_all("__all__ = ['a']\n__all__ = ['b']", "names b");
    check_all("__all__ = ['a']\nif x: __all__ = ['b']", "names a b");
    check_all("__all__ = ['a']\n__all__ += sub.__all__", "dynamic a");
    check_all("__all__ = ['a'] + [x for x in y] + ['b']", "dynamic a b");
    check_all("__all__ = ['a', 'b']\n__all__.remove('a')", "names b");
    check_all("__all__ = ['a']\nif x: __all__.remove('a')", "dynamic a");
    check_all("__all__ = ['a']\n__all__.remove(x)", "dynamic a");
    check_all("from x import __all__", "dynamic");
    check_all("__all__, y = z", "dynamic");
    check_all("__all__ = ['a']\n__all__[:] = x", "dynamic a");
    check_all("__all__ = ['a']\ndel __all__", "absent");
    check_all("__all__ = ['a']\ndef f():\n  __all__ = ['b']", "names a");
    check_all("__all__ = ['a']\ndef f(g): __all__.append(g)", "dynamic a");
    check_all("def f():\n  global __all__\n  __all__ = ['a']", "names a");
}

#[test]
fn modules_that_make_their_own_names_are_open() {
    for source in [
        "globals()[a] = 1",
        "globals()['a'] += x.install(globals())",
        "globals().update(x)",
        "def f(): globals()[a] = 1",
        "vars()[a] = 1",
        "def __getattr__(name): globals()[other] = 1",
        "class C:\n  def __getattr__(self, name): globals()[name] = 1",
        "locals().update(a)",
        "g = globals()",
        "install(globals())",
        "exec('a = 1')",
        "exec(code, globals())",
        "import sys\nsys.modules[__name__] = X()",
        "import sys\nsetattr(sys.modules[__name__], a, 1)",
        "import sys\nthis = sys.modules[__name__]",
        "import sys\nsys.modules[__name__].__dict__.update(x)",
        "import sys as s\ns.modules[__name__].__class__ = C",
        "import enum\nenum.IntEnum._convert_('A', __name__, f)",
        "import enum\n@enum.global_enum\nclass A(enum.Enum): B = 1",
    ] {
        assert!(facts(source).names.open, "{source}");
    }
}

#[test]
fn looking_at_a_namespace_makes_no_names() {
    for source in [
        "globals()['a']",
        "'a' in globals()",
        "globals().get('a')",
        "'%(a)s' % locals()",
        "'{a}'.format(**globals())",
        "__all__ = [n for n in globals() if n[0] != '_']",
        "for n in list(globals()): pass",
        "def f(): locals()['a'] = vars().update(x)",
        "class C: vars()['a'] = 1",
        "exec(code, namespace)",
        "def f(): exec('a = 1')",
        "import sys\ngetattr(sys.modules[__name__], 'a')",
        "import sys, inspect\ninspect.getmembers(sys.modules[__name__])",
        "import sys\nsys.modules[__name__].__doc__",
        "import sys\nsys.modules['x']",
    ] {
        assert!(!facts(source).names.open, "{source}");
    }
}

#[test]
fn special_names_are_noticed() {
    check_names("def __getattr__(name): pass", "__getattr__ def; (getattr)");
    check_names("__getattr__ = f", "__getattr__ =; (getattr)");
    check_names("__getattr__: int", "__getattr__ :");
    check_names("class C:\n  def __getattr__(self): pass", "C class");
    check_names("__path__ = extend_path(__path__, __name__)", "__path__ =; (path)");
    check_names("__path__.append(x)", "(path)");
    check_names("__path__ = []", "__path__ =; (path); (childless)");
    check_names("__path__: list[str] = []", "__path__ =; (path); (childless)");
    check_names("__path__ = []\n__path__.append(x)", "__path__ =; (path)");
    check_names("if x:\n    __path__ = []", "__path__ =; (path)");
    check_names("__path__[:] = [x]", "(path)");
    check_names("__import__('pkg_resources').declare_namespace(__name__)", "(path)");
    check_names("import sys\nsys.modules[name + '.a'] = b", "sys import 0; (path)");
}

#[test]
fn what_is_done_to_other_modules_is_noticed() {
    let source = "
        import sys, p.q
        sys.modules[__name__ + '.a'] = sys.modules[f'{__name__}.b'] = sys.modules['c.d'] = x
        del sys.modules['e']
        p.q.given = local.none = 1
        def reads(): sys._getframe(1).f_globals['x'], f.f_globals.get('y')
        def writes():
            space = f.f_locals
            space['x'] = 1
        def evaluates(): sys.modules['x'].y = eval('x', f.f_globals)
        def remembers():
            space = f.f_globals
            def inner(): space['x'] = 1
        def marks(name):
            module = sys.modules[name]
            module.__seen__, self.module, found[name] = True, module, module.x
        class Names:
            def f(self, name):
                while True:
                    setattr(also, 'x', 1)
                    also = self.module
                    if (self.module := sys.modules.get(name)): break
        ";
    let names = facts(&dedent(source)).names;
    assert!(!names.path_changed && !names.open);
    let lists = [names.modules, names.given, names.reaching].map(|it| Vec::from_iter(it).join(" "));
    assert_eq!(lists, [".a .b c.d", "p.q.given", "Names remembers writes"]);
}

#[test]
fn names_that_are_made_one_by_one_are_known() {
    check_names("globals()['a'] = 1", "(made a)");
    check_names("def f(): globals()['a'] = b", "f def; (made a)");
    check_names("import sys\nsetattr(sys.modules[__name__], 'a', 1)", "sys import 0; (made a)");
    check_names("import sys\nsys.modules[__name__].a = 1", "sys import 0; (made a)");
    check_names("locals().update(a=1)", "(made a)");
    check_names("globals().update({'a': 1}, b=2)\nvars().setdefault('c', 3)", "(made a b c)");
    check_names("for n in ('a', 'b'): globals()[n] = 1", "n =; (made a b)");
    check_names("def f():\n  for n in ['a']:\n    globals().setdefault(n, 1)", "f def; (made a)");
}

#[test]
fn names_that_are_made_in_a_way_that_cannot_be_read() {
    for source in [
        "globals().update(x)",
        "globals().update(a=1, **x)",
        "globals().update({x: 1})",
        "globals().update({**x})",
        "globals().update([('a', 1)])",
        "globals().setdefault(x, 1)",
        "globals().setdefault(*x)",
        "globals().update(__all__=x)",
        "import sys\nsys.modules[__name__].__class__ = x",
        "import sys\nsys.modules[__name__].a.b = sys.modules[__name__]",
        "for n in ('a', x): globals()[n] = 1",
        "for n in ('a', 'b'):\n  n += x\n  globals()[n] = 1",
        "for n in ('a', 'b'): pass\nglobals()[n + 'x'] = 1",
        "for n in x:\n  globals()[n] = 1",
        "for n in ('a',): f()\ndef g(n): globals()[n] = 1",
    ] {
        assert!(facts(source).names.open, "{source}");
    }
}

/// Checks what a `__getattr__` of this body answers, beside tables of the module.
#[track_caller]
fn check_answers(body: &str, expected: &str) {
    let tables = "T = {'t': 1, 'u': 2}\nL: list = ['l']\nF = frozenset(T) | {'f'}\n__all__ = ['e']\n\
        D = {**x}\nC = ['c']\nC.append(x)\n";
    let body = body.replace('\n', "\n    ");
    let source = format!("{tables}def __getattr__(name):\n    {body}\n");
    let found = match facts(&source).names.getattr {
        Getattr::Absent => "absent".to_owned(),
        Getattr::Names(names) => Vec::from_iter(names).join(" "),
        Getattr::Any => "any".to_owned(),
    };
    assert_eq!(found, expected, "{source}");
}

#[test]
fn a_getattr_that_raises_in_the_end_answers_what_it_asks_for() {
    check_answers("if name == 'a': return 1\nraise AttributeError(name)", "a");
    check_answers("if 'a' == name or name in ('b', 'c'): return 1\nelse: raise E", "a b c");
    check_answers("if name in T:\n  globals()[name] = v = T[name]\n  return v\nraise E", "t u");
    check_answers("if name not in F: raise E\nreturn g(name)", "f t u");
    check_answers("if name not in T and name not in L: raise E\nreturn g(name)", "l t u");
    check_answers("if not (name in __all__): raise E\nreturn g(name)", "e");
    check_answers("'Talk.'\nimport x\nreturn T[name]", "t u");
    check_answers("try: x = T[name]\nexcept KeyError: raise E from None\nreturn x", "t u");
    check_answers("x = T.get(name)\nif x is None: raise E\nreturn x", "t u");
    check_answers("if (x := T.get(name, None)) is not None: return x\nraise E", "t u");
    check_answers("if x := T.get(name): return x\nraise E", "t u");
    check_answers("x = T.get(name)\nif x and y: return x\nraise E", "t u");
    check_answers("match name:\n  case 'a' | 'b': return 1\n  case _: raise E", "a b");
    check_answers("if name.startswith('_'): raise E\nif name == 'a': return 1\nraise E", "a");
    check_answers("if name in T.keys():\n  with w: return 1\nraise E", "t u");
    check_answers("raise E", "");
    check_answers("if 'a.' + name + '.b' in ('a.x.b', 'a.y'): return 1\nraise E", "x");
    check_answers("return globals()['_T_%s' % name]", "");
    check_answers("return globals()[f'__{name}{\"ll__\"}']", "a");
}

#[test]
fn a_getattr_that_may_return_anything_answers_anything() {
    for body in [
        "return g(name)",
        "return T[f'{name!r}{name}']",
        "return T[f'{x}{name}']",
        "T = x\nreturn T[name]",
        "pass",
        "if name == 'a': raise E",
        "if name == 'a' or x: return 1\nraise E",
        "if name.startswith('a'): return 1\nraise E",
        "if name in C: return 1\nraise E",
        "if name in D: return 1\nraise E",
        "if name in x.T: return 1\nraise E",
        "try: return g(name)\nexcept E: raise",
        "try: x = T[name]\nexcept KeyError: x = 1\nreturn x",
        "x = T.get(name, 1)\nif x is None: raise E\nreturn x",
        "x = T.get(name)\nif x is None: x = 1\nreturn x",
        "for a in T:\n  if a == g(name): return a\nraise E",
        "with suppress(E): raise E",
        "if name not in T: x = 1\nreturn x",
        "match name:\n  case 'a': return 1\n  case x if y: return x\nraise E",
    ] {
        check_answers(body, "any");
    }
    check_names("@d\ndef __getattr__(name): raise E", "__getattr__ def; (getattr)");
    check_names("while x:\n  def __getattr__(name): raise E", "__getattr__ def; (getattr)");
    check_names("__getattr__ = make()", "__getattr__ =; (getattr)");
    check_names(
        "def make():\n  if x: return g\n  def g(name): raise E\n  return g\n__getattr__ = make()",
        "__getattr__ =; make def; (getattr)",
    );
    check_names(
        "a = b\nb = a\ndef __getattr__(name): return a[name]",
        "__getattr__ def; a =; b =; (getattr)",
    );
}

#[test]
fn identifiers_are_normalised() {
    check_names("ﬁ = 1", "fi =");
}
