//! Small repositories of Python code and the moves to try on them, by chance.
//!
//! A module imports only modules that were made before it, so that the repository has no cycle and
//! every import of it resolves.

use proptest::prelude::*;

/// A repository: path and bytes.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// One module to be: where, what it imports and how, and the shape of its bytes.
#[derive(Debug, Clone)]
struct Module {
    folder: usize,
    name: usize,
    imports: Vec<(prop::sample::Index, u8)>,
    shape: u8,
}

const FOLDERS: [&str; 6] = ["", "alpha", "alpha/inner", "beta", "beta/deep/er", "tools"];
const NAMES: [&str; 6] = ["core", "client", "data", "jobs", "shapes", "words"];

/// A repository and a playbook for it; shown as text where a law does not hold.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) files: Files,
    pub(super) playbook: String,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (path, bytes) in &self.files {
            write!(f, "\n-- {path}\n{}", String::from_utf8_lossy(bytes))?;
        }
        write!(f, "\n-- playbook\n{}", self.playbook)
    }
}

/// Makes a repository and a playbook for it.
pub(super) fn case() -> impl Strategy<Value = Case> {
    (prop::collection::vec(module(), 2..9), prop::collection::vec(step(), 1..4)).prop_map(
        |(modules, steps)| {
            let (files, paths) = build(&modules);
            let playbook = playbook(&paths, &steps);
            Case { files, playbook }
        },
    )
}

/// Makes a repository and a playbook of which later steps fill what earlier ones empty.
pub(super) fn refilling() -> impl Strategy<Value = Case> {
    let steps = prop::collection::vec((0..8_u8, 0..4_usize, 0..4_usize), 2..6);
    (prop::collection::vec(module(), 3..9), steps).prop_map(|(modules, steps)| {
        let (files, paths) = build(&modules);
        let steps = steps.iter().map(|(kind, from, to)| refill(&paths, *kind, *from, *to));
        Case { files, playbook: steps.fold("name = \"case\"\n".to_owned(), |all, it| all + &it) }
    })
}

/// Writes a step between few places, so that what one leaves is often what another one takes.
fn refill(paths: &[String], kind: u8, from: usize, to: usize) -> String {
    let spare = ["spare.py", "alpha/spare.py", "beta/spare.py"];
    let places: Vec<&str> =
        paths.iter().map(String::as_str).take(2).chain(spare).chain(["old.py"]).collect();
    let folders = ["alpha", "beta", "tools", "lib", "alpha/inner"];
    let to = if to < from { to } else { to + 1 };
    let (one, other, folder, goal) = (places[from], places[to], folders[from], folders[to]);
    let fields = match kind {
        3 if folder == "alpha" && goal == "alpha/inner" => {
            format!("kind = \"remove\"\npaths = [\"{folder}\"]")
        }
        3 => format!("kind = \"move\"\nfrom = \"{folder}\"\nto = \"{goal}\""),
        4 => format!("kind = \"remove\"\npaths = [\"{one}\"]"),
        5 => format!("kind = \"create\"\npath = \"{one}\"\ntext = \"VALUE = run = 1\\n\""),
        6 if goal != "alpha/inner" => format!(
            "kind = \"consolidate\"\nfrom = \"{folder}\"\ninto = \"{goal}\"\non-conflict = \"keep-target\""
        ),
        7 => format!("kind = \"move\"\nfrom = \"{one}\"\nto = \"{other}\"\nshim = true"),
        _ => format!("kind = \"move\"\nfrom = \"{one}\"\nto = \"{other}\""),
    };
    format!("[[step]]\n{fields}\n")
}

fn module() -> impl Strategy<Value = Module> {
    let imports = prop::collection::vec((any::<prop::sample::Index>(), 0..9_u8), 0..4);
    (0..FOLDERS.len(), 0..NAMES.len(), imports, 0..8_u8)
        .prop_map(|(folder, name, imports, shape)| Module { folder, name, imports, shape })
}

/// A step to be: its kind, what it takes, and where that goes.
type Draft = (u8, prop::sample::Index, usize, usize);

fn step() -> impl Strategy<Value = Draft> {
    (0..9_u8, any::<prop::sample::Index>(), 0..FOLDERS.len(), 0..NAMES.len())
}

