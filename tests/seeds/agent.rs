//! Seed 4: one folder of modules, most of them dead, some of them broken.

use super::{ARCHIVE, build, clean, every_module_imports, python, runs};

const SEED: &str = include_str!("agent.txt");

#[test]
fn is_cleaned_sprint_by_sprint() {
    let seed = clean("agent", SEED);
    // Nothing tells that it was ever a module of this repository.
    drop(seed.before.run(["verify"]).exit(0).stdout_has("enhanced_agent"));
    every_module_imports(&seed.after, &[]);
    runs(
        &seed.after,
        &["-m", "unittest", "regression_test", "quick_test", "full_integration_test"],
    );
    assert!(python(&seed.before, &["generate_agent.py"]).is_err(), "broken in a function");
    assert!(python(&seed.after, &["generate_agent.py"]).unwrap().contains("Ada Lovelace"));
    let load_env = seed.after.read("load_env.py");
    assert_eq!(load_env.matches('\n').count(), load_env.matches("\r\n").count(), "line ends stay");
    seed.archived(
        ARCHIVE,
        &[
            "test_runner.py",
            "migrate_db.py",
            "website_integration.py",
            "whatsapp_integration.py",
            "test_website_connection.py",
            "config.py",
            "production_config.py",
            "comprehensive_test.py",
        ],
    );
    for path in ["agent.log", "customers.db", ".env", "__pycache__/config.cpython-39.pyc"] {
        assert!(!seed.after.path(path).exists(), "`{path}` is still tracked");
    }
    seed.references_are_current(&[]);
    seed.diff("agent.diff");
}

#[test]
fn it_needs_no_edit_that_waits_for_review() {
    let repo = build(SEED);
    drop(repo.run(["plan", "agent"]).exit(0));
    drop(repo.run(["apply", "agent", "--yes"]).exit(0));
}

#[test]
fn settings_that_a_deployment_names_stay() {
    let start = "startCommand: gunicorn -c production_config.py api_server:app";
    let seed = clean("agent", &SEED.replace("startCommand: python api_server.py", start));
    seed.kept(&["production_config.py"]);
    seed.archived(ARCHIVE, &["config.py"]);
}

#[test]
fn a_module_that_is_imported_after_all_stays() {
    let import = "import hashlib\nimport whatsapp_integration";
    let seed = clean("agent", &SEED.replace("import hashlib", import));
    seed.kept(&["whatsapp_integration.py"]);
}
