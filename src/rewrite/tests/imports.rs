//! Imports of every form follow.

use super::*;

const PACKAGES: &str = "//- a/__init__.py\n//- a/b.py\nf = 1\ng = 2\n//- a/c.py\nh = 3\n//- x/__init__.py\n//- top.py\nt = 1\n";
const B_TO_X: &str = "a/b.py -> x/b.py";
const B_TO_Y: &str = "a/b.py -> x/y.py";

#[test]
fn the_module_part() {
    check_use(PACKAGES, B_TO_Y, "from a.b import f, g  # why\n", "from x.y import f, g  # why\n");
    check_use(
        PACKAGES,
        B_TO_Y,
        "from a.b import (f as k,\n    g)\n",
        "from x.y import (f as k,\n    g)\n",
    );
    check_use(PACKAGES, B_TO_Y, "from a.b import *\n", "from x.y import *\n");
    check_use(PACKAGES, B_TO_Y, "from a . b import f\n", "from x.y import f\n");
    check_use(
        PACKAGES,
        B_TO_Y,
        "from a.c import h\nfrom a.bc import f\n",
        "from a.c import h\nfrom a.bc import f\n",
    );
}

#[test]
fn modules_taken_from_packages() {
    check_use(PACKAGES, B_TO_X, "from a import b\nb.f\n", "from x import b\nb.f\n");
    check_use(PACKAGES, B_TO_Y, "from a import b\nb.f\n", "from x import y as b\nb.f\n");
    check_use(PACKAGES, B_TO_Y, "from a import b as y\n", "from x import y\n");
    check_use(PACKAGES, B_TO_Y, "from a import b as k\n", "from x import y as k\n");
    check_use(PACKAGES, B_TO_X, "from a import b, c\n", "from a import c\nfrom x import b\n");
    check_use(PACKAGES, "a/b.py -> b.py", "from a import b, c\n", "from a import c\nimport b\n");
    check_use(PACKAGES, "a/b.py -> y.py", "from a import b\n", "import y as b\n");
    check_use(PACKAGES, "a/b.py -> a/y.py", "from a import b, c\n", "from a import y as b, c\n");
    check_use(
        PACKAGES,
        "a/ -> z/a/",
        "from a import b, c\nimport a.b\na.b.f\n",
        "from z.a import b, c\nimport z.a.b\nz.a.b.f\n",
    );
}

#[test]
fn several_go_to_several() {
    check_use(
        PACKAGES,
        "a/b.py -> x/b.py\na/c.py -> c.py",
        "from a import b, c\n",
        "from x import b\nimport c\n",
    );
    check_use(
        "//- a/__init__.py\ndef own(): pass\n//- a/b.py\n//- a/c.py\n//- a/d.py\n//- x/__init__.py\n",
        "a/b.py -> x/b.py\na/c.py -> x/c.py",
        "from a import (\n    own,\n    b,  # one\n    c,\n    d,\n)\n",
        "from a import (\n    own,\n    d,\n)\nfrom x import (\n    b,  # one\n    c,\n)\n",
    );
}

#[test]
fn statements_that_share_a_line() {
    check_use(
        PACKAGES,
        B_TO_X,
        "if 1: from a import b, c\nimport os; from a import c, b; c\n",
        "if 1: from a import c; from x import b\nimport os; from a import c; from x import b; c\n",
    );
}

#[test]
fn plain_imports_of_one_part() {
    check_use(PACKAGES, "top.py -> x/top.py", "import top\ntop.t\n", "from x import top\ntop.t\n");
    check_use(PACKAGES, "top.py -> x/z.py", "import top\n", "from x import z as top\n");
    check_use(PACKAGES, "top.py -> z.py", "import top\n", "import z as top\n");
    check_use(
        PACKAGES,
        "top.py -> x/top.py",
        "import os, top, sys\n",
        "import os, x.top as top, sys\n",
    );
    check_use(PACKAGES, "top.py -> x/top.py", "import top as t\n", "import x.top as t\n");
}

#[test]
fn plain_imports_with_as() {
    check_use(PACKAGES, B_TO_Y, "import a.b as m\nm.f\n", "import x.y as m\nm.f\n");
    check_use(PACKAGES, B_TO_Y, "import os, a.b  as  m, sys\n", "import os, x.y  as  m, sys\n");
    check_use(PACKAGES, "a/b.py -> m.py", "import a.b as m\n", "import m\n");
}

