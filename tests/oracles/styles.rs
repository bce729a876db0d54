//! Python itself judges `import-style`: random trees with imports of every form; each module computes
//! in either style what it computed before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::path::{Patterns, RepoPath};
use overhaul::plan::{Base, Options, Plan, plan};
use overhaul::playbook::{self, Inputs, Unset};
use overhaul::tree::{Id, Memory};
use overhaul::verify::{CommitPer, Rules, prove};
use serde_json::json;

use super::moved::{Dice, dotted, paths, source, write};

const CASES: u64 = 15;
const DAY: &str = "20261121";

/// Spells all imports of a tree in a style.
fn styled(texts: &BTreeMap<&str, String>, style: &str) -> Plan {
    let text = format!(
        "name = \"styles\"\n[[step]]\nkind = \"import-style\"\npaths = [\"**/*.py\"]\nstyle = \"{style}\"\n"
    );
    let inputs = Inputs { set: &[], date: DAY, unset: Unset::IsMistake };
    let playbook = playbook::read("styles.toml", text.as_bytes(), &inputs).unwrap();
    let snapshot = Memory::texts(texts.iter().map(|(path, text)| (*path, text.as_str()))).unwrap();
    let base = Base { commit: Id::from_bytes([1; 20]), date: DAY.to_owned(), snapshot };
    let planned = plan(&base, &playbook, &Options::default(), &Arc::new(Memo::default())).unwrap();
    let rules = Rules { cycles_fail: true, frozen: Patterns::default() };
    match prove(planned, CommitPer::Run, &rules).unwrap() {
        Ok(verified) => verified.plan().clone(),
        Err(unproved) => panic!("{:?}", unproved.proof),
    }
}

#[test]
fn modules_compute_in_either_style_what_they_computed_before() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut asked, mut cases, mut edits) = (String::new(), Vec::new(), [0, 0]);
    for number in 1..=CASES {
        let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let paths = paths(&mut dice);
        let texts: BTreeMap<&str, String> = (0..paths.len())
            .map(|at| (paths[at].as_str(), source(&mut dice, &paths, at)))
            .collect();
        let plans = ["absolute", "relative"].map(|style| styled(&texts, style));
        for (sum, plan) in edits.iter_mut().zip(&plans) {
            *sum += plan.steps[0].outcome.edits.len();
        }
        let names: BTreeMap<String, String> =
            paths.iter().map(|it| (it.clone(), dotted(it))).collect();
        let trees = [&plans[0].before, &plans[0].after, &plans[1].after];
        for (side, tree) in trees.into_iter().enumerate() {
            let root = scratch.path().join(format!("{number}-{side}"));
            write(tree, &root);
            writeln!(asked, "{}", json!({"root": root, "modules": names})).unwrap();
        }
        cases.push((number, paths.clone(), plans));
    }
    let answers = super::ask("moved.py", &asked);
    let (mut differences, mut fine) = (Vec::new(), 0);
    for ((number, paths, plans), answers) in cases.iter().zip(answers.chunks(3)) {
        for (path, at) in paths.iter().flat_map(|it| [(it, 1), (it, 2)]) {
            let (was, is) = (&answers[0][path], &answers[at][path]);
            if was == is || was.is_string() {
                fine += usize::from(!was.is_string());
                continue;
            }
            let bytes = plans[at - 1].after.read(&RepoPath::new(path).unwrap()).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            differences.push(format!("case {number}, {path}: {was} became {is}\n{text}"));
        }
    }
    super::report(&differences);
    assert!(fine > 180 && edits.iter().all(|it| *it > 60), "{fine} fine, {edits:?} edits");
}
