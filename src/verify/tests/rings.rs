//! Import cycles, and what a module may take from one that has only begun.

use super::*;

#[test]
fn a_cycle_is_what_runs_at_import_time() {
    check_tree(
        "#- a.py\nimport b\n#- b.py\nimport c\nimport d\n#- c.py\nimport a\n#- d.py\ndef f():\n    import b\n\
         #- p/__init__.py\nfrom . import x\n#- p/x.py\nfrom . import y\n#- p/y.py\n",
        "cycle [a.py, b.py, c.py]\n",
    );
}

#[test]
fn a_module_that_takes_what_a_running_one_has_not_bound_yet_cannot_begin() {
    // Python finds the submodules of `p` while `p` is still running, and what it has bound by then.
    check_tree(
        "#- p/__init__.py\nEARLY = 1\nfrom p import x\nimport q.a\n#- p/x.py\nfrom p import y\n#- p/y.py\n\
         #- q/__init__.py\n#- q/a.py\nfrom p.y import __name__\nimport p.y as z\n",
        "",
    );
    check_tree(
        "#- p/__init__.py\nimport q.a\nfrom p.x import LATE\n#- p/x.py\nfrom q.a import f\nLATE = f\n\
         #- q/__init__.py\n#- q/a.py\nimport p.x\nf = 1\n",
        "cycle [p/x.py, q/a.py]\n",
    );
}

#[test]
fn a_module_that_leaves_its_package_no_longer_waits_for_it() {
    let inside = "#- a/__init__.py\n#- a/b/__init__.py\nX = 1\nfrom .c import *\n#- a/b/c.py\n\
                  from a.b import X\nf = 1\n#- m.py\nfrom a.b import f\n";
    let moved = |tree: &mut Tree| {
        tree.rename(&path("a/b/c.py"), path("a/c2.py"));
        edit(tree, "a/b/__init__.py", "X = 1\nfrom ..c2 import *\n");
    };
    // Alone, `a.c2` runs `a.b`, which takes what `a.c2` has by then: nothing. Whoever wants `f` fails.
    check_change(inside, moved, "");
    let moved = |tree: &mut Tree| {
        tree.rename(&path("a/b/c.py"), path("a/c2.py"));
        edit(tree, "a/b/__init__.py", "X = 1\nfrom ..c2 import f\n");
    };
    check_change(inside, moved, "cycle [a/b/__init__.py, a/c2.py]\n");
}

#[test]
fn only_cycles_that_were_none_are_new() {
    check_change(
        "#- a.py\nimport b\n#- b.py\nimport a\n#- c.py\nimport d\n#- d.py\n#- e.py\n",
        |tree| {
            tree.rename(&path("b.py"), path("x/b.py"));
            edit(tree, "a.py", "import x.b\n");
            edit(tree, "d.py", "import e\n");
            edit(tree, "e.py", "import c\n");
        },
        "cycle [c.py, d.py, e.py]\n",
    );
}

#[test]
fn a_submodule_is_what_its_import_is_for() {
    let package = "#- a/__init__.py\nA = 1\n#- a/b.py\n#- a/d/__init__.py\n";
    let renamed = |tree: &mut Tree, text: &str| {
        tree.rename(&path("a/c.py"), path("a/d/c.py"));
        tree.rename(&path("a/b.py"), path("a/d/e.py"));
        edit(tree, "a/d/c.py", text);
    };
    // Another submodule is taken of the same package, whatever it is called here.
    let text = "#- a/__init__.py\nfrom . import b\n#- a/b.py\n#- a/c.py\n";
    check_change(text, |tree| edit(tree, "a/__init__.py", "from . import c as b\n"), "");
    // What the package binds is its own affair, a name that hides a submodule is not.
    let text = format!("{text}#- d.py\nfrom a import b\nimport a.c\n");
    let both = |tree: &mut Tree, text: &str| {
        edit(tree, "a/__init__.py", text);
        edit(tree, "d.py", "from a import b\n");
    };
    check_change(&text, |tree| both(tree, "from . import c as b\n"), "");
    let text = text.replace("from . import b", "");
    check_change(
        &text,
        |tree| both(tree, "from . import c as b\n"),
        "broken d.py:1:1 MissingModule a\n",
    );
    // The package itself is something else than what was taken of it.
    let text = "#- d.py\nfrom a import b\n#- a/__init__.py\n#- a/b.py\n";
    check_change(text, |tree| edit(tree, "d.py", "import a\n"), "");
    // The package is another one, what is taken of it is not.
    let text = format!("#- a/c.py\nfrom . import b as x\n{package}");
    check_change(&text, |tree| renamed(tree, "from . import e as x\n"), "");
    let text = format!("#- a/c.py\nfrom . import b, A\n{package}A = 2\n#- a/d/b.py\n");
    check_change(&text, |tree| renamed(tree, "from . import e as b\nfrom .. import A\n"), "");
    check_change(
        &text,
        |tree| renamed(tree, "from . import e as b, A\n"),
        "broken a/d/c.py:1:1 MissingModule .\n",
    );
    check_change(
        &text,
        |tree| renamed(tree, "from . import b\nfrom .. import A\n"),
        "broken a/d/c.py:1:1 MissingModule .\n",
    );
}

