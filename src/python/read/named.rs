//! Strings that stand where only the name of a module can stand: `getLogger("app")`,
//! `PackageLoader("app")`, `sys.modules["app"]`. There one word alone is a module, too.
//!
//! What takes the name of a module is data: a row for each function, keyword and variable.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::Ranged;

use super::super::model::{Framework, Listed, Listing};
use super::super::parse::{deeper, last_name, span};
use super::Reader;

/// A function that takes a module's name, the place of the argument, and its keyword.
type Row = (&'static str, usize, &'static str);

/// Functions that are told by the last part of what they are called by.
const FUNCTIONS: [Row; 23] = [
    ("Celery", 10, "include"),
    ("PackageLoader", 0, "package_name"),
    ("assertLogs", 0, "logger"),
    ("assertNoLogs", 0, "logger"),
    ("at_level", 1, "logger"),
    ("autodiscover_tasks", 0, "packages"),
    ("config_from_object", 0, "obj"),
    ("declare_namespace", 0, "packageName"),
    ("find_namespace_packages", 1, "exclude"),
    ("find_namespace_packages", 2, "include"),
    ("find_packages", 1, "exclude"),
    ("find_packages", 2, "include"),
    ("find_spec", 0, "name"),
    ("getLogger", 0, "name"),
    ("loadTestsFromName", 0, "name"),
    ("register_assert_rewrite", 0, "names"),
    ("resource_exists", 0, "package_or_requirement"),
    ("resource_filename", 0, "package_or_requirement"),
    ("resource_isdir", 0, "package_or_requirement"),
    ("resource_listdir", 0, "package_or_requirement"),
    ("resource_stream", 0, "package_or_requirement"),
    ("resource_string", 0, "package_or_requirement"),
    ("set_level", 1, "logger"),
];

/// Functions whose last part is a common word, by their whole name.
const COMMON: [Row; 18] = [
    ("django.conf.urls.include", 0, "arg"),
    ("django.urls.include", 0, "arg"),
    ("flask.Flask", 0, "import_name"),
    ("importlib.import_module", 1, "package"),
    ("importlib.resources.as_file", 0, "path"),
    ("importlib.resources.contents", 0, "package"),
    ("importlib.resources.files", 0, "anchor"),
    ("importlib.resources.is_resource", 0, "package"),
    ("importlib.resources.open_binary", 0, "package"),
    ("importlib.resources.open_text", 0, "package"),
    ("importlib.resources.path", 0, "package"),
    ("importlib.resources.read_binary", 0, "package"),
    ("importlib.resources.read_text", 0, "package"),
    ("pkgutil.get_data", 0, "package"),
    ("pkgutil.get_loader", 0, "module_or_name"),
    ("pkgutil.resolve_name", 0, "name"),
    ("runpy.run_module", 0, "mod_name"),
    ("structlog.get_logger", 0, "name"),
];

/// Keywords of `setup(…)` and its like that take names of modules, as items or as keys.
const KEYWORDS: [&str; 9] = [
    "exclude_package_data",
    "hiddenimports",
    "namespace_packages",
    "package_data",
    "package_dir",
    "packages",
    "py_modules",
    "root_packages",
    "test_suite",
];

/// Variables that hold names of modules.
const VARIABLES: [&str; 16] = [
    "ASGI_APPLICATION",
    "AUTHENTICATION_BACKENDS",
    "CELERY_IMPORTS",
    "CELERY_INCLUDE",
    "DATABASE_ROUTERS",
    "INSTALLED_APPS",
    "MIDDLEWARE",
    "ROOT_URLCONF",
    "WSGI_APPLICATION",
    "__module__",
    "__package__",
    "collect_ignore_modules",
    "hiddenimports",
    "known_first_party",
    "py_modules",
    "pytest_plugins",
];

impl<'a> Reader<'a> {
    /// Notes the names of modules among the arguments of a call.
    pub(super) fn modules_told(&mut self, call: &'a ExprCall) {
        let Some(function) = last_name(&call.func) else { return };
        let origin = match &*call.func {
            Expr::Name(it) => self.origins.get(it.id.as_str()).cloned(),
            other if COMMON.iter().any(|it| it.0.ends_with(function)) => self.origin(other),
            _ => None,
        };
        let named = FUNCTIONS.iter().filter(|it| it.0 == function);
        let common = COMMON.iter().filter(|it| origin.as_deref() == Some(it.0));
        for (_, place, keyword) in named.chain(common) {
            self.told(call.arguments.find_argument_value(keyword, *place));
        }
        if function == "autodiscover_tasks" {
            let packages = call.arguments.find_argument_value("packages", 0);
            self.apps(packages, Framework::Celery);
        }
        if matches!(function, "setup" | "Analysis") {
            let keywords = call.arguments.keywords.iter();
            for keyword in keywords {
                let known = keyword.arg.as_ref().is_some_and(|it| KEYWORDS.contains(&it.as_str()));
                self.told(known.then_some(&keyword.value));
            }
        }
        // `sys.modules.pop("a")`, `setitem(sys.modules, "a", …)`, `patch.dict(sys.modules, {"a": …})`.
        let method = matches!(&*call.func, Expr::Attribute(it) if self.is_modules(&it.value));
        let arguments = &call.arguments.args;
        if method {
            self.told(arguments.first());
        } else if arguments.first().is_some_and(|it| self.is_modules(it)) {
            self.told(arguments.get(1));
        }
    }

