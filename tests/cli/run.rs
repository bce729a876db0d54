//! Steps of kind `run` and `[verify] run`: programs in a checkout, and what they must not do.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::support::Repo;

/// A repository with a playbook of one step that runs `command` over `app` and `tool.sh`.
fn repo(command: &str) -> Repo {
    Repo::new()
        .files([("app/a.py", "X = 1\n"), ("app/b.py", "Y = 1\n"), (".gitignore", "*.cache\n")])
        .script("tool.sh", "#!/bin/sh\n")
        .commit("first")
        .playbook(&playbook(command, "paths = ['app', 'tool.sh']\n"))
}

fn playbook(command: &str, fields: &str) -> String {
    format!("name = 'mod'\n[[step]]\nkind = 'run'\ncommand = '''{command}'''\n{fields}")
}

/// A program that cannot be part of a plan: the repository stays as it is, and no process either.
#[track_caller]
fn refused(command: &str, said: &str) {
    let repo = repo(command);
    let before = repo.state();
    repo.run(["plan", "../play.toml"]).exit(2).stderr_has(said);
    repo.state().same_as(&before);
}

#[test]
fn what_a_program_changes_is_planned_and_applied() {
    let command = "sed -i s/1/2/ app/a.py; rm app/b.py; printf new > app/c.txt; \
                   ln -sf a.py app/link; chmod -x tool.sh; touch x.cache";
    let repo = repo(command);
    let before = repo.state();
    let ran = repo.run(["plan", "../play.toml"]).exit(0).stderr("");
    for line in ["-X = 1\n+X = 2\n", "deleted file mode", "new mode 100644", "new file mode 120000"]
    {
        assert!(ran.text().contains(line), "{line} in {ran}");
    }
    repo.state().same_as(&before);
    repo.run(["apply", "--yes", "../play.toml"]).exit(0);
    let tree = repo.git(["ls-tree", "-r", "--format=%(objectmode) %(path)", "overhaul/mod"]);
    let expected =
        "100644 .gitignore\n100644 app/a.py\n100644 app/c.txt\n120000 app/link\n100644 tool.sh";
    assert_eq!(tree, expected);
    repo.git(["merge", "-q", "overhaul/mod"]);
    repo.run(["plan", "../play.toml"]).exit(0).stdout_has("nothing to change");
}

#[test]
fn a_program_finds_no_token_and_no_repository() {
    let command = "test -z \"$TOKEN$GIT_DIR\" && test -z \"$(ls -A \"$HOME\")\" && ! git status 2>&1 && \
                   rm -rf .git ../.git";
    let repo = repo(command).env("TOKEN", "secret");
    let before = repo.state();
    repo.run(["plan", "../play.toml"]).exit(0).stdout_has("nothing to change");
    repo.state().same_as(&before);
}

#[test]
fn what_breaks_an_import_is_not_applied() {
    let repo =
        repo("rm -f app/b.py").file("app/c.py", "from app.b import Y\n").commit("an importer");
    repo.run(["apply", "--yes", "../play.toml"]).exit(3).stdout_has("app/c.py");
    assert_eq!(repo.git(["branch", "--list", "overhaul/*"]), "");
}

#[test]
fn programs_that_fail_hang_or_do_not_settle_are_told() {
    refused(
        "echo no such rule >&2; exit 3",
        "failed (exit status: 3)\nhint: it said: no such rule\n",
    );
    refused("no-such-program", "failed (exit status: 127)\nhint: it said: ");
    refused("echo 1 >> app/a.py", "the steps do not settle: a second plan would change `app/a.py`");
    refused("yes", "caused by: `yes` said more than 256 MB, and was ended\n");
    refused("kill -9 $$", "failed (signal: 9 (SIGKILL))\n");
}

#[test]
fn changes_outside_of_the_paths_are_listed() {
    refused("echo 1 > other.py; rm .gitignore", "does not name: `.gitignore`, `other.py`\n");
    refused("mkdir app/.git; echo 1 > app/.git/config", "the program made what no commit can hold");
}

/// A playbook without steps that change something else, and a command that the result has to pass.
fn verified(command: &str, fields: &str) -> String {
    let step = "[[step]]\nkind = 'remove'\npaths = ['app/b.py']\narchive = false\n";
    format!("name = 'mod'\n[verify]\nrun = ['\''{command}'\'']\n{fields}{step}")
}

