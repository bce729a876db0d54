//! The public formats, whole: a change here is a change for every program that reads them.

use super::*;
use crate::path::RepoPath;
use crate::report::fixture::{Fixture, path, unresolved};
use crate::report::{
    Against, Explain, Importer, Mention, RunReport, TextOptions, VerifyReport, WhyReport,
};
use crate::tree::Id;
use crate::verify::{Kind, Proof, Report, Unreadable};

#[track_caller]
fn check(shown: Vec<u8>, expected: &str) {
    let shown = String::from_utf8(shown).unwrap();
    snapbox::assert_data_eq!(shown, snapbox::Data::text(expected).raw());
}

#[test]
fn plan() {
    let shown = plan::render(&Fixture::new().report(), TextOptions::default());
    check(shown.unwrap(), PLAN);
}

#[test]
fn verify() {
    let report = Report {
        files: 12,
        imports: 34,
        unresolved: vec![
            unresolved("a.py", "pkg.gone", None, Kind::MissingModule),
            unresolved("b.py", "..mod", Some("f"), Kind::MissingName),
        ],
        cycles: vec![vec![path("a.py"), path("b.py")]],
        unreadable: vec![Unreadable {
            path: RepoPath::from_bytes(b"caf\xe9.py").unwrap(),
            line: 0,
            column: 0,
            message: "null bytes".to_owned(),
        }],
    };
    let roots = [crate::facts::Root {
        folder: RepoPath::root(),
        scope: RepoPath::root(),
        why: "the repository's root".to_owned(),
    }];
    let explain = Explain { roots: &roots, target: (3, 12), third_party: vec!["yaml".to_owned()] };
    let shown = VerifyReport { report: &report, against: None, explain: Some(explain) };
    check(
        verify::render(&shown, TextOptions::default()),
        r#"{
  "format": "overhaul.verify/1",
  "files": 12,
  "imports": 34,
  "counts": {
    "missing_module": 1,
    "missing_name": 1,
    "undeclared": 0,
    "optional": 0,
    "cycles": 1,
    "unreadable": 1
  },
  "unresolved": [
    {
      "path": "a.py",
      "line": 3,
      "column": 1,
      "module": "pkg.gone",
      "name": null,
      "kind": "missing-module",
      "optional": false
    },
    {
      "path": "b.py",
      "line": 3,
      "column": 1,
      "module": "..mod",
      "name": "f",
      "kind": "missing-name",
      "optional": false
    }
  ],
  "cycles": [
    [
      "a.py",
      "b.py"
    ]
  ],
  "unreadable": [
    {
      "path": "\"caf\\351.py\"",
      "line": null,
      "column": null,
      "message": "null bytes"
    }
  ],
  "explain": {
    "target": "3.12",
    "roots": [
      {
        "folder": ".",
        "scope": ".",
        "why": "the repository's root"
      }
    ],
    "third_party": [
      "yaml"
    ]
  }
}
"#,
    );
}

#[test]
fn verify_against() {
    let report = Report { files: 1, imports: 2, ..Report::default() };
    let proof =
        Proof { fixed: vec![unresolved("a.py", "b", None, Kind::Undeclared)], ..Proof::default() };
    let against = Some(Against { revision: "main", proof: &proof });
    let shown = VerifyReport { report: &report, against, explain: None };
    check(
        verify::render(&shown, TextOptions::default()),
        r#"{
  "format": "overhaul.verify/1",
  "against": "main",
  "files": 1,
  "imports": 2,
  "counts": {
    "missing_module": 0,
    "missing_name": 0,
    "undeclared": 0,
    "optional": 0,
    "cycles": 0,
    "unreadable": 0
  },
  "unresolved": [],
  "cycles": [],
  "unreadable": [],
  "fixed": [
    {
      "path": "a.py",
      "line": 3,
      "column": 1,
      "module": "b",
      "name": null,
      "kind": "undeclared",
      "optional": false
    }
  ],
  "unproved": []
}
"#,
    );
}

#[test]
fn why() {
    let report = WhyReport {
        subject: "pkg.mod".to_owned(),
        importers: vec![Importer {
            path: path("a.py"),
            line: 3,
            text: "import pkg.mod".to_owned(),
        }],
        mentions: vec![Mention {
            path: path(".env"),
            line: 7,
            kind: "text".to_owned(),
            text: "MODULE=pkg.mod".to_owned(),
        }],
    };
    check(
        users::why(&report, TextOptions::default()),
        r#"{
  "format": "overhaul.why/1",
  "subject": "pkg.mod",
  "importers": [
    {
      "path": "a.py",
      "line": 3,
      "text": "import pkg.mod"
    }
  ],
  "mentions": [
    {
      "path": ".env",
      "line": 7,
      "kind": "text",
      "text": "MODULE=<redacted>"
    }
  ]
}
"#,
    );
}

