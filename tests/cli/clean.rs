//! Junk on the disk: `clean` in `plan`, `apply`, `status`, `log`, `trash`, `undo` and `batch`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use crate::support::{Repo, State};

const CLEAN: &str = "name = 'tidy'\n\
    [[step]]\nkind = 'clean'\npaths = ['**/__pycache__', '*.log', 'venv', 'run']\n";

/// A package with a cache, a log, and a virtual environment as Python makes it.
fn messy() -> Repo {
    let repo = Repo::new()
        .file("app/main.py", "X = 1\n")
        .file(".gitignore", "__pycache__/\nvenv/\n")
        .playbook(CLEAN)
        .commit("first")
        .file("app/__pycache__/main.cpython-311.pyc", "bytes")
        .file("worker.log", "started\n")
        .file("venv/pyvenv.cfg", "home = /usr/bin\n")
        .script("venv/bin/activate", "#!/bin/sh\n")
        .link("venv/bin/python", "/usr/bin/python3")
        .link("venv/lib64", "lib")
        .file("venv/lib/site/__pycache__/x.pyc", "more bytes");
    fs::create_dir(repo.path("venv/empty")).unwrap();
    fs::set_permissions(repo.path("venv/empty"), fs::Permissions::from_mode(0o750)).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 5);
    let file = fs::File::options().write(true).open(repo.path("worker.log")).unwrap();
    file.set_modified(old).unwrap();
    repo
}

/// What undoing brings back: all but the objects, and our own folder.
fn state(repo: &Repo) -> State {
    repo.state().without(&[".git/objects"])
}

const LIST: &str = "\
on disk only: 7 files to the trash (68 bytes)
  55 bytes  venv/ (5 files)
   8 bytes  worker.log
   5 bytes  app/__pycache__/ (1 file)
";

#[test]
fn a_plan_lists_it_and_writes_nothing() {
    let repo = messy();
    let before = repo.state();
    repo.run(["plan", "../play.toml"])
        .exit(0)
        .stdout_has("plan `tidy`: 1 step, nothing to commit, 7 files to the trash (68 bytes)\n")
        .stdout_has("1. clean: 7 files to the trash (68 bytes)\n")
        .stdout_has(LIST);
    let _ = repo.run(["plan", "../play.toml", "--check"]).exit(1);
    let plan = repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json();
    assert_eq!(
        plan["on_disk"],
        serde_json::json!([
            { "path": "venv", "kind": "folder", "step": "1-clean", "files": 5, "bytes": 55 },
            { "path": "worker.log", "kind": "file", "step": "1-clean", "files": 1, "bytes": 8 },
            { "path": "app/__pycache__", "kind": "folder", "step": "1-clean", "files": 1,
              "bytes": 5 },
        ])
    );
    assert_eq!(plan["tree"], repo.git(["rev-parse", "HEAD^{tree}"]));
    let status = ["status", "../play.toml"];
    repo.run(status).exit(0).stdout_has("pending `1-clean`: 7 files to the trash (68 bytes)\n");
    let status = repo.run(["status", "../play.toml", "--format", "json"]).exit(0).json();
    let step = &status["sprints"][0]["steps"][0];
    assert_eq!((&step["state"], &step["on_disk_files"]), (&"pending".into(), &7.into()));
    repo.state().same_as(&before);
}

