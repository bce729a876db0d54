//! The promises that need a real repository, kept by the real program.

use std::process::Stdio;
use std::time::Duration;

use crate::support::Repo;

const PLAYBOOK: &str = r#"
name = "tidy"
[[step]]
kind = "move"
from = "app/helpers.py"
to = "lib/text/helpers.py"
[[step]]
kind = "remove"
paths = ["legacy"]
archive = "attic"
unless-used = true
[[step]]
kind = "gitignore"
add = ["*.log"]
untrack = true
[[step]]
kind = "create"
path = "docs/layout.md"
text = "Code lives in `lib`.\n"
"#;

/// A repository with one of everything that a plan may meet.
fn messy() -> Repo {
    Repo::new()
        .file("app/__init__.py", "")
        .file("app/helpers.py", "from . import words\n\ndef shout(text):\n    return words.upper(text)\n")
        .file("app/words.py", "def upper(text):\r\n    return text.upper()\r\n")
        .file("main.py", "from app.helpers import shout  # the one\nimport app.helpers\n\nprint(shout('a'), app.helpers.shout('b'))\n")
        .file("tests/test_main.py", "from unittest import mock\n\n\ndef test():\n    with mock.patch('app.helpers.shout'):\n        pass\n")
        .file("legacy/old.py", "VALUE = 1\n")
        .file("legacy/data.bin", [0, 255, 10, 13, 0])
        .file("python2.py", "print 'old'\n")
        .file("latin.py", b"# -*- coding: latin-1 -*-\nfrom app.helpers import shout\nNAME = '\xe9'\n")
        .file("broken.py", b"\xff\xfe\x00")
        .file("run.log", "tracked by mistake\n")
        .script("run.sh", "#!/bin/sh\npython main.py\n")
        .link("link.py", "main.py")
        .playbook(PLAYBOOK)
        .commit("first")
}

/// What `apply` may add to a repository: objects, its branch with its log.
const PUBLISHED: [&str; 3] = [".git/objects", ".git/refs/heads", ".git/logs/refs/heads"];

fn applied(repo: &Repo) -> String {
    let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    repo.git(["rev-parse", "overhaul/tidy"])
}

#[test]
fn l1_planning_writes_nothing() {
    let repo = messy();
    let before = repo.state();
    for args in [
        &["plan", "../play.toml"][..],
        &["plan", "../play.toml", "--format", "json"],
        &["plan", "../play.toml", "--format", "patch"],
        &["verify"],
        &["verify", "--against", "HEAD"],
        &["why", "app/helpers.py"],
        &["log"],
    ] {
        let _ = repo.run(args).stderr_lacks("panicked");
        repo.state().same_as(&before);
    }
}

#[test]
fn l2_what_you_saw_is_what_you_get() {
    let repo = messy();
    let seen = repo.run(["plan", "../play.toml", "--format", "json", "-o", "../plan.json"]).exit(0);
    let tree = seen.json()["tree"].as_str().unwrap().to_owned();

    let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
    let patch =
        command.args(["plan", "../play.toml", "--format", "patch"]).output().unwrap().stdout;
    let other = Repo::new();
    other.git(["fetch", "-q", repo.root().to_str().unwrap(), "main"]);
    other.git(["reset", "-q", "--hard", "FETCH_HEAD"]);
    other.write("../the.patch", patch);
    other.git(["apply", "--index", "../the.patch"]);
    assert_eq!(other.git(["write-tree"]), tree);

    let _ = repo.run(["apply", "../plan.json"]).exit(0);
    assert_eq!(repo.git(["rev-parse", "overhaul/tidy^{tree}"]), tree);
}

#[test]
fn l2_a_stale_plan_is_refused() {
    let repo = messy();
    let _ = repo.run(["plan", "../play.toml", "-o", "../plan.json"]).exit(0);
    let repo = repo.file("app/late.py", "import app.helpers\n").commit("second");
    let before = repo.state();
    let _ = repo.run(["apply", "../plan.json"]).exit(4).stderr_has("stale");
    repo.state().same_as(&before);
}

