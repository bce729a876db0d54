//! Undo is exact, or it is refused; the trash gives back what left the disk.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use overhaul::host::{self, Blame, How, RunState};
use overhaul::tree::Tree;

use super::publish::{apply, apply_with_trash, head, messy, open, path, rewrite_stage, tidy};
use crate::support::Repo;

#[track_caller]
fn refused(repo: &Repo, run: &str, message: &str, hint: &str) {
    let before = repo.state().without(&[".git/objects"]);
    let error = host::undo(&open(repo), run).unwrap_err();
    assert_eq!(error.blame(), Blame::Refused, "{error}");
    assert!(error.to_string().contains(message), "`{error}` lacks `{message}`");
    assert!(error.hint().unwrap_or_default().contains(hint), "{error:?}");
    repo.state().without(&[".git/objects"]).same_as(&before);
}

#[test]
fn what_git_was_told_about_the_branch_goes_too() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["config", "branch.overhaul/tidy.remote", "origin"]);
    host::undo(&open(&repo), &run.id).unwrap();
    assert!(!repo.read(".git/config").contains("overhaul/tidy"));
}

#[test]
fn an_unmerged_run_leaves_no_trace() {
    let repo = messy().file("b.py", "dirty\n");
    let before = repo.state().without(&[".git/objects"]);
    let run = apply(&repo, tidy).unwrap();
    let undone = host::undo(&open(&repo), &run.id).unwrap();
    assert_eq!(undone.how, How::BranchDeleted("overhaul/tidy".to_owned()));
    repo.state().without(&[".git/objects"]).same_as(&before);
    let state = host::runs(&open(&repo)).unwrap().remove(0).state;
    assert_eq!(state, RunState::Undone { revert: None });
    refused(&repo, "1", "run `1` is undone already", "");
    assert_eq!(apply(&repo, tidy).unwrap().id, "2");
}

#[test]
fn a_merged_run_gets_a_revert_branch() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let repo =
        repo.file("later.py", "L = 1\n").file("lib/deep/a.py", "X = 1\nY = 2\n").commit("later");
    let undone = host::undo(&open(&repo), &run.id).unwrap();
    assert_eq!(undone.how, How::RevertBranch("overhaul/undo-tidy".to_owned()));
    assert_eq!(repo.git(["rev-parse", "overhaul/undo-tidy~"]), repo.git(["rev-parse", "main"]));
    let files = repo.git(["ls-tree", "-r", "--name-only", "overhaul/undo-tidy"]);
    assert_eq!(files, "a.py\nb.py\nkeep/c.py\nlater.py\nlink");
    assert_eq!(repo.git(["show", "overhaul/undo-tidy:a.py"]), "X = 1\nY = 2");
    assert_eq!(repo.git(["show", "overhaul/undo-tidy:b.py"]), "import a");
    let state = host::runs(&open(&repo)).unwrap().remove(0).state;
    assert_eq!(state, RunState::Undone { revert: Some("overhaul/undo-tidy".to_owned()) });
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_revert_of_what_is_merged_as_it_was_is_the_base() {
    let repo = messy();
    let tree = repo.git(["rev-parse", "main^{tree}"]);
    let run = apply(&repo, tidy).unwrap();
    repo.git(["merge", "-q", "--no-ff", "-m", "merge", "overhaul/tidy"]);
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    host::undo(&open(&repo), &run.id).unwrap();
    assert_eq!(repo.git(["rev-parse", "overhaul/undo-tidy^{tree}"]), tree);
}

#[test]
fn later_changes_in_the_way_are_named() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let repo = repo.file("b.py", "import something.else\n").commit("later");
    refused(&repo, &run.id, "later commits changed what this run changed: `b.py`", "git revert");
}

#[test]
fn a_revert_by_hand_leaves_nothing() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["merge", "-q", "overhaul/tidy"]);
    repo.git(["revert", "--no-edit", "HEAD"]);
    refused(&repo, &run.id, "nothing that run `1` did is left", "");
}

