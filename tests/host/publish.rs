//! Publishing: the very tree that was planned, on one new branch, and nothing else touched.

use std::collections::{BTreeMap, BTreeSet};

use overhaul::host::{
    self, Base, Blame, HostError, NewCommit, Publication, Repo as Host, Run, RunState,
};
use overhaul::path::RepoPath;
use overhaul::plan::{Junk, JunkKind, Weight};
use overhaul::tree::{Mode, Tree};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::Repo;

pub(super) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(super) fn open(repo: &Repo) -> Host {
    Host::open(&repo.root()).unwrap()
}

/// Returns HEAD and its tree.
pub(super) fn head(host: &Host) -> (Base, Tree) {
    let base = host.commit("HEAD").unwrap();
    (base, Tree::new(host.snapshot(&base).unwrap()))
}

/// Publishes one commit that makes of HEAD what `edit` makes of it.
pub(super) fn apply(repo: &Repo, edit: impl FnOnce(&mut Tree)) -> Result<Run, HostError> {
    apply_with_trash(repo, &[], edit)
}

pub(super) fn apply_with_trash(
    repo: &Repo,
    trash: &[&str],
    edit: impl FnOnce(&mut Tree),
) -> Result<Run, HostError> {
    let host = open(repo);
    let (base, mut tree) = head(&host);
    edit(&mut tree);
    let branch = host::branch_name(&host, "overhaul/tidy")?;
    let commits = vec![NewCommit { tree: &tree, message: "Tidy up".to_owned() }];
    let trash = trash.iter().map(|it| host::Trash { path: path(it), stays: false }).collect();
    let vars = BTreeMap::from([("archive".to_owned(), "old".to_owned())]);
    let playbook = "tidy".to_owned();
    host::publish(
        &host,
        &Publication {
            base: &base,
            branch: Some(branch),
            commits,
            playbook,
            vars,
            trash,
            junk: Vec::new(),
            ignored: None,
        },
    )
}

/// Moves `a.py`, and edits and adds a file: enough for a run.
pub(super) fn tidy(tree: &mut Tree) {
    tree.rename(&path("a.py"), path("lib/deep/a.py"));
    tree.write(path("b.py"), Mode::File, &b"import lib.deep.a\n"[..]);
    tree.write(path("lib/new.sh"), Mode::Executable, &b"#!/bin/sh\n"[..]);
}

pub(super) fn messy() -> Repo {
    Repo::new()
        .files([("a.py", "X = 1\n"), ("b.py", "import a\n"), ("keep/c.py", "C = 1\n")])
        .link("link", "a.py")
        .commit("first")
}

#[track_caller]
fn refused(result: Result<Run, HostError>, message: &str, hint: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.blame(), Blame::Refused, "{error}");
    assert!(error.to_string().contains(message), "`{error}` lacks `{message}`");
    assert!(error.hint().unwrap_or_default().contains(hint), "{error:?}");
}