/// What starts processes that outlive it, in its group and away from it, and each of them would leave
/// a file at `mark`; they hold its stdout and stderr.
fn daemons(mark: &Path) -> String {
    let late = format!("sleep 4; echo alive > {}", mark.display());
    format!(
        "({late}) & setsid sh -c '{late}' & \
         (setsid env -i PATH=\"$PATH\" sh -c '({late}) & ' &); sleep 0.2; "
    )
}

#[test]
fn whatever_a_program_started_ends_with_it() {
    let repo = repo("x");
    let mark = repo.outside().join("alive");
    let loud = daemons(&mark);
    let repo = repo.playbook(&playbook(&loud, ""));
    repo.run(["plan", "../play.toml"]).exit(0).stdout_has("nothing to change");
    let repo = repo.playbook(&playbook(&format!("{loud} sleep 60"), "timeout = 1\n"));
    let ran = repo.run(["plan", "../play.toml"]).exit(2);
    ran.stderr_has("did not end within 1 s\nhint: `timeout` gives it more seconds\n");
    let repo = repo.playbook(&verified(&loud, ""));
    repo.run(["apply", "../play.toml", "--yes"]).exit(0);
    sleep(Duration::from_secs(5));
    assert!(!mark.exists());
}

#[test]
fn a_check_of_the_result_has_its_time() {
    let repo = repo("x");
    let mark = repo.outside().join("alive");
    let before = repo.state();
    let command = format!("{} sleep 60", daemons(&mark));
    let repo = repo.playbook(&verified(&command, "timeout = 1\n"));
    repo.run(["apply", "../play.toml", "--yes"])
        .exit(3)
        .stderr_has("did not end within 1 s on the result; nothing was written\n")
        .stderr_has("hint: `timeout` under `[verify]` gives it more seconds\n");
    repo.state().same_as(&before);
    sleep(Duration::from_secs(5));
    assert!(!mark.exists());
    let repo = repo.playbook(&verified("true", "timeout = 0\n"));
    repo.run(["plan", "../play.toml"]).exit(2).stderr_has("expected a nonzero");
}

/// Starts `overhaul` with a command, waits until its program says that it works, sends signals, and
/// waits for the end. Whatever the tests were started with, signals are not ignored, but `ignored`.
fn signalled(repo: &Repo, args: &[&str], signals: &[&str], ignored: &str) -> Output {
    let begun = repo.outside().join("begun");
    let start = "import os, signal as s, sys\n\
                 for it in (s.SIGINT, s.SIGTERM, s.SIGHUP): s.signal(it, s.SIG_DFL)\n\
                 if sys.argv[1]: s.signal(getattr(s, 'SIG' + sys.argv[1]), s.SIG_IGN)\n\
                 os.execv(sys.argv[2], sys.argv[2:])\n";
    let mut command = repo.command("python3", &repo.root());
    command.args(["-c", start, ignored, env!("CARGO_BIN_EXE_overhaul")]).args(args);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !begun.exists() {
        sleep(Duration::from_millis(10));
    }
    for signal in signals {
        let mut kill = repo.command("kill", &repo.root());
        assert!(
            kill.args([format!("-{signal}"), child.id().to_string()]).status().unwrap().success()
        );
        sleep(Duration::from_millis(200));
    }
    let output = child.wait_with_output().unwrap();
    std::fs::remove_file(begun).unwrap();
    output
}

/// A command that says that it works, and then works for a minute, and so does what it started.
fn at_work(repo: &Repo) -> String {
    let (begun, mark) = (repo.outside().join("begun"), repo.outside().join("alive"));
    format!("{} echo 1 > {}; sleep 60", daemons(&mark), begun.display())
}

