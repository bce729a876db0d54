//! Reads TOML, and edits its tables, which stand in lines all over a file.

#![expect(clippy::wildcard_enum_match_arm, reason = "most events of the parser mark a place only")]

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

use super::block::{line_after, line_end, line_start};
use super::key::Part;
use super::{Broken, DEEPEST, Document, Entry, Form, Is, Node, Value, write};
use crate::text::{Span, TextEdit};

/// A line that says something: a header, or a key with its value.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    /// What it defines.
    path: Vec<Part>,
    /// Of a key with its value: how much of the path the header above says.
    section: Option<usize>,
    /// All of it, without what follows on the line.
    span: Span,
}

/// Reads a whole text.
pub(super) fn read(source: &str) -> Result<(Node, Vec<Statement>), Broken> {
    if let Err(error) = toml::from_str::<toml::Table>(source) {
        let at = error.span().map_or(0, |it| it.start);
        return Err(Broken::at(source, at, error.message().lines().next().unwrap_or_default()));
    }
    let text = Source::new(source);
    let mut events: Vec<Event> = Vec::new();
    parse_document(&text.lex().into_vec(), &mut events, &mut ());
    let is_blank = |it: &Event| {
        matches!(it.kind(), EventKind::Whitespace | EventKind::Newline | EventKind::Comment)
    };
    events.retain(|it| !is_blank(it));
    let mut reader = Reader { source, events: &events, at: 0 };
    let root = Node { span: 0..0, form: Form::Block, is: Is::Map(Vec::new()), anchor: None };
    let mut file = File { root, statements: Vec::new(), section: Vec::new() };
    while let Some(event) = reader.next() {
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                let keys = reader.keys();
                let end = reader.next().map_or(source.len(), |it| it.span().end());
                let is_array = event.kind() == EventKind::ArrayTableOpen;
                file.header(keys, is_array, event.span().start()..end);
            }
            EventKind::SimpleKey => {
                reader.at -= 1;
                let keys = reader.keys();
                reader.next();
                let value = reader.value(0)?;
                file.pair(keys, value);
            }
            _ => {}
        }
    }
    Ok((file.root, file.statements))
}

struct Reader<'a> {
    source: &'a str,
    events: &'a [Event],
    at: usize,
}

/// A key and where it stands.
type Name = (String, Span);

impl Reader<'_> {
    fn next(&mut self) -> Option<Event> {
        let event = self.events.get(self.at).copied();
        self.at += 1;
        event
    }

    fn text(&self, event: Event) -> &str {
        self.source.get(event.span().start()..event.span().end()).unwrap_or_default()
    }

    fn scalar(text: &str) -> Value {
        match toml::de::ValueDeserializer::parse(text).map(serde::Deserialize::deserialize) {
            Ok(Ok(value)) => Value::from(<toml::Value as Into<toml::Value>>::into(value)),
            _ => Value::Other(text.to_owned()),
        }
    }

    /// Reads a key and what is dotted to it.
    fn keys(&mut self) -> Vec<Name> {
        let mut names = Vec::new();
        while let Some(event) = self.next() {
            match event.kind() {
                EventKind::SimpleKey => {
                    let text = self.text(event);
                    let name = match (event.encoding(), Self::scalar(text)) {
                        (Some(_), Value::Text(name)) => name,
                        _ => text.to_owned(),
                    };
                    names.push((name, event.span().start()..event.span().end()));
                }
                EventKind::KeySep => {}
                _ => break,
            }
        }
        self.at -= 1;
        names
    }

    fn value(&mut self, depth: usize) -> Result<Node, Broken> {
        let Some(event) = self.next() else {
            return Err(Broken::at(self.source, self.source.len(), "a value is missing"));
        };
        let start = event.span().start();
        if depth > DEEPEST {
            return Err(Broken::at(self.source, start, "nested too deeply"));
        }
        let mut inner =
            Node { span: 0..0, form: Form::Flow, is: Is::Map(Vec::new()), anchor: None };
        let mut items = Vec::new();
        match event.kind() {
            EventKind::ArrayOpen | EventKind::InlineTableOpen => {}
            _ => {
                return Ok(Node::scalar(start..event.span().end(), Self::scalar(self.text(event))));
            }
        }
        while let Some(next) = self.events.get(self.at).copied() {
            match next.kind() {
                EventKind::ArrayClose | EventKind::InlineTableClose => {
                    self.at += 1;
                    let span = start..next.span().end();
                    let is = if next.kind() == EventKind::ArrayClose {
                        Is::List(items)
                    } else {
                        inner.is
                    };
                    return Ok(Node { span, form: Form::Flow, is, anchor: None });
                }
                EventKind::ValueSep => self.at += 1,
                EventKind::SimpleKey => {
                    let keys = self.keys();
                    self.at += 1;
                    let value = self.value(depth + 1)?;
                    put(&mut inner, &keys, value);
                }
                _ => items.push(self.value(depth + 1)?),
            }
        }
        Err(Broken::at(self.source, start, "a bracket is not closed"))
    }
}

