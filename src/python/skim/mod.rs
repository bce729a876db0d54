//! Ordinary functions, told without a tree.
//!
//! Most of a file is the inside of functions, and most functions hold nothing that facts are made of:
//! no import, no name of a module, none of the words that change what a module is. A reader of the
//! grammar that builds nothing finds them; what it surely accepts is blanked, and the parser reads
//! the rest, at the same offsets. Whatever it is not sure of it leaves to the parser, so the facts
//! are the same: each file that a debug build reads is read both ways, and compared.

use std::ops::Range;

use super::words;
use lexer::{Keyword, Kind, Lexer, Operator, Token};
use odd::{is_odd, is_told};

pub(super) use imports::imports;

mod expression;
mod fields;
mod imports;
mod lexer;
mod odd;
mod statement;

#[cfg(test)]
mod tests;

/// The oldest version whose grammar has all that is read here.
pub(super) const OLDEST: (u8, u8) = (3, 8);

/// How deeply what is read here may nest.
const DEEPEST: usize = 50;

/// What is left of a file to parse.
pub(super) struct Skimmed {
    /// The source, with a number and a comment in the place of what was read here: bodies of
    /// functions, most of them with the parameters.
    pub(super) source: String,
    /// The literals there that name a module or something in one.
    pub(super) literals: Vec<Named>,
}

/// A literal that, whole, is a dotted path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// Where the text between the quotes begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// It is a statement of its own.
    pub(super) docstring: bool,
}

/// Reads the functions that hold nothing but literals; `None` where all has to be parsed.
pub(super) fn skim(source: &str) -> Option<Skimmed> {
    let mut skimmer = Skimmer::new(Lexer::new(source.as_bytes()))?;
    skimmer.file()?;
    if skimmer.blanks.is_empty() {
        return None;
    }
    let source = blanked(source, &skimmer.blanks)?;
    Some(Skimmed { source, literals: skimmer.literals })
}

/// What the parser is not shown.
#[derive(Debug)]
struct Blank {
    span: Range<usize>,
    /// What stands there instead, as far as there is room.
    instead: &'static [u8],
}

/// Stands for a body, and for all that follows the opening parenthesis of a function.
const BODY: &[u8] = b"0#";
const FUNCTION: &[u8] = b"):0#";

fn blanked(source: &str, blanks: &[Blank]) -> Option<String> {
    let mut bytes = source.as_bytes().to_vec();
    for Blank { span, instead } in blanks {
        let blank = bytes.get_mut(span.clone())?;
        blank.fill(b' ');
        blank.iter_mut().zip(*instead).for_each(|(place, byte)| *place = *byte);
    }
    String::from_utf8(bytes).ok()
}

/// Reads grammar, one token ahead. `None` is "not sure" everywhere; `lost` says that not even the
/// tokens are.
#[derive(Debug)]
struct Skimmer<'a> {
    lexer: Lexer<'a>,
    token: Token,
    /// Where the token before it ends.
    behind: usize,
    lost: bool,
    depth: usize,
    /// How many strings have been read that a longer dotted path could begin with.
    heads: usize,
    /// In the head of a function, which is evaluated where the function is defined: what could bind
    /// or change something there is left to the parser.
    head: bool,
    /// The names of the arguments that are being read, of the innermost call last.
    keywords: Vec<&'a [u8]>,
    blanks: Vec<Blank>,
    literals: Vec<Named>,
}

impl<'a> Skimmer<'a> {
    fn new(lexer: Lexer<'a>) -> Option<Self> {
        let token = Token { kind: Kind::Newline, start: 0, end: 0 };
        let mut skimmer = Self {
            lexer,
            token,
            behind: 0,
            lost: false,
            depth: 0,
            heads: 0,
            head: false,
            keywords: Vec::new(),
            blanks: Vec::new(),
            literals: Vec::new(),
        };
        skimmer.advance()?;
        Some(skimmer)
    }

    fn advance(&mut self) -> Option<()> {
        match self.lexer.next() {
            Ok(token) => {
                self.behind = self.token.end;
                self.token = token;
                Some(())
            }
            Err(lexer::Lost) => {
                self.lost = true;
                None
            }
        }
    }

