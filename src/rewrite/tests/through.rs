//! What moved is reached through names that other modules bind.

use super::*;

const MODULES: &str = "//- p/__init__.py\n//- p/u.py\nX = 1\n//- p/v.py\nY = 2\n//- m.py\nimport p\n\
                       //- n.py\nimport m as o\n";
const U_TO_T: &str = "p/u.py -> l/t.py";

#[test]
fn by_an_attribute_of_a_module() {
    check_use(MODULES, U_TO_T, "import m\nm.p.u.X\n", "import m\nimport l.t\nl.t.X\n");
    check_use(MODULES, U_TO_T, "import n\nn.o.p.u.X\n", "import n\nimport l.t\nl.t.X\n");
    check_use(
        MODULES,
        U_TO_T,
        "from n import o\no.p.u.X\n",
        "from n import o\nfrom l import t\nt.X\n",
    );
    check_use(MODULES, U_TO_T, "import n\nn.o.p.v.Y\n", "import n\nn.o.p.v.Y\n");
}

#[test]
fn by_a_star() {
    check_use(
        MODULES,
        U_TO_T,
        "from m import *\np.u.X\n",
        "from m import *\nfrom l import t\nt.X\n",
    );
    check_use(
        MODULES,
        U_TO_T,
        "from n import *\ndef f(p):\n    return p.u, o.p.u\n",
        "from n import *\nfrom l import t\ndef f(p):\n    return p.u, t\n",
    );
    check_use(MODULES, U_TO_T, "from m import *\np = 1\nq.u\n", "from m import *\np = 1\nq.u\n");
}

#[test]
fn by_a_star_that_took_what_a_package_imported() {
    let package = "//- p/__init__.py\nfrom .u import X as Y\n//- p/u.py\nX = 1\n";
    let moved = "//- p/__init__.py\nfrom l.t import X as Y\n";
    check(
        &format!("{package}//- use.py\nfrom p import *\nu.X\n//- other.py\nfrom p import *\nY\n"),
        U_TO_T,
        &format!("{moved}//- use.py\nfrom p import *\nfrom l import t as u\nu.X\n"),
    );
}

#[test]
fn by_an_attribute_in_a_string() {
    let check = |source: &str, expected: &str| check_use(MODULES, U_TO_T, source, expected);
    check("patch('m.p.u.X', 'n.o.p.u')\n", "patch('l.t.X', 'l.t')\n");
    check("a = 'm:p.u.X', 'm:p.u', 'm:p.v.Y'\n", "a = 'l.t:X', 'l:t', 'm:p.v.Y'\n");
    check("a = 'm.p.u.Z'\n", "a = 'm.p.u.Z'\n");
}

#[test]
fn by_what_a_call_imports() {
    let check = |source: &str, expected: &str| check_use(MODULES, U_TO_T, source, expected);
    check("__import__('p').u.X\n", "__import__('l.t').t.X\n");
    check("__import__('m').p.u.X\n", "__import__('l.t').t.X\n");
    check(
        "from importlib import import_module\nimport_module('m').p.u.X\nimport_module('p')\n",
        "from importlib import import_module\nimport_module('l.t').X\nimport_module('p')\n",
    );
    check("__import__('p.u').u.X\n", "__import__('l.t').t.X\n");
    check("__import__('p.u', fromlist=['X']).X\n", "__import__('l.t', fromlist=['X']).X\n");
    check(
        "__import__('p.u').v.Y\n__import__('p.v').v.Y\n",
        "__import__('l.t').v.Y\n__import__('p.v').v.Y\n! use.py:1 `__import__(\"l.t\")` gives `l` where `p` was given\n",
    );
}

#[test]
fn on_an_object_that_is_not_known() {
    let note = "`p.u` may be the module that is now `l.t`: what it is taken from is not known";
    check(
        &format!(
            "{MODULES}//- use.py\nclass Z:\n    import p\ndef f(self, u, p):\n    self.m.p.u.X\n    \
             Z().p.u\n    self.p.v\n    q.p.u, q.p.u\n    return p.u, u.p\np.u\n"
        ),
        U_TO_T,
        &format!("! use.py:4 {note}\n! use.py:5 {note}\n! use.py:7 {note}\n! use.py:9 {note}\n"),
    );
}

