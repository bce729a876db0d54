//! What is read is what git has: listings, bytes, tree ids; and nothing is written by it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use overhaul::host::Repo as Host;
use overhaul::path::RepoPath;
use overhaul::tree::{Mode, Snapshot, Tree};

use crate::support::Repo;

fn open(repo: &Repo) -> Host {
    Host::open(&repo.root()).unwrap()
}

fn head(repo: &Repo) -> Snapshot {
    let host = open(repo);
    host.snapshot(&host.commit("HEAD").unwrap()).unwrap()
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn text(snapshot: &Snapshot, at: &str) -> String {
    let bytes = Tree::new(snapshot.clone()).read(&path(at)).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Writes a snapshot as one line per path: mode, path, bytes.
fn listing(snapshot: &Snapshot) -> String {
    let tree = Tree::new(snapshot.clone());
    let line = |(path, entry): (&RepoPath, &overhaul::tree::Entry)| {
        let shown = match entry.mode {
            Mode::Submodule => entry.id.to_string(),
            Mode::File | Mode::Executable | Mode::Link => {
                String::from_utf8_lossy(&tree.read(path).unwrap()).escape_debug().to_string()
            }
        };
        format!("{} {path} {shown}\n", entry.mode.octal())
    };
    tree.entries().iter().map(line).collect()
}

fn names(paths: &[RepoPath]) -> String {
    paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A repository with one of everything.
fn zoo() -> Repo {
    Repo::new()
        .files([("a.py", "X = 1\n"), ("a/b.py", ""), ("a-b.py", "a\n"), ("deep/er/c.txt", "c")])
        .file("binary.bin", b"\0\xff\r\n")
        .file(OsStr::from_bytes(b"odd-\xff\n\t.py"), "odd = 1\n")
        .file("sp ace \u{e9}.py", "é\n")
        .script("run.sh", "#!/bin/sh\n")
        .link("to-a.py", "a.py")
        .link("dangling", "no/where")
        .link("to-outside", "/etc")
        .file("empty", "")
        .commit("first")
}

#[test]
fn a_commit_is_listed_as_git_lists_it() {
    let repo = zoo();
    let snapshot = head(&repo);
    assert_eq!(
        Tree::new(snapshot.clone()).id().to_string(),
        repo.git(["rev-parse", "HEAD^{tree}"])
    );
    assert_eq!(
        listing(&snapshot),
        "100644 a-b.py a\\n\n\
         100644 a.py X = 1\\n\n\
         100644 a/b.py \n\
         100644 binary.bin \\0\u{fffd}\\r\\n\n\
         120000 dangling no/where\n\
         100644 deep/er/c.txt c\n\
         100644 empty \n\
         100644 \"odd-\\377\\012\\011.py\" odd = 1\\n\n\
         100755 run.sh #!/bin/sh\\n\n\
         100644 sp ace \u{e9}.py é\\n\n\
         120000 to-a.py a.py\n\
         120000 to-outside /etc\n"
    );
}

#[test]
fn loading_writes_nothing() {
    let repo = zoo().file("a.py", "X = 2\n").file("new.py", "Y = 1\n");
    let before = repo.state();
    let host = open(&repo);
    listing(&host.snapshot(&host.commit("HEAD").unwrap()).unwrap());
    listing(&host.work_tree().unwrap().snapshot);
    listing(&host.staged().unwrap());
    repo.state().same_as(&before);
}

#[test]
fn a_commit_does_not_see_the_disk() {
    let repo = zoo();
    let expected = listing(&head(&repo));
    std::fs::remove_dir_all(repo.path("deep")).unwrap();
    std::fs::remove_file(repo.path("to-a.py")).unwrap();
    let repo = repo
        .file("a.py", "X = 2\n")
        .file("a-b.py", "b\n")
        .file("to-a.py", "a link no more")
        .link("deep", "/etc")
        .file("untracked.py", "");
    assert_eq!(listing(&head(&repo)), expected);
}

#[test]
fn a_file_that_changes_after_the_listing_is_not_believed() {
    let repo = zoo();
    let snapshot = head(&repo);
    repo.write("a.py", "X = 9\n");
    assert_eq!(text(&snapshot, "a.py"), "X = 1\n");

    repo.write("untracked.py", "1\n");
    let now = open(&repo).work_tree().unwrap();
    repo.write("untracked.py", "2\n");
    let error = Tree::new(now.snapshot).read(&path("untracked.py")).unwrap_err();
    assert_eq!(error.to_string(), "failed to read `untracked.py`");
}

#[test]
fn the_work_tree_is_what_stands_on_disk() {
    let repo = Repo::new()
        .files([("clean.py", "1\n"), ("changed.py", "1\n"), ("gone.py", "1\n")])
        .files([("staged.py", "1\n"), ("mode.sh", "1\n"), ("kind.py", "1\n"), ("d/e.py", "1\n")])
        .file(".gitignore", "*.log\n")
        .commit("first")
        .files([("changed.py", "2\n"), ("staged.py", "2\n"), ("new/n.py", "2\n"), ("x.log", "")])
        .script("mode.sh", "1\n")
        .script("tool", "2\n");
    repo.git(["add", "staged.py"]);
    for name in ["gone.py", "kind.py"] {
        std::fs::remove_file(repo.path(name)).unwrap();
    }
    std::fs::remove_dir_all(repo.path("d")).unwrap();
    let repo = repo.link("kind.py", "clean.py").link("d", "new");
    let now = open(&repo).work_tree().unwrap();
    assert_eq!(
        listing(&now.snapshot),
        "100644 .gitignore *.log\\n\n\
         100644 changed.py 2\\n\n\
         100644 clean.py 1\\n\n\
         120000 d new\n\
         120000 kind.py clean.py\n\
         100755 mode.sh 1\\n\n\
         100644 new/n.py 2\\n\n\
         100644 staged.py 2\\n\n\
         100755 tool 2\\n\n"
    );
    assert_eq!(names(&now.dirty), "changed.py d/e.py gone.py kind.py mode.sh staged.py");
    assert_eq!(names(&now.untracked), "d new/n.py tool");
    repo.git(["add", "--all"]);
    let tree = repo.git(["write-tree"]);
    assert_eq!(Tree::new(now.snapshot).id().to_string(), tree);
    assert_eq!(Tree::new(open(&repo).staged().unwrap()).id().to_string(), tree);
}

#[test]
fn what_is_staged_is_not_what_is_on_disk() {
    let repo = Repo::new().file("a.py", "1\n").commit("first").file("a.py", "2\n");
    repo.git(["add", "a.py"]);
    let repo = repo.file("a.py", "3\n").file("intended.py", "4\n");
    repo.git(["add", "--intent-to-add", "intended.py"]);
    let host = open(&repo);
    assert_eq!(listing(&host.staged().unwrap()), "100644 a.py 2\\n\n");
    let now = host.work_tree().unwrap();
    assert_eq!(listing(&now.snapshot), "100644 a.py 3\\n\n100644 intended.py 4\\n\n");
}

#[test]
fn a_hook_sees_what_is_about_to_be_committed() {
    let repo = Repo::new().file("a.py", "X = 1\n").file("b.py", "import a\n").commit("first");
    let verify = "#!/bin/sh\nexec \"$PROGRAM\" verify --staged\n";
    let program = env!("CARGO_BIN_EXE_overhaul");
    let repo = repo.script(".git/hooks/pre-commit", verify).env("PROGRAM", program);
    let repo = repo.file("b.py", "import a.nothing\n");
    assert!(repo.try_git(["commit", "-m", "nothing staged", "--allow-empty"]).status.success());
    for how in [["--all"].as_slice(), &["--only", "b.py"], &["--include", "b.py"]] {
        let output = repo.try_git(["commit", "-m", "broken"].iter().chain(how));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("a.nothing"), "{how:?}: {said}");
    }
}

#[test]
fn file_modes_that_do_not_count() {
    let repo = Repo::new().file("a.py", "1\n").script("run", "1\n").commit("first");
    repo.git(["config", "core.fileMode", "false"]);
    let repo = repo.script("a.py", "1\n").script("new.py", "1\n");
    let now = open(&repo).work_tree().unwrap();
    let modes: Vec<_> = now.snapshot.entries.values().map(|it| it.mode.octal()).collect();
    assert_eq!(modes, ["100644", "100644", "100755"]);
    assert_eq!(names(&now.dirty), "");
}

#[test]
fn a_conflict_shows_the_disk() {
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    repo.git(["switch", "-qc", "other"]);
    let repo = repo.file("a.py", "other\n").commit("other");
    repo.git(["switch", "-q", "main"]);
    let repo = repo.file("a.py", "main\n").commit("main");
    assert!(!repo.try_git(["merge", "other"]).status.success());
    let host = open(&repo);
    let now = host.work_tree().unwrap();
    assert!(text(&now.snapshot, "a.py").contains("<<<<<<<"));
    assert_eq!(names(&now.dirty), "a.py");
    assert_eq!(listing(&host.staged().unwrap()), "100644 a.py main\\n\n");
    assert_eq!(text(&head(&repo), "a.py"), "main\n");
}

#[test]
fn line_ends_are_those_that_git_has() {
    let repo = Repo::new().file("win.py", "a\r\nb\r\n").file("unix.py", "a\n").commit("first");
    let expected = listing(&head(&repo));
    repo.git(["config", "core.autocrlf", "true"]);
    std::fs::remove_file(repo.path("unix.py")).unwrap();
    repo.git(["checkout", "-q", "--", "."]);
    assert_eq!(repo.read("unix.py"), "a\r\n");
    assert_eq!(listing(&head(&repo)), expected);
    let now = open(&repo).work_tree().unwrap();
    assert_eq!((listing(&now.snapshot), names(&now.dirty)), (expected, String::new()));
}

#[test]
fn encodings_and_idents_are_those_that_git_has() {
    let attributes = "u.py text working-tree-encoding=UTF-16LE\ni.py ident\n";
    let utf16: Vec<u8> = "x = 'é'\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let repo = Repo::new()
        .file(".gitattributes", attributes)
        .file("u.py", utf16)
        .file("i.py", "# $Id$\n")
        .commit("first");
    std::fs::remove_file(repo.path("i.py")).unwrap();
    repo.git(["checkout", "-q", "--", "."]);
    assert_ne!(repo.read("i.py"), "# $Id$\n");
    for snapshot in [head(&repo), open(&repo).work_tree().unwrap().snapshot] {
        assert_eq!(
            (text(&snapshot, "u.py"), text(&snapshot, "i.py")),
            ("x = 'é'\n".into(), "# $Id$\n".into())
        );
    }
}

#[test]
fn links_are_never_followed() {
    let repo = Repo::new().file("real/a.py", "1\n").commit("first");
    std::fs::create_dir(repo.path("../outside")).unwrap();
    std::fs::write(repo.path("../outside/a.py"), "1\n").unwrap();
    std::fs::remove_dir_all(repo.path("real")).unwrap();
    let repo = repo.link("real", "../outside").link("loop", "loop").link("up", "..");
    let now = open(&repo).work_tree().unwrap();
    assert_eq!(listing(&now.snapshot), "120000 loop loop\n120000 real ../outside\n120000 up ..\n");
    assert_eq!(listing(&head(&repo)), "100644 real/a.py 1\\n\n");
}

#[test]
fn what_is_no_file_is_left_out() {
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    let made = std::process::Command::new("mkfifo").arg(repo.path("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = std::os::unix::net::UnixListener::bind(repo.path("socket")).unwrap();
    // A pipe in the place of a tracked file would hold us for ever.
    std::fs::remove_file(repo.path("a.py")).unwrap();
    std::process::Command::new("mkfifo").arg(repo.path("a.py")).status().unwrap();
    assert_eq!(listing(&open(&repo).work_tree().unwrap().snapshot), "");
    assert_eq!(listing(&head(&repo)), "100644 a.py 1\\n\n");
}

#[test]
fn an_untracked_name_that_we_do_not_touch_does_no_harm() {
    let repo = Repo::new().file("a.py", "1\n").commit("first").file("git~1", "").file("c:/x", "");
    let now = open(&repo).work_tree().unwrap();
    assert_eq!(listing(&now.snapshot), "100644 a.py 1\\n\n");
    assert_eq!(names(&now.untracked), "");
}

#[test]
fn submodules_and_nested_repositories_are_not_entered() {
    let inner = Repo::new().file("inside.py", "1\n").commit("inner");
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    let url = inner.root().display().to_string();
    repo.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "sub"]);
    let repo = repo.commit("submodule");
    repo.git(["clone", "-q", &url, "nested"]);
    repo.write("sub/inside.py", "2\n");
    let id = inner.git(["rev-parse", "HEAD"]);
    let now = open(&repo).work_tree().unwrap();
    assert_eq!(now.snapshot.entries[&path("sub")].mode, Mode::Submodule);
    assert_eq!(now.snapshot.entries[&path("sub")].id.to_string(), id);
    assert_eq!(now.snapshot.entries.len(), 3, "{}", listing(&now.snapshot));
    assert_eq!((names(&now.dirty), names(&now.untracked)), (String::new(), String::new()));
    assert!(Tree::new(now.snapshot).read(&path("sub")).is_err());
    let tree = repo.git(["rev-parse", "HEAD^{tree}"]);
    assert_eq!(Tree::new(head(&repo)).id().to_string(), tree);
    let inside = Host::open(&repo.path("sub")).unwrap();
    assert_eq!(inside.root(), repo.path("sub").canonicalize().unwrap());
}

#[test]
fn a_commit_has_many_names() {
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    let first = repo.git(["rev-parse", "HEAD"]);
    repo.git(["tag", "-a", "-m", "a tag", "v1"]);
    repo.git(["tag", "-a", "-m", "a tag of a tag", "v1-again", "v1"]);
    let repo = repo.file("a.py", "2\n").commit("second");
    repo.git(["switch", "-q", "--detach", "HEAD"]);
    let host = open(&repo);
    for name in ["v1", "v1-again", "HEAD~1", "main~", &first, &first[..10], ":/first"] {
        let found = host.commit(name).unwrap();
        assert_eq!(found.commit.to_string(), first, "{name}");
        assert_eq!(found.time, 1_767_323_045, "{name}");
        assert_eq!(found.tree.to_string(), repo.git(["rev-parse", &format!("{first}^{{tree}}")]));
    }
    for name in ["no-such", "HEAD:a.py", "", "--help", "main..v1", "HEAD~9"] {
        let error = host.commit(name).unwrap_err().to_string();
        assert_eq!(error, format!("`{name}` is no commit of this repository"));
    }
}

#[test]
fn any_folder_of_any_work_tree_will_do() {
    let repo = zoo();
    let tree = repo.git(["rev-parse", "HEAD^{tree}"]);
    repo.git(["worktree", "add", "-q", "../linked"]);
    repo.write("../linked/a.py", "X = 3\n");
    for (folder, root) in [("deep/er", ""), ("", ""), ("../linked/deep", "../linked")] {
        let host = Host::open(&repo.path(folder)).unwrap();
        assert_eq!(host.root(), repo.path(root).canonicalize().unwrap());
        let base = host.commit("HEAD").unwrap();
        assert_eq!(Tree::new(host.snapshot(&base).unwrap()).id().to_string(), tree);
        let dirty = names(&host.work_tree().unwrap().dirty);
        assert_eq!(dirty, if root.is_empty() { "" } else { "a.py" });
    }
}

#[test]
fn replaced_objects_are_read_as_they_are() {
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    repo.write("other", "2\n");
    let other = repo.git(["hash-object", "-w", "other"]);
    std::fs::remove_file(repo.path("other")).unwrap();
    repo.git(["replace", &repo.git(["rev-parse", "HEAD:a.py"]), &other]);
    assert_eq!(listing(&head(&repo)), "100644 a.py 1\\n\n");
    assert_eq!(listing(&open(&repo).work_tree().unwrap().snapshot), "100644 a.py 1\\n\n");
}

#[test]
fn a_missing_object_is_an_error_not_an_empty_file() {
    let repo = Repo::new().file("a.py", "1\n").commit("first");
    let id = repo.git(["rev-parse", "HEAD:a.py"]);
    repo.write("a.py", "2\n");
    std::fs::remove_file(repo.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let error = Tree::new(head(&repo)).read(&path("a.py")).unwrap_err();
    assert_eq!(error.to_string(), "failed to read `a.py`");
}
