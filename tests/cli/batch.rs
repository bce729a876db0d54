//! `batch`: many repositories, each with its own result.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::Repo;

const PLAYBOOK: &str = "name = 'tidy'\n\
     [[step]]\nkind = 'move'\nfrom = 'app/core.py'\nto = 'app/kernel.py'\n";

/// A folder for repositories, and a playbook that renames `app/core.py`.
fn fleet() -> Repo {
    Repo::folder().playbook(PLAYBOOK)
}

/// Makes a repository with one commit of these files.
fn repository(fleet: &Repo, name: &str, files: &[(&str, &str)]) {
    for (path, text) in files {
        fleet.write(Path::new(name).join(path), text);
    }
    fleet.git(["init", "-q", "-b", "main", name]);
    fleet.git(["-C", name, "add", "--all"]);
    fleet.git(["-C", name, "commit", "-q", "-m", "first"]);
}

/// Makes a repository in which the playbook has work to do.
fn messy(fleet: &Repo, name: &str) {
    let files = [
        ("app/__init__.py", ""),
        ("app/core.py", "X = 1\n"),
        ("app/main.py", "from app.core import X\n"),
    ];
    repository(fleet, name, &files);
}

/// Makes a repository in which it has none.
fn clean(fleet: &Repo, name: &str) {
    repository(fleet, name, &[("app/__init__.py", ""), ("app/kernel.py", "X = 1\n")]);
}

/// Returns the names of the results, with the digest left out.
fn results(fleet: &Repo, folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(fleet.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".json")?.rsplit_once('-')?.0.to_owned()))
        .collect();
    names.sort();
    names
}

/// Reads the result of a repository.
fn result(fleet: &Repo, folder: &str, name: &str) -> Value {
    let head = format!("{name}-");
    let mut files = fs::read_dir(fleet.path(folder)).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|it| it.file_name().unwrap().to_str().unwrap().starts_with(&head));
    serde_json::from_slice(&fs::read(file.unwrap()).unwrap()).unwrap()
}

fn branches(fleet: &Repo, name: &str) -> String {
    fleet.git(["-C", name, "branch", "--format=%(refname:short)", "--list", "overhaul/*"])
}

#[test]
fn each_repository_gets_a_result_and_its_branch() {
    let fleet = fleet();
    messy(&fleet, "repos/a");
    clean(&fleet, "repos/b");
    repository(&fleet, "repos/c", &[("app/core.py", ""), ("app/kernel.py", "import os\n")]);
    fs::create_dir(fleet.path("repos/d")).unwrap();
    let before = fleet.state();
    let plan = ["batch", "plan", "../play.toml", "repos/*", "-o", "../dry", "--jobs", "2"];
    fleet.run(plan).exit(5).stdout(
        "planned  [ROOT]/repos/a  2 files\n\
         empty    [ROOT]/repos/b\n\
         failed   [ROOT]/repos/c  step `1-move` cannot be carried out: `app/core.py` cannot become `app/kernel.py`, which exists\n\
         refused  [ROOT]/repos/d  `[ROOT]/repos/d` is not in a git repository\n\
         \n\
         `tidy`, 4 repositories: 1 planned, 1 empty, 1 refused, 1 failed\n",
    );
    fleet.state().same_as(&before);
    let run = ["batch", "run", "../play.toml", "repos/*", "-o", "../out", "--format", "json"];
    let status = fleet.run(run).exit(5).json();
    assert_eq!(status["counts"]["applied"], 1);
    assert_eq!(results(&fleet, "../out"), ["a", "b", "c", "d"]);
    let a = result(&fleet, "../out", "a");
    assert_eq!((&a["format"], &a["state"]), (&"overhaul.batch/1".into(), &"applied".into()));
    assert_eq!((&a["exit"], &a["branch"]), (&0.into(), &"overhaul/tidy".into()));
    assert_eq!(a["commit"], fleet.git(["-C", "repos/a", "rev-parse", "overhaul/tidy"]).as_str());
    assert_eq!((&a["plan"]["moved"], &a["plan"]["edited"]), (&1.into(), &1.into()));
    let text = fleet.git(["-C", "repos/a", "show", "overhaul/tidy:app/main.py"]);
    assert_eq!(text, "from app.kernel import X");
    assert_eq!(fleet.git(["-C", "repos/a", "status", "--porcelain"]), "");
    assert_eq!((branches(&fleet, "repos/b"), branches(&fleet, "repos/c")), <_>::default());
    let codes = ["b", "c", "d"].map(|it| result(&fleet, "../out", it)["exit"].clone());
    assert_eq!(codes, [0, 2, 4]);
    fleet.run(["batch", "status", "../out"]).exit(5).stdout_has("1 applied, 1 empty");
}

