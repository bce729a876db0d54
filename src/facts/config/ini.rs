//! Reads the INI dialect of `configparser`, as far as configuration of Python projects goes.
//!
//! A crate would have to know `configparser`'s continuation lines, and then they are most of it.

/// A section: its name, and its keys with their values. Lines of a value are joined by `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// The name between the brackets.
    pub(super) name: String,
    /// Keys, as they are written, and values.
    pub(super) keys: Vec<(String, String)>,
}

impl Section {
    /// Returns the value of a key; `-` and `_` are the same.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let same = |written: &str| written.replace('-', "_") == key;
        self.keys.iter().find(|(written, _)| same(written)).map(|(_, value)| value.as_str())
    }
}

/// Reads the sections of a text. Lines that are none of the dialect are passed over.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            sections.push(Section { name: name.trim().to_owned(), keys: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = section.keys.last_mut() {
                value.push('\n');
                value.push_str(content);
            }
        } else if let Some((key, value)) = content.split_once(['=', ':']) {
            section.keys.push((key.trim().to_owned(), value.trim().to_owned()));
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
        assert_eq!(found[0].get("list"), Some("\nx>=1\ny"));
        assert_eq!((found[1].name.as_str(), found[1].get("k")), ("b:c", Some("v")));
    }
}
