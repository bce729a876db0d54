//! Chains such as `a.b.f()` follow by scope.

use super::*;

const PACKAGES: &str = "//- a/__init__.py\nv = 1\n//- a/b.py\nf = 1\n//- a/c.py\nh = 3\n//- a/d/__init__.py\n//- a/d/e.py\ni = 1\n//- x/__init__.py\n";
const B_TO_Y: &str = "a/b.py -> x/y.py";

#[test]
fn chains_follow() {
    check_use(PACKAGES, B_TO_Y, "import a.b\na.b.f(a.b.g)\n", "import x.y\nx.y.f(x.y.g)\n");
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\ndef k():\n    return a.b.f\nclass C(a.b.D):\n    n: 'a.b.T'\n",
        "import x.y\ndef k():\n    return x.y.f\nclass C(x.y.D):\n    n: 'x.y.T'\n",
    );
}

#[test]
fn chains_follow_below_a_namespace_that_is_shared_with_what_is_installed() {
    let shared = "//- requirements.txt\na.other\n//- a/b/__init__.py\nf = 1\n//- a/b/c.py\ng = 1\n";
    check_use(
        shared,
        "a/b/__init__.py -> a/x/b/__init__.py\na/b/c.py -> a/x/b/c.py",
        "import a.b\nimport a.other\na.b.f(a.other.f)\n",
        "import a.x.b\nimport a.other\na.x.b.f(a.other.f)\n",
    );
    check_use(
        shared,
        "a/b/c.py -> a/b/d.py",
        "def k():\n    import a.b.c\n    return a.b.c.g, a.other\n",
        "def k():\n    import a.b.d\n    return a.b.d.g, a.other\n",
    );
}

#[test]
fn parentheses_go_with_what_they_hold() {
    let text = "import a.b\nprint((a).b.f, ( (a) .b).f, (a.b).f)\n";
    check_use(PACKAGES, B_TO_Y, text, "import x.y\nprint(x.y.f, ( x.y).f, (x.y).f)\n");
}

#[test]
fn a_local_variable_is_no_package() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\ndef k(a):\n    return a.b.f\na.b.f\n",
        "import x.y\ndef k(a):\n    return a.b.f\nx.y.f\n",
    );
}

#[test]
fn what_other_uses_need_stays_imported() {
    check_use(PACKAGES, B_TO_Y, "import a.b\na.b.f\na.v\n", "import a\nimport x.y\nx.y.f\na.v\n");
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\nimport a.c\na.b.f\na.c.h\na.v\n",
        "import x.y\nimport a.c\nx.y.f\na.c.h\na.v\n",
    );
    check_use(
        PACKAGES,
        "a/d/e.py -> x/e.py",
        "import a.d.e\na.d.e.i\na.d\n",
        "import a.d\nimport x.e\nx.e.i\na.d\n\
         ! use.py:3 `a.d` is handed on here as a whole; `a/d/e.py` is now `x/e.py`\n",
    );
}

#[test]
fn a_submodule_that_others_import() {
    check_use(PACKAGES, B_TO_Y, "import a\na.b.f\na.v\n", "import a\nimport x.y\nx.y.f\na.v\n");
    check_use(
        PACKAGES,
        "a/d/e.py -> x/e.py",
        "from a import d\nimport a.d as k\nd.e.i\nk.e.i\n",
        "from a import d\nfrom x import e\nimport a.d as k\ne.i\ne.i\n",
    );
}

#[test]
fn whole_packages() {
    check_use(
        PACKAGES,
        "a/ -> x/a/",
        "import a.b\nimport a\na.b.f\na.v\nprint(a)\n",
        "import x.a.b\nimport x.a\nx.a.b.f\nx.a.v\nprint(x.a)\n",
    );
    check_use(PACKAGES, "a/ -> z/", "import a.b, a\na.b.f\na.v\n", "import z.b, z\nz.b.f\nz.v\n");
}

#[test]
fn a_taken_name_is_not_captured() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\ndef k(x):\n    return a.b.f\n",
        "from x import y\ndef k(x):\n    return y.f\n",
    );
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\nx, y = 1, 2\na.b.f\n",
        "from x import y as x_y\nx, y = 1, 2\nx_y.f\n",
    );
    check_use(
        PACKAGES,
        B_TO_Y,
        "import x\nimport a.b\nx.z = a.b.f\n",
        "import x\nimport x.y\nx.z = x.y.f\n",
    );
}

#[test]
fn inside_functions() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "def k():\n    import a.b\n    a.b.f\n    a.v\ndef l():\n    import a.c\n    a.c.h\n",
        "def k():\n    import a\n    import x.y\n    x.y.f\n    a.v\ndef l():\n    import a.c\n    a.c.h\n",
    );
}

