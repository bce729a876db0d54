//! What all commands share: usage, help, the terminal, the folder.

use std::process::Stdio;

use crate::support::Repo;

#[test]
fn wrong_usage_is_two_and_says_so_on_stderr() {
    let folder = Repo::folder();
    folder.run(["pln"]).exit(2).stdout("").stderr_has("unrecognized subcommand 'pln'");
    folder.run(Vec::<&str>::new()).exit(2).stdout("").stderr_has("Usage: overhaul");
    folder.run(["man", "no-such"]).exit(2).stderr("error: there is no command `no-such`\n");
    folder.run(["-q", "-v", "man"]).exit(2).stderr_has("cannot be used with");
}

#[test]
fn help_and_version_are_data() {
    let folder = Repo::folder();
    folder.run(["--version"]).exit(0).stderr("").stdout("overhaul 0.1.0\n");
    folder
        .run(["--help"])
        .exit(0)
        .stderr("")
        .stdout_has("verification failed, nothing was written");
    folder.run(["playbook", "--help"]).exit(0).stderr("").stdout_has("Examples:");
}

#[test]
fn a_folder_is_entered_before_anything_is_read() {
    let folder = Repo::folder().file("plays/p.toml", "name = 'p'\n");
    folder.run(["-C", "plays", "playbook", "lint", "p.toml"]).exit(0);
    folder
        .run(["-C", "nowhere", "playbook", "list"])
        .exit(2)
        .stderr_has("error: failed to enter `nowhere`\n  caused by: ");
    folder
        .run(["-C", "plays/p.toml", "playbook", "list"])
        .exit(2)
        .stderr_has("error: failed to enter `plays/p.toml`\n  caused by: ");
}

#[test]
fn a_folder_that_is_no_repository_is_named() {
    let folder = Repo::folder().file("plays/p.toml", "name = 'p'\n");
    for command in [&["verify"][..], &["plan", "p.toml"], &["why", "a"], &["log"], &["undo"]] {
        folder
            .run([&["-C", "plays"], command].concat())
            .exit(4)
            .stderr_has("error: `[ROOT]/plays` is not in a git repository\nhint: run `git init`");
    }
}

#[test]
fn colour_is_off_in_a_pipe_unless_asked_for() {
    let folder = Repo::folder().file("p.toml", "nme = 'p'\n");
    folder.run(["playbook", "lint", "p.toml"]).exit(2).stderr_lacks("\u{1b}");
    folder.run(["--color", "always", "playbook", "lint", "p.toml"]).stderr_has("\u{1b}[");
    let folder = folder.env("NO_COLOR", "1");
    folder.run(["--color", "always", "playbook", "lint", "p.toml"]).stderr_has("\u{1b}[");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Repo::folder();
    let mut command = folder.command(env!("CARGO_BIN_EXE_overhaul"), &folder.root());
    command.args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told() {
    let folder = Repo::folder();
    for args in [&["completions", "zsh"][..], &["playbook", "list"], &["--help"]] {
        let mut command = folder.command(env!("CARGO_BIN_EXE_overhaul"), &folder.root());
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.args(args).stdout(full).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(error.starts_with("error: failed to write to stdout\n  caused by: "), "{error}");
        assert_eq!(error.lines().count(), 2, "{error}");
    }
}

#[test]
fn scripts_and_pages_know_every_command() {
    let folder = Repo::folder();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        folder.run(["completions", shell]).exit(0).stderr("").stdout_has("playbook");
    }
    folder.run(["man"]).exit(0).stderr("").stdout_has(".TH overhaul 1");
    folder.run(["man", "playbook"]).exit(0).stdout_has(".TH overhaul-playbook 1");
}