#[test]
fn a_run_without_commits_has_no_branch_and_can_be_taken_back() {
    let repo = messy();
    let before = state(&repo);
    repo.run(["apply", "../play.toml"]).exit(2).stdout_has(LIST).stderr_has("say `--yes`");
    state(&repo).same_as(&before);
    repo.run(["apply", "../play.toml", "--yes"]).exit(0).stdout("").stderr(
        "There is nothing to commit, and so no branch (run 1).\n\
         Moved 7 files from the disk to the trash.\n  \
           look at it   overhaul trash\n  \
           free room    overhaul trash --empty\n  \
           take it back overhaul undo 1\n",
    );
    assert_eq!(repo.git(["branch", "--list"]), "* main");
    for path in ["venv", "worker.log", "app/__pycache__"] {
        assert!(fs::symlink_metadata(repo.path(path)).is_err(), "{path}");
    }
    repo.run(["log"])
        .exit(0)
        .stdout("run 1: `tidy`, applied\n  2026-01-02T03:04:05Z, on disk only\n");
    let log = repo.run(["log", "--format", "json"]).exit(0).json();
    assert_eq!(log["runs"][0]["branch"], serde_json::Value::Null);
    repo.run(["trash"]).exit(0).stdout(
        "run 1          55 bytes  venv/ (5 files)\n\
         run 1           8 bytes  worker.log\n\
         run 1           5 bytes  app/__pycache__/ (1 file)\n",
    );
    let _ = repo.run(["plan", "../play.toml", "--check"]).exit(0);
    let _ = repo.run(["status", "../play.toml", "--check"]).exit(0);
    repo.run(["apply", "../play.toml", "--yes"]).exit(0).stderr("There is nothing to change.\n");
    repo.run(["undo"]).exit(0).stdout("").stderr(
        "Run 1 is undone.\n\
         Brought back `venv` from the trash.\n\
         Brought back `worker.log` from the trash.\n\
         Brought back `app/__pycache__` from the trash.\n",
    );
    state(&repo).same_as(&before);
    repo.run(["trash"]).exit(0).stdout("");
    repo.run(["log"]).exit(0).stdout_has("undone");
    repo.run(["undo", "1"]).exit(4).stderr_has("is undone already");
}

#[test]
fn a_run_with_commits_comes_back_whole_merged_or_not() {
    for merged in [false, true] {
        let move_too = format!("{CLEAN}[[step]]\nkind = 'move'\nfrom = 'app'\nto = 'lib'\n");
        let repo = messy().playbook(&move_too);
        let before = state(&repo);
        repo.run(["apply", "../play.toml", "--yes"])
            .exit(0)
            .stderr_has("Applied as 1 commit on branch `overhaul/tidy` (run 1).\n")
            .stderr_has("Moved 7 files from the disk to the trash.\n");
        assert!(!repo.path("venv").exists());
        if merged {
            repo.git(["merge", "-q", "overhaul/tidy"]);
            assert!(!repo.path("app").exists(), "the cache kept the folder of what moved");
            let _ = repo.run(["undo"]).exit(0);
            repo.git(["merge", "-q", "overhaul/undo-tidy"]);
            let disk = |state: &State| state.clone().without(&[".git"]).without_times();
            disk(&repo.state()).same_as(&disk(&before));
        } else {
            let _ = repo.run(["undo"]).exit(0);
            state(&repo).same_as(&before);
        }
    }
}

#[test]
fn a_switch_brings_no_junk_back() {
    let ignore = "[[step]]\nkind = 'gitignore'\nadd = ['*.env', '*.log']\nuntrack = true\n";
    let repo = Repo::new()
        .file("prod.env", "KEY=1\n")
        .file("tracked.log", "log")
        .playbook(&format!("{CLEAN}{ignore}"))
        .commit("first")
        .file("worker.log", "junk");
    let _ = repo.run(["apply", "../play.toml", "--yes", "--switch"]).exit(0);
    assert!(repo.path("prod.env").exists() && !repo.path("worker.log").exists());
    assert!(!repo.path("tracked.log").exists());
    let _ = repo.run(["plan", "../play.toml", "--check"]).exit(0);
    repo.git(["switch", "-q", "--force", "main"]);
    let _ = repo.run(["undo"]).exit(0);
    assert_eq!((repo.read("worker.log"), repo.read("tracked.log")), ("junk".into(), "log".into()));
}

