//! Edits of what stands over lines: the blocks of YAML.

use super::{Document, Form, Is, Node, Value, write};
use crate::text::{Span, TextEdit};

/// How a file of YAML is indented.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Indents {
    /// A table below a key.
    table: Option<usize>,
    /// The dashes of a list below a key.
    list: Option<usize>,
}

impl Indents {
    /// Looks how the file does it.
    pub(super) fn of(doc: &Document<'_>) -> Self {
        let mut found = Self::default();
        found.look(doc, &doc.root);
        found
    }

    fn look(&mut self, doc: &Document<'_>, node: &Node) {
        match &node.is {
            Is::Scalar(_) => {}
            Is::List(items) => items.iter().for_each(|it| self.look(doc, it)),
            Is::Map(entries) => {
                for entry in entries {
                    let (key, value) = (column(doc.source, entry.at.start), &entry.value);
                    let below = column(doc.source, value.span.start).checked_sub(key);
                    match (&value.is, value.form) {
                        (Is::List(_), Form::Block) => self.list = self.list.or(below),
                        (Is::Map(_), Form::Block) => self.table = self.table.or(below),
                        (Is::Scalar(_) | Is::List(_) | Is::Map(_), _) => {}
                    }
                    self.look(doc, value);
                }
            }
        }
    }

    pub(super) fn table(self) -> usize {
        self.table.filter(|it| *it > 0).unwrap_or(2)
    }

    pub(super) fn list(self) -> usize {
        self.list.unwrap_or(2)
    }
}

/// Puts a new key at the end of a table.
pub(super) fn insert(doc: &Document<'_>, table: &Node, key: &str, value: &Value) -> TextEdit {
    let indents = Indents::of(doc);
    let column = match &table.is {
        Is::Map(entries) => entries.first().map_or(0, |it| column(doc.source, it.at.start)),
        Is::Scalar(_) | Is::List(_) => 0,
    };
    let text = write::yaml_row(key, value, column, indents);
    let gap = if is_spaced(doc, table) { "\n" } else { "" };
    line_after(doc.source, table.span.end, &format!("{gap}{}{text}", " ".repeat(column)))
}

/// Tells whether an empty line stands between the keys of a table.
fn is_spaced(doc: &Document<'_>, table: &Node) -> bool {
    let last = match &table.is {
        Is::Map(entries) if entries.len() > 1 => entries.last(),
        Is::Scalar(_) | Is::List(_) | Is::Map(_) => None,
    };
    last.is_some_and(|it| doc.source[..line_start(doc.source, it.at.start)].ends_with("\n\n"))
}

/// Puts a new item at the end of a list.
pub(super) fn append(
    doc: &Document<'_>,
    list: &Node,
    value: &Value,
    quote: Option<char>,
) -> TextEdit {
    let column = column(doc.source, list.span.start);
    let text = write::yaml_item(value, column, Indents::of(doc), quote);
    line_after(doc.source, list.span.end, &format!("{}{text}", " ".repeat(column)))
}

/// Takes a key or an item out of a table or a list. `holder` is the end of the key or the dash that
/// the whole of it belongs to.
pub(super) fn remove(
    doc: &Document<'_>,
    node: &Node,
    index: usize,
    holder: Option<usize>,
) -> Vec<TextEdit> {
    let source = doc.source;
    let (spans, empty) = match &node.is {
        Is::Map(entries) => {
            let span = |it: &super::Entry| it.at.start..it.value.span.end;
            (entries.iter().map(span).collect::<Vec<Span>>(), "{}")
        }
        Is::List(items) => (items.iter().map(|it| dash(source, it)..it.span.end).collect(), "[]"),
        Is::Scalar(_) => return Vec::new(),
    };
    let gone = |span: Span| TextEdit { span, text: String::new() };
    let Some(own) = spans.get(index).cloned() else { return Vec::new() };
    let lines = line_start(source, own.start)..line_end(source, own.end);
    let begins_line = source[lines.start..own.start].trim().is_empty();
    match (spans.len(), spans.get(index + 1), holder) {
        (1, _, Some(at)) if begins_line => {
            let text = format!(" {empty}");
            vec![TextEdit { span: at..at, text }, gone(lines)]
        }
        (1, ..) => vec![TextEdit { span: own, text: empty.to_owned() }],
        // Behind the dash of a list: the next key takes its place.
        (_, Some(next), _) if !begins_line => vec![gone(own.start..next.start)],
        _ => vec![gone(with_gap(source, lines))],
    }
}

/// Of two empty lines around what goes, one goes with it.
fn with_gap(source: &str, lines: Span) -> Span {
    let (before, after) = (&source[..lines.start], &source[lines.end..]);
    match before.ends_with("\n\n") {
        true if after.is_empty() => lines.start - 1..lines.end,
        true if after.starts_with('\n') => lines.start..lines.end + 1,
        _ => lines,
    }
}

/// Returns where the dash of an item stands.
fn dash(source: &str, item: &Node) -> usize {
    let before = source.get(..item.span.start).unwrap_or_default();
    before.rfind('-').unwrap_or(item.span.start)
}

/// Returns how many bytes stand before a place on its line.
pub(super) fn column(source: &str, at: usize) -> usize {
    at - line_start(source, at)
}

pub(super) fn line_start(source: &str, at: usize) -> usize {
    source.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1)
}

/// Returns where the next line begins.
pub(super) fn line_end(source: &str, at: usize) -> usize {
    let rest = source.get(at..).unwrap_or_default();
    rest.find('\n').map_or(source.len(), |it| at + it + 1)
}

/// Puts lines behind the line of a place. A file without a line end at its end stays one.
pub(super) fn line_after(source: &str, at: usize, lines: &str) -> TextEdit {
    let is_empty_line = at == source.len() && (source.is_empty() || source.ends_with('\n'));
    let place = if is_empty_line { at } else { line_end(source, at) };
    let text = match source.is_empty() || source[..place].ends_with('\n') {
        true => format!("{lines}\n"),
        false => format!("\n{lines}"),
    };
    TextEdit { span: place..place, text }
}
