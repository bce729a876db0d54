//! Finds string literals in the values of keyword arguments and assignments of a `setup.py`.
//!
//! Nothing is evaluated: a value that is computed gives the literals that stand in it.

/// A string literal in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// What stands between the quotes.
    pub(super) text: String,
    /// It is the key of a dictionary.
    pub(super) key: bool,
}

/// Returns the string literals in each value given to a name that `wanted` accepts: `name = …`,
/// `name=[…]`, `name += …`, `name(…)`, `"name": …`.
pub(super) fn values_of(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Vec<Literal>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|it: char| it == '_' || it.is_ascii_alphabetic()) {
        let word = &rest[start..];
        let end = word.find(|it: char| !(it == '_' || it.is_ascii_alphanumeric()));
        let (word, after) = word.split_at(end.unwrap_or(word.len()));
        rest = after;
        if wanted(word) {
            found.extend(value_after(after));
        }
    }
    found
}

/// Returns the literals of the value that `text` goes on with, where it goes on with one.
fn value_after(text: &str) -> Option<Vec<Literal>> {
    let text = text.strip_prefix(['"', '\'']).unwrap_or(text).trim_start_matches([' ', '\t']);
    let text = text.strip_prefix('+').unwrap_or(text);
    let value = match text.strip_prefix(['=', ':']) {
        Some(value) => value.trim_start(),
        None if text.starts_with('(') => text,
        None => return None,
    };
    (!value.starts_with('=')).then(|| literals(value))
}

/// Returns the literals up to where the value ends: at the closing bracket, or, outside of brackets,
/// at a comma or at the end of the line.
fn literals(value: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' if depth <= 1 => break,
            ']' | ')' | '}' => depth -= 1,
            ',' | '\n' if depth == 0 => break,
            '#' => rest = rest.find('\n').map_or("", |end| &rest[end..]),
            '"' | '\'' => {
                let triple = [first; 3].iter().collect::<String>();
                let quote = match rest.strip_prefix(&triple[1..]) {
                    Some(after) => {
                        rest = after;
                        triple.as_str()
                    }
                    None => &triple[..1],
                };
                let Some((text, after)) = rest.split_once(quote) else { break };
                let key = after.trim_start().starts_with(':');
                found.push(Literal { text: text.to_owned(), key });
                rest = after;
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let found = values_of(text, |name| name == "key");
        let texts = |value: &Vec<Literal>| value.iter().map(|it| it.text.clone()).collect();
        let found: Vec<Vec<String>> = found.iter().map(texts).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_end_where_they_end() {
        check("setup(key=['a', \"b\"], other=['c'])", &[&["a", "b"]]);
        check("key = 'a'\nother = 'b'\n", &[&["a"]]);
        check("f(key={'': 'src'}, z='q')", &[&["", "src"]]);
        check("key('a.b', ['c.c'])", &[&["a.b", "c.c"]]);
        check("key = [  # it's talk\n 'a',\n]\n'b'", &[&["a"]]);
        check("if key == 'a': pass", &[]);
        check("key = '''x\ny'''", &[&["x\ny"]]);
        check("monkey = 'a'", &[]);
    }
}
