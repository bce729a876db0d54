//! Repositories of every shape: each is verified, planned, applied and undone, or refused with the
//! reason and the way out. All are built by git itself.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::Repo;

const PLAYBOOK: &str =
    "name = \"shape\"\n[[step]]\nkind = \"move\"\nfrom = \"old\"\nto = \"new\"\n";

/// A package to move, and what imports it.
fn plain() -> Repo {
    Repo::new()
        .files([("old/__init__.py", ""), ("old/a.py", "X = 1\n"), ("main.py", "import old.a\n")])
        .playbook(PLAYBOOK)
        .commit("first")
}

fn play(repo: &Repo) -> String {
    repo.outside().join("play.toml").to_str().unwrap().to_owned()
}

/// Expects that all four commands do their work, from `folder`, and leave what git sees as it was.
#[track_caller]
fn works(repo: &Repo, folder: &str) {
    let git = |args: &[&str]| repo.git(["-C", folder].iter().chain(args));
    let seen = || (git(&["status", "--porcelain"]), git(&["for-each-ref"]));
    let before = seen();
    let play = play(repo);
    let _ = repo.run_in(folder, ["verify"]).exit(0);
    let _ = repo.run_in(folder, ["plan", &play]).exit(0).stdout_has("new/a.py");
    let _ = repo.run_in(folder, ["apply", "--yes", &play]).exit(0);
    assert_eq!(git(&["show", "heads/overhaul/shape:main.py"]).lines().last(), Some("import new.a"));
    let _ =
        repo.run_in(folder, ["apply", "--yes", &play, "--base", "heads/overhaul/shape"]).exit(0);
    git(&["fsck", "--strict", "--no-dangling"]);
    assert_eq!(seen().0, before.0);
    let _ = repo.run_in(folder, ["undo"]).exit(0);
    assert_eq!(seen(), before);
}

/// Expects that nothing is begun, for this reason and with this way out.
#[track_caller]
fn refused(repo: &Repo, folder: &str, reason: &str, hint: &str) {
    let play = play(repo);
    for args in [&["verify"][..], &["plan", &play], &["apply", "--yes", &play]] {
        let ran = repo.run_in(folder, args).exit(4).stderr_has(reason).stderr_has(hint);
        assert_eq!(ran.text(), "");
    }
    assert_eq!(repo.try_git(["-C", folder, "branch", "--list", "overhaul/*"]).stdout, b"");
}

#[test]
fn work_trees() {
    let repo = plain();
    repo.git(["worktree", "add", "-q", "../linked"]);
    works(&repo, "../linked");
    works(&repo, "");
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    repo.git(["-C", "../bare.git", "worktree", "add", "-q", "../of-bare", "main"]);
    works(&repo, "../of-bare");
    refused(&repo, "../bare.git", "without a work tree", "git clone");
    repo.git(["config", "extensions.worktreeConfig", "true"]);
    repo.git(["-C", "../linked", "config", "--worktree", "core.autocrlf", "true"]);
    works(&repo, "../linked");
}

#[test]
fn submodules_and_nested_repositories() {
    let repo = plain();
    repo.git(["clone", "-q", ".", "../inner"]);
    repo.git([
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "../inner",
        "sub",
    ]);
    repo.git(["clone", "-q", ".", "old/nested"]);
    let repo = repo.file(".gitignore", "nested/\n").commit("a submodule");
    works(&repo, "");
    repo.git(["-C", "sub", "switch", "-q", "--detach"]);
    works(&repo, "sub");
    works(&repo, "old/nested");
}

#[test]
fn places_of_the_git_directory() {
    let repo = plain();
    fs::rename(repo.path(".git"), repo.path("../git-dir")).unwrap();
    let repo = repo.link(".git", "../git-dir");
    works(&repo, "");
    fs::remove_file(repo.path(".git")).unwrap();
    fs::rename(repo.path("../git-dir"), repo.path(".git")).unwrap();
    repo.git(["init", "-q", "--separate-git-dir", "../elsewhere"]);
    works(&repo, "");
    repo.git(["clone", "-q", ".", "../line\nbreak"]);
    refused(&repo, "../line\nbreak", "has a line break in it", "plain name");
    repo.git(["clone", "-q", ".", "../sp ace 'é"]);
    works(&repo, "../sp ace 'é");
}

