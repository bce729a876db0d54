//! Which imports a file has, and what is known of each.

use super::facts;
use crate::python::fixture::dedent;
use crate::python::model::{Import, Target};

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
        Target::Call { .. } => "call".to_owned(),
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
        7:23 `'..i'` ..i call
        8:1 `'..j'` p.j call
        8:21 `'.k'` p.q.k call
        10:13 `'p'` p call later
        11:1 `'q'` .q call
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
fn broken_files_keep_their_imports() {
    check_flags(
        "import a\nx = = 1\nfrom b import c\nprint 'x'\ndef f(:\n  import d\n",
        "a, b, d later",
    );
    check_flags("from import x\nimport\nfrom . import\nimport a.\nimport b", ", b");
}
