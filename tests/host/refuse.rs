//! Repositories that overhaul could get wrong are refused, with the reason and the way out.

use std::fs;
use std::path::Path;

use overhaul::host::{Blame, HostError, Looking, Repo as Host};

use crate::support::Repo;

fn base() -> Repo {
    Repo::new().file("a.py", "X = 1\n").file("pkg/b.py", "import a\n").commit("first")
}

/// Expects that the repository is refused with this message, and that the way out works.
#[track_caller]
fn refused(repo: &Repo, message: &str, hint: &str) {
    let before = repo.state();
    refused_at(&repo.root(), message, hint);
    repo.state().same_as(&before);
}

#[track_caller]
fn refused_at(folder: &Path, message: &str, hint: &str) {
    let error = match Host::open(folder) {
        Ok(host) => panic!("opened {host:?}"),
        Err(error) => error,
    };
    check(&error, message, hint);
    // The way in of `verify`, where more is asked at a time.
    let looked = Looking::begin(folder).and_then(Looking::end).map(drop);
    check(&looked.unwrap_err(), message, hint);
}

#[track_caller]
fn check(error: &HostError, message: &str, hint: &str) {
    assert_eq!(error.blame(), Blame::Refused, "{error}");
    assert!(error.to_string().contains(message), "`{error}` lacks `{message}`");
    let given = error.hint().unwrap_or_default();
    assert!(given.contains(hint), "hint `{given}` lacks `{hint}`");
}

#[track_caller]
fn accepted(repo: &Repo) {
    Host::open(&repo.root()).unwrap();
}

#[test]
fn no_repository() {
    refused(&Repo::folder(), "is not in a git repository", "git init");
    let nowhere = Repo::folder().path("no/such/folder");
    let error = Host::open(&nowhere).unwrap_err();
    assert_eq!(error.blame(), Blame::Failed);
    assert!(error.to_string().contains("failed to open"), "{error}");
}

