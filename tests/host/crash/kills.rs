//! Kills at random moments of a large plan, which no counting of calls would choose; and many
//! applies at once.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use overhaul::host::{self, RunState};

use super::scenes::large;
use crate::host::publish::open;
use crate::support::{Repo, State};

/// What a run may add to.
const NEW: [&str; 3] =
    [".git/objects", ".git/refs/heads/overhaul", ".git/logs/refs/heads/overhaul"];

fn apply(repo: &Repo, more: &[&str]) -> Command {
    let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
    command.args(["-q", "apply", "../play.toml", "--yes"]).args(more);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Tells whether the run happened: its branch is there, the log knows it, and its tree is the one
/// that was planned. Nothing else of the repository may differ.
#[track_caller]
fn happened(repo: &Repo, before: &State, tree: &str) -> bool {
    repo.git(["fsck", "--strict", "--no-dangling"]);
    repo.state().without(&NEW).same_as(before);
    let branch = repo.try_git(["rev-parse", "--verify", "--quiet", "overhaul/kill^{tree}"]);
    let runs = host::runs(&open(repo)).unwrap();
    let published = runs.iter().filter(|it| it.state == RunState::Published);
    assert_eq!(published.count(), usize::from(branch.status.success()));
    if branch.status.success() {
        assert_eq!(String::from_utf8_lossy(&branch.stdout).trim(), tree);
    }
    branch.status.success()
}

#[test]
fn a_killed_apply_happened_or_did_not() {
    let (modules, kills) = if super::all() { (3000, 500) } else { (150, 16) };
    let repo = large(modules);
    repo.git(["gc", "-q"]);
    let before = repo.state().without(&NEW);
    let start = Instant::now();
    assert!(apply(&repo, &[]).status().unwrap().success());
    let whole = start.elapsed();
    let tree = repo.git(["rev-parse", "overhaul/kill^{tree}"]);
    let mut after = 0;
    let mut random = 20_260_102_u64;
    for _ in 0..kills {
        if happened(&repo, &before, &tree) {
            let _ = repo.run(["-q", "undo"]).exit(0);
        }
        // What was written before is to be written again.
        repo.git(["prune", "--expire=now"]);
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let moment = whole.mul_f64((random >> 33) as f64 / f64::from(u32::MAX >> 1) * 1.1);
        let mut child = apply(&repo, &[]).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        after += u32::from(happened(&repo, &before, &tree));
    }
    println!("{kills} kills within {whole:?}: {after} as after, {} as before", kills - after);
    assert!(after < kills, "no kill came before the end; the test proves nothing");
    if happened(&repo, &before, &tree) {
        let _ = repo.run(["-q", "undo"]).exit(0);
    }
    assert!(apply(&repo, &[]).status().unwrap().success());
    assert!(happened(&repo, &before, &tree));
    let _ = repo.run(["-q", "undo"]).exit(0);
    repo.state().without(&[".git/objects"]).same_as(&before);
}

#[test]
fn of_sixteen_applies_one_wins_each_branch() {
    let repo = large(20);
    let spawn = |at: usize| (at % 4, apply(&repo, &["--branch", &format!("b{}", at % 4)]).spawn());
    let children: Vec<(usize, Child)> =
        (0..16).map(spawn).map(|(branch, child)| (branch, child.unwrap())).collect();
    let mut wins = [0; 4];
    for (branch, mut child) in children {
        match child.wait().unwrap().code() {
            Some(0) => wins[branch] += 1,
            Some(4) => {}
            other => panic!("exit code {other:?}"),
        }
    }
    assert_eq!(wins, [1; 4]);
    repo.git(["fsck", "--strict", "--no-dangling"]);
    let runs = host::runs(&open(&repo)).unwrap();
    assert_eq!(runs.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3", "4"]);
}
