//! A plan of two steps, as small as shows everything that a report can say.

use std::collections::BTreeMap;

use super::{PlanReport, StepReport};
use crate::finding::{Finding, Safety};
use crate::path::RepoPath;
use crate::plan::{Change, OnDisk, changes};
use crate::playbook::Sprint;
use crate::steps::{LeftAlone, Note, Outcome};
use crate::tree::{Id, Memory, Mode, Tree};
use crate::verify::{Kind, Proof, Unresolved};

pub(super) struct Fixture {
    trees: [Tree; 3],
    changes: [Vec<Change>; 2],
    outcomes: [Outcome; 2],
    vars: BTreeMap<String, String>,
    sprints: Vec<Sprint>,
    disk: OnDisk,
    proof: Proof,
}

pub(super) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(super) fn unresolved(at: &str, module: &str, name: Option<&str>, kind: Kind) -> Unresolved {
    Unresolved {
        path: path(at),
        line: 3,
        column: 1,
        module: module.to_owned(),
        name: name.map(str::to_owned),
        kind,
        optional: false,
        why: None,
    }
}

fn note(at: &str, after: &str, safety: Safety) -> Note {
    Note {
        path: path(at),
        line: 1,
        before: "import jobs.a".to_owned(),
        after: after.to_owned(),
        safety,
        why: "`jobs.a` is now `work.a`".to_owned(),
        applied: safety == Safety::Safe,
    }
}

impl Fixture {
    pub(super) fn new() -> Self {
        let before = Tree::new(
            Memory::texts([
                (".env", "TOKEN=abc\n"),
                ("Makefile", "run:\n\tpython jobs/a.py\n"),
                ("jobs/a.py", "A = 1\n"),
                ("jobs/b.py", "B = 1\n"),
                ("main.py", "import jobs.a\n"),
            ])
            .unwrap(),
        );
        let mut moved = before.clone();
        moved.rename(&path("jobs/a.py"), path("work/a.py"));
        moved.rename(&path("jobs/b.py"), path("work/b.py"));
        moved.write(path("main.py"), Mode::File, *b"import work.a\n");
        let mut after = moved.clone();
        after.remove(&path(".env"));
        after.write(path(".gitignore"), Mode::File, *b".env\n");
        let first = Outcome {
            edits: vec![
                note("main.py", "import work.a", Safety::Safe),
                note("Makefile", "import work.a", Safety::Review),
                note("README.md", "import work.a", Safety::Note),
            ],
            left_alone: vec![LeftAlone {
                path: path("jobs/c.py"),
                reason: "used by what stays".to_owned(),
                evidence: vec!["`compose.yml:12` starts it".to_owned()],
            }],
            findings: vec![
                Finding::warning(Some(path("old.py")), "does not parse, and stays as it is")
                    .at_line(4)
                    .with_hint("mend it first"),
            ],
            untracked: Vec::new(),
            sweep: None,
        };
        let second = Outcome { untracked: vec![path(".env")], ..Outcome::default() };
        Self {
            changes: [changes(&before, &moved), changes(&moved, &after)],
            trees: [before, moved, after],
            outcomes: [first, second],
            vars: BTreeMap::from([
                ("api_token".to_owned(), "xyz".to_owned()),
                ("archive".to_owned(), "attic".to_owned()),
            ]),
            sprints: vec![Sprint {
                name: "order".to_owned(),
                priority: Some("P1".to_owned()),
                goal: Some("Everything has its place".to_owned()),
            }],
            disk: OnDisk::default(),
            proof: Proof {
                fixed: vec![unresolved("main.py", "jobs.z", None, Kind::MissingModule)],
                still_broken: vec![unresolved("x.py", "y", Some("z"), Kind::MissingName)],
                new_cycles: vec![vec![path("a.py"), path("b.py")]],
                ..Proof::default()
            },
        }
    }

    pub(super) fn report(&self) -> PlanReport<'_> {
        let step = |at: usize, id, kind, sprint, why| StepReport {
            id,
            kind,
            sprint,
            why,
            skipped: None,
            before: &self.trees[at],
            changes: &self.changes[at],
            outcome: &self.outcomes[at],
        };
        PlanReport {
            playbook: "tidy",
            description: "Jobs are work.",
            vars: &self.vars,
            sprints: &self.sprints,
            base: Id::from_bytes([1; 20]),
            before: &self.trees[0],
            after: &self.trees[2],
            tree: Id::from_bytes([2; 20]),
            steps: vec![
                step(0, "1-move", "move", Some("order"), Some("jobs were never jobs")),
                step(1, "hide-env", "gitignore", None, None),
            ],
            findings: &[],
            disk: &self.disk,
            proof: &self.proof,
            commits: &[],
            cycles_fail: false,
        }
    }
}
