//! Tokens of ordinary Python: spaces for indentation, ASCII names, strings as before Python 3.12.
//!
//! Where a file is not ordinary, the lexer is *lost*, and so is whoever reads with it: nothing is
//! guessed. The contents of numbers and strings are not judged here; odd ones say so.

use bstr::ByteSlice as _;

use super::odd::is_odd;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Number,
    /// A string or bytes without fields.
    Text,
    /// A string with fields: `f"{a}"`.
    Fields,
    /// A string with fields that is odd.
    OddFields,
    /// A name, number or string of which it takes the parser to tell what it does.
    Odd,
    Keyword(Keyword),
    Operator(Operator),
    Newline,
    Indent,
    Dedent,
    End,
}

/// The reserved words that statements and expressions are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    As,
    Assert,
    Async,
    Await,
    Break,
    Class,
    /// `True`, `False`, `None`.
    Constant,
    Continue,
    Def,
    Del,
    Elif,
    Else,
    Except,
    Finally,
    For,
    From,
    Global,
    If,
    Import,
    In,
    Is,
    Lambda,
    Nonlocal,
    Not,
    Or,
    Pass,
    Raise,
    Return,
    Try,
    While,
    With,
    Yield,
}

/// Operators and brackets, as far as grammar tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    Comma,
    Dot,
    Semicolon,
    Colon,
    /// `:=`.
    Walrus,
    /// `=`.
    Assign,
    /// `+=` and its like.
    Augmented,
    /// `->`.
    Arrow,
    At,
    Star,
    Power,
    Slash,
    /// `+`, `-`: with one operand or two.
    Sign,
    /// `~`: with one operand.
    Invert,
    /// Any other with two operands that may be chained: `|`, `//`, `>>`.
    Binary,
    /// `<`, `==` and their like.
    Compare,
    Ellipsis,
    /// `!`, of a field.
    Bang,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The file is not ordinary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost;

/// The widths of the indentation around a line. There is a copy for each function, so nothing is
/// allocated for it.
#[derive(Debug, Clone, Copy)]
struct Indents {
    widths: [usize; MOST_INDENTS],
    count: usize,
}

/// A file that is indented more often is not ordinary.
const MOST_INDENTS: usize = 32;

impl Indents {
    fn none() -> Self {
        Self { widths: [0; MOST_INDENTS], count: 0 }
    }

    fn outermost() -> Self {
        Self { count: 1, ..Self::none() }
    }

    fn open(&self) -> &[usize] {
        &self.widths[..self.count]
    }

    fn push(&mut self, width: usize) -> Result<(), Lost> {
        *self.widths.get_mut(self.count).ok_or(Lost)? = width;
        self.count += 1;
        Ok(())
    }

    fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

/// Reads tokens one by one. A copy is a place to come back to.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many brackets are open.
    brackets: usize,
    /// The widths of the indentation around the current line.
    indents: Indents,
    /// How many blocks the current line still has to close.
    closing: usize,
    /// At the start of a line, outside brackets.
    fresh: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, brackets: 0, indents: Indents::outermost(), closing: 0, fresh: true }
    }

    /// Reads what stands between braces in a string: as between brackets, up to `end`.
    pub(super) fn within(bytes: &'a [u8], at: usize, end: usize) -> Self {
        let bytes = &bytes[..end];
        Self { bytes, at, brackets: 1, indents: Indents::none(), closing: 0, fresh: false }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns whether no bracket is open.
    pub(super) fn is_outside(&self) -> bool {
        self.brackets == 0
    }

    /// Returns whether this stands between the braces of a string, in no other bracket.
    pub(super) fn is_bare_field(&self) -> bool {
        self.indents.open().is_empty() && self.brackets == 1
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Returns how many bytes from here on are such ones.
    fn run(&self, is_one: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.iter().position(|it| !is_one(*it)).unwrap_or(rest.len())
    }

    fn token(&self, kind: Kind, start: usize) -> Token {
        Token { kind, start, end: self.at }
    }

    /// Reads the next token.
    pub(super) fn next(&mut self) -> Result<Token, Lost> {
        if (self.fresh || self.closing > 0)
            && let Some(token) = self.between_lines()?
        {
            return Ok(token);
        }
        loop {
            let start = self.at;
            let Some(byte) = self.bytes.get(start) else { return self.end() };
            let kind = match byte {
                b' ' | b'\t' => {
                    self.at += 1;
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word()?,
                b'(' | b'[' | b'{' => {
                    self.brackets += 1;
                    self.single(Operator::Open(*byte))
                }
                b')' | b']' | b'}' => {
                    self.brackets = self.brackets.checked_sub(1).ok_or(Lost)?;
                    self.single(Operator::Close(*byte))
                }
                b',' => self.single(Operator::Comma),
                b'"' | b'\'' => self.string(start)?,
                b'0'..=b'9' => self.number(),
                b'.' if self.peek(1).is_ascii_digit() => self.number(),
                b'#' => {
                    self.comment();
                    continue;
                }
                b'\n' | b'\r' => {
                    self.line_end()?;
                    if self.brackets > 0 {
                        continue;
                    }
                    self.fresh = true;
                    return Ok(Token { kind: Kind::Newline, start, end: start });
                }
                b'\\' => {
                    self.continuation()?;
                    continue;
                }
                _ => self.operator()?,
            };
            return Ok(self.token(kind, start));
        }
    }

    /// Reads what the start of a line says of blocks, if anything.
    fn between_lines(&mut self) -> Result<Option<Token>, Lost> {
        if self.fresh
            && let Some(token) = self.line_start()?
        {
            return Ok(Some(token));
        }
        if self.closing == 0 {
            return Ok(None);
        }
        self.closing -= 1;
        self.indents.pop();
        Ok(Some(self.token(Kind::Dedent, self.at)))
    }

    /// Closes the last line and every block.
    fn end(&mut self) -> Result<Token, Lost> {
        if self.brackets > 0 {
            return Err(Lost);
        }
        if !self.fresh {
            self.fresh = true;
            return Ok(self.token(Kind::Newline, self.at));
        }
        Ok(self.token(Kind::End, self.at))
    }

    /// Passes over empty lines, and compares the indentation of the next one.
    fn line_start(&mut self) -> Result<Option<Token>, Lost> {
        let width = loop {
            let width = self.run(|it| it == b' ');
            self.at += width;
            match self.bytes.get(self.at) {
                Some(b'#') => self.comment(),
                Some(b'\n' | b'\r') => {}
                Some(b'\t' | b'\\' | b'\x0c') => return Err(Lost),
                Some(_) => break width,
                None => break 0,
            }
            match self.bytes.get(self.at) {
                Some(_) => self.line_end()?,
                None => break 0,
            }
        };
        let current = self.indents.open().last().copied().unwrap_or(0);
        let ended = self.at == self.bytes.len();
        // At the end of the file, `end` is asked for as long as blocks are open.
        self.fresh = ended;
        if width > current {
            self.indents.push(width)?;
            return Ok(Some(self.token(Kind::Indent, self.at)));
        }
        self.closing = self.indents.open().iter().filter(|it| **it > width).count();
        if self.closing > 0 && !self.indents.open().contains(&width) {
            return Err(Lost);
        }
        if ended && self.closing > 0 {
            self.closing = 0;
            self.indents.pop();
            return Ok(Some(self.token(Kind::Dedent, self.at)));
        }
        Ok(None)
    }

    fn line_end(&mut self) -> Result<(), Lost> {
        match (self.peek(0), self.peek(1)) {
            (b'\n', _) => self.at += 1,
            (b'\r', b'\n') => self.at += 2,
            _ => return Err(Lost),
        }
        Ok(())
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.find_byteset(b"\n\r").unwrap_or(rest.len());
    }

    /// Passes over a backslash that joins two lines.
    fn continuation(&mut self) -> Result<(), Lost> {
        self.at += 1;
        self.line_end()?;
        if self.at == self.bytes.len() { Err(Lost) } else { Ok(()) }
    }

    fn single(&mut self, operator: Operator) -> Kind {
        self.at += 1;
        Kind::Operator(operator)
    }

    fn word(&mut self) -> Result<Kind, Lost> {
        let start = self.at;
        self.at += self.run(is_word);
        let word = &self.bytes[start..self.at];
        match self.peek(0) {
            b'"' | b'\'' if word.len() <= 2 => self.string(start),
            128.. => Err(Lost),
            _ => Ok(kind_of(word)),
        }
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        let mut odd = false;
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') {
            self.at += 2;
            let digits = self.bytes[self.at..].iter().take_while(|it| it.is_ascii_hexdigit());
            self.at += digits.count();
            odd = self.at == start + 2;
        } else {
            self.digits();
            odd |= self.peek(0) != b'.' && self.at > start + 1 && self.bytes[start] == b'0';
            if self.peek(0) == b'.' {
                self.at += 1;
                self.digits();
            }
            let signed = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if matches!(self.peek(0), b'e' | b'E') && self.peek(1 + signed).is_ascii_digit() {
                self.at += 1 + signed;
                self.digits();
            }
        }
        let tail = self.run(is_word);
        self.at += tail;
        odd |= tail > 0;
        if odd { Kind::Odd } else { Kind::Number }
    }

    fn digits(&mut self) {
        while self.peek(0).is_ascii_digit() {
            self.at += 1;
            if self.peek(0) == b'_' && self.peek(1).is_ascii_digit() {
                self.at += 1;
            }
        }
    }

    /// Reads a string whose prefix, if any, began at `start`.
    fn string(&mut self, start: usize) -> Result<Kind, Lost> {
        let (mut raw, mut bytes, mut fields) = (false, false, false);
        for letter in &self.bytes[start..self.at] {
            match letter {
                b'r' | b'R' if !raw => raw = true,
                b'b' | b'B' if !bytes && !fields => bytes = true,
                b'f' | b'F' if !bytes && !fields => fields = true,
                b'u' | b'U' if self.at == start + 1 => {}
                _ => return Err(Lost),
            }
        }
        let quote = self.peek(0);
        let long = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if long { 3 } else { 1 };
        let mut odd = false;
        loop {
            self.at += if long && !bytes {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                rest.find_byteset([quote, b'\\']).unwrap_or(rest.len())
            } else {
                self.run(|it| it != quote && !matches!(it, b'\\' | b'\n' | b'\r' | 128..))
            };
            let byte = *self.bytes.get(self.at).ok_or(Lost)?;
            if byte == quote && (!long || self.peek(1) == quote && self.peek(2) == quote) {
                break;
            }
            match byte {
                b'\n' | b'\r' if !long => return Err(Lost),
                b'\\' => {
                    // An escape of a number or a name may be a wrong one, and make any word; one of
                    // a line end joins words.
                    let escaped = self.peek(1);
                    let plain = !matches!(escaped, b'0'..=b'9' | b'N' | b'U' | b'u' | b'x')
                        && !matches!(escaped, b'\n' | b'\r');
                    odd |= !raw && !plain;
                    self.at += if escaped == b'\r' && self.peek(2) == b'\n' { 2 } else { 1 };
                }
                _ => odd |= bytes && byte > 127,
            }
            self.at += 1;
        }
        self.at += if long { 3 } else { 1 };
        if self.at > self.bytes.len() {
            return Err(Lost);
        }
        Ok(match (odd, fields) {
            (true, true) => Kind::OddFields,
            (false, true) => Kind::Fields,
            (true, false) => Kind::Odd,
            (false, false) => Kind::Text,
        })
    }

    /// Reads an operator other than a bracket or a comma.
    fn operator(&mut self) -> Result<Kind, Lost> {
        use Operator as Op;
        let (first, second, third) = (self.peek(0), self.peek(1), self.peek(2));
        let (operator, width) = match (first, second, third) {
            (b'.', b'.', b'.') => (Op::Ellipsis, 3),
            (b'*', b'*', b'=') | (b'/', b'/', b'=') | (b'<', b'<', b'=') | (b'>', b'>', b'=') => {
                (Op::Augmented, 3)
            }
            (b'*', b'*', _) => (Op::Power, 2),
            (b'/', b'/', _) | (b'<', b'<', _) | (b'>', b'>', _) => (Op::Binary, 2),
            (b'=' | b'!' | b'<' | b'>', b'=', _) => (Op::Compare, 2),
            (b'-', b'>', _) => (Op::Arrow, 2),
            (b':', b'=', _) => (Op::Walrus, 2),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^', b'=', _) => {
                (Op::Augmented, 2)
            }
            // `<>` is a comparison in some versions.
            (b'<', b'>', _) => return Err(Lost),
            (b'<' | b'>', _, _) => (Op::Compare, 1),
            (b'.', _, _) => (Op::Dot, 1),
            (b';', _, _) => (Op::Semicolon, 1),
            (b':', _, _) => (Op::Colon, 1),
            (b'=', _, _) => (Op::Assign, 1),
            (b'@', _, _) => (Op::At, 1),
            (b'*', _, _) => (Op::Star, 1),
            (b'/', _, _) => (Op::Slash, 1),
            (b'+' | b'-', _, _) => (Op::Sign, 1),
            (b'~', _, _) => (Op::Invert, 1),
            (b'%' | b'&' | b'|' | b'^', _, _) => (Op::Binary, 1),
            (b'!', _, _) => (Op::Bang, 1),
            _ => return Err(Lost),
        };
        self.at += width;
        Ok(Kind::Operator(operator))
    }
}

