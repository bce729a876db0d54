//! Junk made by chance: what `clean` takes off the disk comes back, byte for byte.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::Repo;

/// What is made at a path: whether git tracks it, and what it is.
type Thing = (Vec<usize>, bool, u8);

const NAMES: [&str; 6] = ["a", "b.log", "__pycache__", "venv", "ü ", "x.py"];

fn things() -> impl Strategy<Value = Vec<Thing>> {
    let path = prop::collection::vec(0..NAMES.len(), 1..5);
    prop::collection::vec((path, prop::bool::weighted(0.3), 0..6_u8), 1..14)
}

const PLAYBOOK: &str = "name = 'junk'\n[keep]\npaths = ['a/a']\n\
    [[step]]\nkind = 'clean'\npaths = ['**/__pycache__', '**/*.log', 'venv', '**/x.py', 'a/venv']\n";

/// L6: whatever lies around, `undo` brings every byte back; and L4: nothing that is tracked moves.
#[test]
fn l6_undo_is_exact_after_any_cleaning() {
    let cases = if std::env::var_os("CRASH").is_some_and(|it| it == "all") { 500 } else { 16 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let cleaned = std::cell::Cell::new(0);
    let checked = TestRunner::new(config).run(&(things(), any::<bool>()), |(things, far)| {
        cleaned.set(cleaned.get() + u32::from(clean(&things, far)));
        Ok(())
    });
    checked.unwrap();
    assert!(cleaned.get() > 0);
}

/// Cleans a repository and takes it back; tells whether there was anything to clean.
fn clean(things: &[Thing], far: bool) -> bool {
    let repo = Repo::new().playbook(PLAYBOOK);
    let (tracked, junk): (Vec<&Thing>, Vec<&Thing>) = things.iter().partition(|it| it.1);
    tracked.iter().for_each(|it| make(&repo, it));
    repo.git(["add", "--all", "--force"]);
    let repo = repo.commit("first");
    let repo = if far { repo.far() } else { repo };
    junk.iter().for_each(|it| make(&repo, it));
    let (before, listed) = (repo.state(), status(&repo));
    let plan = repo.run(["plan", "../play.toml", "--check", "--format", "json"]);
    let rows = plan.json()["on_disk"].as_array().unwrap().len();
    repo.state().same_as(&before);
    let _ = repo.run(["-q", "apply", "../play.toml", "--yes"]).exit(0);
    assert_eq!(status(&repo), listed);
    let again = repo.run(["plan", "../play.toml", "--check", "--format", "json"]).exit(0).json();
    assert_eq!(again["on_disk"].as_array().unwrap().len(), 0);
    if rows > 0 {
        let _ = repo.run(["-q", "undo"]).exit(0);
    }
    repo.state().same_as(&before);
    rows > 0
}

/// Asks git what differs of what it tracks, and does not let it write its index anew.
fn status(repo: &Repo) -> String {
    repo.git(["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"])
}

/// Makes one thing, where nothing else stands in its way.
fn make(repo: &Repo, (names, _, kind): &Thing) {
    let names: Vec<&str> = names.iter().map(|it| NAMES[*it]).collect();
    let path = repo.path(names.join("/"));
    if fs::symlink_metadata(&path).is_ok() || fs::create_dir_all(path.parent().unwrap()).is_err() {
        return;
    }
    match kind {
        0 => fs::create_dir(&path).unwrap(),
        1 => std::os::unix::fs::symlink("../somewhere", &path).unwrap(),
        mode => {
            fs::write(&path, names.join(" ")).unwrap();
            let mode = [0o644, 0o755, 0o600, 0o444][usize::from(*mode) - 2];
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}
