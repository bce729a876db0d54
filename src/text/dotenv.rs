//! The lines of an env file, read as python-dotenv reads them, with the places of names and values.
//!
//! Every byte belongs to one [`Piece`]. What is no assignment, no comment and not blank is a piece of
//! its own: nothing is guessed about it, since it may be the rest of a secret.

use super::{Lines, Span};
use crate::path::RepoPath;

/// A line of an env file, or the lines of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands, its line end included.
    pub span: Span,
    /// Its first line, from 1.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

/// What a piece of an env file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Blanks only.
    Blank,
    /// A comment.
    Comment,
    /// A name, mostly with a value.
    Assignment(Assignment),
    /// Anything else.
    Unknown,
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The name, without its quotes.
    pub name: String,
    /// What follows the `=`; `None` where there is none.
    pub value: Option<Value>,
    /// The comment behind the value, from its `#` on.
    pub comment: Option<Span>,
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Where it stands, with its quotes.
    pub span: Span,
    /// What it says, without quotes and escapes; variables are not put in.
    pub text: String,
}

/// Tells whether a file is named as env files are: `.env`, `.env.local`, `prod.env`, `.flaskenv`.
#[must_use]
pub fn is_env_file(path: &RepoPath) -> bool {
    let name = path.name();
    let is_template =
        matches!(name, b"env.example" | b"env.sample" | b"env.template" | b"env.dist");
    name.starts_with(b".env") || name.ends_with(b".env") || name == b".flaskenv" || is_template
}

/// Reads a whole env file, without its byte order mark.
#[must_use]
pub fn pieces(source: &str) -> Vec<Piece> {
    let lines = Lines::new(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let mut reader = Reader { source, at };
        let kind = reader.piece().unwrap_or_else(|| {
            reader.rest_of_line();
            Kind::Unknown
        });
        found.push(Piece { span: at..reader.at, line: lines.line(at), kind });
        at = reader.at;
    }
    found
}

/// Reads from a place on; what cannot be read leaves it where the trouble is.
struct Reader<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn blanks(&mut self) {
        let is_blank = |it: char| it.is_whitespace() && !matches!(it, '\n' | '\r');
        self.at = self.source.len() - self.rest().trim_start_matches(is_blank).len();
    }

    /// Reads one piece; `None` where a line is neither blank, comment nor assignment.
    fn piece(&mut self) -> Option<Kind> {
        self.blanks();
        if self.rest().is_empty() || self.rest().starts_with(['\n', '\r']) {
            self.end_of_line()?;
            return Some(Kind::Blank);
        }
        let after = self.rest().strip_prefix("export").map(|it| it.trim_start_matches([' ', '\t']));
        if let Some(after) = after.filter(|it| self.rest().len() - it.len() > "export".len()) {
            self.at = self.source.len() - after.len();
        }
        if self.rest().starts_with('#') {
            self.rest_of_line();
            return Some(Kind::Comment);
        }
        let name = self.name()?;
        self.blanks();
        let value = if self.rest().starts_with('=') {
            self.at += 1;
            let start = self.at;
            self.blanks();
            // `A=#b` is a value, `A= #b` is none with a comment.
            let is_bare = self.at > start && self.rest().starts_with('#');
            Some(if is_bare {
                Value { span: start..start, text: String::new() }
            } else {
                self.value()?
            })
        } else {
            None
        };
        self.blanks();
        let start = self.at;
        let comment = self.rest().starts_with('#').then(|| {
            self.at += self.line().len();
            start..self.at
        });
        self.end_of_line()?;
        Some(Kind::Assignment(Assignment { name, value, comment }))
    }

    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let (name, length) = match rest.strip_prefix('\'') {
            Some(quoted) => {
                let end = quoted.find('\'').filter(|end| *end > 0)?;
                (&quoted[..end], end + 2)
            }
            None => {
                let end = rest.find(|it: char| it.is_whitespace() || matches!(it, '=' | '#'));
                let name = &rest[..end.unwrap_or(rest.len())];
                (name, name.len())
            }
        };
        self.at += length;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn value(&mut self) -> Option<Value> {
        let start = self.at;
        let text = match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => {
                let inner = &self.rest()[1..];
                let end = closing(inner, quote)?;
                self.at += end + 2;
                unescaped(&inner[..end], quote)
            }
            _ => {
                let line = self.line();
                let value = line[..comment_of(line).unwrap_or(line.len())].trim_end();
                self.at += value.len();
                value.to_owned()
            }
        };
        Some(Value { span: start..self.at, text })
    }

    /// Returns what is left of the line, without its end.
    fn line(&self) -> &'a str {
        let rest = self.rest();
        &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())]
    }

    fn end_of_line(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = ["\r\n", "\n", "\r"].into_iter().find(|it| rest.starts_with(it));
        self.at += end.map_or(0, str::len);
        (end.is_some() || rest.is_empty()).then_some(())
    }

    fn rest_of_line(&mut self) {
        self.at += self.line().len();
        // A line always ends, by its end or by that of the text.
        let _ = self.end_of_line();
    }
}