/// Writes the modules out; also returns the paths of those that are modules.
fn build(modules: &[Module]) -> (Files, Vec<String>) {
    let mut files: Files = Vec::new();
    let mut made: Vec<String> = Vec::new();
    for module in modules {
        let path = join(FOLDERS[module.folder], &format!("{}.py", NAMES[module.name]));
        if made.contains(&path) {
            continue;
        }
        let text = text(module, &path, &made);
        files.push((path.clone(), shaped(&text, module.shape)));
        made.push(path);
    }
    for folder in FOLDERS.iter().filter(|it| !it.is_empty()) {
        for package in folder.match_indices('/').map(|(at, _)| &folder[..at]).chain([*folder]) {
            let init = join(package, "__init__.py");
            if !files.iter().any(|(path, _)| *path == init) {
                files.push((init, Vec::new()));
            }
        }
    }
    let mentions: String =
        made.iter().map(|it| format!("{it} or python -m {}\n", dotted(it))).collect();
    files.push(("README.md".to_owned(), mentions.clone().into_bytes()));
    files.push(("Makefile".to_owned(), format!("all:\n\techo\n# {mentions}").into_bytes()));
    files.push(("old.py".to_owned(), b"print 'python 2'\nimport alpha.core\n".to_vec()));
    files.push(("blob.bin".to_owned(), vec![0, 255, 1, 254, 10, 0]));
    files.sort();
    (files, made)
}

fn text(module: &Module, path: &str, made: &[String]) -> String {
    let mut text = String::from("\"\"\"A module.\"\"\"\n");
    for (number, (index, form)) in module.imports.iter().enumerate() {
        if !made.is_empty() {
            let target: &String = index.get(made);
            text += &import(path, target, number, *form);
        }
    }
    text + &format!("\nVALUE = {}\n\n\ndef run():\n    return VALUE\n", module.name)
}

/// Writes one import of `target`, and a use of it, in one of nine forms.
fn import(path: &str, target: &str, number: usize, form: u8) -> String {
    let module = dotted(target);
    let (package, name) = module.rsplit_once('.').unwrap_or(("", &module));
    let from = if package.is_empty() { &module } else { package };
    let same_folder = path.contains('/')
        && path.rsplit_once('/').map(|it| it.0) == target.rsplit_once('/').map(|it| it.0);
    match form {
        0 => format!("import {module}\nx{number} = {module}.VALUE\n"),
        1 => format!("import {module} as m{number}\nx{number} = m{number}.run()\n"),
        2 => format!("from {module} import VALUE as v{number}, run  # keep this\n"),
        3 if !package.is_empty() => {
            format!("from {from} import {name}\nx{number} = {name}.VALUE\n")
        }
        4 if same_folder => {
            format!("from . import {name} as s{number}\nx{number} = s{number}.VALUE\n")
        }
        5 if same_folder => {
            format!("from .{name} import (\n    VALUE as w{number},  # the value\n    run,\n)\n")
        }
        6 => format!("def f{number}():\n    import {module}\n    return {module}.run()\n"),
        7 => format!("import importlib\nx{number} = importlib.import_module(\"{module}\").VALUE\n"),
        _ => format!(
            "try:\n    from {module} import run as r{number}\nexcept ImportError:\n    r{number} = None\n"
        ),
    }
}

/// Gives the text line ends, a BOM, no last newline, or another encoding.
fn shaped(text: &str, shape: u8) -> Vec<u8> {
    match shape {
        0 => text.replace('\n', "\r\n").into_bytes(),
        1 => [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        2 => text.trim_end().as_bytes().to_vec(),
        3 => [&b"# -*- coding: latin-1 -*-\n# caf\xe9\n"[..], text.as_bytes()].concat(),
        _ => text.as_bytes().to_vec(),
    }
}

fn playbook(paths: &[String], steps: &[Draft]) -> String {
    let mut text = String::from("name = \"case\"\n");
    for (kind, index, folder, name) in steps {
        let from = index.get(paths);
        let parent = from.rsplit_once('/').map_or("", |it| it.0);
        let target = join(FOLDERS[*folder], &format!("{}_new.py", NAMES[*name]));
        let shim = if matches!(kind, 6 | 7) { "shim = true\n" } else { "" };
        text += &match kind {
            0 | 1 | 6 => {
                format!("[[step]]\nkind = \"move\"\nfrom = \"{from}\"\nto = \"{target}\"\n{shim}")
            }
            2 | 7 if !parent.is_empty() => {
                format!(
                    "[[step]]\nkind = \"move\"\nfrom = \"{parent}\"\nto = \"moved/{}\"\n{shim}",
                    NAMES[*name]
                )
            }
            3 => format!("[[step]]\nkind = \"remove\"\npaths = [\"{from}\"]\nunless-used = true\n"),
            4 => {
                "[[step]]\nkind = \"gitignore\"\nadd = [\"*.log\", \"blob.bin\"]\nuntrack = true\n"
                    .to_owned()
            }
            8 => {
                let style = if *name % 2 == 0 { "absolute" } else { "relative" };
                format!(
                    "[[step]]\nkind = \"import-style\"\npaths = [\"**/*.py\"]\nstyle = \"{style}\"\n"
                )
            }
            _ => format!(
                "[[step]]\nkind = \"move\"\ninto = {{ \"gathered/{}\" = [\"{from}\"] }}\n",
                NAMES[*name]
            ),
        };
    }
    text
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn dotted(path: &str) -> String {
    path.trim_end_matches(".py").replace('/', ".")
}