fn is_word(byte: u8) -> bool {
    WORD[usize::from(byte)]
}

/// The bytes that names are made of.
const WORD: [bool; 256] = {
    let mut is_word = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        is_word[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    is_word
};

fn kind_of(word: &[u8]) -> Kind {
    const LONGEST: usize = "continue".len();
    if word.len() > LONGEST {
        return if is_odd(word) { Kind::Odd } else { Kind::Name };
    }
    Kind::Keyword(match word {
        b"and" => Keyword::And,
        b"as" => Keyword::As,
        b"assert" => Keyword::Assert,
        b"async" => Keyword::Async,
        b"await" => Keyword::Await,
        b"break" => Keyword::Break,
        b"class" => Keyword::Class,
        b"True" | b"False" | b"None" => Keyword::Constant,
        b"continue" => Keyword::Continue,
        b"def" => Keyword::Def,
        b"del" => Keyword::Del,
        b"elif" => Keyword::Elif,
        b"else" => Keyword::Else,
        b"except" => Keyword::Except,
        b"finally" => Keyword::Finally,
        b"for" => Keyword::For,
        b"from" => Keyword::From,
        b"global" => Keyword::Global,
        b"if" => Keyword::If,
        b"import" => Keyword::Import,
        b"in" => Keyword::In,
        b"is" => Keyword::Is,
        b"lambda" => Keyword::Lambda,
        b"nonlocal" => Keyword::Nonlocal,
        b"not" => Keyword::Not,
        b"or" => Keyword::Or,
        b"pass" => Keyword::Pass,
        b"raise" => Keyword::Raise,
        b"return" => Keyword::Return,
        b"try" => Keyword::Try,
        b"while" => Keyword::While,
        b"with" => Keyword::With,
        b"yield" => Keyword::Yield,
        _ if is_odd(word) => return Kind::Odd,
        _ => return Kind::Name,
    })
}