#[test]
fn what_is_not_junk_stays() {
    let repo = Repo::new()
        .files([
            ("logs/kept.log", "tracked"),
            ("conflict.log", "one"),
            ("forgotten.log", "git rm --cached"),
            ("main.py", ""),
        ])
        .commit("first");
    repo.git(["branch", "other"]);
    let repo = repo.file("conflict.log", "two").commit("second");
    repo.git(["switch", "-q", "other"]);
    repo.git(["rm", "-q", "conflict.log"]);
    repo.git(["commit", "-q", "-m", "gone"]);
    repo.git(["switch", "-q", "main"]);
    let _ = repo.try_git(["merge", "-q", "other"]);
    repo.git(["rm", "-q", "--cached", "forgotten.log"]);
    let outside = repo.outside().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("a.log"), "not ours").unwrap();
    let repo = repo
        .files([
            ("staged.log", "added"),
            ("intended.log", "intended"),
            ("logs/deep/a.log", "junk"),
            ("logs/deep/keep/b.log", "kept"),
            ("logs/deep/frozen/c.log", "frozen"),
            ("logs/made.txt", "another step creates it"),
            ("archive/old.log", "in an archive"),
            ("logs/nested/.git/HEAD", "ref: refs/heads/main\n"),
            ("logs/nested/d.log", "another repository"),
            ("logs/odd/.GIT/x", "git by another spelling"),
            ("logs/bare.git/HEAD", "ref: refs/heads/main\n"),
            ("logs/bare.git/objects/x", ""),
            ("logs/bare.git/refs/x", ""),
            ("venv/pyvenv.cfg", ""),
            ("venv/x.log", "in an environment"),
        ])
        .link("logs/link", &outside)
        .playbook(
            "name = 'tidy'\n[keep]\npaths = ['**/keep']\nfrozen = ['logs/deep/frozen']\n\
             [[step]]\nkind = 'clean'\npaths = ['**/*.log', 'logs', 'old']\n\
             [[step]]\nkind = 'create'\npath = 'logs/made.txt'\ntext = 'another step creates it'\n\
             [[step]]\nkind = 'remove'\npaths = ['main.py']\narchive = 'archive'\n",
        );
    repo.git(["add", "staged.log"]);
    repo.git(["add", "--intent-to-add", "intended.log"]);
    repo.git(["worktree", "add", "-q", "logs/tree", "other"]);
    let plan = repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json();
    let names = |rows: &serde_json::Value, with: &str| -> Vec<String> {
        let row = |it: &serde_json::Value| format!("{}{}", it["path"], it[with]).replace('"', " ");
        rows.as_array().unwrap().iter().map(row).collect()
    };
    assert_eq!(names(&plan["on_disk"], "kind"), [" logs/link  link ", " logs/deep/a.log  file "]);
    assert_eq!(
        names(&plan["on_disk_left_alone"], "reason"),
        [
            " logs/bare.git  it is another repository ",
            " logs/deep/frozen  `[keep] frozen` freezes it ",
            " logs/deep/keep  `[keep] paths` keeps it ",
            " logs/nested  it is another repository ",
            " logs/odd  it is another repository ",
            " logs/tree  it is another repository ",
        ]
    );
    assert!(outside.join("a.log").exists());
    repo.run(["status", "../play.toml"])
        .exit(0)
        .stdout_has("logs/nested: it is another repository");
}

#[test]
fn a_submodule_stays() {
    let other = Repo::new().file("x.log", "theirs").commit("first");
    let repo = Repo::new()
        .env("GIT_ALLOW_PROTOCOL", "file")
        .file("a.py", "")
        .playbook("name = 'tidy'\n[[step]]\nkind = 'clean'\npaths = ['lib']\n");
    repo.git(["submodule", "add", "-q", other.root().to_str().unwrap(), "lib/sub"]);
    let repo = repo.commit("first").file("lib/own.txt", "junk");
    repo.run(["plan", "../play.toml"])
        .exit(0)
        .stdout_has("  4 bytes  lib/own.txt\n  left alone:\n    lib/sub: a submodule is another")
        .stdout_lacks("x.log");
}

