//! Seed 0: two integration folders, a deleted client, dead services, nineteen scripts.

use std::fs;

use super::{ARCHIVE, Cleaned, build, clean, every_module_imports, python, runs};

const SEED: &str = include_str!("gateway.txt");

const SUITE: [&str; 7] = ["-m", "unittest", "discover", "-s", "tests", "-t", "."];

/// Where the scripts are afterwards.
const SCRIPTS: [&str; 19] = [
    "scripts/admin/constitution_admin.py",
    "scripts/admin/persona_admin.py",
    "scripts/migration/memory_migrate.py",
    "scripts/migration/migrate_profiles_to_gateway.py",
    "scripts/migration/session_backfill.py",
    "scripts/ops/ensure_outbox_schema.py",
    "scripts/ops/generate_missing_webui_files.py",
    "scripts/ops/kafka_partition_scaler.py",
    "scripts/ops/memory_monitor.py",
    "scripts/ops/persona_training.py",
    "scripts/ops/preflight.py",
    "scripts/ops/prune_audit_repo.py",
    "scripts/ops/replay_session.py",
    "scripts/ops/runstack.py",
    "scripts/testing/e2e_quick.py",
    "scripts/testing/golden_trace.py",
    "scripts/testing/run_webui_diff.py",
    "scripts/testing/schema_smoke_test.py",
    "scripts/testing/test_memory_system.py",
];

#[test]
fn is_cleaned_sprint_by_sprint() {
    let seed = clean("gateway", SEED);
    drop(seed.before.run(["verify"]).exit(1).stdout_has("6 unresolved imports"));
    assert!(python(&seed.before, &SUITE).is_err(), "it is broken by design");
    runs(&seed.after, &SUITE);
    // These import what stands beside them, where they are started.
    let scripts = ["services/memory_replicator/main.py", "scripts/testing/run_webui_diff.py"];
    every_module_imports(&seed.after, &scripts);
    seed.archived(
        ARCHIVE,
        &[
            "services/celery_worker/__init__.py",
            "services/celery_worker/main.py",
            "services/delegation_gateway/main.py",
            "services/delegation_worker/main.py",
            "prepare.py",
        ],
    );
    seed.archived(ARCHIVE, &["integrations/opa.py", "integrations/somabrain.py"]);
    seed.kept(&["agent.py", "models.py", "preload.py", "services/conversation_worker/main.py"]);
    seed.kept(&["services/billing_gateway/main.py"]);
    scripts_run(&seed);
    seed.references_are_current(&["CHANGELOG.md"]);
    assert!(seed.after.read("CHANGELOG.md").contains("`scripts/runstack.py`"), "history stays");
    let example = "POSTGRES_URL=\nOPA_URL=\n\nMEMORY_URL=\nMEMORY_BATCH=\n";
    assert_eq!(seed.after.read(".env.example"), example);
    assert!(seed.after.read("docker-compose.yml").contains("env_file: [.env]\n"));
    seed.diff("gateway.diff");
}

#[test]
fn what_is_to_be_typed_stands_in_the_description() {
    let repo = build(SEED);
    let refused = repo.run(["plan", "gateway"]).exit(3);
    refused.stderr_has("hint: edits to review are not applied; see what `--include review` makes");
    repo.run(["playbook", "list"]).exit(0).stdout_has("apply it with `--include review`\n");
    drop(repo.run(["apply", "gateway", "--include", "review", "--yes"]).exit(0));
}

#[track_caller]
fn scripts_run(seed: &Cleaned) {
    for script in SCRIPTS {
        runs(&seed.after, &[script]);
    }
    let stage = seed.after.git(["ls-files", "--stage", "scripts/ops/runstack.py"]);
    assert!(stage.starts_with("100755"), "{stage}");
    let backfill = seed.after.read("scripts/migration/session_backfill.py");
    assert_eq!(backfill.matches('\n').count(), backfill.matches("\r\n").count());
    let profiles = seed.after.path("scripts/migration/migrate_profiles_to_gateway.py");
    let profiles = fs::read(profiles).unwrap();
    assert!(profiles.windows(9).any(|it| it == b"\xe0 bient\xf4t"), "latin-1 stays latin-1");
}

#[test]
fn a_service_that_the_compose_file_starts_stays() {
    let service = "celery-worker:\n    command: python services/celery_worker/main.py\n  gateway:";
    let seed =
        clean("gateway", &SEED.replace("gateway:\n    build", &format!("{service}\n    build")));
    seed.kept(&["services/celery_worker/main.py"]);
    seed.archived(ARCHIVE, &["services/delegation_worker/main.py"]);
}