#[test]
fn a_branch_appears_and_nothing_else_changes() {
    let repo = messy().file("b.py", "dirty\n").file("untracked", "");
    repo.git(["add", "b.py"]);
    let repo = repo.file("b.py", "dirtier\n");
    let new = [".git/objects", ".git/refs/heads/overhaul", ".git/logs/refs/heads/overhaul"];
    let before = repo.state().without(&new);
    let run = apply(&repo, tidy).unwrap();
    repo.state().without(&new).same_as(&before);
    assert_eq!(run.branch.as_deref(), Some("overhaul/tidy"));
    assert_eq!(repo.git(["rev-parse", "overhaul/tidy"]), run.tip.to_string());
    assert_eq!(repo.git(["rev-parse", "overhaul/tidy^{tree}"]), run.tree.to_string());
    assert_eq!(repo.git(["rev-parse", "overhaul/tidy~"]), repo.git(["rev-parse", "main"]));
    let format = "--format=%an <%ae> %cn <%ce>%n%B";
    let shown = repo.git(["show", "--no-patch", format, "overhaul/tidy"]);
    assert_eq!(shown, "Ada <ada@example.org> Ada <ada@example.org>\nTidy up");
    let files = ["ls-tree", "-r", "--format=%(objectmode) %(path)", "overhaul/tidy"];
    assert_eq!(
        repo.git(files),
        "100644 b.py\n100644 keep/c.py\n100644 lib/deep/a.py\n100755 lib/new.sh\n120000 link"
    );
    assert_eq!(repo.git(["show", "overhaul/tidy:b.py"]), "import lib.deep.a");
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn each_commit_has_its_tree() {
    let repo = messy();
    let host = open(&repo);
    let (base, first) = head(&host);
    let mut second = first.clone();
    second.rename(&path("a.py"), path("x/a.py"));
    let mut third = second.clone();
    third.remove(&path("keep/c.py"));
    third.write(path("b.py"), Mode::File, &b"import x.a\n"[..]);
    let commit = |tree, message: &str| NewCommit { tree, message: message.to_owned() };
    let run = host::publish(
        &host,
        &Publication {
            base: &base,
            branch: Some("mine".to_owned()),
            commits: vec![commit(&second, "Move a\n\nStep: 1-move\n\n\n"), commit(&third, "Rest")],
            playbook: "p".to_owned(),
            vars: BTreeMap::new(),
            trash: Vec::new(),
            junk: Vec::new(),
            ignored: None,
        },
    )
    .unwrap();
    assert_eq!(run.commits, 2);
    assert_eq!(
        repo.git(["log", "--format=%s %T", "main..mine"]),
        format!("Rest {}\nMove a {}", third.id(), second.id())
    );
    assert_eq!(
        repo.git(["show", "--no-patch", "--format=%B|", "mine~"]),
        "Move a\n\nStep: 1-move\n|"
    );
    assert_eq!(repo.git(["show", "--stat", "--format=", "-M", "mine~"]).lines().count(), 2);
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_taken_name_gets_a_number() {
    let repo = messy();
    for branch in ["overhaul/tidy", "overhaul/tidy-2", "overhaul/tidy-3"] {
        assert_eq!(apply(&repo, tidy).unwrap().branch.as_deref(), Some(branch));
    }
    repo.git(["pack-refs", "--all"]);
    assert_eq!(apply(&repo, tidy).unwrap().branch.as_deref(), Some("overhaul/tidy-4"));
}

#[test]
fn a_branch_in_the_way_is_refused() {
    let repo = messy();
    repo.git(["branch", "overhaul"]);
    let before = repo.state();
    let message = "branch `overhaul/tidy` cannot be beside branch `overhaul`";
    refused(apply(&repo, tidy), message, "--branch");
    repo.state().same_as(&before);

    for (branch, message) in [
        ("main", "branch `main` exists already"),
        ("overhaul/x", "cannot be beside branch `overhaul`"),
    ] {
        let host = open(&repo);
        let (base, tree) = head(&host);
        let commits = vec![NewCommit { tree: &tree, message: String::new() }];
        let (playbook, vars, trash) = ("p".to_owned(), BTreeMap::new(), Vec::new());
        let branch = branch.to_owned();
        let publication = Publication {
            base: &base,
            branch: Some(branch),
            commits,
            playbook,
            vars,
            trash,
            junk: Vec::new(),
            ignored: None,
        };
        refused(host::publish(&host, &publication), message, "--branch");
    }
    repo.git(["branch", "-M", "overhaul", "overhaul/tidy/x"]);
    let message = "branch `overhaul/tidy` cannot be beside branch `overhaul/tidy/x`";
    refused(apply(&repo, tidy), message, "--branch");
}

#[test]
fn what_somebody_else_took_off_the_disk_is_not_taken_again() {
    let repo = messy();
    let (host, before) = (open(&repo), repo.state());
    let (base, tree) = head(&host);
    let junk = Junk {
        path: path("gone.log"),
        kind: JunkKind::File,
        step: "1-clean".to_owned(),
        weight: Weight::default(),
        names: tree.id(),
    };
    let publication = Publication {
        base: &base,
        branch: None,
        commits: Vec::new(),
        playbook: "p".to_owned(),
        vars: BTreeMap::new(),
        trash: Vec::new(),
        junk: vec![junk],
        ignored: None,
    };
    let message = "`gone.log` is not on the disk any more";
    refused(host::publish(&host, &publication), message, "plan again");
    repo.state().same_as(&before);
    assert_eq!(host::runs(&host).unwrap().len(), 0);
}

#[test]
fn only_one_at_a_time() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    let lock = std::fs::File::open(repo.path(".git/overhaul/lock")).unwrap();
    lock.lock().unwrap();
    refused(apply(&repo, tidy), "another overhaul is at work", "wait");
    assert_eq!(host::undo(&open(&repo), &run.id).unwrap_err().blame(), Blame::Refused);
    lock.unlock().unwrap();
    apply(&repo, tidy).unwrap();
}

#[test]
fn of_many_at_once_each_wins_or_is_refused() {
    let repo = messy();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| apply(&repo, tidy))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert!(!won.is_empty());
    for error in lost {
        assert_eq!(error.unwrap_err().blame(), Blame::Refused);
    }
    let ids: BTreeSet<String> = won.iter().map(|it| it.as_ref().unwrap().id.clone()).collect();
    assert_eq!(ids.len(), won.len());
    assert_eq!(host::runs(&open(&repo)).unwrap().len(), won.len());
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn who_commits_is_asked_of_git() {
    let repo = messy();
    repo.git(["config", "user.name", ""]);
    let error = apply(&repo, tidy).unwrap_err();
    assert_eq!(error.to_string(), "git has no name and e-mail address to commit with");
    assert!(error.hint().unwrap().contains("git config user.email"));
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
    assert!(host::runs(&open(&repo)).unwrap().is_empty());
}

#[test]
fn a_repository_that_cannot_be_written_is_an_error() {
    let repo = messy().file(".git/overhaul", "in the way of our folder");
    let error = apply(&repo, tidy).unwrap_err();
    assert_eq!(error.blame(), Blame::Failed);
    assert!(error.to_string().contains("failed to write to `"), "{error}");
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
}

#[test]
fn a_tree_that_cannot_be_is_not_written() {
    let repo = messy();
    let error = apply(&repo, |tree| {
        tree.write(path("keep"), Mode::File, &b""[..]);
    });
    assert!(error.unwrap_err().to_string().contains("`keep` is a file and a folder"));
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
}

#[test]
fn a_run_that_died_before_its_branch_never_happened() {
    let repo = messy();
    let before = repo.state().without(&[".git/objects"]);
    let run = apply(&repo, tidy).unwrap();
    die_before_the_branch(&repo, &run);
    assert!(host::runs(&open(&repo)).unwrap().is_empty());
    repo.write(".git/refs/heads/overhaul/tidy.lock", "");
    let next = apply(&repo, tidy).unwrap();
    assert_eq!((next.id, next.branch), (run.id.clone(), run.branch.clone()));
    host::undo(&open(&repo), &run.id).unwrap();
    repo.state().without(&[".git/objects"]).same_as(&before);
}

#[test]
fn a_run_that_died_after_its_branch_happened() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    let record = repo.path(".git/overhaul/runs/1.json");
    rewrite_stage(&record, "\"publishing\"");
    let listed = host::runs(&open(&repo)).unwrap();
    assert_eq!(listed, [run]);
    apply(&repo, tidy).unwrap();
    assert!(std::fs::read_to_string(record).unwrap().contains("\"stage\": \"published\""));
}