#[test]
fn relative_imports_of_importers() {
    check(
        "//- p/__init__.py\n//- p/a.py\nf = 1\n//- p/q/__init__.py\n//- p/q/m.py\nfrom .. import a\nfrom ..a import f\n\
         def g():\n    from ..a import f as k\n//- other.py\n",
        "p/a.py -> p/q/b.py",
        "//- p/q/m.py\nfrom . import b as a\nfrom .b import f\ndef g():\n    from .b import f as k\n",
    );
    check(
        "//- p/__init__.py\nfrom .a import f\nfrom . import a\n//- p/a.py\nf = 1\n//- o/__init__.py\n",
        "p/a.py -> o/a.py",
        "//- p/__init__.py\nfrom o.a import f\nfrom o import a\n",
    );
}

#[test]
fn relative_imports_of_what_moved() {
    check(
        "//- p/__init__.py\nV = 1\n//- p/a.py\nfrom . import V\nfrom .b import k\nfrom . import b\nfrom.b import k as j\n\
         def g():\n    from .b import k\n//- p/b.py\nk = 1\n//- p/q/__init__.py\n",
        "p/a.py -> p/q/a.py",
        "//- p/q/a.py\nfrom .. import V\nfrom ..b import k\nfrom .. import b\nfrom..b import k as j\n\
         def g():\n    from ..b import k\n",
    );
    check(
        "//- p/__init__.py\nV = 1\n//- p/a.py\nfrom . import V\nfrom.b import k\nfrom .import b\n//- p/b.py\nk = 1\n//- o/__init__.py\n",
        "p/a.py -> o/a.py",
        "//- o/a.py\nfrom p import V\nfrom p.b import k\nfrom p import b\n",
    );
}

#[test]
fn a_package_that_moves_keeps_what_it_says_of_itself() {
    check(
        "//- p/__init__.py\nV = 1\n//- p/q/__init__.py\nfrom .m import f\nfrom .. import V\n//- p/q/m.py\nfrom . import n\nf = 1\n\
         //- p/q/n.py\nfrom p.q.m import f\nfrom ..r import z\n//- p/r.py\nz = 1\n//- use.py\nfrom p.q import f\n",
        "p/q/ -> o/q/",
        "//- o/q/__init__.py\nfrom .m import f\nfrom p import V\n//- o/q/n.py\nfrom o.q.m import f\nfrom p.r import z\n\
         //- use.py\nfrom o.q import f\n",
    );
}

#[test]
fn both_ends_move() {
    check(
        "//- p/__init__.py\n//- p/a.py\nfrom .b import k\nimport p.b\np.b.k\n//- p/b.py\nk = 1\n//- o/__init__.py\n",
        "p/a.py -> o/a.py\np/b.py -> o/b.py",
        "//- o/a.py\nfrom .b import k\nimport o.b\no.b.k\n",
    );
}

#[test]
fn a_package_becomes_a_module_and_back() {
    check_use(
        "//- a/__init__.py\nf = 1\n",
        "a/__init__.py -> b.py",
        "from a import f\nimport a\na.f\n",
        "from b import f\nimport b as a\na.f\n",
    );
    check_use(
        PACKAGES,
        "a/b.py -> a/b/__init__.py",
        "from a.b import f\nimport a.b\na.b.f\n",
        "from a.b import f\nimport a.b\na.b.f\n",
    );
}

#[test]
fn re_exports_are_followed_where_they_stand() {
    check(
        "//- a/__init__.py\nfrom .b import f\nfrom . import b as b\n__all__ = ['f', 'b']\n//- a/b.py\nf = 1\n//- x/__init__.py\n\
         //- use.py\nfrom a import f, b\nimport a\na.b.f\n",
        B_TO_Y,
        "//- a/__init__.py\nfrom x.y import f\nfrom x import y as b\n__all__ = ['f', 'b']\n",
    );
}

#[test]
fn an_explicit_re_export_keeps_its_as() {
    check(
        "//- a/__init__.py\nfrom . import b as b\nfrom .b import f as f\n//- a/b.py\nf = 1\n//- x/__init__.py\n",
        B_TO_X,
        "//- a/__init__.py\nfrom x import b as b\nfrom x.b import f as f\n",
    );
}