/// Finds the quote that ends a value: the first that no backslash escapes.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// Finds where the blanks before the comment of an unquoted value begin.
fn comment_of(line: &str) -> Option<usize> {
    let mut hashes = line.match_indices('#').map(|(at, _)| at);
    let hash = hashes.find(|at| line[..*at].ends_with(char::is_whitespace))?;
    Some(line[..hash].trim_end().len())
}

fn unescaped(text: &str, quote: char) -> String {
    let known = if quote == '\'' { "\\'" } else { "\\'\"abfnrtv" };
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(one) = characters.next() {
        let next = characters.peek().copied().filter(|it| one == '\\' && known.contains(*it));
        let Some(next) = next else {
            result.push(one);
            continue;
        };
        characters.next();
        result.push(match next {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            other => other,
        });
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    /// Shows each piece: `line name=value`, `#`, `-` for blanks, `?` for anything else.
    fn check(source: &str, expected: &str) {
        let mut shown = String::new();
        let mut end = 0;
        for Piece { span, line, kind } in pieces(source) {
            assert_eq!(span.start, end);
            end = span.end;
            match kind {
                Kind::Blank => write!(shown, "-"),
                Kind::Comment => write!(shown, "#"),
                Kind::Unknown => write!(shown, "?"),
                Kind::Assignment(it) => {
                    let comment = it.comment.map_or("", |it| &source[it]);
                    let value = it.value.map(|it| format!("={}", it.text)).unwrap_or_default();
                    write!(shown, "{line} {}{value}{comment}", it.name)
                }
            }
            .unwrap();
            shown.push('|');
        }
        assert_eq!(end, source.len());
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_and_values() {
        check("A=1\n\n# c\nexport B = x y  # z\n", "1 A=1|-|#|4 B=x y# z|");
        check("A=\nB\nexport C\n'd e'=1", "1 A=|2 B|3 C|4 d e=1|");
        check("A=a#b #c\r\nB= # c\r\nexport=1\rC=a=b", "1 A=a#b#c|2 B=# c|3 export=1|4 C=a=b|");
        check("A=${B:-x}\n", "1 A=${B:-x}|");
    }

    #[test]
    fn quotes() {
        check("A='a # b' # c\nB=\"x\\ny\"", "1 A=a # b# c|2 B=x\ny|");
        check("A=\"one\ntwo\"\nB='it\\'s'\n", "1 A=one\ntwo|3 B=it's|");
        check("A='a\\'\nB=1\n", "?|2 B=1|");
        check("A='a\\\\'\nB=1\n", "1 A=a\\|2 B=1|");
        check("A=a\"b\"\n", "1 A=a\"b\"|");
    }

    #[test]
    fn what_is_no_assignment() {
        check("A=\"x\nB=1\n", "?|2 B=1|");
        check("A='x' y\n=1\nfoo bar\n", "?|?|?|");
        check("", "");
    }
}
