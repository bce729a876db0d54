//! `setup.py`: the literals in it. It is a program, and is never run.

use super::literals::values_of;
use super::{Config, Generated, requirements, version_in};

/// Reads the file.
pub(super) fn read(text: &str) -> Config {
    let values = |names: &[&str]| values_of(text, |word| names.contains(&word)).into_iter();
    let first = |name: &str| values(&[name]).flatten().next().map(|it| it.text);
    let mut config = Config {
        name: first("name").as_deref().map(requirements::normalised),
        packaged: true,
        project: true,
        oldest: first("python_requires").as_deref().and_then(version_in),
        requires: vec!["setuptools".to_owned()],
        ..Config::default()
    };
    let lists = values_of(text, |word| {
        let word = word.to_lowercase();
        (word.contains("require") && word != "python_requires") || word.contains("dependencies")
    });
    for literal in lists.iter().flatten().filter(|it| !it.key) {
        config.requires.extend(literal.text.lines().filter_map(requirements::distribution));
    }
    for pair in values(&["package_dir"]).collect::<Vec<_>>().iter().flat_map(|it| it.chunks(2)) {
        if let [package, folder] = pair {
            config.add_package(&package.text, &folder.text, "package_dir");
        }
    }
    let finders = ["find_packages", "find_namespace_packages"];
    let positional = finders.iter().flat_map(|finder| text.split(finder).skip(1));
    let positional = positional.filter_map(first_argument).map(str::to_owned);
    let named = values(&["where"]).flatten().map(|it| it.text);
    let folders = positional.chain(named).map(|folder| (folder, "find_packages".to_owned()));
    config.roots.extend(folders);
    let extensions = values_of(text, |word| word.ends_with("Extension"));
    let names = extensions.into_iter().filter_map(|it| it.into_iter().next());
    config.generated.extend(names.map(|it| Generated::Module(it.text)));
    let written = values(&["write_to", "version_file"]).flatten();
    config.generated.extend(written.map(|it| Generated::Path(it.text)));
    config
}

/// Returns the first argument of a call, where it is a plain literal.
fn first_argument(after: &str) -> Option<&str> {
    let argument = after.strip_prefix('(')?.trim_start();
    let quote = argument.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    argument[1..].split_once(quote).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_and_nothing_is_run() {
        let config = read(
            "from setuptools import Extension, find_packages, setup\nrequires = ['redis>=4']\n\
             setup(\n    name='My_App',\n    package_dir={'': 'lib'},\n    packages=find_packages('lib'),\n    \
             install_requires=requires + ['flask'],\n    extras_require={'dev': ['pytest']},\n    \
             ext_modules=[Extension('app._fast', ['fast.c'])],\n    python_requires='>=3.8',\n)\n",
        );
        assert_eq!(config.name.as_deref(), Some("my-app"));
        assert_eq!(config.roots[0].0, "lib");
        for wanted in ["redis", "flask", "pytest", "setuptools"] {
            assert!(config.requires.iter().any(|it| it == wanted), "{wanted}");
        }
        assert!(!config.requires.iter().any(|it| it == "dev"), "a key is no requirement");
        let bare = read("setup(packages=find_packages(exclude=['tests']))");
        assert!(bare.roots.is_empty());
        assert_eq!(config.generated, [Generated::Module("app._fast".into())]);
        assert_eq!(config.oldest, Some((3, 8)));
    }
}
