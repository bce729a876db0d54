//! Variables of a Makefile or a shell script: which text stands for each?
//!
//! Known is what is assigned plain text, once or always the same. What a program, a loop or a caller
//! gives is not, nor what is appended to; a use of it stays as it is written.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;

/// Longer texts are no part of a command.
const LONGEST: usize = 400;

/// How variables are assigned and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::facts) enum Dialect {
    /// `NAME := text`, `$(NAME)`.
    Make,
    /// `NAME=text`, `$NAME`. Other texts hold lines of a shell.
    Shell,
}

impl Dialect {
    /// Tells which one a file is written in.
    pub(in crate::facts) fn of(path: &RepoPath) -> Self {
        let name = path.name_str().to_ascii_lowercase();
        let stem = name.split('.').next().unwrap_or_default();
        match path.extension() == "mk" || matches!(stem, "makefile" | "gnumakefile") {
            true => Self::Make,
            false => Self::Shell,
        }
    }
}

/// What is known of the variables of one text.
#[derive(Debug)]
pub(super) struct Variables<'a> {
    dialect: Dialect,
    values: BTreeMap<&'a str, Expanded<'a>>,
}

/// A text with the values of known variables in place of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expanded<'a> {
    pub(super) text: Cow<'a, str>,
    /// The lines that assign them, from 1.
    pub(super) lines: BTreeSet<u32>,
}

impl<'a> Variables<'a> {
    /// Reads the assignments in the lines of a text that are no comments, with their numbers.
    pub(super) fn of(lines: impl Iterator<Item = (u32, &'a str)>, dialect: Dialect) -> Self {
        let mut found = Assigned::default();
        for (number, line) in lines {
            found.line = number;
            match dialect {
                Dialect::Make => found.of_make(line),
                Dialect::Shell => found.of_shell(line),
            }
        }
        let mut known = Self { dialect, values: BTreeMap::new() };
        let texts = found.texts.into_iter();
        let mut open: Vec<_> = texts.filter_map(|(name, text)| Some((name, text?))).collect();
        loop {
            let before = open.len();
            open.retain(|(name, (line, text))| {
                let mut value = known.expand(text);
                let is_plain =
                    !value.text.contains(['$', '`', '\\']) && value.text.len() <= LONGEST;
                if is_plain {
                    value.lines.insert(*line);
                    known.values.insert(name, value);
                }
                !is_plain
            });
            if open.len() == before {
                return known;
            }
        }
    }

    /// Puts the values of known variables in.
    pub(super) fn expand(&self, text: &'a str) -> Expanded<'a> {
        let (mut shown, mut lines) = (String::new(), BTreeSet::new());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let (before, used) = rest.split_at(at);
            shown.push_str(before);
            let (length, value) = self.used(used);
            shown.push_str(value.map_or(&used[..length], |it| &it.text));
            lines.extend(value.iter().flat_map(|it| &it.lines));
            rest = &used[length..];
        }
        if rest.len() == text.len() {
            return Expanded { text: Cow::Borrowed(text), lines };
        }
        shown.push_str(rest);
        Expanded { text: Cow::Owned(shown), lines }
    }

    /// Reads a use of a variable: how long it is, and what stands for it.
    fn used(&self, text: &str) -> (usize, Option<&Expanded<'a>>) {
        let value = |name: &str| self.values.get(name);
        let inside = |close: char| {
            let name = &text[2..text.find(close)?];
            Some((name.len() + 3, value(name)?))
        };
        let found = match (text.as_bytes().get(1), self.dialect) {
            (Some(b'$'), _) => return (2, None),
            (Some(b'{'), _) => inside('}'),
            (Some(b'('), Dialect::Make) => inside(')'),
            (_, Dialect::Make) => None,
            (_, Dialect::Shell) => {
                let end =
                    text[1..].find(|it: char| !is_of_name(it)).map_or(text.len(), |it| it + 1);
                value(&text[1..end]).map(|value| (end, value))
            }
        };
        found.map_or((1, None), |(length, value)| (length, Some(value)))
    }
}

/// The text that each variable is assigned, and in which line; `None` where that cannot be told.
#[derive(Debug, Default)]
struct Assigned<'a> {
    line: u32,
    texts: BTreeMap<&'a str, Option<(u32, &'a str)>>,
}

impl<'a> Assigned<'a> {
    fn add(&mut self, name: &'a str, text: Option<&'a str>) {
        let known = self.texts.entry(name).or_insert(text.map(|it| (self.line, it)));
        *known = known.filter(|(_, it)| text == Some(it));
    }

    fn of_make(&mut self, line: &'a str) {
        if line.starts_with('\t') {
            return;
        }
        let words = || line.split_whitespace();
        if let Some("define" | "undefine") = words().find(|it| *it != "override") {
            words().for_each(|it| self.add(it, None));
        }
        let Some((left, text)) = line.split_once('=') else { return };
        let name = left.trim_end_matches(['+', '!', '?', ':']);
        let sets = !left.ends_with(['+', '!']);
        let mut words = name.split_whitespace();
        let name = words.next_back().unwrap_or_default();
        // `clean: NAME = text` counts for one target.
        let everywhere = words.all(|it| matches!(it, "export" | "override" | "private"));
        self.add(name, Some(text.trim()).filter(|_| sets && everywhere));
    }

