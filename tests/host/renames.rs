//! git as the judge of renames: what it sees as one, and that it sees every move of a run.

use std::collections::BTreeSet;

use overhaul::path::RepoPath;
use overhaul::plan::only_renamed;
use overhaul::tree::{Memory, Mode, Pieces, Similarity, Tree};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support::Repo;

/// Two texts that share some of their lines. Most lines end; the last one may not.
fn pair() -> impl Strategy<Value = (String, String)> {
    let line = "[a-z ]{0,12}|[a-z]{60,140}|[a-z]{3}\r";
    let lines = || proptest::collection::vec(line, 0..8);
    let end = || prop_oneof![4 => Just("\n"), 1 => Just("")];
    (lines(), lines(), lines(), end(), end()).prop_map(|(shared, one, other, end, last)| {
        let text = |own: &[String], end: &str| {
            let lines: Vec<&str> = own.iter().chain(&shared).map(String::as_str).collect();
            lines.join("\n") + if lines.is_empty() { "" } else { end }
        };
        (text(&one, end), text(&other, last))
    })
}

#[test]
fn what_is_similar_is_so_for_git() {
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut unseen) = (0, 0);
    for _ in 0..150 {
        let (one, other) = pair().new_tree(&mut runner).unwrap().current();
        if one == other || one.is_empty() {
            continue;
        }
        let repo = Repo::folder().file("one/old.txt", &one).file("other/new.txt", &other);
        let args = ["diff", "--no-index", "-M", "--name-status", "one", "other"];
        let shown = String::from_utf8(repo.try_git(args).stdout).unwrap();
        let by_git = shown.starts_with('R');
        assert!(by_git || shown.starts_with(['A', 'D']), "{shown}");
        let similarity = Pieces::of(one.as_bytes()).similarity(&Pieces::of(other.as_bytes()));
        let by_us = similarity >= Similarity::RENAME;
        let ended = one.ends_with('\n') && (other.ends_with('\n') || other.is_empty());
        assert!(by_git || !by_us, "{one:?} {other:?}");
        assert!(by_us || !by_git || !ended, "{one:?} {other:?}");
        seen += usize::from(by_git);
        unseen += usize::from(!by_git);
    }
    assert!(seen > 5 && unseen > 5, "{seen} {unseen}");
}

/// Files that are much alike: the folder and name of each, before and after, and its lines.
fn moves() -> impl Strategy<Value = Vec<([String; 2], [String; 2])>> {
    let place = || "[ab]/[mn]";
    let lines = || proptest::collection::vec("(one|two|three|four) line\n", 1..7);
    let edit = prop_oneof![
        Just(String::new()),
        "(an|other) edit\n",
        "a much longer edit than the file itself(, as it may be)?\n"
    ];
    let file = (place(), place(), lines(), edit).prop_map(|(old, new, lines, edit)| {
        let text = lines.concat();
        ([old, new], [text.clone(), format!("{edit}{text}")])
    });
    proptest::collection::vec(file, 1..5)
}

