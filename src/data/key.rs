//! The way to a value: `services.web.ports`, `project."optional dependencies"`, `steps[0]`,
//! `steps[name=Run tests].with`.

use std::fmt;

use super::{Is, Node, Value};

/// The way to a value, from the top of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub Vec<Part>);

/// One step on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A key of a table.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
    /// The items of a list that have this value under this key.
    Having(String, String),
}

impl Key {
    /// Reads a key as it is written in a playbook.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            if let Some(inner) = rest.strip_prefix('[') {
                let (part, after) =
                    item(inner).ok_or("`[` is followed by a number or `name=value`, and `]`")?;
                parts.push(part);
                rest = after;
            } else {
                let (key, after) = name(rest)?;
                parts.push(Part::Key(key));
                rest = after;
            }
            match (rest.strip_prefix('.'), rest) {
                (Some(after), _) if !after.starts_with('[') => rest = after,
                (None, "") => return Ok(Self(parts)),
                (None, more) if more.starts_with('[') => {}
                _ => return Err(format!("`{rest}` is no key")),
            }
        }
    }
}

/// Reads a plain or quoted name at the head of a text.
fn name(text: &str) -> Result<(String, &str), String> {
    for quote in ['"', '\''] {
        let Some(inner) = text.strip_prefix(quote) else { continue };
        let (name, after) = inner.split_once(quote).ok_or(format!("`{text}` lacks a quote"))?;
        return Ok((name.to_owned(), after));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    match text.split_at(end) {
        ("", _) => Err("a part between two dots is empty".to_owned()),
        (name, after) => Ok((name.to_owned(), after)),
    }
}

/// Reads what stands behind `[`, up to `]`.
fn item(text: &str) -> Option<(Part, &str)> {
    let end = text.find([']', '=', '"', '\''])?;
    if let Some((number, after)) = text.split_once(']').filter(|(it, _)| it.len() == end) {
        return Some((Part::Item(number.parse().ok()?), after));
    }
    let (key, value) = text.split_once('=')?;
    let (key, _) = name(key.trim()).ok()?;
    let value = value.trim_start();
    let quoted = value.starts_with(['"', '\'']).then(|| name(value).ok()).flatten();
    let (value, after) = match quoted {
        Some((value, after)) => (value, after.trim_start().strip_prefix(']')?),
        None => {
            let (value, after) = value.split_once(']')?;
            (value.trim_end().to_owned(), after)
        }
    };
    Some((Part::Having(key, value), after))
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            match part {
                Part::Key(key) if key.is_empty() || key.contains(['.', '[', '"', ' ']) => {
                    write!(out, "{dot}\"{key}\"")?;
                }
                Part::Key(key) => write!(out, "{dot}{key}")?,
                Part::Item(at) => write!(out, "[{at}]")?,
                Part::Having(key, value) => write!(out, "[{key}={value}]")?,
            }
        }
        Ok(())
    }
}

/// Tells whether an item of a list has a value under a key.
pub(super) fn has(node: &Node, key: &str, value: &str) -> bool {
    let Is::Map(entries) = &node.is else { return false };
    let Some(entry) = entries.iter().find(|it| it.key == key) else { return false };
    match &entry.value.is {
        Is::Scalar(Value::Text(text) | Value::Other(text) | Value::Date(text)) => text == value,
        Is::Scalar(Value::Integer(number)) => number.to_string() == value,
        Is::Scalar(Value::Float(number)) => format!("{number:?}") == value,
        Is::Scalar(Value::Bool(yes)) => yes.to_string() == value,
        Is::Scalar(_) | Is::List(_) | Is::Map(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Part]) {
        assert_eq!(Key::new(text).unwrap().0, expected);
    }

    fn key(text: &str) -> Part {
        Part::Key(text.to_owned())
    }

    #[test]
    fn keys_are_parts_between_dots() {
        check("a", &[key("a")]);
        check("tool.ruff.line-length", &[key("tool"), key("ruff"), key("line-length")]);
        check("a.\"b.c\".'d'", &[key("a"), key("b.c"), key("d")]);
        check("a[0].b[12]", &[key("a"), Part::Item(0), key("b"), Part::Item(12)]);
        check("[1].a", &[Part::Item(1), key("a")]);
        let having = |key: &str, value: &str| Part::Having(key.to_owned(), value.to_owned());
        check("s[name=Run tests].run", &[key("s"), having("name", "Run tests"), key("run")]);
        check("s[uses=actions/checkout@v4]", &[key("s"), having("uses", "actions/checkout@v4")]);
        check("s[ 'a.b' = \"x]\" ]", &[key("s"), having("a.b", "x]")]);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", ".a", "a..b", "a.", "a[", "a[x]", "a[0", "a.[0]", "\"a", "\"a\"b", "a[0]b"]
        {
            assert!(Key::new(text).is_err(), "{text}");
        }
    }
}
