//! `overhaul plan`.

use super::small;
use crate::support::Repo;

#[test]
fn a_plan_is_told_step_by_step_then_shown_as_a_diff() {
    let repo = small();
    let before = repo.state();
    let ran = repo.run(["plan", "../play.toml"]).exit(0).stderr("");
    let (summary, diff) = ran.text().split_once("\ndiff --git ").unwrap();
    assert!(
        summary.starts_with("plan `tidy`: 2 steps, 4 files (2 moved, 2 edited)\n"),
        "{summary}"
    );
    for line in [
        "\n1. move: 1 moved, 2 edited\n   a better name\n",
        "     app/core.py → app/kernel.py\n",
        "     old/gone.py → archive/old/gone.py\n",
        "edit to review, applied only with `--include review`",
        "\nproof holds: every import that resolved before resolves after\n",
    ] {
        assert!(summary.contains(line), "{line} in {summary}");
    }
    assert!(diff.contains("rename from app/core.py\nrename to app/kernel.py\n"), "{diff}");
    assert!(diff.contains("-from app.core import X\n+from app.kernel import X\n"), "{diff}");
    repo.state().same_as(&before);
}

#[test]
fn stat_takes_the_place_of_the_diff() {
    let stat = " README.md                    | 2 +-\n";
    let args = ["plan", "--stat", "--include", "review", "../play.toml"];
    small().run(args).exit(0).stdout_has(stat).stdout_lacks("diff --git");
}

#[test]
fn check_tells_pending_changes_by_the_exit_code() {
    let repo = small();
    repo.run(["plan", "--check", "--stat", "../play.toml"]).exit(1).stderr("");
    super::apply(&repo);
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let ran = repo.run(["plan", "--check", "../play.toml"]).exit(0);
    ran.stdout_has("plan `tidy`: 2 steps, nothing to change\n");
}

#[test]
fn a_patch_is_only_a_patch() {
    let repo = small();
    let ran = repo.run(["plan", "--format", "patch", "../play.toml"]).exit(0);
    let ran = ran.stderr("The patch is exact: secrets in it are not hidden.\n");
    assert!(ran.text().starts_with("diff --git a/app/core.py b/app/kernel.py\n"), "{ran}");
    let json = repo.run(["plan", "--format", "json", "../play.toml"]).exit(0).stderr("").json();
    assert_eq!(json["format"], "overhaul.plan/1");
    assert_eq!(json["steps"][0]["id"], "1-move");
}

#[test]
fn parts_of_a_playbook_are_chosen_by_name() {
    let repo = small();
    let ran = repo.run(["plan", "--stat", "--only", "2-remove", "../play.toml"]).exit(0);
    ran.stdout_has("1. move: skipped: not named by `--only`").stdout_has("1 file changed");
    let ran = repo.run(["plan", "--stat", "--skip", "2-remove", "../play.toml"]).exit(0);
    ran.stdout_has("2. remove: skipped: named by `--skip`");
    repo.run(["plan", "--only", "1-moev", "../play.toml"]).exit(2).stdout("").stderr(
        "error: the playbook has no sprint or step `1-moev`\nhint: did you mean `1-move`?\n",
    );
}

#[test]
fn any_commit_can_be_the_base() {
    let repo = small();
    repo.git(["tag", "v1"]);
    let head = repo.git(["rev-parse", "HEAD"]);
    let repo = repo.file("app/main.py", "").commit("second");
    for base in ["v1", "main~1", head.as_str()] {
        repo.run(["plan", "--stat", "--base", base, "../play.toml"])
            .exit(0)
            .stdout_has(&format!("on commit {head}\n"))
            .stdout_has("app/main.py");
    }
    for base in ["nope", "v1^{tree}", "v1..main", "", "@{-1}"] {
        repo.run(["plan", "--base", base, "../play.toml"]).exit(2).stdout("").stderr(&format!(
            "error: `{base}` is no commit of this repository\n\
             hint: name a branch, a tag or a commit\n"
        ));
    }
}

#[test]
fn a_saved_plan_is_written_whole_or_not_at_all() {
    let repo = small().file("plan.json", "mine\n");
    let ran = repo.run(["plan", "--stat", "-o", "no/plan.json", "../play.toml"]).exit(2);
    ran.stderr("error: failed to write `no/plan.json`\n  caused by: No such file or directory (os error 2)\n");
    repo.run(["plan", "--stat", "-o", "app", "../play.toml"]).exit(2).stderr_has("write `app`");
    let broken = "name = 'b'\n[[step]]\nkind = 'remove'\npaths = ['app/core.py']\n";
    let repo = repo.playbook(broken);
    repo.run(["plan", "-o", "plan.json", "../play.toml"])
        .exit(3)
        .stdout_has("proof fails: the plan breaks what worked, and is not applied\n")
        .stderr_has("error: verification failed, nothing was written");
    assert_eq!(repo.read("plan.json"), "mine\n");
}

