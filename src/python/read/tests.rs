//! What one file says, as text: `check_…(source, expected)` for each part of the facts.

use super::super::fixture::dedent;
use super::super::model::{
    All, Binding, DefinitionKind, FileFacts, Import, Listed, Snippet, Status, Target,
};

fn facts(source: &str) -> FileFacts {
    super::read(source.as_bytes(), (3, 12))
}

fn import_text(source: &str, it: &Import) -> String {
    let dots = ".".repeat(it.level as usize);
    let target = match &it.target {
        Target::Module { asname: None } => "module".to_owned(),
        Target::Module { asname: Some(name) } => format!("as {name}"),
        Target::Names(names) => {
            let names: Vec<String> = names
                .iter()
                .map(|it| {
                    assert!(source[it.span.clone()].starts_with(&it.name), "span of {it:?}");
                    it.asname
                        .as_ref()
                        .map_or(it.name.clone(), |local| format!("{}={local}", it.name))
                })
                .collect();
            names.join(",")
        }
        Target::Star => "*".to_owned(),
        Target::Call => "call".to_owned(),
    };
    let flags =
        [(it.optional, " optional"), (it.type_checking, " checking"), (it.deferred, " later")];
    let flags: String = flags.iter().filter(|it| it.0).map(|it| it.1).collect();
    let written = &source[it.span.clone()];
    format!("{}:{} `{written}` {dots}{} {target}{flags}", it.line, it.column, it.module)
}

#[track_caller]
fn check_imports(source: &str, expected: &str) {
    let source = dedent(source);
    let imports = facts(&source).imports;
    let found: String = imports.iter().map(|it| import_text(&source, it) + "\n").collect();
    assert_eq!(found, dedent(expected), "{source}");
}

/// Checks only what follows the module: `[optional] [checking] [later]` of each import.
#[track_caller]
fn check_flags(source: &str, expected: &str) {
    let source = dedent(source);
    let imports = facts(&source).imports;
    let texts = imports.iter().map(|it| {
        let whole = import_text(&source, it);
        let flags = [" optional", " checking", " later"];
        let flags: Vec<&str> = flags.into_iter().filter(|flag| whole.contains(flag)).collect();
        format!("{}{}", it.module, flags.concat())
    });
    assert_eq!(texts.collect::<Vec<_>>().join(", "), expected, "{source}");
}

