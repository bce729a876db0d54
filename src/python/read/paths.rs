//! The folders that expressions over `__file__` stand for.

use ruff_python_ast::{
    Expr, ExprCall, ExprFString, ExprStringLiteral, InterpolatedStringElement, Operator,
    StringFlags,
};

use super::super::own::{OwnBase, OwnStep, OwnText};
use super::super::parse::{deeper, last_name, span};
use super::imports::number;
use super::{Reader, Value};
use crate::text::Span;

/// A folder, or a file on the way to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its parts, normalised: only the first ones may be `..`. `__file__` is the part `FILE`.
    parts: Vec<String>,
    /// Where it begins; nothing where it counts from the working directory.
    pub(super) base: Option<OwnBase>,
    /// How it is written.
    pub(super) steps: Vec<OwnStep>,
    /// It is an object of `pathlib`.
    pub(super) object: bool,
}

/// Stands for the last part of `__file__`, which no other part can be.
const FILE: &str = "/";

impl Folder {
    fn new() -> Self {
        Self { parts: Vec::new(), base: None, steps: Vec::new(), object: false }
    }

    fn file() -> Self {
        Self { parts: vec![FILE.to_owned()], base: Some(OwnBase::File), ..Self::new() }
    }

    /// Returns what a name stands for that is bound to this by the expression at `bound`.
    fn named(&self, bound: &Span, name: Span) -> Self {
        let base = self.base.as_ref().map(|_| OwnBase::Name { bound: bound.clone(), name });
        Self { base, steps: Vec::new(), ..self.clone() }
    }

    fn joined(mut self, path: &str) -> Option<Self> {
        if path.starts_with(['/', '\\', '~']) || path.contains([':', '\0']) {
            return None;
        }
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => self.go_up(),
                name => self.parts.push(name.to_owned()),
            }
        }
        Some(self)
    }

    /// Joins a literal.
    fn join(self, literal: Literal<'_>) -> Option<Self> {
        let mut joined = self.joined(literal.text)?;
        joined.steps.push(match literal.place {
            Some((span, whole, joint)) => {
                let text = literal.text.to_owned();
                OwnStep::Text(OwnText { span, text, whole, joint })
            }
            None => OwnStep::Part(literal.text.to_owned()),
        });
        Some(joined)
    }

    fn go_up(&mut self) {
        match self.parts.last().map(String::as_str) {
            Some("..") | None => self.parts.push("..".to_owned()),
            Some(_) => drop(self.parts.pop()),
        }
    }

    fn parent(mut self, step: OwnStep) -> Self {
        self.go_up();
        self.steps.push(step);
        self
    }

    fn object(self, object: bool) -> Self {
        Self { object, ..self }
    }

    /// Returns whether it counts from the file's own folder, and its parts.
    pub(super) fn into_parts(self) -> (bool, Vec<String>) {
        (self.base.is_some(), self.parts)
    }

    /// Tells whether both are one place, as the same kind of value.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let kind = |it: &Self| (it.base.is_some(), it.object);
        self.parts == other.parts && kind(self) == kind(other)
    }

    /// Tells whether it leads to a file, as far as is known.
    pub(super) fn is_file(&self) -> bool {
        self.parts.iter().any(|it| it == FILE)
    }

    pub(super) fn text(&self) -> String {
        if self.parts.is_empty() { ".".to_owned() } else { self.parts.join("/") }
    }
}