#[test]
fn a_plan_that_does_not_hold_is_a_failure_with_its_figures() {
    let fleet =
        fleet().playbook("name = 'cut'\n[[step]]\nkind = 'remove'\npaths = ['app/core.py']\n");
    messy(&fleet, "a");
    fleet.run(["batch", "run", "../play.toml", "a", "-o", "../out"]).exit(5);
    let a = result(&fleet, "../out", "a");
    assert_eq!((&a["state"], &a["exit"]), (&"failed".into(), &3.into()));
    assert_eq!((&a["plan"]["broken"], &a["branch"]), (&1.into(), &Value::Null));
    assert_eq!(branches(&fleet, "a"), "");
}

#[test]
fn what_a_plan_warns_of_is_told_once_for_all_repositories() {
    let fleet = fleet().playbook(&PLAYBOOK.replace("app/core.py", "app/cores.py"));
    for name in ["repos/a", "repos/b", "repos/c"] {
        messy(&fleet, name);
    }
    let finding = fleet.run_in("repos/a", ["plan", "../../../play.toml", "--format", "json"]);
    let finding = finding.exit(0).json()["steps"][0]["findings"][0].clone();
    let word = |key: &str| finding[key].as_str().unwrap().to_owned();
    let warning = format!("{} ({})", word("message"), word("hint"));
    assert_eq!(
        (word("severity").as_str(), word("hint").as_str()),
        ("warning", "did you mean `app/core.py`?")
    );
    let plan = ["batch", "plan", "../play.toml", "repos/*", "-o", "../dry"];
    let told = format!("warning: in all 3 repositories: {warning}\n");
    fleet.run(plan).exit(0).stderr_has(&told).stdout(
        "empty    [ROOT]/repos/a  1 warning\n\
         empty    [ROOT]/repos/b  1 warning\n\
         empty    [ROOT]/repos/c  1 warning\n\
         \n\
         `tidy`, 3 repositories: 3 empty\n",
    );
    assert_eq!(result(&fleet, "../dry", "b")["warnings"], serde_json::json!([warning]));
    fleet.run(["batch", "status", "../dry"]).exit(0).stderr(&told);
    fleet.git(["-C", "repos/b", "mv", "app/core.py", "app/cores.py"]);
    fleet.git(["-C", "repos/b", "commit", "-q", "-m", "second"]);
    let some = fleet.run(["batch", "plan", "../play.toml", "repos/*", "-o", "../some"]);
    some.exit(0).stderr_has(&format!("warning: in 2 of 3 repositories: {warning}\n"));
    let apply = fleet.run_in("repos/a", ["apply", "../../../play.toml", "--yes"]);
    apply.exit(0).stderr(&format!("warning: {warning}\nThere is nothing to change.\n"));
}

#[test]
fn what_has_a_result_is_not_done_again() {
    let fleet = fleet();
    messy(&fleet, "a");
    messy(&fleet, "b");
    let run = ["batch", "run", "../play.toml", "a", "b", "-o", "../out"];
    fleet.run(run).exit(0).stderr_has("[2/2]");
    let before = fleet.state();
    let table = fleet.run(run).exit(0).stderr("").text().to_owned();
    fleet.run(["batch", "status", "../out"]).exit(0).stdout(&table);
    fleet.state().same_as(&before);
}

