//! Modules that are found, or whose names are made, while the program runs:
//! `iter_modules(__path__)`, `import_module(f"plugins.{name}")`.
//!
//! Only which package they are looked for in can be told, and often not even that.

use ruff_python_ast::{
    Expr, ExprCall, ExprFString, ExprStringLiteral, InterpolatedStringElement, Operator,
    StringFlags,
};

use super::super::model::{All, Listed, Listing};
use super::super::parse::{deeper, last_name, span};
use super::super::words;
use super::imports::number;
use super::paths::Folder;
use super::{Reader, Value};
use crate::text::Span;

/// Functions that import or find the module that they are told.
const LOADERS: [&str; 12] = [
    "__import__",
    "find_loader",
    "find_spec",
    "import_by_path",
    "import_module",
    "import_string",
    "importorskip",
    "load_module",
    "load_object",
    "locate",
    "resolve_name",
    "run_module",
];

/// The head of a name that is made while the program runs, as far as it can be told.
#[derive(Debug, Default)]
struct Head {
    /// Counts from the package of the file, one level up.
    own: bool,
    /// What is known of the text, from its start.
    text: String,
    /// Where the text stands in the source, if all of it stands in one place.
    span: Option<Span>,
    /// All of the expression is known.
    whole: bool,
}

impl<'a> Reader<'a> {
    /// Notes a call that lists modules, or that loads one whose name is made.
    pub(super) fn listing_call(&mut self, call: &'a ExprCall) {
        let Some(function) = last_name(&call.func) else { return };
        let first = call.arguments.args.first();
        match (function, &*call.func) {
            ("iter_modules" | "walk_packages", _) => {
                let path = call.arguments.find_argument_value("path", 0);
                if let Some(path) = path {
                    let of = self.listed_path(path);
                    self.list(of, function == "walk_packages", None, span(call));
                }
            }
            ("glob" | "rglob" | "iterdir", Expr::Attribute(it))
                if self.folder(&it.value).is_some() =>
            {
                let pattern = first.map(|it| literal(it).unwrap_or("*"));
                self.list_folder(&it.value, pattern, function == "rglob", span(call));
            }
            ("listdir" | "scandir" | "walk" | "glob" | "iglob", _) => {
                if let Some(folder) = first {
                    self.list_folder(folder, None, function == "walk", span(call));
                }
            }
            _ if LOADERS.contains(&function) => self.loaded(call),
            _ => {}
        }
    }

    /// Notes a name that begins with two parts or more, and goes on with what only the run tells.
    pub(super) fn made_name(&mut self, expression: &'a Expr) {
        let Some(head) = self.head(expression, false).filter(|it| !it.own && !it.whole) else {
            return;
        };
        let Some((package, _)) = head.text.rsplit_once('.') else { return };
        if package.contains('.') && words::is_dotted(package) {
            let of = Listed::Package { level: 0, module: package.to_owned() };
            let written = head.span.map(|it| it.start..it.start + package.len());
            self.list(of, true, written, span(expression));
        }
    }

    /// `import_module(f"plugins.{name}")`, `import_module("." + name, __package__)`.
    fn loaded(&mut self, call: &'a ExprCall) {
        self.loads = true;
        let named = ["name", "modname", "mod_name", "import_name"];
        let name = named.iter().find_map(|it| call.arguments.find_argument_value(it, 0));
        let level = call.arguments.find_argument_value("level", 4).and_then(number);
        let Some(head) = name.and_then(|it| self.head(it, true)) else {
            // `__import__(name, globals(), level=1)`.
            if let Some(level) = level.and_then(|it| u32::try_from(it).ok()).filter(|it| *it > 0) {
                let of = Listed::Package { level, module: String::new() };
                self.list(of, true, None, span(call));
            }
            return;
        };
        if head.whole {
            return self.loaded_below(call, &head);
        }
        let dots = head.text.len() - head.text.trim_start_matches('.').len();
        let level = u32::try_from(dots).unwrap_or(u32::MAX);
        let package = |text: &str| text.rsplit_once('.').map_or("", |(it, _)| it).to_owned();
        let of = if head.own {
            // `__name__ + ".x"`: the dot only divides.
            Listed::Package { level: 1, module: package(head.text.trim_start_matches('.')) }
        } else if dots == 0 {
            Listed::Package { level: 0, module: package(&head.text) }
        } else {
            match call.arguments.find_argument_value("package", 1) {
                Some(Expr::Name(it)) if matches!(it.id.as_str(), "__package__" | "__name__") => {
                    Listed::Package { level, module: package(&head.text[dots..]) }
                }
                Some(Expr::StringLiteral(it)) if dots == 1 => Listed::Package {
                    level: 0,
                    module: format!("{}{}", it.value.to_str(), package(&head.text)),
                },
                _ => Listed::Unknown,
            }
        };
        let Listed::Package { level, module } = &of else {
            return self.list(of, true, None, span(call));
        };
        if module.is_empty() && *level == 0 || !module.is_empty() && !words::is_dotted(module) {
            return;
        }
        // A package that is told apart, or the file's own, is not written before the rest.
        let here = !head.own && (*level > 0 || dots == 0);
        let written = head.span.filter(|_| here && !module.is_empty());
        let written = written.map(|it| it.start + dots..it.start + dots + module.len());
        self.list(of, true, written, span(call));
    }