#[test]
fn links_in_the_place_of_what_is_ours() {
    let playbook = "name = 't'\n[[step]]\nkind = 'create'\npath = 'new.txt'\ntext = 'new'\n";
    let places =
        ["", "/lock", "/runs", "/runs/1.json", "/switch", "/trash", "/trash/1", "/trash.old"];
    for place in places {
        let repo = base().playbook(playbook);
        fs::create_dir_all(repo.path("../theirs/1")).unwrap();
        fs::write(repo.path("../theirs/.overhaul-mine"), "precious").unwrap();
        let link = repo.path(format!(".git/overhaul{place}"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(repo.outside().join("theirs"), &link).unwrap();
        let message = format!(
            "error: `[ROOT]/.git/overhaul{place}` is a symbolic link, and nothing is written through one\n"
        );
        for command in [&["apply", "../play.toml", "--yes"][..], &["trash", "restore", "1"]] {
            let _ = repo.run(command).exit(4).stderr_has(&message);
        }
        let theirs: Vec<_> = fs::read_dir(repo.path("../theirs")).unwrap().collect();
        assert_eq!(theirs.len(), 2, "{place}: {theirs:?}");
        assert_eq!(repo.read("../theirs/.overhaul-mine"), "precious");
        assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
        fs::remove_file(&link).unwrap();
        let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    }
}

#[test]
fn a_lock_on_the_branch() {
    let repo =
        base().playbook("name = 't'\n[[step]]\nkind = 'create'\npath = 'new.txt'\ntext = 'new'\n");
    let locked = |lock: &str, command: &[&str]| {
        repo.write(lock, "");
        let before = repo.state().without(&[".git/objects", ".git/overhaul"]);
        let _ = repo.run(command).exit(4).stderr_has(&format!(
            "error: branch `overhaul/t` is locked: `[ROOT]/{lock}` exists\n\
             hint: another git is at work there"
        ));
        repo.state().without(&[".git/objects", ".git/overhaul"]).same_as(&before);
        fs::remove_file(repo.path(lock)).unwrap();
    };
    let (apply, undo) = (["apply", "../play.toml", "--yes"], ["undo"]);
    let (own, shared) = (".git/refs/heads/overhaul/t.lock", ".git/packed-refs.lock");
    locked(own, &apply);
    // Whoever packs refs is not in the way of a new one.
    repo.write(shared, "");
    let _ = repo.run(apply).exit(0);
    locked(own, &undo);
    locked(shared, &undo);
    let _ = repo.run(undo).exit(0);
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
}

#[test]
fn what_is_a_repository_no_more() {
    let cause = |folder: &Path| {
        let error = Host::open(folder).unwrap_err();
        std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default()
    };
    let broken = |repo: &Repo, lacks: &str| {
        let message =
            format!("`{}` is not a repository that git can open", repo.path(".git").display());
        refused(repo, &message, "mend what is named");
        refused_at(&repo.path("pkg"), &message, "mend what is named");
        let told = cause(&repo.root());
        assert!(told.starts_with(&format!("`{}", repo.path(".git").display())), "{told}");
        assert!(told.ends_with(lacks), "`{told}` lacks `{lacks}`");
    };
    broken(&base().file(".git/HEAD", "garbage\n"), "HEAD` names no branch and no commit");
    for gone in ["HEAD", "objects", "refs"] {
        let repo = base();
        fs::rename(repo.path(".git").join(gone), repo.outside().join("gone")).unwrap();
        broken(&repo, &format!("{gone}` is missing"));
    }
    let repo = base().file(".git/config", "[");
    refused(&repo, ".git` is not a repository that git can open", "clone again");
    assert_eq!(cause(&repo.root()), "bad config line 2 in file .git/config");
    let repo = base();
    repo.git(["worktree", "add", "-q", "../linked"]);
    fs::rename(repo.root(), repo.outside().join("moved")).unwrap();
    let linked = repo.outside().join("linked");
    refused_at(
        &linked,
        "linked/.git` is not a repository that git can open",
        "git worktree repair",
    );
    let told = cause(&linked);
    assert!(told.ends_with("repo/.git/worktrees/linked` is missing"), "{told}");
    fs::write(linked.join(".git"), "nothing\n").unwrap();
    refused_at(&linked, "linked/.git` is not a repository that git can open", "clone again");
    assert!(cause(&linked).starts_with("invalid gitfile format"), "{}", cause(&linked));
}

#[test]
fn no_commit() {
    let repo = Repo::new().file("a.py", "");
    let host = Host::open(&repo.root()).unwrap();
    check(&host.commit("HEAD").unwrap_err(), "no commit yet", "commit what you have");
    assert_eq!(host.work_tree().unwrap().untracked.len(), 1);
}

#[test]
fn bare() {
    let repo = base();
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    refused_at(&repo.path("../bare.git"), "without a work tree", "git clone");
    refused_at(&repo.path(".git"), "without a work tree", "git clone");
}

#[test]
fn sparse_checkout() {
    let repo = base();
    repo.git(["sparse-checkout", "set", "pkg"]);
    refused(&repo, "sparse checkout", "git sparse-checkout disable");
    repo.git(["sparse-checkout", "set", "--sparse-index", "pkg"]);
    refused(&repo, "sparse checkout", "git sparse-checkout disable");
    repo.git(["sparse-checkout", "disable"]);
    accepted(&repo);
}

#[test]
fn partial_clone() {
    let repo = base();
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "../partial"]);
    refused_at(&repo.path("../partial"), "partial clone", "without `--filter`");
}

#[test]
fn other_formats() {
    let sha256 = Repo::folder();
    sha256.git(["init", "-q", "--object-format=sha256"]);
    refused(&sha256, "`sha256`", "--object-format=sha1");
    let reftable = Repo::folder();
    reftable.git(["init", "-q", "--ref-format=reftable"]);
    refused(&reftable, "`reftable`", "git refs migrate --ref-format=files");
}

