//! Python itself judges `move-symbols`: random modules, random definitions that move between them;
//! whoever uses any of them computes afterwards what it computed before.

use std::fmt::Write as _;
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::path::Patterns;
use overhaul::plan::{Base, Options, Plan, plan};
use overhaul::playbook::{self, Inputs, Unset};
use overhaul::tree::{Id, Memory, Tree};
use overhaul::verify::{CommitPer, Proof, Rules, prove};
use serde_json::json;

use super::moved::{Dice, dotted, write};

const CASES: u64 = 40;
const DAY: &str = "20261121";
const MODULES: [&str; 5] =
    ["p/alpha.py", "p/beta.py", "p/sub/gamma.py", "delta.py", "p/sub/eta.py"];
const NEW: [&str; 3] = ["p/fresh.py", "q/fresh.py", "p/sub/deep/fresh.py"];

/// What Python has, by an import and an expression.
const LIBRARY: [(&str, &str); 8] = [
    ("import os", "os.sep"),
    ("import os.path", "os.path.sep"),
    ("import re as regex", "regex.escape('.')"),
    ("from math import pi", "round(pi)"),
    ("from math import floor as down, ceil", "down(1.5) + ceil(0.5)"),
    ("from json import (\n    dumps,  # out\n    loads,\n)", "dumps(loads('[]'))"),
    ("try:\n    import json as j\nexcept ImportError:\n    j = None", "j.dumps(None)"),
    ("import string, keyword", "string.digits + keyword.kwlist[0]"),
];

/// A definition: its name, and the expression that gives its value.
type Definition = (String, String);

/// Writes one module, whose earlier ones have these definitions.
fn module(dice: &mut Dice, at: usize, known: &[Vec<Definition>]) -> (String, Vec<Definition>) {
    let mut head = String::new();
    if dice.chance(30) {
        head += "\"\"\"A module.\"\"\"\n\n";
    }
    if dice.chance(20) {
        head += "from __future__ import annotations\n\n";
    }
    let mut atoms: Vec<String> = Vec::new();
    for (import, value) in LIBRARY {
        if dice.chance(30) {
            writeln!(head, "{import}").unwrap();
            atoms.push(value.to_owned());
        }
    }
    for (other, definitions) in known.iter().enumerate() {
        if dice.chance(60) && !definitions.is_empty() {
            import(dice, (at, other), definitions, &mut head, &mut atoms);
        }
    }
    let (mut body, mut own) = (String::new(), Vec::<Definition>::new());
    for number in 0..3 + dice.roll(5) {
        let kind = dice.roll(6);
        let private = if dice.chance(40) { "_" } else { "" };
        let name = format!("{private}n{at}_{number}");
        let mut value = format!("'{name}<'");
        for _ in 0..dice.roll(4) {
            let some =
                [&atoms[..], &own.iter().map(|it| it.1.clone()).collect::<Vec<_>>()].concat();
            if !some.is_empty() {
                write!(value, " + str({})", dice.pick(&some)).unwrap();
            }
        }
        if dice.chance(30) {
            body += "\n# about it\n";
        }
        let result = match kind {
            0 | 1 => {
                writeln!(body, "{name} = {value}  # made").unwrap();
                name.clone()
            }
            2 => {
                writeln!(body, "\n\nclass {name}:\n    tag = {value}\n\n").unwrap();
                format!("{name}.tag")
            }
            3 => {
                writeln!(
                    body,
                    "\n\ndef {name}(x: int = 1) -> str:\n    return {value}\n    # end\n\n"
                )
                .unwrap();
                writeln!(body, "{name}.more = 1").unwrap();
                format!("{name}()")
            }
            4 => {
                let state = format!("_s{at}_{number}");
                writeln!(body, "{state} = 0\n\n\ndef {name}():\n    global {state}").unwrap();
                writeln!(body, "    {state} += 1\n    return {value} + str({state} > 0)\n\n")
                    .unwrap();
                format!("{name}()")
            }
            _ => {
                writeln!(body, "\n\ndef {name}():\n    return {value}\n\n").unwrap();
                format!("{name}()")
            }
        };
        own.push((name, result));
    }
    if dice.chance(20) {
        let names: Vec<String> = own.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        writeln!(head, "\n__all__ = [{}]", names.join(", ")).unwrap();
    }
    (format!("{head}\n{body}"), own)
}

/// Writes the name of a module as another one would.
fn spelled(dice: &mut Dice, at: usize, other: usize) -> (String, bool) {
    let absolute = dotted(MODULES[other]);
    match (MODULES[at].rsplit_once('/'), MODULES[other].rsplit_once('/')) {
        (Some((one, _)), Some((two, last))) if one == two && dice.chance(60) => {
            (format!(".{}", last.trim_end_matches(".py")), true)
        }
        _ => (absolute, false),
    }
}

