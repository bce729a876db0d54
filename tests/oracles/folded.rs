//! Python itself judges `consolidate`: random pairs of packages whose `__init__` files re-export, files
//! that take their names in every form, folded in every way. A value that could be computed before is
//! the same afterwards, or the step refuses. More cases: `ORACLE_CASES=500`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::plan::{Base, Options, Plan, plan};
use overhaul::playbook::{Inputs, Unset, read};
use overhaul::tree::{Id, Memory, Tree};
use overhaul::verify::compare;
use serde_json::json;

use super::moved::{Dice, write};

const CASES: u64 = 40;
const MODULES: [&str; 5] = ["base", "pg", "util", "http", "plain"];
const NAMES: [&str; 4] = ["X", "Y", "make", "Client"];

/// What every file that computes something begins with. Whatever fails says so in its place.
const HEAD: &str = "\
import importlib, pkgutil
def value(it):
    return getattr(it, 'ID', it)
def one(get):
    try:
        return value(get())
    except (AttributeError, NameError, ImportError, KeyError) as error:
        return '!' + str(error)
";

/// One package: its dotted name, its modules, and the names that its `__init__` binds.
struct Package {
    dotted: String,
    modules: Vec<&'static str>,
    names: Vec<String>,
}

struct Case {
    files: BTreeMap<String, String>,
    users: Vec<String>,
    playbook: String,
}

fn case(dice: &mut Dice) -> Case {
    let mut files = BTreeMap::new();
    let above = if dice.chance(30) { "app." } else { "" };
    if !above.is_empty() {
        files.insert("app/__init__.py".to_owned(), String::new());
    }
    let shared = dice.chance(30).then(|| *dice.pick(&MODULES));
    let same = dice.chance(25);
    let mut package = |dice: &mut Dice, name: &str, plain: usize, equivalent: &'static str| {
        let dotted = format!("{above}{name}");
        let modules: Vec<&str> =
            MODULES.into_iter().filter(|it| dice.chance(50) || shared == Some(it)).collect();
        let mut all = Package { dotted, modules, names: Vec::new() };
        if all.modules.is_empty() {
            all.modules.push("pg");
        }
        let folder = all.dotted.replace('.', "/");
        if same {
            all.modules.push(equivalent);
        }
        for (at, module) in all.modules.iter().enumerate() {
            let id = if shared == Some(*module) || *module == equivalent { "both" } else { name };
            let text = module_text(dice, &all, at, id);
            files.insert(format!("{folder}/{module}.py"), text);
        }
        let text = init_text(dice, &mut all, plain);
        files.insert(format!("{folder}/__init__.py"), text);
        all
    };
    let (from, into) = (package(dice, "core", 0, "old"), package(dice, "shop", 40, "fresh"));
    let mut users: Vec<String> = Vec::new();
    for index in 0..5 {
        let text = user_text(dice, &from, &into, &users);
        users.push(format!("user{index}"));
        files.insert(format!("user{index}.py"), text);
    }
    let playbook = playbook(dice, &from, &into);
    Case { files, users, playbook }
}

fn module_text(dice: &mut Dice, package: &Package, at: usize, id: &str) -> String {
    let module = package.modules[at];
    if id == "both" {
        let names = NAMES.map(|it| format!("{it} = 'both {it}'\n")).concat();
        return format!(
            "ID = 'both'\n{names}{module} = only_{module} = only_old = only_fresh = 'both'\ndef late():\n    return 1\n"
        );
    }
    let mut text = String::new();
    if at > 0 && dice.chance(30) {
        let other = package.modules[dice.roll(at)];
        let dotted = &package.dotted;
        let forms = [format!("from . import {other}"), format!("import {dotted}.{other}")];
        writeln!(text, "{}", dice.pick(&forms)).unwrap();
    }
    writeln!(text, "ID = '{id} {module}'").unwrap();
    for name in NAMES {
        writeln!(text, "{name} = '{id} {module} {name}'").unwrap();
    }
    writeln!(text, "only_{module} = '{id} {module}'").unwrap();
    writeln!(text, "{module} = '{id} {module} of its own name'").unwrap();
    let taken = if dice.chance(20) { *dice.pick(&NAMES) } else { *dice.pick(&package.modules) };
    let home = if dice.chance(50) { "." } else { &package.dotted };
    write!(text, "def late():\n    from {home} import {taken} as it\n").unwrap();
    text += "    return getattr(it, 'ID', it)\n";
    text
}