    /// Notes the names of modules that a variable is given.
    pub(super) fn modules_assigned(&mut self, target: &Expr, value: &'a Expr) {
        if last_name(target).is_some_and(|it| VARIABLES.contains(&it)) {
            self.told(Some(value));
        }
        if last_name(target) == Some("INSTALLED_APPS") {
            self.apps(Some(value), Framework::Django);
        }
    }

    /// Notes the packages out of which a framework loads modules that it knows by their names.
    fn apps(&mut self, value: Option<&Expr>, framework: Framework) {
        match value {
            Some(Expr::List(it)) => it.elts.iter().for_each(|it| self.apps(Some(it), framework)),
            Some(Expr::Tuple(it)) => it.elts.iter().for_each(|it| self.apps(Some(it), framework)),
            Some(Expr::BinOp(it)) => deeper(|| {
                self.apps(Some(&it.left), framework);
                self.apps(Some(&it.right), framework);
            }),
            Some(Expr::StringLiteral(it)) => {
                let of = Listed::Apps { name: it.value.to_str().to_owned(), framework };
                let line = self.lines.line(span(it).start);
                self.facts.listings.push(Listing { of, deep: true, line, span: None });
            }
            Some(_) | None => {}
        }
    }

    /// Notes the module that `python -m` starts: `[sys.executable, "-m", "app"]`, `run("python", "-m",
    /// "app")`.
    pub(super) fn module_started(&mut self, elements: &'a [Expr]) {
        let is = |it: &Expr, words: &[&str]| {
            it.as_string_literal_expr().is_some_and(|it| words.contains(&it.value.to_str()))
        };
        let mut elements = elements.iter();
        let is_python =
            |it: &&Expr| is(it, &["python", "python3"]) || self.is(it, "sys.executable");
        if elements.next().as_ref().is_some_and(is_python) {
            let mut rest = elements.skip_while(|it| !is(it, &["-m"]));
            self.told(rest.nth(1));
        }
    }

    /// Notes the name of a module in `sys.modules["a"]`.
    pub(super) fn module_subscript(&mut self, object: &Expr, index: &'a Expr) {
        if self.is_modules(object) {
            self.told(Some(index));
        }
    }

    /// Notes the name of a module in `"a" in sys.modules`, `x.__module__ == "a"`.
    pub(super) fn modules_compared(&mut self, left: &'a Expr, right: &'a Expr) {
        let of_module =
            |it: &Expr| matches!(it, Expr::Attribute(it) if it.attr.as_str() == "__module__");
        if self.is_modules(right) || of_module(right) {
            self.told(Some(left));
        } else if of_module(left) {
            self.told(Some(right));
        }
    }

    fn is_modules(&self, object: &Expr) -> bool {
        match object {
            Expr::StringLiteral(it) => it.value.to_str() == "sys.modules",
            other => self.is(other, "sys.modules"),
        }
    }

    /// Notes the literals of a value: itself, its items, its keys.
    fn told(&mut self, value: Option<&'a Expr>) {
        let Some(value) = value else { return };
        deeper(|| match value {
            Expr::StringLiteral(it) => {
                self.told.insert(it.start());
            }
            Expr::List(it) => it.elts.iter().for_each(|it| self.told(Some(it))),
            Expr::Tuple(it) => it.elts.iter().for_each(|it| self.told(Some(it))),
            Expr::Set(it) => it.elts.iter().for_each(|it| self.told(Some(it))),
            Expr::Dict(it) => it.items.iter().for_each(|it| self.told(it.key.as_ref())),
            Expr::BinOp(it) => {
                self.told(Some(&it.left));
                self.told(Some(&it.right));
            }
            _ => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::read;

    /// Tells that `"app"` names a module in a function that does nothing else.
    #[track_caller]
    fn check(body: &str) {
        let source = format!(
            "import django.conf.urls, django.urls, flask, importlib.resources, pkgutil, runpy, structlog, sys\n\
             def f():\n    {body}\n"
        );
        let facts = read(source.as_bytes(), (3, 12));
        let told: Vec<_> = facts.literals.iter().filter(|it| it.module).collect();
        assert!(matches!(*told, [one] if one.text == "app"), "{source}");
    }

    #[test]
    fn all_that_is_told_a_module_is_found_in_functions() {
        for (function, place, keyword) in FUNCTIONS.into_iter().chain(COMMON) {
            check(&format!("{function}({}'app')", "a, ".repeat(place)));
            check(&format!("{function}({keyword}='app')"));
        }
        for keyword in KEYWORDS {
            check(&format!("setup({keyword}=['app'])"));
            check(&format!("Analysis({keyword}=['app'])"));
        }
        for variable in VARIABLES {
            check(&format!("{variable} = ['app']"));
            check(&format!("a.{variable} = ['app']"));
        }
        check("[sys.executable, '-u', '-m', 'app', 'x']");
        check("session.run('python', '-m', 'app')");
        check("sys.modules['app']");
        check("'app' in sys.modules");
        check("a.__module__ == 'app'");
        check("patch.dict('sys.modules', {'app': a})");
    }
}