fn import(
    dice: &mut Dice,
    (at, other): (usize, usize),
    definitions: &[Definition],
    head: &mut String,
    atoms: &mut Vec<String>,
) {
    let (name, value) = dice.pick(definitions).clone();
    let (module, relative) = spelled(dice, at, other);
    let absolute = dotted(MODULES[other]);
    let local = format!("l{at}_{other}");
    match dice.roll(6) {
        0 => {
            writeln!(head, "import {absolute}").unwrap();
            atoms.push(format!("{absolute}.{value}"));
        }
        1 => {
            writeln!(head, "import {absolute} as {local}").unwrap();
            atoms.push(format!("{local}.{value}"));
        }
        2 => {
            writeln!(head, "from {module} import {name} as {local}").unwrap();
            atoms.push(value.replacen(&name, &local, 1));
        }
        3 if relative => {
            writeln!(head, "from . import {}", &module[1..]).unwrap();
            atoms.push(format!("{}.{value}", &module[1..]));
        }
        4 if !name.starts_with('_') => {
            writeln!(head, "from {module} import *").unwrap();
            atoms.push(value);
        }
        _ => {
            writeln!(head, "from {module} import {name}").unwrap();
            atoms.push(value);
        }
    }
}

/// Writes a module that uses all of another one.
fn user(dice: &mut Dice, at: usize, definitions: &[Definition]) -> String {
    let module = dotted(MODULES[at]);
    let (mut head, mut body) = ("import pkgutil\n".to_owned(), String::new());
    for (name, value) in definitions {
        let rest = &value[name.len()..];
        let taken = match dice.roll(5) {
            0 => {
                writeln!(head, "import {module}").unwrap();
                format!("{module}.{value}")
            }
            1 => {
                writeln!(head, "import {module} as m").unwrap();
                format!("m.{value}")
            }
            2 => format!("pkgutil.resolve_name(\"{module}:{name}\"){rest}"),
            3 => {
                writeln!(head, "from {module} import {name} as u_{name}").unwrap();
                format!("u_{value}")
            }
            _ => {
                writeln!(body, "    from {module} import {name}").unwrap();
                value.clone()
            }
        };
        writeln!(body, "    values.append({taken})").unwrap();
    }
    format!("{head}\n\ndef check():\n    values = []\n{body}    return values\n")
}

/// Writes a module that replaces one name of another one for a while, and uses the others.
fn patcher(dice: &mut Dice, at: usize, definitions: &[Definition]) -> String {
    let module = dotted(MODULES[at]);
    let (name, value) = dice.pick(definitions).clone();
    let fake = match &value[name.len()..] {
        "()" => "lambda *_: 'fake'",
        ".tag" => "type('Fake', (), {'tag': 'fake'})",
        _ => "'fake'",
    };
    let place = match dice.roll(3) {
        0 => format!("mock.patch(\"{module}.{name}\", {fake})"),
        1 => format!("mock.patch.object(it, '{name}', {fake})"),
        _ => format!("mock.patch.object({module}, \"{name}\", {fake})"),
    };
    let others = definitions.iter().filter(|(it, _)| *it != name);
    let values = others.map(|(it, value)| {
        format!("pkgutil.resolve_name(\"{module}:{it}\"){}, ", &value[it.len()..])
    });
    let values: String = values.collect();
    let head = format!("import pkgutil\nfrom unittest import mock\nimport {module}\n");
    format!(
        "{head}import {module} as it\n\n\ndef check():\n    before = [{values}]\n    with {place}:\n        \
         return before + [{values}]\n"
    )
}

/// Makes a tree and a playbook.
fn case(number: u64) -> (Vec<(String, String)>, String) {
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut files: Vec<(String, String)> = ["p/__init__.py", "p/sub/__init__.py", "q/__init__.py"]
        .map(|it| (it.to_owned(), String::new()))
        .to_vec();
    let mut known: Vec<Vec<Definition>> = Vec::new();
    for (at, path) in MODULES.iter().enumerate() {
        let (text, own) = module(&mut dice, at, &known);
        files.push(((*path).to_owned(), text));
        let using = user(&mut dice, at, &own);
        files.push((format!("use{at}.py"), using));
        let patching = patcher(&mut dice, at, &own);
        files.push((format!("patch{at}.py"), patching));
        known.push(own);
    }
    let from = dice.roll(MODULES.len());
    if dice.chance(40) {
        let step = package(&mut dice, MODULES[from], &known[from]);
        return (files, format!("name = \"case\"\n[[step]]\nkind = \"move-symbols\"\n{step}"));
    }
    let all = [&MODULES[..], &NEW[..]].concat();
    let mut to = *dice.pick(&all);
    while to == MODULES[from] {
        to = *dice.pick(&all);
    }
    let count = 1 + dice.roll(3);
    let names: Vec<String> =
        (0..count).map(|_| format!("\"{}\"", dice.pick(&known[from]).0)).collect();
    let (from, names) = (MODULES[from], names.join(", "));
    let step = format!("from = \"{from}\"\nto = \"{to}\"\nnames = [{names}]\n");
    (files, format!("name = \"case\"\n[[step]]\nkind = \"move-symbols\"\n{step}"))
}

