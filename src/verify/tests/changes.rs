//! What a change breaks, mends and leaves as it was.

use super::*;

#[test]
fn a_move_that_nobody_follows_breaks_its_importers() {
    check_change(
        "#- m.py\nimport a\nimport b\n#- v/x.py\nimport a\n#- a/__init__.py\n#- b.py\nfrom a import z\n",
        |tree| tree.rename(&path("a/__init__.py"), path("c/a/__init__.py")),
        "broken m.py:1:1 MissingModule a\nstill b.py:1:1 MissingModule a\n\
         unproved v/x.py:1:1 MissingModule a\n",
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
fn an_optional_import_that_resolved_is_broken_all_the_same() {
    check_change(
        "#- m.py\ntry:\n    from a import x\nexcept ImportError:\n    x = None\n#- a.py\nx = 1\n",
        |tree| edit(tree, "a.py", "y = 1\n"),
        "broken m.py:2:19 MissingName? a:x\n",
    );
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
