//! `overhaul verify`.

use crate::support::Repo;

fn broken() -> Repo {
    Repo::new()
        .file("app/__init__.py", "")
        .file("app/core.py", "X = 1\n")
        .commit("first")
        .file("app/bad.py", "import app.nope\nfrom app.core import Z\nimport elsewhere\n")
}

const FOUND: &str = "imports that do not resolve:
  app/bad.py:1:1: cannot find module `app.nope`
  app/bad.py:2:22: cannot find `Z` in `app.core`
";

#[test]
fn the_work_tree_the_index_and_commits_can_be_read() {
    let repo = broken();
    repo.run(["verify"]).exit(1).stderr("").stdout_has(FOUND).stdout_has("2 unresolved imports");
    repo.run(["verify", "--staged"]).exit(0).stdout_has("every first-party import resolves");
    repo.git(["add", "--all"]);
    repo.run(["verify", "--staged"]).exit(1).stdout_has(FOUND);
    repo.run(["verify", "--base", "HEAD"]).exit(0);
    repo.run(["verify", "--staged", "--base", "HEAD"]).exit(2).stderr_has("cannot be used with");
    repo.run(["verify", "--base", "nope"])
        .exit(2)
        .stderr_has("error: `nope` is no commit of this repository\n");
}

#[test]
fn only_what_differs_counts_against_a_commit() {
    let repo = broken();
    let ran = repo.run(["verify", "--against", "HEAD"]).exit(1);
    ran.stdout_has(FOUND).stdout_has("2 new unresolved imports");
    let repo = repo.commit("bad");
    repo.run(["verify"]).exit(1);
    let ran = repo.run(["verify", "--against", "HEAD"]).exit(0);
    ran.stdout_has("nothing is worse than in `HEAD`").stdout_lacks("app.nope");
}

#[test]
fn a_file_that_was_renamed_and_edited_is_read_where_it_stands() {
    let lines = "import os\nX = 1\nY = 2\n";
    let files = [("p/__init__.py", ""), ("p/a.py", lines), ("main.py", "from p.a import X\n")];
    let repo = files.iter().fold(Repo::new(), |repo, (path, text)| repo.file(path, text));
    let repo = repo.commit("first");
    std::fs::remove_file(repo.path("p/a.py")).unwrap();
    repo.write("p/b.py", format!("{lines}Z = 3\n"));
    let ran = repo.run(["verify", "--against", "HEAD"]).exit(1);
    ran.stdout_has("main.py:1:1").stdout_has("cannot find module `p.a`");
}

#[test]
fn what_a_run_archived_is_no_finding() {
    for archive in ["", "archive = \"attic\"\n"] {
        let repo = Repo::new()
            .file("main.py", "")
            .file("services/__init__.py", "")
            .file("services/dead/__init__.py", "")
            .file("services/dead/main.py", "from services.dead import tasks\n")
            .file("services/dead/tasks.py", "")
            .commit("first");
        let remove = "kind = \"remove\"\npaths = [\"services/dead\"]\n";
        let playbook = format!("name = \"clean\"\n\n[[step]]\n{remove}{archive}");
        let repo = repo.file(".git/clean.toml", &playbook);
        repo.run(["apply", ".git/clean.toml", "--yes", "--switch"]).exit(0);
        repo.run(["verify"]).exit(0);
        repo.run(["verify", "--against", "HEAD~1"]).exit(0);
    }
}

#[test]
fn json_names_every_place() {
    let json = broken().run(["verify", "--format", "json"]).exit(1).stderr("").json();
    assert_eq!(json["format"], "overhaul.verify/1");
    assert_eq!(
        json["unresolved"][1],
        serde_json::json!({
            "path": "app/bad.py", "line": 2, "column": 22, "module": "app.core", "name": "Z",
            "kind": "missing-name", "optional": false,
        })
    );
    assert_eq!(json["unresolved"][2]["kind"], "undeclared");
    assert_eq!(json["cycles"], serde_json::json!([]));
}

#[test]
fn a_hint_is_no_finding() {
    let repo = Repo::new().file("a.py", "import elsewhere\n").commit("first");
    let ran = repo.run(["verify"]).exit(0);
    ran.stdout_has("`elsewhere`, imported at a.py:1").stdout_has("hints: 1 undeclared");
}

#[test]
fn explain_shows_what_the_answer_stands_on() {
    let repo = Repo::new().file("src/app/__init__.py", "").file("t/test_a.py", "import app\n");
    repo.commit("first")
        .run(["verify", "--explain"])
        .exit(0)
        .stdout_has("target: Python 3.")
        .stdout_has("\nroots:\n  `src`: a folder named `src`\n  `.`: the repository's root\n")
        .stdout_has("\nthird party: none known\n");
}

