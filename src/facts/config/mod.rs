//! What configuration files say about roots, dependencies and the Python version.
//!
//! Each file is read by itself, so what it says is known by its bytes. A file that cannot be read
//! says nothing: it is not for us to judge it.

use crate::path::RepoPath;

mod builds;
mod line_length;
mod literals;
mod pyproject;
mod requirements;
mod setup_cfg;
mod setup_py;

pub use line_length::LineLengths;

/// What one configuration file says. Paths count from its own folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// The name of the distribution that it describes.
    pub(super) name: Option<String>,
    /// It describes something that can be installed.
    pub(super) packaged: bool,
    /// Its folder is a project: what stands in it is imported from there.
    pub(super) project: bool,
    /// Its folder is a place where something is built or run.
    pub(super) workplace: bool,
    /// Folders that it puts on the path, and the key that does.
    pub(super) roots: Vec<(String, String)>,
    /// The distributions that it depends on, by normalised name.
    pub(super) requires: Vec<String>,
    /// Other files of requirements that it reads.
    pub(super) includes: Vec<String>,
    /// The oldest Python that it runs on.
    pub(super) oldest: Option<(u8, u8)>,
    /// The very Python that it runs on.
    pub(super) exactly: Option<(u8, u8)>,
    /// Packages that are installed under another name than their folder has: name and folder.
    pub(super) renamed: Vec<(String, String)>,
    /// Modules that a build makes.
    pub(super) generated: Vec<Generated>,
}

/// A module that is not in the tree until it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Generated {
    /// At a path, such as `src/pkg/_version.py`.
    Path(String),
    /// By its dotted name, such as `pkg._speedups`.
    Module(String),
    /// By the last part of its name; where it goes, the build knows.
    Somewhere(String),
}

impl Config {
    /// Notes where a package stands: that gives a root, unless the package has another name there.
    fn add_package(&mut self, package: &str, folder: &str, key: &str) {
        match pyproject::root_of_package(package, folder) {
            Some(root) => self.roots.push((root, key.to_owned())),
            None => self.renamed.push((package.to_owned(), folder.to_owned())),
        }
    }
}

/// The kinds of configuration files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// `pyproject.toml`.
    Pyproject,
    /// `setup.py`.
    SetupPy,
    /// `setup.cfg`, `tox.ini`, `pytest.ini`: sections that any of the three may hold.
    Ini,
    /// `requirements*.txt` and the like.
    Requirements,
    /// `Pipfile`.
    Pipfile,
    /// `environment.yml` of conda.
    Environment,
    /// `.python-version`.
    PythonVersion,
    /// `manage.py`: the folder of a Django project.
    Manage,
    /// `Dockerfile`.
    Dockerfile,
    /// `meson.build`.
    Meson,
    /// `CMakeLists.txt`.
    Cmake,
    /// `Cargo.toml`.
    Cargo,
}

/// Returns what kind of configuration file `path` is.
pub(super) fn kind_of(path: &RepoPath) -> Option<Kind> {
    let name = path.name_str();
    let kind = match name {
        "pyproject.toml" => Kind::Pyproject,
        "setup.py" => Kind::SetupPy,
        "setup.cfg" | "tox.ini" | "pytest.ini" | ".pytest.ini" => Kind::Ini,
        "Pipfile" => Kind::Pipfile,
        ".python-version" => Kind::PythonVersion,
        "manage.py" => Kind::Manage,
        "meson.build" => Kind::Meson,
        "CMakeLists.txt" => Kind::Cmake,
        "Cargo.toml" => Kind::Cargo,
        _ if name.starts_with("Dockerfile") || name.ends_with(".Dockerfile") => Kind::Dockerfile,
        _ => match path.extension() {
            "txt" | "in" | "pip" if is_requirements(path) => Kind::Requirements,
            "yml" | "yaml" if path.stem().starts_with("environment") => Kind::Environment,
            _ => return None,
        },
    };
    Some(kind)
}

/// Tells whether the name, or the name of the folder, says that a text file lists requirements.
fn is_requirements(path: &RepoPath) -> bool {
    let stem = path.stem().to_lowercase();
    let folder = path.parent().map(|it| it.name_str().to_lowercase()).unwrap_or_default();
    let says = |word: &str| word.contains("requirement") || matches!(word, "reqs" | "deps");
    !stem.starts_with("constraint") && (says(&stem) || says(&folder))
}

/// Returns the last parts of the names of the modules that a build may make of a source file:
/// `_fast` of `_fast.c`, `api_pb2` of `api.proto`.
pub(super) fn made_of(path: &RepoPath) -> Vec<String> {
    let stem = path.stem();
    match path.extension() {
        "c" | "cc" | "cpp" | "cxx" => {
            let short = stem.strip_suffix("module").map(str::to_owned);
            short.into_iter().chain([stem.to_owned()]).collect()
        }
        "proto" => {
            let stem = stem.replace('-', "_");
            vec![format!("{stem}_pb2"), format!("{stem}_pb2_grpc")]
        }
        // `_fast.pyx.in`, a template
        "in" | "tp" => stem.strip_suffix(".pyx").map(str::to_owned).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Reads one configuration file.
pub(super) fn read(kind: Kind, text: &str) -> Config {
    match kind {
        Kind::Pyproject => pyproject::read(text),
        Kind::SetupPy => setup_py::read(text),
        Kind::Ini => setup_cfg::read(text),
        Kind::Requirements => requirements::read(text),
        Kind::Pipfile => pyproject::read_pipfile(text),
        Kind::Environment => requirements::read_environment(text),
        Kind::PythonVersion => Config { exactly: version_in(text), ..Config::default() },
        Kind::Manage => Config { project: true, ..Config::default() },
        Kind::Dockerfile => Config { workplace: true, ..Config::default() },
        Kind::Meson => builds::read_meson(text),
        Kind::Cmake => builds::read_cmake(text),
        Kind::Cargo => builds::read_cargo(text),
    }
}

/// Returns the first `3.N` in a text: the lower bound of `>=3.9,<4`, of `^3.9`, of `3.9.*`. A bare `3`
/// says nothing.
fn version_in(text: &str) -> Option<(u8, u8)> {
    let lower = |part: &&str| !part.trim_start().starts_with(['<', '!']);
    text.split([',', '\n', '|']).filter(lower).find_map(|part| {
        let digits = part.trim_start_matches(|it: char| !it.is_ascii_digit());
        let mut numbers = digits.split(|it: char| !it.is_ascii_digit());
        let major = numbers.next()?.parse().ok().filter(|major| *major == 3)?;
        Some((major, numbers.next()?.parse().ok()?))
    })
}

/// Joins a path that a file names to the folder that it counts from; `None` where it leads outside.
pub(super) fn join(from: &RepoPath, folder: &str) -> Option<RepoPath> {
    let mut parts: Vec<&str> = from.as_str()?.split('/').filter(|part| !part.is_empty()).collect();
    for part in folder.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { Some(RepoPath::root()) } else { RepoPath::new(&parts.join("/")).ok() }
}
