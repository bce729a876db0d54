//! Repositories in front of a command that writes.

use std::path::Path;

use crate::support::Repo;

/// A repository, and what is done to it.
pub(super) struct Scene {
    /// What it is called.
    pub(super) name: &'static str,
    /// The command that is interrupted.
    pub(super) command: &'static [&'static str],
    /// Makes the repository.
    pub(super) make: fn() -> Repo,
    /// What leads to another whole state that the command goes through, if anything does.
    pub(super) half_way: Option<&'static [&'static str]>,
}

const APPLY: &[&str] = &["-q", "apply", "../play.toml", "--yes"];
const DIRTY: &[&str] = &["-q", "apply", "../play.toml", "--yes", "--allow-dirty"];
const SWITCH: &[&str] = &["-q", "apply", "../play.toml", "--yes", "--switch"];

pub(super) const SCENES: [Scene; 8] = [
    Scene { name: "apply", command: APPLY, make: leaky, half_way: None },
    Scene { name: "apply-dirty", command: DIRTY, make: dirty, half_way: None },
    Scene { name: "switch", command: SWITCH, make: leaky, half_way: Some(APPLY) },
    Scene { name: "undo", command: &["-q", "undo"], make: applied, half_way: None },
    Scene { name: "undo-pushed", command: &["-q", "undo"], make: pushed, half_way: None },
    Scene { name: "undo-merged", command: &["-q", "undo"], make: merged, half_way: None },
    Scene {
        name: "trash-restore",
        command: &["-q", "trash", "restore", "1"],
        make: merged,
        half_way: None,
    },
    Scene {
        name: "trash-empty",
        command: &["-q", "trash", "--empty"],
        make: merged,
        half_way: None,
    },
];

const PLAYBOOK: &str = "name = \"kill\"\n\
    [[step]]\nkind = \"gitignore\"\nadd = [\"*.env\"]\nuntrack = true\n\
    [[step]]\nkind = \"move\"\nfrom = \"old\"\nto = \"new\"\n";

/// A repository that tracks what it should not, and has a package to move.
pub(super) fn leaky() -> Repo {
    Repo::new()
        .files([
            ("old/__init__.py", ""),
            ("old/a.py", "X = 1\n"),
            ("main.py", "from old.a import X\n"),
        ])
        .files([("prod.env", "KEY=1\n"), ("conf/local.env", "KEY=2\n")])
        .link("conf/link.env", "local.env")
        .playbook(PLAYBOOK)
        .commit("first")
}

fn dirty() -> Repo {
    let repo = leaky().file("main.py", "from old.a import X as Y\n").file("new.txt", "untracked\n");
    repo.git(["add", "main.py"]);
    repo.file("main.py", "from old.a import X as Z\n").file("prod.env", "KEY=changed\n")
}

fn applied() -> Repo {
    let repo = leaky();
    let _ = repo.run(APPLY).exit(0);
    repo
}

/// As after a push and a garbage collection: the branch is packed, and configured.
fn pushed() -> Repo {
    let repo = applied();
    repo.git(["config", "branch.overhaul/kill.remote", "origin"]);
    repo.git(["pack-refs", "--all"]);
    repo
}

/// As after a merge: git has deleted what is in the trash.
fn merged() -> Repo {
    let repo = applied();
    repo.git(["merge", "-q", "overhaul/kill"]);
    repo
}

/// A package of many modules, each of which imports the next: a plan that edits them all.
pub(super) fn large(modules: usize) -> Repo {
    let folder = |at: usize| format!("part{}", at % 20);
    let text = |at: usize| {
        let next = (at + 1) % modules;
        format!("def run():\n    from old.{}.m{next} import run\n    run()\n", folder(next))
    };
    let files = (0..modules).map(|at| (format!("old/{}/m{at}.py", folder(at)), text(at)));
    let files = files.chain((0..20).map(|at| (format!("old/part{at}/__init__.py"), String::new())));
    let repo = Repo::new().file("prod.env", "KEY=1\n").file("old/__init__.py", "");
    files.fold(repo, |repo, (path, text)| repo.file(path, text)).playbook(PLAYBOOK).commit("first")
}

/// Copies a repository, with all that is around it.
pub(super) fn copy(repo: &Repo) -> Repo {
    let copy = Repo::folder();
    for entry in std::fs::read_dir(repo.outside()).unwrap() {
        let mut command = repo.command("cp", Path::new("/"));
        command.arg("-a").arg(entry.unwrap().path()).arg(copy.outside());
        assert!(command.status().unwrap().success(), "{command:?} failed");
    }
    copy
}