#[test]
fn moves_that_stay_with_their_edits_are_seen() {
    let mut runner = TestRunner::deterministic();
    let (mut whole, mut parted) = (0, 0);
    for _ in 0..300 {
        let mut files = moves().new_tree(&mut runner).unwrap().current();
        let mut taken = BTreeSet::new();
        // Of files of the same bytes, nobody can tell which is which.
        files.retain(|([old, new], [text, edited])| {
            let all = [format!("old {old}"), format!("new {new}"), format!("text {text}")];
            let free = all.iter().all(|it| !taken.contains(it))
                && !taken.contains(&format!("text {edited}"));
            taken.extend(all);
            taken.insert(format!("text {edited}"));
            free
        });
        let before = files.iter().map(|([old, _], [text, _])| (format!("old/{old}"), text.clone()));
        let before: Vec<_> = before.collect();
        let texts = before.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let before = Tree::new(Memory::texts(texts.clone()).unwrap());
        let mut after = before.clone();
        let path = |text: &str| RepoPath::new(text).unwrap();
        for ([old, new], [_, edited]) in &files {
            after.rename(&path(&format!("old/{old}")), path(&format!("new/{new}")));
            after.write(path(&format!("new/{new}")), Mode::File, edited.as_bytes());
        }
        if only_renamed(&before, &after).unwrap().is_some() {
            parted += 1;
            continue;
        }
        let repo =
            texts.fold(Repo::folder(), |repo, (at, text)| repo.file(format!("one/{at}"), text));
        let repo = files.iter().fold(repo, |repo, ([_, new], [_, edited])| {
            repo.file(format!("other/new/{new}"), edited)
        });
        let shown = repo.try_git(["diff", "--no-index", "-M", "--name-status", "one", "other"]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        for ([old, new], _) in &files {
            let row = format!("\tone/old/{old}\tother/new/{new}\n");
            assert!(shown.contains(&row), "{files:?}\n{shown}");
        }
        whole += 1;
    }
    assert!(whole > 30 && parted > 30, "{whole} {parted}");
}

const PLAYBOOK: &str = r#"
name = "tidy"

[[sprint]]
name = "one"
[[sprint]]
name = "two"

[[step]]
sprint = "one"
kind = "move"
from = "lib"
to = "core/lib"

[[step]]
sprint = "one"
kind = "move"
from = "tools.py"
to = "core/tools.py"
shim = true

[[step]]
sprint = "two"
kind = "move"
into = { "tests/unit" = ["tests/test_*.py"] }

[[step]]
sprint = "two"
kind = "move"
from = "long.py"
to = "core/long.py"
"#;

/// A repository of small files, of which imports are the most.
fn small() -> Repo {
    let long: String = (0..40).map(|it| format!("def f{it}():\n    return {it}\n\n\n")).collect();
    let test = |name: &str| format!("from .data import things_to_try as {name}\nprint({name})\n");
    Repo::new()
        .files([
            ("core/__init__.py", "\"\"\"Core.\"\"\"\n"),
            ("lib/__init__.py", "from lib.one import one\n"),
            ("lib/one.py", "from lib.two import two\none = two\n"),
            ("lib/two.py", "def two(): ...\n"),
            ("tools.py", "import lib.one\nVALUE = lib.one.one\n"),
            ("use.py", "import tools\n"),
            ("tests/__init__.py", ""),
            ("tests/data.py", "things_to_try = 1\n"),
        ])
        .file("tests/test_one.py", test("one"))
        .file("tests/test_two.py", test("two"))
        .file("long.py", format!("from lib.two import two\n\n\n{long}"))
        .commit("base")
        .playbook(PLAYBOOK)
}

#[test]
fn every_move_of_a_run_is_a_rename_for_git() {
    let moves = [
        ("lib/__init__.py", "core/lib/__init__.py"),
        ("lib/one.py", "core/lib/one.py"),
        ("lib/two.py", "core/lib/two.py"),
        ("tools.py", "core/tools.py"),
        ("tests/test_one.py", "tests/unit/test_one.py"),
        ("tests/test_two.py", "tests/unit/test_two.py"),
        ("long.py", "core/long.py"),
    ];
    for (per, commits, pure) in [("step", 7, 3), ("sprint", 4, 2), ("run", 2, 1)] {
        let repo = small();
        let tree =
            repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json()["tree"].clone();
        let _ = repo.run(["apply", "--yes", "../play.toml", "--commit-per", per]).exit(0);
        assert_eq!(repo.git(["rev-parse", "overhaul/tidy^{tree}"]), tree.as_str().unwrap());
        let log = repo.git(["log", "--format=%h %s", "main..overhaul/tidy"]);
        let is_pure = |it: &&str| it.contains("(pure rename: imports follow in the next commit)");
        assert_eq!(log.lines().count(), commits, "{log}");
        assert_eq!(log.lines().filter(is_pure).count(), pure, "{log}");
        let mut seen = BTreeSet::new();
        for line in log.lines() {
            let commit = line.split(' ').next().unwrap();
            let shown = repo.git(["show", "-M", "--format=", "--name-status", commit]);
            for row in shown.lines().filter(|it| it.starts_with('R')) {
                let row: Vec<&str> = row.split('\t').collect();
                assert!(row[0] == "R100" || !is_pure(&line), "{line}: {row:?}");
                seen.insert((row[1].to_owned(), row[2].to_owned()));
            }
            assert!(!is_pure(&line) || shown.lines().all(|it| it.starts_with('R')), "{shown}");
        }
        for (from, to) in moves {
            assert!(
                seen.contains(&(from.to_owned(), to.to_owned())),
                "{per}: {from} {to}: {seen:?}"
            );
            let follow =
                ["log", "--follow", "--format=%s", "--name-only", "overhaul/tidy", "--", to];
            let history = repo.git(follow);
            assert!(history.ends_with(&format!("base\n\n{from}")), "{per} {to}: {history}");
        }
        let _ = repo.run(["undo"]).exit(0);
    }
}

#[test]
fn a_plan_tells_which_commits_only_move() {
    let repo = small();
    let mut shown = repo.run(["plan", "../play.toml", "--stat"]).exit(0);
    for step in ["1-move", "2-move", "3-move"] {
        shown = shown.stdout_has(&format!("commits: the moves of `{step}` are one of their own"));
    }
    let _ = shown.stdout_lacks("the moves of `4-move`");
    let commits =
        repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json()["commits"].clone();
    let pure =
        |it: &serde_json::Value| (it["steps"][0].clone(), it["pure_rename"].as_bool().unwrap());
    let rows: Vec<_> = commits.as_array().unwrap().iter().map(pure).collect();
    let row = |step: &str, pure| (serde_json::json!(step), pure);
    let steps = ["1-move", "2-move", "3-move"];
    let mut expected: Vec<_> =
        steps.iter().flat_map(|it| [row(it, true), row(it, false)]).collect();
    expected.push(row("4-move", false));
    assert_eq!(rows, expected);
}

#[test]
fn blame_looks_through_what_only_moves_and_respells() {
    let repo = small().file(".git-blame-ignore-revs", "# older\r\n").commit("list");
    let wrote = repo.git(["rev-parse", "HEAD~"]);
    let tree =
        repo.run(["plan", "../play.toml", "--format", "json"]).exit(0).json()["tree"].clone();
    let args = ["apply", "--yes", "../play.toml", "--commit-per", "sprint", "--blame-ignore"];
    let _ = repo
        .run(args)
        .exit(0)
        .stderr_has("Applied as 5 commits")
        .stderr_has("git config blame.ignoreRevsFile .git-blame-ignore-revs");
    assert_eq!(repo.git(["rev-parse", "overhaul/tidy~^{tree}"]), tree.as_str().unwrap());
    let names = ["diff", "--name-only", "overhaul/tidy~", "overhaul/tidy"];
    assert_eq!(repo.git(names), ".git-blame-ignore-revs");
    repo.git(["switch", "-q", "overhaul/tidy"]);
    let listed = repo.read(".git-blame-ignore-revs");
    let commits = repo.git(["log", "--reverse", "--format=# %s%n%H", "main..HEAD~"]);
    let commits: String = commits.lines().map(|it| format!("{it}\r\n")).collect();
    assert_eq!(listed, format!("# older\r\n{commits}"));
    let ignoring = ["blame", "-s", "--abbrev=40", "--ignore-revs-file", ".git-blame-ignore-revs"];
    for file in ["core/lib/one.py", "tests/unit/test_one.py", "core/long.py"] {
        let blamed = repo.git(ignoring.iter().copied().chain([file]));
        assert!(
            blamed.lines().all(|it| it.trim_start_matches('^').starts_with(&wrote[..39])),
            "{blamed}"
        );
    }
    repo.git(["switch", "-q", "main"]);
    let before = repo.git(["rev-parse", "HEAD^{tree}"]);
    repo.git(["merge", "-q", "overhaul/tidy"]);
    let _ = repo.run(["undo"]).exit(0);
    assert_eq!(repo.git(["rev-parse", "overhaul/undo-tidy^{tree}"]), before);
}

#[test]
fn a_list_that_is_no_file_is_refused() {
    let repo = small().file(".git-blame-ignore-revs/a", "").commit("odd");
    let before = repo.state().without(&[".git/objects"]);
    let _ = repo
        .run(["apply", "--yes", "../play.toml", "--blame-ignore"])
        .exit(4)
        .stderr_has("it is no file");
    repo.state().without(&[".git/objects"]).same_as(&before);
    let repo = small().playbook("name = 'c'\n[[step]]\nkind = 'create'\npath = 'new'\ntext = ''\n");
    let _ = repo
        .run(["apply", "--yes", "../play.toml", "--blame-ignore"])
        .exit(0)
        .stderr_has("no commit only moves and respells")
        .stderr_has("Applied as 1 commit on");
    let repo = repo.playbook(&format!("{PLAYBOOK}\n[keep]\nfrozen = ['.git*']\n"));
    let _ =
        repo.run(["apply", "--yes", "../play.toml", "--blame-ignore"]).exit(4).stderr_has("frozen");
}