/// Returns the table of a key, made where it is missing. Of a list of tables, it is the last one.
fn table<'n>(node: &'n mut Node, (name, at): &Name, form: Form) -> Option<&'n mut Node> {
    let Is::Map(entries) = &mut node.is else { return None };
    let found = entries.iter().position(|it| it.key == *name);
    let index = found.unwrap_or(entries.len());
    if found.is_none() {
        let value = Node { span: at.clone(), form, is: Is::Map(Vec::new()), anchor: None };
        entries.push(Entry { key: name.clone(), at: at.clone(), value });
    }
    let value = &mut entries.get_mut(index)?.value;
    match value.form == Form::Block && matches!(value.is, Is::List(_)) {
        true => match &mut value.is {
            Is::List(items) => items.last_mut(),
            Is::Scalar(_) | Is::Map(_) => None,
        },
        false => Some(value),
    }
}

/// Returns the table that a dotted key leads to.
fn tables<'n>(node: &'n mut Node, keys: &[Name], form: Form) -> Option<&'n mut Node> {
    keys.iter().try_fold(node, |node, key| table(node, key, form))
}

/// Puts a value under a dotted key.
fn put(node: &mut Node, keys: &[Name], value: Node) {
    let [above @ .., (name, at)] = keys else { return };
    let form = node.form;
    if let Some(Is::Map(entries)) = tables(node, above, form).map(|it| &mut it.is) {
        entries.push(Entry { key: name.clone(), at: at.clone(), value });
    }
}

/// A file as far as it is read.
struct File {
    root: Node,
    statements: Vec<Statement>,
    /// The header above.
    section: Vec<Name>,
}

impl File {
    fn header(&mut self, keys: Vec<Name>, is_array: bool, span: Span) {
        let [above @ .., (name, at)] = keys.as_slice() else { return };
        let Some(node) = tables(&mut self.root, above, Form::Block) else { return };
        let empty = || Node {
            span: span.clone(),
            form: Form::Block,
            is: Is::Map(Vec::new()),
            anchor: None,
        };
        if !is_array {
            table(node, &(name.clone(), at.clone()), Form::Block);
        } else if let Is::Map(entries) = &mut node.is {
            match entries.iter_mut().find(|it| it.key == *name).map(|it| &mut it.value.is) {
                Some(Is::List(items)) => items.push(empty()),
                _ => {
                    let value = Node { is: Is::List(vec![empty()]), ..empty() };
                    entries.push(Entry { key: name.clone(), at: at.clone(), value });
                }
            }
        }
        self.section = keys;
        let path = self.path(&[]);
        self.statements.push(Statement { path, section: None, span });
    }

    fn pair(&mut self, keys: Vec<Name>, value: Node) {
        let start = keys.first().map_or(0, |(_, at)| at.start);
        let span = start..value.span.end;
        let path = self.path(&keys);
        if let Some(node) = tables(&mut self.root, &self.section, Form::Block) {
            put(node, &keys, value);
        }
        self.statements.push(Statement { section: Some(path.len() - keys.len()), path, span });
    }

    /// Returns the way to a key below the header above.
    fn path(&self, keys: &[Name]) -> Vec<Part> {
        let mut node = &self.root;
        let mut path = Vec::new();
        for (at, (name, _)) in self.section.iter().chain(keys).enumerate() {
            path.push(Part::Key(name.clone()));
            let Is::Map(entries) = &node.is else { continue };
            let Some(entry) = entries.iter().find(|it| it.key == *name) else { continue };
            node = &entry.value;
            if at >= self.section.len() {
                continue;
            }
            if let (Form::Block, Is::List(items)) = (node.form, &node.is) {
                path.push(Part::Item(items.len().saturating_sub(1)));
                node = items.last().unwrap_or(node);
            }
        }
        path
    }
}

/// Puts a new key into a table that has no brackets.
pub(super) fn insert(doc: &Document<'_>, at: &[Part], key: &str, value: &Value) -> TextEdit {
    let below = |it: &&Statement| it.path.starts_with(at);
    let pair = |keys: &[Part], value: &Value| {
        let keys: Vec<String> =
            keys.iter().filter_map(name_of).chain([key]).map(write::toml_key).collect();
        format!("{} = {}", keys.join("."), write::flow(doc.format, value, None))
    };
    let dotted =
        doc.statements.iter().rfind(|it| it.section.is_some_and(|it| it < at.len()) && below(it));
    if let Some(Statement { section: Some(section), span, .. }) = dotted {
        return line_after(doc.source, span.end, &pair(&at[*section..], value));
    }
    if let Value::Map(rows) = value
        && !rows.is_empty()
    {
        let last = doc.statements.iter().rfind(below).map(|it| it.span.end);
        let path = [at, &[Part::Key(key.to_owned())]].concat();
        return section(doc, last, &path, rows, ("[", "]"));
    }
    let own = doc.statements.iter().rfind(|it| it.section == Some(at.len()) && below(it));
    let header = || doc.statements.iter().find(|it| it.section.is_none() && it.path == at);
    if let Some(statement) = own.or_else(header) {
        return line_after(doc.source, statement.span.end, &pair(&[], value));
    }
    match (at, doc.statements.first()) {
        // What belongs to no table stands before the first one.
        ([], Some(first)) => {
            let place = above_comments(doc.source, first.span.start);
            TextEdit { span: place..place, text: format!("{}\n\n", pair(&[], value)) }
        }
        ([], None) => line_after(doc.source, doc.source.len(), &pair(&[], value)),
        _ => {
            let last = doc.statements.iter().rfind(below).map(|it| it.span.end);
            section(doc, last, at, &[(key.to_owned(), value.clone())], ("[", "]"))
        }
    }
}