#[test]
fn a_branch_whose_result_was_lost_is_found_again() {
    let fleet = fleet();
    messy(&fleet, "a");
    let run = ["batch", "run", "../play.toml", "a", "-o", "../out"];
    let table = fleet.run(run).exit(0).text().to_owned();
    let first = result(&fleet, "../out", "a");
    let name = fs::read_dir(fleet.path("../out")).unwrap().map(|it| it.unwrap().path());
    let file = name.into_iter().find(|it| it.extension().is_some()).unwrap();
    for lost in [&b""[..], b"{\"format\": \"overhaul.batch/1\"", b"\0\0\0"] {
        fs::write(&file, lost).unwrap();
        fleet.run(["batch", "status", "../out"]).exit(0).stdout_has("1 waiting");
        fleet.run(run).exit(0).stdout(&table);
        assert_eq!(result(&fleet, "../out", "a"), first);
    }
    assert_eq!(branches(&fleet, "a"), "overhaul/tidy");
}

#[test]
fn a_campaign_that_was_killed_goes_on() {
    let fleet = fleet();
    let names: Vec<String> = (0..12).map(|number| format!("repos/r{number}")).collect();
    names.iter().for_each(|name| messy(&fleet, name));
    let args = ["batch", "run", "../play.toml", "repos/*", "-o", "../out", "--jobs", "3"];
    let program = env!("CARGO_BIN_EXE_overhaul");
    let mut child = fleet.command(program, &fleet.root());
    let mut child = child.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !fleet.path("../out").exists() || results(&fleet, "../out").is_empty() {
        assert!(child.try_wait().unwrap().is_none() || !results(&fleet, "../out").is_empty());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fleet.run(args).exit(0).stdout_has("`tidy`, 12 repositories: 12 applied\n");
    for name in &names {
        assert_eq!(branches(&fleet, name), "overhaul/tidy");
        fleet.git(["-C", name, "fsck", "--strict"]);
    }
    let left = fs::read_dir(fleet.path("../out/.campaign")).unwrap();
    let left: BTreeSet<_> = left.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["lock", "manifest.json"].map(Into::into).into());
}

#[test]
fn a_repository_is_done_once_by_whatever_name() {
    let fleet = fleet();
    messy(&fleet, "main");
    let fleet = fleet.link("alias", "main");
    fleet.git(["-C", "main", "worktree", "add", "-q", "../linked"]);
    let run = ["batch", "run", "../play.toml", "linked", "alias", "./main/", "-o", "../out"];
    fleet
        .run(run)
        .exit(0)
        .stderr_has("`./main/` is `alias`, and is done once.\n")
        .stdout_has("applied  [ROOT]/main    2 files, `overhaul/tidy`\n")
        .stdout_has(
            "skipped  [ROOT]/linked  it is a work tree of the same repository as `[ROOT]/main`\n",
        );
    assert_eq!(branches(&fleet, "main"), "overhaul/tidy");
}

#[test]
fn what_is_no_repository_of_its_own_is_refused() {
    let fleet = fleet();
    messy(&fleet, "a");
    fleet.write("plain.txt", "");
    let run = ["batch", "run", "../play.toml", "a/app", "plain.txt", "gone", "-o", "../out"];
    fleet
        .run(run)
        .exit(5)
        .stdout_has("`[ROOT]/a/app` is no repository of its own: it lies in `[ROOT]/a`\n")
        .stdout_has("`[ROOT]/plain.txt` is not in a git repository\n")
        .stdout_has("failed to open `[ROOT]/gone`: No such file or directory");
    assert_eq!(branches(&fleet, "a"), "");
}

#[test]
fn patterns_find_repositories() {
    let fleet = fleet();
    for name in ["x/one", "x/deep/two", "x/deep/two/nested", "x/.hidden"] {
        clean(&fleet, name);
    }
    fleet.write("x/README.md", "");
    fs::create_dir(fleet.path("x/[odd]")).unwrap();
    let found = |pattern: &str, folder: &str| {
        let _ = fleet.run(["batch", "plan", "../play.toml", pattern, "-o", folder]);
        results(&fleet, folder)
    };
    assert_eq!(found("x/**", "../1"), ["one", "two"]);
    assert_eq!(found("x/*", "../2"), ["deep", "odd-", "one"]);
    assert_eq!(found("x/o?e", "../3"), ["one"]);
    assert_eq!(found("x/**/t*", "../4"), ["two"]);
    assert_eq!(found("x/.h*", "../5"), ["hidden"]);
    assert_eq!(found("x/[odd]", "../6"), ["odd-"]);
}

