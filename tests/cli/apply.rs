//! `overhaul apply`.

use super::{leaky, small};
use crate::support::Repo;

#[test]
fn the_end_says_what_can_be_done_with_the_branch() {
    let repo = small();
    let base = repo.git(["rev-parse", "--short=10", "HEAD"]);
    repo.run(["apply", "--yes", "../play.toml"]).exit(0).stdout("").stderr(&format!(
        "Applied as 2 commits on branch `overhaul/tidy` (run 1).\n\
         \x20 look at it   git log --stat {base}..overhaul/tidy\n\
         \x20 merge it     git merge overhaul/tidy\n\
         \x20 push it      git push -u origin overhaul/tidy\n\
         \x20 take it back overhaul undo 1\n"
    ));
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    repo.run(["apply", "-q", "-y", "../play.toml"]).exit(0).stderr("");
    assert_ne!(repo.git(["branch", "--list", "overhaul/tidy-2"]), "", "a number is added");
}

#[test]
fn without_a_terminal_it_never_asks() {
    let repo = small();
    let before = repo.state();
    for args in [&["apply", "../play.toml"][..], &["apply", "-i", "../play.toml"]] {
        repo.run(args).exit(2).stdout_has("plan `tidy`").stderr(
            "error: there is no terminal to ask on, and nothing was written\n\
             hint: say `--yes`, or apply a saved plan\n",
        );
    }
    repo.state().same_as(&before);
}

#[test]
fn only_a_yes_is_a_yes() {
    let repo = small();
    let before = repo.state();
    for answer in ["n\n", "\n", "yo\n", "\u{4}"] {
        let ran = repo.run_on_terminal(&[answer], ["apply", "../play.toml"]).exit(0);
        ran.stdout_has("Apply this? [y/N] ").stdout_has("Nothing was written.\n");
    }
    // Ctrl-C ends the program as it ends any other, and leaves the terminal as it was.
    let ran = repo.run_on_terminal(&["\u{3}"], ["apply", "../play.toml"]).exit(130);
    ran.stdout_lacks("\u{1b}[?25l");
    repo.state().same_as(&before);
    let ran = repo.run_on_terminal(&["y\n"], ["apply", "../play.toml"]).exit(0);
    ran.stdout_has("Applied as 2 commits");
}

#[test]
fn each_step_can_be_asked_for() {
    let repo = small();
    let ran = repo.run_on_terminal(&["y\n", "n\n", "Yes\n"], ["apply", "-i", "../play.toml"]);
    ran.exit(0)
        .stdout_has("Carry out step `1-move` (a better name)? [y/N] ")
        .stdout_has("Carry out step `2-remove` (remove)? [y/N] ")
        .stdout_has("Also apply the edits that are only probably right? [y/N] ")
        .stdout_has("Applied as 1 commit on branch");
    assert_eq!(repo.git(["show", "overhaul/tidy:README.md"]), "See app/kernel.py.");
    let ran = repo.run_on_terminal(&["n\n", "n\n", "n\n"], ["apply", "-i", "../play.toml"]);
    ran.exit(0).stdout_has("There is nothing to change.\n");
}

#[test]
fn files_that_the_plan_touches_have_to_be_committed() {
    let repo =
        small().file("README.md", "mine\n").file("app/main.py", "from app.core import X\n\n");
    let before = repo.state();
    repo.run(["apply", "--yes", "../play.toml"]).exit(4).stdout("").stderr(
        "error: `app/main.py` would be touched and has changes that are not committed\n\
         hint: commit or stash them, or say `--allow-dirty` to go on from the commit\n",
    );
    repo.state().same_as(&before);
    let ran = repo.run(["apply", "--yes", "--allow-dirty", "../play.toml"]).exit(0);
    ran.stderr_has("warning: `app/main.py` has changes that are not committed");
    assert_eq!(repo.read("app/main.py"), "from app.core import X\n\n");
}

#[test]
fn a_switch_that_cannot_be_makes_no_branch() {
    let repo = small().file("README.md", "mine\n");
    let before = repo.state();
    repo.run(["apply", "--yes", "--switch", "../play.toml"]).exit(4).stderr(
        "error: the work tree has changes that are not committed: `README.md`\n\
         hint: commit or stash them first, or leave out `--switch`\n",
    );
    repo.state().same_as(&before);
}

