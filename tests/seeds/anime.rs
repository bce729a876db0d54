//! Seed 2: the one interface that answers, among many that do not; fixes that became services.

use super::{ARCHIVE, Cleaned, build, clean, every_module_imports, python, runs};

const SEED: &str = include_str!("anime.txt");

const SUITE: [&str; 7] = ["-m", "unittest", "discover", "-s", "tests", "-t", "."];

const DUPLICATES: [&str; 6] = [
    "anime_api.py",
    "anime_generation_api.py",
    "anime_generation_api_with_db.py",
    "api_with_features.py",
    "basic_working_api.py",
    "secure_api.py",
];

#[test]
fn is_cleaned_phase_by_phase() {
    let seed = clean("anime", SEED);
    runs(&seed.before, &SUITE);
    runs(&seed.after, &SUITE);
    every_module_imports(&seed.after, &["api/secured_api.py", "api/v2_integration.py"]);
    runs(&seed.after, &["api/secured_api.py"]);
    seed.archived("archive/duplicate_apis", &DUPLICATES);
    seed.archived(
        ARCHIVE,
        &[
            "api_tests.py",
            "basic_api_test.py",
            "test_generation.py",
            "test_v2_integration.py",
            "test_workflow_final.py",
            "character_generator.py",
            "generators/watercolour_old.py",
            "generators/paper_new.py",
            "lora_trainer_fixed.py",
            "lora_trainer_fixed_v2.py",
            "production_monitor.py",
            "quick_fix.py",
            "video_pipeline_final.py",
            "tests/test_characters.py",
            "requirements-extra.txt",
            "deploy/postgresql-monitor.service",
        ],
    );
    seed.kept(&[
        "api/secured_api.py",
        "comfyui_client.py",
        "database.py",
        "file_manager.py",
        "quality_metrics.py",
        "render_types.py",
        "test_patterns.py",
        "render_farm_backup.py",
        "generators/ink.py",
        "generators/plain.py",
        "generators/strokes.py",
        "generators/sketch_fixed.py",
    ]);
    fixes_are_one_service(&seed);
    version_2_is_where_it_runs(&seed);
    seed.references_are_current(&[]);
    let requirements = seed.after.read("requirements.txt");
    assert!(requirements.contains("fastapi>=0.100,<1\n"), "{requirements}");
    assert!(requirements.contains("python-dotenv\n"), "{requirements}");
    assert!(!requirements.contains("torch"), "{requirements}");
    seed.diff("anime.diff");
}

#[track_caller]
fn fixes_are_one_service(seed: &Cleaned) {
    assert!(!seed.after.path("services/fixes").exists());
    let once = python(&seed.after, &["-m", "services.anime", "--once"]).unwrap();
    let said = ["worked through an episode", "worked", "organised by date", "complete: 100"];
    for word in said {
        assert!(once.lines().any(|line| line == word), "`{word}` in {once}");
    }
    assert!(!once.contains("failed"), "{once}");
    for part in ["queue_worker", "file_organizer", "completion_tracking_fix", "websocket_progress"]
    {
        runs(&seed.after, &["-m", &format!("services.anime.{part}")]);
    }
    let monitor = seed.after.git(["ls-files", "--stage", "services/anime/postgresql_monitor.py"]);
    assert!(monitor.starts_with("100755"), "{monitor}");
    let compose = seed.after.read("docker-compose.yml");
    assert!(compose.contains("command: python -m services.anime\n"), "{compose}");
    assert!(!compose.contains("file_organizer"), "{compose}");
    assert!(seed.after.read("Makefile").contains("python -m services.anime.queue_worker"));
    runs(&seed.after, &["services/anime/file_organizer.py"]);
}

#[track_caller]
fn version_2_is_where_it_runs(seed: &Cleaned) {
    let track = "import sys; sys.path.insert(0, 'api'); import secured_api as api; \
                 api.generate('cat'); print(api.tracker.jobs)";
    assert!(python(&seed.after, &["-c", track]).unwrap().contains("[('cat', 0.9)]"));
}

#[test]
fn it_needs_no_edit_that_waits_for_review_but_those_it_names() {
    let repo = build(SEED);
    drop(repo.run(["plan", "anime", "--include", "review"]).exit(0));
}
