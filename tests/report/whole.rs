//! A real playbook, planned and shown.

use std::sync::Arc;

use overhaul::facts::Memo;
use overhaul::plan::{Base, OnDisk, Options, Plan, plan};
use overhaul::playbook::{Inputs, Playbook, Unset, read};
use overhaul::report::{PlanReport, TextOptions, format};
use overhaul::tree::{Id, Mode};
use overhaul::verify::Proof;

use super::{Files, apply, path, repository, tree};

const PLAYBOOK: &str = r#"
name = "tidy"

[[sprint]]
name = "order"

[[step]]
sprint = "order"
kind = "remove"
paths = ["old"]
archive = "attic"

[[step]]
id = "say-so"
kind = "create"
path = "attic/README.md"
text = "What was removed.\n"
"#;

fn files() -> Files {
    let rows = [("old/a.py", "A = 1\n"), ("old/b.txt", "b\n"), ("main.py", "print()\n")];
    rows.into_iter().map(|(name, text)| (path(name), (Mode::File, text.into()))).collect()
}

fn planned() -> (Playbook, Plan) {
    let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsMistake };
    let playbook = read("play.toml", PLAYBOOK.as_bytes(), &inputs).unwrap();
    let base = Base {
        commit: Id::from_bytes([7; 20]),
        date: "20260102".to_owned(),
        snapshot: tree(&files()).snapshot().clone(),
    };
    let plan = plan(&base, &playbook, &Options::default(), &Arc::new(Memo::default())).unwrap();
    (playbook, plan)
}

#[test]
fn each_step_is_shown_over_the_tree_that_it_found() {
    let (playbook, plan) = planned();
    let proof = Proof::default();
    let disk = OnDisk::default();
    let report = PlanReport::new(&plan, &playbook, &proof, &[], &disk);
    let options = TextOptions { stat: true, ..TextOptions::default() };
    let shown = (format("text").unwrap().plan)(&report, options).unwrap();
    snapbox::assert_data_eq!(String::from_utf8(shown).unwrap(), snapbox::Data::text("\
plan `tidy`: 2 steps, 4 files (2 moved, 2 added)

sprint `order`
1. remove: 2 moved, 1 added
   moves:
     old/ (2 files) → attic/old/
   adds:
     attic/conftest.py

without a sprint
2. create `say-so`: 1 added
   adds:
     attic/README.md

proof holds: every import that resolved before resolves after
result: tree 2ae2177182bee25bf2eefd63294aeb14c6733902, on commit 0707070707070707070707070707070707070707

 attic/README.md          | 1 +
 attic/conftest.py        | 2 ++
 {old => attic/old}/a.py  | 0
 {old => attic/old}/b.txt | 0
 4 files changed, 3 insertions(+)
").raw());
}

#[test]
fn the_patch_of_a_plan_makes_its_tree() {
    let (playbook, plan) = planned();
    let proof = Proof::default();
    let disk = OnDisk::default();
    let report = PlanReport::new(&plan, &playbook, &proof, &[], &disk);
    let patch = (format("patch").unwrap().plan)(&report, TextOptions::default()).unwrap();
    assert_eq!(apply(&repository(&files()), &["--index"], &patch), plan.tree.to_string());
}
