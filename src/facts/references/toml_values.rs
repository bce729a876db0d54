//! `pyproject.toml` and other TOML: which keys hold modules and paths.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::values::{Means, Of, Row, Value, meaning};
use crate::path::RepoPath;
use crate::text::Span;

use Means::{Command, Modules, Other, Paths, Whole};
use Of::{Keys, Values};

/// What the keys mean. Any other text, and any other key between quotes, is a reference where, whole, it
/// names something.
const ROWS: &[Row] = &[
    ("build-system backend-path", Values, Paths),
    ("build-system build-backend", Values, Modules),
    ("build-system requires", Values, Other),
    ("dependency-groups *", Values, Other),
    ("project dependencies", Values, Other),
    ("project entry-points * *", Values, Modules),
    ("project gui-scripts", Keys, Other),
    ("project gui-scripts *", Values, Modules),
    ("project keywords", Values, Other),
    ("project license", Values, Other),
    ("project name", Values, Other),
    ("project optional-dependencies", Keys, Other),
    ("project optional-dependencies *", Values, Other),
    ("project readme", Values, Paths),
    ("project scripts", Keys, Other),
    ("project scripts *", Values, Modules),
    ("tool bandit exclude_dirs", Values, Paths),
    ("tool coverage run omit", Values, Paths),
    ("tool coverage run source", Values, Modules),
    ("tool coverage run source_pkgs", Values, Modules),
    ("tool deptry known_first_party", Values, Modules),
    ("tool django-stubs django_settings_module", Values, Modules),
    ("tool flit entrypoints * *", Values, Modules),
    ("tool flit module name", Values, Modules),
    ("tool flit scripts *", Values, Modules),
    ("tool hatch build *", Values, Paths),
    ("tool hatch build targets * *", Values, Paths),
    ("tool hatch envs * scripts *", Values, Command),
    ("tool hatch version path", Values, Paths),
    ("tool importlinter contracts containers", Values, Modules),
    ("tool importlinter contracts forbidden_modules", Values, Modules),
    ("tool importlinter contracts ignore_imports", Values, Modules),
    ("tool importlinter contracts layers", Values, Modules),
    ("tool importlinter contracts modules", Values, Modules),
    ("tool importlinter contracts source_modules", Values, Modules),
    ("tool importlinter root_package", Values, Modules),
    ("tool importlinter root_packages", Values, Modules),
    ("tool isort known_*", Values, Modules),
    ("tool isort src_paths", Values, Paths),
    ("tool maturin module-name", Values, Modules),
    ("tool mypy files", Values, Paths),
    ("tool mypy modules", Values, Modules),
    ("tool mypy overrides module", Values, Modules),
    ("tool mypy packages", Values, Modules),
    ("tool mypy plugins", Values, Modules),
    ("tool pdm build includes", Values, Paths),
    ("tool pdm scripts *", Values, Command),
    ("tool pdm version path", Values, Paths),
    ("tool poe tasks *", Values, Command),
    ("tool poetry dependencies", Keys, Other),
    ("tool poetry name", Values, Other),
    ("tool poetry packages include", Values, Paths),
    ("tool poetry plugins * *", Values, Modules),
    ("tool poetry scripts", Keys, Other),
    ("tool poetry scripts *", Values, Modules),
    ("tool pylint * known-first-party", Values, Modules),
    ("tool pyright include", Values, Paths),
    ("tool pytest ini_options DJANGO_SETTINGS_MODULE", Values, Modules),
    ("tool pytest ini_options addopts", Values, Command),
    ("tool pytest ini_options testpaths", Values, Paths),
    ("tool ruff isort known-first-party", Values, Modules),
    ("tool ruff lint flake8-tidy-imports banned-api", Keys, Modules),
    ("tool ruff lint isort known-*", Values, Modules),
    ("tool ruff lint per-file-ignores", Keys, Paths),
    ("tool ruff src", Values, Paths),
    ("tool setuptools dynamic * attr", Values, Modules),
    ("tool setuptools dynamic * file", Values, Paths),
    ("tool setuptools exclude-package-data", Keys, Modules),
    ("tool setuptools package-data", Keys, Modules),
    ("tool setuptools package-dir", Keys, Modules),
    ("tool setuptools package-dir *", Values, Paths),
    ("tool setuptools packages", Values, Modules),
    ("tool setuptools packages find exclude", Values, Modules),
    ("tool setuptools packages find include", Values, Modules),
    ("tool setuptools py-modules", Values, Modules),
    ("tool setuptools_scm version_file", Values, Paths),
    ("tool setuptools_scm write_to", Values, Paths),
    ("tool taskipy tasks *", Values, Command),
    ("tool towncrier package", Values, Modules),
    ("tool uv build-backend module-name", Values, Modules),
    ("tool uv build-backend module-root", Values, Paths),
];

/// Finds the keys and values that are known; none in a text that does not parse.
pub(super) fn values(path: &RepoPath, source: &str) -> Vec<Value> {
    let Ok(table) = DeTable::parse(source) else { return Vec::new() };
    let mut reader = Reader { source, keys: Vec::new(), found: Vec::new() };
    match path.name() {
        b"ruff.toml" | b".ruff.toml" => reader.keys.extend(["tool", "ruff"]),
        _ => {}
    }
    reader.table(table.get_ref());
    reader.found
}

struct Reader<'a> {
    source: &'a str,
    keys: Vec<&'a str>,
    found: Vec<Value>,
}

impl<'a> Reader<'a> {
    fn table(&mut self, table: &'a DeTable<'_>) {
        for (key, value) in table {
            let means = meaning(ROWS, &self.keys, Keys);
            let quoted = || self.source[key.span()].starts_with(['"', '\'']).then_some(Whole);
            if let Some(means) = means.or_else(quoted) {
                self.add(key.span(), key.get_ref(), means, true);
            }
            self.keys.push(key.get_ref());
            self.value(value);
            self.keys.pop();
        }
    }

    fn value(&mut self, value: &'a Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(table),
            DeValue::Array(items) => items.iter().for_each(|it| self.value(it)),
            DeValue::String(text) => {
                let means = meaning(ROWS, &self.keys, Values).unwrap_or(Whole);
                self.add(value.span(), text, means, false);
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    /// Adds a text where it stands as it is, between quotes or without.
    fn add(&mut self, span: Span, text: &str, means: Means, key: bool) {
        let Some(written) = self.source.get(span.clone()) else { return };
        if let Some(at) = written.find(text).filter(|_| !text.is_empty()) {
            let bare_key = key && written.len() == text.len();
            let start = span.start + at;
            self.found.push(Value { span: start..start + text.len(), means, bare_key });
        }
    }
}