#[test]
fn a_warning_is_an_error_where_that_is_asked_for() {
    let text = "name = 'p'\n[[step]]\nkind = 'remove'\npaths = ['nope/*']\n";
    let repo = small().playbook(text);
    repo.run(["plan", "../play.toml"]).exit(0).stdout_has("warning: `nope/*` matches nothing");
    repo.run(["plan", "--strict", "../play.toml"])
        .exit(2)
        .stdout("")
        .stderr_has("error: `nope/*` matches nothing\n")
        .stderr_has("hint: without `--strict` this is a warning\n");
}

#[test]
fn an_import_that_a_script_loses_is_a_warning() {
    let text = "name = 'p'\n[[step]]\nkind = 'move'\nfrom = 'run.py'\nto = 'bin/run.py'\n";
    let repo = Repo::new().file("lib.py", "").script("run.py", "import lib\n").commit("base");
    let repo = repo.playbook(text);
    let why = "`python bin/run.py` does not find it any more";
    let warning = format!("`bin/run.py:1` imports `lib`, which is unproved: {why}\n");
    repo.run(["plan", "--stat", "../play.toml"]).exit(0).stdout_has(&format!(
        "proof holds, but for what is unproved: look at it\n  1 unproved import:\n    \
         bin/run.py:1:1: cannot find module `lib`: {why}\n"
    ));
    repo.run(["plan", "--strict", "../play.toml"]).exit(2).stderr_has(&warning);
    repo.run(["apply", "--yes", "../play.toml"]).exit(0).stderr_has(&warning);
}

#[test]
fn files_that_the_plan_cannot_see_are_warned_of() {
    let repo = small().file("app/main.py", "from app.core import X  # mine\n");
    let ran = repo.run(["plan", "--stat", "../play.toml"]).exit(0);
    ran.stderr(
        "warning: `app/main.py` has changes that are not committed; the plan reads the commit\n",
    );
}

#[test]
fn a_playbook_that_is_no_use_is_named() {
    let repo = small();
    for (playbook, message) in [
        ("nope.toml", "error: failed to read `nope.toml`\n  caused by: No such file"),
        ("nope", "error: there is no playbook `nope`\n"),
        ("consolidate-folder", "hint: did you mean `consolidate-folders`?\n"),
        ("app/main.py", "error: `app/main.py` has a mistake\n  × not valid TOML"),
    ] {
        repo.run(["plan", playbook]).exit(2).stdout("").stderr_has(message);
    }
}

#[test]
fn a_repository_that_is_none_is_refused() {
    let folder = Repo::folder().playbook("name = 'p'\n");
    let ran = folder.run(["plan", "../play.toml"]).exit(4).stdout("");
    ran.stderr_has("error: `[ROOT]` is not in a git repository\nhint: run `git init`");
    let empty = Repo::new().playbook("name = 'p'\n");
    let ran = empty.run(["plan", "../play.toml"]).exit(4).stdout("");
    ran.stderr_has("error: there is no commit yet\nhint: commit what you have first");
}

#[test]
fn a_move_to_what_is_no_python_file_says_so() {
    let text = "name = 'p'\n[[step]]\nkind = 'move'\nfrom = 'app/core.py'\nto = 'kernel'\n";
    let ran = small().playbook(text).run(["plan", "../play.toml"]).exit(2).stdout("");
    ran.stderr(
        "error: step `1-move` cannot be carried out\n  caused by: `kernel` is no Python file\n\
         hint: `app/main.py:1` imports `app/core.py`\n",
    );
}

/// Names as git itself shows them.
#[test]
fn odd_names_are_quoted_in_the_figures() {
    let odd = "d/new\nline \u{e9}.txt";
    let repo = Repo::new().file("d/a.txt", "1\n2\n").file(odd, "1\n2\n").commit("first");
    let step =
        |from: &str, to: &str| format!("[[step]]\nkind = \"move\"\nfrom = {from:?}\nto = {to:?}\n");
    let text = "name = \"x\"\n".to_owned() + &step("d/a.txt", "e/a.txt") + &step(odd, "e/b.txt");
    let repo = repo.playbook(&text);
    let ran = repo.run(["plan", "../play.toml", "--stat"]).exit(0);
    repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    let git = repo.git(["diff", "--stat=80", "-M", "main", "overhaul/x"]);
    ran.stdout_has(&git);
}

#[test]
fn a_run_that_a_command_starts_is_not_broken_even_where_a_person_looked() {
    let repo = Repo::new()
        .file("Makefile", "x:\n\tpython scripts/a_admin.py\n")
        .file("scripts/a_admin.py", "import helper\n")
        .file("scripts/helper.py", "")
        .file("app.py", "")
        .commit("first");
    let ran = repo.run(["plan", "organise-scripts"]).exit(3);
    ran.stderr_has("hint: edits to review are not applied; see what `--include review` makes");
    let ran = repo.run(["plan", "organise-scripts", "--include", "review"]).exit(3);
    ran.stdout_has("the run that `Makefile:2` starts does not find it any more");
    let repo = repo.file("Makefile", "x:\n\tPYTHONPATH=. python scripts/a_admin.py\n").commit("b");
    repo.run(["plan", "organise-scripts", "--include", "review"]).exit(0);
}