/// Writes an `__init__` that only re-exports; `plain` times of a hundred it says nothing.
fn init_text(dice: &mut Dice, package: &mut Package, plain: usize) -> String {
    if dice.chance(plain) {
        return "\"\"\"Says nothing.\"\"\"\n".to_owned();
    }
    let mut text = String::new();
    for _ in 0..1 + dice.roll(4) {
        let (module, name) = (*dice.pick(&package.modules), *dice.pick(&NAMES));
        let home = match dice.chance(70) {
            true => ".".to_owned(),
            false => package.dotted.clone(),
        };
        let inside =
            format!("{}{module}", if home == "." { ".".to_owned() } else { format!("{home}.") });
        let alias = *dice.pick(&["Z", "db", "conn"]);
        let (line, bound) = match dice.roll(10) {
            0 => (format!("from {home} import {module}"), module),
            1 => (format!("from {home} import {module} as {alias}"), alias),
            2 => (format!("from {inside} import *"), name),
            3 => (format!("from {inside} import only_{module} as {alias}"), alias),
            4 => (format!("from {inside} import ID"), "ID"),
            5 => (format!("import {}.{module}", package.dotted), module),
            7 => (format!("from {inside} import {module}"), module),
            6 => (format!("from {inside} import {name} as {alias}"), alias),
            _ => (format!("from {inside} import {name}"), name),
        };
        let mut fresh = vec![bound.to_owned()];
        if line.ends_with('*') {
            fresh = NAMES.map(str::to_owned).to_vec();
            fresh.push("ID".to_owned());
        }
        // What is bound twice may be either.
        if dice.chance(95) && fresh.iter().any(|it| package.names.contains(it)) {
            continue;
        }
        writeln!(text, "{line}").unwrap();
        package.names.extend(fresh);
    }
    if dice.chance(20) && !package.names.is_empty() {
        writeln!(text, "__all__ = ['{}']", package.names[0]).unwrap();
    }
    text
}

/// Writes a file that takes names of both packages, mostly of the first.
fn user_text(dice: &mut Dice, from: &Package, into: &Package, earlier: &[String]) -> String {
    let (mut head, mut body) = (HEAD.to_owned(), String::new());
    let stars = dice.chance(6);
    for count in 0..3 + dice.roll(5) {
        let package = if dice.chance(75) { from } else { into };
        let dotted = package.dotted.as_str();
        let module = *dice.pick(&package.modules);
        let any = [*dice.pick(&NAMES), module, "Z", "db", "base"];
        let name = match dice.roll(20) {
            0 => (*dice.pick(&any)).to_owned(),
            1..5 => module.to_owned(),
            _ if package.names.is_empty() => module.to_owned(),
            _ => dice.pick(&package.names).clone(),
        };
        let local = format!("v{count}");
        let named = package.names.first();
        let (line, uses) = match dice.roll(17) {
            0 | 1 => (format!("from {dotted} import {name}"), vec![name]),
            2 => (format!("from {dotted} import {name} as {local}"), vec![local]),
            3 | 4 => (
                format!("import {dotted}"),
                vec![format!("{dotted}.{name}"), format!("{dotted}.{module}.X")],
            ),
            5 => (
                format!("import {dotted} as {local}"),
                vec![format!("{local}.{name}"), format!("{local}.{module}.only_{module}")],
            ),
            6 => (
                format!("import {dotted}.{module}"),
                vec![format!("{dotted}.{module}.X"), format!("{dotted}.{name}")],
            ),
            7 => (format!("from {dotted}.{module} import X as {local}"), vec![local]),
            8 => (
                String::new(),
                vec![
                    format!("importlib.import_module('{dotted}').{name}"),
                    format!("importlib.import_module('{dotted}.{module}').X"),
                ],
            ),
            9 => (
                String::new(),
                vec![
                    format!("pkgutil.resolve_name('{dotted}:{}')", named.unwrap_or(&name)),
                    format!("pkgutil.resolve_name('{dotted}.{name}')"),
                ],
            ),
            10 => {
                (format!("import {dotted} as {local}"), vec![format!("getattr({local}, '{name}')")])
            }
            11 if !earlier.is_empty() => {
                let other = dice.pick(earlier);
                (
                    format!("import {other}"),
                    vec![format!("{other}.v0.{name}"), format!("{other}.core.{name}")],
                )
            }
            12 if stars => (format!("from {dotted} import *"), vec![name]),
            13 if stars => {
                (format!("import {dotted} as {local}"), vec![format!("vars({local})['ID']")])
            }
            15 if dotted.contains('.') => {
                let (above, own) = dotted.split_once('.').unwrap();
                (format!("from {above} import {own} as {local}"), vec![format!("{local}.{name}")])
            }
            14 => (
                format!("from {dotted}.{module} import late as {local}"),
                vec![format!("{local}()")],
            ),
            _ => {
                let text = format!("from {dotted} import {name} as it");
                write!(body, "    def {local}():\n        {text}\n        return it\n").unwrap();
                (String::new(), vec![format!("{local}()")])
            }
        };
        if line.ends_with('*') {
            writeln!(head, "{line}").unwrap();
        } else if dice.chance(15) && !line.is_empty() {
            writeln!(head, "try:\n    {line}\nexcept ImportError:\n    pass").unwrap();
        } else {
            writeln!(head, "{line}").unwrap();
        }
        for used in uses {
            writeln!(body, "    values.append(one(lambda: {used}))").unwrap();
        }
    }
    format!("{head}def check():\n    values = []\n{body}    return values\n")
}

