//! What is started by its path has to find what it found.

use super::*;

/// Shows the imports that are broken or unproved, and why.
#[track_caller]
fn check_runs(text: &str, change: impl FnOnce(&mut Tree), expected: &str) {
    let before = tree(text);
    let mut after = before.clone();
    change(&mut after);
    let (old, new) = (facts(&before), facts(&after));
    let proof = compare((&before, &old), (&after, &new), &|_| false).unwrap();
    let row = |word: &str, it: &Unresolved| {
        let why = it.why.as_deref().unwrap_or("nothing finds it");
        format!("{word} {}:{} {}: {why}\n", it.path, it.line, it.module)
    };
    let mut shown: String = proof.broken.iter().map(|it| row("broken", it)).collect();
    shown.extend(proof.unproved.iter().map(|it| row("unproved", it)));
    assert_eq!(shown, expected);
}

const MAIN: &str = "if __name__ == '__main__':\n    pass\n";

#[test]
fn a_script_has_to_find_what_it_found() {
    let tools = format!("#- t/a.py\nimport b\n{MAIN}#- t/b.py\nimport c\n#- t/c.py\n");
    check_runs(&tools, |_| {}, "");
    // All go.
    let rename = |tree: &mut Tree, names: &[&str], to: &str| {
        for name in names {
            tree.rename(&path(&format!("t/{name}")), path(&format!("{to}/{name}")));
        }
    };
    check_runs(&tools, |tree| rename(tree, &["a.py", "b.py", "c.py"], "u"), "");
    // The module that is loaded by a module.
    let edited = |tree: &mut Tree| {
        rename(tree, &["c.py"], "u");
        edit(tree, "t/b.py", "import u.c\n");
    };
    check_runs(
        &tools,
        edited,
        "unproved t/b.py:1 u.c: `python t/a.py`, which loads this file, does not find it any more\n",
    );
    // With the folder on the path again.
    let inserted = |tree: &mut Tree| {
        edited(tree);
        let insert =
            "import sys, os\nsys.path.append(os.path.dirname(os.path.dirname(__file__)))\n";
        edit(tree, "t/a.py", &format!("{insert}import b\n{MAIN}"));
    };
    check_runs(&tools, inserted, "");
}

#[test]
fn what_a_command_starts_has_to_find_what_it_found() {
    let package = "#- s/__init__.py\n#- s/t.py\nimport mon\n#- s/mon.py\n";
    let text = format!("{package}#- Makefile\nall:\n\tpython s/t.py\n");
    let run = "the run that `Makefile:2` starts does not find it any more";
    let away = |tree: &mut Tree| tree.rename(&path("s/mon.py"), path("lib/mon.py"));
    check_runs(&text, away, "broken s/t.py:1 mon: nothing finds it\n");
    let respelled = |tree: &mut Tree| {
        away(tree);
        edit(tree, "s/t.py", "import lib.mon\n");
    };
    check_runs(&text, respelled, &format!("broken s/t.py:1 lib.mon: {run}\n"));
    // What the command means is still a script where it goes.
    let all = |tree: &mut Tree| {
        for name in ["__init__", "t", "mon"] {
            tree.rename(&path(&format!("s/{name}.py")), path(&format!("x/{name}.py")));
        }
    };
    check_runs(&text, all, "");
    check_runs(
        &text,
        |tree| {
            all(tree);
            edit(tree, "Makefile", "all:\n\tpython x/t.py\n");
            tree.rename(&path("x/t.py"), path("y/t.py"));
        },
        "broken y/t.py:1 mon: nothing finds it\n",
    );
    // Without the command, nobody says that the import ever worked.
    check_runs(package, away, "");
    // What the script loads has the same path.
    let text = text.replace(
        "t.py\nimport mon",
        "t.py\nimport a.x\n#- s/a/__init__.py\nfrom . import y\n\
        #- s/a/x.py\n#- s/a/y.py\nimport mon",
    );
    check_tree(&text, "");
    check_runs(&text, away, "broken s/a/y.py:1 mon: nothing finds it\n");
    check_tree(&text.replace("import a.x", "import s.a"), "s/a/y.py:1:1 Undeclared mon\n");
}

#[test]
fn what_another_path_still_finds_is_unproved() {
    check_runs(
        &format!("#- a.py\nimport b\n{MAIN}#- b.py\n"),
        |tree| tree.rename(&path("a.py"), path("t/a.py")),
        "unproved t/a.py:1 b: `python t/a.py` does not find it any more\n",
    );
    // One script keeps it, the other one does not.
    check_runs(
        &format!("#- t/a.py\nimport b\n{MAIN}#- t/x.py\nimport b\n{MAIN}#- t/b.py\n"),
        |tree| tree.rename(&path("t/a.py"), path("t/u/a.py")),
        "unproved t/u/a.py:1 b: `python t/u/a.py` does not find it any more\n",
    );
}

#[test]
fn the_start_that_loses_an_import_is_named() {
    check_runs(
        &format!("#- t/a.py\n{MAIN}#- t/b.py\nimport c\n{MAIN}#- t/c.py\n"),
        |tree| {
            for name in ["a", "b"] {
                tree.rename(&path(&format!("t/{name}.py")), path(&format!("t/run/{name}.py")));
            }
            tree.rename(&path("t/c.py"), path("t/ops/c.py"));
            edit(tree, "t/run/b.py", &format!("import t.ops.c\n{MAIN}"));
        },
        "unproved t/run/b.py:1 t.ops.c: `python t/run/b.py` does not find it any more\n",
    );
}

#[test]
fn only_what_the_import_means_is_looked_for() {
    // `queue` beside a module of a package is not what it imports.
    let module = format!("import queue\n{MAIN}");
    check_runs(
        &format!("#- p/__init__.py\n#- p/queue.py\n#- p/a.py\n{module}"),
        |tree| tree.rename(&path("p/queue.py"), path("q/other.py")),
        "",
    );
    check_runs(
        "#- t/a.py\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\n#- t/b.py\n",
        |tree| {
            tree.rename(&path("t/b.py"), path("u/b.py"));
            let text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import u.b\n";
            edit(tree, "t/a.py", text);
        },
        "",
    );
}

#[test]
fn a_run_that_loses_an_import_is_excused_by_a_new_spelling() {
    let script = |import: &str| format!("import os\nimport {import}\n{MAIN}");
    let text = format!("#- v/common.py\n#- v/build.py\n{}", script("common"));
    let respelled = |tree: &mut Tree| {
        tree.rename(&path("v/common.py"), path("ops/common.py"));
        edit(tree, "v/build.py", &script("ops.common"));
    };
    let run = "`python v/build.py` does not find it any more";
    check_runs(&text, respelled, &format!("unproved v/build.py:2 ops.common: {run}\n"));
}