#[test]
fn the_work_of_others_is_not_deleted() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["switch", "-q", "overhaul/tidy"]);
    refused(&repo, &run.id, "branch `overhaul/tidy` is checked out at", "git switch main");
    let repo = repo.file("mine.py", "").commit("mine");
    repo.git(["switch", "-q", "main"]);
    refused(&repo, &run.id, "carries commits that are not of this run", "git branch -D");
}

#[test]
fn a_branch_that_another_work_tree_has_is_not_deleted() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    repo.git(["worktree", "add", "-q", "../linked", "overhaul/tidy"]);
    refused(&repo, &run.id, "is checked out at", "git switch");
    let linked = host::Repo::open(&repo.path("../linked")).unwrap();
    assert_eq!(host::runs(&linked).unwrap()[0].state, RunState::Published);
}

#[test]
fn runs_that_are_not_there() {
    let repo = messy();
    let error = host::undo(&open(&repo), "7").unwrap_err();
    assert_eq!(
        (error.blame(), error.to_string().as_str()),
        (Blame::Failed, "no run `7` in this repository")
    );
    apply(&repo, tidy).unwrap();
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    refused(&repo, "1", "branch `overhaul/tidy` is gone", "trash restore");
}

#[test]
fn an_undo_that_died_is_finished_or_forgotten() {
    let repo = messy();
    apply(&repo, tidy).unwrap();
    let record = repo.path(".git/overhaul/runs/1.json");
    rewrite_stage(&record, "{\"undoing\": null}");
    let state = || host::runs(&open(&repo)).unwrap().remove(0).state;
    assert_eq!(state(), RunState::Published);
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    assert_eq!(state(), RunState::Undone { revert: None });
    apply(&repo, tidy).unwrap();
    assert!(fs::read_to_string(&record).unwrap().contains("undone"));
    rewrite_stage(&record, "{\"undoing\": \"overhaul/undo-tidy\"}");
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    assert_eq!(state(), RunState::Gone);
}

