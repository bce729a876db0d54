//! Repositories in front of a command that writes.

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

pub(super) const SCENES: [Scene; 14] = [
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
    Scene { name: "clean", command: APPLY, make: junk_only, half_way: None },
    Scene { name: "clean-and-move", command: APPLY, make: junk, half_way: None },
    Scene { name: "clean-far", command: APPLY, make: far_junk, half_way: None },
    Scene { name: "undo-clean", command: &["-q", "undo"], make: cleaned, half_way: None },
    Scene { name: "undo-clean-far", command: &["-q", "undo"], make: far_cleaned, half_way: None },
    Scene {
        name: "restore-clean",
        command: &["-q", "trash", "restore", "1"],
        make: cleaned,
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

const CLEAN: &str =
    "[[step]]\nkind = \"clean\"\npaths = [\"**/__pycache__\", \"*.log\", \"venv\"]\n";

/// Junk of all kinds, and nothing to commit.
fn junk_only() -> Repo {
    with_junk(leaky().playbook(&format!("name = \"kill\"\n{CLEAN}")))
}

/// Junk of all kinds beside what is to be committed.
fn junk() -> Repo {
    with_junk(leaky().playbook(&format!("{PLAYBOOK}{CLEAN}")))
}

fn with_junk(repo: Repo) -> Repo {
    let repo = repo
        .file("run.log", "log\n")
        .file("old/__pycache__/a.cpython-311.pyc", "bytes")
        .file("venv/pyvenv.cfg", "")
        .script("venv/bin/activate", "#!/bin/sh\n")
        .link("venv/bin/python", "/usr/bin/python3");
    std::fs::create_dir(repo.path("venv/lib")).unwrap();
    repo
}

fn far_junk() -> Repo {
    junk().far()
}

fn cleaned() -> Repo {
    let repo = junk();
    let _ = repo.run(APPLY).exit(0);
    repo
}

fn far_cleaned() -> Repo {
    let repo = far_junk();
    let _ = repo.run(APPLY).exit(0);
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