fn playbook(dice: &mut Dice, from: &Package, into: &Package) -> String {
    let (old, new) = (from.dotted.replace('.', "/"), into.dotted.replace('.', "/"));
    let mut text = format!(
        "name = \"p\"\n[[step]]\nkind = \"consolidate\"\nfrom = \"{old}\"\ninto = \"{new}\"\n"
    );
    let first = from.modules[0];
    if first != "old" && dice.chance(30) {
        writeln!(text, "rename = {{ \"{first}.py\" = \"{first}2.py\" }}").unwrap();
    }
    if from.modules.contains(&"old") {
        text += "same = { \"old.py\" = \"fresh.py\" }\n";
    }
    if dice.chance(85) {
        text += "on-conflict = \"rename\"\n";
    }
    text
}

fn planned(case: &Case) -> Result<Plan, String> {
    let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsMistake };
    let playbook = read("case.toml", case.playbook.as_bytes(), &inputs).unwrap();
    let files = case.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let base = Base {
        commit: Id::from_bytes([7; 20]),
        date: "20260102".to_owned(),
        snapshot: Memory::texts(files).unwrap(),
    };
    let plan = plan(&base, &playbook, &Options::default(), &Arc::new(Memo::default()));
    let plan = plan.map_err(|it| format!("{it:?}"))?;
    let sides = ((&plan.before, &plan.facts_before), (&plan.after, &plan.facts_after));
    let proof = compare((sides.0.0, sides.0.1), (sides.1.0, sides.1.1), &|_| false).unwrap();
    if proof.holds(true) { Ok(plan) } else { Err(format!("no proof: {proof:?}")) }
}

fn shown(before: &Tree, after: &Tree) -> String {
    let mut text = String::new();
    for (side, tree) in [("before", before), ("after", after)] {
        for path in tree.entries().keys() {
            let bytes = tree.read(path).unwrap();
            let source = String::from_utf8_lossy(&bytes).replace(HEAD, "");
            writeln!(text, "--- {side} {path}\n{source}").unwrap();
        }
    }
    text
}

#[test]
fn names_of_a_folded_package_mean_what_they_meant() {
    let cases = std::env::var("ORACLE_CASES").map_or(CASES, |it| it.parse().unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let (mut asked, mut plans, mut refused) = (String::new(), Vec::new(), Vec::new());
    for number in 1..=cases {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let case = case(&mut dice);
        let plan = match planned(&case) {
            Ok(plan) => plan,
            Err(why) => {
                refused.push(format!("case {number}: {why}"));
                continue;
            }
        };
        for (side, tree) in [("before", &plan.before), ("after", &plan.after)] {
            let root = scratch.path().join(format!("{number}-{side}"));
            write(tree, &root);
            let names: BTreeMap<_, _> = case.users.iter().map(|it| (it, it)).collect();
            writeln!(asked, "{}", json!({"root": root, "modules": names})).unwrap();
        }
        plans.push((number, case, plan));
    }
    let answers = super::ask("moved.py", &asked);
    let (mut differences, mut fine) = (Vec::new(), 0);
    for ((number, case, plan), answers) in plans.iter().zip(answers.chunks(2)) {
        for user in &case.users {
            let (was, is) = (&answers[0][user], &answers[1][user]);
            let Some(values) = was.as_array() else { continue };
            let same = |(at, it): (usize, &serde_json::Value)| {
                it.as_str().is_some_and(|it| it.starts_with('!')) || is.get(at) == Some(it)
            };
            if values.iter().enumerate().all(same) {
                fine += values.len();
                continue;
            }
            let text = shown(&plan.before, &plan.after);
            let playbook = &case.playbook;
            differences.push(format!("case {number}, {user}: {was} became {is}\n{playbook}{text}"));
        }
    }
    if cases > CASES {
        println!("{} refused:\n{}", refused.len(), refused.join("\n"));
        println!("{} planned, {fine} values", plans.len());
    }
    super::report(&differences);
    assert!(fine > 3 * plans.len() && plans.len() * 3 > refused.len(), "{fine}, {}", plans.len());
}
