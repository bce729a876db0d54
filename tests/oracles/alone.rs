//! Python itself judges the proof of import cycles: random packages whose modules import each other
//! at all times, and read each other's names, a random move; what could be imported alone before and
//! cannot after is refused, and so is one that makes handlers catch more.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::path::RepoPath;
use overhaul::plan::{Base, Options, Plan, plan};
use overhaul::playbook::{self, Inputs, Unset};
use overhaul::tree::{Id, Memory};
use overhaul::verify::{Proof, compare};
use serde_json::{Value, json};

use super::moved::{Dice, dotted, write};

const CASES: u64 = 300;

const FOLDERS: [&str; 4] = ["", "p/", "p/q/", "r/"];
const PACKAGES: [&str; 3] = ["p/__init__.py", "p/q/__init__.py", "r/__init__.py"];

/// Returns the paths of a repository: three packages, and modules here and there.
fn paths(dice: &mut Dice) -> Vec<String> {
    let modules = (0..4).map(|number| format!("{}m{number}.py", dice.pick(&FOLDERS)));
    let modules: Vec<String> = modules.collect();
    PACKAGES.iter().map(|it| (*it).to_owned()).chain(modules).collect()
}

/// Writes a module: two names, and imports between, before and after them. Few modules import many
/// others, or everything would be one ring from the beginning.
fn source(dice: &mut Dice, paths: &[String], index: usize) -> String {
    let mut lines = vec![format!("A{index} = 1"), format!("B{index} = 1")];
    for _ in 0..dice.roll(4) {
        let other = dice.roll(paths.len());
        if other == index {
            continue;
        }
        let module = dotted(&paths[other]);
        let statement = match (dice.roll(7), module.rsplit_once('.')) {
            (0, Some((package, name))) => format!("from {package} import {name} as x{other}"),
            (1, _) => format!("import {module}"),
            (2, _) => format!("import {module} as y{other}"),
            (3, _) => format!("from {module} import *"),
            (4, _) => format!("def f{other}():\n    from {module} import A{other}"),
            (5, _) => format!("from {module} import A{other}, B{other}"),
            _ => format!("from {module} import B{other}"),
        };
        // What is bound to a module is read: at once, in a class, or when a function is called.
        let statement = match (statement.split_once("import ").map(|it| it.1), dice.roll(6)) {
            (Some(bound), 0 | 1) if statement.starts_with("import ") || bound.contains(" as x") => {
                let name = bound.split(" as ").last().unwrap_or_default();
                match dice.roll(3) {
                    0 => format!("{statement}\ndef g{other}():\n    return {name}.A{other}"),
                    1 => format!("{statement}\nclass K{other}:\n    a = {name}.A{other}"),
                    _ => format!("{statement}\ndef h{other}(a={name}.B{other}): ..."),
                }
            }
            _ => statement,
        };
        let optional = dice.chance(10) && !statement.contains('\n');
        let statement = match optional {
            true => format!(
                "try:\n    {statement}\nexcept ImportError:\n    import builtins; builtins.LOST.add({index})"
            ),
            false => statement,
        };
        lines.insert(dice.roll(lines.len() + 1), statement);
    }
    lines.join("\n") + "\n"
}

/// Plans the move of a random module to a random place.
fn planned(dice: &mut Dice, paths: &[String], sources: &[String]) -> Option<Plan> {
    let from = &paths[PACKAGES.len() + dice.roll(paths.len() - PACKAGES.len())];
    let to = format!("{}new.py", dice.pick(&FOLDERS));
    let text =
        format!("name = \"x\"\n[[step]]\nkind = \"move\"\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsMistake };
    let playbook = playbook::read("x.toml", text.as_bytes(), &inputs).unwrap();
    let files = paths.iter().map(String::as_str).zip(sources.iter().map(String::as_str));
    let base = Base {
        commit: Id::from_bytes([7; 20]),
        date: "20260102".to_owned(),
        snapshot: Memory::texts(files).unwrap(),
    };
    plan(&base, &playbook, &Options::default(), &Arc::new(Memo::default())).ok()
}

fn proof(plan: &Plan) -> Proof {
    compare((&plan.before, &plan.facts_before), (&plan.after, &plan.facts_after), &|_| false)
        .unwrap()
}

/// Tells whether every module of a cycle imports the next one itself.
fn is_plain(plan: &Plan, cycle: &[RepoPath]) -> bool {
    let next = cycle.iter().cycle().skip(1);
    let edges_of = |from: &RepoPath| plan.facts_after.edges_of(from).iter();
    cycle.iter().zip(next).all(|(from, to)| edges_of(from).any(|it| it.to == *to))
}

#[test]
fn what_could_be_imported_alone_still_can() {
    let cases = std::env::var("ORACLE_CASES").map_or(CASES, |it| it.parse().unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let (mut asked, mut plans) = (String::new(), Vec::new());
    for number in 1..=cases {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let paths = paths(&mut dice);
        let sources: Vec<String> =
            (0..paths.len()).map(|it| source(&mut dice, &paths, it)).collect();
        let Some(plan) = planned(&mut dice, &paths, &sources) else { continue };
        for (side, tree) in [("before", &plan.before), ("after", &plan.after)] {
            let root = scratch.path().join(format!("{number}-{side}"));
            write(tree, &root);
            let here = tree.entries().iter().filter_map(|(path, entry)| {
                Some((entry.origin.as_ref()?.to_string(), dotted(&path.to_string())))
            });
            let names: BTreeMap<String, String> = here.collect();
            writeln!(asked, "{}", json!({"root": root, "modules": names})).unwrap();
        }
        plans.push((number, plan));
    }
    let answers = super::ask("alone.py", &asked);
    let (mut differences, mut caught, mut fine, mut in_vain) = (Vec::new(), 0, 0, 0);
    for ((number, plan), answers) in plans.iter().zip(answers.chunks(2)) {
        let proof = proof(plan);
        let worse = |key: &&String| {
            let [then, now] = [0, 1].map(|side: usize| answers[side].get(*key)?.as_array());
            let more =
                |then: &Vec<Value>, now: &Vec<Value>| now.iter().any(|it| !then.contains(it));
            then.is_some_and(|then| now.is_none_or(|now| more(then, now)))
        };
        let broken: Vec<&String> = answers[0].as_object().unwrap().keys().filter(worse).collect();
        let plain = proof.new_cycles.iter().all(|it| is_plain(plan, it));
        match (broken.is_empty(), proof.holds(true)) {
            (false, false) => caught += 1,
            (true, true) => fine += 1,
            // A ring of modules that each import the next is refused, even where Python gets through.
            (true, false) if plain && proof.broken.is_empty() => in_vain += 1,
            (_, held) => differences.push(format!(
                "case {number}: held {held}, {broken:?} broke\n{proof:#?}\n{}\n──\n{}",
                shown(&plan.before, &answers[0]),
                shown(&plan.after, &answers[1])
            )),
        }
    }
    super::report(&differences);
    assert!(caught > 5 && fine > 5 * in_vain, "{caught} caught, {fine} fine, {in_vain} in vain");
}

/// Shows a tree, and what became of each module.
fn shown(tree: &overhaul::tree::Tree, answer: &Value) -> String {
    let files = tree.entries().keys().map(|path| {
        let text = String::from_utf8(tree.read(path).unwrap().to_vec()).unwrap();
        format!("#- {path}\n{}", text)
    });
    files.collect::<String>() + &answer.to_string()
}