    /// `__import__("plugins", fromlist=[name])`.
    fn loaded_below(&mut self, call: &ExprCall, head: &Head) {
        let taken = call.arguments.find_argument_value("fromlist", 3);
        let made = match taken {
            Some(Expr::List(it)) => it.elts.iter().any(|it| literal(it).is_none()),
            Some(Expr::Tuple(it)) => it.elts.iter().any(|it| literal(it).is_none()),
            _ => false,
        };
        if made && words::is_dotted(&head.text) {
            let of = Listed::Package { level: 0, module: head.text.clone() };
            self.list(of, true, None, span(call));
        }
    }

    /// Returns what an expression puts behind the name of the file's own package.
    pub(super) fn own_name(&self, expression: &Expr) -> Option<String> {
        self.head(expression, true).filter(|it| it.own && it.whole).map(|it| it.text)
    }

    pub(super) fn list(&mut self, of: Listed, deep: bool, written: Option<Span>, at: Span) {
        let line = self.lines.line(at.start);
        let same = |it: &Listing| it.of == of && it.line == line;
        if !self.facts.listings.iter().any(same) {
            self.facts.listings.push(Listing { of, deep, line, span: written });
        }
    }

    /// Notes a folder whose files are listed: of Python code by its pattern, or of anything.
    fn list_folder(&mut self, folder: &Expr, pattern: Option<&str>, deep: bool, at: Span) {
        let Some((from_file, mut parts)) = self.place_of(folder).map(Folder::into_parts) else {
            return;
        };
        parts.extend(pattern.into_iter().flat_map(|it| it.split('/')).map(str::to_owned));
        let starred = parts.iter().position(|it| it.contains('*'));
        let patterns = parts.split_off(starred.unwrap_or(parts.len()));
        let code = patterns.iter().any(|it| it.ends_with(".py"));
        let anything = patterns.iter().all(|it| !it.contains('.'));
        if code || anything {
            let deep = deep || patterns.iter().any(|it| it.contains("**"));
            let of = Listed::Folder { folder: parts.join("/"), from_file };
            let line = self.lines.line(at.start);
            self.folders.push((code, Listing { of, deep, line, span: None }));
        }
    }

    /// Keeps the listed folders that modules are looked for in: those listed by `*.py`, and all of
    /// them where the file loads modules or computes what it exports.
    pub(super) fn finish_listings(&mut self) {
        let loads = self.loads || matches!(self.facts.names.all, All::Dynamic(_));
        let folders = std::mem::take(&mut self.folders);
        let kept = folders.into_iter().filter(|(code, _)| *code || loads);
        self.facts.listings.extend(kept.map(|(_, it)| it));
        self.facts.listings.sort_by_key(|it| it.line);
    }

    /// Tells what the path that is searched for modules belongs to.
    fn listed_path(&self, path: &Expr) -> Listed {
        deeper(|| match path {
            Expr::Name(it) if it.id.as_str() == "__path__" => {
                Listed::Package { level: 1, module: String::new() }
            }
            Expr::Attribute(it) if it.attr.as_str() == "__path__" => self.listed_module(&it.value),
            Expr::List(it) if it.elts.len() == 1 => self.listed_path(&it.elts[0]),
            Expr::Tuple(it) if it.elts.len() == 1 => self.listed_path(&it.elts[0]),
            other => match self.place_of(other).map(Folder::into_parts) {
                Some((from_file, parts)) => Listed::Folder { folder: parts.join("/"), from_file },
                None => Listed::Unknown,
            },
        })
    }

