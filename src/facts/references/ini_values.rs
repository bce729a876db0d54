//! `setup.cfg`, `tox.ini`, `.coveragerc` and other INI files: which keys hold modules and paths.

use super::values::{Means, Of, Row, Value, meaning};
use crate::text::Span;
use crate::text::ini::{Part, parts};

use Means::{Assigned, Command, Modules, Other, Paths, Whole};
use Of::{Keys, Values};

/// What the keys of the sections mean. A name of a section is the key of the file. Any other value is
/// a reference where a line of it, whole, names something.
const ROWS: &[Row] = &[
    ("Service Exec*", Values, Command),
    ("alembic script_location", Values, Paths),
    ("coverage:run omit", Values, Paths),
    ("coverage:run source", Values, Modules),
    ("coverage:run source_pkgs", Values, Modules),
    ("eventlistener:* command", Values, Command),
    ("fcgi-program:* command", Values, Command),
    ("flake8 application-import-names", Values, Modules),
    ("flake8 exclude", Values, Paths),
    ("flake8 extend-exclude", Values, Paths),
    ("flake8 per-file-ignores", Values, Paths),
    ("importlinter root_package", Values, Modules),
    ("importlinter root_packages", Values, Modules),
    ("importlinter:contract:* containers", Values, Modules),
    ("importlinter:contract:* forbidden_modules", Values, Modules),
    ("importlinter:contract:* ignore_imports", Values, Modules),
    ("importlinter:contract:* layers", Values, Modules),
    ("importlinter:contract:* modules", Values, Modules),
    ("importlinter:contract:* source_modules", Values, Modules),
    ("isort known_*", Values, Modules),
    ("isort src_paths", Values, Paths),
    ("logger_* qualname", Values, Modules),
    ("metadata name", Values, Other),
    ("metadata version", Values, Modules),
    ("mypy files", Values, Paths),
    ("mypy modules", Values, Modules),
    ("mypy packages", Values, Modules),
    ("mypy plugins", Values, Modules),
    ("options install_requires", Values, Other),
    ("options namespace_packages", Values, Modules),
    ("options packages", Values, Modules),
    ("options py_modules", Values, Modules),
    ("options test_suite", Values, Modules),
    ("options.entry_points *", Values, Assigned),
    ("options.exclude_package_data", Keys, Modules),
    ("options.extras_require *", Values, Other),
    ("options.package_data", Keys, Modules),
    ("options.packages.find exclude", Values, Modules),
    ("options.packages.find include", Values, Modules),
    ("program:* command", Values, Command),
    ("pytest DJANGO_SETTINGS_MODULE", Values, Modules),
    ("pytest addopts", Values, Command),
    ("pytest testpaths", Values, Paths),
    ("run omit", Values, Paths),
    ("run source", Values, Modules),
    ("run source_pkgs", Values, Modules),
    ("settings known_*", Values, Modules),
    ("settings src_paths", Values, Paths),
    ("testenv* commands", Values, Command),
    ("testenv* deps", Values, Other),
    ("tool:importlinter root_package", Values, Modules),
    ("tool:isort known_*", Values, Modules),
    ("tool:pytest DJANGO_SETTINGS_MODULE", Values, Modules),
    ("tool:pytest addopts", Values, Command),
    ("tool:pytest testpaths", Values, Paths),
    ("uwsgi module", Values, Modules),
];

/// Sections whose names go on with that of a module: `[mypy-a.b.*]`.
const SECTIONS: [&str; 1] = ["mypy-"];

/// Finds the keys, values and section names that are known.
pub(super) fn values(source: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let (mut section, mut key) = ("", "");
    for (part, span) in parts(source) {
        let text = &source[span.clone()];
        match part {
            Part::Section => {
                (section, key) = (text, "");
                if let Some(head) = SECTIONS.iter().find(|it| text.starts_with(**it)) {
                    found.push(value(span.start + head.len()..span.end, Modules));
                }
            }
            Part::Key => {
                key = text;
                found.extend(meaning(ROWS, &[section], Keys).map(|means| value(span, means)));
            }
            Part::Line => {
                let means = meaning(ROWS, &[section, key], Values).unwrap_or(Whole);
                found.extend(assigned(text, span, means));
            }
        }
    }
    found
}

fn value(span: Span, means: Means) -> Value {
    Value { span, means, bare_key: false }
}

/// Returns a line of a value; of `run = a.b:main` both sides of the equals sign.
fn assigned(text: &str, line: Span, means: Means) -> Vec<Value> {
    match text.find('=').filter(|_| means == Assigned) {
        Some(mark) => {
            let (left, right) = (line.start..line.start + mark, line.start + mark + 1..line.end);
            vec![value(left, Other), value(right, Modules)]
        }
        None if means == Assigned => Vec::new(),
        None => vec![value(line, means)],
    }
}