#[test]
fn the_folder_of_the_results_is_no_repository() {
    let fleet = fleet();
    clean(&fleet, "repos/a");
    for _ in 0..2 {
        let plan = ["batch", "plan", "../play.toml", "repos/*", "-o", "repos/out"];
        fleet
            .run(plan)
            .exit(0)
            .stdout("empty    [ROOT]/repos/a\n\n`tidy`, 1 repository: 1 empty\n");
    }
}

#[test]
fn a_list_comes_from_stdin() {
    let fleet = fleet();
    clean(&fleet, "a b");
    clean(&fleet, "c");
    let run = |list: &[u8], folder: &str| {
        let mut command = fleet.command(env!("CARGO_BIN_EXE_overhaul"), &fleet.root());
        let command = command.args(["batch", "plan", "../play.toml", "-", "-o", folder]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(list).unwrap();
        child.wait().unwrap().code()
    };
    assert_eq!(run(b"a b\r\n\nc\n", "../1"), Some(0));
    assert_eq!(results(&fleet, "../1"), ["a-b", "c"]);
    assert_eq!(run(b"a b\0c", "../2"), Some(0));
    assert_eq!(results(&fleet, "../2"), ["a-b", "c"]);
    assert_eq!(run(b"\n", "../3"), Some(2));
    assert!(!fleet.path("../3").exists());
}

#[test]
fn a_mistake_is_told_before_any_work() {
    let fleet = fleet();
    messy(&fleet, "a");
    let cases: [(&[&str], &str); 6] = [
        (&["nothing.toml", "a"], "error: failed to read `nothing.toml`\n"),
        (&["../play.toml", "b*"], "error: `b*` matches no folder\n"),
        (&["../play.toml", "b["], "error: `b[` is no pattern\n"),
        (&["../play.toml", "a", "--set", "x=y"], "error: "),
        (&["../play.toml", "a", "--only", "x"], "error: the playbook has no sprint or step `x`\n"),
        (&["../play.toml", "a", "--branch", "x..y"], "error: `x..y` is no name for a branch\n"),
    ];
    for (args, message) in cases {
        let args = ["batch", "run", "-o", "../out"].iter().chain(args);
        fleet.run(args).exit(2).stdout("").stderr_has(message);
        assert!(!fleet.path("../out").exists());
    }
    let _ = fleet.run(["batch", "run", "../play.toml", "a"]).exit(2).stderr_has("--output");
    fleet.run(["batch", "status", "."]).exit(2).stderr_has("there is no campaign in `.`");
}

#[test]
fn the_results_of_another_campaign_are_not_mixed_with() {
    let fleet = fleet();
    messy(&fleet, "a");
    fleet.run(["batch", "plan", "../play.toml", "a", "-o", "../out"]).exit(0).stdout_has("planned");
    let before = result(&fleet, "../out", "a");
    let other = |args: &[&str]| {
        let args = ["batch"].iter().chain(args).chain(&["a", "-o", "../out"]);
        fleet.run(args).exit(4).stdout("").stderr(
            "error: `../out` has the results of another campaign: `batch plan` of `tidy`, overhaul 0.1.0\n\
             hint: name another folder with `--output`, or the same playbook, variables and options\n",
        );
    };
    other(&["run", "../play.toml"]);
    other(&["plan", "../play.toml", "--include", "review"]);
    fs::write(fleet.path("../play.toml"), PLAYBOOK.replace("kernel", "core2")).unwrap();
    other(&["plan", "../play.toml"]);
    assert_eq!(result(&fleet, "../out", "a"), before);
}

#[test]
fn one_batch_at_a_time_writes_into_a_folder() {
    let fleet = fleet();
    messy(&fleet, "a");
    fs::create_dir_all(fleet.path("../out/.campaign")).unwrap();
    let lock = File::create(fleet.path("../out/.campaign/lock")).unwrap();
    lock.lock().unwrap();
    let run = ["batch", "run", "../play.toml", "a", "-o", "../out"];
    fleet.run(run).exit(4).stderr(
        "error: another batch is at work in `../out`\n\
         hint: wait for it to end, then try again\n",
    );
    lock.unlock().unwrap();
    let _ = fleet.run(run).exit(0);
}

#[test]
fn a_result_that_cannot_be_written_ends_the_batch() {
    let fleet = fleet();
    messy(&fleet, "a");
    let run = ["batch", "run", "../play.toml", "a", "-o", "../out"];
    let _ = fleet.run(run).exit(0);
    let file = fs::read_dir(fleet.path("../out")).unwrap().map(|it| it.unwrap().path());
    let file = file.into_iter().find(|it| it.extension().is_some()).unwrap();
    fs::remove_file(&file).unwrap();
    // A folder in its place: no rename replaces it, whoever runs the test.
    let part = fleet.path("../out/.campaign").join(file.file_name().unwrap());
    fs::create_dir(part.with_extension("part")).unwrap();
    fleet.run(run).exit(2).stdout("").stderr_has("error: failed to write `");
    fs::remove_dir(part.with_extension("part")).unwrap();
    let _ = fleet.run(run).exit(0).stdout_has("1 applied");
    assert_eq!(branches(&fleet, "a"), "overhaul/tidy");
}

#[test]
fn changes_that_are_not_committed_are_respected() {
    let fleet = fleet();
    messy(&fleet, "a");
    fleet.write("a/app/main.py", "from app.core import X  # mine\n");
    fleet.run(["batch", "plan", "../play.toml", "a", "-o", "../dry"]).exit(0).stderr_has(
        "warning: [ROOT]/a: `app/main.py` has changes that are not committed; the plan reads the \
         commit\n",
    );
    let _ = fleet.run(["batch", "run", "../play.toml", "a", "-o", "../out"]).exit(5);
    let a = result(&fleet, "../out", "a");
    assert_eq!((&a["state"], &a["exit"]), (&"refused".into(), &4.into()));
    assert!(a["reason"].as_str().unwrap().starts_with("`app/main.py` would be touched"), "{a}");
    let again = ["batch", "run", "../play.toml", "a", "-o", "../again", "--allow-dirty"];
    let _ = fleet.run(again).exit(0).stdout_has("1 applied");
}

#[test]
fn a_playbook_of_a_repository_starts_nothing_there() {
    let fleet = fleet();
    for name in ["a", "b"] {
        messy(&fleet, name);
    }
    fleet.write("a/own.toml", format!("{PLAYBOOK}[verify]\nrun = ['true']\n"));
    let run = ["batch", "run", "a/own.toml", "a", "b", "-o", "../out"];
    let _ = fleet.run(run).exit(5).stdout_has("1 applied, 1 refused");
    let a = result(&fleet, "../out", "a");
    assert_eq!(a["hint"], "read it, then say `--allow-run`");
    let run = ["batch", "run", "a/own.toml", "a", "b", "-o", "../allowed", "--allow-run"];
    let _ = fleet.run(run).exit(0).stdout_has("2 applied");
}

/// A playbook with a step that starts `command`, and renames nothing.
fn running(command: &str) -> String {
    format!("name = 'tidy'\n[[step]]\nkind = 'run'\ncommand = \'\'\'{command}\'\'\'\n")
}

#[test]
fn programs_run_in_each_repository_where_they_may() {
    let fleet = fleet();
    for name in ["a", "b", "c"] {
        messy(&fleet, name);
    }
    fleet.write("a/own.toml", running("sed -i s/X/Y/ app/core.py; rm -f app/main.py"));
    let batch = |action: &str, folder: &str, more: &[&str]| {
        let words = ["batch", action, "a/own.toml", "a", "b", "c", "-o", folder];
        fleet.run([&words, more].concat())
    };
    let before = fleet.state();
    batch("plan", "../dry", &[]).exit(5).stdout_has("2 planned, 1 refused");
    assert_eq!(result(&fleet, "../dry", "a")["hint"], "read it, then say `--allow-run`");
    batch("plan", "../seen", &["--allow-run"]).exit(0).stdout_has("3 planned");
    fleet.state().same_as(&before);
    batch("run", "../out", &["--allow-run", "--jobs", "3"]).exit(0).stdout_has("3 applied");
    for name in ["a", "b", "c"] {
        let tree = fleet.git(["-C", name, "show", "overhaul/tidy:app/core.py"]);
        assert_eq!(tree, "Y = 1");
    }
    fleet.write("fails.toml", running("test -e app/main.py"));
    repository(&fleet, "d", &[("x.py", "")]);
    fleet.run(["batch", "plan", "fails.toml", "b", "d", "-o", "../fail"]).exit(5).stdout_has(
        "failed   [ROOT]/d  step `1-run` cannot be carried out: `test -e app/main.py` failed (exit status: 1)",
    );
}

#[test]
fn an_interrupt_ends_the_programs_and_the_batch_goes_on_later() {
    let fleet = fleet();
    for name in ["repos/a", "repos/b", "repos/c"] {
        messy(&fleet, name);
    }
    let outside = fleet.outside().to_owned();
    let (begun, wait) = (outside.join("begun"), outside.join("wait"));
    fs::write(&wait, "").unwrap();
    // The first has nothing to wait for: it is done when the others still work.
    let command = format!(
        "case \"$(cat name)\" in a|done) ;; *) echo x >> {}; test ! -e {} || sleep 60;; esac; \
         printf done > name",
        begun.display(),
        wait.display()
    );
    for name in ["a", "b", "c"] {
        fleet.write(format!("repos/{name}/name"), name);
        let at = format!("repos/{name}");
        fleet.git(["-C", &at, "add", "name"]);
        fleet.git(["-C", &at, "commit", "-q", "-m", "its name"]);
    }
    let fleet = fleet.playbook(&running(&command));
    let args = ["batch", "run", "../play.toml", "repos/*", "-o", "../out", "--jobs", "2"];
    let mut program = fleet.command(env!("CARGO_BIN_EXE_overhaul"), &fleet.root());
    let program = program.args(args).stderr(Stdio::piped()).stdout(Stdio::null());
    let program = program.spawn().unwrap();
    while fs::read(&begun).map_or(0, |it| it.len()) < 4 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut kill = fleet.command("kill", &fleet.root());
    assert!(kill.args(["-TERM", &program.id().to_string()]).status().unwrap().success());
    let ended = program.wait_with_output().unwrap();
    assert_eq!(ended.status.signal(), Some(15));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("error: interrupted; the same command goes on where it was"), "{said}");
    assert_eq!(results(&fleet, "../out"), ["a"]);
    assert_eq!(fs::read_dir(outside.join("tmp")).unwrap().count(), 0);
    assert_eq!(branches(&fleet, "repos/b"), "");

    fs::remove_file(&wait).unwrap();
    fleet.run(args).exit(0).stdout_has("3 applied");
    assert_eq!(branches(&fleet, "repos/c"), "overhaul/tidy");
}

#[cfg(target_os = "linux")]
#[test]
fn any_name_of_a_folder_is_fine() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let fleet = fleet();
    clean(&fleet, "plain");
    let names: [&[u8]; 4] = [b"\xff\xfe", b"a\nb", b"-o", "größe {{ x }}".as_bytes()];
    for name in names {
        let from = fleet.path("plain");
        let to = fleet.path("repos").join(OsStr::from_bytes(name));
        fs::create_dir_all(fleet.path("repos")).unwrap();
        fleet.git(["clone".as_ref(), "-q".as_ref(), from.as_os_str(), to.as_os_str()]);
    }
    let plan = ["batch", "plan", "../play.toml", "repos/*", "-o", "../out"];
    fleet
        .run(plan)
        .exit(5)
        .stdout_has("3 empty, 1 refused\n")
        .stdout_has("\"[ROOT]/repos/\\377\\376\"\n")
        .stdout_has("the path of the repository has a line break in it\n");
    assert_eq!(results(&fleet, "../out").len(), 4);
}