#[test]
fn an_extension_that_nobody_knows() {
    let repo = base();
    repo.git(["config", "core.repositoryFormatVersion", "1"]);
    repo.write(".git/config", repo.read(".git/config") + "[extensions]\n\tteleport = true\n");
    refused(&repo, "of a kind that overhaul does not know", "");
}

#[test]
fn split_index() {
    let repo = base();
    repo.git(["update-index", "--split-index"]);
    // Not `refused`: git itself touches the time of the shared half whenever it reads it.
    refused_at(&repo.root(), "split index", "--no-split-index`");
    repo.git(["update-index", "--no-split-index"]);
    accepted(&repo);
}

#[test]
fn filters() {
    let lfs = "*.bin filter=lfs diff=lfs merge=lfs -text\n";
    let repo = base().file(".gitattributes", lfs);
    accepted(&repo);
    let repo = repo.file("pkg/model.bin", "weights").commit("a model");
    refused(&repo, "`pkg/model.bin` goes through a filter", "git lfs migrate export");

    let nested = base().file("pkg/.gitattributes", "*.py filter=secret\n").commit("nested");
    refused(&nested, "`pkg/b.py`", "filter=");
    let private = base().file(".git/info/attributes", "*.py filter=secret\n");
    refused(&private, "`a.py`", "filter=");
    let by_macro =
        base().file(".gitattributes", "[attr]big filter=lfs\n*.py big\n").commit("macro");
    refused(&by_macro, "`a.py`", "filter=");
}

#[test]
fn a_filter_that_no_file_uses_is_no_matter() {
    let repo = base().file(".gitattributes", "*.bin filter=lfs\n*.py -filter\n").commit("none");
    repo.git(["config", "filter.lfs.clean", "git-lfs clean -- %f"]);
    repo.git(["config", "filter.lfs.required", "true"]);
    accepted(&repo);
}

#[test]
fn a_work_tree_elsewhere() {
    let repo = base();
    repo.git(["config", "core.worktree", "../../home"]);
    let error = Host::open(&repo.root()).unwrap_err();
    assert_eq!(error.blame(), Blame::Refused, "{error}");
    repo.git(["config", "core.worktree", "../.."]);
    refused(&repo, "is elsewhere", "run it in");
}

#[test]
fn paths_that_no_checkout_could_have() {
    let repo = base();
    let blob = repo.git(["rev-parse", "HEAD:a.py"]);
    let inner = tree_of(&repo, "100644 blob", &blob, "config");
    for name in [".git", ".GIT", "git~1", ".."] {
        let outer = tree_of(&repo, "040000 tree", &inner, name);
        let commit = repo.git(["commit-tree", "-m", "odd", &outer]);
        let host = Host::open(&repo.root()).unwrap();
        let base = host.commit(&commit).unwrap();
        check(&host.snapshot(&base).unwrap_err(), "does not touch", "");
    }
}

#[test]
fn a_path_that_is_too_long() {
    let repo = base();
    let blob = repo.git(["rev-parse", "HEAD:a.py"]);
    let long = ["folder"; 700].join("/");
    repo.git(["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{long}")]);
    repo.git(["commit", "-q", "-m", "long"]);
    let host = Host::open(&repo.root()).unwrap();
    let head = host.commit("HEAD").unwrap();
    check(&host.snapshot(&head).unwrap_err(), "more than 4096 bytes", "");
    check(&host.work_tree().unwrap_err(), "more than 4096 bytes", "");
}

/// Writes a tree of one row, however odd.
fn tree_of(repo: &Repo, kind: &str, id: &str, name: &str) -> String {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut body = kind.split(' ').next().unwrap().trim_start_matches('0').as_bytes().to_vec();
    body.extend_from_slice(format!(" {name}\0").as_bytes());
    body.extend((0..20).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()));
    let args = ["hash-object", "-t", "tree", "-w", "--literally", "--stdin"];
    let mut command = repo.command("git", &repo.root());
    let mut child =
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&body).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
