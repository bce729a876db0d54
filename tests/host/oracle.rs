//! git as the judge: after any changes, our work tree is the one that `git add --all` would stage.

use std::fs;
use std::path::Path;

use overhaul::host::Repo as Host;
use overhaul::tree::Tree;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::support::Repo;

/// Something that a person, or a script, does to a work tree.
#[derive(Debug, Clone)]
enum Deed {
    Write(String, u8),
    Executable(String),
    Link(String, String),
    Remove(String),
    Stage(String),
    Ignore(String),
}

/// Makes deeds on few names, so that files, folders and links take each other's places.
fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let path = || "[ab](/[ab-]){0,2}";
    let deed = prop_oneof![
        4 => (path(), any::<u8>()).prop_map(|(path, byte)| Deed::Write(path, byte)),
        1 => path().prop_map(Deed::Executable),
        2 => (path(), "[ab]|\\.\\.|/etc").prop_map(|(path, target)| Deed::Link(path, target)),
        3 => path().prop_map(Deed::Remove),
        2 => path().prop_map(Deed::Stage),
        1 => path().prop_map(Deed::Ignore),
    ];
    proptest::collection::vec(deed, 1..12)
}

impl Deed {
    /// Does it; what cannot be done is left undone.
    fn done(&self, repo: &Repo) {
        match self {
            Self::Write(path, byte) => {
                if make_room(repo, path) {
                    let _ = fs::write(repo.path(path), [*byte]);
                }
            }
            Self::Executable(path) => {
                use std::os::unix::fs::PermissionsExt as _;
                if fs::symlink_metadata(repo.path(path)).is_ok_and(|it| it.is_file()) {
                    fs::set_permissions(repo.path(path), fs::Permissions::from_mode(0o755))
                        .unwrap();
                }
            }
            Self::Link(path, target) => {
                if make_room(repo, path) {
                    let _ = std::os::unix::fs::symlink(target, repo.path(path));
                }
            }
            Self::Remove(path) => {
                if is_inside(repo, path) {
                    let _ = fs::remove_file(repo.path(path));
                    let _ = fs::remove_dir_all(repo.path(path));
                }
            }
            Self::Stage(path) => {
                repo.try_git(["add", "--", path]);
            }
            Self::Ignore(path) => {
                let ignored = fs::read_to_string(repo.path(".gitignore")).unwrap_or_default();
                repo.write(".gitignore", format!("{ignored}{path}\n"));
            }
        }
    }
}

/// Makes the folders above `path`, where no link leads away.
fn make_room(repo: &Repo, path: &str) -> bool {
    is_inside(repo, path) && fs::create_dir_all(repo.path(path).parent().unwrap()).is_ok()
}

fn is_inside(repo: &Repo, path: &str) -> bool {
    let folders = Path::new(path).ancestors().skip(1);
    !folders.into_iter().any(|it| repo.path(it).is_symlink())
}

#[test]
fn the_work_tree_is_what_git_would_stage() {
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() };
    let start = [("a/a", "1"), ("a/b/a", "2"), ("b/a/a", "3"), ("b/b", "4")];
    let checked = TestRunner::new(config).run(&deeds(), |deeds| {
        let repo = Repo::new().files(start).commit("first");
        deeds.iter().for_each(|it| it.done(&repo));
        let host = Host::open(&repo.root()).unwrap();
        let staged = Tree::new(host.staged().unwrap());
        prop_assert_eq!(staged.id().to_string(), repo.git(["write-tree"]));
        let now = Tree::new(host.work_tree().unwrap().snapshot);
        for path in now.entries().keys() {
            prop_assert!(now.read(path).is_ok(), "{} cannot be read", path);
        }
        let head = host.commit("HEAD").unwrap();
        let head = Tree::new(host.snapshot(&head).unwrap());
        for path in head.entries().keys() {
            prop_assert!(head.read(path).is_ok(), "{} cannot be read", path);
        }
        repo.git(["add", "--all"]);
        prop_assert_eq!(now.id().to_string(), repo.git(["write-tree"]));
        Ok(())
    });
    checked.unwrap();
}
