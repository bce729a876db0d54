//! `overhaul playbook`.

use crate::support::Repo;

const SMALL: &str = "name = 'small'\ndescription = 'Takes out old files'\n\
                     [vars]\nold = { help = 'What to take out' }\narchive = 'attic'\n\
                     [[step]]\nkind = 'remove'\npaths = ['{{ old }}']\n";

#[test]
fn list_shows_the_shipped_ones_and_those_of_the_repository() {
    let repo = Repo::new()
        .file(".overhaul/playbooks/small.toml", SMALL)
        .file(".overhaul/playbooks/bad.toml", "nme = 'bad'\n")
        .file(".overhaul/playbooks/notes.txt", "no playbook");
    let ran = repo.run(["playbook", "list"]).exit(0).stderr("");
    let (shipped, own) = ran.text().split_once("\n\n").unwrap();
    assert!(shipped.starts_with("Shipped with overhaul:\n"), "{shipped}");
    let words: Vec<_> = own.lines().map(|it| it.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(words[0], [".overhaul/playbooks:"]);
    assert_eq!(words[1][..2], ["bad", "(has"]);
    assert_eq!(words[2], ["small", "Takes", "out", "old", "files"]);
    assert_eq!(words.len(), 3);
    Repo::folder().run(["playbook", "list"]).exit(0).stderr("").stdout_lacks(".overhaul");
}

#[test]
fn show_prints_the_very_text_and_its_variables() {
    let repo = Repo::new().file(".overhaul/playbooks/small.toml", SMALL).file("sub/x", "");
    let variables = "\nVariables, for `--set NAME=VALUE`:\n  old (needs a value): What to take out\n  \
                     archive (default `attic`)\n";
    for word in ["small", ".overhaul/playbooks/small.toml"] {
        repo.run(["playbook", "show", word]).exit(0).stdout(SMALL).stderr(variables);
    }
    repo.run_in("sub", ["-q", "playbook", "show", "small"]).exit(0).stdout(SMALL).stderr("");
}

#[test]
fn an_unknown_playbook_gets_the_nearest_name() {
    let repo = Repo::new().file(".overhaul/playbooks/small.toml", SMALL);
    repo.run(["playbook", "show", "smal"])
        .exit(2)
        .stderr("error: there is no playbook `smal`\nhint: did you mean `small`?\n");
    repo.run(["playbook", "show", "no.toml"])
        .exit(2)
        .stderr_has("error: failed to read `no.toml`\n  caused by: ");
}

#[test]
fn lint_shows_all_mistakes_of_all_files() {
    let repo = Repo::folder()
        .file("good.toml", SMALL)
        .file("bad.toml", "nme = 'bad'\n[[step]]\nkind = 'mvoe'\n")
        .file("latin.toml", b"name = 'caf\xe9'\n");
    repo.run(["playbook", "lint", "good.toml"])
        .exit(0)
        .stdout("")
        .stderr("`good.toml` is fine: 1 step.\n");
    let expected = "error: `bad.toml` has 2 mistakes
  × unknown key `nme`
   ╭─[bad.toml:1:1]
 1 │ nme = 'bad'
   · ───
 2 │ [[step]]
   ╰────
  help: did you mean `name`?

  × unknown kind of step `mvoe`
   ╭─[bad.toml:3:8]
 2 │ [[step]]
 3 │ kind = 'mvoe'
   ·        ──────
   ╰────
  help: did you mean `move`?
error: `latin.toml` has a mistake
  × not UTF-8 from byte 12 on
   ╭─[latin.toml:1:12]
 1 │ name = 'caf�'
   ·            ▲
   ╰────
  help: a playbook is a TOML file, and TOML is UTF-8
`good.toml` is fine: 1 step.
";
    let args = ["playbook", "lint", "bad.toml", "latin.toml", "good.toml"];
    repo.run(args).exit(2).stdout("").stderr(expected);
}

#[test]
fn what_is_no_text_is_not_thrown_at_the_terminal() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x1b[2J";
    let folder = Repo::folder().file("a.png", png).file("zero.db", [0; 4096]);
    let folder =
        folder.file("late.toml", [&b"name = 'p'\n\x1b[31m\x9b"[..], &[0xff; 2000]].concat());
    let folder = folder.file("escape.toml", "name = 'p'\nwhy\u{1b}[31m = 1\n\u{7f}\n");
    let folder = folder.file("key.toml", "name = 'p'\n\"\\u001b[31m\" = 1\n");
    for (file, message) in [
        ("./a.png", "not UTF-8 from byte 1 on\n   ╭─[./a.png:1:1]\n 1 │ \u{fffd}PNG\n"),
        ("./zero.db", "(line 1, column 4097)\n"),
        ("late.toml", "not UTF-8 from byte 17 on (line 2, column 6)\n"),
        ("escape.toml", " 2 │ why\u{241b}[31m = 1\n"),
        ("key.toml", "unknown key `\u{241b}[31m`\n"),
    ] {
        let ran = folder.run(["playbook", "lint", file]).exit(2).stdout("").stderr_has(message);
        ran.stderr_lacks("\0").stderr_lacks("\u{1b}").stderr_lacks("\u{7f}");
    }
}

#[test]
fn the_schema_is_json() {
    let ran = Repo::folder().run(["playbook", "schema"]).exit(0).stderr("");
    assert_eq!(ran.json()["required"], serde_json::json!(["name"]));
}
