//! `overhaul trash`.

use super::{apply, leaky};

const ROWS: &str = "run 1           6 bytes  .env\nrun 1           4 bytes  run.log\n";

#[test]
fn what_git_deletes_is_kept_and_comes_back() {
    let repo = leaky();
    repo.run(["trash"]).exit(0).stdout("").stderr("The trash is empty.\n");
    repo.run(["apply", "--yes", "../play.toml"]).exit(0).stderr_has(
        "warning: git deletes 2 files from the disk when it moves to the branch; \
         copies are in the trash\n",
    );
    for args in [&["trash"][..], &["trash", "list"]] {
        repo.run(args).exit(0).stderr("").stdout(ROWS);
    }
    repo.git(["merge", "-q", "overhaul/ignore"]);
    repo.write(".env", "KEY=2\n");
    repo.run(["trash", "restore", "1"]).exit(0).stdout("").stderr(
        "Brought back 1 file.\n\
         warning: something else stands at `.env`; its copy stays in the trash\n\
         hint: move it away, then `overhaul trash restore 1`\n",
    );
    assert_eq!((repo.read("run.log"), repo.read(".env")), ("ran\n".into(), "KEY=2\n".into()));
}

#[test]
fn a_run_that_is_not_there_is_named() {
    let repo = leaky();
    repo.run(["trash", "restore", "9"])
        .exit(2)
        .stderr("error: no run `9` in this repository\nhint: `overhaul log` lists the runs\n");
    repo.run(["trash", "restore"]).exit(2).stderr_has("<RUN>");
}

#[test]
fn empty_is_for_good() {
    let repo = leaky();
    apply(&repo);
    repo.run(["trash", "--empty"]).exit(0).stderr("Removed 2 files for good.\n");
    repo.run(["trash"]).exit(0).stdout("");
    repo.run(["trash", "--empty"]).exit(0).stderr("Removed 0 files for good.\n");
}
