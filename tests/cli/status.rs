//! `overhaul status`, and a playbook that is carried out sprint by sprint.

use crate::support::Repo;

const PLAYBOOK: &str = r#"name = "tidy"
description = "Two sprints."

[[sprint]]
name = "critical"
priority = "P0"
goal = "Every import resolves"

[[sprint]]
name = "order"
priority = "P1"

[[step]]
sprint = "critical"
kind = "rewrite-imports"
imports = { "app.gone" = "app.core" }
why = "gone was deleted"

[[step]]
sprint = "order"
kind = "remove"
paths = ["old_*.py"]
unless-used = true

[[step]]
sprint = "order"
id = "scripts"
kind = "move"
into = { "scripts" = ["run_*.py"] }

[[check]]
rule = "unresolved-import"

[[check]]
manual = "The team has read it"
"#;

fn messy() -> Repo {
    let files = [
        ("app/__init__.py", ""),
        ("app/core.py", "X = 1\n"),
        ("app/main.py", "import app.gone\nimport old_used\n"),
        ("old_dead.py", ""),
        ("old_used.py", ""),
        ("run_it.py", "if __name__ == '__main__':\n    print('it')\n"),
    ];
    Repo::new().files(files).playbook(PLAYBOOK).commit("first")
}

#[test]
fn sprint_after_sprint_is_applied_merged_and_done() {
    let repo = messy();
    let head = || repo.git(["rev-parse", "HEAD"]);
    let before = repo.state();
    repo.run(["status", "../play.toml"]).exit(0).stderr("").stdout(&format!(
        "status of `tidy`, on commit {}
Two sprints.

sprint `critical` (P0): Every import resolves
  pending `1-rewrite-imports` (gone was deleted): would change 1 file

sprint `order` (P1)
  pending `2-remove`: would change 1 file
          left alone:
            old_used.py: something that stays uses it
              `app/main.py:2` imports it
  pending `scripts`: would change 1 file

checks
  fails   `unresolved-import`: 1 found, at most 0 are fine
          error: app/main.py:1: there is no module `app.gone`
  open    The team has read it (by hand)

0 of 2 sprints done, 0 of 2 checks hold
",
        head()
    ));
    repo.state().same_as(&before);

    repo.run(["apply", "--yes", "--only", "critical", "../play.toml"]).exit(0);
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let ran = repo.run(["status", "../play.toml", "--check"]).exit(1);
    ran.stdout_has("  done    `1-rewrite-imports` (gone was deleted)\n")
        .stdout_has("  pending `scripts`: would change 1 file\n")
        .stdout_has("  holds   `unresolved-import`: 0 found, at most 0 are fine\n")
        .stdout_has("1 of 2 sprints done, 1 of 2 checks hold\n");

    repo.run(["plan", "--check", "--only", "critical", "../play.toml"]).exit(0);
    repo.run(["apply", "--yes", "--only", "order", "../play.toml"]).exit(0);
    repo.git(["merge", "-q", "overhaul/tidy-2"]);
    let json = repo.run(["status", "../play.toml", "--format", "json"]).exit(0).json();
    assert_eq!(json["format"], "overhaul.status/1");
    let sprints = json["sprints"].as_array().unwrap();
    assert!(sprints.iter().all(|it| it["done"] == true), "{json:#}");
    assert_eq!(sprints[1]["steps"][0]["left_alone"][0]["path"], "old_used.py");
    assert_eq!(json["checks"][0]["holds"], true);
    assert_eq!(json["ready"], false, "the manual check is open");
    repo.run(["plan", "--check", "../play.toml"]).exit(0);
    repo.run(["status", "--check", "../play.toml"]).exit(1);

    let done = format!("{PLAYBOOK}done = true\n");
    let repo = repo.playbook(&done);
    repo.run(["status", "--check", "../play.toml"]).exit(0);
}

#[test]
fn what_a_filter_or_a_condition_holds_back_is_skipped() {
    let repo = messy();
    let ran = repo.run(["status", "--skip", "order", "../play.toml"]).exit(0);
    ran.stdout_has("  skipped `scripts`: named by `--skip`\n").stdout_has("1 of 2 sprints done");
}

#[test]
fn a_check_names_a_rule_that_is_there() {
    let text = "name = \"tidy\"\n\n[[check]]\nrule = \"god-module\"\n";
    let repo = messy().playbook(text);
    repo.run(["status", "../play.toml"])
        .exit(2)
        .stderr_has("unknown rule `god-module`")
        .stderr_has("known rules: `import-cycle`, `missing-name`, `syntax-error`,");
}

#[test]
fn steps_that_may_not_start_programs_are_not_looked_at() {
    let step = "[[step]]\nkind = 'create'\npath = 'new.txt'\ntext = 'x'\n";
    let run = "[[step]]\nid = 'mod'\nkind = 'run'\ncommand = 'true'\n";
    let own = format!("name = 'own'\n{run}{step}");
    let repo = messy().file(".overhaul/playbooks/own.toml", &own).commit("a playbook");
    repo.run(["status", "own", "--check"]).exit(1).stderr("").stdout(&format!(
        "status of `own`, on commit {}

without a sprint
  unseen  `mod`: starts a program of the repository's own playbook; `--allow-run` lets it
  pending `2-create`: would change 1 file

0 of 2 steps done
",
        repo.git(["rev-parse", "HEAD"])
    ));
    let json = repo.run(["status", "own", "--format", "json"]).exit(0).json();
    assert_eq!(json["sprints"][0]["steps"][0]["state"], "unseen");
    let ran = repo.run(["status", "own", "--allow-run"]).exit(0);
    ran.stdout_has("  done    `mod`\n").stdout_has("1 of 2 steps done\n");
    repo.run(["status", "own", "--skip", "mod"])
        .exit(0)
        .stdout_has("skipped `mod`: named by `--skip`");

    let mixed = format!("{PLAYBOOK}\n{step}");
    let repo = repo.playbook(&mixed);
    let ran = repo.run(["status", "../play.toml"]).exit(0);
    ran.stdout_has("0 of 2 sprints and 0 of 1 other step done, 0 of 2 checks hold\n");
}

#[test]
fn steps_that_undo_each_other_are_told() {
    let style = |style: &str, id: &str| {
        format!(
            "[[step]]\nid = '{id}'\nkind = 'import-style'\npaths = ['app']\nstyle = '{style}'\n"
        )
    };
    let playbook =
        format!("name = 'both'\n{}{}", style("relative", "one"), style("absolute", "two"));
    let files = [
        ("app/__init__.py", ""),
        ("app/core.py", "X = 1\n"),
        ("app/main.py", "from app import core\n"),
        ("app/other.py", "from app.core import X\n"),
    ];
    let repo = Repo::new().files(files).playbook(&playbook).commit("first");
    let said = "warning: app/main.py: steps undo each other (`one`, `two`): the file ends as it began, \
                and so do 1 more, so they are never done\n";
    let ran = repo.run(["status", "../play.toml", "--check"]).exit(1);
    ran.stdout_has("pending `one`: would change 2 files\n").stdout_has(said);
    repo.run(["plan", "../play.toml"]).exit(0).stdout_has(said);
    repo.run(["plan", "../play.toml", "--strict"]).exit(2).stderr_has("undo each other");
    let json = repo.run(["status", "../play.toml", "--format", "json"]).exit(0).json();
    assert_eq!(json["findings"][0]["path"], "app/main.py");
}