impl<'a> Reader<'a> {
    /// Returns the folder that an expression stands for. A string alone is none: it may be anything.
    pub(super) fn folder(&self, expression: &Expr) -> Option<Folder> {
        deeper(|| match expression {
            Expr::Name(it) => match it.id.as_str() {
                "__file__" => Some(Folder::file()),
                name => match self.value(name)? {
                    Value::Folder(folder, bound) => Some(folder.named(bound, span(it))),
                    Value::Truth(_) | Value::ImportErrors | Value::Text(_) | Value::Each(_) => None,
                },
            },
            Expr::Attribute(it) if it.attr.as_str() == "parent" => {
                let dot = span(&*it.value).end..span(it).end;
                Some(self.folder(&it.value)?.parent(OwnStep::Parent(dot)).object(true))
            }
            Expr::Subscript(it) => self.folder_item(&it.value, &it.slice),
            Expr::BinOp(it) if matches!(it.op, Operator::Div | Operator::Add) => {
                let Expr::StringLiteral(right) = &*it.right else {
                    let right = self.part(&it.right).filter(|_| it.op == Operator::Div)?;
                    return self.folder(&it.left)?.join(Literal { text: &right, place: None });
                };
                let whole = span(&*it.left).end..span(right).end;
                let folder = self.folder(&it.left)?;
                match it.op {
                    Operator::Add => folder.join(self.literal_part(right, whole, None).slashed()?),
                    _ => folder.join(self.literal_part(right, whole, Some(" / "))),
                }
            }
            Expr::BoolOp(it) => self.folder(it.values.first()?),
            Expr::FString(it) => self.folder_text(it),
            Expr::Call(it) => self.folder_call(it),
            _ => None,
        })
    }

    /// `path.parents[n]`, `os.path.split(path)[0]`.
    fn folder_item(&self, object: &Expr, index: &Expr) -> Option<Folder> {
        let number = number(index)?;
        match object {
            Expr::Attribute(it) if it.attr.as_str() == "parents" => {
                let mut folder = self.folder(&it.value)?.object(true);
                let count = usize::from(u8::try_from(number).ok()?) + 1;
                (0..count).for_each(|_| folder.go_up());
                folder.steps.push(OwnStep::Parents(span(index), count));
                Some(folder)
            }
            Expr::Call(it) if number == 0 && self.is(&it.func, "os.path.split") => {
                Some(self.folder(it.arguments.args.first()?)?.parent(OwnStep::Up).object(false))
            }
            _ => None,
        }
    }

    /// `f"{folder}/lib"`.
    fn folder_text(&self, it: &ExprFString) -> Option<Folder> {
        let mut elements = it.value.elements();
        let InterpolatedStringElement::Interpolation(first) = elements.next()? else { return None };
        let folder = self.folder(&first.expression)?.object(false);
        match (elements.next(), elements.next()) {
            (None, _) => Some(folder),
            (Some(InterpolatedStringElement::Literal(tail)), None) => {
                let place = span(tail);
                let is_plain = self.source.get(place.clone()) == Some(&*tail.value);
                let place = is_plain.then(|| (place.clone(), place, None));
                folder.join(Literal { text: &tail.value, place }.slashed()?)
            }
            _ => None,
        }
    }

    fn folder_call(&self, call: &ExprCall) -> Option<Folder> {
        let arguments = &*call.arguments.args;
        let first = arguments.first();
        match (last_name(&call.func)?, &*call.func) {
            ("dirname", function) => {
                let (call, function) = (span(call), span(function));
                let step = OwnStep::Dirname { call, function, argument: span(first?) };
                Some(self.place_of(first?)?.parent(step).object(false))
            }
            ("abspath" | "realpath" | "normpath" | "str" | "fspath", _) => {
                Some(self.place_of(first?)?.object(false))
            }
            (name @ ("Path" | "PurePath" | "join"), _) if first.is_some() => {
                let folder = self.joined(self.place_of(first?)?, arguments)?;
                Some(folder.object(name != "join"))
            }
            ("Path" | "getcwd" | "cwd", _) => Some(Folder::new()),
            ("joinpath", Expr::Attribute(it)) => {
                let folder = self.folder(&it.value)?;
                match arguments {
                    [Expr::StringLiteral(only)] => {
                        let whole = span(&*it.value).end..span(call).end;
                        folder.join(self.literal_part(only, whole, Some(", ")))
                    }
                    _ => self.joined_all(folder, None, arguments),
                }
            }
            ("with_name", Expr::Attribute(it)) => {
                let Expr::StringLiteral(name) = first? else { return None };
                let folder = self.folder(&it.value)?.parent(OwnStep::Up);
                folder.join(Literal { text: name.value.to_str(), place: None })
            }
            ("resolve" | "absolute", Expr::Attribute(it)) => self.folder(&it.value),
            ("as_posix" | "__str__", Expr::Attribute(it)) => {
                Some(self.folder(&it.value)?.object(false))
            }
            ("getfile", _) => {
                let Expr::Call(frame) = first? else { return None };
                let own = self.is(&frame.func, "inspect.currentframe");
                own.then(Folder::file)
            }
            _ => None,
        }
    }

