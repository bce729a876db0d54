//! Undo after plans made by chance, on real repositories.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::generate::{Case, case};
use crate::support::Repo;

/// L6: whatever a plan did, merged or not, `undo` brings every byte back.
#[test]
fn l6_undo_is_exact_after_any_plan() {
    let cases = if std::env::var_os("CRASH").is_some_and(|it| it == "all") { 700 } else { 12 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let undone = std::cell::Cell::new(0);
    let checked = TestRunner::new(config).run(&(case(), any::<bool>()), |(case, merged)| {
        undone.set(undone.get() + u32::from(undo(&case, merged)));
        Ok(())
    });
    checked.unwrap();
    println!("{} of {cases} plans were applied and undone", undone.get());
    assert!(undone.get() > 0);
}

/// Applies the plan of a case and takes it back; tells whether there was anything to apply.
fn undo(case: &Case, merged: bool) -> bool {
    let repo = case.files.iter().fold(Repo::new(), |repo, (path, bytes)| repo.file(path, bytes));
    let repo = repo.playbook(&case.playbook).commit("first");
    let before = repo.state().without(&[".git/objects"]);
    let tree = repo.git(["rev-parse", "HEAD^{tree}"]);
    let _ = repo.run(["-q", "apply", "../play.toml", "--yes"]);
    if !repo.try_git(["rev-parse", "-q", "--verify", "overhaul/case"]).status.success() {
        repo.state().without(&[".git/objects"]).same_as(&before);
        return false;
    }
    if !merged {
        let _ = repo.run(["-q", "undo"]).exit(0);
        repo.state().without(&[".git/objects"]).same_as(&before);
        return true;
    }
    repo.git(["merge", "-q", "--no-ff", "-m", "merge", "overhaul/case"]);
    let _ = repo.run(["-q", "undo"]).exit(0);
    assert_eq!(repo.git(["rev-parse", "overhaul/undo-case^{tree}"]), tree);
    repo.git(["switch", "-q", "--force", "overhaul/undo-case"]);
    let disk = |state: crate::support::State| state.without(&[".git"]).without_times();
    disk(repo.state()).same_as(&disk(before));
    true
}
