//! `overhaul undo`.

use super::{apply, leaky, small};

#[test]
fn an_unmerged_run_is_gone_without_a_trace() {
    let repo = small();
    let before = repo.state();
    apply(&repo);
    repo.run(["undo"]).exit(0).stdout("").stderr("Deleted branch `overhaul/tidy` of run 1.\n");
    repo.state().without(&[".git/objects"]).same_as(&before.without(&[".git/objects"]));
    repo.run(["undo"]).exit(2).stderr("error: there is no run to undo\n");
    repo.run(["undo", "1"]).exit(4).stderr("error: run `1` is undone already\n");
}

#[test]
fn a_run_has_to_be_there() {
    let repo = small();
    for run in ["7", "x", ""] {
        repo.run(["undo", run]).exit(2).stdout("").stderr(&format!(
            "error: no run `{run}` in this repository\nhint: `overhaul log` lists the runs\n"
        ));
    }
}

#[test]
fn a_branch_that_is_checked_out_stays() {
    let repo = small();
    repo.run(["apply", "--yes", "--switch", "../play.toml"]).exit(0);
    let before = repo.state();
    repo.run(["undo"]).exit(4).stderr_has(
        "error: branch `overhaul/tidy` is checked out at `[ROOT]`\nhint: run `git switch",
    );
    repo.state().same_as(&before);
}

#[test]
fn commits_of_others_stay() {
    let repo = small();
    repo.run(["apply", "--yes", "--switch", "../play.toml"]).exit(0);
    repo.git(["commit", "-q", "--allow-empty", "-m", "mine"]);
    repo.git(["switch", "-q", "main"]);
    repo.run(["undo"]).exit(4).stderr(
        "error: branch `overhaul/tidy` carries commits that are not of this run\n\
         hint: if nobody needs them: `git branch -D overhaul/tidy`\n",
    );
    repo.git(["branch", "-q", "-D", "overhaul/tidy"]);
    repo.run(["undo", "1"]).exit(4).stderr(
        "error: branch `overhaul/tidy` is gone, and nothing here was merged from it\n\
         hint: what it put in the trash comes back with `overhaul trash restore RUN`\n",
    );
}

#[test]
fn of_a_merged_run_a_branch_takes_the_changes_out() {
    let repo = small();
    let before = repo.git(["rev-parse", "HEAD^{tree}"]);
    apply(&repo);
    repo.git(["merge", "-q", "overhaul/tidy"]);
    repo.run(["undo"]).exit(0).stdout("").stderr(
        "Run 1 was merged; branch `overhaul/undo-tidy` takes its changes out again.\n\
         hint: look at it with `git diff HEAD...overhaul/undo-tidy`, \
         then `git merge overhaul/undo-tidy`\n",
    );
    repo.git(["merge", "-q", "overhaul/undo-tidy"]);
    assert_eq!(repo.git(["rev-parse", "HEAD^{tree}"]), before);
}

#[test]
fn what_was_squashed_is_said_to_stay() {
    let repo = small();
    apply(&repo);
    let repo = repo.file("other.py", "").commit("other");
    repo.git(["merge", "-q", "--squash", "overhaul/tidy"]);
    repo.git(["commit", "-q", "-m", "squashed"]);
    let repo = repo.file("more.py", "").commit("more");
    repo.run(["undo"]).exit(0).stdout("").stderr(
        "Deleted branch `overhaul/tidy` of run 1.\n\
         warning: the changes of run 1 are in `main` still, by other commits\n\
         hint: after a squash merge, `git revert` of that commit takes them out\n",
    );
}

#[test]
fn later_changes_in_the_way_are_named() {
    let repo = small();
    apply(&repo);
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let repo = repo.file("app/main.py", "from app.kernel import X as Y\n").commit("later");
    repo.run(["undo"]).exit(4).stderr(
        "error: later commits changed what this run changed: `app/main.py`\n\
         hint: revert the commits by hand, with `git revert`, or undo the later changes first\n",
    );
    assert_eq!(repo.git(["branch", "--list", "overhaul/undo*"]), "");
}

#[test]
fn what_a_merge_deleted_comes_back() {
    let repo = leaky();
    apply(&repo);
    repo.git(["merge", "-q", "overhaul/ignore"]);
    assert!(!repo.path("run.log").exists());
    repo.run(["undo"]).exit(0).stderr_has(
        "Brought back `.env` from the trash.\nBrought back `run.log` from the trash.\n",
    );
    assert_eq!((repo.read("run.log"), repo.read(".env")), ("ran\n".into(), "KEY=1\n".into()));
}