/// Adds a table to the end of a list of tables.
pub(super) fn append(doc: &Document<'_>, at: &[Part], value: &Value) -> Option<TextEdit> {
    let Value::Map(rows) = value else { return None };
    let last = doc.statements.iter().rfind(|it| it.path.starts_with(at)).map(|it| it.span.end);
    Some(section(doc, last, at, rows, ("[[", "]]")))
}

/// Takes out all that is said of a key.
pub(super) fn remove(doc: &Document<'_>, at: &[Part]) -> Vec<TextEdit> {
    let source = doc.source;
    let mut ranges: Vec<(Span, bool)> = Vec::new();
    for statement in doc.statements.iter().filter(|it| it.path.starts_with(at)) {
        let lines = line_start(source, statement.span.start)..line_end(source, statement.span.end);
        let header = statement.section.is_none();
        match ranges.last_mut().filter(|(it, _)| source[it.end..lines.start].trim().is_empty()) {
            Some((before, has_header)) => {
                before.end = lines.end;
                *has_header = *has_header || header;
            }
            None => ranges.push((lines, header)),
        }
    }
    let gone = |(lines, header): (Span, bool)| {
        let (before, after) = (&source[..lines.start], &source[lines.end..]);
        let is_apart = before.is_empty() || before.ends_with("\n\n");
        let lines = match (header && is_apart, after) {
            (true, "") => lines.start - usize::from(!before.is_empty())..lines.end,
            (true, more) if more.starts_with('\n') => lines.start..lines.end + 1,
            _ => lines,
        };
        TextEdit { span: lines, text: String::new() }
    };
    ranges.into_iter().map(gone).collect()
}

/// Writes a table with its header, behind `last` or at the end of the file.
fn section(
    doc: &Document<'_>,
    last: Option<usize>,
    path: &[Part],
    rows: &[(String, Value)],
    (open, close): (&str, &str),
) -> TextEdit {
    let mut names: Vec<&str> = path.iter().filter_map(name_of).collect();
    let mut rows = rows;
    // A table that only holds another one needs no header.
    while let ("[", [(name, Value::Map(inner))]) = (open, rows) {
        names.push(name);
        rows = inner;
    }
    let names: Vec<String> = names.into_iter().map(write::toml_key).collect();
    let mut lines = vec![format!("{open}{}{close}", names.join("."))];
    let row = |(key, value): &(String, Value)| {
        format!("{} = {}", write::toml_key(key), write::flow(doc.format, value, None))
    };
    lines.extend(rows.iter().map(row));
    let gap = if doc.source.trim().is_empty() { "" } else { "\n" };
    line_after(doc.source, last.unwrap_or(doc.source.len()), &format!("{gap}{}", lines.join("\n")))
}

fn name_of(part: &Part) -> Option<&str> {
    match part {
        Part::Key(name) => Some(name),
        Part::Item(_) | Part::Having(..) => None,
    }
}

/// Returns where the comments begin that stand right above a line.
fn above_comments(source: &str, at: usize) -> usize {
    let mut start = line_start(source, at);
    while start > 0 {
        let above = line_start(source, start - 1);
        if !source[above..start].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str) {
        let expected = Value::from(toml::Value::Table(toml::from_str(source).unwrap()));
        assert_eq!(read(source).unwrap().0.value(), expected);
    }

    #[test]
    fn toml_reads_as_toml() {
        check("");
        check("a = 1\nb.c = 2\nb.\"d e\" = 'x'\n[t]\nx = [1, [2, 3], {y = 1, z.u = \"é\"}] # c\n");
        check("[a.b.c]\nx = 1.5\n[a]\ny = 1979-05-27T07:32:00Z\n[a.b]\nz = true\n");
        check("[[p]]\nn = 1\n[p.q]\nr = \"\"\"\na\"\"\"\n[[p.s]]\nt = 1\n[[p.s]]\n[[p]]\nn = 2\n");
        check("a = []\r\nb = {}\r\n\r\n[t]\r\n");
    }

    #[test]
    fn what_is_no_toml_has_a_line() {
        assert_eq!(read("a = 1\nb = [\n").unwrap_err().line, 2);
        assert_eq!(read("a = 1\na = 2\n").unwrap_err().line, 2);
    }
}
