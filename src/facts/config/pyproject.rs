//! `pyproject.toml`: the standard tables, and those of the build backends and checkers.

use toml::{Table, Value};

use super::{Config, Generated, requirements, version_in};

/// Reads the file.
pub(super) fn read(text: &str) -> Config {
    let Ok(table) = text.parse::<Table>() else { return Config::default() };
    let mut config = Config::default();
    let root = Value::Table(table);
    identity(&mut config, &root);
    dependencies(&mut config, &root);
    setuptools(&mut config, &root);
    poetry(&mut config, &root);
    hatch(&mut config, &root);
    other_backends(&mut config, &root);
    for key in PATH_LISTS {
        let folders = texts(at(&root, key));
        config.roots.extend(folders.map(|folder| (folder.to_owned(), shown(key))));
    }
    config
}

/// Reads a `Pipfile`.
pub(super) fn read_pipfile(text: &str) -> Config {
    let Ok(table) = text.parse::<Table>() else { return Config::default() };
    let mut config = Config { project: true, ..Config::default() };
    let root = Value::Table(table);
    for key in [&["packages"][..], &["dev-packages"]] {
        config.requires.extend(keys(at(&root, key)).map(requirements::normalised));
    }
    let version = at(&root, &["requires", "python_version"]).and_then(Value::as_str);
    config.oldest = version.and_then(version_in);
    config
}

/// Keys that list folders of the path outright.
const PATH_LISTS: [&[&str]; 9] = [
    &["tool", "pytest", "ini_options", "pythonpath"],
    &["tool", "pytest", "pythonpath"],
    &["tool", "setuptools", "packages", "find", "where"],
    &["tool", "hatch", "build", "dev-mode-dirs"],
    &["tool", "hatch", "build", "sources"],
    &["tool", "hatch", "build", "targets", "wheel", "sources"],
    &["tool", "pyright", "extraPaths"],
    &["tool", "mypy", "mypy_path"],
    &["tool", "maturin", "python-source"],
];

/// Returns the folder from which a package is imported that stands in `folder`: `src` for `""` in
/// `src` and for `a.b` in `src/a/b`. A package that has another name than its folder gives none.
pub(super) fn root_of_package(package: &str, folder: &str) -> Option<String> {
    let folder = folder.trim_matches('/').trim_start_matches("./");
    if package.is_empty() {
        return Some(folder.to_owned());
    }
    let root = folder.strip_suffix(&package.replace('.', "/"))?;
    (root.is_empty() || root.ends_with('/')).then(|| root.trim_end_matches('/').to_owned())
}

fn identity(config: &mut Config, root: &Value) {
    let name = at(root, &["project", "name"]).or_else(|| at(root, &["tool", "poetry", "name"]));
    config.name = name.and_then(Value::as_str).map(requirements::normalised);
    config.packaged = config.name.is_some() || at(root, &["build-system"]).is_some();
    config.project = config.packaged;
    config.workplace = true;
    let python = at(root, &["project", "requires-python"])
        .or_else(|| at(root, &["tool", "poetry", "dependencies", "python"]));
    config.oldest = python.and_then(Value::as_str).and_then(version_in);
}

fn dependencies(config: &mut Config, root: &Value) {
    let lists: [&[&str]; 5] = [
        &["project", "dependencies"],
        &["build-system", "requires"],
        &["tool", "uv", "dev-dependencies"],
        &["tool", "flit", "metadata", "requires"],
        &["tool", "setuptools", "dynamic", "dependencies", "file"],
    ];
    for key in lists {
        let found = texts(at(root, key));
        if key.ends_with(&["file"]) {
            config.includes.extend(found.map(str::to_owned));
        } else {
            config.requires.extend(found.filter_map(requirements::distribution));
        }
    }
    let groups: [&[&str]; 4] = [
        &["project", "optional-dependencies"],
        &["dependency-groups"],
        &["tool", "pdm", "dev-dependencies"],
        &["tool", "flit", "metadata", "requires-extra"],
    ];
    for group in groups.iter().flat_map(|key| values(at(root, key))) {
        config.requires.extend(texts(Some(group)).filter_map(requirements::distribution));
    }
    for environment in values(at(root, &["tool", "hatch", "envs"])) {
        for key in ["dependencies", "extra-dependencies"] {
            let found = texts(at(environment, &[key])).filter_map(requirements::distribution);
            config.requires.extend(found);
        }
    }
}

fn setuptools(config: &mut Config, root: &Value) {
    for (package, folder) in rows(at(root, &["tool", "setuptools", "package-dir"])) {
        let key = shown(&["tool", "setuptools", "package-dir"]);
        folder.as_str().into_iter().for_each(|it| config.add_package(package, it, &key));
    }
    let files = [
        &["tool", "setuptools_scm", "write_to"][..],
        &["tool", "setuptools_scm", "version_file"],
        &["tool", "setuptools-scm", "version_file"],
        &["tool", "hatch", "build", "hooks", "vcs", "version-file"],
        &["tool", "pdm", "version", "write_to"],
        &["tool", "versioningit", "write", "file"],
        &["tool", "poetry-dynamic-versioning", "files"],
    ];
    for key in files {
        let paths = texts(at(root, key)).map(|path| Generated::Path(path.to_owned()));
        config.generated.extend(paths);
    }
    for extension in items(at(root, &["tool", "setuptools", "ext-modules"])) {
        let name = at(extension, &["name"]).and_then(Value::as_str);
        config.generated.extend(name.map(|name| Generated::Module(name.to_owned())));
    }
    let module = at(root, &["tool", "maturin", "module-name"]).and_then(Value::as_str);
    config.generated.extend(module.map(|name| Generated::Module(name.to_owned())));
}

