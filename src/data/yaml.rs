//! Reads YAML: its values, with what a plain scalar means in every version, and where all of it stands.

use std::collections::BTreeSet;

use super::{Broken, DEEPEST, Entry, Form, Is, Node, Value};
use crate::text::Span;
use crate::text::yaml::{Event, Met, Style, Wrong, events};

/// Reads a whole text. Several documents are a list of them.
pub(super) fn read(source: &str) -> Result<Node, Broken> {
    let mut reader = Reader { source, open: Vec::new(), done: Vec::new(), used: BTreeSet::new() };
    let wrong = |Wrong { line, message }| Broken { line, message };
    for met in events(source).map_err(wrong)? {
        let start = met.span.start;
        reader.take(met);
        if reader.open.len() > DEEPEST {
            return Err(Broken::at(source, start, "nested too deeply"));
        }
    }
    let mut root = match reader.done.len() {
        0 => Node::scalar(source.len()..source.len(), Value::Null),
        1 => reader.done.remove(0),
        _ => {
            let span = 0..source.len();
            Node { span, form: Form::Block, is: Is::List(reader.done), anchor: None }
        }
    };
    forget_unused(&mut root, &reader.used);
    Ok(root)
}

/// Forgets the anchors that no alias names.
fn forget_unused(node: &mut Node, used: &BTreeSet<String>) {
    node.anchor = node.anchor.take().filter(|it| used.contains(it));
    match &mut node.is {
        Is::Scalar(_) => {}
        Is::List(items) => items.iter_mut().for_each(|it| forget_unused(it, used)),
        Is::Map(entries) => entries.iter_mut().for_each(|it| forget_unused(&mut it.value, used)),
    }
}

struct Reader<'a> {
    source: &'a str,
    open: Vec<Open>,
    /// The documents.
    done: Vec<Node>,
    /// The anchors that an alias names.
    used: BTreeSet<String>,
}

/// A collection that is not closed yet.
struct Open {
    start: usize,
    form: Form,
    anchor: Option<String>,
    inner: Inner,
}

enum Inner {
    List(Vec<Node>),
    /// The entries, and the key of which the value comes next.
    Map(Vec<Entry>, Option<(String, Span)>),
}

