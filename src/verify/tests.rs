//! Small trees in memory: what is reported of one, and of a change.

use super::*;
use crate::facts::{Facts, Memo, Settings};
use crate::tree::{Memory, Mode, Tree};

/// Reads a tree that is written as `#- path` lines, each followed by its text.
fn tree(text: &str) -> Tree {
    let files = text.split("#- ").skip(1).map(|file| file.split_once('\n').unwrap());
    Tree::new(Memory::texts(files).unwrap())
}

fn facts(tree: &Tree) -> Facts {
    Facts::index(tree, &Settings::default(), &Memo::default()).unwrap()
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn line(it: &Unresolved) -> String {
    let optional = if it.optional { "?" } else { "" };
    let name = it.name.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
    let place = format!("{}:{}:{}", it.path, it.line, it.column);
    format!("{place} {:?}{optional} {}{name}\n", it.kind, it.module)
}

#[track_caller]
fn check_tree(text: &str, expected: &str) {
    let report = check(&facts(&tree(text)));
    let mut shown: String = report.unresolved.iter().map(line).collect();
    shown.extend(report.cycles.iter().map(|cycle| format!("cycle {cycle:?}\n")));
    let unreadable = |it: &Unreadable| format!("{}:{}: {}\n", it.path, it.line, it.message);
    shown.extend(report.unreadable.iter().map(unreadable));
    assert_eq!(shown, expected);
}

/// Compares a tree with what `change` makes of it; `v/` is frozen.
#[track_caller]
fn check_change(text: &str, change: impl FnOnce(&mut Tree), expected: &str) {
    let before = tree(text);
    let mut after = before.clone();
    change(&mut after);
    let frozen = |it: &RepoPath| it.is_under(&path("v"));
    let (old, new) = (facts(&before), facts(&after));
    let proof = compare((&before, &old), (&after, &new), &frozen).unwrap();
    let mut shown = String::new();
    let groups = [
        ("fixed", &proof.fixed),
        ("broken", &proof.broken),
        ("still", &proof.still_broken),
        ("unproved", &proof.unproved),
    ];
    for (word, group) in groups {
        shown.extend(group.iter().map(|it| format!("{word} {}", line(it))));
    }
    shown.extend(proof.new_cycles.iter().map(|cycle| format!("cycle {cycle:?}\n")));
    shown.extend(proof.unreadable.iter().map(|it| format!("unreadable {}\n", it.path)));
    assert_eq!(shown, expected);
    let holds = proof.broken.is_empty() && proof.unreadable.is_empty();
    assert_eq!(proof.holds(false), holds);
    assert_eq!(proof.holds(true), holds && proof.new_cycles.is_empty());
}

fn edit(tree: &mut Tree, at: &str, text: &str) {
    tree.write(path(at), Mode::File, text.as_bytes());
}

#[test]
fn each_failure_has_its_kind_and_place() {
    check_tree(
        "#- m.py\nimport a.gone, numpy\nfrom a import (f,\n    g)\ntry:\n    from a import h\n\
         except ImportError:\n    pass\nimport importlib\nimportlib.import_module('a.lost')\n\
         #- a/__init__.py\nf = 1\n",
        "m.py:1:1 MissingModule a.gone\nm.py:1:1 Undeclared numpy\nm.py:3:5 MissingName a:g\n\
         m.py:5:19 MissingName? a:h\nm.py:9:1 MissingModule a.lost\n",
    );
}

#[test]
fn of_two_imports_that_stand_for_each_other_one_has_to_resolve() {
    let both = "try:\n    from a import x\nexcept ImportError:\n    from b import x\n";
    check_tree(
        &format!("#- m.py\n{both}#- a.py\n#- b.py\n"),
        "m.py:2:19 MissingName? a:x\nm.py:4:19 MissingName b:x\n",
    );
    check_tree(
        &format!("#- m.py\n{both}#- a.py\nx = 1\n#- b.py\n"),
        "m.py:4:19 MissingName? b:x\n",
    );
    check_tree(
        &format!("#- m.py\n{both}#- a.py\n#- b.py\nx = 1\n"),
        "m.py:2:19 MissingName? a:x\n",
    );
    let taken = |tree: &mut Tree| edit(tree, "b.py", "");
    check_change(
        &format!("#- m.py\n{both}#- a.py\nx = 1\n#- b.py\nx = 1\n"),
        taken,
        "broken m.py:4:19 MissingName? b:x\n",
    );
}

#[test]
fn a_star_import_fails_with_the_all_that_it_reads() {
    check_tree(
        "#- m.py\nfrom a import *\nfrom gone import *\n#- a.py\n__all__ = ['x', 'y']\nx = 1\n",
        "m.py:1:1 MissingName a:y\nm.py:2:1 Undeclared gone\n",
    );
}

#[test]
fn what_a_module_takes_from_itself_has_to_be_there_by_then() {
    check_tree(
        "#- m.py\nfirst = 1\nfrom m import first, late\nlate = 1\ndef f():\n    from m import late\n",
        "m.py:2:22 MissingName m:late\n",
    );
}

#[test]
fn what_has_the_name_of_a_distribution_is_not_taken_for_it() {
    let guard = "if __name__ == '__main__': pass\n";
    check_tree(
        &format!(
            "#- p/__init__.py\n#- p/yaml.py\nx = 1\n#- p/a.py\nfrom yaml import gone\n{guard}\
             #- p/odd.py\nimport odd.parts\n{guard}#- p/json.py\nimport json\n{guard}#- p/b.py\nfrom odd import gone\n{guard}\
             #- t/made/plugins/a.py\nfrom made.plugins import THING\n\
             #- u/ns/deep/a.py\nfrom ns.deep import b, gone\n#- u/ns/deep/b.py\n"
        ),
        "p/a.py:1:1 Undeclared yaml\n\
         p/b.py:1:17 MissingName odd:gone\n\
         p/odd.py:1:1 Undeclared odd.parts\n\
         t/made/plugins/a.py:1:1 Undeclared made.plugins\n\
         u/ns/deep/a.py:1:24 MissingName ns.deep:gone\n",
    );
}

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
fn what_cannot_be_read_is_reported_and_its_names_are_granted() {
    check_tree(
        "#- m.py\nfrom a import f\n#- a.py\nf = (\n",
        "a.py:2: unexpected EOF while parsing\n",
    );
}

#[test]
fn a_move_that_nobody_follows_breaks_its_importers() {
    check_change(
        "#- m.py\nimport a\nimport b\n#- v/x.py\nimport a\n#- a/__init__.py\n#- b.py\nfrom a import z\n",
        |tree| tree.rename(&path("a/__init__.py"), path("c/a/__init__.py")),
        "broken m.py:1:1 MissingModule a\nstill b.py:1:1 MissingModule a\n\
         unproved v/x.py:1:1 MissingModule a\n",
    );
}

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
fn failures_are_matched_through_edits_and_moves() {
    check_change(
        "#- a/__init__.py\n#- a/m.py\nfrom .gone import x\nfrom a import y\nfrom a import z\n",
        |tree| {
            tree.rename(&path("a/m.py"), path("a/b/m.py"));
            edit(tree, "a/b/__init__.py", "");
            edit(tree, "a/b/m.py", "# moved\n\nfrom ..gone import x\nfrom a import y\n");
        },
        "fixed a/m.py:3:15 MissingName a:z\n\
         still a/b/m.py:3:1 MissingModule ..gone\nstill a/b/m.py:4:15 MissingName a:y\n",
    );
}

#[test]
fn what_was_missing_is_missing_where_its_module_went() {
    let all = |tree: &mut Tree, from: &str, to: &str| {
        for (old, new) in [("__init__", "__init__"), ("a", "x")] {
            tree.rename(&path(&format!("{from}/{old}.py")), path(&format!("{to}/{new}.py")));
        }
    };
    let package = "#- p/__init__.py\n#- p/a.py\nok = 1\n";
    check_change(
        &format!("#- m.py\nfrom p import zip, gone\nimport p.gone\n{package}"),
        |tree| {
            all(tree, "p", "q");
            edit(tree, "m.py", "from q import zip, gone\nimport q.gone\n");
        },
        "still m.py:1:15 MissingName q:zip\nstill m.py:1:20 MissingName q:gone\n\
         still m.py:2:1 MissingModule q.gone\n",
    );
    check_change(
        &format!("#- m.py\nfrom p.a import zip, ok\nfrom p.gone import *\n{package}"),
        |tree| {
            all(tree, "p", "q");
            edit(tree, "m.py", "from q.x import zip, ok, more\nfrom p.gone import *\n");
        },
        "broken m.py:1:26 MissingName q.x:more\nstill m.py:1:17 MissingName q.x:zip\n\
         still m.py:2:1 MissingModule p.gone\n",
    );
    // Optional, and in a package that has no `__init__`.
    let tried =
        |name: &str| format!("try:\n    from {name} import zip\nexcept ImportError: pass\n");
    check_change(
        &format!("#- m.py\n{}#- p/a.py\n", tried("p")),
        |tree| {
            tree.rename(&path("p/a.py"), path("q/a.py"));
            edit(tree, "m.py", &tried("q"));
        },
        "",
    );
    // The name that resolved is another one, whatever failed beside it.
    check_change(
        "#- m.py\nfrom p import gone\nfrom q import gone\n#- p/__init__.py\n#- q/__init__.py\ngone = 1\n",
        |tree| {
            tree.remove(&path("q/__init__.py"));
            tree.rename(&path("p/__init__.py"), path("q/__init__.py"));
            edit(tree, "m.py", "from q import gone\n");
        },
        "broken m.py:1:15 MissingName q:gone\n",
    );
}

#[test]
fn a_handler_has_to_catch_what_fails_and_go_on() {
    let check_handler = |handler: &str, module: &str, name: &str| {
        let failing = |import: &str| format!("try:\n    {import}\n{handler}\n");
        let text = failing("import a.gone") + &failing("from a import f");
        let last = text.lines().position(|it| it.contains("import f")).unwrap() + 1;
        check_tree(
            &format!("#- m.py\n{text}#- a/__init__.py\n"),
            &format!(
                "m.py:2:5 MissingModule{module} a.gone\nm.py:{last}:19 MissingName{name} a:f\n"
            ),
        );
    };
    check_handler("except ImportError: pass", "?", "?");
    check_handler("except (OSError, ImportError) as e: f = str(e)", "?", "?");
    check_handler("except ModuleNotFoundError: pass", "?", "");
    check_handler("except ModuleNotFoundError: raise\nexcept ImportError: pass", "", "?");
    check_handler("except ModuleNotFoundError: pass\nexcept Exception: raise", "?", "");
    check_handler("except ImportError: raise", "", "");
    check_handler("except ImportError as e:\n    print(e)\n    raise X(e) from e", "", "");
    check_handler("except ImportError:\n    if f: raise\n    else: raise X", "", "");
    check_handler("except ImportError as e:\n    if e.name != 'b': raise", "?", "?");
    check_handler("except ImportError:\n    for x in y: break\n    raise", "?", "?");
}

#[test]
fn a_file_that_is_too_large_is_unproved() {
    let large = format!("#- m.py\nimport a\nX = '{}'\n#- a.py\n", " ".repeat(20_000_000));
    check_change(
        &large,
        |tree| tree.rename(&path("a.py"), path("b.py")),
        "unproved m.py:1:1 MissingModule a\n",
    );
}

#[test]
fn behind_a_link_nothing_holds_by_itself() {
    let mut before = tree("#- m.py\nimport lnk.b\n#- a/b.py\n#- a/__init__.py\n");
    before.write(path("lnk"), Mode::Link, "a".as_bytes());
    let mut after = before.clone();
    after.rename(&path("a/b.py"), path("a/c.py"));
    let (old, new) = (facts(&before), facts(&after));
    let proof = compare((&before, &old), (&after, &new), &|_| false).unwrap();
    let broken: String = proof.broken.iter().map(line).collect();
    assert_eq!(broken, "m.py:1:1 MissingModule lnk.b\n");
}

#[test]
fn an_optional_import_that_resolved_is_broken_all_the_same() {
    check_change(
        "#- m.py\ntry:\n    from a import x\nexcept ImportError:\n    x = None\n#- a.py\nx = 1\n",
        |tree| edit(tree, "a.py", "y = 1\n"),
        "broken m.py:2:19 MissingName? a:x\n",
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

#[test]
fn new_files_count_and_removed_ones_do_not() {
    check_change(
        "#- a.py\nimport a.b\n#- b.py\nimport a\n",
        |tree| {
            tree.remove(&path("a.py"));
            edit(tree, "n.py", "import b.c\nimport numpy\n");
            edit(tree, "o.py", "def\n");
        },
        "broken b.py:1:1 MissingModule a\nbroken n.py:1:1 MissingModule b.c\nunreadable o.py\n",
    );
}

#[test]
fn a_new_dependency_in_an_edited_file_is_no_breakage() {
    check_change(
        "#- m.py\nimport a\n#- a.py\n",
        |tree| edit(tree, "m.py", "import a\nimport numpy\n"),
        "",
    );
}

#[test]
fn a_dependency_that_is_declared_no_more_is_no_breakage() {
    check_change(
        "#- m.py\nimport redis\n#- old/requirements.txt\nredis\n",
        |tree| drop(tree.remove(&path("old/requirements.txt"))),
        "",
    );
}

#[test]
fn an_import_that_leads_to_something_else_is_broken() {
    check_change(
        "#- m.py\nimport queue\nimport a\n#- n.py\nimport a, b\n#- queue.py\n#- a.py\n#- b.py\n",
        |tree| {
            tree.rename(&path("queue.py"), path("x/queue.py"));
            tree.rename(&path("b.py"), path("c.py"));
            tree.rename(&path("a.py"), path("b.py"));
            edit(tree, "a.py", "from b import *\n");
            edit(tree, "n.py", "import b, c\n");
        },
        "broken m.py:1:1 MissingModule queue\n",
    );
}

#[test]
fn a_name_that_left_a_module_is_not_granted_by_its_getattr() {
    check_change(
        "#- m.py\nfrom a import f, g\n#- a.py\ndef f(): pass\ndef __getattr__(name): pass\n",
        |tree| edit(tree, "a.py", "def __getattr__(name): pass\n"),
        "broken m.py:1:15 MissingName a:f\n",
    );
}

#[test]
fn what_replaces_a_module_answers_for_its_own_imports() {
    check_change(
        "#- a.py\nimport b.gone\n#- b.py\n",
        |tree| {
            tree.rename(&path("a.py"), path("c.py"));
            edit(tree, "a.py", "from c import *\nimport b.gone\n");
        },
        "broken a.py:2:1 MissingModule b.gone\nstill c.py:1:1 MissingModule b.gone\n",
    );
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
fn a_file_whose_own_name_is_not_utf8_is_proved_like_any_other() {
    let odd = RepoPath::from_bytes(b"p/caf\xe9.py").unwrap();
    let mut before = tree("#- p/__init__.py\n#- p/a.py\nX = 1\n");
    before.write(odd.clone(), Mode::File, &b"from .a import X, Y\n"[..]);
    let report = check(&facts(&before));
    assert_eq!(report.unresolved.iter().map(|it| &it.path).collect::<Vec<_>>(), [&odd]);
    let mut after = before.clone();
    after.remove(&path("p/a.py"));
    let proof = compare((&before, &facts(&before)), (&after, &facts(&after)), &|_| false).unwrap();
    assert_eq!(proof.broken.iter().map(|it| &it.path).collect::<Vec<_>>(), [&odd]);
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

#[test]
fn an_import_that_a_handler_catches_is_missed() {
    let text = "#- p/__init__.py\nfrom .a import A\n#- p/a.py\nfrom q import Q\nA = 1\n\
                #- q.py\ntry:\n    from r import R\nexcept ImportError:\n    R = None\nQ = 1\n\
                #- r.py\nR = 1\n";
    let moved = |code: &'static str| {
        move |tree: &mut Tree| {
            tree.rename(&path("r.py"), path("p/r.py"));
            edit(tree, "q.py", code);
        }
    };
    check_change(
        text,
        moved("try:\n    from p.r import R\nexcept ImportError:\n    R = None\nQ = 1\n"),
        "cycle [p/__init__.py, p/a.py, q.py]\n",
    );
    // By then `q` has what is asked of it.
    check_change(
        text,
        moved("Q = 1\ntry:\n    from p.r import R\nexcept ImportError:\n    R = None\n"),
        "",
    );
}
