//! The builder itself: what it makes, and that it sees a change.

use crate::support::Repo;

#[test]
fn a_repository_is_the_same_every_time() {
    let make = || Repo::new().file("a.py", "X = 1\n").commit("first").git(["rev-parse", "HEAD"]);
    assert_eq!(make(), make());
}

#[test]
fn the_state_sees_any_change() {
    let repo = Repo::new().file("a.py", "X = 1\n").commit("first");
    let before = repo.state();
    repo.state().same_as(&before);
    repo.git(["branch", "other"]);
    assert_ne!(repo.state(), before);
}

#[test]
fn every_kind_of_entry_can_be_built() {
    let repo = Repo::new()
        .files([("a.py", "X = 1\n"), ("pkg/__init__.py", "")])
        .script("run.sh", "#!/bin/sh\n")
        .link("to-a", "a.py")
        .playbook("name = 'x'\n")
        .commit("first");
    let modes = repo.git(["ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD"]);
    assert_eq!(modes, "100644 a.py\n100644 pkg/__init__.py\n100755 run.sh\n120000 to-a");
    assert_eq!(repo.read("../play.toml"), "name = 'x'\n");
    assert!(!repo.try_git(["rev-parse", "no-such-thing"]).status.success());
}

#[test]
fn a_run_is_judged_by_what_it_leaves() {
    let repo = Repo::new().env("NO_COLOR", "1");
    let _ =
        repo.run(["--version"]).exit(0).stderr("").stdout_has("overhaul").stdout_lacks("[ROOT]");
    let before = repo.state().without(&[".git/objects"]);
    repo.run(["no-such-command"]).exit(2).stdout("").stderr_has("no-such-command");
    repo.state().without(&[".git/objects"]).same_as(&before);
}