/// Leaves the repository as a kill between record and branch would.
fn die_before_the_branch(repo: &Repo, run: &Run) {
    repo.git(["update-ref", "-d", &format!("refs/heads/{}", run.branch.as_deref().unwrap())]);
    rewrite_stage(&repo.path(format!(".git/overhaul/runs/{}.json", run.id)), "\"publishing\"");
}

pub(super) fn rewrite_stage(record: &std::path::Path, stage: &str) {
    let text = std::fs::read_to_string(record).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["stage"] = serde_json::from_str(stage).unwrap();
    std::fs::write(record, value.to_string()).unwrap();
}

#[test]
fn the_log_remembers() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    let host = open(&repo);
    assert_eq!(host::runs(&host).unwrap(), std::slice::from_ref(&run));
    assert_eq!((run.id.as_str(), run.playbook.as_str()), ("1", "tidy"));
    assert_eq!(run.vars["archive"], "old");
    assert_eq!(run.base_branch.as_deref(), Some("main"));
    assert_eq!(run.state, RunState::Published);
    let state = || host::runs(&host).unwrap().remove(0).state;
    repo.git(["switch", "-q", "overhaul/tidy"]);
    assert_eq!(state(), RunState::Published);
    repo.git(["switch", "-q", "main"]);
    repo.git(["merge", "-q", "--no-ff", "-m", "merge", "overhaul/tidy"]);
    assert_eq!(state(), RunState::Merged);
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    assert_eq!(state(), RunState::Merged);
    repo.git(["reset", "-q", "--hard", "HEAD~"]);
    assert_eq!(state(), RunState::Gone);
}

#[test]
fn a_record_of_another_version_is_named() {
    let repo = messy();
    apply(&repo, tidy).unwrap();
    let record = repo.path(".git/overhaul/runs/1.json");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("overhaul.run/1", "overhaul.run/9")).unwrap();
    let error = host::runs(&open(&repo)).unwrap_err();
    assert!(error.to_string().contains("failed to understand"), "{error}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("overhaul.run/9"));
}

/// Makes paths of few letters, so that names collide, nest and sort around the slash.
fn paths() -> impl Strategy<Value = Vec<(String, bool, u8)>> {
    let part = "[a-b]{1,2}|a[-.0]|\u{e9}";
    let path = proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"));
    proptest::collection::vec((path, any::<bool>(), any::<u8>()), 0..24)
}

#[test]
fn any_tree_is_written_as_git_would() {
    let repo = Repo::new().files([("a-/a", "1\n"), ("b/b/b", "2\n")]).commit("first");
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() };
    let checked = TestRunner::new(config).run(&paths(), |files| {
        let run = apply(&repo, |tree| write_all(tree, &files)).unwrap();
        let written = repo.git(["rev-parse", &format!("{}^{{tree}}", run.tip)]);
        prop_assert_eq!(written, run.tree.to_string());
        repo.git(["read-tree", &run.tree.to_string()]);
        prop_assert_eq!(repo.git(["write-tree"]), run.tree.to_string());
        Ok(())
    });
    checked.unwrap();
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

/// Writes what does not clash with what stands there.
fn write_all(tree: &mut Tree, files: &[(String, bool, u8)]) {
    for (name, executable, byte) in files {
        let at = path(name);
        let mode = if *executable { Mode::Executable } else { Mode::File };
        let clash = tree.is_folder(&at) || at.folders().any(|it| tree.entry(&it).is_some());
        if !clash {
            tree.write(at, mode, &[*byte][..]);
        }
    }
}
