//! What a virtual environment has installed, read from its folders. No Python is started.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the top-level modules that a virtual environment has installed: of one right below
/// `root`, else of the active one (`VIRTUAL_ENV`); `None` where there is neither.
#[must_use]
pub fn installed(root: &Path) -> Option<BTreeSet<String>> {
    let mut places: Vec<PathBuf> = paths_of(root).collect();
    // `.venv` comes first, as it should where there are several.
    places.sort();
    places.extend(std::env::var_os("VIRTUAL_ENV").map(PathBuf::from));
    let environment = places.into_iter().find(|it| it.join("pyvenv.cfg").is_file())?;
    let mut names = BTreeSet::new();
    for folder in site_packages(&environment) {
        add_folder(&folder, &mut names);
        for file in paths_of(&folder).filter(|it| it.extension().is_some_and(|it| it == "pth")) {
            add_path_file(&file, &folder, &mut names);
        }
        for file in paths_of(&folder).filter(|it| is_finder(it)) {
            add_finder(&file, &mut names);
        }
    }
    Some(names)
}

/// Returns the folders from which the environment's modules are imported.
fn site_packages(environment: &Path) -> Vec<PathBuf> {
    let versions = ["lib", "lib64"].into_iter().flat_map(|lib| {
        let versions = paths_of(&environment.join(lib)).collect::<Vec<_>>();
        versions.into_iter().map(|version| version.join("site-packages"))
    });
    let mut found: Vec<PathBuf> = versions.collect();
    found.push(environment.join("Lib/site-packages"));
    found.retain(|it| it.is_dir());
    found
}

/// Adds the modules and packages of one folder of `sys.path`.
fn add_folder(folder: &Path, names: &mut BTreeSet<String>) {
    for path in paths_of(folder) {
        let Some(name) = path.file_name().and_then(|it| it.to_str()) else { continue };
        let module = if path.is_dir() { Some(name) } else { module_of(name) };
        names.extend(module.filter(|it| is_identifier(it)).map(str::to_owned));
    }
}

/// Returns the module that a file is: `a` of `a.py`, of `a.cpython-312-x86_64-linux-gnu.so`.
fn module_of(name: &str) -> Option<&str> {
    let (stem, rest) = name.split_once('.')?;
    matches!(rest.rsplit('.').next(), Some("py" | "pyi" | "pyc" | "so" | "pyd")).then_some(stem)
}

/// Follows the lines of a `.pth` file that are folders; the others are code.
fn add_path_file(file: &Path, folder: &Path, names: &mut BTreeSet<String>) {
    let text = fs::read_to_string(file).unwrap_or_default();
    let code = |line: &str| line.starts_with("import ") || line.starts_with("import\t");
    for line in text.lines().map(str::trim) {
        if !line.is_empty() && !line.starts_with('#') && !code(line) {
            add_folder(&folder.join(line), names);
        }
    }
}

/// Tells whether a file is what setuptools writes for an editable install.
fn is_finder(file: &Path) -> bool {
    let name = file.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    name.starts_with("__editable__") && name.ends_with("_finder.py")
}

/// Adds the keys of the finder's table: `MAPPING: dict[str, str] = {'pkg': '/src/pkg'}`.
fn add_finder(file: &Path, names: &mut BTreeSet<String>) {
    let text = fs::read_to_string(file).unwrap_or_default();
    let table = text.lines().find(|line| line.starts_with("MAPPING")).unwrap_or_default();
    let Some((_, table)) = table.split_once('{') else { return };
    for row in table.trim_end_matches('}').split(", ") {
        let key = row.split(':').next().unwrap_or_default().trim_matches(['\'', '"', ' ']);
        let top = key.split('.').next().unwrap_or_default();
        if is_identifier(top) {
            names.insert(top.to_owned());
        }
    }
}

/// Tells whether `name` can be a module, and is none of the tools' own.
fn is_identifier(name: &str) -> bool {
    let mut rest = name.chars();
    rest.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && rest.all(|c| c == '_' || c.is_alphanumeric())
        && name != "__pycache__"
        && !name.starts_with("__editable__")
}

/// Lists a folder; one that cannot be read has nothing in it.
fn paths_of(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}
