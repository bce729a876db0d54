//! Insertions into `sys.path`, and the folders that expressions over `__file__` stand for.

use ruff_python_ast::{Expr, ExprCall, InterpolatedStringElement, Operator};

use super::super::model::PathInsert;
use super::super::parse::{deeper, last_name, span};
use super::imports::number;
use super::{Reader, Value};

/// A folder, or a file on the way to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Counts from the folder of the file, else from the working directory.
    from_file: bool,
    /// Its parts, normalised: only the first ones may be `..`. `__file__` is the part `FILE`.
    parts: Vec<String>,
}

/// Stands for the last part of `__file__`, which no other part can be.
const FILE: &str = "/";

impl Folder {
    fn new(from_file: bool) -> Self {
        Self { from_file, parts: Vec::new() }
    }

    fn file() -> Self {
        Self { from_file: true, parts: vec![FILE.to_owned()] }
    }

    fn join(mut self, path: &str) -> Option<Self> {
        if path.starts_with(['/', '\\', '~']) || path.contains([':', '\0']) {
            return None;
        }
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => self = self.parent(),
                name => self.parts.push(name.to_owned()),
            }
        }
        Some(self)
    }

    fn parent(mut self) -> Self {
        match self.parts.last().map(String::as_str) {
            Some("..") | None => self.parts.push("..".to_owned()),
            Some(_) => drop(self.parts.pop()),
        }
        self
    }

    fn text(&self) -> String {
        if self.parts.is_empty() { ".".to_owned() } else { self.parts.join("/") }
    }
}

impl<'a> Reader<'a> {
    /// `sys.path.insert(0, folder)`, `.append(folder)`, `.extend([folder])`.
    pub(super) fn path_called(&mut self, object: &Expr, method: &str, call: &'a ExprCall) {
        if !self.is(object, "sys.path") {
            return;
        }
        match (method, &*call.arguments.args) {
            ("insert", [_, folder]) => self.insert(folder, false),
            ("append", [folder]) => self.insert(folder, true),
            ("extend", [folders]) => self.insert_all(folders, true),
            _ => {}
        }
    }

    /// `site.addsitedir(folder)`.
    pub(super) fn site_added(&mut self, call: &'a ExprCall) {
        if let ([folder], true) = (&*call.arguments.args, self.is(&call.func, "site.addsitedir")) {
            self.insert(folder, true);
        }
    }

    /// `sys.path = [folder] + sys.path`, `sys.path[0:0] = [folder]`.
    pub(super) fn path_assigned(&mut self, target: &Expr, value: &'a Expr) {
        let list = match target {
            Expr::Subscript(it) if it.slice.is_slice_expr() => &it.value,
            other => other,
        };
        if self.is(list, "sys.path") {
            self.insert_all(value, false);
        }
    }

    /// `sys.path += [folder]`.
    pub(super) fn path_extended(&mut self, target: &Expr, value: &'a Expr) {
        if self.is(target, "sys.path") {
            self.insert_all(value, true);
        }
    }

    fn insert_all(&mut self, folders: &'a Expr, last: bool) {
        deeper(|| match folders {
            Expr::List(it) => it.elts.iter().for_each(|it| self.insert(it, last)),
            Expr::Tuple(it) => it.elts.iter().for_each(|it| self.insert(it, last)),
            Expr::BinOp(it) if it.op == Operator::Add => {
                self.insert_all(&it.left, last);
                self.insert_all(&it.right, last || self.is(&it.left, "sys.path"));
            }
            _ => {}
        });
    }

    fn insert(&mut self, expression: &Expr, last: bool) {
        let Some(folder) = self.place_of(expression) else { return };
        // A file on `sys.path` is an archive or a slip.
        if folder.parts.iter().any(|it| it == FILE) {
            return;
        }
        self.facts.path_inserts.push(PathInsert {
            folder: folder.text(),
            from_file: folder.from_file,
            last,
            line: self.lines.line(span(expression).start),
        });
    }

