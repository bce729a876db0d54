//! The packages that a distribution is made of, where they are listed one by one: in `pyproject.toml`,
//! `setup.cfg` or `setup.py`.

use toml::de::{DeTable, DeValue};

use super::{Place, python_strings};
use crate::path::RepoPath;
use crate::text::Span;
use crate::text::ini::{Part, parts};

/// The names of packages in a list that holds nothing else: each where it stands, with its quotes.
pub type PackageList = Vec<(Span, String)>;

/// Tells whether a file may list packages.
#[must_use]
pub fn may_list_packages(path: &RepoPath) -> bool {
    matches!(path.name_str(), "pyproject.toml" | "setup.cfg" | "setup.py")
}

/// Returns the lists of packages in a file.
#[must_use]
pub fn package_lists(path: &RepoPath, source: &str) -> Vec<PackageList> {
    let found = match path.name_str() {
        "pyproject.toml" => in_toml(source),
        "setup.cfg" => in_ini(source),
        "setup.py" => return in_python(source),
        _ => None,
    };
    found.into_iter().filter(|it| !it.is_empty()).collect()
}

fn in_toml(source: &str) -> Option<PackageList> {
    let table = DeTable::parse(source).ok()?.into_inner();
    let mut value = table.get("tool")?.get_ref();
    for key in ["setuptools", "packages"] {
        let DeValue::Table(table) = value else { return None };
        value = table.get(key)?.get_ref();
    }
    let DeValue::Array(items) = value else { return None };
    let item = |it: &toml::Spanned<DeValue<'_>>| {
        Some((it.span(), it.get_ref().as_str().map(str::to_owned)?))
    };
    items.iter().map(item).collect()
}

fn in_ini(source: &str) -> Option<PackageList> {
    let mut found = Vec::new();
    let (mut section, mut key) = ("", "");
    for (part, span) in parts(source) {
        let text = &source[span.clone()];
        match part {
            Part::Section => (section, key) = (text, ""),
            Part::Key => key = text,
            Part::Line if (section, key) == ("options", "packages") => {
                found.push((span, text.to_owned()));
            }
            Part::Line => {}
        }
    }
    let is_name = |it: &str| it.chars().all(|it| it == '_' || it == '.' || it.is_alphanumeric());
    found.iter().all(|(_, name)| is_name(name)).then_some(found)
}

/// Finds `packages=[…]` with strings and nothing else.
fn in_python(source: &str) -> Vec<PackageList> {
    let strings = python_strings::regions(source);
    let list = |(at, word): (usize, &str)| {
        let is_word = |it: char| it == '_' || it == '.' || it.is_alphanumeric();
        if source[..at].ends_with(is_word) {
            return None;
        }
        let rest = source[at + word.len()..].trim_start().strip_prefix('=')?;
        let open = source.len() - rest.trim_start().strip_prefix(['[', '('])?.len();
        let close = open + source[open..].find([']', ')'])?;
        let mut found = Vec::new();
        let mut end = open;
        for (span, place) in strings.iter().filter(|(it, _)| open <= it.start && it.end <= close) {
            let between =
                source[end..span.start].trim_matches(|it: char| it.is_whitespace() || it == ',');
            if *place != Place::PythonString || !matches!(between, "'" | "\"") {
                return None;
            }
            found.push((span.start - 1..span.end + 1, source[span.clone()].to_owned()));
            end = span.end + 1;
        }
        let is_last = source[end..close].trim_matches(|it: char| it.is_whitespace() || it == ',');
        (is_last.is_empty() && !found.is_empty()).then_some(found)
    };
    source.match_indices("packages").filter_map(list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, source: &str, expected: &[&str]) {
        let lists = package_lists(&RepoPath::new(file).unwrap(), source);
        let shown: Vec<String> = lists
            .iter()
            .map(|list| {
                let items = list.iter().map(|(span, name)| {
                    assert_eq!(source[span.clone()].trim_matches(['"', '\'']), name);
                    name.as_str()
                });
                items.collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(shown, expected, "{source}");
    }

    #[test]
    fn lists_of_toml() {
        check("pyproject.toml", "[tool.setuptools]\npackages = [\"a\", 'a.b'] # c\n", &["a a.b"]);
        check("pyproject.toml", "[tool.setuptools.packages.find]\ninclude = [\"a\"]\n", &[]);
        check("pyproject.toml", "[tool.setuptools]\npackages = []\n", &[]);
    }

    #[test]
    fn lists_of_ini() {
        check("setup.cfg", "[options]\npackages =\n    a\n    # c\n    a.b\nx = y\n", &["a a.b"]);
        check("setup.cfg", "[options]\npackages = find:\n[x]\npackages = a\n", &[]);
    }

    #[test]
    fn lists_of_python() {
        check("setup.py", "setup(packages=['a', \"a.b\",\n], x=['c'])\n", &["a a.b"]);
        check("setup.py", "packages = (\n  'a',\n  'b'\n)\nnamespace_packages=['c']\n", &["a b"]);
        check("setup.py", "setup(packages=['a', *more], y=1)\nz(packages=['a' + b])\n", &[]);
        check("setup.py", "setup(packages=find_packages())\nz(packages=[x, 'a'])\n", &[]);
    }
}
