//! Edits of what stands between brackets, on one line or over several.

use super::block::{line_end, line_start};
use super::{Document, Entry, Format, Is, Node};
use crate::text::{Span, TextEdit};

/// Returns where the items or the entries of a node stand.
fn spans(node: &Node) -> Vec<Span> {
    let entry = |it: &Entry| it.at.start..it.value.span.end.max(it.at.end);
    match &node.is {
        Is::List(items) => items.iter().map(|it| it.span.clone()).collect(),
        Is::Map(entries) => entries.iter().map(entry).collect(),
        Is::Scalar(_) => Vec::new(),
    }
}

/// Puts a new item to the end, in the way of the last one.
pub(super) fn insert(doc: &Document<'_>, node: &Node, item: &str) -> Vec<TextEdit> {
    let source = doc.source;
    let put = |at: usize, text: String| TextEdit { span: at..at, text };
    let spans = spans(node);
    let close = node.span.end - 1;
    let Some(last) = spans.last() else {
        let inner = node.span.start + 1..close;
        if source[inner.clone()].trim().is_empty() {
            return vec![TextEdit { span: inner, text: alone(doc, node, item) }];
        }
        // Only comments.
        let line = line_start(source, close);
        let own_line = source[line..close].trim().is_empty() && line > node.span.start;
        return vec![match own_line {
            true => put(line, format!("{}  {item}\n", &source[line..close])),
            false => put(close, item.to_owned()),
        }];
    };
    let comma = comma(doc, last.end);
    let start = line_start(source, last.start);
    let indent = &source[start..last.start];
    if start <= node.span.start || !indent.trim().is_empty() {
        let gap = match spans.len().checked_sub(2).map(|it| &source[spans[it].end..last.start]) {
            Some(",") => "",
            _ => " ",
        };
        return vec![put(last.end, format!(",{gap}{item}"))];
    }
    let behind = comma.map_or(last.end, |it| it + 1);
    let line = line_end(source, behind);
    // The line goes on with the bracket, or with the end of it: the new item stands before that.
    let (at, text) = match close < line {
        true => (behind, format!("\n{indent}{item}")),
        false => (line, format!("{indent}{item}")),
    };
    match (comma, close < line) {
        (Some(_), true) => vec![put(at, format!("{text},"))],
        (Some(_), false) => vec![put(at, format!("{text},\n"))],
        (None, true) => vec![put(last.end, format!(",{text}"))],
        (None, false) => vec![put(last.end, ",".to_owned()), put(at, format!("{text}\n"))],
    }
}

/// Writes the only item of a node.
fn alone(doc: &Document<'_>, node: &Node, item: &str) -> String {
    let is_map = matches!(node.is, Is::Map(_));
    let source = doc.source;
    if doc.format == Format::Json && is_map && source.trim_end().contains('\n') {
        let line = &source[line_start(source, node.span.start)..];
        let outer = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        return format!("\n{outer}{}{item}\n{outer}", indent_unit(source));
    }
    if is_map && doc.format != Format::Json { format!(" {item} ") } else { item.to_owned() }
}

/// Returns by how much a file of JSON is indented.
pub(super) fn indent_unit(source: &str) -> &str {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let first = source.lines().find(|it| indent(it) > 0 && !it.trim_start().starts_with('*'));
    first.map_or("  ", |it| &it[..indent(it)])
}

/// Takes an item out.
pub(super) fn remove(doc: &Document<'_>, node: &Node, index: usize) -> Vec<TextEdit> {
    let source = doc.source;
    let gone = |span: Span| TextEdit { span, text: String::new() };
    let spans = spans(node);
    let Some(own) = spans.get(index) else { return Vec::new() };
    let own_comma = comma(doc, own.end);
    let end = own_comma.map_or(own.end, |it| it + 1);
    let is_last = index + 1 == spans.len();
    let before = index.checked_sub(1).and_then(|it| comma(doc, spans[it].end));
    // A list that has no comma behind its last item has none behind the one before, then.
    let dangling = before.filter(|_| is_last && own_comma.is_none());
    let (line, next) = (line_start(source, own.start), line_end(source, end));
    let rest = source[end..next].trim();
    let alone = source[line..own.start].trim().is_empty()
        && line > node.span.start
        && next <= node.span.end
        && (rest.is_empty() || is_comment(doc.format, rest));
    if alone {
        return dangling.map(|it| gone(it..it + 1)).into_iter().chain([gone(line..next)]).collect();
    }
    if spans.len() == 1 {
        let inner = node.span.start + 1..node.span.end - 1;
        let others = [&source[inner.start..own.start], &source[end..inner.end]];
        let is_bare = others.iter().all(|it| it.trim().is_empty());
        return vec![gone(if is_bare { inner } else { own.start..end })];
    }
    if let Some(comma) = dangling.filter(|it| source[it + 1..own.start].trim().is_empty()) {
        return vec![gone(comma..own.end)];
    }
    if is_last {
        let blanks = source[..own.start].len() - source[..own.start].trim_end_matches(' ').len();
        let dangling = dangling.map(|it| gone(it..it + 1));
        return dangling.into_iter().chain([gone(own.start - blanks..end)]).collect();
    }
    let blanks = source[end..].len() - source[end..].trim_start_matches([' ', '\t']).len();
    vec![gone(own.start..end + blanks)]
}

/// Returns where the comma behind an item stands.
fn comma(doc: &Document<'_>, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = doc.source.get(at..)?;
        let text = rest.trim_start();
        at += rest.len() - text.len();
        if text.starts_with(',') {
            return Some(at);
        }
        at += match text {
            block if doc.format == Format::Json && block.starts_with("/*") => block.find("*/")? + 2,
            line if is_comment(doc.format, line) => line.find('\n')?,
            _ => return None,
        };
    }
}

fn is_comment(format: Format, text: &str) -> bool {
    match format {
        Format::Toml | Format::Yaml => text.starts_with('#'),
        Format::Json => text.starts_with("//") || text.starts_with("/*"),
    }
}