fn poetry(config: &mut Config, root: &Value) {
    let poetry = at(root, &["tool", "poetry"]);
    let tables = ["dependencies", "dev-dependencies"].map(|key| poetry.and_then(|it| it.get(key)));
    let groups = values(poetry.and_then(|it| it.get("group"))).map(|it| it.get("dependencies"));
    for table in tables.into_iter().chain(groups) {
        config.requires.extend(keys(table).map(requirements::normalised));
    }
    for package in items(poetry.and_then(|it| it.get("packages"))) {
        if let Some(from) = package.get("from").and_then(Value::as_str) {
            config.roots.push((from.to_owned(), "[tool.poetry] packages".to_owned()));
        }
    }
}

fn hatch(config: &mut Config, root: &Value) {
    let keys: [&[&str]; 3] = [
        &["tool", "hatch", "build", "targets", "wheel", "packages"],
        &["tool", "hatch", "build", "packages"],
        &["tool", "scikit-build", "wheel", "packages"],
    ];
    for key in keys {
        for package in texts(at(root, key)) {
            let parent = package.trim_matches('/').rsplit_once('/').map_or("", |(it, _)| it);
            config.roots.push((parent.to_owned(), shown(key)));
        }
    }
    // `sources = { "src" = "" }`
    for key in PATH_LISTS.iter().filter(|key| key.ends_with(&["sources"])) {
        let stripped = rows(at(root, key)).filter(|(_, to)| to.as_str() == Some(""));
        config.roots.extend(stripped.map(|(from, _)| (from.to_owned(), shown(key))));
    }
}

fn other_backends(config: &mut Config, root: &Value) {
    let keys: [&[&str]; 3] = [
        &["tool", "pdm", "build", "package-dir"],
        &["tool", "pdm", "package-dir"],
        &["tool", "uv", "build-backend", "module-root"],
    ];
    for key in keys {
        let folder = at(root, key).and_then(Value::as_str);
        config.roots.extend(folder.map(|folder| (folder.to_owned(), shown(key))));
    }
    let environments = items(at(root, &["tool", "pyright", "executionEnvironments"]));
    for environment in environments {
        let folder = environment.get("root").and_then(Value::as_str);
        let key = "[tool.pyright] executionEnvironments".to_owned();
        config.roots.extend(folder.map(|folder| (folder.to_owned(), key)));
    }
}

/// Writes a key as the file would: `[tool.pytest.ini_options] pythonpath`.
fn shown(key: &[&str]) -> String {
    match key.split_last() {
        Some((last, table)) => format!("[{}] {last}", table.join(".")),
        None => String::new(),
    }
}

fn at<'a>(value: &'a Value, key: &[&str]) -> Option<&'a Value> {
    key.iter().try_fold(value, |value, part| value.as_table()?.get(*part))
}

fn rows(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let table = value.and_then(Value::as_table);
    table.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn keys(value: Option<&Value>) -> impl Iterator<Item = &str> {
    rows(value).map(|(key, _)| key)
}

fn values(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    rows(value).map(|(_, value)| value)
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// Returns the strings of a list, or the one string that stands for a list of one.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_str).into_iter().chain(items(value).filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(text: &str) -> Vec<String> {
        read(text).roots.into_iter().map(|(root, _)| root).collect()
    }

    #[test]
    fn each_backend_names_its_roots() {
        assert_eq!(roots("[tool.setuptools.package-dir]\n'' = 'src'"), ["src"]);
        assert_eq!(roots("[tool.setuptools.package-dir]\n'a.b' = 'lib/a/b'"), ["lib"]);
        assert_eq!(roots("[tool.setuptools.packages.find]\nwhere = ['lib']"), ["lib"]);
        assert_eq!(roots("[tool.poetry]\npackages = [{ include = 'a', from = 'py' }]"), ["py"]);
        assert_eq!(roots("[tool.hatch.build.targets.wheel]\npackages = ['src/a']"), ["src"]);
        assert_eq!(roots("[tool.hatch.build.targets.wheel.sources]\nsrc = ''"), ["src"]);
        assert_eq!(roots("[tool.pdm.build]\npackage-dir = 'x'"), ["x"]);
        assert_eq!(roots("[tool.uv.build-backend]\nmodule-root = ''"), [""]);
        assert_eq!(roots("[tool.pytest.ini_options]\npythonpath = ['.', 'lib']"), [".", "lib"]);
    }

    #[test]
    fn each_table_of_dependencies_counts() {
        let config = read(
            "[project]\nname = 'A_b'\nrequires-python = '>=3.9'\ndependencies = ['Redis>=4']\n\
             [project.optional-dependencies]\nx = ['flask']\n[dependency-groups]\n\
             dev = ['pytest', { include-group = 'x' }]\n[tool.poetry.group.t.dependencies]\n\
             moto = '*'\n[tool.setuptools_scm]\nwrite_to = 'src/a_b/_version.py'\n",
        );
        assert_eq!((config.name.as_deref(), config.oldest), (Some("a-b"), Some((3, 9))));
        assert_eq!(config.requires, ["redis", "flask", "pytest", "moto"]);
        assert_eq!(config.generated, [Generated::Path("src/a_b/_version.py".into())]);
    }

    #[test]
    fn a_file_that_is_no_toml_says_nothing() {
        assert_eq!(read("[project\nname ="), Config::default());
    }
}