#[test]
fn what_a_module_loses() {
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- p/v.py\nY = 2\n//- m.py\nimport p.u\n\
         //- use.py\nimport m\nimport p.v\nm.p.v.Y\npatch('m.p.v.Y')\nself.m.p.v\n",
        U_TO_T,
        "//- m.py\nimport l.t\n//- use.py\nimport m\nimport p.v\np.v.Y\npatch('p.v.Y')\nself.m.p.v\n\
         ! use.py:5 `m.p` may be the module that is now `p`: what it is taken from is not known\n",
    );
}

#[test]
fn a_package_that_a_call_gives() {
    let check = |source: &str, expected: &str| {
        check(
            &format!("{MODULES}//- use.py\n{source}"),
            "p/ -> q/r/",
            &format!("//- m.py\nfrom q import r as p\n//- use.py\n{expected}"),
        );
    };
    check("k = __import__('p')\n", "k = __import__('q.r').r\n");
    check("k = __import__('p.u').v.Y\n", "k = __import__('q.r.u').r.v.Y\n");
}

#[test]
fn a_name_that_two_imports_bind() {
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- m.py\nimport p\nimport p.u\n//- use.py\nimport m\nm.p.u.X\n",
        "p/ -> q/p/",
        "//- m.py\nimport q.p\nimport q.p.u\n//- use.py\nimport m\nimport q.p.u\nq.p.u.X\n",
    );
}

#[test]
fn a_package_without_an_init() {
    check(
        "//- p/s/u.py\nX = 1\n//- m.py\nimport p\nk = p\n//- use.py\nimport m\nm.p.s.u.X\n",
        "p/s/u.py -> p/t/u.py",
        "//- use.py\nimport m\nimport p.t.u\np.t.u.X\n\
         ! m.py:2 `p` is handed on here as a whole; `p/s/u.py` is now `p/t/u.py`\n",
    );
}

#[test]
fn a_re_export_is_still_imported() {
    check(
        "//- p/__init__.py\nfrom . import u\n//- p/u.py\nX = 1\n//- use.py\nimport p.u\np.u.X\nk = p.u\n",
        U_TO_T,
        "//- p/__init__.py\nfrom l import t as u\n//- use.py\nimport p\nimport l.t\np.u.X\nk = p.u\n",
    );
}

#[test]
fn on_an_object_that_is_not_known_by_another_name() {
    check(
        &format!("{MODULES}//- k.py\nimport p as r\n//- use.py\nself.k.r.u.X\nself.k.u\n"),
        U_TO_T,
        "! use.py:1 `p.u` may be the module that is now `l.t`: what it is taken from is not known\n",
    );
    check(
        &format!("{MODULES}//- use.py\nself.p.u.X\n"),
        "p/ -> q/",
        "//- m.py\nimport q as p\n\
         ! use.py:1 `p.u` may be the module that is now `q.u`: what it is taken from is not known\n",
    );
}

#[test]
fn what_another_import_provides_is_not_imported_again() {
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- m.py\nimport p.u\n//- use.py\nimport p.u\nimport m\n\
         m.p.u.X, p.u.X\n//- two.py\nimport p.u\nimport m\np.u.X\ndef f(l):\n    return m.p.u\n",
        U_TO_T,
        "//- m.py\nimport l.t\n//- two.py\nfrom l import t\nimport m\nt.X\ndef f(l):\n    return t\n\
         //- use.py\nimport l.t\nimport m\nl.t.X, l.t.X\n",
    );
}

#[test]
fn a_submodule_in_its_own_package() {
    let check = |own: &str, moves: &str, expected: &str| {
        let repository = format!("//- p/__init__.py\n{own}//- p/u.py\nX = 1\n");
        let expected = format!("//- p/__init__.py\n{expected}");
        check(&repository, moves, &expected);
    };
    let own = "from .u import *\n__all__ = u.__all__\n";
    check(own, "p/u.py -> p/t.py", "from .t import *\n__all__ = t.__all__\n");
    check(own, U_TO_T, "from l.t import *\nfrom l import t\n__all__ = t.__all__\n");
    check("import p.u\nu.X, p.u\n", "p/u.py -> p/t.py", "import p.t\nt.X, p.t\n");
    check("from .u import X\nu = 1\nu.X\n", "p/u.py -> p/t.py", "from .t import X\nu = 1\nu.X\n");
}

