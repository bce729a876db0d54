//! A kill at any moment leaves the repository as before or as after.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use overhaul::host::{self, RunState};

use super::publish::open;
use crate::support::{Repo, State};

/// What a run may add to.
const NEW: [&str; 3] =
    [".git/objects", ".git/refs/heads/overhaul", ".git/logs/refs/heads/overhaul"];

fn repo() -> Repo {
    let files = (0..60).map(|at| (format!("old/m{at}.py"), format!("from old import m{at}\n")));
    let repo = files.fold(Repo::new(), |repo, (path, text)| repo.file(path, text));
    let untrack = "[[step]]\nkind = \"gitignore\"\nadd = [\"*.env\"]\nuntrack = true\n";
    let moving = "[[step]]\nkind = \"move\"\nfrom = \"old\"\nto = \"new\"\n";
    repo.file("a.env", "KEY=1\n")
        .commit("first")
        .playbook(&format!("name = \"kill\"\n{untrack}{moving}"))
}

fn apply(repo: &Repo) -> std::process::Command {
    let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
    command.args(["-q", "apply", "../play.toml", "--yes"]);
    command
}

/// Expects that each run happened whole or not at all.
#[track_caller]
fn whole(repo: &Repo, before: &State) {
    let listing = repo.git(["branch", "--list", "--format=%(refname:short)", "overhaul/*"]);
    let branches: BTreeSet<String> = listing.lines().map(str::to_owned).collect();
    let runs = host::runs(&open(repo)).unwrap();
    let published = runs.iter().filter(|it| it.state == RunState::Published);
    assert_eq!(published.map(|it| it.branch.clone()).collect::<BTreeSet<_>>(), branches);
    repo.git(["fsck", "--strict", "--no-dangling"]);
    repo.state().without(&NEW).same_as(before);
}

#[test]
fn a_killed_apply_happened_or_did_not() {
    let repo = repo();
    let before = repo.state().without(&NEW);
    let start = Instant::now();
    assert!(apply(&repo).status().unwrap().success());
    let whole_run = start.elapsed();
    whole(&repo, &before);
    for part in 0..16 {
        let mut child = apply(&repo).spawn().unwrap();
        std::thread::sleep(whole_run * part / 16 + Duration::from_millis(1));
        child.kill().unwrap();
        child.wait().unwrap();
        whole(&repo, &before);
    }
    assert!(apply(&repo).status().unwrap().success());
    for run in host::runs(&open(&repo)).unwrap() {
        host::undo(&open(&repo), &run.id).unwrap();
    }
    repo.state().without(&[".git/objects"]).same_as(&before);
}
