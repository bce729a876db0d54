//! The repositories of real audits, rebuilt small, each cleaned by its playbook; the end state is
//! judged by git and by Python themselves.
//!
//! A seed is one text file: `-- path --` begins a file, and words in brackets after the path say
//! what text cannot show: `executable`, `crlf`, `latin-1`; `on disk` for what git does not track, and `junk`
//! for what of it the playbook takes away.

use std::collections::BTreeSet;
use std::fs;

use crate::docs::check_file;
use crate::support::Repo;

mod agent;
mod anime;
mod gateway;
mod platform;
mod services;

/// Stand-ins for packages that a test cannot install: a seed that stands on the path of Python.
const PACKAGES: &str = include_str!("packages.txt");

/// Where the playbooks archive what they remove: the commits of tests are of one day.
const ARCHIVE: &str = "archive/20260102";

/// A seed that was cleaned and restored.
struct Cleaned {
    /// The repository as it was found.
    before: Repo,
    /// The branch that `apply` made, checked out somewhere else.
    after: Repo,
}

/// Builds the repository that `seed` describes.
fn build(seed: &str) -> Repo {
    let mut repo = Repo::new();
    let (on_disk, tracked): (Vec<_>, Vec<_>) =
        files_of(seed).into_iter().partition(|(_, mark, _)| matches!(*mark, "on disk" | "junk"));
    for (path, mark, text) in tracked {
        let latin = || text.chars().map(|it| u8::try_from(u32::from(it)).unwrap());
        repo = match mark {
            "executable" => repo.script(path, &text),
            "crlf" => repo.file(path, text.replace('\n', "\r\n")),
            "latin-1" => repo.file(path, latin().collect::<Vec<u8>>()),
            _ => repo.file(path, text),
        };
    }
    repo.git(["add", "--all", "--force"]);
    let repo = repo.commit("as it was found");
    on_disk.into_iter().fold(repo, |repo, (path, _, text)| repo.file(path, text))
}

/// Returns path, mark and text of every file of a seed.
fn files_of(seed: &str) -> Vec<(&str, &str, String)> {
    let mut files: Vec<(&str, &str, String)> = Vec::new();
    for line in seed.lines() {
        let head = line.strip_prefix("-- ").and_then(|it| it.strip_suffix(" --"));
        match (head, files.last_mut()) {
            (Some(head), _) => {
                let (path, mark) = head.split_once(" (").unwrap_or((head, ")"));
                files.push((path, mark.strip_suffix(')').unwrap(), String::new()));
            }
            (None, Some((_, _, text))) => *text += &format!("{line}\n"),
            (None, None) => panic!("a seed begins with a file, not with `{line}`"),
        }
    }
    files
}

/// Plans, applies, plans again and undoes; checks what holds for every seed on the way.
#[track_caller]
fn clean(name: &str, seed: &str) -> Cleaned {
    let before = build(seed);
    let playbook = playbook(name);
    let branch = format!("overhaul/{name}");
    let state = before.state();

    let plan = ["plan", &playbook, "--include", "review", "--format", "json"];
    let plan = before.run(plan).exit(0).json();
    before.state().same_as(&state);

    drop(before.run(["apply", &playbook, "--include", "review", "--yes"]).exit(0));
    only_the_plan(&before, &branch, &plan);
    for (path, mark, _) in files_of(seed) {
        if matches!(mark, "on disk" | "junk") {
            assert_eq!(before.path(path).exists(), mark == "on disk", "`{path}` after `apply`");
        }
    }
    let after = Repo::folder();
    let (from, to) = (before.root(), after.root());
    after.git([
        "clone".as_ref(),
        "-q".as_ref(),
        "-b".as_ref(),
        branch.as_ref(),
        from.as_os_str(),
        to.as_os_str(),
    ]);
    drop(after.run(["verify"]).exit(0));
    let against = ["verify", "--against", "origin/main", "--format", "json"];
    assert_eq!(after.run(against).exit(0).json()["unproved"], plan["proof"]["unproved"]);
    drop(after.run(["plan", &playbook, "--include", "review", "--check"]).exit(0));

    drop(before.run(["undo"]).exit(0));
    // Loose objects stay until git collects them; nothing refers to them any more.
    let leftovers = [".git/objects"];
    before.state().without(&leftovers).same_as(&state.without(&leftovers));
    sprint_by_sprint(name, seed, &plan);
    Cleaned { before, after }
}