#[test]
fn the_list_of_all_names_stays_true() {
    check(
        "//- a/__init__.py\n__all__ = ['b', \"c\"]\n//- a/b.py\n//- a/c.py\n//- x/__init__.py\n//- use.py\nfrom a import *\nb, c\n",
        B_TO_X,
        "//- a/__init__.py\n__all__ = [\"c\"]\n//- use.py\nfrom a import *\nfrom x import b\nb, c\n",
    );
    check(
        "//- a/__init__.py\n__all__ = (\n    'c',\n    'b',\n)\n//- a/b.py\n//- a/c.py\n",
        "a/b.py -> a/d.py",
        "//- a/__init__.py\n__all__ = (\n    'c',\n    'd',\n)\n",
    );
    check(
        "//- a/__init__.py\n__all__ = ('c', 'b')\n//- a/b.py\n//- a/c.py\n//- x/__init__.py\n",
        B_TO_X,
        "//- a/__init__.py\n__all__ = ('c',)\n",
    );
}

#[test]
fn import_calls() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "import importlib\nimportlib.import_module('a.b')\n__import__(\"a.b\", fromlist=['f'])\n",
        "import importlib\nimportlib.import_module('x.y')\n__import__(\"x.y\", fromlist=['f'])\n",
    );
    check_use(
        PACKAGES,
        B_TO_Y,
        "from importlib import import_module\nimport_module('.b', 'a')\nimport_module('.b', package=\"a\")\n",
        "from importlib import import_module\nimport_module('x.y', 'a')\nimport_module('x.y', package=\"a\")\n",
    );
    check_use(
        "//- a/__init__.py\n//- a/c/__init__.py\n//- a/b.py\n",
        "a/b.py -> a/c/y.py",
        "from importlib import import_module\nimport_module('.b', 'a')\nimport_module('..b', 'a.c')\n",
        "from importlib import import_module\nimport_module('.c.y', 'a')\nimport_module('..c.y', 'a.c')\n",
    );
    check(
        "//- a/__init__.py\n//- a/m.py\n__import__('b', globals(), locals(), ['f'], 1)\n__import__('b', globals(), fromlist=['f'], level=1)\n//- a/b.py\nf = 1\n//- x/__init__.py\n",
        "a/b.py -> a/c.py",
        "//- a/m.py\n__import__('c', globals(), locals(), ['f'], 1)\n__import__('c', globals(), fromlist=['f'], level=1)\n",
    );
    check(
        "//- a/__init__.py\n//- a/m.py\n__import__('b', globals(), locals(), ['f'], 1)\n//- a/b.py\nf = 1\n//- x/__init__.py\n",
        "a/b.py -> x/c.py",
        "//- a/m.py\n__import__('x.c', globals(), locals(), ['f'], 0)\n",
    );
    check(
        "//- a/__init__.py\n//- use.py\n__import__('a', globals(), locals(), ['b'], 0).b\n__import__('a', fromlist=['f']).f\n//- a/b.py\n//- x/__init__.py\n",
        "a/b.py -> x/b.py",
        "! use.py:1 `__import__` takes `b` from `a`, and it moves\n",
    );
    check(
        "//- p/__init__.py\nfrom importlib import import_module\nimport_module('.a', __package__)\n//- p/a.py\n//- o/__init__.py\n",
        "p/a.py -> p/q/a.py",
        "//- p/__init__.py\nfrom importlib import import_module\nimport_module('.q.a', __package__)\n",
    );
    check(
        "//- a/__init__.py\n//- a/b.py\nf = 1\n//- x/__init__.py\n//- use.py\nm = __import__('a.b')\n",
        B_TO_X,
        "//- use.py\nm = __import__('x.b')\n! use.py:1 `__import__(\"x.b\")` gives `x` where `a` was given\n",
    );
}

#[test]
fn optional_and_typing_imports_count() {
    check_use(
        PACKAGES,
        B_TO_X,
        "try:\n    from a.b import f\nexcept ImportError:\n    f = None\nif TYPE_CHECKING:\n    from a import b\n",
        "try:\n    from x.b import f\nexcept ImportError:\n    f = None\nif TYPE_CHECKING:\n    from x import b\n",
    );
}

#[test]
fn files_that_may_not_be_edited_are_told_of() {
    check(
        "//- a/__init__.py\n//- a/b.py\nf = 1\n//- x/__init__.py\n//- frozen.py\nfrom a.b import f\n//- broken.py\nimport a.b\ndef (\n",
        B_TO_Y,
        "! broken.py:1 imports `a.b`, now `x.y`, and does not parse\n\
         ! frozen.py:1 imports `a.b`, now `x.y`, and may not be edited\n",
    );
}