#[test]
fn heads() {
    let repo = plain();
    repo.git(["switch", "-q", "--detach"]);
    works(&repo, "");
    let repo = repo.file("more.py", "").commit("second");
    repo.git(["bisect", "start", "HEAD", "main"]);
    works(&repo, "");
    let unborn = Repo::new().file("old/a.py", "X = 1\n").playbook(PLAYBOOK);
    let _ = unborn.run(["verify"]).exit(0);
    let _ = unborn.run(["plan", "../play.toml"]).exit(4).stderr_has("no commit yet");
    let _ = unborn.run(["apply", "../play.toml", "--yes"]).exit(4).stderr_has("commit what you");
    let tag = plain();
    tag.git(["tag", "overhaul/shape"]);
    works(&tag, "");
}

#[test]
fn histories() {
    let repo =
        plain().file("more.py", "").commit("second").file("more.py", "Y = 1\n").commit("third");
    let url = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &url, "../shallow"]);
    works(&repo, "../shallow");
    let _ = repo.run_in("../shallow", ["apply", "--yes", &play(&repo)]).exit(0);
    repo.git(["-C", "../shallow", "merge", "-q", "overhaul/shape"]);
    let _ = repo.run_in("../shallow", ["undo"]).exit(0).stderr_has("overhaul/undo-shape");
    repo.git(["clone", "-q", "--shared", ".", "../shared"]);
    works(&repo, "../shared");
    repo.git(["gc", "-q"]);
    repo.git(["pack-refs", "--all"]);
    works(&repo, "");
    repo.git(["replace", "HEAD~1", "HEAD~2"]);
    repo.git(["commit-graph", "write", "--reachable"]);
    works(&repo, "");
    repo.write(".git/info/grafts", repo.git(["rev-parse", "HEAD"]) + "\n");
    works(&repo, "");
}

#[test]
fn indexes() {
    for settings in [
        &["feature.manyFiles=true", "index.skipHash=true", "core.untrackedCache=true"][..],
        &["core.preloadIndex=true", "index.threads=4", "core.ignoreStat=true"],
        &["core.fileMode=false", "core.trustctime=false", "core.checkStat=minimal"],
        &["core.quotePath=true", "status.relativePaths=true", "status.short=true"],
        &["core.precomposeUnicode=true", "core.ignoreCase=true", "core.protectNTFS=true"],
        &["core.logAllRefUpdates=false", "core.sharedRepository=group"],
    ] {
        let repo = plain();
        for setting in settings {
            let (key, value) = setting.split_once('=').unwrap();
            repo.git(["config", key, value]);
        }
        repo.git(["update-index", "--index-version", "4"]);
        let repo = repo.file("more.py", "").commit("second");
        works(&repo, "");
    }
    let locked = plain().file(".git/index.lock", "");
    works(&locked, "");
}

#[test]
fn names() {
    let name = |bytes: &'static [u8]| OsStr::from_bytes(bytes);
    let repo = plain()
        .files([
            ("old/A.py", "Y = 1\n"),
            ("old/aux.py", ""),
            ("old/-dash.py", ""),
            ("old/[a].py", ""),
        ])
        .files([("old/:(top)x.py", ""), ("old/back\\slash.py", ""), ("old/trailing ", "")])
        .file(name(b"old/\xff\xfe.py"), "Z = 1\n")
        .file(name(b"old/new\nline\t.py"), "")
        .file(["deep"; 300].join("/") + "/m.py", "import old.a\n")
        .commit("odd names");
    works(&repo, "");
    repo.git(["config", "core.ignoreCase", "true"]);
    works(&repo, "");
}

#[test]
fn links_and_pipes() {
    let farm = (0..200).map(|at| format!("farm/l{at}.py"));
    let repo = farm.fold(plain(), |repo, link| repo.link(link, "../old/a.py"));
    let repo = repo
        .link("farm/self", ".")
        .link("old/up", "../..")
        .link("loop", "loop")
        .link("outside", "/etc")
        .link("old/farm", "../farm")
        .commit("links");
    for pipe in ["pipe", "old/pipe.py"] {
        assert!(repo.command("mkfifo", &repo.root()).arg(pipe).status().unwrap().success());
    }
    works(&repo, "");
    let plain = plain().link("link.py", "main.py").commit("a link");
    plain.git(["config", "core.symlinks", "false"]);
    fs::remove_file(plain.path("link.py")).unwrap();
    plain.git(["checkout", "-q", "--", "."]);
    works(&plain, "");
}

