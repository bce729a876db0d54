//! `overhaul log`.

use super::{apply, small};

#[test]
fn runs_are_listed_with_what_became_of_them() {
    let repo = small();
    repo.run(["log"]).exit(0).stderr("").stdout("no runs yet\n");
    apply(&repo);
    apply(&repo);
    repo.run(["undo", "1"]).exit(0);
    repo.git(["merge", "-q", "overhaul/tidy-2"]);
    let ran = repo.run(["log"]).exit(0).stderr("");
    let heads: Vec<&str> = ran.text().lines().filter(|it| it.starts_with("run ")).collect();
    assert_eq!(heads, ["run 1: `tidy`, undone", "run 2: `tidy`, merged"]);
    ran.stdout_has("branch `overhaul/tidy-2`, 2 commits\n")
        .stdout_has(" tidy: 1-move (2 edited, 1 moved)\n");
}

#[test]
fn json_is_versioned() {
    let repo = small();
    apply(&repo);
    let json = repo.run(["log", "--format", "json"]).exit(0).stderr("").json();
    assert_eq!(json["format"], "overhaul.log/1");
    assert_eq!(json["runs"][0]["state"], "applied");
    repo.run(["log", "--format", "patch"]).exit(2).stderr_has("[possible values: json, text]");
}