impl Reader<'_> {
    fn take(&mut self, Met { event, span, anchor }: Met) {
        match event {
            Event::Scalar { text, style, tagged } => {
                let start =
                    if style == Style::Block { self.header(span.start) } else { span.start };
                let shown = self.source.get(start..span.end).unwrap_or_default();
                let is_empty = text.is_empty() && style == Style::Plain;
                let value = match style {
                    _ if tagged => Value::Other(shown.to_owned()),
                    Style::Plain if is_empty => Value::Null,
                    Style::Plain => plain(&text),
                    Style::Quoted | Style::Block => Value::Text(text),
                };
                // An empty value has the span of what comes next.
                let end = if is_empty { start } else { start + shown.trim_end().len() };
                self.add(Node { anchor, ..Node::scalar(start..end.max(start), value) });
            }
            Event::Alias => {
                let shown = self.source.get(span.clone()).unwrap_or_default().to_owned();
                self.used.insert(shown.trim_start_matches('*').to_owned());
                self.add(Node::scalar(span, Value::Other(shown)));
            }
            Event::Mapping => self.open(&span, anchor, Inner::Map(Vec::new(), None)),
            Event::List => self.open(&span, anchor, Inner::List(Vec::new())),
            Event::End => self.close(span.end),
        }
    }

    fn open(&mut self, span: &Span, anchor: Option<String>, inner: Inner) {
        let start = span.start;
        let is_flow = start < span.end && self.source[start..].starts_with(['{', '[']);
        let form = if is_flow { Form::Flow } else { Form::Block };
        self.open.push(Open { start, form, anchor, inner });
    }

    fn close(&mut self, end: usize) {
        let Some(Open { start, form, anchor, inner }) = self.open.pop() else { return };
        let is = match inner {
            Inner::List(items) => Is::List(items),
            Inner::Map(entries, _) => Is::Map(entries),
        };
        let span = match (form, &is) {
            (Form::Flow, _) => start..self.bracket(start, &is, end),
            (Form::Block, Is::List(items)) => {
                let first = items.first().map_or(start, |it| it.span.start);
                let dash = self.source.get(..first).and_then(|it| it.rfind('-'));
                dash.unwrap_or(first)..items.last().map_or(end, |it| it.span.end)
            }
            (Form::Block, Is::Map(entries)) => {
                let first = entries.first().map_or(start, |it| it.at.start);
                first..entries.last().map_or(end, |it| it.value.span.end)
            }
            (Form::Block, Is::Scalar(_)) => start..end,
        };
        self.add(Node { span, form, is, anchor });
    }

    /// Puts a node where it belongs.
    fn add(&mut self, mut node: Node) {
        let source = self.source;
        match self.open.last_mut().map(|it| &mut it.inner) {
            None => self.done.push(node),
            Some(Inner::List(items)) => items.push(node),
            Some(Inner::Map(entries, key)) => match key.take() {
                None => {
                    let text = match &node.is {
                        Is::Scalar(Value::Text(text)) => text.clone(),
                        Is::Scalar(_) | Is::List(_) | Is::Map(_) => {
                            source.get(node.span.clone()).unwrap_or_default().to_owned()
                        }
                    };
                    *key = Some((text, node.span));
                }
                Some((text, at)) => {
                    if node.span.is_empty() {
                        node.span = behind_colon(source, &at);
                    }
                    entries.push(Entry { key: text, at, value: node });
                }
            },
        }
    }

    /// Returns the end of the bracket that closes a node: the parser takes a comma, or a comment, before a
    /// brace for it.
    fn bracket(&self, start: usize, is: &Is, end: usize) -> usize {
        let last = match is {
            Is::List(items) => items.last().map(|it| it.span.end),
            Is::Map(entries) => entries.last().map(|it| it.value.span.end.max(it.at.end)),
            Is::Scalar(_) => None,
        };
        let mut at = last.unwrap_or(start + 1);
        loop {
            let rest = self.source.get(at..).unwrap_or_default();
            let text = rest.trim_start_matches(|it: char| it.is_whitespace() || ",:?".contains(it));
            at += rest.len() - text.len();
            match text.chars().next() {
                Some('#') => at += text.find('\n').unwrap_or(text.len()),
                Some(']' | '}') => return at + 1,
                _ => return end,
            }
        }
    }

    /// Returns where the `|` or `>` stands of which the text begins at `start`.
    fn header(&self, start: usize) -> usize {
        let before = self.source.get(..start).unwrap_or_default().trim_end();
        let line = before.rfind('\n').map_or(0, |it| it + 1);
        let shown = before[line..].split(" #").next().unwrap_or_default().trim_end();
        let bare =
            shown.trim_end_matches(|it: char| it.is_ascii_digit() || matches!(it, '+' | '-'));
        match bare.ends_with(['|', '>']) {
            true => line + bare.len() - 1,
            false => start,
        }
    }
}

/// Returns the place behind the colon of a key.
fn behind_colon(source: &str, key: &Span) -> Span {
    let rest = source.get(key.end..).unwrap_or_default();
    let colon = rest.trim_start_matches([' ', '\t']);
    let at = match colon.starts_with(':') {
        true => key.end + rest.len() - colon.len() + 1,
        false => key.end,
    };
    at..at
}

/// Returns what a plain scalar means, where all versions of YAML take it for the same.
pub(super) fn plain(text: &str) -> Value {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "~" | "null" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "yes" | "no" | "on" | "off" | "=" | "<<" => {
            return Value::Other(text.to_owned());
        }
        _ => {}
    }
    let bare = text.strip_prefix('-').unwrap_or(text);
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let leads = |it: &str| it.len() > 1 && it.starts_with('0');
    if is_number(bare)
        && !leads(bare)
        && let Ok(number) = text.parse()
    {
        return Value::Integer(number);
    }
    if let Some((whole, part)) = bare.split_once('.')
        && is_number(whole)
        && is_number(part)
        && !leads(whole)
        && let Ok(number) = text.parse()
    {
        return Value::Float(number);
    }
    match is_number_somewhere(&lower) {
        true => Value::Other(text.to_owned()),
        false => Value::Text(text.to_owned()),
    }
}