#[test]
fn bytes() {
    let repo = plain()
        .file("win.py", "import old.a\r\nprint(old.a.X)\r\n")
        .file("bom.py", "\u{feff}import old.a\n")
        .file("latin.py", b"# coding: latin-1\nimport old.a\nNAME = '\xe9'\n")
        .file("zero.py", b"import old.a\n\0\n")
        .file("huge.bin", vec![0; 100_000_000])
        .file("env/pyvenv.cfg", "home = /usr\n")
        .file("env/lib/python3.12/site-packages/x.py", "import nothing\n")
        .commit("bytes");
    let _ = repo.run(["verify"]).exit(1).stdout_has("zero.py");
    fs::remove_file(repo.path("zero.py")).unwrap();
    let repo = repo.commit("without what no Python reads");
    works(&repo, "");
    let _ = repo.run(["apply", "--yes", "../play.toml"]).exit(0);
    let after = |path: &str| repo.try_git(["show", &format!("overhaul/shape:{path}")]).stdout;
    assert_eq!(after("win.py"), b"import new.a\r\nprint(new.a.X)\r\n");
    assert_eq!(after("bom.py"), "\u{feff}import new.a\n".as_bytes());
    assert_eq!(after("latin.py"), b"# coding: latin-1\nimport new.a\nNAME = '\xe9'\n");
    repo.git(["config", "core.autocrlf", "true"]);
    fs::remove_file(repo.path("main.py")).unwrap();
    repo.git(["checkout", "-q", "--", "main.py"]);
    let _ = repo.run(["undo"]).exit(0);
    works(&repo, "");
}

#[test]
fn what_is_under_way() {
    let repo = plain();
    repo.git(["switch", "-qc", "other"]);
    let repo = repo.file("old/a.py", "X = 2\n").commit("other");
    repo.git(["switch", "-q", "main"]);
    let repo = repo.file("old/a.py", "X = 3\n").commit("main");
    for under_way in [["merge", "other"], ["rebase", "other"], ["cherry-pick", "other"]] {
        assert!(!repo.try_git(under_way).status.success());
        let _ = repo.run(["verify"]).exit(1).stdout_has("old/a.py");
        let _ = repo.run(["plan", "../play.toml"]).exit(0);
        let hint = "commit or stash them";
        let _ = repo.run(["apply", "../play.toml", "--yes"]).exit(4).stderr_has(hint);
        let allowed = ["apply", "../play.toml", "--yes", "--allow-dirty"];
        let before = repo.git(["status"]);
        let _ = repo.run(allowed).exit(0);
        let _ = repo.run(["undo"]).exit(0);
        assert_eq!(repo.git(["status"]), before);
        repo.git([under_way[0], "--abort"]);
    }
    // Nothing is dirty, and still git does not switch.
    assert!(!repo.try_git(["merge", "other"]).status.success());
    repo.git(["checkout", "-q", "HEAD", "old/a.py"]);
    let switch = ["apply", "../play.toml", "--yes", "--switch"];
    let _ = repo.run(switch).exit(4).stderr_has("cannot switch branch while merging");
    assert_eq!(repo.git(["branch", "--show-current"]), "main");
    assert!(!repo.path(".git/index.lock").exists());
}

#[test]
fn a_tree_that_nobody_could_check_out() {
    let repo = plain();
    let head = repo.git(["rev-parse", "HEAD"]);
    let mut tree = repo.git(["rev-parse", "HEAD^{tree}"]);
    for _ in 0..10 {
        let rows: String = (0..10).map(|at| format!("040000 tree {tree}\tf{at}\n")).collect();
        fs::write(repo.outside().join("rows"), rows).unwrap();
        let rows = fs::File::open(repo.outside().join("rows")).unwrap();
        let made = repo.command("git", &repo.root()).arg("mktree").stdin(rows).output().unwrap();
        tree = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    }
    let bomb = repo.git(["commit-tree", "-m", "bomb", &tree]);
    let (reason, hint) = ("more paths than overhaul lists", "--base");
    let _ = repo.run(["plan", "../play.toml", "--base", &bomb]).exit(4).stderr_has(reason);
    repo.write(".git/HEAD", format!("{bomb}\n"));
    refused(&repo, "", reason, hint);
    let _ = repo.run(["plan", "../play.toml", "--base", &head]).exit(0);
}

#[test]
fn files_that_nobody_may_read() {
    // Whoever is root reads everything; and only root can become somebody else.
    let nobody = 65_534;
    let repo = plain();
    let Ok(()) = std::os::unix::fs::chown(repo.path("old/a.py"), Some(nobody), None) else {
        fs::set_permissions(
            repo.path("main.py"),
            std::os::unix::fs::PermissionsExt::from_mode(0o000),
        )
        .unwrap();
        let _ = repo.run(["verify"]).stderr_lacks("panicked");
        return;
    };
    std::os::unix::fs::chown(repo.root(), Some(nobody), None).unwrap();
    refused(&repo, "", "git does not trust the owner", "safe.directory");
}
