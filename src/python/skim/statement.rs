//! Statements, as they stand in functions.

use super::Skimmer;
use super::lexer::{Keyword, Kind, Operator};
use super::odd::is_told;

impl Skimmer<'_> {
    /// Reads the statements of a suite, from its first token to behind its end; returns where the
    /// last line of it ends.
    pub(super) fn suite(&mut self) -> Option<usize> {
        let mut end = self.token.end;
        while self.token.kind != Kind::Dedent {
            end = self.deeper(Self::statement)?;
        }
        self.advance()?;
        Some(end)
    }

    /// Reads `: a` or a suite on lines of its own; returns where it ends.
    fn block(&mut self) -> Option<usize> {
        self.expect(Kind::Operator(Operator::Colon))?;
        if self.token.kind != Kind::Newline {
            return self.simple_statements();
        }
        self.advance()?;
        self.expect(Kind::Indent)?;
        self.suite()
    }

    /// Reads one line or one compound statement; returns where it ends.
    fn statement(&mut self) -> Option<usize> {
        let Kind::Keyword(keyword) = self.token.kind else {
            if self.is(Operator::At) {
                return self.decorated();
            }
            return self.simple_statements();
        };
        match keyword {
            Keyword::If => self.branches(),
            Keyword::While => {
                self.advance()?;
                self.named()?;
                let end = self.block()?;
                self.otherwise(end)
            }
            Keyword::For => self.loop_over(),
            Keyword::Try => self.attempt(),
            Keyword::With => self.with(),
            Keyword::Def => self.definition(),
            Keyword::Class => self.class(),
            Keyword::Async => {
                self.advance()?;
                match self.token.kind {
                    Kind::Keyword(Keyword::Def) => self.definition(),
                    Kind::Keyword(Keyword::For) => self.loop_over(),
                    Kind::Keyword(Keyword::With) => self.with(),
                    _ => None,
                }
            }
            _ => self.simple_statements(),
        }
    }

    /// Reads statements on one line; returns where the line ends.
    fn simple_statements(&mut self) -> Option<usize> {
        loop {
            self.simple_statement()?;
            if !self.eat(Operator::Semicolon)? || self.token.kind == Kind::Newline {
                break;
            }
            // The parser does not always tell behind a semicolon what such a word is.
            if self.is_soft() {
                return None;
            }
        }
        let end = self.token.start;
        self.expect(Kind::Newline)?;
        Some(end)
    }

    fn simple_statement(&mut self) -> Option<()> {
        let Kind::Keyword(keyword) = self.token.kind else { return self.assignment() };
        match keyword {
            Keyword::Pass | Keyword::Break | Keyword::Continue => self.advance(),
            Keyword::Return => {
                self.advance()?;
                if self.begins_expression() {
                    self.expressions()?;
                }
                Some(())
            }
            Keyword::Raise => {
                self.advance()?;
                // Behind it the parser wants an exception or the end of the line.
                if self.token.kind == Kind::Newline {
                    return Some(());
                }
                self.expression()?;
                if self.eat_keyword(Keyword::From)? {
                    self.expression()?;
                }
                Some(())
            }
            Keyword::Assert => {
                self.advance()?;
                self.expression()?;
                if self.eat(Operator::Comma)? {
                    self.expression()?;
                }
                Some(())
            }
            Keyword::Del => {
                self.advance()?;
                while self.primary()?.is_single() {
                    if !self.eat(Operator::Comma)? {
                        return Some(());
                    }
                }
                None
            }
            Keyword::Nonlocal => {
                self.advance()?;
                self.name()?;
                while self.eat(Operator::Comma)? {
                    self.name()?;
                }
                Some(())
            }
            // An import is a fact, and `global` binds what is one.
            Keyword::Import | Keyword::From | Keyword::Global => None,
            _ => self.assignment(),
        }
    }

    /// Tells whether a word stands here that may begin a statement of its own.
    fn is_soft(&self) -> bool {
        matches!(self.text(), b"match" | b"type" | b"case" | b"lazy")
    }

    /// Reads an expression, or an assignment of any form.
    fn assignment(&mut self) -> Option<()> {
        let soft = self.is_soft();
        let (start, literals) = (self.token, self.literals.len());
        let mut shape = self.value()?;
        match self.token.kind {
            Kind::Operator(Operator::Assign) => {
                while shape.is_target() && self.eat(Operator::Assign)? {
                    shape = self.value()?;
                }
                (!self.is(Operator::Assign)).then_some(())
            }
            Kind::Operator(Operator::Augmented) if shape.is_single() => {
                self.advance()?;
                self.value().map(drop)
            }
            Kind::Operator(Operator::Colon) if shape.is_single() && !soft => {
                self.advance()?;
                self.expression()?;
                if self.eat(Operator::Assign)? {
                    self.value()?;
                }
                Some(())
            }
            Kind::Newline | Kind::Operator(Operator::Semicolon) => {
                let alone = start.kind == Kind::Text && start.end == self.behind;
                let within = start.kind == Kind::Operator(Operator::Open(b'('));
                let literals = &mut self.literals[literals..];
                literals.iter_mut().for_each(|it| it.docstring = alone);
                // A string in parentheses may be talk as well.
                (literals.is_empty() || !within).then_some(())
            }
            _ => None,
        }
    }

    fn branches(&mut self) -> Option<usize> {
        loop {
            self.advance()?;
            self.named()?;
            let end = self.block()?;
            if !self.is_keyword(Keyword::Elif) {
                return self.otherwise(end);
            }
        }
    }

    /// Reads an `else`, where there is one; returns where it, or what was before, ends.
    fn otherwise(&mut self, end: usize) -> Option<usize> {
        if self.eat_keyword(Keyword::Else)? { self.block() } else { Some(end) }
    }

    fn loop_over(&mut self) -> Option<usize> {
        self.advance()?;
        self.targets()?;
        self.expect(Kind::Keyword(Keyword::In))?;
        self.expression()?;
        while self.eat(Operator::Comma)? {
            if self.is(Operator::Colon) {
                break;
            }
            self.expression()?;
        }
        let end = self.block()?;
        self.otherwise(end)
    }

    fn attempt(&mut self) -> Option<usize> {
        self.advance()?;
        let body = self.block()?;
        let mut end = body;
        let mut catches_all = false;
        while self.eat_keyword(Keyword::Except)? {
            // What catches all has to be the last one.
            if catches_all {
                return None;
            }
            catches_all = self.is(Operator::Colon);
            if !catches_all {
                self.expression()?;
                if self.eat_keyword(Keyword::As)? {
                    self.name()?;
                }
            }
            end = self.block()?;
        }
        if end > body {
            end = self.otherwise(end)?;
        }
        if self.eat_keyword(Keyword::Finally)? {
            end = self.block()?;
        }
        (end > body).then_some(end)
    }

    fn with(&mut self) -> Option<usize> {
        self.advance()?;
        // Parentheses may be those of an expression, or of all items.
        if self.is(Operator::Open(b'(')) {
            return None;
        }
        loop {
            self.expression()?;
            if self.eat_keyword(Keyword::As)? && !self.primary()?.is_target() {
                return None;
            }
            if !self.eat(Operator::Comma)? {
                return self.block();
            }
        }
    }

    fn definition(&mut self) -> Option<usize> {
        self.signature()?;
        self.block()
    }

    /// Reads `def f(a) -> b`; returns where its parameters begin.
    pub(super) fn signature(&mut self) -> Option<usize> {
        self.advance()?;
        self.name()?;
        self.expect(Kind::Operator(Operator::Open(b'(')))?;
        let start = self.behind;
        self.parameters(true)?;
        self.expect(Kind::Operator(Operator::Close(b')')))?;
        if self.eat(Operator::Arrow)? {
            self.expression()?;
        }
        Some(start)
    }

    fn class(&mut self) -> Option<usize> {
        self.advance()?;
        self.name()?;
        if self.is(Operator::Open(b'(')) {
            self.arguments()?;
        }
        self.block()
    }

    /// Reads decorators that are names or calls of names, and what they decorate.
    fn decorated(&mut self) -> Option<usize> {
        while self.eat(Operator::At)? {
            // Before 3.9, only names and calls of names decorate.
            let mut called = self.text();
            if called == b"sys" {
                return None;
            }
            self.name()?;
            while self.eat(Operator::Dot)? {
                called = self.text();
                self.name()?;
            }
            if self.is(Operator::Open(b'(')) {
                if is_told(called) {
                    return None;
                }
                self.arguments()?;
            }
            self.expect(Kind::Newline)?;
        }
        self.eat_keyword(Keyword::Async)?;
        match self.token.kind {
            Kind::Keyword(Keyword::Def) => self.definition(),
            Kind::Keyword(Keyword::Class) => self.class(),
            _ => None,
        }
    }
}
