//! Nothing that a repository, its configuration or the environment names is ever run.

use std::path::Path;

use overhaul::host::Repo as Host;

use crate::support::Repo;

/// Keys by which a configuration starts programs.
const KEYS: [&str; 25] = [
    "core.fsmonitor",
    "core.editor",
    "core.pager",
    "core.askPass",
    "core.sshCommand",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.mine.textconv",
    "diff.mine.command",
    "filter.mine.clean",
    "filter.mine.smudge",
    "filter.mine.process",
    "interactive.diffFilter",
    "merge.mine.driver",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.x509.program",
    "gpg.ssh.defaultKeyCommand",
    "pager.status",
    "pager.config",
    "pager.diff",
    "sequence.editor",
    "trailer.mine.command",
];

/// Makes a repository in which whatever could run touches `../sang`.
fn mine() -> Repo {
    mine_by(&["--local"])
}

/// As [`mine`], configured in the file that these arguments of `git config` name.
fn mine_by(place: &[&str]) -> Repo {
    let repo = Repo::new().file("a.py", "X = 1\n").file("b.py", "Y = 1\n").commit("first");
    let sing = repo.outside().join("sing");
    std::fs::write(&sing, "#!/bin/sh\ntouch \"$(dirname \"$0\")/sang\"\ncat\n").unwrap();
    executable(&sing);
    let song = sing.display().to_string();
    let hooks = repo.path(".git/hooks");
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
        std::fs::write(hooks.join(hook), format!("#!/bin/sh\n{song}\n")).unwrap();
        executable(&hooks.join(hook));
    }
    repo.git(["config", "include.path", "../../included"]);
    repo.git(["config", "extensions.worktreeConfig", "true"]);
    let set = |key: &str, value: &str| repo.git([&["config"], place, &[key, value]].concat());
    for name in ["status", "ls-files", "rev-parse", "switch", "update-index", "read-tree"] {
        set(&format!("alias.{name}"), &format!("!{song}"));
    }
    for (key, value) in [
        ("core.hooksPath", hooks.to_str().unwrap()),
        ("commit.gpgSign", "true"),
        ("log.showSignature", "true"),
        ("core.splitIndex", "false"),
    ] {
        set(key, value);
    }
    for key in KEYS {
        set(key, &song);
    }
    // What git did until here may have sung.
    let _ = std::fs::remove_file(repo.outside().join("sang"));
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

#[test]
fn no_command_runs_anything_wherever_it_is_configured() {
    let move_a = "name = \"m\"\n[[step]]\nkind = \"move\"\nfrom = \"a.py\"\nto = \"c/a.py\"\n";
    let untrack = "[[step]]\nkind = \"gitignore\"\nadd = [\"b.py\"]\nuntrack = true\n";
    let places: [&[&str]; 4] =
        [&["--local"], &["--worktree"], &["--file", "../included"], &["--global"]];
    for place in places {
        let repo = mine_by(place).playbook(&format!("{move_a}{untrack}"));
        repo.write(".git/info/attributes", "*.py diff=mine merge=mine\n");
        for args in [
            &["verify"][..],
            &["verify", "--staged"],
            &["verify", "--against", "HEAD"],
            &["why", "a.py"],
            &["plan", "../play.toml"],
            &["apply", "../play.toml", "--yes", "--switch"],
            &["log"],
            &["trash"],
            &["trash", "restore", "1"],
        ] {
            let _ = repo.run(args).exit(0);
            assert!(!sang(&repo), "{place:?}: {args:?}");
        }
        std::fs::write(repo.path(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        let _ = repo.run(["undo"]).exit(0);
        assert!(!sang(&repo), "{place:?}: undo");
        repo.try_git(["switch", "main"]);
        assert!(sang(&repo), "{place:?}: the canary can sing");
    }
}
