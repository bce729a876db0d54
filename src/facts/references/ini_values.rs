//! `setup.cfg`, `tox.ini`, `.coveragerc` and other INI files: which keys hold modules and paths.

use super::values::{Means, Of, Row, Value, meaning};
use crate::text::Span;

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
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.split(']').next()) {
            (section, key) = (name.trim(), "");
            let module = SECTIONS.iter().find(|it| name.starts_with(**it));
            if let Some(head) = module {
                let span = start + 1 + head.len()..start + 1 + name.len();
                found.push(Value { span, means: Modules, bare_key: false });
            }
            continue;
        }
        let mut value = start..start + line.trim_end().len();
        if !line.starts_with([' ', '\t']) {
            let Some(mark) = line.find(['=', ':']) else { continue };
            key = line[..mark].trim_end();
            if let Some(means) = meaning(ROWS, &[section], Keys) {
                found.push(Value { span: start..start + key.len(), means, bare_key: false });
            }
            value.start = start + mark + 1;
        }
        let means = meaning(ROWS, &[section, key], Values).unwrap_or(Whole);
        found.extend(assigned(source, value, means));
    }
    found
}

/// Returns a line of a value; of `run = a.b:main` both sides of the equals sign.
fn assigned(source: &str, line: Span, means: Means) -> Vec<Value> {
    let value = |span, means| Value { span, means, bare_key: false };
    let text = source.get(line.clone()).unwrap_or_default();
    match text.find('=').filter(|_| means == Assigned) {
        Some(mark) => {
            let (left, right) = (line.start..line.start + mark, line.start + mark + 1..line.end);
            vec![value(left, Other), value(right, Modules)]
        }
        None if means == Assigned || line.is_empty() => Vec::new(),
        None => vec![value(line, means)],
    }
}
