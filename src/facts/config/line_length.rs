//! How long a line of code may be, by the formatters and linters that a project is set up for.

use toml::de::{DeTable, DeValue};

use crate::path::RepoPath;
use crate::text::ini;
use crate::tree::{ReadError, Tree};

/// What black and ruff take, where nothing else is said.
const USUAL: usize = 88;
/// What flake8 and pycodestyle take, where nothing else is said.
const BY_PEP8: usize = 79;

/// The longest lines that a project has, folder by folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineLengths(Vec<(RepoPath, usize)>);

impl LineLengths {
    /// Reads the configuration files of a tree.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(tree: &Tree) -> Result<Self, ReadError> {
        let mut found = Vec::new();
        let files = tree.entries().iter().filter(|(_, it)| it.mode.is_file());
        for (path, _) in files.filter(|(path, _)| may_tell(path)) {
            let text = tree.read(path)?;
            let told = told(path, &String::from_utf8_lossy(&text));
            found.extend(path.parent().zip(told));
        }
        Ok(Self(found))
    }

    /// Returns how many characters a line of a file may have: as the nearest folder above it says.
    #[must_use]
    pub fn of_file(&self, file: &RepoPath) -> usize {
        let near = self.0.iter().filter(|(folder, _)| file.is_under(folder) || folder.is_root());
        let nearest = near.max_by_key(|(folder, length)| (folder.depth(), *length));
        nearest.map_or(USUAL, |(_, length)| *length)
    }
}

fn may_tell(path: &RepoPath) -> bool {
    let names = ["pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini", ".flake8"];
    names.contains(&path.name_str())
}

/// Returns what one file says.
fn told(path: &RepoPath, text: &str) -> Option<usize> {
    match path.name_str() {
        "pyproject.toml" => {
            let table = DeTable::parse(text).ok()?.into_inner();
            let tools = table.get("tool")?.get_ref();
            let tool = child(tools, "ruff").or_else(|| child(tools, "black"));
            tool.map(|it| length(it).unwrap_or(USUAL))
        }
        "ruff.toml" | ".ruff.toml" => {
            let table = DeValue::Table(DeTable::parse(text).ok()?.into_inner());
            Some(length(&table).unwrap_or(USUAL))
        }
        _ => ini::sections(text).iter().filter(|it| it.name == "flake8").find_map(|it| {
            let written = it.get("max_line_length");
            written.map_or(Some(BY_PEP8), |it| it.trim().parse().ok())
        }),
    }
}

fn child<'v>(value: &'v DeValue<'v>, key: &str) -> Option<&'v DeValue<'v>> {
    let DeValue::Table(table) = value else { return None };
    table.get(key).map(toml::Spanned::get_ref)
}

fn length(tool: &DeValue<'_>) -> Option<usize> {
    let DeValue::Integer(length) = child(tool, "line-length")? else { return None };
    length.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Memory;

    #[track_caller]
    fn check(files: &[(&str, &str)], file: &str, expected: usize) {
        let tree = Tree::new(Memory::texts(files.iter().copied()).unwrap());
        let lengths = LineLengths::of(&tree).unwrap();
        assert_eq!(lengths.of_file(&RepoPath::new(file).unwrap()), expected, "{files:?}");
    }

    #[test]
    fn the_nearest_file_says() {
        check(&[], "a.py", 88);
        check(&[("pyproject.toml", "[tool.ruff]\nline-length = 100\n")], "a/b.py", 100);
        check(&[("pyproject.toml", "[tool.black]\n[tool.x]\nline-length = 9\n")], "b.py", 88);
        check(&[("pyproject.toml", "[project]\n"), (".flake8", "[flake8]\n")], "b.py", 79);
        check(&[("setup.cfg", "[flake8]\nmax-line-length = 120\n")], "b.py", 120);
        check(&[("ruff.toml", "line-length = 60"), ("a/.ruff.toml", "")], "a/b.py", 88);
        check(&[("a/ruff.toml", "line-length = 60")], "b/c.py", 88);
        check(&[("pyproject.toml", "[tool.ruff\n")], "b.py", 88);
    }
}