#[test]
fn line_ends_and_encodings_stay() {
    check_use(
        PACKAGES,
        B_TO_X,
        "# é\r\nfrom a import b, c\r\nx = 1\r\n",
        "# é\r\nfrom a import c\r\nfrom x import b\r\nx = 1\r\n",
    );
    check_use(PACKAGES, B_TO_X, "from a import c, b", "from a import c\nfrom x import b");
}

#[test]
fn folding_one_module_into_another() {
    check(
        "//- i/__init__.py\n//- i/opa.py\nf = 1\ng = 1\n//- p/__init__.py\n//- p/mid.py\nf = 1\n\
         //- use.py\nfrom i.opa import f\nfrom i import opa\nimport i.opa\ni.opa.f\n//- two.py\nfrom i.opa import g\n",
        "i/opa.py -> p/mid.py",
        "//- two.py\nfrom p.mid import g\n//- use.py\nfrom p.mid import f\nfrom p import mid as opa\nimport p.mid\np.mid.f\n\
         ! two.py:1 the module that now stands for `i.opa` has no `g`\n",
    );
}

#[test]
fn a_package_that_only_dots_name_is_called_so() {
    check(
        "//- p/__init__.py\n//- p/a.py\nfrom . import n\n",
        "p/a.py -> p/x/a.py",
        "//- p/x/a.py\nfrom .. import n\n! p/x/a.py:1 the module that now stands for `.` has no `n`\n",
    );
}

#[test]
fn names_by_dotted_module() {
    let repository = "//- x/__init__.py\n//- x/y.py\npool = 1\n//- a/__init__.py\n";
    let map = "a.old:postgres_pool => x.y:pool";
    check_use(
        repository,
        map,
        "from a.old import postgres_pool\nfrom a.old import postgres_pool as p\n",
        "from x.y import pool as postgres_pool\nfrom x.y import pool as p\n",
    );
    check_use(
        repository,
        map,
        "from a.old import other, postgres_pool as pool\n",
        "from a.old import other\nfrom x.y import pool\n",
    );
    check_use(repository, map, "import a.old\na.old.postgres_pool()\n", "import x.y\nx.y.pool()\n");
    check_use(
        repository,
        map,
        "from a import old\nold.postgres_pool()\nX = 'a.old.postgres_pool', 'a.old:postgres_pool'\n",
        "from x import y\ny.pool()\nX = 'x.y.pool', 'x.y:pool'\n",
    );
}

#[test]
fn modules_by_dotted_name() {
    let repository = "//- x/__init__.py\n//- x/y.py\nf = 1\n//- a/__init__.py\n";
    check_use(
        repository,
        "a.old => x.y",
        "from a.old import f\nfrom a import old\nimport a.old\na.old.f\nimport a.older\nS = 'a.old.f'\n",
        "from x.y import f\nfrom x import y as old\nimport x.y\nx.y.f\nimport a.older\nS = 'x.y.f'\n",
    );
}

#[test]
fn the_target_is_not_turned_on_itself() {
    check(
        "//- x/__init__.py\n//- x/y.py\nfrom a.old import f as g\nf = g\n//- a/__init__.py\n//- a/old.py\nf = 1\n//- use.py\nfrom a.old import f\n",
        "a.old:f => x.y:f",
        "//- use.py\nfrom x.y import f\n",
    );
}

#[test]
fn roots_that_are_not_the_top() {
    check(
        "//- pyproject.toml\n[tool.setuptools.packages.find]\nwhere = ['src']\n//- src/a/__init__.py\n//- src/a/b.py\nf = 1\n\
         //- src/x/__init__.py\n//- tests/test_b.py\nfrom a.b import f\n",
        "src/a/b.py -> src/x/b.py",
        "//- tests/test_b.py\nfrom x.b import f\n",
    );
}

#[test]
fn namespace_packages() {
    check_use(
        "//- n/a/b.py\nf = 1\n//- x/c.py\n",
        "n/a/ -> x/a/",
        "from n.a import b\nfrom n.a.b import f\nimport n.a.b\nn.a.b.f\n",
        "from x.a import b\nfrom x.a.b import f\nimport x.a.b\nx.a.b.f\n",
    );
}

#[test]
fn a_package_that_takes_its_own_submodule_is_not_asked_for_it_from_inside() {
    check(
        "//- a/__init__.py\nfrom a import b, c\n//- a/b.py\n//- a/c.py\nfrom a import b\nb\n//- use.py\nfrom a import b\n",
        "a/b.py -> a/d.py",
        "//- a/__init__.py\nfrom a import d as b, c\n//- a/c.py\nfrom a import d as b\nb\n",
    );
}

