//! `setup.cfg`, `tox.ini` and `pytest.ini`: each section wherever it may stand.

use super::{Config, requirements, version_in};
use crate::text::ini::{Section, sections};

/// Reads the file.
pub(super) fn read(text: &str) -> Config {
    let mut config = Config::default();
    for section in sections(text) {
        match section.name.as_str() {
            "metadata" => {
                config.name = section.get("name").map(requirements::normalised);
                config.packaged = config.name.is_some();
                config.project = config.packaged;
            }
            "options" => options(&mut config, &section),
            "options.packages.find" => {
                let key = "[options.packages.find] where";
                add_roots(&mut config, section.get("where"), key);
            }
            "options.extras_require" => {
                section
                    .keys
                    .iter()
                    .for_each(|(_, lines)| requirements::add_lines(&mut config, lines));
            }
            "pytest" | "tool:pytest" => {
                let key = format!("[{}] pythonpath", section.name);
                add_roots(&mut config, section.get("pythonpath"), &key);
            }
            "mypy" => add_roots(&mut config, section.get("mypy_path"), "[mypy] mypy_path"),
            name if name.starts_with("testenv") => {
                let lines = section.get("deps").unwrap_or_default();
                // `py311: pytest`
                let bare = lines.lines().map(|line| line.rsplit(": ").next().unwrap_or(line));
                bare.for_each(|line| requirements::add_lines(&mut config, line));
            }
            _ => {}
        }
    }
    config
}

fn options(config: &mut Config, section: &Section) {
    for key in ["install_requires", "tests_require", "setup_requires"] {
        requirements::add_lines(config, section.get(key).unwrap_or_default());
    }
    config.oldest = section.get("python_requires").and_then(version_in);
    for line in section.get("package_dir").unwrap_or_default().lines() {
        let Some((package, folder)) = line.split_once('=') else { continue };
        config.add_package(package.trim(), folder.trim(), "[options] package_dir");
    }
}

fn add_roots(config: &mut Config, folders: Option<&str>, key: &str) {
    let folders = folders.unwrap_or_default().split([' ', '\n', ',', ':']);
    let folders = folders.map(str::trim).filter(|folder| !folder.is_empty());
    config.roots.extend(folders.map(|folder| (folder.to_owned(), key.to_owned())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_setuptools_pytest_and_tox_are_read() {
        let config = read(
            "[metadata]\nname = My.Thing\n[options]\npackage_dir =\n    =src\ninstall_requires =\n    \
             redis\npython_requires = >=3.9\n[options.extras_require]\ndev = black\n[tool:pytest]\n\
             pythonpath = lib tests/lib\n[testenv]\ndeps =\n    tomli\n    py39: pytest\n",
        );
        assert_eq!(config.name.as_deref(), Some("my-thing"));
        let roots: Vec<&str> = config.roots.iter().map(|(root, _)| root.as_str()).collect();
        assert_eq!(roots, ["src", "lib", "tests/lib"]);
        assert_eq!(config.requires, ["redis", "black", "tomli", "pytest"]);
        assert_eq!(config.oldest, Some((3, 9)));
    }
}