#[test]
fn l3_a_kill_leaves_before_or_after() {
    let repo = messy();
    let plan = repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json();
    let tree = plan["tree"].as_str().unwrap();
    let mut published = 0;
    for turn in 0..24_u64 {
        let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
        command.args(["apply", "../play.toml", "--yes", "--branch", "attempt"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(turn * turn * 250));
        child.kill().unwrap();
        child.wait().unwrap();
        repo.git(["fsck", "--strict"]);
        let branch = repo.try_git(["rev-parse", "--verify", "-q", "attempt^{tree}"]);
        if branch.status.success() {
            published += 1;
            assert_eq!(String::from_utf8_lossy(&branch.stdout).trim(), tree);
            let _ = repo.run(["undo"]).exit(0);
        }
        let _ = repo.run(["log"]).exit(0);
    }
    assert!(published < 24, "no kill came before the end; the test proves nothing");
    applied(&repo);
}

#[test]
fn l4_your_checkout_is_yours() {
    let repo = messy();
    repo.write("hook-ran", "no");
    repo.write(".git/hooks/post-commit", "#!/bin/sh\necho yes > hook-ran\n");
    repo.write("main.py.swp", "scratch");
    repo.git(["stash", "list"]);
    let before = repo.state().without(&PUBLISHED);
    applied(&repo);
    repo.state().without(&PUBLISHED).same_as(&before);
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
}

#[test]
fn l5_a_plan_that_breaks_an_import_is_not_applied() {
    let repo = messy().playbook(
        "name = \"bad\"\n[[step]]\nkind = \"remove\"\npaths = [\"app/words.py\"]\narchive = \"attic\"\n",
    );
    let before = repo.state();
    let _ = repo.run(["plan", "../play.toml"]).exit(3).stdout_has("app/helpers.py");
    let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(3).stderr_has("nothing was written");
    repo.state().same_as(&before);
}

#[test]
fn l6_nothing_is_lost_and_undo_is_exact() {
    let repo = messy();
    let before = repo.state().without(&[".git/objects"]);
    applied(&repo);
    for path in ["legacy/old.py", "legacy/data.bin"] {
        let base = repo.git(["rev-parse", &format!("main:{path}")]);
        assert_eq!(repo.git(["rev-parse", &format!("overhaul/tidy:attic/{path}")]), base);
    }
    let _ = repo.run(["undo"]).exit(0);
    // git leaves the empty folders of a branch name behind.
    let _ = std::fs::remove_dir(repo.path(".git/refs/heads/overhaul"));
    let _ = std::fs::remove_dir(repo.path(".git/logs/refs/heads/overhaul"));
    repo.state().without(&[".git/objects"]).same_as(&before);
}

#[test]
fn l7_outside_the_edits_every_byte_stays() {
    let repo = messy();
    applied(&repo);
    let shown =
        repo.git(["diff", "--stat", "--no-renames", "main", "overhaul/tidy", "--", "main.py"]);
    assert!(shown.contains("main.py | 6 +++---"), "{shown}");
    let latin = repo.try_git(["show", "overhaul/tidy:latin.py"]).stdout;
    let expected =
        b"# -*- coding: latin-1 -*-\nfrom lib.text.helpers import shout\nNAME = '\xe9'\n";
    assert_eq!(latin, expected);
    for path in ["app/words.py", "python2.py", "broken.py", "run.sh", "link.py"] {
        let [old, new] = ["main", "overhaul/tidy"].map(|rev| repo.git(["ls-tree", rev, path]));
        assert_eq!(old, new);
    }
}

#[test]
fn l8_a_second_plan_is_empty() {
    let repo = messy();
    applied(&repo);
    let again = ["plan", "../play.toml", "--base", "overhaul/tidy", "--check"];
    let _ = repo.run(again).exit(0);
}

#[test]
fn l9_a_plan_is_a_function_of_its_inputs() {
    let one = messy().env("RAYON_NUM_THREADS", "1");
    let many = messy().env("RAYON_NUM_THREADS", "7").env("TZ", "Asia/Tokyo");
    many.write(".venv/pyvenv.cfg", "home = /usr/bin\n");
    many.write(".venv/lib/python3.11/site-packages/other/__init__.py", "");
    many.write(".git/info/exclude", ".venv\n");
    for format in ["text", "json", "patch"] {
        let args = ["plan", "../play.toml", "--format", format];
        let (a, b) = (one.run(args).exit(0), many.run(args).exit(0));
        assert_eq!(a.text(), b.text());
    }
}

#[test]
fn l10_a_playbook_stays_inside() {
    let outside = [
        "/etc/x.py",
        "../x.py",
        "a/../../x.py",
        ".git/hooks/x",
        "a/.GIT/x",
        ".git./x",
        "git~1/x",
        "dir/x.py",
    ];
    for target in outside {
        let step = format!(
            "name = \"out\"\n[[step]]\nkind = \"create\"\npath = '{target}'\ntext = \"x\"\n"
        );
        let repo = messy().link("dir", "/tmp").commit("a link that leads outside").playbook(&step);
        let before = repo.state();
        let ran = repo.run(["apply", "../play.toml", "--yes"]).exit(2);
        drop(ran.stderr_lacks("panicked").stderr_has("error"));
        repo.state().same_as(&before);
    }
}

#[test]
fn l11_messy_input_is_a_finding() {
    let repo = messy();
    let _ = repo.run(["verify"]).stdout_has("python2.py").stdout_has("broken.py");
    applied(&repo);
}

#[test]
fn two_applies_at_once_give_one_branch() {
    let repo = messy();
    let spawn = || {
        let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
        command.args(["apply", "../play.toml", "--yes", "--branch", "same"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..6).map(|_| spawn()).collect();
    let codes: Vec<_> =
        children.into_iter().map(|mut it| it.wait().unwrap().code().unwrap()).collect();
    assert_eq!(codes.iter().filter(|it| **it == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|it| matches!(it, 0 | 4)), "{codes:?}");
    repo.git(["fsck", "--strict"]);
}
