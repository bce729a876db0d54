//! YAML, and JSON as a part of it: its scalars, with the keys that lead to them and where they stand.

use std::ops::Range;

mod events;

pub use events::{Event, Met, Style, Wrong, events};

/// A scalar of a document: a value, or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// What leads to it: of a key, to the mapping that it is in.
    pub path: Vec<Node<'a>>,
    /// It is a key.
    pub is_key: bool,
    /// Its text, without the quotes.
    pub span: Range<usize>,
}

/// One step on the way to a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node<'a> {
    /// A key of a mapping, as it is written between its quotes; nothing of one that is no scalar.
    Key(&'a str),
    /// An item of a list, from 0.
    Item(usize),
}

/// Returns the scalars of all documents in a text, in order; `None` where it does not parse.
#[must_use]
pub fn scalars(source: &str) -> Option<Vec<Scalar<'_>>> {
    let mut reader = Reader { source, open: Vec::new(), found: Vec::new() };
    events(source).ok()?.into_iter().for_each(|it| reader.take(it));
    Some(reader.found)
}

struct Reader<'a> {
    source: &'a str,
    open: Vec<Open<'a>>,
    found: Vec<Scalar<'a>>,
}

/// A collection that is not closed yet.
#[derive(Clone, Copy)]
enum Open<'a> {
    /// A mapping, and the key of which the value comes next.
    Mapping(Option<&'a str>),
    /// A list, and the item that comes next.
    List(usize),
}

impl<'a> Reader<'a> {
    fn take(&mut self, Met { event, span, .. }: Met) {
        match event {
            Event::Scalar { style, .. } => {
                let quoted = style == Style::Quoted && span.len() >= 2;
                self.scalar(if quoted { span.start + 1..span.end - 1 } else { span });
            }
            Event::Mapping => self.open.push(Open::Mapping(None)),
            Event::List => self.open.push(Open::List(0)),
            Event::End => {
                self.open.pop();
                self.pass(None);
            }
            Event::Alias => self.pass(None),
        }
    }

    fn scalar(&mut self, span: Range<usize>) {
        let text = self.source.get(span.clone()).unwrap_or_default();
        let is_key = matches!(self.open.last(), Some(Open::Mapping(None)));
        let depth = self.open.len() - usize::from(is_key);
        let path = self.open[..depth].iter().map(|it| match it {
            Open::Mapping(key) => Node::Key(key.unwrap_or_default()),
            Open::List(item) => Node::Item(*item),
        });
        self.found.push(Scalar { path: path.collect(), is_key, span });
        self.pass(Some(text));
    }

    /// Goes on behind a key or a value.
    fn pass(&mut self, text: Option<&'a str>) {
        match self.open.last_mut() {
            Some(Open::Mapping(key @ Some(_))) => *key = None,
            Some(Open::Mapping(key @ None)) => *key = Some(text.unwrap_or_default()),
            Some(Open::List(item)) => *item += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the scalars as `path=text`; of a key, `path:text`.
    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let shown = |it: &Scalar<'_>| {
            let path: Vec<String> = it
                .path
                .iter()
                .map(|it| match it {
                    Node::Key(key) => (*key).to_owned(),
                    Node::Item(at) => at.to_string(),
                })
                .collect();
            let mark = if it.is_key { ':' } else { '=' };
            format!("{}{mark}{}", path.join("."), &source[it.span.clone()])
        };
        let found: Vec<String> = scalars(source).unwrap().iter().map(shown).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn scalars_with_their_keys() {
        check("a: b # c\nd:\n  - 'e f'\n  - g\n", &[":a", "a=b", ":d", "d.0=e f", "d.1=g"]);
        check(
            "{\"ä\": [1, {\"b\": \"ü\"}], \"c\": null}",
            &[":ä", "ä.0=1", "ä.1:b", "ä.1.b=ü", ":c", "c=null"],
        );
        check(
            "? [a]\n: b\nc: &x d\ne: *x\nf: g\n",
            &[".0=a", "=b", ":c", "c=d", ":e", ":f", "f=g"],
        );
        check("---\na: b\n---\nc\n", &[":a", "a=b", "=c"]);
    }

    #[test]
    fn blocks_go_over_lines() {
        let source = "a: |\n  b\n  c\nd: e\n";
        let found = scalars(source).unwrap();
        assert!(source[found[1].span.clone()].contains("b\n  c"), "{found:?}");
        assert_eq!(&source[found[3].span.clone()], "e");
    }

    #[test]
    fn what_does_not_parse_has_none() {
        assert_eq!(scalars("a: [b\nc: {{ d }}\n"), None);
    }
}
