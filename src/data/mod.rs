//! TOML, YAML and JSON as trees that know where everything stands, and edits of them.
//!
//! Nothing is written anew: an edit is a few replacements of text, so comments, quotes, order and
//! indentation of all the rest stay. Each one is read again, and refused unless the file then says
//! what it said before, with that one difference.

use crate::path::RepoPath;
use crate::text::{Lines, Span};

mod block;
mod change;
mod doubled;
mod flow;
mod json;
mod key;
mod toml;
mod value;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

pub use change::{Change, Problem, change, changed};
pub use doubled::doubled;
pub use key::{Key, Part};
pub use value::Value;

/// How deep a file may be nested.
const DEEPEST: usize = 100;

/// A format that can be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// YAML; a file of several documents counts as a list of them.
    Yaml,
    /// JSON, with comments and trailing commas where there are some.
    Json,
}

impl Format {
    /// Tells the format of a file by its name.
    #[must_use]
    pub fn of(path: &RepoPath) -> Option<Self> {
        match (path.name_str(), path.extension()) {
            ("Pipfile" | "poetry.lock" | "uv.lock", _) | (_, "toml") => Some(Self::Toml),
            (".clang-format" | ".yamllint", _) | (_, "yml" | "yaml") => Some(Self::Yaml),
            (_, "json" | "jsonc" | "json5" | "ipynb" | "code-workspace") => Some(Self::Json),
            _ => None,
        }
    }

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        }
    }
}

/// Why a text is none of its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
}

impl Broken {
    fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        Self { line: Lines::new(source).line(offset), message: message.into() }
    }
}

/// A file that was read.
#[derive(Debug)]
struct Document<'a> {
    source: &'a str,
    format: Format,
    root: Node,
    /// Of TOML: its lines that say something, in order.
    statements: Vec<toml::Statement>,
}

/// A value, and where it stands.
#[derive(Debug, Clone)]
struct Node {
    /// The text of the value. In a block, from the first key or dash to the end of what is last.
    span: Span,
    form: Form,
    is: Is,
    /// The name of its anchor, in YAML.
    anchor: Option<String>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Between brackets, or a scalar.
    Flow,
    /// Over lines without brackets: the blocks of YAML, the tables of TOML.
    Block,
}

/// What a value is.
#[derive(Debug, Clone)]
enum Is {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    /// Where the key stands, its quotes included.
    at: Span,
    value: Node,
}

impl<'a> Document<'a> {
    fn read(format: Format, source: &'a str) -> Result<Self, Broken> {
        let (root, statements) = match format {
            Format::Toml => toml::read(source)?,
            Format::Yaml => (yaml::read(source)?, Vec::new()),
            Format::Json => (json::read(source)?, Vec::new()),
        };
        Ok(Self { source, format, root, statements })
    }

    fn line(&self, offset: usize) -> u32 {
        Lines::new(self.source).line(offset)
    }
}

impl Node {
    fn scalar(span: Span, value: Value) -> Self {
        Self { span, form: Form::Flow, is: Is::Scalar(value), anchor: None }
    }

    /// Returns what the node says, without how it is written.
    fn value(&self) -> Value {
        match &self.is {
            Is::Scalar(value) => value.clone(),
            Is::List(items) => Value::List(items.iter().map(Self::value).collect()),
            Is::Map(entries) => {
                let rows = entries.iter().map(|it| (it.key.clone(), it.value.value()));
                Value::Map(rows.collect())
            }
        }
    }

    /// Returns what a reader would call it.
    fn noun(&self) -> &'static str {
        match &self.is {
            Is::Scalar(value) => value.noun(),
            Is::List(_) => "a list",
            Is::Map(_) => "a table",
        }
    }
}