/// Tells whether some reader takes a text for a number, a time or a date.
fn is_number_somewhere(lower: &str) -> bool {
    let bare = lower.trim_start_matches(['+', '-']);
    let digits =
        |it: &str, more: &str| it.chars().all(|it| it.is_ascii_digit() || more.contains(it));
    let is_date = bare.get(..5).is_some_and(|it| digits(&it[..4], "") && it.ends_with('-'));
    let tail = bare.strip_prefix("0x").or_else(|| bare.strip_prefix("0o"));
    if let Some(tail) = tail.or_else(|| bare.strip_prefix("0b")) {
        return tail.chars().all(|it| it.is_ascii_hexdigit() || it == '_');
    }
    if !bare.trim_start_matches('.').starts_with(|it: char| it.is_ascii_digit()) {
        return matches!(bare, ".inf" | ".nan");
    }
    match is_date {
        true => digits(bare, "-:.+ tz"),
        false => digits(bare, "_:.e+-") && bare.matches('.').count() < 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows each scalar by the text at its span.
    fn shown(source: &str, node: &Node) -> String {
        let text = |node: &Node| source[node.span.clone()].to_owned();
        match &node.is {
            Is::Scalar(_) => format!("<{}>", text(node)),
            Is::List(items) => {
                let items: Vec<_> = items.iter().map(|it| shown(source, it)).collect();
                format!("[{}]", items.join(" "))
            }
            Is::Map(entries) => {
                let row = |it: &Entry| format!("{}={}", it.key, shown(source, &it.value));
                let rows: Vec<_> = entries.iter().map(row).collect();
                format!("{{{}}}", rows.join(" "))
            }
        }
    }

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(shown(source, &read(source).unwrap()), expected);
    }

    #[test]
    fn everything_is_where_it_stands() {
        check("a:\n  b: 1 # c\n  'd': \"e\"\n", "{a={b=<1> d=<\"e\">}}");
        check("a:\n- é\n- b: [c, {d: e}]\n  f:\n-\n", "{a=[<é> {b=[<c> {d=<e>}] f=<>} <>]}");
        check(
            "a: |-\n  b\n\n  c\n\nd: >2 # x | y\n    e\n",
            "{a=<|-\n  b\n\n  c> d=<>2 # x | y\n    e>}",
        );
        check("a: &x !t b\nc: *x\n", "{a=<b> c=<*x>}");
        check("---\na\n---\nb\n", "[<a> <b>]");
        check("# nothing\n", "<>");
        let read = read("a: &x {b: c}\nd: &y e\nf: *x\n").unwrap();
        let Is::Map(entries) = &read.is else { panic!("{read:?}") };
        let anchors: Vec<_> = entries.iter().map(|it| it.value.anchor.as_deref()).collect();
        assert_eq!(anchors, [Some("x"), None, None]);
    }

    #[test]
    fn blocks_begin_at_their_first_mark() {
        let source = "a:\n  - b: 1\n    c:\n      - d\n";
        let root = read(source).unwrap();
        let Is::Map(entries) = &root.is else { panic!("{root:?}") };
        assert_eq!(&source[entries[0].value.span.clone()], "- b: 1\n    c:\n      - d");
    }

    #[test]
    fn a_plain_scalar_means_what_all_readers_take_it_for() {
        assert_eq!(plain("a b"), Value::Text("a b".to_owned()));
        assert_eq!((plain("-12"), plain("3.10")), (Value::Integer(-12), Value::Float(3.1)));
        assert_eq!((plain("TRUE"), plain("~")), (Value::Bool(true), Value::Null));
        for text in
            ["yes", "On", "012", "0x1f", "1_000", "1e3", "12:30", "2020-01-01", ".5", "+1", "-.inf"]
        {
            assert_eq!(plain(text), Value::Other(text.to_owned()), "{text}");
        }
        for text in ["3.12-slim", "python:3.12", "1.2.3", "0xyz", "y", "v1", "- a", "10 MB"] {
            assert_eq!(plain(text), Value::Text(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_has_a_line() {
        assert_eq!(read("a: b\nc: [d\n").unwrap_err().line, 3);
        assert_eq!(read("a: b\n  c: d\n").unwrap_err().line, 2);
        assert!(read(&"[".repeat(5000)).is_err());
    }
}
