//! Reads JSON, with the comments and trailing commas that editors allow.

use super::{Broken, DEEPEST, Entry, Form, Is, Node, Value};
use crate::text::Span;

/// Reads a whole text.
pub(super) fn read(source: &str) -> Result<Node, Broken> {
    let mut reader = Reader { source, at: 0 };
    reader.skip()?;
    let node = reader.value(0)?;
    reader.skip()?;
    match reader.at == source.len() {
        true => Ok(node),
        false => Err(reader.wrong("something follows the value")),
    }
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn wrong(&self, what: &str) -> Broken {
        Broken::at(self.source, self.at, what)
    }

    /// Takes a text, if it comes next.
    fn take(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    /// Passes blanks and comments.
    fn skip(&mut self) -> Result<(), Broken> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let length = match self.rest() {
                line if line.starts_with("//") => line.find('\n').unwrap_or(line.len()),
                block if block.starts_with("/*") => {
                    let end = block[2..].find("*/");
                    end.ok_or_else(|| self.wrong("a comment does not end"))? + 4
                }
                _ => return Ok(()),
            };
            self.at += length;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        if depth > DEEPEST {
            return Err(self.wrong("nested too deeply"));
        }
        let start = self.at;
        if self.take("{") {
            let entries = self.until('}', |it| {
                let (key, at) = it.string()?;
                it.skip()?;
                if !it.take(":") {
                    return Err(it.wrong("`:` is missing behind a key"));
                }
                it.skip()?;
                Ok(Entry { key, at, value: it.value(depth + 1)? })
            })?;
            return Ok(self.node(start, Is::Map(entries)));
        }
        if self.take("[") {
            let items = self.until(']', |it| it.value(depth + 1))?;
            return Ok(self.node(start, Is::List(items)));
        }
        if self.rest().starts_with('"') {
            let (text, span) = self.string()?;
            return Ok(Node::scalar(span, Value::Text(text)));
        }
        let rest = self.rest();
        let end =
            rest.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '+' | '-' | '.'));
        let word = &rest[..end.unwrap_or(rest.len())];
        let value = match serde_json::from_str(word) {
            Ok(serde_json::Value::Null) => Value::Null,
            Ok(serde_json::Value::Bool(yes)) => Value::Bool(yes),
            Ok(serde_json::Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Value::Integer(number),
                (None, Some(float)) if !number.is_u64() => Value::Float(float),
                (None, _) => Value::Other(word.to_owned()),
            },
            Ok(_) | Err(_) => return Err(self.wrong("a value is missing")),
        };
        self.at += word.len();
        Ok(Node::scalar(start..self.at, value))
    }

    fn node(&self, start: usize, is: Is) -> Node {
        Node { span: start..self.at, form: Form::Flow, is, anchor: None }
    }

    /// Reads what stands between brackets, with commas between.
    fn until<T>(
        &mut self,
        close: char,
        one: impl Fn(&mut Self) -> Result<T, Broken>,
    ) -> Result<Vec<T>, Broken> {
        let mut found = Vec::new();
        loop {
            self.skip()?;
            if self.rest().starts_with(close) {
                self.at += close.len_utf8();
                return Ok(found);
            }
            found.push(one(self)?);
            self.skip()?;
            if !self.take(",") && !self.rest().starts_with(close) {
                return Err(self.wrong("`,` or the end of a list or an object is missing"));
            }
        }
    }

    fn string(&mut self) -> Result<(String, Span), Broken> {
        let start = self.at;
        let wrong = || Broken::at(self.source, start, "a text between quotes is expected");
        let inner = self.rest().strip_prefix('"').ok_or_else(wrong)?;
        let mut escaped = false;
        let end = inner.find(|it| {
            let ends = it == '"' && !escaped;
            escaped = it == '\\' && !escaped;
            ends
        });
        let end = start + end.ok_or_else(wrong)? + 2;
        let text = serde_json::from_str(&self.source[start..end]).map_err(|_| wrong())?;
        self.at = end;
        Ok((text, start..end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the value to another reader of JSON.
    fn shown(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(yes) => (*yes).into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Text(text) | Value::Date(text) => text.as_str().into(),
            Value::Other(text) => serde_json::from_str(text).unwrap(),
            Value::List(items) => items.iter().map(shown).collect(),
            Value::Map(rows) => rows.iter().map(|(key, it)| (key.clone(), shown(it))).collect(),
        }
    }

    #[track_caller]
    fn check(source: &str, plain: &str) {
        let expected: serde_json::Value = serde_json::from_str(plain).unwrap();
        assert_eq!(shown(&read(source).unwrap().value()), expected);
    }

    #[test]
    fn json_reads_as_json() {
        for source in [
            r#"{"a": [1, -2.5e3, true, null, "x\"\\\u00e9\n"], "b": {}, "é": []}"#,
            " [ ] ",
            "12345678901234567890",
            "\"\"",
        ] {
            check(source, source);
        }
    }

    #[test]
    fn comments_and_trailing_commas_are_read() {
        check("// a\n{ /* b */ \"a\": [1, 2,], // c\n}\n", r#"{"a": [1, 2]}"#);
    }

    #[test]
    fn what_is_no_json_has_a_line() {
        let line = |source: &str| read(source).unwrap_err().line;
        assert_eq!(line("{\n  \"a\": 1\n  \"b\": 2\n}"), 3);
        assert_eq!(line("{\n  a: 1\n}"), 2);
        assert_eq!((line(""), line("[1\n"), line("1\n2"), line("[,]")), (1, 2, 2, 1));
        assert_eq!(line(&"[".repeat(100_000)), 1);
        assert_eq!((line("\"a"), line("/*"), line("[01]")), (1, 1, 1));
    }
}
