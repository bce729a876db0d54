//! The promises that hold for values alone, on generated repositories.

use std::collections::BTreeMap;
use std::sync::Arc;

use overhaul::facts::{Memo, Settings};
use overhaul::plan::{Base, ChangeKind, Options, Plan, PlanError, plan};
use overhaul::playbook::{Inputs, Playbook, Unset, read};
use overhaul::text::Text;
use overhaul::tree::{Id, Memory, Mode, Snapshot, Tree};
use overhaul::verify::{Question, compare};
use proptest::prelude::*;

use super::generate::{Case, Files, case, refilling};

fn snapshot(files: &Files) -> Snapshot {
    let rows = files.iter().map(|(path, bytes)| (path.as_str(), Mode::File, bytes.as_slice()));
    Memory::snapshot(rows).unwrap()
}

fn playbook(text: &str) -> Playbook {
    let inputs = Inputs { set: &[], date: "20260102", unset: Unset::IsMistake };
    read("case.toml", text.as_bytes(), &inputs).unwrap()
}

fn planned(case: &Case) -> Result<Plan, PlanError> {
    let base = Base {
        commit: Id::from_bytes([7; 20]),
        date: "20260102".to_owned(),
        snapshot: snapshot(&case.files),
    };
    plan(&base, &playbook(&case.playbook), &Options::default(), &Arc::new(Memo::default()))
}

/// Reads a whole tree.
fn files(tree: &Tree) -> Files {
    let text = |path: &overhaul::path::RepoPath| path.as_str().unwrap().to_owned();
    tree.entries().keys().map(|path| (text(path), tree.read(path).unwrap().to_vec())).collect()
}

/// Returns the lines of a file, however it is encoded, and how often each stands there.
fn lines(bytes: &[u8]) -> BTreeMap<String, i32> {
    let text = Text::decode_python(bytes).unwrap();
    let mut found = BTreeMap::new();
    for line in text.source().split_inclusive('\n') {
        *found.entry(line.to_owned()).or_default() += 1;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// L5: what resolved still resolves, whatever moves where.
    #[test]
    fn l5_nothing_breaks(case in case()) {
        let Ok(plan) = planned(&case) else { return Ok(()) };
        let proof = compare(
            (&plan.before, &plan.facts_before),
            (&plan.after, &plan.facts_after),
            &|_| false,
        )
        .unwrap();
        prop_assert!(proof.holds(true), "{proof:#?}\n{:#?}", shown(&plan));
    }

    /// L5: nobody needs the plan to see that.
    #[test]
    fn l5_two_trees_show_that_nothing_breaks(case in case()) {
        let Ok(plan) = planned(&case) else { return Ok(()) };
        let (after, settings) = (plan.after.settled(), Settings::default());
        let question = Question { tree: &after, against: Some(&plan.before), settings: &settings };
        let proof = question.answer(&question.read(&Memo::default()).unwrap()).unwrap().proof.unwrap();
        prop_assert!(proof.holds(true), "{proof:#?}\n{:#?}", shown(&plan));
    }

    /// L6: without `remove`, every byte that stood somewhere stands somewhere, edits aside.
    #[test]
    fn l6_no_file_is_lost(case in case()) {
        let Ok(plan) = planned(&case) else { return Ok(()) };
        for change in plan.changes().iter().filter(|it| it.kind() == ChangeKind::Removed) {
            let old = change.old.as_ref().unwrap();
            let kept = plan.after.entries().values().any(|it| it.id == old.id);
            let untracked = plan.untracked().contains(&&change.path);
            let empty_package = change.path.name() == b"__init__.py";
            prop_assert!(kept || untracked || empty_package, "{} is gone", change.path);
        }
    }

    /// L7: outside the lines that had to change, every byte stays.
    #[test]
    fn l7_edits_are_minimal(case in case()) {
        let Ok(plan) = planned(&case) else { return Ok(()) };
        for change in plan.changes().iter().filter(|it| it.path.extension() == "py") {
            let (Some(old), Some(_)) = (&change.old, &change.new) else { continue };
            let from = change.from.as_ref().unwrap_or(&change.path);
            let before = lines(&plan.before.read(from).unwrap());
            let after = lines(&plan.after.read(&change.path).unwrap());
            let gone = before.iter().filter(|(line, count)| after.get(*line).unwrap_or(&0) < count);
            for (line, _) in gone {
                let concerns = ["import", "VALUE", "run", "\"", "return"].iter().any(|it| line.contains(it));
                prop_assert!(concerns, "{} lost {line:?}", change.path);
            }
            prop_assert_eq!(old.mode, change.new.as_ref().unwrap().mode);
        }
    }

    /// L8: planning again on the result gives nothing, also where a later step puts something where
    /// an earlier one takes things from.
    #[test]
    fn l8_a_second_plan_is_empty(case in prop_oneof![case(), refilling()]) {
        let Ok(first) = planned(&case) else { return Ok(()) };
        let again = Case { files: files(&first.after), playbook: case.playbook };
        match planned(&again) {
            Ok(second) => {
                let changes = second.changes();
                let paths: Vec<_> = changes.iter().map(|it| &it.path).collect();
                prop_assert!(paths.is_empty(), "{paths:?} in {again:?}");
            }
            Err(error) => prop_assert!(false, "{error:?} in {again:?}"),
        }
    }

    /// L9: the same inputs give the same tree, on one thread and on many.
    #[test]
    fn l9_threads_do_not_matter(case in case()) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let (one, many) = (pool.install(|| planned(&case)), planned(&case));
        let tree = |it: Result<Plan, PlanError>| it.map(|it| it.tree).map_err(|it| format!("{it:?}"));
        prop_assert_eq!(tree(one), tree(many));
    }
}

/// Shows what a plan made of a repository, for a failure.
fn shown(plan: &Plan) -> BTreeMap<String, String> {
    let changes = plan.changes();
    let after = changes.iter().filter(|it| it.new.is_some());
    after
        .map(|it| {
            let text = String::from_utf8_lossy(&plan.after.read(&it.path).unwrap()).into_owned();
            (format!("{:?} -> {}", it.from, it.path), text)
        })
        .collect()
}