fn names_text(source: &str) -> String {
    let names = facts(source).names;
    let mut found = Vec::new();
    for (name, bindings) in &names.bound {
        let kinds = bindings.iter().map(|it| match it {
            Binding::Definition { kind, span } => {
                assert!(source[span.clone()] == *name || !source.is_ascii());
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
    let flags = [(names.getattr, "getattr"), (names.open, "open"), (names.path_changed, "path")];
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

#[track_caller]
fn check_listings(source: &str, expected: &str) {
    let source = dedent(source);
    let listings = facts(&source).listings;
    let texts = listings.iter().map(|it| {
        let of = match &it.of {
            Listed::Package { level, module } => format!("{}{module}", ".".repeat(*level as usize)),
            Listed::Folder { folder, from_file: true } => format!("<{folder}>"),
            Listed::Folder { folder, from_file: false } => format!("<./{folder}>"),
            Listed::Unknown => "?".to_owned(),
        };
        let written = it.span.clone().map(|it| &source[it]);
        assert!(written.is_none_or(|it| it == of.trim_start_matches('.')), "{written:?}");
        let marks = [(it.deep, "*"), (written.is_some(), "=")];
        let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
        format!("{}:{of}{marks}", it.line)
    });
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[track_caller]
fn check_paths(source: &str, expected: &str) {
    let source = dedent(source);
    let inserts = facts(&source).path_inserts;
    let texts = inserts
        .iter()
        .map(|it| format!("{}:{}{}", it.line, if it.from_file { "@" } else { "" }, it.folder));
    assert_eq!(texts.collect::<Vec<_>>().join(" "), expected, "{source}");
}

#[test]
fn imports_of_every_form() {
    check_imports(
        "
        import a, b.c as d
        from e import (f,
            g as h)  # why
        from . import i
        from .. . j import *
        from . \\
          .k import l
        def m():
            import n; from o.p import q
        ",
        "
        1:1 `a` a module
        1:1 `b.c as d` b.c as d
        2:1 `e` e f,g=h
        4:1 `.` . i
        5:1 `.. . j` ...j *
        6:1 `. \\
          .k` ..k l
        9:5 `n` n module later
        9:15 `o.p` o.p q later
        ",
    );
}

#[test]
fn calls_import_what_their_literal_names() {
    check_imports(
        "
        import importlib as il, builtins
        from importlib import import_module as load
        il.import_module('a.b')
        load(name='c')
        __import__('d', fromlist=['e'])
        load('.f', __package__), load('..g', package=__package__)
        load('.h', __name__), load('..i', __name__)
        load('..j', 'p.q'), load('.k', package='p.q'), load('...l', 'p')
        load(m), load(f'n'), load('not a name'), import_module('o')
        x = lambda: __import__('p', globals(), locals(), [], 0)
        __import__('q', globals(), locals(), [], 1)
        import pytest
        pytest.importorskip('r')
        importlib.import_module('s')
        importlib.util.find_spec('t')
        importlib.reload(u)
        ",
        "
        1:1 `importlib as il` importlib as il
        1:1 `builtins` builtins module
        2:1 `importlib` importlib import_module=load
        3:1 `'a.b'` a.b call
        4:1 `'c'` c call
        5:1 `'d'` d call
        6:1 `'.f'` .f call
        6:26 `'..g'` ..g call
        7:1 `'.h'` .h call
        8:1 `'..j'` p.j call
        8:21 `'.k'` p.q.k call
        10:13 `'p'` p call later
        12:1 `pytest` pytest module
        13:1 `'r'` r call optional
        14:1 `'s'` s call
        ",
    );
}

#[test]
fn handled_imports_are_optional() {
    check_flags(
        "
        try:
            import a
            def f():
                import b
        except (KeyError, ImportError):
            import c
        else:
            import d
        finally:
            import e
        try: import f
        except ValueError: import g
        try: import h
        except: pass
        ",
        "a optional, b later, c optional, d, e, f, g, h optional",
    );
    check_flags(
        "
        with contextlib.suppress(ImportError): import a
        with open(x): import b
        with pytest.raises(ModuleNotFoundError): import c
        try:
            m = __import__('d')
        except Exception: pass
        ",
        "a optional, b, c optional, d optional",
    );
    // Python looks at the class that is caught, by whatever name.
    check_flags(
        "
        import builtins
        from contextlib import suppress as quiet
        ERRORS = (ImportError, ValueError)
        OTHERS = (KeyError,)
        try: import a
        except ERRORS: pass
        try: import b
        except (OTHERS + ERRORS): pass
        try: import c
        except builtins.ImportError: pass
        with quiet(ImportError): import d
        try: import e
        except OTHERS: pass
        ",
        "builtins, contextlib, a optional, b optional, c optional, d optional, e",
    );
}

#[test]
fn branches_that_the_target_does_not_take_are_optional() {
    check_flags(
        "
        import sys
        if sys.version_info >= (3, 11): import a
        else: import b
        if sys.version_info < (3, 0): import c
        elif sys.version_info[:2] == (3, 12): import d
        else: import e
        if sys.version_info[0] == 2: import f
        if not sys.version_info.major >= 3: import g
        if (3, 13) > sys.version_info: import h
        if sys.version_info >= (3, 12, 4): import i
        if x: import j
        ",
        "sys, a, b optional, c optional, d, e optional, f optional, g optional, h, i, j",
    );
    check_flags(
        "
        import six, sys
        PY2 = sys.version_info < (3,)
        NEW = sys.version_info >= (3, 13)
        if PY2: import a
        else: import b
        if NEW or x: import c
        if six.PY3: import d
        if False: import e
        d = __import__('f') if NEW else __import__('g')
        ",
        "six, sys, a optional, b, c, d, e optional, f optional, g",
    );
}

#[test]
fn platform_branches_are_optional_both_ways() {
    check_flags(
        "
        import importlib.util, os, sys, platform
        if sys.platform == 'win32': import a
        else: import b
        if os.name != 'nt' and x: import c
        if sys.platform.startswith('win'): import d
        if platform.system() in ('Linux', 'Darwin'): import e
        WINDOWS = sys.platform == 'win32'
        if not WINDOWS: import f
        if importlib.util.find_spec('g') is not None: import g
        ",
        "importlib.util, os, sys, platform, a optional, b optional, c optional, d optional, e optional, f optional, \
         g optional",
    );
}

#[test]
fn a_variable_named_platform_is_no_platform() {
    check_flags("def f(platform):\n  if platform.name == 'x': import a", "a later");
}

#[test]
fn type_checking_and_main_have_their_own_marks() {
    check_flags(
        "
        import typing as t
        if t.TYPE_CHECKING: import a
        else: import b
        if not TYPE_CHECKING: import c
        else: import d
        if __name__ == '__main__': import e
        else: import f
        class C:
            import g
            def h(self, x=__import__('i')): import j
        ",
        "typing, a checking, b, c, d checking, e later, f, g, i, j later",
    );
    assert!(facts("if '__main__' == __name__: pass").main_guard);
    assert!(!facts("def f():\n  if __name__ == '__main__': pass").main_guard);
    assert!(!facts("if __name__ == 'x': pass").main_guard);
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
    check_all("__all__ = ['a']\n__all__.remove('a')", "dynamic a");
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
        "globals()['a'] = 1",
        "globals().update(x)",
        "def f(): globals()[a] = 1",
        "vars()['a'] = 1",
        "locals().update(a=1)",
        "g = globals()",
        "install(globals())",
        "exec('a = 1')",
        "exec(code, globals())",
        "import sys\nsys.modules[__name__] = X()",
        "import sys\nsetattr(sys.modules[__name__], 'a', 1)",
        "import sys\nthis = sys.modules[__name__]",
        "import sys\nsys.modules[__name__].a = 1",
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
        class Names:
            def f(self, name): p.q.later = sys.modules[name]
        ";
    let names = facts(&dedent(source)).names;
    assert!(!names.path_changed && !names.open);
    let lists = [names.modules, names.given, names.reaching].map(|it| Vec::from_iter(it).join(" "));
    assert_eq!(lists, [".a .b c.d", "p.q.given", "Names writes"]);
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
fn insertions_into_sys_path_are_folders() {
    check_paths(
        "
        import os, sys, os.path as osp
        from pathlib import Path
        sys.path.insert(0, 'lib')
        sys.path.append(os.path.dirname(__file__))
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        sys.path.insert(0, osp.join(osp.dirname(__file__), '..', 'lib'))
        sys.path[0:0] = [str(Path(__file__).parent / 'x' / 'y')]
        sys.path += [os.path.abspath('..'), '.']
        sys.path.extend([Path(__file__).resolve().parents[1].as_posix()])
        sys.path.insert(0, os.path.abspath(os.path.join(__file__, '..', os.pardir)))
        sys.path = [os.getcwd()] + sys.path
        sys.path.append(f'{os.path.dirname(__file__)}/src')
        sys.path.append(os.path.dirname(__file__) + '/src')
        sys.path.append('/usr/lib'), sys.path.append(__file__), sys.path.append(x)
        ",
        "3:lib 4:@. 5:@.. 6:@../lib 7:@x/y 8:.. 8:. 9:@.. 10:@.. 11:. 12:@src 13:@src",
    );
}

#[test]
fn variables_that_hold_one_folder_are_followed() {
    check_paths(
        "
        import sys
        from pathlib import Path
        HERE = Path(__file__).parent
        ROOT = HERE.parent
        TWICE = ROOT
        TWICE = x
        def f(HERE):
            sys.path.insert(0, str(ROOT / 'lib'))
            sys.path.insert(0, str(HERE))
            own = ROOT / 'own'
            sys.path.insert(0, own)
        sys.path.insert(0, TWICE)
        ",
        "8:@../lib 11:@../own",
    );
}

#[test]
fn too_deep_is_broken() {
    let source = format!("import a\nx = {}1\n", "a + ".repeat(60_000));
    let found = facts(&source);
    let Status::Broken { line: 2, column: 5, message } = found.status else { panic!() };
    assert_eq!(message, "too deeply nested");
    assert_eq!(found.imports.len(), 1);
}

#[track_caller]
fn check_status(bytes: &[u8], target: (u8, u8), expected: &str) {
    let found = match super::read(bytes, target).status {
        Status::Parsed => "parsed".to_owned(),
        Status::Broken { line, column, message } => format!("{line}:{column} {message}"),
        Status::Undecodable(message) => message,
    };
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn what_does_not_parse_says_where() {
    check_status(b"", (3, 12), "parsed");
    check_status(b"x = 1\r\n\x0cif x:\r\n    y\r\n", (3, 12), "parsed");
    check_status(b"a\rb\r", (3, 12), "parsed");
    check_status(b"x = 1\nx = = 2\n", (3, 12), "2:5 expected an expression");
    check_status(b"print 'x'\n", (3, 12), "1:7 simple statements must be separated");
    check_status(b"try: pass\nexcept A, e: pass\n", (3, 12), "2:8 ");
    check_status(b"match x:\n  case 1: pass\n", (3, 9), "1:1 cannot use `match`");
    check_status(b"x = '\0'", (3, 12), "null byte at offset 5");
    check_status(b"# coding: klingon\n", (3, 12), "unknown encoding `klingon`");
}

#[test]
fn broken_files_keep_their_imports() {
    check_flags(
        "import a\nx = = 1\nfrom b import c\nprint 'x'\ndef f(:\n  import d\n",
        "a, b, d later",
    );
    check_flags("from import x\nimport\nfrom . import\nimport a.\nimport b", ", b");
}

#[test]
fn identifiers_are_normalised() {
    check_names("ﬁ = 1", "fi =");
}

#[test]
fn depth_is_no_danger() {
    let deep = [
        format!("x = {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("x = {}1", "a + ".repeat(20_000)),
        format!("x = {}a", "not ".repeat(5_000)),
        format!("x = a{}", ".b".repeat(20_000)),
        format!("x = a{}", "[0]".repeat(20_000)),
        format!("x = {}1{}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("x = {}1", "lambda: ".repeat(5_000)),
        format!("sys.path.insert(0, {}b)", "a / ".repeat(20_000)),
        format!("sys.path = {}[b]", "a + ".repeat(20_000)),
        format!("x = f{}", "()".repeat(20_000)),
        format!("if f{} == 1: pass", "().a".repeat(20_000)),
        format!("if {}a{}: pass", "a and (".repeat(3_000), ")".repeat(3_000)),
        format!("try: pass\nexcept {}a{}: pass", "(".repeat(3_000), ",)".repeat(3_000)),
        format!("x = {}a", "b if c else ".repeat(5_000)),
        format!("if a: pass\n{}", "elif a: pass\n".repeat(3_000)),
        (0..500).map(|it| format!("{}if a:\n", " ".repeat(it))).collect::<String>()
            + &" ".repeat(500)
            + "pass",
        format!("match x:\n  case {}1{}: pass", "[".repeat(3_000), "]".repeat(3_000)),
    ];
    for source in deep {
        let source = format!("{source}\nimport last\n");
        let found = facts(&source);
        assert_eq!(found.status, Status::Parsed, "{}", &source[..30]);
        assert_eq!(found.imports.len(), 1);
    }
}

#[test]
fn modules_that_are_listed() {
    check_listings(
        "pkgutil.iter_modules(__path__)\nwalk_packages(path=__path__, prefix='a.')\n",
        "1:. 2:.*",
    );
    check_listings(
        "import a.b, pkgutil\nfrom . import c\nfrom .d import e as f\n\
         pkgutil.iter_modules(a.b.__path__)\npkgutil.iter_modules(c.__path__)\n\
         pkgutil.iter_modules(f.__path__)\npkgutil.iter_modules(import_module('x.y').__path__)\n",
        "4:a.b 5:.c 6:.d.e 7:x.y",
    );
    check_listings("def load(package):\n    list(iter_modules(package.__path__))\n", "2:?");
    check_listings(
        "here = Path(__file__).parent\niter_modules([str(here / 'plugins')])\n\
         for it in here.glob('*.py'):\n    pass\nfor it in here.glob('*.json'):\n    pass\n",
        "2:<plugins> 3:<>",
    );
    check_listings("os.listdir(os.path.dirname(__file__))\n", "");
    check_listings(
        "for it in os.listdir(os.path.dirname(__file__)):\n    import_module(it)\n",
        "1:<>",
    );
    check_listings(
        "__all__ = [basename(it)[:-3] for it in glob.glob(join(dirname(__file__), '*.py'))]\n",
        "1:<>",
    );
    check_listings("runpy.run_path(it) for it in glob('plugins/**/*.py')\n", "1:<./plugins>*");
}

#[test]
fn modules_whose_names_are_made() {
    check_listings(
        "import_module(f'plugins.{x}')\nimport_module('plugins.' + x)\n\
         import_module('plugins.%s' % x)\nimport_module('plugins.{}'.format(x))\n\
         import_module(f'plugins.on_{x}.run')\n__import__('a.b', fromlist=[x])\n",
        "1:plugins*= 2:plugins*= 3:plugins*= 4:plugins*= 5:plugins*= 6:a.b*",
    );
    check_listings(
        "import_module(f'.{x}', __package__)\nimport_module('.on.' + x, package=__name__)\n\
         import_module('.' + x, 'a.b')\nimport_module('.' + x, package)\n\
         import_module(f'{__name__}.{x}')\nimport_module(__package__ + '.on.' + x)\n\
         __import__(x, globals(), locals(), [], 1)\n",
        "1:.* 2:.on*= 3:a.b* 4:?* 5:.* 6:.on* 7:.*",
    );
    check_listings(
        "HOME = 'a.b'\nimport_module(f'{HOME}.{x}')\nimport_module(HOME + '.' + x)\n\
         import_module(HOME)\nimport_module(x)\nimport_module(f'{x}.y')\n",
        "2:a.b* 3:a.b*",
    );
    check_listings("run('a.b.%s' % x)\nrun(f'a.b.{x}')\nlog(f'data.{x}')\n", "1:a.b*= 2:a.b*=");
    check_listings("run('a.b.c')\nname.startswith('a.b.')\nf'{x} a.b.{y}'\nf'see a.b.{y}'\n", "");
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
