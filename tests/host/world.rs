//! The rest of the world: new repositories, virtual environments, files that the user names.

use std::collections::BTreeSet;
use std::fs;

use overhaul::host::{self, Blame, Scratch};
use overhaul::tree::Tree;

use crate::support::Repo;

#[test]
fn a_new_repository_is_ready_to_be_cleaned() {
    let files = [("a.py", "X = 1\n"), ("b/c.py", "\r\n"), (".gitignore", "*.py\n")];
    let scratch = Scratch::new(None, &files).unwrap();
    let repo = host::Repo::open(scratch.root()).unwrap();
    let base = repo.commit("HEAD").unwrap();
    let tree = Tree::new(repo.snapshot(&base).unwrap());
    let names: Vec<_> = tree.entries().keys().map(ToString::to_string).collect();
    assert_eq!(names, [".gitignore", "a.py", "b/c.py"]);
    let now = repo.work_tree().unwrap();
    assert!(now.dirty.is_empty() && now.untracked.is_empty());
    let error = Scratch::new(Some(scratch.root()), &files).unwrap_err();
    assert_eq!(error.blame(), Blame::Failed);
    let path = scratch.root().to_owned();
    drop(scratch);
    assert!(!path.exists());
}

#[test]
fn a_virtual_environment_is_read_not_run() {
    let site = ".venv/lib/python3.12/site-packages";
    let mapping = "MAPPING: dict[str, str] = {'edited': '/src/edited', 'two.parts': '/src/x'}\n";
    let repo = Repo::folder()
        .files([(".venv/pyvenv.cfg", "home = /usr\n"), ("src/by_path/__init__.py", "")])
        .file(format!("{site}/requests/__init__.py"), "")
        .file(format!("{site}/requests-2.0.dist-info/METADATA"), "")
        .file(format!("{site}/six.py"), "")
        .file(format!("{site}/_fast.cpython-312-x86_64-linux-gnu.so"), "")
        .file(format!("{site}/google/cloud/storage.py"), "")
        .file(format!("{site}/__pycache__/six.pyc"), "")
        .file(format!("{site}/README.txt"), "")
        .file(format!("{site}/mine.pth"), "# mine\nimport os; os.abort()\n../../../../src\n")
        .file(format!("{site}/__editable___edited_1_0_finder.py"), mapping);
    let names = host::installed(&repo.root()).unwrap();
    let expected = ["_fast", "by_path", "edited", "google", "requests", "six", "two"];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
}

#[test]
fn a_folder_named_like_one_is_no_virtual_environment() {
    let repo = Repo::folder().file("env/lib/python3.12/site-packages/six.py", "");
    if std::env::var_os("VIRTUAL_ENV").is_none() {
        assert_eq!(host::installed(&repo.root()), None);
    }
}

#[test]
fn files_are_written_whole() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::folder();
    let path = repo.path("plan.json");
    host::write_file(&path, b"first").unwrap();
    host::write_file(&path, b"second").unwrap();
    assert_eq!(host::read_file(&path).unwrap(), b"second");
    assert_eq!(fs::read_dir(repo.root()).unwrap().count(), 1);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o600, 0o600);
    let error = host::write_file(&repo.path("no/folder"), b"").unwrap_err();
    assert_eq!(error.blame(), Blame::Failed);
    assert!(error.to_string().contains("failed to write `"), "{error}");
    let error = host::read_file(&repo.path("nothing.toml")).unwrap_err();
    assert!(error.to_string().contains("failed to read `"), "{error}");
}
