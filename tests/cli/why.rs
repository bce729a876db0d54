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
