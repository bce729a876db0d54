//! What a person, git and overhaul see of a repository: for "as before or as after".

use std::collections::BTreeMap;
use std::fs;

use crate::support::Repo;

/// What is seen, by name: files with their modes and bytes, and what programs answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight(BTreeMap<String, String>);

impl Sight {
    /// Looks at everything. Objects that no ref leads to are not seen; nor is what holds the times
    /// of this machine, of which git's own answers are compared.
    pub(super) fn of(repo: &Repo) -> Self {
        let mut seen = BTreeMap::new();
        let mut open = vec![repo.root()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let below = path.strip_prefix(repo.root()).unwrap().to_string_lossy().into_owned();
                let meta = fs::symlink_metadata(&path).unwrap();
                let log = below.strip_prefix(".git/logs/");
                if [
                    ".git/objects",
                    ".git/index",
                    ".git/overhaul/lock",
                    ".git/overhaul/facts",
                    ".git/overhaul/words",
                ]
                .contains(&&*below)
                    || log.is_some_and(|it| has_ref(repo, it))
                {
                    continue;
                } else if meta.is_file() && below == ".git" {
                    // It says where the git directory is, which is elsewhere in each copy.
                    continue;
                } else if meta.is_dir() {
                    open.push(path);
                } else {
                    let text = format!("{:?} {}", meta.permissions(), shown(&below, &path));
                    seen.insert(below, text);
                }
            }
        }
        for args in [
            &["status", "--porcelain", "--untracked-files=all"][..],
            &["ls-files", "--stage"],
            &["for-each-ref"],
            &["stash", "list"],
        ] {
            seen.insert(format!("git {}", args.join(" ")), repo.git(args));
        }
        for command in ["log", "trash"] {
            let ran = repo.run([command]).exit(0);
            seen.insert(format!("overhaul {command}"), ran.text().to_owned());
        }
        Self(seen)
    }

    /// Names what differs.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let keys: std::collections::BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        let differing = keys.into_iter().filter(|it| self.0.get(*it) != other.0.get(*it));
        differing.map(|it| format!("{it}: {:?} / {:?}", self.0.get(it), other.0.get(it))).collect()
    }
}

/// Tells whether a log has its ref: one that has not would be in the way of others.
fn has_ref(repo: &Repo, name: &str) -> bool {
    repo.try_git(["rev-parse", "--verify", "-q", name]).status.success()
}

/// Shows what a file holds, but for those that hold times.
fn shown(below: &str, path: &std::path::Path) -> String {
    if below.starts_with(".git/overhaul/") {
        return String::new();
    }
    let bytes = fs::read_link(path)
        .map(|it| it.into_os_string().into_encoded_bytes())
        .or_else(|_| fs::read(path));
    String::from_utf8_lossy(&bytes.unwrap()).into_owned()
}