#[test]
fn by_what_getattr_asks_for() {
    let check = |moves: &str, source: &str, expected: &str| {
        check_use(MODULES, moves, source, expected);
    };
    check(U_TO_T, "import p.u\ngetattr(p, 'u').X\n", "import l.t\nl.t.X\n");
    check(U_TO_T, "import m\nk = getattr(m.p, 'u')\n", "import m\nimport l.t\nk = l.t\n");
    check(
        U_TO_T,
        "import m\nprint((getattr( m , \"p\" )).u.X)\n",
        "import m\nimport l.t\nprint(l.t.X)\n",
    );
    super::check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n\
         //- use.py\nimport p.u\nf(getattr(p, 'u'), getattr(p.u, 'X'))\n",
        "p/ -> q/",
        "//- use.py\nimport q.u\nf(getattr(q, 'u'), getattr(q.u, 'X'))\n",
    );
    check(
        "p/u.py -> p/t.py",
        "from p import u\nimport p\ngetattr(u, 'X'), getattr(p, 'u').X\n",
        "from p import t as u\nimport p\nimport p.t\ngetattr(u, 'X'), p.t.X\n",
    );
}

#[test]
fn by_what_another_getattr_asks_for() {
    let check = |source: &str, line: u32| {
        check(
            &format!("{MODULES}//- use.py\nimport m\n{source}"),
            U_TO_T,
            &format!(
                "! use.py:{line} `p.u` may be the module that is now `l.t`: what it is taken from is not known\n"
            ),
        );
    };
    check("def getattr(a, b): return a\ngetattr(m, 'p').u.X\n", 3);
    check("from o import getattr\ngetattr(m, 'p').u.X\n", 3);
    check("getattr(*[m, 'p']).x, b.getattr(m, 'p').u.X\n", 2);
    check_use(
        MODULES,
        U_TO_T,
        "import m\ngetattr(m, 'p', None).u.X\n",
        "import m\ngetattr(m, 'p', None).u.X\n",
    );
}

#[test]
fn one_of_several_imports_leads_to_what_moved() {
    check(
        &format!("{MODULES}//- s.py\nu = 1\n//- use.py\nimport s as p\nimport p\np.u\n"),
        U_TO_T,
        "! use.py:3 `p.u` may mean several imports and was not followed\n",
    );
}

#[test]
fn a_submodule_that_others_import_into_its_package() {
    check(
        "//- p/__init__.py\ndef f(k):\n    return u.X, k.u.X\n//- p/u.py\nX = 1\n//- use.py\nimport p.u\n",
        U_TO_T,
        "//- use.py\nimport l.t\n\
         ! p/__init__.py:2 `u` may be `p.u`, which is now `l.t`: nothing here imports it\n",
    );
}

#[test]
fn what_goes_on_by_names_that_modules_bind_stays() {
    check(
        "//- p/__init__.py\n//- p/s/__init__.py\nfrom p import v\n//- p/v.py\nX = 1\n//- use.py\nimport p.s\n\
         p.s.v.X\n",
        "p/s/__init__.py -> p/t/__init__.py",
        "//- use.py\nimport p.t\np.t.v.X\n",
    );
    check(
        "//- p/__init__.py\n//- p/s/__init__.py\nimport p.s.u\n//- p/s/u.py\nX = 1\n//- use.py\nimport p.s\n\
         p.s.p.s.u.X\n",
        "p/s/ -> p/t/",
        "//- p/t/__init__.py\nimport p.t.u\n//- use.py\nimport p.t\nimport p.t.u\np.t.u.X\n",
    );
}

#[test]
fn a_star_that_cannot_be_read_binds_before_a_submodule_does() {
    check(
        "//- p/__init__.py\nfrom s import *\n//- p/u.py\nX = 1\n//- p/q.py\n//- s.py\nimport p.u as q\n\
         __all__ = made()\n//- use.py\nimport p\np.q.X\n",
        U_TO_T,
        "//- s.py\nimport l.t as q\n__all__ = made()\n",
    );
}