    /// Returns the folder that an expression stands for. A string alone is none: it may be anything.
    pub(super) fn folder(&self, expression: &Expr) -> Option<Folder> {
        deeper(|| match expression {
            Expr::Name(it) => match it.id.as_str() {
                "__file__" => Some(Folder::file()),
                name => match self.value(name)? {
                    Value::Folder(folder) => Some(folder.clone()),
                    Value::Truth(_) | Value::ImportErrors => None,
                },
            },
            Expr::Attribute(it) if it.attr.as_str() == "parent" => {
                Some(self.folder(&it.value)?.parent())
            }
            Expr::Subscript(it) => self.folder_item(&it.value, number(&it.slice)?),
            Expr::BinOp(it) if matches!(it.op, Operator::Div | Operator::Add) => {
                let Expr::StringLiteral(right) = &*it.right else { return None };
                let right = right.value.to_str();
                let tail = match it.op {
                    Operator::Add => right.strip_prefix('/')?,
                    _ => right,
                };
                self.folder(&it.left)?.join(tail)
            }
            Expr::BoolOp(it) => self.folder(it.values.first()?),
            Expr::FString(it) => self.folder_text(it),
            Expr::Call(it) => self.folder_call(it),
            _ => None,
        })
    }

    /// `path.parents[n]`, `os.path.split(path)[0]`.
    fn folder_item(&self, object: &Expr, index: i64) -> Option<Folder> {
        match object {
            Expr::Attribute(it) if it.attr.as_str() == "parents" => {
                let mut folder = self.folder(&it.value)?;
                for _ in 0..=u8::try_from(index).ok()? {
                    folder = folder.parent();
                }
                Some(folder)
            }
            Expr::Call(it) if index == 0 && self.is(&it.func, "os.path.split") => {
                Some(self.folder(it.arguments.args.first()?)?.parent())
            }
            _ => None,
        }
    }

    /// `f"{folder}/lib"`.
    fn folder_text(&self, it: &ruff_python_ast::ExprFString) -> Option<Folder> {
        let mut elements = it.value.elements();
        let InterpolatedStringElement::Interpolation(first) = elements.next()? else { return None };
        let folder = self.folder(&first.expression)?;
        match (elements.next(), elements.next()) {
            (None, _) => Some(folder),
            (Some(InterpolatedStringElement::Literal(tail)), None) => {
                folder.join(tail.value.strip_prefix('/')?)
            }
            _ => None,
        }
    }

    fn folder_call(&self, call: &ExprCall) -> Option<Folder> {
        let arguments = &*call.arguments.args;
        let first = arguments.first();
        match (last_name(&call.func)?, &*call.func) {
            ("dirname", _) => Some(self.place_of(first?)?.parent()),
            ("abspath" | "realpath" | "normpath" | "str" | "fspath", _) => self.place_of(first?),
            ("Path" | "PurePath" | "join", _) if first.is_some() => {
                self.joined(self.place_of(first?)?, &arguments[1..])
            }
            ("Path" | "getcwd" | "cwd", _) => Some(Folder::new(false)),
            ("joinpath", Expr::Attribute(it)) => self.joined(self.folder(&it.value)?, arguments),
            ("resolve" | "absolute" | "as_posix" | "__str__", Expr::Attribute(it)) => {
                self.folder(&it.value)
            }
            ("getfile", _) => {
                let Expr::Call(frame) = first? else { return None };
                let own = self.is(&frame.func, "inspect.currentframe");
                own.then(Folder::file)
            }
            _ => None,
        }
    }

    fn joined(&self, mut folder: Folder, parts: &[Expr]) -> Option<Folder> {
        for part in parts {
            folder = match part {
                Expr::StringLiteral(it) => folder.join(it.value.to_str())?,
                other if self.is(other, "os.pardir") => folder.parent(),
                other if self.is(other, "os.curdir") => folder,
                _ => return None,
            };
        }
        Some(folder)
    }

    /// Returns the folder of an expression that is surely a path: a string is one here.
    fn place_of(&self, argument: &Expr) -> Option<Folder> {
        match argument {
            Expr::StringLiteral(it) => Folder::new(false).join(it.value.to_str()),
            other if self.is(other, "os.pardir") => Some(Folder::new(false).parent()),
            other if self.is(other, "os.curdir") => Some(Folder::new(false)),
            other => self.folder(other),
        }
    }
}