    /// Joins all arguments but the first one, which is `folder`.
    fn joined(&self, folder: Folder, arguments: &[Expr]) -> Option<Folder> {
        let (first, parts) = arguments.split_first()?;
        self.joined_all(folder, Some(span(first).end), parts)
    }

    /// Joins parts, of which the first one follows an argument that ends at `end`, or none.
    fn joined_all(
        &self,
        mut folder: Folder,
        mut end: Option<usize>,
        parts: &[Expr],
    ) -> Option<Folder> {
        for (index, part) in parts.iter().enumerate() {
            let own = span(part);
            let next = parts.get(index + 1).map(|it| span(it).start);
            let whole = match end {
                Some(end) => end..own.end,
                None => own.start..next.unwrap_or(own.end),
            };
            end = Some(own.end);
            folder = match part {
                Expr::StringLiteral(it) => folder.join(self.literal_part(it, whole, Some(", ")))?,
                other if self.is(other, "os.pardir") => folder.parent(OwnStep::Up),
                other if self.is(other, "os.curdir") => folder,
                other => folder.join(Literal { text: &self.part(other)?, place: None })?,
            };
        }
        Some(folder)
    }

    /// Returns the folder of an expression that is surely a path: a string is one here.
    pub(super) fn place_of(&self, argument: &Expr) -> Option<Folder> {
        match argument {
            Expr::StringLiteral(it) => Folder::new().joined(it.value.to_str()),
            other if self.is(other, "os.pardir") => Some(Folder::new().parent(OwnStep::Up)),
            other if self.is(other, "os.curdir") => Some(Folder::new()),
            other => self.folder(other),
        }
    }

    /// Returns the text of a name that stands for a path without a beginning of its own.
    fn part(&self, name: &Expr) -> Option<String> {
        match self.value(name.as_name_expr()?.id.as_str())? {
            Value::Folder(folder, _) if folder.base.is_none() => Some(folder.text()),
            Value::Folder(..)
            | Value::Truth(_)
            | Value::ImportErrors
            | Value::Text(_)
            | Value::Each(_) => None,
        }
    }

    /// Returns a literal and, where it stands there byte for byte, its place.
    fn literal_part<'l>(
        &self,
        it: &'l ExprStringLiteral,
        whole: Span,
        joint: Option<&'static str>,
    ) -> Literal<'l> {
        let text = it.value.to_str();
        let place = it.as_single_part_string().and_then(|part| {
            let start = span(part).start + part.flags.opener_len().to_usize();
            let within = start..start + text.len();
            (self.source.get(within.clone()) == Some(text)).then_some((within, whole, joint))
        });
        Literal { text, place }
    }
}

/// A literal part of a path: its text; where that stands, where it stands with what joins it, and
/// what stands between two of its kind.
struct Literal<'a> {
    text: &'a str,
    place: Option<(Span, Span, Option<&'static str>)>,
}

impl Literal<'_> {
    /// Takes the slash away that joins a text to what comes before it.
    fn slashed(self) -> Option<Self> {
        let text = self.text.strip_prefix('/')?;
        let place = self.place.map(|(span, whole, joint)| (span.start + 1..span.end, whole, joint));
        Some(Self { text, place })
    }
}