#[test]
fn a_reason_says_what_moved() {
    let before = tree(
        "//- a/__init__.py\n//- a/b.py\nfrom .c import x\n//- a/c.py\nx = 1\nfrom . import b\n//- a/sub/__init__.py\n",
    );
    let moves = moves(&before, "a/b.py -> a/sub/b.py");
    let after = moved(&before, &moves);
    let (facts, facts_after) = (index(&before), index(&after));
    let sides = Sides { before: (&before, &facts), after: (&after, &facts_after) };
    let followed = follow(sides, &moves, Uses::Keep, &|_| true).unwrap();
    let edits = followed.files.iter().flat_map(|it| it.edits.iter().map(|edit| (&it.path, edit)));
    let why: Vec<String> = edits.map(|(path, edit)| format!("{path}: {}", edit.why)).collect();
    assert_eq!(
        why,
        ["a/c.py: `a.b` is now `a.sub.b`", "a/sub/b.py: this file moved; it still imports `a.c`",]
    );
}

#[test]
fn a_module_leaves_all_packages() {
    check(
        "//- p/__init__.py\n//- p/a.py\nfrom .b import k\nfrom . import b\nfrom .. import z\n//- p/b.py\nk = 1\n",
        "p/a.py -> a.py",
        "//- a.py\nfrom p.b import k\nfrom p import b\nfrom .. import z\n",
    );
}

#[test]
fn a_module_joins_the_package_of_its_importer() {
    check(
        "//- p/__init__.py\n//- p/a.py\nimport top\nfrom top import t\ntop.t\n//- top.py\nt = 1\n",
        "top.py -> p/top.py",
        "//- p/a.py\nfrom p import top\nfrom p.top import t\ntop.t\n",
    );
}

#[test]
fn a_whole_statement_gives_way() {
    check_use(PACKAGES, "a/b.py -> b.py", "from a import (b)  # noqa\n", "import b  # noqa\n");
    check_use(
        PACKAGES,
        "a/b.py -> b.py\na/c.py -> k.py",
        "if 1:\n\tfrom a import b, c as d\n",
        "if 1:\n\timport b\n\timport k as d\n",
    );
}

#[test]
fn lists_of_plain_imports() {
    check_use(
        PACKAGES,
        "a/b.py -> x/b.py\na/c.py -> x/c.py",
        "import a.b, a.c, os\na.b.f, a.c.h\n",
        "import x.b, x.c, os\nx.b.f, x.c.h\n",
    );
    check_use(PACKAGES, B_TO_Y, "import os, a.b; a.b.f\n", "import os, x.y; x.y.f\n");
}

#[test]
fn windows_line_ends_in_parentheses() {
    check_use(
        PACKAGES,
        B_TO_X,
        "from a import (\r\n    b,\r\n    c,\r\n)\r\nb, c\r\n",
        "from a import (\r\n    c,\r\n)\r\nfrom x import b\r\nb, c\r\n",
    );
}

#[test]
fn swapped_modules() {
    check_use(
        PACKAGES,
        "a/b.py -> a/c.py\na/c.py -> a/b.py",
        "from a.b import f\nfrom a.c import h\nfrom a import b, c\n",
        "from a.c import f\nfrom a.b import h\nfrom a import c as b, b as c\n",
    );
}

#[test]
fn alternatives_of_one_name() {
    check_use(
        PACKAGES,
        B_TO_Y,
        "try:\n    from a import b\nexcept ImportError:\n    b = None\ntry:\n    import a.b as m\nexcept ImportError:\n    import a.c as m\nm.f\n",
        "try:\n    from x import y as b\nexcept ImportError:\n    b = None\ntry:\n    import x.y as m\nexcept ImportError:\n    import a.c as m\nm.f\n",
    );
}

#[test]
fn what_was_broken_stays_as_it_is() {
    let same = "from a.gone import f\nfrom a import gone\nimport nowhere.b\nfrom ... import q\n";
    check_use(PACKAGES, B_TO_X, same, same);
}

#[test]
fn stubs_follow_their_modules() {
    check(
        "//- a/__init__.py\n//- a/b.py\nf = 1\n//- a/b.pyi\nfrom . import c\nf: int\n//- a/c.py\n//- x/__init__.py\n//- use.pyi\nfrom a.b import f\n",
        "a/b.py -> x/b.py\na/b.pyi -> x/b.pyi",
        "//- use.pyi\nfrom x.b import f\n//- x/b.pyi\nfrom a import c\nf: int\n",
    );
}