/// What a plan says of two trees, `--against` says of them, though it has to guess what moved.
#[test]
fn two_trees_have_one_verdict() {
    let repo = Repo::new()
        .file("scripts/helper.py", "X = 1\n")
        .file("scripts/zzz.py", "import helper\nprint(helper.X)\n")
        .commit("first");
    let step = |from: &str, to: &str| {
        format!("[[step]]\nkind = 'move'\nfrom = 'scripts/{from}'\nto = 'scripts/{to}'\n")
    };
    let steps = [step("helper.py", "ops/helper.py"), step("zzz.py", "run/zzz.py")];
    let repo = repo.playbook(&format!("name = 'x'\n{}", steps.concat()));
    let plan = repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json();
    let unproved = &plan["proof"]["unproved"];
    assert_eq!(unproved.as_array().unwrap().len(), 1, "{plan}");
    drop(repo.run(["apply", "../play.toml", "--yes"]).exit(0));
    let against = ["verify", "--base", "overhaul/x", "--against", "main"];
    let json = repo.run([&against[..], &["--format", "json"]].concat()).exit(0).json();
    assert_eq!(json["unproved"], *unproved);
    repo.run(against)
        .exit(0)
        .stdout_has("unproved: look at it:\n  scripts/run/zzz.py:1:1: cannot find module `ops`")
        .stdout_has("\nnothing is worse than in `main`, but for what is unproved (2 files");
}

#[test]
fn files_that_cannot_be_read_are_findings() {
    let repo = Repo::new()
        .file("null.py", "x=\0 1\n")
        .file("cookie.py", "# coding: klingon\n")
        .file("two.py", "print 'old'\n")
        .file("bytes.py", b"x = '\xff'\n")
        .commit("first");
    repo.run(["verify"])
        .exit(1)
        .stderr("")
        .stdout_has("  bytes.py: not valid UTF-8\n")
        .stdout_has("  cookie.py: unknown encoding `klingon`\n")
        .stdout_has("  null.py: null byte at offset 2\n")
        .stdout_has("  two.py:1:7: ")
        .stdout_has("\n4 unreadable files (4 files, 0 imports)\n");
}

/// Nobody may read a file of mode 0 but root, who has to give that power away first.
#[test]
fn a_file_that_may_not_be_read_is_a_finding() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let repo =
        Repo::new().file("a.py", "import b.gone\n").file("b.py", "import a.gone\n").commit("first");
    let place = repo.path("b.py");
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::metadata(&place).unwrap().uid() == 0;
    let program = env!("CARGO_BIN_EXE_overhaul");
    let mut command = match is_root {
        true => {
            let mut command = std::process::Command::new("setpriv");
            command.args(["--bounding-set=-dac_override,-dac_read_search", program]);
            command
        }
        false => std::process::Command::new(program),
    };
    let output = command.arg("verify").current_dir(repo.root()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("  a.py:1:1: cannot find module `b.gone`"), "{text}");
    assert!(text.contains("  b.py:1:1: cannot find module `a.gone`"), "{text}");
    assert!(text.contains("  b.py: permission denied; what is staged is looked at\n"), "{text}");
}

#[test]
fn a_repository_without_a_commit_has_a_work_tree() {
    let repo = Repo::new().file("a.py", "import b\n").file("b.py", "");
    repo.run(["verify"]).exit(0).stdout("every first-party import resolves (2 files, 1 import)\n");
    repo.run(["verify", "--against", "HEAD"]).exit(4).stderr_has("there is no commit yet");
}

/// What git exports to hooks is that of this repository; what leads elsewhere is refused.
#[test]
fn a_hook_is_given_its_own_repository() {
    let repo = broken();
    repo.git(["add", "--all"]);
    repo.git(["worktree", "add", "-q", "../other"]);
    let other = repo.path("../other/.git").display().to_string();
    let ours = [("GIT_DIR", ".git"), ("GIT_WORK_TREE", "."), ("GIT_INDEX_FILE", ".git/index")];
    let elsewhere = [("GIT_DIR", other.as_str()), ("GIT_WORK_TREE", ".."), ("GIT_INDEX_FILE", "x")];
    for ((variable, ours), (_, elsewhere)) in ours.into_iter().zip(elsewhere) {
        let run = |value: &str, args: &[&str]| {
            let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
            command.env(variable, value).args(args).args(["verify", "--staged"]).output().unwrap()
        };
        for args in [&[][..], &["-C", "app"]] {
            let output = run(ours, args);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
        }
        let output = run(elsewhere, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        assert!(said.contains(&format!("`{variable}` is `{elsewhere}`")), "{said}");
    }
}

/// A real hook, while git holds an index of its own.
#[test]
fn a_hook_sees_what_is_about_to_be_committed() {
    let hook = format!("#!/bin/sh\nexec {} -q verify --staged\n", env!("CARGO_BIN_EXE_overhaul"));
    let repo = Repo::new().file("a.py", "X = 1\n").file("b.py", "import a\n").commit("first");
    let repo = repo.script(".git/hooks/pre-commit", &hook);
    repo.write("b.py", "import a\nfrom a import Y\n");
    let commit = |args: &[&str]| {
        let args = [&["commit", "-q", "-m", "second"], args].concat();
        repo.try_git(args).status.success()
    };
    assert!(!commit(&["--all"]), "the hook looked at the old index");
    repo.write("a.py", "X = Y = 1\n");
    assert!(!commit(&["--", "b.py"]), "`a.py` is not part of this commit");
    assert!(commit(&["--all"]));
}

#[test]
fn an_owner_that_only_the_environment_trusts_is_refused_with_the_reason() {
    let repo = broken();
    let chown = repo.command("chown", &repo.root()).args(["-R", "12345", "."]).output().unwrap();
    if !chown.status.success() {
        return; // Only root can give a folder away.
    }
    let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
    let trust = [("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")];
    command.envs(trust.map(|(name, value)| (format!("GIT_CONFIG_{name}"), value)));
    let output = command.arg("verify").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(said.contains("only the environment says"), "{said}");
}
