//! Truth is what Python does: it imports what we judge, and must come to the same verdict.
//!
//! A case is a small tree and some probes. Each probe is an import that Python runs in a process of
//! its own, from a file of its own: `+` marks one that must work, `-` one that must fail.
//!
//! ```text
//! + import a.b                   in a module at the top
//! - [pkg] from . import gone     in a module of `pkg`, imported by its full name
//! + [tools!] import near         in a script in `tools`, started
//! + [pkg$] import near           in a file that only a command says to be a script
//! + [pkg%] import near           in a file that only Python code says to be a script
//! + [tests?] import helper       in a test in `tests`, with the path that pytest gives it
//! ```

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use overhaul::facts::{Facts, Memo, Settings};
use overhaul::path::RepoPath;
use overhaul::tree::{Memory, Mode, Tree};
use overhaul::verify;

mod commands;
mod library;
mod names;
mod roots;

/// One probe: where it stands, how it is run, what it says.
struct Probe {
    works: bool,
    folder: String,
    how: How,
    statement: String,
}

/// How Python comes to run a probe.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Imported,
    Started,
    Commanded,
    Called,
    Tested,
}

impl Probe {
    fn read(line: &str) -> Self {
        let works = line.starts_with('+');
        let rest = line[1..].trim();
        let (folder, statement) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once("] ").unwrap(),
            None => ("", rest),
        };
        let (folder, how) = match folder.chars().next_back() {
            Some('!') => (&folder[..folder.len() - 1], How::Started),
            Some('$') => (&folder[..folder.len() - 1], How::Commanded),
            Some('%') => (&folder[..folder.len() - 1], How::Called),
            Some('?') => (&folder[..folder.len() - 1], How::Tested),
            _ => (folder, How::Imported),
        };
        let statement = statement.replace("; ", "\n") + "\n";
        Self { works, folder: folder.to_owned(), how, statement }
    }

    fn file(&self, number: usize) -> String {
        let name = match self.how {
            How::Tested => format!("test_probe{number}.py"),
            How::Imported | How::Started | How::Commanded | How::Called => {
                format!("probe{number}.py")
            }
        };
        if self.folder.is_empty() { name } else { format!("{}/{name}", self.folder) }
    }

    fn text(&self) -> String {
        let guard = "if __name__ == '__main__':\n    pass\n";
        let guard = if self.how == How::Started { guard } else { "" };
        format!("{}{guard}", self.statement)
    }
}

/// Judges every probe twice: by Python, and by our facts.
#[track_caller]
fn check(tree: &str, probes: &str) {
    let probes: Vec<Probe> =
        probes.lines().map(str::trim).filter(|it| !it.is_empty()).map(Probe::read).collect();
    let mut files: Vec<(String, String)> = tree
        .split("#- ")
        .skip(1)
        .map(|file| file.split_once('\n').unwrap())
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    let own = probes.iter().enumerate();
    files.extend(own.clone().map(|(number, probe)| (probe.file(number), probe.text())));
    let called = own.clone().filter(|(_, it)| it.how == How::Called);
    let call =
        |(number, it): (usize, &Probe)| format!("    [sys.executable, '{}'],\n", it.file(number));
    let calls: String = called.map(call).collect();
    files
        .push(("calls.py".to_owned(), format!("import sys\ndef all():\n  return [\n{calls}  ]\n")));
    let commanded = own.filter(|(_, it)| it.how == How::Commanded);
    let commands = commanded.map(|(number, it)| format!("\tpython {}\n", it.file(number)));
    files.push(("Makefile".to_owned(), commands.collect()));
    let python = by_python(&files, &probes);
    let ours = by_facts(&files, &probes);
    for (number, probe) in probes.iter().enumerate() {
        let (python, ours) = (&python[number], ours[number]);
        let statement = &probe.statement;
        assert_eq!(python.is_empty(), probe.works, "Python: {statement}{python}\nin\n{tree}");
        assert_eq!(ours, probe.works, "overhaul: {statement}{python}\nin\n{tree}");
    }
}

/// Runs every probe; gives what Python says, nothing where it is content.
fn by_python(files: &[(String, String)], probes: &[Probe]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let rows = probes.iter().enumerate().map(|(number, probe)| {
        let how = match probe.how {
            How::Imported => "imported",
            How::Started | How::Commanded | How::Called => "started",
            How::Tested => "tested",
        };
        format!("{how} {}\n", probe.file(number))
    });
    let out = python(folder.path(), include_str!("probe.py"), &rows.collect::<String>());
    let said: Vec<String> = out.lines().map(str::to_owned).collect();
    assert_eq!(said.len(), probes.len(), "{out}");
    said
}

/// Runs a program with Python, with nothing of this machine on its path.
fn python(folder: &Path, program: &str, input: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new("python3")
        .args(["-I", "-S", "-B", "-c", program])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{program}");
    String::from_utf8(out.stdout).unwrap()
}

/// Tells for each probe whether all its imports resolve.
fn by_facts(files: &[(String, String)], probes: &[Probe]) -> Vec<bool> {
    let texts = files.iter().map(|(path, text)| (path.as_str(), Mode::File, text.as_bytes()));
    let tree = Tree::new(Memory::snapshot(texts).unwrap());
    let facts = Facts::index(&tree, &Settings::default(), &Memo::default()).unwrap();
    let report = verify::check(&facts);
    let resolves =
        |path: RepoPath| report.unresolved.iter().all(|it| it.optional || it.path != path);
    let paths = probes.iter().enumerate().map(|(number, probe)| probe.file(number));
    paths.map(|path| resolves(RepoPath::new(&path).unwrap())).collect()
}
