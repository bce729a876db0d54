//! The program from the outside: one file per command.

mod apply;
mod batch;
mod clean;
mod demo;
mod frame;
mod kept;
mod log;
mod plan;
mod run;
mod playbook;
mod status;
mod trash;
mod undo;
mod verify;
mod why;

use crate::support::Repo;

/// A package, a script and a test that import `app/core.py`, which the playbook moves; `old` leaves.
fn small() -> Repo {
    Repo::new()
        .files([
            ("app/__init__.py", ""),
            ("app/core.py", "X = 1\n"),
            ("app/main.py", "from app.core import X\n"),
            ("scripts/run.py", "import app.core\n"),
            ("old/gone.py", "print(1)\n"),
            ("README.md", "See app/core.py.\n"),
        ])
        .playbook(
            "name = 'tidy'\n\
             [[step]]\nkind = 'move'\nfrom = 'app/core.py'\nto = 'app/kernel.py'\n\
             why = 'a better name'\n\
             [[step]]\nkind = 'remove'\npaths = ['old']\n",
        )
        .commit("first")
}

/// A log and a secret that are tracked; the playbook takes them out of git, not off the disk.
fn leaky() -> Repo {
    Repo::new()
        .files([("a.py", "X = 1\n"), ("run.log", "ran\n"), (".env", "KEY=1\n")])
        .playbook(
            "name = 'ignore'\n[[step]]\nkind = 'gitignore'\nadd = ['*.log', '.env']\n\
             untrack = true\n",
        )
        .commit("first")
}

/// Applies `../play.toml`.
fn apply(repo: &Repo) {
    let _ = repo.run(["apply", "--yes", "../play.toml"]).exit(0).stdout("");
}
