//! What is reported of one tree.

use super::*;

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
fn what_cannot_be_read_is_reported_and_its_names_are_granted() {
    check_tree(
        "#- m.py\nfrom a import f\n#- a.py\nf = (\n",
        "a.py:2: unexpected EOF while parsing\n",
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
