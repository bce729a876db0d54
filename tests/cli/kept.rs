//! What `verify` keeps from run to run changes no byte of what it says.

use std::fs;

use crate::support::Repo;

/// A repository of which everything that an answer stands on can be changed.
fn project() -> Repo {
    Repo::new()
        .files([
            (
                "pyproject.toml",
                "[project]\nname = 'p'\nversion = '1'\ndependencies = ['requests']\n",
            ),
            ("app/__init__.py", ""),
            ("app/core.py", "X = 1\n"),
            ("app/main.py", "import yaml\nfrom app.core import X\nfrom app.ring import Z\n"),
            ("app/ring.py", "Z = 1\n"),
            ("bin/run", "#!/usr/bin/env python3\nimport app.gone\n"),
            (".gitignore", ".venv\n"),
        ])
        .commit("first")
}

const WAYS: [&[&str]; 3] = [
    &["verify", "--explain"],
    &["verify", "--format", "json", "--against", "HEAD~0"],
    &["-v", "verify", "--staged", "--explain"],
];

/// Runs `verify` in every way: with what earlier runs kept, again, and without any of it. Returns
/// what it said.
#[track_caller]
fn said(repo: &Repo, edit: &str) -> String {
    let kept = repo.path(".git/overhaul");
    let aside = repo.outside().join("aside");
    let run = |args: &[&str]| repo.run(args).to_string();
    let warm = WAYS.map(run);
    assert_eq!(WAYS.map(run), warm, "{edit}: a second run says something else");
    fs::rename(&kept, &aside).unwrap();
    assert_eq!(WAYS.map(run), warm, "{edit}: what was kept is not what is true");
    fs::remove_dir_all(&kept).unwrap();
    fs::rename(&aside, &kept).unwrap();
    warm.concat()
}

#[test]
fn whatever_an_answer_stands_on_is_part_of_the_question() {
    let repo = project();
    let mut last = said(&repo, "nothing");
    let mut edited = |repo: &Repo, edit: &str| {
        let now = said(repo, edit);
        assert_ne!(now, last, "{edit}: nobody would see an answer that is too old");
        last = now;
    };
    repo.write("app/core.py", "Y = 1\n");
    edited(&repo, "a file is edited");
    repo.write("app/main.py", "\nimport yaml\nfrom app.core import X\nfrom app.ring import Z\n");
    edited(&repo, "what is wrong stands elsewhere");
    repo.write("app/ring.py", "from app.main import X as Z\n");
    edited(&repo, "there is a cycle");
    repo.write("app/ring.py", "def Z():\n    from app.main import X\n");
    edited(&repo, "there is none");
    repo.write("app/tools.py", "import app.nope\n");
    edited(&repo, "an untracked file");
    repo.write(".gitignore", ".venv\ntools.py\n");
    edited(&repo, "it is ignored");
    repo.git(["add", "--all"]);
    edited(&repo, "all is staged");
    let first = repo.git(["rev-parse", "HEAD"]);
    repo.git(["commit", "-q", "-m", "second"]);
    edited(&repo, "HEAD has moved");
    fs::remove_file(repo.path("app/core.py")).unwrap();
    edited(&repo, "a file is gone");
    repo.write("app/Core.py", "X = 1\n");
    edited(&repo, "its name has another case");
    fs::rename(repo.path("app/Core.py"), repo.path("app/core.py")).unwrap();
    edited(&repo, "it is back");
    fs::set_permissions(repo.path("app/main.py"), fs::metadata("/bin/sh").unwrap().permissions())
        .unwrap();
    edited(&repo, "a mode");
    repo.write(
        "pyproject.toml",
        "[project]\nname = 'p'\nversion = '1'\ndependencies = ['attrs']\n",
    );
    edited(&repo, "a dependency");
    repo.write(".python-version", "3.8\n");
    edited(&repo, "the target");
    repo.write(".venv/pyvenv.cfg", "");
    repo.write(".venv/lib/python3.12/site-packages/yaml/__init__.py", "");
    edited(&repo, "a virtual environment");
    fs::remove_dir_all(repo.path(".venv")).unwrap();
    edited(&repo, "it is gone");
    repo.write("../active/pyvenv.cfg", "");
    repo.write("../active/lib/python3.12/site-packages/yaml.py", "");
    let repo = repo.env("VIRTUAL_ENV", "../active");
    edited(&repo, "another one is active");
    repo.git(["reset", "-q", "--soft", &first]);
    edited(&repo, "HEAD has moved back");
}

#[test]
fn an_answer_is_given_once() {
    let repo = project();
    let packs = || {
        let names = fs::read_dir(repo.path(".git/overhaul/facts")).unwrap();
        let names = names.map(|it| it.unwrap().path());
        names.filter(|it| it.extension().is_some_and(|it| it == "pack")).collect::<Vec<_>>()
    };
    let first = repo.run(["verify"]).to_string();
    packs().iter().for_each(|it| fs::remove_file(it).unwrap());
    // Whoever looks for the answer again reads files, and keeps what it reads of them.
    assert_eq!(repo.run(["verify"]).to_string(), first);
    assert!(packs().is_empty(), "{:?}", packs());
    let _ = repo.run(["verify", "--against", "HEAD"]).exit(0);
    assert_eq!(packs().len(), 1);
}
