//! What `verify` keeps for the next run: killed in the middle of writing it, without room for it,
//! where nothing can be written, and by many at once.

use std::fs;
use std::process::Stdio;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::tracer::{Error, Fate, run};
use crate::support::Repo;

const FOUND: &str = "imports that do not resolve:
  b.py:1:15: cannot find `Y` in `a`

1 unresolved import (2 files, 1 import)
";

fn repository() -> Repo {
    let repo = Repo::new().file("a.py", "X = 1\n").file("b.py", "from a import Y\n");
    repo.commit("first")
}

/// Looks twice, so that the second time finds what the first one kept.
#[track_caller]
fn works(repo: &Repo) {
    for _ in 0..2 {
        let _ = repo.run(["verify"]).exit(1).stdout(FOUND).stderr("");
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_nothing_but_time() {
    let calls = run(&repository(), &["verify"], Fate::Count).calls.len();
    let template = repository();
    let fates = (1..=calls).flat_map(|call| {
        let error = [Error::NoSpace, Error::ReadOnly, Error::Io][call % 3];
        [Fate::Kill(call), Fate::Fail(call, error), Fate::Full(call, error)]
    });
    let fates: Vec<Fate> = fates.collect();
    assert!(calls > 9, "only {calls} calls write");
    fates.into_par_iter().for_each(|fate| {
        let repo = template.copy();
        let traced = run(&repo, &["verify"], fate);
        if !matches!(fate, Fate::Kill(_)) {
            assert_eq!((traced.exit, traced.said.as_str()), (1, ""), "{fate:?}");
        }
        works(&repo);
        repo.write("a.py", "Z = 1\n");
        works(&repo);
        assert!(!repo.path(".git/overhaul/facts/new").exists(), "{fate:?}: half a file is left");
    });
}

#[test]
fn a_limit_on_the_size_of_files_ends_no_run() {
    let repo = repository();
    for limit in [0, 1, 8, 64] {
        let script = format!("ulimit -f {limit} && exec \"$0\" verify");
        let mut command = repo.command("sh", &repo.root());
        let output = command.args(["-c", &script, env!("CARGO_BIN_EXE_overhaul")]).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1), "{limit}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), FOUND, "{limit}");
        assert_eq!(output.stderr, b"", "{limit}");
    }
    works(&repo);
}

#[test]
fn many_processes_share_a_cache() {
    let repo = repository();
    for turn in 0..6 {
        repo.write("a.py", format!("X = {turn}\n"));
        let spawn = |_| {
            let mut command = repo.command(env!("CARGO_BIN_EXE_overhaul"), &repo.root());
            command.arg("verify").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..8).map(spawn).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), FOUND);
            assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
        }
    }
    works(&repo);
}

#[test]
fn whatever_stands_where_the_cache_should_does_no_harm() {
    type Put<'a> = &'a dyn Fn(&Repo);
    let outside = |repo: &Repo| repo.outside().join("theirs");
    let ways: [(&str, Put<'_>); 7] = [
        ("a file", &|repo| fs::write(repo.path(".git/overhaul/facts"), "a file").unwrap()),
        ("a file above", &|repo| {
            fs::remove_dir(repo.path(".git/overhaul")).unwrap();
            fs::write(repo.path(".git/overhaul"), "a file").unwrap();
        }),
        ("a link above", &|repo| {
            fs::remove_dir(repo.path(".git/overhaul")).unwrap();
            fs::create_dir(outside(repo)).unwrap();
            std::os::unix::fs::symlink(outside(repo), repo.path(".git/overhaul")).unwrap();
        }),
        ("a link in the place of the lock", &|repo| {
            fs::create_dir(outside(repo)).unwrap();
            fs::create_dir(repo.path(".git/overhaul/facts")).unwrap();
            let lock = repo.path(".git/overhaul/facts/lock");
            std::os::unix::fs::symlink(outside(repo).join("lock"), lock).unwrap();
        }),
        ("a link", &|repo| {
            fs::create_dir(outside(repo)).unwrap();
            std::os::unix::fs::symlink(outside(repo), repo.path(".git/overhaul/facts")).unwrap();
        }),
        ("a link to nothing", &|repo| {
            std::os::unix::fs::symlink(outside(repo), repo.path(".git/overhaul/facts")).unwrap();
        }),
        ("a link to itself", &|repo| {
            std::os::unix::fs::symlink("facts", repo.path(".git/overhaul/facts")).unwrap();
        }),
    ];
    for (what, put) in ways {
        let repo = repository();
        works(&repo);
        fs::remove_dir_all(repo.path(".git/overhaul/facts")).unwrap();
        put(&repo);
        works(&repo);
        let theirs = fs::read_dir(outside(&repo)).map_or(0, Iterator::count);
        assert_eq!(theirs, 0, "{what}: something was written elsewhere");
    }
}