#[test]
fn log() {
    let run = RunReport {
        id: "3".to_owned(),
        time: "2026-11-03T10:00:00Z".to_owned(),
        playbook: "tidy".to_owned(),
        branch: Some("overhaul/tidy".to_owned()),
        state: "applied".to_owned(),
        commits: vec![(Id::from_bytes([0xab; 20]), "move: jobs are work".to_owned())],
    };
    check(
        users::log(&[run], TextOptions::default()),
        r#"{
  "format": "overhaul.log/1",
  "runs": [
    {
      "id": "3",
      "time": "2026-11-03T10:00:00Z",
      "playbook": "tidy",
      "branch": "overhaul/tidy",
      "state": "applied",
      "commits": [
        {
          "id": "abababababababababababababababababababab",
          "subject": "move: jobs are work"
        }
      ]
    }
  ]
}
"#,
    );
}

const PLAN: &str = r#"{
  "format": "overhaul.plan/1",
  "playbook": "tidy",
  "description": "Jobs are work.",
  "vars": {
    "api_token": "<redacted>",
    "archive": "attic"
  },
  "base": "0101010101010101010101010101010101010101",
  "tree": "0202020202020202020202020202020202020202",
  "steps": [
    {
      "id": "1-move",
      "kind": "move",
      "sprint": "order",
      "why": "jobs were never jobs",
      "skipped": null,
      "changes": [
        {
          "path": "main.py",
          "from": null,
          "kind": "edited",
          "mode": "100644",
          "safety": "safe",
          "why": "`jobs.a` is now `work.a`",
          "edits": [
            {
              "line": 1,
              "before": "import jobs.a",
              "after": "import work.a",
              "safety": "safe",
              "why": "`jobs.a` is now `work.a`"
            }
          ]
        },
        {
          "path": "work/a.py",
          "from": "jobs/a.py",
          "kind": "moved",
          "mode": "100644",
          "safety": null,
          "why": "jobs were never jobs",
          "edits": []
        },
        {
          "path": "work/b.py",
          "from": "jobs/b.py",
          "kind": "moved",
          "mode": "100644",
          "safety": null,
          "why": "jobs were never jobs",
          "edits": []
        }
      ],
      "pending": [
        {
          "path": "Makefile",
          "line": 1,
          "before": "import jobs.a",
          "after": "import work.a",
          "safety": "review",
          "why": "`jobs.a` is now `work.a`"
        },
        {
          "path": "README.md",
          "line": 1,
          "before": "import jobs.a",
          "after": "import work.a",
          "safety": "note",
          "why": "`jobs.a` is now `work.a`"
        }
      ],
      "left_alone": [
        {
          "path": "jobs/c.py",
          "reason": "used by what stays",
          "evidence": [
            "`compose.yml:12` starts it"
          ]
        }
      ],
      "untracked": [],
      "findings": [
        {
          "severity": "warning",
          "path": "old.py",
          "line": 4,
          "message": "does not parse, and stays as it is",
          "hint": "mend it first"
        }
      ]
    },
    {
      "id": "hide-env",
      "kind": "gitignore",
      "sprint": null,
      "why": null,
      "skipped": null,
      "changes": [
        {
          "path": ".env",
          "from": null,
          "kind": "removed",
          "mode": null,
          "safety": null,
          "why": null,
          "edits": []
        },
        {
          "path": ".gitignore",
          "from": null,
          "kind": "added",
          "mode": "100644",
          "safety": null,
          "why": null,
          "edits": []
        }
      ],
      "pending": [],
      "left_alone": [],
      "untracked": [
        ".env"
      ],
      "findings": []
    }
  ],
  "commits": [],
  "findings": [],
  "on_disk": [],
  "on_disk_left_alone": [],
  "proof": {
    "holds": true,
    "fixed": [
      {
        "path": "main.py",
        "line": 3,
        "column": 1,
        "module": "jobs.z",
        "name": null,
        "kind": "missing-module",
        "optional": false
      }
    ],
    "broken": [],
    "still_broken": [
      {
        "path": "x.py",
        "line": 3,
        "column": 1,
        "module": "y",
        "name": "z",
        "kind": "missing-name",
        "optional": false
      }
    ],
    "unproved": [],
    "new_cycles": [
      [
        "a.py",
        "b.py"
      ]
    ],
    "unreadable": []
  }
}
"#;