/// A repository that tracks what it should not: a secret, a link, and a file below a folder.
fn leaky() -> Repo {
    let repo = messy().file("conf/.env", "KEY=1\n").link("conf/to-env", ".env").commit("leak");
    fs::set_permissions(repo.path("conf/.env"), fs::Permissions::from_mode(0o600)).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options()
        .write(true)
        .open(repo.path("conf/.env"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    repo
}

const LEAKS: [&str; 2] = ["conf/.env", "conf/to-env"];

fn untrack(tree: &mut Tree) {
    for leak in LEAKS {
        tree.remove(&path(leak));
    }
}

/// Returns what matters of the two leaks: bytes, mode, time.
fn leaks(repo: &Repo) -> (String, u32, i64, String) {
    let meta = fs::metadata(repo.path("conf/.env")).unwrap();
    let link = fs::read_link(repo.path("conf/to-env")).unwrap();
    (repo.read("conf/.env"), meta.mode(), meta.mtime(), link.display().to_string())
}

#[test]
fn what_a_merge_deletes_comes_back() {
    let repo = leaky();
    let before = leaks(&repo);
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    let names = |found: Vec<host::Trashed>| {
        found.into_iter().map(|it| format!("{} {}", it.run, it.path)).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(names(host::trash(&open(&repo)).unwrap()), "1 conf/.env, 1 conf/to-env");
    repo.git(["merge", "-q", "overhaul/tidy"]);
    assert!(!repo.path("conf").exists());
    let undone = host::undo(&open(&repo), &run.id).unwrap();
    assert_eq!(undone.trash.restored, LEAKS.map(path));
    assert_eq!(leaks(&repo), before);
    assert_eq!(names(host::trash(&open(&repo)).unwrap()), "");
}

#[test]
fn undo_before_any_switch_changes_no_file() {
    let repo = leaky();
    let before = repo.state().without(&[".git/objects"]);
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    let undone = host::undo(&open(&repo), &run.id).unwrap();
    assert!(undone.trash.restored.is_empty() && undone.trash.kept.is_empty());
    repo.state().without(&[".git/objects"]).same_as(&before);
}

#[test]
fn a_switch_keeps_what_git_would_delete() {
    let repo = leaky();
    let before = leaks(&repo);
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    let switched = host::switch(&open(&repo), &run.id).unwrap();
    assert_eq!(switched.restored, LEAKS.map(path));
    assert_eq!(leaks(&repo), before);
    assert_eq!(repo.git(["branch", "--show-current"]), "overhaul/tidy");
    assert_eq!(repo.git(["status", "--porcelain"]), "?? conf/");
}

#[test]
fn a_switch_wants_a_clean_tree() {
    let repo = leaky();
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    let repo = repo.file("b.py", "dirty\n");
    let before = repo.state();
    let error = host::switch(&open(&repo), &run.id).unwrap_err();
    assert_eq!(error.blame(), Blame::Refused);
    assert!(error.to_string().contains("`b.py`"), "{error}");
    repo.state().same_as(&before);
}

#[test]
fn an_untracked_file_in_the_way_of_a_switch_stays() {
    let repo = messy();
    let run = apply(&repo, tidy).unwrap();
    let repo = repo.file("lib/new.sh", "mine\n");
    let error = host::switch(&open(&repo), &run.id).unwrap_err();
    assert_eq!(error.blame(), Blame::Refused);
    assert_eq!(repo.read("lib/new.sh"), "mine\n");
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    apply(&repo, tidy).unwrap();
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
}

#[test]
fn a_switch_that_died_is_finished_by_the_next_command() {
    let repo = leaky();
    let before = leaks(&repo);
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    repo.write(".git/overhaul/switch/run", &run.id);
    repo.git(["switch", "-q", "overhaul/tidy"]);
    assert!(!repo.path("conf").exists());
    apply(&repo, |tree| drop(tree.remove(&path("b.py")))).unwrap();
    assert_eq!(leaks(&repo), before);
    assert!(!repo.path(".git/overhaul/switch").exists());
}

#[test]
fn what_stands_in_the_place_by_now_stays() {
    let repo = leaky();
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let repo = repo.file("conf/.env", "KEY=2\n");
    let undone = host::undo(&open(&repo), &run.id).unwrap();
    assert_eq!(undone.trash.kept, [path("conf/.env")]);
    assert_eq!(undone.trash.restored, [path("conf/to-env")]);
    assert_eq!(repo.read("conf/.env"), "KEY=2\n");
    fs::remove_file(repo.path("conf/.env")).unwrap();
    assert_eq!(host::restore(&open(&repo), &run.id).unwrap().restored, [path("conf/.env")]);
    assert_eq!(host::empty_trash(&open(&repo)).unwrap().len(), 2);
    assert!(host::trash(&open(&repo)).unwrap().is_empty());
}

#[test]
fn the_trash_does_not_follow_links() {
    let repo = leaky();
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    repo.git(["merge", "-q", "overhaul/tidy"]);
    fs::create_dir(repo.path("../outside")).unwrap();
    let repo = repo.link("conf", "../outside");
    let restored = host::restore(&open(&repo), &run.id).unwrap();
    assert_eq!(restored.kept, LEAKS.map(path));
    assert_eq!(fs::read_dir(repo.path("../outside")).unwrap().count(), 0);
}

#[test]
fn trash_that_no_run_knows_is_swept() {
    let repo = leaky();
    repo.write(".git/overhaul/trash/9/manifest.json", "half");
    repo.write(".git/overhaul/trash/9.new/0", "half");
    apply(&repo, tidy).unwrap();
    assert!(!repo.path(".git/overhaul/trash/9").exists());
    assert!(!repo.path(".git/overhaul/trash/9.new").exists());
}

#[test]
fn each_work_tree_has_its_own_trash() {
    let repo = leaky();
    repo.git(["worktree", "add", "-q", "../linked"]);
    let run = apply_with_trash(&repo, &LEAKS, untrack).unwrap();
    let linked = host::Repo::open(&repo.path("../linked")).unwrap();
    assert!(host::trash(&linked).unwrap().is_empty());
    assert_eq!(host::runs(&linked).unwrap().len(), 1);
    let error = host::undo(&linked, &run.id).unwrap_err();
    assert_eq!(error.to_string(), "the trash of run `1` is in another work tree");
    assert_eq!(head(&linked).0.commit, run.base);
}