/// Writes a step that makes a package of a module, with some of its names in modules of that.
fn package(dice: &mut Dice, from: &str, definitions: &[Definition]) -> String {
    let package = from.trim_end_matches(".py");
    let mut rows: [Vec<String>; 3] = Default::default();
    for (name, _) in definitions {
        if dice.chance(70) {
            rows[dice.roll(3)].push(format!("\"{name}\""));
        }
    }
    let rows = rows.iter().zip(["one", "two", "three"]).filter(|(names, _)| !names.is_empty());
    let row = |(names, part): (&Vec<String>, &str)| {
        format!("\"{package}/{part}.py\" = [{}]", names.join(", "))
    };
    let rows: Vec<String> = rows.map(row).collect();
    let rows = match rows.is_empty() {
        true => format!("\"{package}/one.py\" = [\"{}\"]", definitions[0].0),
        false => rows.join(", "),
    };
    format!("from = \"{from}\"\npackage = \"{package}\"\ninto = {{ {rows} }}\n")
}

fn planned(files: &[(String, String)], playbook: &str) -> Result<Plan, String> {
    let inputs = Inputs { set: &[], date: DAY, unset: Unset::IsMistake };
    let playbook = playbook::read("case.toml", playbook.as_bytes(), &inputs).unwrap();
    let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let snapshot = Memory::texts(files).unwrap();
    let base = Base { commit: Id::from_bytes([1; 20]), date: DAY.to_owned(), snapshot };
    let memo = Arc::new(Memo::default());
    let plan = plan(&base, &playbook, &Options::default(), &memo).map_err(|error| {
        let causes = std::iter::successors(std::error::Error::source(&error), |it| it.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join("; ")
    })?;
    Ok(plan)
}

fn shown(before: &Tree, after: &Tree) -> String {
    let (before, after) = (before.entries(), (after, after.entries()));
    let changed =
        after.1.iter().filter(|(path, it)| before.get(*path).map(|it| it.id) != Some(it.id));
    let text = |path| String::from_utf8_lossy(&after.0.read(path).unwrap()).into_owned();
    changed.map(|(path, _)| format!("── {path}\n{}", text(path))).collect()
}

#[test]
fn whoever_uses_symbols_that_moved_computes_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut asked, mut done, mut refused) = (String::new(), Vec::new(), Vec::new());
    let mut differences = Vec::new();
    for number in 1..=CASES {
        let (files, playbook) = case(number);
        let plan = match planned(&files, &playbook) {
            Ok(plan) => plan,
            Err(why) => {
                refused.push(format!("case {number}: {why}"));
                continue;
            }
        };
        let rules = Rules { cycles_fail: true, frozen: Patterns::default() };
        if let Err(unproved) = prove(plan.clone(), CommitPer::Run, &rules).unwrap() {
            let Proof { broken, new_cycles, .. } = &unproved.proof;
            if broken.is_empty() && !new_cycles.is_empty() {
                refused.push(format!("case {number}: {new_cycles:?}"));
            } else {
                let changed = shown(&plan.before, &plan.after);
                differences
                    .push(format!("case {number}: {playbook}{:?}\n{changed}", unproved.proof));
            }
            continue;
        }
        for (side, tree) in [("before", &plan.before), ("after", &plan.after)] {
            let root = scratch.path().join(format!("{number}-{side}"));
            write(tree, &root);
            // Where several modules look a name up now, that is told.
            let told = plan.steps.iter().flat_map(|it| &it.outcome.findings);
            let told = told.filter(|it| it.message.starts_with("replaces "));
            let told: Vec<String> = told.map(|it| format!("{:?}", it.path)).collect();
            let names =
                (0..MODULES.len()).flat_map(|it| [format!("use{it}"), format!("patch{it}")]);
            let names = names.filter(|it| !told.iter().any(|told| told.contains(it.as_str())));
            let names = names.map(|it| (it.clone(), json!(it)));
            let names: serde_json::Map<_, _> = names.collect();
            writeln!(asked, "{}", json!({"root": root, "modules": names})).unwrap();
        }
        done.push((number, playbook, plan));
    }
    let answers = super::ask("moved.py", &asked);
    for ((number, playbook, plan), answers) in done.iter().zip(answers.chunks(2)) {
        assert!(
            answers[0].as_object().unwrap().values().all(|it| it.is_array()),
            "{number}: {answers:?}"
        );
        if answers[0] != answers[1] {
            let changed = shown(&plan.before, &plan.after);
            let (was, is) = (&answers[0], &answers[1]);
            differences.push(format!("case {number}: {playbook}{was}\n{is}\n{changed}"));
        }
    }
    super::report(&differences);
    let few = refused.len() * 3 < done.len();
    assert!(few, "{} of {CASES} are refused:\n{}", refused.len(), refused.join("\n"));
}
