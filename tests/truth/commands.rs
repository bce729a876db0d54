//! Commands: what a shell and Python start, and with which path.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use overhaul::facts::{Facts, Memo, Settings};
use overhaul::path::RepoPath;
use overhaul::tree::{Memory, Tree};

/// Each says who it is, if its own folder is the first on the path.
const FILES: [&str; 8] = [
    "t.py",
    "s/__init__.py",
    "s/t.py",
    "s/other.py",
    "s/deep/run.py",
    "tool/__main__.py",
    "x/s/t.py",
    "x/only.py",
];

const TEXT: &str = "import os, sys\nhere = os.path.dirname(os.path.abspath(__file__))\n\
    if __name__ == '__main__' and sys.path and os.path.abspath(sys.path[0]) == here:\n    \
    open(os.environ['STARTED'], 'a').write(os.path.abspath(__file__) + '\\n')\n";

/// Runs the lines as a shell script at `place`; what Python starts with its own folder on the path,
/// and nothing else, is what they start for us.
#[track_caller]
fn check(place: &str, lines: &str) {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("tree");
    let files = || FILES.iter().map(|it| (*it, TEXT)).chain([(place, lines)]);
    for (path, text) in files() {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    }
    let started = by_shell(home.path(), &root, place);
    let tree = Tree::new(Memory::texts(files()).unwrap());
    let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
    let paths: Vec<RepoPath> = tree.entries().keys().cloned().collect();
    let ours = facts.commands(&tree, paths.iter()).unwrap();
    let ours: BTreeSet<String> = ours.keys().map(ToString::to_string).collect();
    assert_eq!(ours, started, "{lines}");
}

fn by_shell(home: &Path, root: &Path, script: &str) -> BTreeSet<String> {
    let programs = home.join("bin");
    fs::create_dir_all(&programs).unwrap();
    let started = home.join("started");
    fs::write(&started, "").unwrap();
    fs::write(programs.join("python"), "#!/bin/sh\nexec python3 \"$@\"\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(programs.join("python"), mode).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let out = Command::new("sh")
        .arg(root.join(script))
        .current_dir(root)
        .env("PATH", path)
        .env("STARTED", &started)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{said}");
    let root = root.canonicalize().unwrap();
    let paths = fs::read_to_string(&started).unwrap();
    let below = |it: &str| Path::new(it).strip_prefix(&root).unwrap().display().to_string();
    paths.lines().map(below).collect()
}

#[test]
fn python_starts_what_is_read() {
    check("go.sh", "python s/t.py --to s/other.py\n");
    check("go.sh", "PYTHONDONTWRITEBYTECODE=1 python3 -u -W ignore s/t.py\npython s/deep/run.py\n");
    check("go.sh", "python tool && python t.py; python -OO ./s/other.py\n");
    check("go.sh", "python3 \\\n    -u s/t.py\n");
    check("go.sh", "X=.; python \"$X/s/t.py\"\n# python s/other.py\n");
    check("go.sh", "exec python \"$(dirname \"$0\")/s/t.py\"\n");
}

#[test]
fn what_starts_no_file_is_not_read() {
    check("go.sh", "python -m s.t\npython -c 'pass' s/t.py\necho s/t.py\n");
    check("go.sh", "python -I s/t.py\n");
    check("go.sh", "echo python | cat - s/t.py > /dev/null\n");
}

#[test]
fn a_shell_goes_to_folders() {
    check("go.sh", "cd s && python other.py\n");
    check("go.sh", "(cd s; python t.py)\npython s/other.py\n");
    check("go.sh", "cd s/deep\npython run.py\n");
    check("x/go.sh", "cd x && python s/t.py\n");
    check("x/go.sh", "cd \"$(dirname \"$0\")\" && python only.py\n");
}

#[test]
fn a_shell_puts_variables_in() {
    check("go.sh", "DIR=s\npython \"$DIR/t.py\"\n");
    check("go.sh", "export DIR='s/deep' PY=\"python\"\n$PY ${DIR}/run.py\n");
    check("go.sh", "RUN=\"python -u\"; HOME_OF=s; FILE=$HOME_OF/t.py\ncd . && $RUN $FILE\n");
    check("go.sh", "DIR=s; cd $DIR && python other.py\n");
    check("go.sh", "if false; then FILE=t.py; else FILE=t.py; fi\npython s/$FILE\n");
    check("go.sh", "DIR=x\nDIR=x python s/t.py\n");
}

#[test]
fn a_profiler_starts_its_file_too() {
    check("go.sh", "python -m cProfile -o /dev/null s/t.py > /dev/null\n");
    check("go.sh", "python -m trace --count -C \"$STARTED.d\" s/t.py > /dev/null\n");
}