    fn of_shell(&mut self, line: &'a str) {
        for words in statements(line) {
            let mut words = words.as_slice();
            while let ["then" | "do" | "else" | "if" | "while" | "until" | "{" | "!", rest @ ..] =
                words
            {
                words = rest;
            }
            match words {
                [
                    "for" | "select" | "read" | "unset" | "getopts" | "mapfile" | "readarray"
                    | "printf",
                    rest @ ..,
                ] => {
                    rest.iter().for_each(|it| self.add(it, None));
                }
                ["export" | "readonly" | "local" | "declare" | "ENV" | "ARG", rest @ ..] => {
                    self.of_words(rest);
                }
                // Before a command, they count for that command alone.
                _ if words.iter().all(|it| assignment(it).is_some()) => self.of_words(words),
                _ => {}
            }
        }
    }

    fn of_words(&mut self, words: &[&'a str]) {
        for (name, text) in words.iter().filter_map(|it| assignment(it)) {
            match name.strip_suffix('+') {
                Some(name) => self.add(name, None),
                None => self.add(name, plain(text)),
            }
        }
    }
}

/// Splits `NAME=text`; what is appended to leaves its `+` on the name.
fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, text) = word.split_once('=')?;
    let is_name = name.trim_end_matches('+').chars().all(is_of_name);
    (is_name && name.starts_with(|it: char| it == '_' || it.is_ascii_alphabetic()))
        .then_some((name, text))
}

/// Returns what a word of a shell stands for, where its quotes are simple. What is only quoted by
/// half, a pattern or an array is not.
fn plain(word: &str) -> Option<&str> {
    let quoted = |mark| word.strip_prefix(mark)?.strip_suffix(mark);
    let text = match quoted('\'') {
        Some(text) if text.contains('$') => return None,
        Some(text) => text,
        None => quoted('"').unwrap_or(word),
    };
    (!text.is_empty() && !text.contains(['"', '\'', '*', '?', '(', '~', '['])).then_some(text)
}

/// Cuts a line of a shell into the words of its statements.
fn statements(line: &str) -> Vec<Vec<&str>> {
    let mut found = vec![Vec::new()];
    let (mut start, mut depth, mut quote, mut before) = (0, 0_usize, None, ' ');
    for (at, character) in line.char_indices() {
        let opens = matches!(character, '"' | '\'' | '`');
        match quote {
            Some(open) => quote = Some(open).filter(|it| *it != character),
            None if opens => quote = Some(character),
            None if character == '(' && before == '$' => depth += 1,
            None if character == ')' && depth > 0 => depth -= 1,
            None if depth > 0 => {}
            None if character.is_whitespace() || ";&|()".contains(character) => {
                end_word(&mut found, &line[start..at]);
                start = at + character.len_utf8();
                if !character.is_whitespace() {
                    found.push(Vec::new());
                }
            }
            None => {}
        }
        before = character;
    }
    end_word(&mut found, &line[start..]);
    found
}

fn end_word<'a>(found: &mut [Vec<&'a str>], word: &'a str) {
    if let Some(words) = found.last_mut().filter(|_| !word.is_empty()) {
        words.push(word);
    }
}

fn is_of_name(it: char) -> bool {
    it == '_' || it.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what becomes of the last line of a text.
    #[track_caller]
    fn check(dialect: Dialect, text: &str, expected: &str) {
        let variables = Variables::of((1..).zip(text.lines()), dialect);
        assert_eq!(variables.expand(text.lines().last().unwrap()).text, expected, "{text}");
    }

    #[test]
    fn make_puts_in_what_is_assigned_plainly() {
        let check = |text, expected| check(Dialect::Make, text, expected);
        check("PY = python3 -u\nD:=s\n\t$(PY) ${D}/t.py", "\tpython3 -u s/t.py");
        check("D ?= s\nexport E := $(D)/e\n\t$(E) $$D $(D:a=b) $E", "\ts/e $$D $(D:a=b) $E");
        check("T = $(D)/t.py\nD = s\n\t$(T)", "\ts/t.py");
        check("ifdef X\nD = s\nelse\nD = s\nendif\n\t$(D)", "\ts");
    }

    #[test]
    fn lines_that_say_what_is_put_in_are_known() {
        let text = "A=a\nB=$A/b\nC=c\n";
        let variables = Variables::of((1..).zip(text.lines()), Dialect::Shell);
        assert_eq!(variables.expand("$B $X").lines, BTreeSet::from([1, 2]));
    }

    #[test]
    fn make_leaves_what_nobody_can_tell() {
        let check =
            |text: &str| check(Dialect::Make, &format!("{text}\n\t$(D)/t.py"), "\t$(D)/t.py");
        check("D = s\nD = x");
        check("D = s\nD += x");
        check("D != ls");
        check("D = $(shell ls)");
        check("D = s\ntest: D = x");
        check("define D\ns\nendef\nD = s");
        check("D = s \\");
        check("\tD = s");
        check("D = $(D)");
    }

    #[test]
    fn a_shell_puts_in_what_is_assigned_plainly() {
        let check = |text, expected| check(Dialect::Shell, text, expected);
        check("D=s\npython \"$D/t.py\" ${D}x $Dx", "python \"s/t.py\" sx $Dx");
        check("export D='s'; readonly E=\"e\"; F=$D/f\n$F $E", "s/f e");
        check("if true; then D=s; fi\ncd $D && ls", "cd s && ls");
    }

    #[test]
    fn a_shell_leaves_what_nobody_can_tell() {
        let check = |text: &str| check(Dialect::Shell, &format!("{text}\n$D/t.py"), "$D/t.py");
        check("D=s\nD=x");
        check("D=s; D+=x");
        check("D=$(ls)");
        check("D=`ls`");
        check("D=s\nfor D in a b; do ls; done");
        check("D=s\nwhile read -r D; do ls; done");
        check("D=s ls");
        check("D = s");
        check("D=${1:-s}");
        check("D=s; local D=x");
        check("D=");
        check("D='$s'");
        check("D=(a b)");
    }
}
