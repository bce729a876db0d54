//! Each writing call of each command: the last one, or the one that fails.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::scenes::{SCENES, Scene};
use super::sight::Sight;
use super::tracer::{Error, Fate, Traced, run};
use crate::support::Repo;

/// Whole states of a repository.
struct States {
    before: Sight,
    half_way: Option<Sight>,
    after: Sight,
}

#[test]
fn an_apply() {
    try_out(0);
}

#[test]
fn an_apply_beside_changes() {
    try_out(1);
}

#[test]
fn an_apply_with_a_switch() {
    try_out(2);
}

#[test]
fn an_undo() {
    try_out(3);
}

#[test]
fn an_undo_of_a_packed_branch() {
    try_out(4);
}

#[test]
fn an_undo_of_a_merge() {
    try_out(5);
}

#[test]
fn what_the_trash_gives_back() {
    try_out(6);
}

#[test]
fn an_emptying_of_the_trash() {
    try_out(7);
}

#[test]
fn a_cleaning() {
    try_out(8);
}

#[test]
fn a_cleaning_with_commits() {
    try_out(9);
}

#[test]
fn a_cleaning_across_file_systems() {
    try_out(10);
}

#[test]
fn an_undo_of_a_cleaning() {
    try_out(11);
}

#[test]
fn an_undo_of_a_cleaning_across_file_systems() {
    try_out(12);
}

#[test]
fn what_the_trash_gives_back_of_a_cleaning() {
    try_out(13);
}

#[expect(clippy::print_stdout, reason = "the figures of `tests/crash/run`")]
fn try_out(scene_number: usize) {
    let scene = &SCENES[scene_number];
    let template = (scene.make)();
    let calls = {
        let repo = template.copy();
        let whole = run(&repo, scene.command, Fate::Count);
        assert_eq!(whole.exit, 0, "{}", whole.said);
        whole.calls
    };
    let states = States {
        before: Sight::of(&template),
        half_way: scene.half_way.map(|it| reached(&template, it)),
        after: reached(&template, scene.command),
    };
    let fates = if super::all() { all(calls.len()) } else { sample(scene_number, &calls) };
    let outcomes: Vec<_> =
        fates.into_par_iter().map(|fate| outcome(&template, scene, fate, &states)).collect();
    let wrong: Vec<&String> = outcomes.iter().filter_map(|it| it.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|it| format!("\n{it}\n")).collect::<String>());
    let count = |wanted| outcomes.iter().filter(|it| it.as_ref() == Ok(&wanted)).count();
    let (before, half) = (count(Outcome::Before), count(Outcome::HalfWay));
    println!(
        "{}: {} calls, interrupted {} times: {before} as before, {half} half way, {} as after",
        scene.name,
        calls.len(),
        outcomes.len(),
        count(Outcome::After),
    );
    assert!(before > 0, "{}: nothing was interrupted", scene.name);
}

/// What an interrupted command was.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Before,
    HalfWay,
    After,
}

fn reached(template: &Repo, command: &[&str]) -> Sight {
    let repo = template.copy();
    let _ = repo.run(command).exit(0);
    Sight::of(&repo)
}

/// Every call, in every way.
fn all(calls: usize) -> Vec<Fate> {
    let numbers = 1..=calls;
    numbers
        .flat_map(|it| {
            [
                Fate::Kill(it),
                Fate::Orphan(it),
                Fate::Fail(it, Error::Io),
                Fate::Fail(it, Error::NoSpace),
                Fate::Fail(it, Error::ReadOnly),
                Fate::Full(it, Error::NoSpace),
            ]
        })
        .collect()
}

/// The first call of each kind, each in one way; the ways take turns.
fn sample(scene: usize, calls: &[String]) -> Vec<Fate> {
    let mut kinds = BTreeSet::new();
    let first = calls.iter().enumerate().filter(|(_, call)| kinds.insert(kind(call)));
    let numbers: Vec<usize> = first.map(|(at, _)| at + 1).collect();
    let turns = numbers.into_iter().enumerate();
    turns
        .map(|(turn, it)| match (turn + scene) % 8 {
            0 => Fate::Orphan(it),
            2 => Fate::Fail(it, Error::Io),
            4 => Fate::Fail(it, Error::ReadOnly),
            6 => Fate::Full(it, Error::NoSpace),
            _ => Fate::Kill(it),
        })
        .collect()
}

/// Returns what a call does, and in which folder of `.git`.
fn kind(call: &str) -> String {
    let inside = call.split_once("/.git/").map_or("work tree", |(_, it)| it);
    let folder = inside.split('/').take(2).map(|it| it.trim_matches(|c: char| !c.is_alphabetic()));
    let folder: Vec<&str> =
        folder.take(if inside.starts_with("objects") { 1 } else { 2 }).collect();
    format!("{} {}", call.split(' ').next().unwrap_or_default(), folder.join("/"))
}

/// Lets the command meet its fate in a copy, and looks at what is left.
fn outcome(template: &Repo, scene: &Scene, fate: Fate, states: &States) -> Result<Outcome, String> {
    let repo = template.copy();
    let traced = run(&repo, scene.command, fate);
    let number = match fate {
        Fate::Count => 0,
        Fate::Kill(it) | Fate::Orphan(it) | Fate::Fail(it, _) | Fate::Full(it, _) => it,
    };
    let call = traced.calls.get(number - 1).map_or("none", |it| it);
    let wrong =
        |what: String| format!("{} at {fate:?}, {call}: {what}\n{}", scene.name, traced.said);
    check_end(&traced, fate).map_err(wrong)?;
    let fsck = repo.try_git(["fsck", "--strict", "--no-dangling"]);
    if !fsck.status.success() {
        return Err(wrong(String::from_utf8_lossy(&fsck.stderr).into_owned()));
    }
    // Reading works on what is left, and any command that writes mends it.
    let _ = repo.run(["log"]).exit(0);
    let _ = repo.run(["undo", "99"]).exit(2).stderr_has("no run `99`");
    let sight = Sight::of(&repo);
    if sight == states.after {
        return Ok(Outcome::After);
    }
    // What a disk does not let go stands there still, and git goes on without it.
    if traced.exit == 2 && traced.said.contains("unable to unlink") {
        return Ok(Outcome::After);
    }
    if traced.exit == 0 {
        return Err(wrong("did not do it, and said that it went well".to_owned()));
    }
    if states.half_way.as_ref() == Some(&sight) {
        return Ok(Outcome::HalfWay);
    }
    let same = |sight: &Sight, other: &Sight| match sight.differences(other) {
        differing if differing.is_empty() => Ok(()),
        differing => Err(wrong(format!("{differing:#?}"))),
    };
    same(&sight, &states.before)?;
    let _ = repo.run(scene.command).exit(0);
    same(&Sight::of(&repo), &states.after).map_err(|it| format!("again, after {it}"))?;
    Ok(Outcome::Before)
}

/// Expects that the command ended as its fate wants, and that an error is told.
fn check_end(traced: &Traced, fate: Fate) -> Result<(), String> {
    let Traced { exit, said, .. } = traced;
    let fine = match fate {
        Fate::Count => true,
        Fate::Kill(_) | Fate::Orphan(_) => *exit == 137,
        Fate::Fail(_, error) | Fate::Full(_, error) => {
            let told = said.contains("error: ")
                && (said.contains(error.words())
                    || said.contains("the disk refused")
                    || said.contains("`git "));
            (*exit == 0 || (*exit == 2 && told)) && !said.contains("panicked")
        }
    };
    if fine { Ok(()) } else { Err(format!("exit {exit}")) }
}