#[test]
fn a_virtual_environment_goes_whole_and_not_while_it_is_in_use() {
    let text = "name = 'tidy'\n[[step]]\nkind = 'clean'\npaths = ['**/pyvenv.cfg', 'env*']\n";
    let repo = Repo::new().file("a.py", "").playbook(text).commit("first").files([
        (".venv/pyvenv.cfg", ""),
        ("tools/env-old/pyvenv.cfg", ""),
        ("tools/env-old/lib/x.py", ""),
        ("tools/other.txt", ""),
    ]);
    let root = repo.root();
    let repo = repo.env("VIRTUAL_ENV", root.join(".venv").to_str().unwrap());
    repo.run(["plan", "../play.toml"])
        .exit(0)
        .stdout_has("  0 bytes  tools/env-old/ (2 files)\n")
        .stdout_has(".venv: it is the virtual environment in use")
        .stdout_lacks("other.txt");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes() {
    let repo = messy();
    // Deeper than any path can be long, so nobody can list it, not even root.
    let script = "import os\nfor _ in range(25): os.mkdir('x' * 200); os.chdir('x' * 200)";
    let made = repo.command("python3", &repo.root()).args(["-c", script]).status();
    assert!(made.unwrap().success());
    repo.run(["plan", "../play.toml"])
        .exit(0)
        .stdout_has("55 bytes  venv/ (5 files)")
        .stdout_has("cannot be read, and stays as it is");
}

#[test]
fn a_saved_plan_takes_what_it_listed_and_nothing_else() {
    let repo = messy();
    let _ = repo.run(["plan", "../play.toml", "-o", "../plan.json"]).exit(0);
    repo.write("new.log", "later");
    repo.write("app/__pycache__/new.pyc", "later");
    repo.write("worker.log", "longer than it was\n");
    fs::remove_dir_all(repo.path("venv")).unwrap();
    repo.run(["apply", "../plan.json"])
        .exit(0)
        .stderr_has(
            "warning: `app/__pycache__` stays on the disk: what is in it is not what the plan listed\n\
             warning: `new.log` stays on the disk: it was not there, or tracked, when the plan was made\n",
        )
        .stderr_has("Moved 1 file from the disk to the trash.\n");
    assert!(repo.path("new.log").exists() && repo.path("app/__pycache__/new.pyc").exists());
    repo.run(["trash"]).exit(0).stdout("run 1          19 bytes  worker.log\n");
    let plan = repo.read("../plan.json").replace("\"kind\": \"file\"", "\"kind\": \"x\"");
    repo.write("../plan.json", plan);
    repo.run(["apply", "../plan.json"]).exit(2).stderr_has("what it takes off the disk");
}

#[test]
fn what_stands_in_the_way_stays() {
    let repo = messy();
    let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    repo.write("worker.log", "new\n");
    repo.write("app/__pycache__/new.pyc", "new");
    repo.run(["undo"]).exit(0).stderr(
        "Run 1 is undone.\n\
         Brought back `venv` from the trash.\n\
         warning: something else stands at `worker.log`; its copy stays in the trash\n\
         warning: something else stands at `app/__pycache__`; its copy stays in the trash\n\
         hint: move it away, then `overhaul trash restore 1`\n",
    );
    repo.run(["trash"]).exit(0).stdout(
        "run 1           8 bytes  worker.log\n\
         run 1           5 bytes  app/__pycache__/ (1 file)\n",
    );
    assert_eq!(repo.read("worker.log"), "new\n");
    fs::remove_file(repo.path("worker.log")).unwrap();
    fs::remove_dir_all(repo.path("app/__pycache__")).unwrap();
    repo.run(["trash", "restore", "1"]).exit(0).stderr("Brought back 2 files.\n");
    assert_eq!(repo.read("worker.log"), "started\n");
    repo.run(["trash"]).exit(0).stdout("");
}

#[test]
fn the_trash_can_be_emptied_of_folders_that_cannot_be_written_to() {
    let repo = messy();
    fs::set_permissions(repo.path("venv/lib"), fs::Permissions::from_mode(0o555)).unwrap();
    let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    repo.run(["trash", "--empty"]).exit(0).stderr("Removed 7 files for good.\n");
    repo.run(["undo"]).exit(0).stderr(
        "Run 1 is undone.\n\
         warning: nothing of it is in the trash any more, so nothing came back\n",
    );
}

#[test]
fn special_files_go_on_the_same_file_system() {
    let repo = messy();
    fs::create_dir(repo.path("run")).unwrap();
    let socket = UnixListener::bind(repo.path("run/s.sock")).unwrap();
    assert!(repo.command("mkfifo", &repo.root()).arg("run/pipe").status().unwrap().success());
    let before = state(&repo);
    let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    assert!(!repo.path("run").exists());
    let _ = repo.run(["undo"]).exit(0);
    state(&repo).same_as(&before);
    drop(socket);
}

#[test]
fn on_another_file_system_it_is_copied() {
    let main = messy().far();
    let listener = {
        fs::create_dir(main.path("run")).unwrap();
        main.write("run/file", "file");
        UnixListener::bind(main.path("run/s.sock")).unwrap()
    };
    let before = main.state();
    main.run(["apply", "../play.toml", "--yes"])
        .exit(0)
        .stderr_has("`run/s.sock` stays on the disk: it is no file, and the trash is on another");
    assert!(!main.path("venv").exists() && !main.path("run/file").exists());
    let _ = main.run(["undo"]).exit(0);
    main.state().same_as(&before);
    main.run(["trash"]).exit(0).stdout("");
    drop(listener);
}

#[test]
fn guards_of_tracked_files_are_refused() {
    for (field, named) in [("unless-used = true", "unless-used"), ("same-as = 'a.py'", "same-as")] {
        let repo = messy().playbook(&format!("{CLEAN}{field}\n"));
        repo.run(["plan", "../play.toml"])
            .exit(2)
            .stderr_has(&format!("`{named}` guards tracked files, and `clean` takes none"));
    }
}

#[test]
fn a_campaign_cleans_as_apply_does() {
    let repo = messy();
    let before = state(&repo);
    let batch = |action| ["batch", action, "../play.toml", ".", "-o", action];
    let out = |action: &str| repo.outside().join(action).to_str().unwrap().to_owned();
    let mut plan = batch("plan").map(str::to_owned);
    plan[5] = out("plan");
    repo.run(&plan).exit(0).stdout_has("planned").stdout_has("7 files to the trash (68 bytes)");
    state(&repo).same_as(&before);
    let mut run = batch("run").map(str::to_owned);
    run[5] = out("run");
    repo.run(&run).exit(0).stdout_has("applied");
    assert!(!repo.path("venv").exists());
    let _ = repo.run(["undo"]).exit(0);
    state(&repo).same_as(&before);
}

#[test]
fn the_shipped_playbook_ignores_untracks_and_clears_the_disk() {
    let repo = Repo::new()
        .files([("app/a.py", "X = 1\n"), ("app/__pycache__/a.pyc", "tracked"), ("run.log", "")])
        .commit("first")
        .files([
            ("app/__pycache__/b.pyc", "junk"),
            ("app/.mypy_cache/3.11/a.json", "junk"),
            (".coverage", "junk"),
            ("build/lib/app/a.py", "junk"),
            ("app.egg-info/PKG-INFO", "junk"),
            ("venv-old/pyvenv.cfg", ""),
            ("venv-old/lib/x.py", ""),
            (".venv/pyvenv.cfg", ""),
            (".venv/lib/__pycache__/x.pyc", ""),
            ("venv.py", "no environment, and not added yet\n"),
        ]);
    let before = state(&repo);
    let plan = repo.run(["plan", "remove-artefacts", "--format", "json"]).exit(0).json();
    let mut paths: Vec<&str> =
        plan["on_disk"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    let junk = [
        ".coverage",
        "app.egg-info",
        "app/.mypy_cache",
        "app/__pycache__/b.pyc",
        "build",
        "venv-old",
    ];
    assert_eq!(paths, junk);
    let _ = repo.run(["apply", "remove-artefacts", "--yes"]).exit(0);
    assert!(junk.iter().all(|it| !repo.path(it).exists()) && repo.path("venv.py").exists());
    repo.git(["merge", "-q", "overhaul/remove-artefacts"]);
    assert_eq!(repo.git(["ls-files"]), ".gitignore\napp/a.py");
    let _ = repo.run(["plan", "remove-artefacts", "--check"]).exit(0);
    repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    let _ = repo.run(["undo"]).exit(0);
    let same = |state: &State| state.clone().without(&[".git"]).without_times();
    same(&repo.state()).same_as(&same(&before));
}
