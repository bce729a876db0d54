//! A switch, or a cleaning, that was killed half way: who reads says so and leaves it, who writes ends it.

use std::fs::File;

use super::scenes::SCENES;
use super::tracer::{Fate, run};
use crate::support::Repo;

const WARNING: &str = "warning: a switch to branch `overhaul/kill` was interrupted here, and files may be of either \
     side; the next `overhaul apply` or `overhaul undo` finishes it or takes it back first\n";

/// Makes a repository in which git had written all files, and HEAD had not moved.
fn half_way() -> Repo {
    let scene = &SCENES[2];
    assert_eq!(scene.name, "switch");
    let template = (scene.make)();
    let calls = run(&template.copy(), scene.command, Fate::Count).calls;
    let writes_index =
        |it: &String| it.starts_with("rename") && it.contains("overhaul/switch/index");
    let index = calls.iter().position(writes_index);
    let repo = template.copy();
    assert_eq!(run(&repo, scene.command, Fate::Kill(index.unwrap() + 1)).exit, 137);
    assert!(repo.path("new/a.py").exists() && repo.path(".git/overhaul/switch/run").exists());
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    repo
}

#[test]
fn who_reads_says_so() {
    let repo = half_way();
    let state = || repo.state().without(&[".git/overhaul/facts", ".git/overhaul/words"]);
    let before = state();
    let commands: [&[&str]; 5] =
        [&["plan", "../play.toml"], &["verify"], &["why", "main.py"], &["log"], &["trash"]];
    for command in commands {
        let _ = repo.run(command).exit(0).stderr_has(WARNING);
    }
    let batch = ["batch", "plan", "../play.toml", ".", "-o", "../out"];
    let _ = repo.run(batch).exit(0).stderr_has(&WARNING.replace("warning: ", "warning: [ROOT]: "));
    let lock = File::open(repo.path(".git/overhaul/lock")).unwrap();
    lock.lock().unwrap();
    let _ = repo.run(["log"]).exit(0).stderr("");
    lock.unlock().unwrap();
    state().same_as(&before);
}

#[test]
fn who_writes_ends_it() {
    let ways: [&[&str]; 3] = [
        &["apply", "../play.toml", "--yes"],
        &["undo"],
        &["batch", "run", "../play.toml", ".", "-o", "../out"],
    ];
    let template = half_way();
    for command in ways {
        let repo = template.copy();
        let _ = repo.run(command).exit(0).stderr_lacks("interrupted here");
        assert_eq!(repo.git(["status", "--porcelain"]), "", "{command:?}");
        assert_eq!(repo.git(["branch", "--show-current"]), "main", "{command:?}");
        let _ = repo.run(["log"]).exit(0).stderr("");
    }
}

const MOVING: &str = "warning: run 1 was interrupted here while it moved files between the disk and the trash, and they may be \
     in either; the next `overhaul apply` or `overhaul undo` finishes it or takes it back first\n";

/// Makes a repository of which some junk is in the trash, and the branch is not there.
fn half_cleaned() -> Repo {
    let scene = &SCENES[9];
    assert_eq!(scene.name, "clean-and-move");
    let template = (scene.make)();
    let calls = run(&template.copy(), scene.command, Fate::Count).calls;
    let moves = |it: &&String| it.starts_with("rename") && it.contains("/moved/");
    let last = calls.iter().rposition(|it| moves(&it)).unwrap();
    let repo = template.copy();
    assert_eq!(run(&repo, scene.command, Fate::Kill(last + 1)).exit, 137);
    assert!(calls.iter().filter(moves).count() > 1 && !repo.path("venv").exists());
    repo
}

#[test]
fn who_reads_says_that_junk_is_under_way() {
    let repo = half_cleaned();
    let state = || repo.state().without(&[".git/overhaul/facts", ".git/overhaul/words"]);
    let before = state();
    let commands: [&[&str]; 4] = [&["plan", "../play.toml"], &["verify"], &["log"], &["trash"]];
    for command in commands {
        let _ = repo.run(command).exit(0).stderr_has(MOVING);
    }
    state().same_as(&before);
    let _ = repo
        .run(["apply", "../play.toml", "--yes"])
        .exit(0)
        .stderr_has("Run 1, which was interrupted while it moved files, is ended.\n")
        .stderr_has("Moved 5 files from the disk to the trash.\n");
    let _ = repo.run(["log"]).exit(0).stderr("");
}

#[test]
fn what_was_written_meanwhile_stays() {
    let repo = half_cleaned();
    repo.write("venv/new.txt", "new");
    let _ = repo.run(["undo"]).exit(2).stderr_has("there is no run to undo");
    let _ = repo.run(["undo", "9"]).exit(2);
    assert_eq!(repo.read("venv/new.txt"), "new");
    let _ = repo.run(["log"]).exit(0).stdout_has("undone").stderr("");
    let _ = repo.run(["trash"]).exit(0).stdout_has("venv/ (3 files)");
    std::fs::remove_dir_all(repo.path("venv")).unwrap();
    let _ = repo.run(["trash", "restore", "1"]).exit(0);
    assert!(repo.path("venv/bin/activate").exists());
}