#[test]
fn a_branch_that_git_does_not_switch_to_is_told_of() {
    let repo = small().file(".git/index.lock", "");
    repo.run(["apply", "--yes", "--switch", "../play.toml"])
        .exit(4)
        .stderr_has("Applied as 2 commits on branch `overhaul/tidy` (run 1).\n")
        .stderr_has("error: git does not switch to branch `overhaul/tidy`: ");
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
}

#[test]
fn a_switch_keeps_untracked_files_on_the_disk() {
    let repo = leaky();
    let ran = repo.run(["apply", "--yes", "--switch", "../play.toml"]).exit(0);
    ran.stderr_lacks("deletes");
    assert_eq!((repo.read("run.log"), repo.read(".env")), ("ran\n".into(), "KEY=1\n".into()));
    assert_eq!(repo.git(["branch", "--show-current"]), "overhaul/ignore");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn a_branch_has_a_name_that_git_takes_and_nobody_has() {
    let repo = small();
    let before = repo.state();
    for name in ["a b", "x..y", "-x", "@", "HEAD", "x.lock", "", "x/"] {
        let branch = format!("--branch={name}");
        repo.run(["apply", "--yes", &branch, "../play.toml"]).exit(2).stderr(&format!(
            "error: `{name}` is no name for a branch\nhint: choose another with `--branch NAME`\n"
        ));
    }
    for (name, message) in [
        ("main", "branch `main` exists already"),
        ("main/sub", "branch `main/sub` cannot be beside branch `main`"),
    ] {
        repo.run(["apply", "--yes", "--branch", name, "../play.toml"])
            .exit(4)
            .stderr(&format!("error: {message}\nhint: choose another with `--branch NAME`\n"));
    }
    repo.state().same_as(&before);
    repo.run(["apply", "--yes", "--branch", "mine", "../play.toml"]).exit(0).stderr_has("`mine`");
}

#[test]
fn commits_gather_steps_as_asked() {
    let repo = small();
    for (per, branch, commits) in [("step", "a", "2"), ("sprint", "b", "1"), ("run", "c", "1")] {
        let args = ["apply", "-q", "--yes", "--commit-per", per, "--branch", branch];
        repo.run(args.into_iter().chain(["../play.toml"])).exit(0);
        let range = format!("main..{branch}");
        assert_eq!(repo.git(["rev-list", "--count", &range]), commits, "{per}");
    }
}

#[test]
fn a_saved_plan_needs_no_yes() {
    let repo = small();
    repo.run(["plan", "--stat", "-o", "../plan.json", "../play.toml"])
        .exit(0)
        .stderr("Saved as `../plan.json`; apply it with `overhaul apply ../plan.json`.\n");
    repo.run(["apply", "--strict", "../plan.json"]).exit(2).stderr(
        "error: a saved plan is applied as it was saved\n\
         hint: give these options to `overhaul plan -o FILE`\n",
    );
    repo.run(["apply", "../plan.json"]).exit(0).stderr_has("Applied as 2 commits");
}

#[test]
fn a_saved_plan_that_would_do_something_else_is_refused() {
    let repo = small();
    repo.run(["plan", "--stat", "-o", "plan.json", "../play.toml"]).exit(0);
    let plan = repo.read("plan.json");
    let before = repo.state();
    let edited = |from: &str, to: &str| {
        assert!(plan.contains(from), "{plan}");
        std::fs::write(repo.outside().join("edited.json"), plan.replace(from, to)).unwrap();
        repo.run(["apply", "../edited.json"])
    };
    edited("kernel", "nucleus").exit(4).stderr_has("error: the plan is stale: it makes tree ");
    edited("saved-plan/1", "saved-plan/2").exit(2).stderr_has("saved-plan/2");
    edited("\"tree\"", "\"tee\"").exit(2).stderr_has("unknown field `tee`");
    edited(&plan, "{").exit(2).stderr_has("error: failed to read `../edited.json`\n");
    let json = repo.run(["plan", "--format", "json", "../play.toml"]).exit(0);
    edited(&plan, json.text()).exit(2).stderr_has("this is `overhaul.plan/1`, not a saved plan");
    repo.state().same_as(&before);
    let base = repo.git(["rev-parse", "HEAD"]);
    repo.git(["commit", "-q", "--allow-empty", "-m", "second"]);
    let ran = repo.run(["apply", "plan.json"]).exit(4);
    ran.stderr_has("error: the plan is stale: it was made on ").stderr_has("hint: plan again, or");
    repo.run(["apply", "--base", &base, "plan.json"]).exit(0);
}

#[test]
fn a_plan_that_breaks_an_import_is_not_applied() {
    let broken = "name = 'b'\n[[step]]\nkind = 'remove'\npaths = ['app/core.py']\n";
    let repo = small().playbook(broken);
    let before = repo.state();
    repo.run(["apply", "--yes", "../play.toml"])
        .exit(3)
        .stdout_has("    app/main.py:1:1: cannot find module `app.core`\n")
        .stderr_has("error: verification failed, nothing was written");
    repo.state().same_as(&before);
}

#[test]
fn a_plan_that_closes_a_ring_says_how_to_go_on() {
    let repo = Repo::new()
        .files([
            ("base/__init__.py", ""),
            ("base/low.py", "b = 1\n"),
            ("top/__init__.py", "from use import b\n"),
            ("use.py", "from base.low import b\n"),
        ])
        .commit("first")
        .playbook("name = 'b'\n[[step]]\nkind = 'move'\nfrom = 'base/low.py'\nto = 'top/low.py'\n");
    repo.run(["apply", "--yes", "../play.toml"])
        .exit(3)
        .stderr_has("new import cycles: 1")
        .stderr_has("hint: move what closes the ring along with it");
}

#[test]
fn the_result_is_tried_out_before_it_is_published() {
    let text = |command: &str| {
        format!(
            "name = 'p'\n[verify]\nrun = ['{command}']\n\
             [[step]]\nkind = 'remove'\npaths = ['old']\n"
        )
    };
    let repo = small().playbook(&text("false"));
    repo.run(["apply", "--yes", "../play.toml"]).exit(3).stderr(
        "Running `false` on the result.\n\
         error: `false` failed on the result (exit status: 1); nothing was written\n",
    );
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
    let repo = repo.file(".overhaul/playbooks/own.toml", text("true")).commit("a playbook");
    repo.run(["apply", "--yes", "own"]).exit(4).stderr(
        "error: the playbook is the repository's own, and wants to start programs\n\
         hint: read it, then say `--allow-run`\n",
    );
    repo.run(["apply", "--yes", "--allow-run", "own"]).exit(0);
}

/// Saving a plan makes the repository's own playbook no more trustworthy than it was.
#[test]
fn a_saved_plan_may_start_programs_only_where_its_playbook_may() {
    let text = "name = 'own'\n[verify]\nrun = ['true']\n\
                [[step]]\nkind = 'remove'\npaths = ['old']\n";
    let repo = small().file(".overhaul/playbooks/own.toml", text).commit("a playbook");
    let ran = repo.run(["plan", "own", "-o", "../own.json"]).exit(0);
    ran.stderr_has("warning: `apply` will ask for `--allow-run`");
    repo.run(["apply", "../own.json"]).exit(4).stderr_has("hint: read it, then say `--allow-run`");
    repo.run(["plan", "own", "--allow-run", "-o", "../own.json"]).exit(0).stderr_lacks("warning");
    repo.run(["apply", "../own.json"]).exit(0);
    let repo = repo.playbook(text);
    repo.run(["plan", "../play.toml", "-o", "../play.json"]).exit(0).stderr_lacks("warning");
    repo.run(["apply", "../play.json"]).exit(0).stderr_has("Running `true` on the result.");
}

#[test]
fn what_stands_in_the_way_of_a_switch_is_found_before_anything_is_published() {
    let repo = Repo::new().file("a.py", "X = 1\n").file(".gitignore", "lib\n").commit("first");
    let repo = repo.file("lib", "mine\n").file(
        ".git/t.toml",
        "name = 't'\n[[step]]\nkind = 'move'\nfrom = 'a.py'\nto = 'lib/a.py'\n",
    );
    let ran = repo.run(["apply", ".git/t.toml", "--yes", "--switch"]).exit(4);
    ran.stderr_has("`lib` would be overwritten by the switch, and nobody tracks it\nhint: ");
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
    repo.run(["log"]).exit(0).stdout_lacks("overhaul/t");
    repo.run(["apply", ".git/t.toml", "--yes"]).exit(0);
}