    /// Returns the text of the current token.
    fn text(&self) -> &'a [u8] {
        &self.lexer.bytes()[self.token.start..self.token.end]
    }

    fn is(&self, operator: Operator) -> bool {
        self.token.kind == Kind::Operator(operator)
    }

    fn is_keyword(&self, keyword: Keyword) -> bool {
        self.token.kind == Kind::Keyword(keyword)
    }

    /// Passes over an operator, if it stands here.
    fn eat(&mut self, operator: Operator) -> Option<bool> {
        let here = self.is(operator);
        if here {
            self.advance()?;
        }
        Some(here)
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> Option<bool> {
        let here = self.is_keyword(keyword);
        if here {
            self.advance()?;
        }
        Some(here)
    }

    fn expect(&mut self, kind: Kind) -> Option<()> {
        if self.token.kind != kind {
            return None;
        }
        self.advance()
    }

    fn name(&mut self) -> Option<()> {
        self.expect(Kind::Name)
    }

    /// Runs `work` one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Goes through the whole file, and finds the functions that say nothing.
    fn file(&mut self) -> Option<()> {
        let mut starts = true;
        loop {
            let (token, text) = (self.token, self.text());
            if starts && token.kind == Kind::Keyword(Keyword::Def) {
                self.function()?;
                continue;
            }
            match token.kind {
                Kind::End => return Some(()),
                Kind::Fields | Kind::OddFields => self.pass_fields()?,
                _ => {}
            }
            starts = match token.kind {
                Kind::Newline | Kind::Indent | Kind::Dedent => true,
                Kind::Keyword(Keyword::Async) => starts,
                _ => false,
            };
            self.advance()?;
            // What goes by another name could be used under it in any function.
            let is_renamed =
                self.is_keyword(Keyword::As) && (text == b"sys" || is_odd(text) || is_told(text));
            if is_renamed || self.is_keyword(Keyword::Import) && text == b"sys" {
                return None;
            }
        }
    }

    /// Makes sure that a string with fields, which the parser will read, ends where it seems to.
    fn pass_fields(&mut self) -> Option<()> {
        let literals = self.literals.len();
        self.fields()?;
        self.literals.truncate(literals);
        Some(())
    }

    /// Passes over a function, as far as it says nothing: over all of it, or up to the start of its
    /// body, or to wherever the head turned out to be an odd one.
    fn function(&mut self) -> Option<()> {
        let outside = self.literals.len();
        let parameters = self.head()?;
        for kind in [Kind::Operator(Operator::Colon), Kind::Newline, Kind::Indent] {
            if self.token.kind != kind {
                self.literals.truncate(outside);
                return Some(());
            }
            self.advance()?;
        }
        let (lexer, token) = (self.lexer.clone(), self.token);
        match (self.suite(), parameters) {
            (Some(end), Some(start)) => {
                self.blanks.push(Blank { span: start..end, instead: FUNCTION });
            }
            (Some(end), None) => {
                self.blanks.push(Blank { span: token.start..end, instead: BODY });
            }
            (None, _) if self.lost => return None,
            (None, _) => {
                (self.lexer, self.token) = (lexer, token);
                self.literals.truncate(outside);
            }
        }
        Some(())
    }

    /// Passes over the head of a function, up to its colon or to what is odd in it. Returns where the
    /// parameters begin, if they say nothing.
    fn head(&mut self) -> Option<Option<usize>> {
        let (lexer, token, literals) = (self.lexer.clone(), self.token, self.literals.len());
        self.head = true;
        let parameters = self.signature();
        self.head = false;
        if self.lost {
            return None;
        }
        if parameters.is_some() && self.is(Operator::Colon) {
            return Some(parameters);
        }
        (self.lexer, self.token) = (lexer, token);
        self.literals.truncate(literals);
        while !(self.is(Operator::Colon) && self.lexer.is_outside()) {
            let ends = matches!(self.token.kind, Kind::Newline | Kind::End);
            if ends || self.is_keyword(Keyword::Lambda) && self.lexer.is_outside() {
                break;
            }
            if matches!(self.token.kind, Kind::Fields | Kind::OddFields) {
                self.pass_fields()?;
            }
            self.advance()?;
        }
        Some(None)
    }
}