    /// Tells which module an expression is.
    fn listed_module(&self, module: &Expr) -> Listed {
        if let Expr::Call(it) = module
            && matches!(last_name(&it.func), Some("import_module" | "__import__"))
            && let Some(name) = it.arguments.args.first().and_then(literal)
            && words::is_dotted(name)
        {
            return Listed::Package { level: 0, module: name.to_owned() };
        }
        if self.is_module(module) {
            return Listed::Package { level: 1, module: String::new() };
        }
        let mut first = module;
        while let Expr::Attribute(it) = first {
            first = &it.value;
        }
        let imported = matches!(first, Expr::Name(it) if self.origins.contains_key(it.id.as_str()));
        let Some(origin) = self.origin(module).filter(|_| imported) else { return Listed::Unknown };
        let name = origin.trim_start_matches('.');
        match u32::try_from(origin.len() - name.len()) {
            Ok(level) => Listed::Package { level, module: name.to_owned() },
            Err(_) => Listed::Unknown,
        }
    }

    /// Returns the head of the text that an expression makes; `loads` tells that it surely names a
    /// module, so that variables and the file's own name count.
    fn head(&self, expression: &Expr, loads: bool) -> Option<Head> {
        deeper(|| match expression {
            Expr::StringLiteral(it) => Some(whole(it)),
            Expr::Name(it) if loads => match (it.id.as_str(), self.value(it.id.as_str())) {
                ("__name__" | "__package__", _) => {
                    Some(Head { own: true, whole: true, ..Head::default() })
                }
                (_, Some(Value::Text(text))) => {
                    Some(Head { text: text.clone(), whole: true, ..Head::default() })
                }
                _ => None,
            },
            Expr::FString(it) => self.formatted(it, loads),
            Expr::BinOp(it) if it.op == Operator::Add => {
                // Each node of a long sum is asked for its head, so that must not go far.
                if !loads && !matches!(&*it.left, Expr::StringLiteral(_) | Expr::FString(_)) {
                    return None;
                }
                let left = self.head(&it.left, loads)?;
                if !left.whole {
                    return Some(left);
                }
                match loads.then(|| self.head(&it.right, loads)).flatten() {
                    Some(right) if !right.own => Some(joined(left, right)),
                    _ => Some(Head { whole: false, ..left }),
                }
            }
            Expr::BinOp(it) if it.op == Operator::Mod => template(&it.left, '%'),
            Expr::Call(it) => match &*it.func {
                Expr::Attribute(function) if function.attr.as_str() == "format" => {
                    template(&function.value, '{')
                }
                _ => None,
            },
            _ => None,
        })
    }

    fn formatted(&self, it: &ExprFString, loads: bool) -> Option<Head> {
        let mut head = Head { whole: true, ..Head::default() };
        for element in it.value.elements() {
            let next = match element {
                InterpolatedStringElement::Literal(it) => {
                    let text = it.value.to_string();
                    Some(Head { text, span: Some(span(it)), whole: true, own: false })
                }
                InterpolatedStringElement::Interpolation(it) if loads => {
                    self.head(&it.expression, loads)
                }
                InterpolatedStringElement::Interpolation(_) => None,
            };
            let first = head.text.is_empty() && !head.own;
            match next {
                Some(next) if first => head = next,
                Some(next) if !next.own => head = joined(head, next),
                _ => head.whole = false,
            }
            if !head.whole {
                break;
            }
        }
        (!head.text.is_empty() || head.own).then_some(head)
    }
}

/// Returns the text of a literal.
fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::StringLiteral(it) => Some(it.value.to_str()),
        _ => None,
    }
}

fn whole(it: &ExprStringLiteral) -> Head {
    let part = it.as_single_part_string();
    let within = part.map(|it| {
        let start = span(it).start + it.flags.opener_len().to_usize();
        start..start + it.as_str().len()
    });
    Head { own: false, text: it.value.to_str().to_owned(), span: within, whole: true }
}

/// `"a.b.%s" % name`, `"a.b.{}".format(name)`: what stands before the first `mark`.
fn template(text: &Expr, mark: char) -> Option<Head> {
    let Expr::StringLiteral(it) = text else { return None };
    let mut head = whole(it);
    head.text.truncate(head.text.find(mark)?);
    head.whole = false;
    Some(head)
}

fn joined(left: Head, right: Head) -> Head {
    let text = left.text + &right.text;
    // The package is most often all in the left part.
    Head { own: left.own, text, span: left.span, whole: right.whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::read;

    #[test]
    fn every_loader_is_found_in_functions() {
        for loader in LOADERS {
            let source = format!("def f():\n    {loader}(f'app.{{a}}')\n");
            let of = Listed::Package { level: 0, module: "app".to_owned() };
            let found = read(source.as_bytes(), (3, 12)).listings;
            assert!(matches!(&*found, [one] if one.of == of), "{source}");
        }
    }
}