#[test]
fn a_signal_ends_the_program_before_overhaul() {
    let scratch = |repo: &Repo| std::fs::read_dir(repo.outside().join("tmp")).unwrap().count();
    let repo = repo("x");
    let command = at_work(&repo);
    let step = repo.playbook(&playbook(&command, ""));
    let before = step.state();
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let ended = signalled(&step, &["plan", "../play.toml"], &[signal], "");
        assert_eq!(ended.status.signal(), Some(number), "{ended:?}");
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains("interrupted; the program that was at work is ended"), "{said}");
        assert_eq!(scratch(&step), 0);
    }
    let ended = signalled(&step, &["plan", "../play.toml"], &["HUP", "TERM"], "HUP");
    assert_eq!(ended.status.signal(), Some(15), "a hang-up is ignored below `nohup`");
    let check = step.playbook(&verified(&command, ""));
    let ended = signalled(&check, &["apply", "--yes", "../play.toml"], &["INT"], "");
    assert_eq!((ended.status.signal(), scratch(&check)), (Some(2), 0), "{ended:?}");
    check.state().same_as(&before);
    sleep(Duration::from_secs(5));
    assert!(!check.outside().join("alive").exists());
}

#[test]
fn a_program_may_end_in_order_and_is_not_waited_for_in_vain() {
    let repo = repo("x");
    let (last, begun) = (repo.outside().join("last"), repo.outside().join("begun"));
    let orderly = format!(
        "trap 'echo bye > {}; exit' TERM; echo 1 > {}; sleep 60 & wait",
        last.display(),
        begun.display()
    );
    let repo = repo.playbook(&playbook(&orderly, ""));
    assert_eq!(signalled(&repo, &["plan", "../play.toml"], &["INT"], "").status.signal(), Some(2));
    assert_eq!(std::fs::read_to_string(last).unwrap(), "bye\n");
    let stubborn = format!("trap '' TERM INT; echo 1 > {}; sleep 60; sleep 60", begun.display());
    let repo = repo.playbook(&playbook(&stubborn, ""));
    let ended = signalled(&repo, &["plan", "../play.toml"], &["INT", "INT"], "");
    assert_eq!(ended.status.signal(), Some(2));
}

#[test]
fn a_saved_plan_holds_what_the_program_did() {
    let repo = repo("x");
    let count = repo.outside().join("count");
    let command = format!("echo ran >> {}; sed -i s/1/2/ app/a.py", count.display());
    let repo = repo.playbook(&playbook(&command, ""));
    repo.run(["plan", "../play.toml", "-o", "../mod.json"]).exit(0);
    let runs = || std::fs::read_to_string(&count).unwrap().lines().count();
    assert_eq!(runs(), 2, "once, and once more on the result");
    repo.run(["apply", "../mod.json"]).exit(0);
    assert_eq!(runs(), 2);
    assert_eq!(repo.git(["show", "overhaul/mod:app/a.py"]), "X = 2");
}

#[test]
fn a_playbook_of_the_repository_has_to_be_allowed_to_run() {
    let text = playbook("sed -i s/1/2/ app/a.py", "");
    let repo = repo("x").file(".overhaul/playbooks/own.toml", text).commit("a playbook");
    repo.run(["plan", "own"]).exit(4).stderr_has("hint: read it, then say `--allow-run`\n");
    repo.run(["plan", "own", "--allow-run"]).exit(0).stdout_has("+X = 2\n");
    repo.run(["apply", "own", "--yes"]).exit(4).stderr_has("wants to start programs");
    repo.run(["apply", "own", "--yes", "--allow-run"]).exit(0);
}

#[test]
fn what_a_kill_left_is_removed_by_the_next_run() {
    let repo = repo("true");
    let scratch = repo.outside().join("scratch");
    let stale = scratch.join("overhaul-checkout-stale");
    let own = scratch.join("overhaul-checkout-mine");
    for folder in [&stale, &own] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(stale.join("lock"), "").unwrap();
    let repo = repo.env("TMPDIR", scratch.to_str().unwrap());
    let alive = repo.outside().join("alive");
    let mut left = repo.command("sh", &repo.root());
    let late = format!("sleep 2; echo alive > {}", alive.display());
    let mut left = left.args(["-c", &late]).env("HOME", stale.join("home")).spawn().unwrap();
    repo.run(["plan", "../play.toml"]).exit(0);
    assert_eq!(left.wait().unwrap().signal(), Some(9), "who still works there is ended");
    let left: Vec<_> = std::fs::read_dir(&scratch).unwrap().flatten().map(|it| it.path()).collect();
    assert_eq!(left, [own], "what has no lock may be of somebody else");
}
