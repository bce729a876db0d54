//! Seed 3: god modules, a corrupt file, imports of every spelling, requirements that are not.

use super::{ARCHIVE, Cleaned, build, clean, every_module_imports, python, runs};

const SEED: &str = include_str!("services.txt");

const SUITE: [&str; 7] = ["-m", "unittest", "discover", "-s", "tests", "-t", "."];

#[test]
fn is_cleaned_sprint_by_sprint() {
    let seed = clean("services", SEED);
    drop(seed.before.run(["verify"]).exit(1).stdout_has("enqueue"));
    assert!(python(&seed.before, &SUITE).is_err(), "it is broken by design");
    runs(&seed.after, &SUITE);
    every_module_imports(&seed.after, &[]);
    seed.archived(
        ARCHIVE,
        &[
            "core/services/adaptive_learning/infrastructure/model_versioning.py",
            "core/services/anomaly_analysis_service_legacy.py",
            "core/services/nlg_service_legacy.py",
            "tests/test_legacy.py",
        ],
    );
    seed.kept(&[
        "core/services/adaptive_learning/learning/retrain_legacy.py",
        "core/services/deep_learning/growth_legacy.py",
        "core/services/adaptive_learning/defaults.json",
    ]);
    god_modules_are_packages(&seed);
    what_is_started_starts(&seed);
    imports_have_one_spelling(&seed);
    seed.references_are_current(&[]);
    let requirements = seed.after.read("requirements.txt");
    for (name, stays) in [("asyncio", false), ("dataclasses", false), ("celery>=5.3", true)] {
        assert_eq!(requirements.contains(name), stays, "{name} in {requirements}");
    }
    seed.diff("services.diff");
}

#[track_caller]
fn god_modules_are_packages(seed: &Cleaned) {
    for (package, parts) in [
        (
            "adaptive_learning/versioning",
            ["storage", "management", "comparison", "deployment", "versioning_orchestrator"],
        ),
        (
            "anomaly_analysis",
            ["detection", "analysis", "assessment", "recommendations", "anomaly_orchestrator"],
        ),
        ("nlg", ["narrative", "explanation", "formatting", "templates", "nlg_orchestrator"]),
    ] {
        for part in parts {
            seed.kept(&[&format!("core/services/{package}/{part}.py")]);
        }
    }
    for old in ["anomaly_analysis_service", "nlg_service", "adaptive_learning/model_versioning"] {
        assert!(!seed.after.path(format!("core/services/{old}.py")).exists());
    }
}

#[track_caller]
fn what_is_started_starts(seed: &Cleaned) {
    let sample = ["-m", "core.services.nlg_service"];
    let before = python(&seed.before, &sample).unwrap();
    assert_eq!(python(&seed.after, &["-m", "core.services.nlg"]).unwrap(), before);
    assert!(seed.after.read("Makefile").contains("\tpython -m core.services.nlg\n"));
    runs(&seed.after, &["scripts/init_database.py"]);
    runs(&seed.after, &["-m", "core.services.adaptive_learning.learning.retrain_legacy"]);
    runs(&seed.after, &["-m", "core.services.alerts_fusion.live_monitoring"]);
}

#[track_caller]
fn imports_have_one_spelling(seed: &Cleaned) {
    for line in seed.after.git(["grep", "-hn", "^from \\.\\.", "--", "core/services"]).lines() {
        assert!(!line.contains("from ..."), "an import that leaves its domain: {line}");
    }
    let learn = seed.after.read("core/services/adaptive_learning/learning/incremental.py");
    assert_eq!(learn.matches('\n').count(), learn.matches("\r\n").count(), "line ends stay");
}

#[test]
fn it_needs_no_edit_that_waits_for_review() {
    let repo = build(SEED);
    drop(repo.run(["apply", "services", "--yes"]).exit(0));
}
