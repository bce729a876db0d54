//! Nothing that a repository, its configuration or the environment names is ever run.

use std::path::Path;

use overhaul::host::Repo as Host;

use crate::support::Repo;

/// Makes a repository in which whatever could run touches `../sang`.
fn mine() -> Repo {
    let repo = Repo::new().file("a.py", "X = 1\n").file("b.py", "Y = 1\n").commit("first");
    let sing = repo.outside().join("sing");
    std::fs::write(&sing, "#!/bin/sh\ntouch \"$(dirname \"$0\")/sang\"\ncat\n").unwrap();
    executable(&sing);
    let song = sing.display().to_string();
    for key in [
        "core.fsmonitor",
        "core.editor",
        "core.pager",
        "core.askPass",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.mine.textconv",
        "diff.mine.command",
        "filter.mine.clean",
        "filter.mine.smudge",
        "merge.mine.driver",
        "gpg.program",
        "pager.status",
        "pager.config",
        "sequence.editor",
    ] {
        repo.git(["config", key, &song]);
    }
    for name in ["status", "ls-files", "rev-parse", "switch"] {
        repo.git(["config", &format!("alias.{name}"), &format!("!{song}")]);
    }
    repo.git(["config", "commit.gpgSign", "true"]);
    for hook in [
        "post-index-change",
        "pre-commit",
        "commit-msg",
        "prepare-commit-msg",
        "post-commit",
        "post-checkout",
        "reference-transaction",
        "fsmonitor-watchman",
    ] {
        std::fs::copy(&sing, repo.path(".git/hooks").join(hook)).unwrap();
        std::fs::write(repo.path(".git/hooks").join(hook), format!("#!/bin/sh\n{song}\n")).unwrap();
    }
    repo
}

fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn sang(repo: &Repo) -> bool {
    repo.outside().join("sang").exists()
}

#[test]
fn loading_runs_nothing() {
    let repo = mine();
    repo.write(".git/info/attributes", "*.py diff=mine merge=mine\n");
    repo.write("a.py", "X = 2\n");
    let host = Host::open(&repo.root()).unwrap();
    let base = host.commit("HEAD").unwrap();
    let snapshot = host.snapshot(&base).unwrap();
    for (path, entry) in snapshot.entries.iter() {
        snapshot.contents.read(path, entry.id).unwrap();
    }
    host.work_tree().unwrap();
    host.staged().unwrap();
    assert!(!sang(&repo));
    repo.try_git(["status"]);
    assert!(sang(&repo), "the canary can sing");
}

#[test]
fn a_filter_is_not_even_tried() {
    let repo = mine();
    repo.write(".git/info/attributes", "*.py filter=mine\n");
    repo.write("a.py", "X = 2\n");
    Host::open(&repo.root()).unwrap_err();
    assert!(!sang(&repo));
}

#[test]
fn publishing_switching_and_undoing_run_nothing() {
    let repo = mine();
    let run = super::publish::apply(&repo, super::publish::tidy).unwrap();
    let host = Host::open(&repo.root()).unwrap();
    overhaul::host::switch(&host, &run.id).unwrap();
    overhaul::host::undo(&host, &run.id).unwrap_err();
    // Not with git, which would sing.
    std::fs::write(repo.path(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    overhaul::host::undo(&host, &run.id).unwrap();
    assert!(!sang(&repo));
}