/// Returns the path of a playbook of this repository.
fn playbook(name: &str) -> String {
    format!("{}/playbooks/examples/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// Applies and merges one sprint after the other, and checks that the end is that of all at once.
#[track_caller]
fn sprint_by_sprint(name: &str, seed: &str, plan: &serde_json::Value) {
    let repo = build(seed);
    let playbook = playbook(name);
    let text: toml::Table = fs::read_to_string(&playbook).unwrap().parse().unwrap();
    let branch = format!("overhaul/{name}");
    for (done, sprint) in text["sprint"].as_array().unwrap().iter().enumerate() {
        let only = ["--only", sprint["name"].as_str().unwrap(), "--include", "review"];
        drop(repo.run(["apply", &playbook, "--yes"].iter().chain(&only)).exit(0));
        repo.git(["merge", "-q", "--ff-only", &branch]);
        repo.git(["branch", "-q", "-d", &branch]);
        drop(repo.run(["plan", &playbook, "--check"].iter().chain(&only)).exit(0));
        let status = ["status", &playbook, "--include", "review", "--format", "json"];
        let status = repo.run(status).exit(0).json();
        let sprints = status["sprints"].as_array().unwrap();
        assert!(sprints[..=done].iter().all(|it| it["done"] == true), "{status:#}");
    }
    assert_eq!(plan["tree"], repo.git(["rev-parse", "HEAD^{tree}"]));
    drop(repo.run(["plan", &playbook, "--include", "review", "--check"]).exit(0));
}

/// Checks that the branch differs from its base where the plan says so, and nowhere else.
#[track_caller]
fn only_the_plan(repo: &Repo, branch: &str, plan: &serde_json::Value) {
    let steps = plan["steps"].as_array().unwrap().iter();
    let changes = steps.flat_map(|step| step["changes"].as_array().unwrap());
    let paths = changes.flat_map(|change| [&change["path"], &change["from"]]);
    let planned: BTreeSet<&str> = paths.filter_map(|path| path.as_str()).collect();
    let differs = repo.git(["diff", "--no-renames", "--name-only", "main", branch]);
    let stray: Vec<&str> = differs.lines().filter(|path| !planned.contains(path)).collect();
    assert!(stray.is_empty(), "changed beside the plan: {stray:?}");
    assert_eq!(plan["tree"], repo.git(["rev-parse", &format!("{branch}^{{tree}}")]));
}

impl Cleaned {
    /// Checks that `paths` left, and stand in the archive with the bytes that they had.
    #[track_caller]
    fn archived(&self, archive: &str, paths: &[&str]) {
        for path in paths {
            assert!(!self.after.path(path).exists(), "`{path}` is still there");
            let copy = self.after.path(archive).join(path);
            let (old, new) = (fs::read(self.before.path(path)).unwrap(), fs::read(copy));
            assert_eq!(new.ok(), Some(old), "`{path}` in the archive");
        }
    }

    /// Checks that `paths` are still there.
    #[track_caller]
    fn kept(&self, paths: &[&str]) {
        for path in paths {
            assert!(self.after.path(path).exists(), "`{path}` is gone");
        }
    }

    /// Checks that nothing outside of the archive, but for `history`, names a path that left, or the
    /// module of one.
    #[track_caller]
    fn references_are_current(&self, history: &[&str]) {
        let there = self.after.git(["ls-files"]);
        let there: BTreeSet<&str> = there.lines().collect();
        let before = self.before.git(["ls-files"]);
        let ignored =
            |path: &str| self.after.try_git(["check-ignore", "-q", path]).status.success();
        let gone = before.lines().filter(|path| !there.contains(path) && !ignored(path));
        let module = |path: &str| path.strip_suffix(".py").map(|it| it.replace('/', "."));
        let gone: BTreeSet<String> = gone
            .flat_map(|path| [Some(path.to_owned()), module(path).filter(|it| it.contains('.'))])
            .flatten()
            .collect();
        for path in there.iter().filter(|path| !archived(path) && !history.contains(path)) {
            let text = fs::read(self.after.path(path)).unwrap();
            let text = String::from_utf8_lossy(&text);
            let part = |it: char| it.is_alphanumeric() || "_./-".contains(it);
            for word in text.split(|it| !part(it)) {
                let word = word.trim_start_matches("./").trim_end_matches('.');
                let beside = self.after.path(path).with_file_name(word);
                let stale = gone.contains(word) && !beside.exists();
                assert!(!stale, "`{path}` names `{word}`, which left");
            }
        }
    }

    /// Compares the branch with its base, line by line, with the text file beside the seed.
    #[track_caller]
    fn diff(&self, expected: &str) {
        let diff = ["diff", "-M", "-U0", "--no-prefix", "--no-color", "origin/main", "HEAD"];
        let diff = self.after.git(diff);
        let shown = |line: &&str| !line.starts_with("index ") && !line.starts_with("@@ ");
        let diff: String = diff.lines().filter(shown).map(|line| format!("{line}\n")).collect();
        check_file(&format!("tests/seeds/{expected}"), &diff);
    }
}

/// Whether a path is in an archive: each playbook has its own.
fn archived(path: &str) -> bool {
    path.starts_with("archive/") || path.starts_with("ARCHIVE_")
}

/// Runs a program in a repository, whose root comes first on the path of Python, and returns what
/// it says.
fn program(repo: &Repo, name: &str, args: &[&str]) -> Result<String, String> {
    let packages = repo.outside().join("packages");
    for (path, _, text) in files_of(PACKAGES) {
        let path = packages.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = std::env::join_paths([repo.root(), packages]).unwrap();
    let mut command = repo.command(name, &repo.root());
    command.env("PYTHONPATH", path).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.args(args).output().unwrap();
    let talk = [output.stdout, output.stderr].concat();
    let talk = String::from_utf8_lossy(&talk).into_owned();
    if output.status.success() { Ok(talk) } else { Err(talk) }
}

/// Runs Python in a repository, and returns what it says.
fn python(repo: &Repo, args: &[&str]) -> Result<String, String> {
    program(repo, "python3", args)
}

/// Checks that Python carries out `args`.
#[track_caller]
fn runs(repo: &Repo, args: &[&str]) {
    if let Err(talk) = python(repo, args) {
        panic!("python3 {args:?}\n{talk}");
    }
}

/// Imports each of its arguments in a process of its own.
const IMPORTER: &str = "
import os, sys
for module in sys.argv[1:]:
    child = os.fork()
    if not child:
        __import__(module)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f'cannot import {module}')
";

/// Checks that Python imports every tracked module, each on its own.
#[track_caller]
fn every_module_imports(repo: &Repo, except: &[&str]) {
    let listing = repo.git(["ls-files", "*.py"]);
    let paths = listing.lines().filter(|it| !archived(it) && !except.contains(it));
    let modules = paths.map(|it| it.trim_end_matches(".py").trim_end_matches("/__init__"));
    let modules: Vec<String> = modules.map(|it| it.replace('/', ".")).collect();
    let args = ["-c", IMPORTER].into_iter().chain(modules.iter().map(String::as_str));
    runs(repo, &args.collect::<Vec<_>>());
}