#[test]
fn a_submodule_under_another_name_is_taken_from_its_package() {
    check_tree(
        "#- a/__init__.py\nfrom . import d as b, c\n#- a/c.py\nfrom . import d, b\n#- a/d.py\n",
        "cycle [a/__init__.py, a/c.py]\n",
    );
    check_tree(
        "#- a/__init__.py\nfrom . import d as b, c\n#- a/c.py\nfrom . import d\n#- a/d.py\n",
        "",
    );
}

#[test]
fn a_name_that_was_missing_is_so_without_its_module_too() {
    check_change(
        "#- m.py\nfrom a.b import gone\nfrom a.b import gone, z\n#- a/__init__.py\n#- a/b.py\nz = 1\n",
        |tree| drop(tree.remove(&path("a/b.py"))),
        "broken m.py:2:1 MissingModule a.b\nstill m.py:1:1 MissingModule a.b\n",
    );
}

#[test]
fn a_module_may_depend_on_what_its_package_imported_first() {
    // `r` ran `p` before `r.m` was asked for; now `r.m` begins, and `p` asks it for what it lacks.
    check_change(
        "#- p/__init__.py\nfrom r.m import B\n#- p/a.py\n#- p/q.py\n\
         #- r/__init__.py\nimport p.a as y\n#- r/m.py\nimport p.q\nB = 1\n",
        |tree| {
            tree.rename(&path("p/a.py"), path("new.py"));
            edit(tree, "r/__init__.py", "import new as y\n");
        },
        "cycle [p/__init__.py, r/m.py]\n",
    );
}

#[test]
fn what_a_package_reads_of_itself_may_not_be_there_yet() {
    // The package `p.m` is an attribute of `p` only once it has run.
    let text = "#- p/__init__.py\n#- p/m/__init__.py\nfrom . import b\n\
                #- p/m/b.py\nimport c\n#- c.py\nimport a.x\ny = a.x.X\n\
                #- a/__init__.py\n#- a/x.py\nX = 1\n";
    let moved = |code: &'static str| {
        move |tree: &mut Tree| {
            tree.rename(&path("a/x.py"), path("p/m/x.py"));
            edit(tree, "c.py", code);
        }
    };
    check_change(
        text,
        moved("import p.m.x\ny = p.m.x.X\n"),
        "cycle [c.py, p/m/__init__.py, p/m/b.py]\n",
    );
    // A package that cannot be imported takes along what comes into it.
    check_change(
        "#- p/__init__.py\n#- p/m/__init__.py\nimport p.m.b\nx = p.m.b.X\n#- p/m/b.py\nX = 1\n#- a.py\n",
        |tree| tree.rename(&path("a.py"), path("p/m/a.py")),
        "cycle [p/m/__init__.py]\n",
    );
    // One that is made there could never be imported.
    check_change(
        "#- p/__init__.py\n#- p/m/__init__.py\nimport p.m.b\nx = p.m.b.X\n#- p/m/b.py\nX = 1\n",
        |tree| tree.write(path("p/m/new.py"), Mode::File, &b"Y = 1\n"[..]),
        "",
    );
    check_change(text, moved("import p.m.x\nclass Y:\n    y: 'p.m.x.X'\n"), "");
    check_change(text, moved("import p.m.x\ndef y():\n    return p.m.x.X\n"), "");
    check_change(text, moved("from p.m import x\ny = x.X\n"), "");
    check_change(text, moved("import p.m.x\nif __name__ == '__main__':\n    p.m.x.X\n"), "");
}
