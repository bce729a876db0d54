//! Env files as text: without their values, and one added to another.

use std::collections::BTreeSet;

use crate::text::dotenv::{Assignment, Kind, Piece, pieces};
use crate::text::line_end;

/// A text without values, and the lines of the file that are left out because they may be part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stripped {
    /// The names and the comments.
    pub(super) text: String,
    /// The lines that are left out, from 1.
    pub(super) left_out: Vec<u32>,
}

/// Takes the values out of an env file, those of assignments in comments, too. A comment behind a value
/// goes to a line of its own, since behind no value some readers take it for one.
pub(super) fn stripped(source: &str) -> Stripped {
    let end = line_end(source);
    let (mut text, mut left_out) = (String::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut in_key = false;
    for Piece { span, line, kind } in pieces(source) {
        let piece = &source[span.clone()];
        let (begins, ends) = (piece.contains("-----BEGIN "), piece.contains("-----END "));
        let is_key_part = in_key || (begins && !ends && !matches!(kind, Kind::Assignment(_)));
        in_key = (in_key || begins) && !ends;
        match kind {
            Kind::Blank => text.push_str(piece),
            _ if is_key_part => left_out.push(line),
            Kind::Comment => text.push_str(&comment_stripped(piece)),
            Kind::Assignment(it) if is_plain(&it, piece) => {
                if !seen.insert(it.name) {
                    continue;
                }
                if let Some(comment) = it.comment {
                    text.push_str(&comment_stripped(&source[comment]));
                    text.push_str(end);
                }
                let head = it.value.map_or(span.end, |it| it.span.start);
                text.push_str(source[span.start..head].trim_end());
                text.push_str(end);
            }
            Kind::Assignment(_) | Kind::Unknown => left_out.push(line),
        }
    }
    Stripped { text, left_out }
}

/// Tells whether a name is surely one, and not a line of some secret.
fn is_plain(assignment: &Assignment, piece: &str) -> bool {
    let name = &assignment.name;
    let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-');
    let is_upper = || name.chars().all(|it| it.is_ascii_uppercase() || it == '_');
    let alone = assignment.value.is_none() && !piece.trim_start().starts_with("export");
    name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        && name.chars().all(is_word)
        && (!alone || is_upper())
}

/// Returns a comment without the value that stands in it, if it is an assignment that is out of use.
fn comment_stripped(comment: &str) -> String {
    let whole = || comment.to_owned();
    let Some((head, value)) = comment.split_once('=') else { return whole() };
    let name = head.trim_start().trim_start_matches(['#', ' ', '\t']).trim_end();
    let name = name.strip_prefix("export ").unwrap_or(name).trim_start();
    let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(is_word) {
        return whole();
    }
    let end = &value[value.trim_end_matches(['\n', '\r']).len()..];
    format!("{head}={end}")
}

/// Adds to an env file the names of another one that it does not have, with the comments of their
/// paragraphs. Every byte of the former stays.
pub(super) fn appended(target: &str, source: &str) -> String {
    if target.trim().is_empty() {
        return source.to_owned();
    }
    let end = line_end(target);
    let known: BTreeSet<String> = pieces(target).into_iter().filter_map(name_of).collect();
    let mut result = target.to_owned();
    // What stands above the next names, in a paragraph of its own.
    let mut waiting = Vec::new();
    for paragraph in paragraphs(source) {
        let names = || paragraph.iter().filter_map(|it| name_of(it.clone()));
        let new = names().any(|it| !known.contains(&it));
        let is_kept = |it: &&Piece| name_of((*it).clone()).is_none_or(|it| !known.contains(&it));
        let kept = paragraph.iter().filter(is_kept).map(|it| &source[it.span.clone()]);
        let text: String = kept.collect();
        if new {
            waiting.push(text);
            for text in waiting.drain(..) {
                if !result.ends_with(['\n', '\r']) {
                    result.push_str(end);
                }
                result.push_str(end);
                result.push_str(&with_line_ends(&text, end));
            }
        } else if names().next().is_none() {
            waiting.push(text);
        } else {
            waiting.clear();
        }
    }
    result
}

fn name_of(piece: Piece) -> Option<String> {
    match piece.kind {
        Kind::Assignment(it) => Some(it.name),
        Kind::Blank | Kind::Comment | Kind::Unknown => None,
    }
}

/// Returns the pieces between blank lines.
fn paragraphs(source: &str) -> Vec<Vec<Piece>> {
    let all = pieces(source);
    let parts = all.split(|it| it.kind == Kind::Blank).filter(|it| !it.is_empty());
    parts.map(<[Piece]>::to_vec).collect()
}

fn with_line_ends(text: &str, end: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    let unix = if unix.ends_with('\n') { unix } else { unix + "\n" };
    if end == "\n" { unix } else { unix.replace('\n', end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_stripped(source: &str, text: &str, left_out: &[u32]) {
        let made = stripped(source);
        assert_eq!((made.text.as_str(), &made.left_out[..]), (text, left_out));
        assert_eq!(stripped(&made.text).text, made.text, "a second time");
    }

    #[track_caller]
    fn check_appended(target: &str, source: &str, expected: &str) {
        let made = appended(target, source);
        assert_eq!(made, expected);
        assert_eq!(appended(&made, source), made, "a second time");
    }

    #[test]
    fn values_go_and_all_else_stays() {
        check_stripped(
            "# db\nexport A = 'x y'\n\nB=1\nA=2\nexport C\nD\n",
            "# db\nexport A =\n\nB=\nexport C\nD\n",
            &[],
        );
        check_stripped("A=\"one\ntwo\"\r\nB=${A}\r\n", "A=\r\nB=\r\n", &[]);
        check_stripped("A=1 # one\nB=2", "# one\nA=\nB=\n", &[]);
    }

    #[test]
    fn no_part_of_a_value_stays() {
        check_stripped(
            "# A=secret\n#export B = x # y\n# a = b = c\n",
            "# A=\n#export B =\n# a =\n",
            &[],
        );
        check_stripped("# see a: b=c\n", "# see a: b=c\n", &[]);
        check_stripped("A=\"open\nMIIEv\nx+y=\nB=1\n", "B=\n", &[1, 2, 3]);
        check_stripped(
            "K=-----BEGIN PRIVATE KEY-----\nMIIE\nabcd==\n-----END PRIVATE KEY-----\nB=1\n",
            "K=\nB=\n",
            &[2, 3, 4],
        );
        check_stripped("#K=-----BEGIN KEY-----\n#MIIE\n#-----END KEY-----\n", "", &[1, 2, 3]);
    }

    #[test]
    fn new_names_come_with_their_comments() {
        check_appended("", "A=\n", "A=\n");
        check_appended("A=1\n", "A=2\nB=3\n", "A=1\n\nB=3\n");
        check_appended(
            "A=1",
            "# first\nA=\n\n# second\n\n# b\nB=\n\n# last\n",
            "A=1\n\n# second\n\n# b\nB=\n",
        );
        check_appended("A=1\r\n", "B='x\ny'\n", "A=1\r\n\r\nB='x\r\ny'\r\n");
    }
}
