//! The lists of requirements of a `pyproject.toml`; all else in it stays as it is.

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::StepError;
use super::wanted::{List, Wanted};
use crate::path::RepoPath;
use crate::text::Lines;
use crate::text::requirement::Requirement;

/// Which list of the project is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// `[project] dependencies`.
    Dependencies,
    /// A list of `[project.optional-dependencies]`.
    Extra(&'a str),
    /// A list of `[dependency-groups]`.
    Group(&'a str),
}

/// A `pyproject.toml`, and one of its lists.
#[derive(Debug)]
pub(super) struct Project<'a> {
    document: DocumentMut,
    place: Place<'a>,
}

impl<'a> Project<'a> {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is no TOML, has no project, or says that its requirements are elsewhere.
    pub(super) fn read(path: &RepoPath, text: &str, place: Place<'a>) -> Result<Self, StepError> {
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            StepError::new(format!("`{path}` is no TOML: {}", error.message()))
        })?;
        let key = match place {
            Place::Dependencies => "dependencies",
            Place::Extra(_) => "optional-dependencies",
            Place::Group(_) => return Ok(Self { document, place }),
        };
        let Some(project) = document.get("project").and_then(Item::as_table_like) else {
            return Err(StepError::new(format!("`{path}` has no table `[project]`"))
                .with_hint("it needs a name and a version; `group` goes without"));
        };
        let dynamic = project.get("dynamic").and_then(Item::as_array);
        if dynamic.is_some_and(|it| it.iter().any(|it| it.as_str() == Some(key))) {
            let message =
                format!("`{path}` says that its `{key}` are `dynamic`, so found elsewhere");
            return Err(StepError::new(message));
        }
        Ok(Self { document, place })
    }

    fn keys(&self) -> Vec<&'a str> {
        match self.place {
            Place::Dependencies => vec!["project", "dependencies"],
            Place::Extra(name) => vec!["project", "optional-dependencies", name],
            Place::Group(name) => vec!["dependency-groups", name],
        }
    }

    /// Returns what the list asks for.
    pub(super) fn wanted(&self, path: &RepoPath, source: &str) -> Vec<Wanted> {
        let list = self.keys().iter().try_fold(self.document.as_item(), |item, key| item.get(key));
        let items = list.and_then(Item::as_array).into_iter().flatten();
        let lines = Lines::new(source);
        let wanted = |text: &str| {
            let requirement = Requirement::parse(text)?;
            let line = source.find(&format!("\"{text}\"")).or_else(|| source.find(text));
            let line = line.map_or(1, |it| lines.line(it));
            let (file, text) = (path.clone(), text.to_owned());
            Some(Wanted { requirement, file, line, text, bound: false })
        };
        items.filter_map(Value::as_str).filter_map(wanted).collect()
    }

    /// Writes the list.
    ///
    /// # Errors
    /// When something else stands in its place.
    pub(super) fn write(mut self, list: &List, gone: &[String]) -> Result<String, StepError> {
        let keys = self.keys();
        let array = array(self.document.as_table_mut(), &keys)?;
        for (was, is) in &list.there {
            let at = array.iter().position(|it| it.as_str() == Some(&was.text));
            let Some(at) = at else { continue };
            if gone.contains(&was.text) {
                array.remove(at);
            } else if let Some(is) = is {
                array.replace(at, is.to_string());
            }
        }
        for one in &list.new {
            push(array, &one.requirement.to_string());
        }
        Ok(self.document.to_string())
    }
}

/// Returns the list at `keys`, made where there is none.
fn array<'t>(table: &'t mut Table, keys: &[&str]) -> Result<&'t mut Array, StepError> {
    let shown = keys.join(".");
    let wrong = || StepError::new(format!("`{shown}` is no list"));
    let (last, tables) = keys.split_last().ok_or_else(wrong)?;
    let mut item: &mut dyn toml_edit::TableLike = table;
    for key in tables {
        item =
            item.entry(key).or_insert(toml_edit::table()).as_table_like_mut().ok_or_else(wrong)?;
    }
    let fresh = || {
        let mut array = Array::new();
        array.set_trailing_comma(true);
        array.set_trailing("\n");
        Item::Value(Value::Array(array))
    };
    item.entry(last).or_insert_with(fresh).as_array_mut().ok_or_else(wrong)
}

/// Adds an item that stands as the last one does.
fn push(array: &mut Array, text: &str) {
    let mut value = Value::from(text);
    let own = |it: &Value| it.decor().prefix().and_then(|it| it.as_str()).map(str::to_owned);
    let last = array.iter().last().and_then(own);
    let spread = array.trailing().as_str().unwrap_or_default().to_owned();
    let indent = last.as_deref().and_then(|it| it.rfind('\n').map(|at| it[at..].to_owned()));
    let prefix = match (indent, array.is_empty()) {
        (Some(indent), _) => {
            // A comment behind the last item stays behind it.
            let comment = spread.trim_end().to_owned();
            array.set_trailing("\n");
            format!("{comment}{indent}")
        }
        (None, true) if spread.contains('\n') => "\n    ".to_owned(),
        (None, true) => String::new(),
        (None, false) => " ".to_owned(),
    };
    value.decor_mut().set_prefix(prefix);
    array.push_formatted(value);
}
