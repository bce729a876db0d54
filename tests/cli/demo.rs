//! `overhaul demo`.

use crate::support::Repo;

#[test]
fn the_whole_job_is_shown() {
    let folder = Repo::folder();
    let ran = folder.run(["demo"]).exit(0);
    for command in ["verify", "plan", "apply", "log", "undo"] {
        assert!(ran.text().contains(&format!("$ overhaul {command}")), "{command} in {ran}");
    }
    assert_eq!(std::fs::read_dir(folder.outside().join("tmp")).unwrap().count(), 0);
}

#[test]
fn the_repository_can_be_kept() {
    let folder = Repo::folder();
    folder.run(["demo", "--keep", "messy"]).exit(0);
    folder.run(["-C", "messy", "log"]).exit(0).stdout_has("undone");
    folder
        .run(["demo", "--keep", "messy"])
        .exit(2)
        .stdout("")
        .stderr_has("error: failed to create `messy`\n");
}
