//! `overhaul why`.

use super::small;
use crate::support::Repo;

#[test]
fn users_of_a_path_a_module_and_a_name() {
    let repo = small();
    let imports = "imported by:\n  app/main.py:1: from app.core import X\n  \
                   scripts/run.py:1: import app.core\n";
    for subject in ["app/core.py", "app.core"] {
        repo.run(["why", subject]).exit(0).stderr("").stdout_has(imports);
    }
    repo.run(["why", "app.core:X"]).exit(0).stdout(
        "imported by:\n  app/main.py:1: from app.core import X\n\n\
         `app.core:X`: 1 import, 0 mentions\n",
    );
    let ran = repo.run(["why", "app/core.py"]);
    ran.stdout_has(
        "  README.md:1: (documentation) See app/core.py.\n\n\
                    `app/core.py`: 2 imports, 1 mention\n",
    );
    repo.run(["why", "old/gone.py"]).exit(0).stdout("nothing uses `old/gone.py`\n");
    let json = repo.run(["why", "app.core", "--format", "json"]).exit(0).json();
    assert_eq!(json["format"], "overhaul.why/1");
}

#[test]
fn a_package_is_its_folder_by_either_name() {
    let files = [
        ("services/__init__.py", ""),
        ("services/gateway/__init__.py", ""),
        ("services/gateway/main.py", "from services.gateway import routes\n"),
        ("services/gateway/routes.py", ""),
        ("run.py", "from services import gateway\nimport services.gateway.main\n"),
        ("Dockerfile", "COPY services/gateway /app\n"),
    ];
    let repo = Repo::new().files(files).commit("first");
    for subject in ["services.gateway", "services/gateway", "services/gateway/"] {
        repo.run(["why", subject]).exit(0).stderr("").stdout(&format!(
            "imported by:\n  run.py:1: from services import gateway\n  \
             run.py:2: import services.gateway.main\n\n\
             mentioned in:\n  Dockerfile:1: (text) COPY services/gateway /app\n\n\
             `{subject}`: 2 imports, 1 mention\n",
        ));
    }
    for (typo, near) in
        [("services.gatway", "services.gateway"), ("services/gatway", "services/gateway")]
    {
        repo.run(["why", typo]).exit(2).stderr(&format!(
            "error: there is no path, module or name `{typo}` here\nhint: did you mean `{near}`?\n"
        ));
    }
}

#[test]
fn a_word_that_is_a_path_and_another_module_is_told() {
    let files = [
        ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = [\"src\"]\n"),
        ("src/core/__init__.py", ""),
        ("src/run.py", "import core\n"),
        ("core/notes.txt", "none\n"),
    ];
    let repo = Repo::new().files(files).commit("first");
    repo.run(["why", "core"])
        .exit(0)
        .stderr("hint: this is about the path; the module `core` is `src/core`\n");
    repo.run(["why", "src/core"]).exit(0).stderr("").stdout_has("src/run.py:1: import core");
}

#[test]
fn a_command_that_names_a_file_by_halves_is_told() {
    let files = [
        ("ops/start.sh", "cd \"$(dirname \"$0\")/jobs\"\npython run.py\n"),
        ("ops/jobs/run.py", ""),
    ];
    let repo = Repo::new().files(files).commit("first");
    repo.run(["why", "ops/jobs/run.py"])
        .exit(0)
        .stdout_has("ops/start.sh:2: (command) python run.py");
}

#[test]
fn paths_are_those_of_the_root_in_any_folder() {
    let repo = small();
    repo.run_in("app", ["why", "app/core.py"]).exit(0).stdout_has("scripts/run.py:1");
    repo.run_in("app", ["why", "core.py"]).exit(2).stdout("").stderr(
        "error: there is no path, module or name `core.py` here\n\
         hint: paths are written from the root of the repository\n",
    );
}

#[test]
fn what_is_not_there_gets_the_nearest_name() {
    let repo = small();
    repo.run(["why", "app.cor"]).exit(2).stderr(
        "error: there is no path, module or name `app.cor` here\nhint: did you mean `app.core`?\n",
    );
    for odd in ["", "/etc", "../x", ".git/config", "app.core:", ":X", "app.core:X:Y", "a b"] {
        let message = format!("error: there is no path, module or name `{odd}` here\nhint: ");
        repo.run(["why", odd]).exit(2).stdout("").stderr_has(&message);
    }
}

#[test]
fn a_commit_can_be_asked() {
    let repo = small().file("app/late.py", "import app.core\n");
    repo.run(["why", "app.core"]).exit(0).stdout_has("app/late.py:1");
    repo.run(["why", "app.core", "--base", "HEAD"]).exit(0).stdout_lacks("late");
}

#[test]
fn the_whole_repository_is_no_subject() {
    for root in [".", "./"] {
        let ran = small().run(["why", root]).exit(2).stdout("");
        ran.stderr_has("is the whole repository\nhint: name a file, a folder,");
    }
}
