//! The INI dialect of `configparser`: sections, keys and the lines of their values, and where they
//! stand. Lines that are none of the dialect are passed over.
//!
//! A crate would have to know `configparser`'s continuation lines, and then they are most of it.

use super::Span;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The name of a section, without the brackets.
    Section,
    /// A key; the lines of its value follow.
    Key,
    /// A line of a value, without the space around it.
    Line,
}

/// Returns the parts of a text, in order. Empty lines and comments are none.
#[must_use]
pub fn parts(source: &str) -> Vec<(Part, Span)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let mut add = |part, from, to| {
            let span = trimmed(source, start + from..start + to);
            if part != Part::Line || !span.is_empty() {
                found.push((part, span));
            }
        };
        if let Some(rest) = line.strip_prefix('[') {
            add(Part::Section, 1, 1 + rest.find(']').unwrap_or(rest.len()));
        } else if line.starts_with([' ', '\t']) {
            add(Part::Line, 0, line.len());
        } else if let Some(mark) = line.find(['=', ':']) {
            add(Part::Key, 0, mark);
            add(Part::Line, mark + 1, line.len());
        }
    }
    found
}

fn trimmed(source: &str, span: Span) -> Span {
    let text = &source[span.clone()];
    let start = span.end - text.trim_start().len();
    start..start + text.trim().len()
}

/// A section: its name, and its keys with their values. Lines of a value are joined by `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The name between the brackets.
    pub name: String,
    /// Keys, as they are written, and values.
    pub keys: Vec<(String, String)>,
}

impl Section {
    /// Returns the value of a key; `-` and `_` are the same.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let same = |written: &str| written.replace('-', "_") == key;
        self.keys.iter().find(|(written, _)| same(written)).map(|(_, value)| value.as_str())
    }
}

/// Returns the sections of a text, in order.
#[must_use]
pub fn sections(source: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (part, span) in parts(source) {
        let text = source[span].to_owned();
        match (part, sections.last_mut()) {
            (Part::Section, _) => sections.push(Section { name: text, keys: Vec::new() }),
            (Part::Key, Some(section)) => section.keys.push((text, String::new())),
            (Part::Line, Some(section)) => {
                let Some((_, value)) = section.keys.last_mut() else { continue };
                if !value.is_empty() {
                    value.push('\n');
                }
                value.push_str(&text);
            }
            (_, None) => {}
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_over_indented_lines() {
        let text = "[a]\n# no\nwhere = src\nlist =\n    x>=1\n\n    y\n[b:c]\nk: v\n";
        let found = sections(text);
        assert_eq!(found[0].get("where"), Some("src"));
        assert_eq!(found[0].get("list"), Some("x>=1\ny"));
        assert_eq!((found[1].name.as_str(), found[1].get("k")), ("b:c", Some("v")));
    }

    #[test]
    fn parts_stand_where_they_are_said_to() {
        let text = "stray\n[ a ]\r\nk-1 = v w \r\n\t; no\n    more=1\nempty =\n[open\n";
        let shown: Vec<_> = parts(text).into_iter().map(|(it, span)| (it, &text[span])).collect();
        let expected = [
            (Part::Section, "a"),
            (Part::Key, "k-1"),
            (Part::Line, "v w"),
            (Part::Line, "more=1"),
            (Part::Key, "empty"),
            (Part::Section, "open"),
        ];
        assert_eq!(shown, expected);
    }
}