#[test]
fn a_name_that_is_written_is_kept() {
    check_use(
        PACKAGES,
        "a/ -> x/a/",
        "try:\n    import a.b\nexcept ImportError:\n    a = None\nif a:\n    a.b.f\n",
        "try:\n    import x.a.b\n    from x import a\nexcept ImportError:\n    a = None\nif a:\n    a.b.f\n",
    );
    check_use(
        PACKAGES,
        B_TO_Y,
        "import a.b\na.b.f\ndel a\n",
        "import a\nimport x.y\nx.y.f\ndel a\n",
    );
}

#[test]
fn a_name_that_others_take_is_kept() {
    check(
        "//- a/__init__.py\n//- a/b.py\nf = 1\n//- m.py\nimport a.b\n//- use.py\nfrom m import a\na\n//- x/__init__.py\n",
        "a/b.py -> x/b.py",
        "//- m.py\nimport a\nimport x.b\n\
         ! use.py:2 `a` is handed on here as a whole; `a/b.py` is now `x/b.py`\n",
    );
}

#[test]
fn a_re_export_is_enough() {
    check(
        "//- a/__init__.py\nfrom . import b\n//- a/b.py\nf = 1\n//- x/__init__.py\n//- use.py\nimport a\na.b.f\n",
        "a/b.py -> x/b.py",
        "//- a/__init__.py\nfrom x import b\n",
    );
}

#[test]
fn uses_are_renamed_on_request() {
    let check = |source: &str, expected: &str| {
        check_as(
            &format!("{PACKAGES}//- use.py\n{source}"),
            B_TO_Y,
            Uses::Rename,
            Safety::Safe,
            &format!("//- use.py\n{expected}"),
        );
    };
    check(
        "from a import b\nb.f\ndef k():\n    b.f(y=1)\n",
        "from x import y\ny.f\ndef k():\n    y.f(y=1)\n",
    );
    check("from a import b\ny = b.f\n", "from x import y as b\ny = b.f\n");
    check("from a import b\ndef k(y):\n    b.f\n", "from x import y as b\ndef k(y):\n    b.f\n");
    check("from a import b as m\nm.f\n", "from x import y as m\nm.f\n");
}

#[test]
fn plain_imports_are_renamed_on_request() {
    check_as(
        "//- top.py\nt = 1\n//- use.py\nimport top\ntop.t\nprint(top)\n",
        "top.py -> z.py",
        Uses::Rename,
        Safety::Safe,
        "//- use.py\nimport z\nz.t\nprint(z)\n",
    );
    check_as(
        "//- top.py\nt = 1\n//- x/__init__.py\n//- use.py\nimport top\ntop.t\n//- m.py\nfrom use import top\n",
        "top.py -> x/z.py",
        Uses::Rename,
        Safety::Safe,
        "//- use.py\nfrom x import z as top\ntop.t\n",
    );
}

#[test]
fn what_is_reached_through_another_module_is_followed() {
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- m.py\nimport p.u\n//- k.py\nimport p.u, p.v\n//- p/v.py\n\
         //- use.py\nimport m\nimport k\nprint(m.p.u.X, k.p.u.X)\n//- other.py\nfrom o import m as n\n\
         def f():\n    return n.p.u.X\n//- o/m.py\nimport p.u\n//- o/__init__.py\n",
        "p/u.py -> l/t.py",
        "//- k.py\nimport l.t, p.v\n//- m.py\nimport l.t\n//- o/m.py\nimport l.t\n//- other.py\nfrom o import m as n\nfrom l import t\n\
         def f():\n    return t.X\n//- use.py\nimport m\nimport l.t\nimport k\nprint(l.t.X, l.t.X)\n",
    );
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- m.py\nimport p.u\n//- use.py\nimport m\nm.p.u.X\n",
        "p/ -> q/",
        "//- m.py\nimport q.u\n//- use.py\nimport m\nimport q.u\nq.u.X\n",
    );
}

#[test]
fn an_import_in_a_class_is_told() {
    check(
        "//- p/__init__.py\n//- p/u.py\nX = 1\n//- use.py\nclass Z:\n    import p.u\nZ().p.u.X\n",
        "p/u.py -> p/t.py",
        "//- use.py\nclass Z:\n    import p.t\nZ().p.u.X\n\
         ! use.py:2 `p.u` is imported in a class: what takes it from there as an attribute is not followed\n\
         ! use.py:3 `p.u` may be the module that is now `p.t`: what it is taken from is not known\n",
    );
}
