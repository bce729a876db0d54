//! Expressions: the part of the grammar that ordinary code is made of.
//!
//! Only validity matters, so operators of one level or several are read as one chain. What versions
//! of Python disagree about is "not sure".

use super::lexer::{Keyword, Kind, Operator};
use super::odd::{self, is_told};
use super::{Named, Skimmer, words};

/// How many arguments of a call may have names: each is compared with those before it.
const MOST_KEYWORDS: usize = 100;

/// What an expression can be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A name that stands alone.
    Name,
    /// An attribute or an item, or a name in parentheses.
    Place,
    /// A tuple or list of what can be assigned to.
    Places,
    /// Anything else.
    Value,
}

impl Shape {
    /// Tells whether it can be assigned to.
    pub(super) fn is_target(self) -> bool {
        self != Self::Value
    }

    /// Tells whether it can be assigned to as one.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Name | Self::Place)
    }
}

impl<'a> Skimmer<'a> {
    /// Reads `a`, `a, b`, `*a, b`, `yield a`: what may stand right of `=`.
    pub(super) fn value(&mut self) -> Option<Shape> {
        if self.is_keyword(Keyword::Yield) {
            self.yielded()?;
            return Some(Shape::Value);
        }
        self.expressions()
    }

    /// Reads expressions with commas between them.
    pub(super) fn expressions(&mut self) -> Option<Shape> {
        let (first, starred) = self.item()?;
        if !self.is(Operator::Comma) {
            return (!starred).then_some(first);
        }
        let mut places = first.is_target();
        while self.eat(Operator::Comma)? {
            if !self.begins_expression() {
                break;
            }
            places &= self.item()?.0.is_target();
        }
        Some(if places { Shape::Places } else { Shape::Value })
    }

    fn item(&mut self) -> Option<(Shape, bool)> {
        let starred = self.eat(Operator::Star)?;
        let shape = if starred { self.operand()? } else { self.expression()? };
        Some((shape, starred))
    }

    fn yielded(&mut self) -> Option<()> {
        self.advance()?;
        if self.eat_keyword(Keyword::From)? {
            self.expression()?;
        } else if self.begins_expression() {
            self.expressions()?;
        }
        Some(())
    }

    /// Tells whether an expression, starred or not, may begin here.
    pub(super) fn begins_expression(&self) -> bool {
        match self.token.kind {
            Kind::Name | Kind::Number | Kind::Text | Kind::Fields => true,
            Kind::Odd | Kind::OddFields => true,
            Kind::Keyword(it) => {
                matches!(it, Keyword::Constant | Keyword::Not | Keyword::Lambda | Keyword::Await)
            }
            Kind::Operator(it) => matches!(
                it,
                Operator::Open(_)
                    | Operator::Sign
                    | Operator::Invert
                    | Operator::Star
                    | Operator::Ellipsis
            ),
            Kind::Newline | Kind::Indent | Kind::Dedent | Kind::End => false,
        }
    }

    /// Reads an expression that may have a name: `a := b`.
    pub(super) fn named(&mut self) -> Option<Shape> {
        let shape = self.expression()?;
        if shape == Shape::Name && !self.head && self.eat(Operator::Walrus)? {
            self.expression()?;
            return Some(Shape::Value);
        }
        Some(shape)
    }

    /// Reads one expression, without commas.
    pub(super) fn expression(&mut self) -> Option<Shape> {
        self.deeper(|it| {
            if it.is_keyword(Keyword::Lambda) {
                // In a field, its colon would be that of the field.
                if it.head || it.lexer.is_bare_field() {
                    return None;
                }
                it.advance()?;
                it.parameters(false)?;
                it.expect(Kind::Operator(Operator::Colon))?;
                it.expression()?;
                return Some(Shape::Value);
            }
            let shape = it.condition()?;
            if !it.eat_keyword(Keyword::If)? {
                return Some(shape);
            }
            it.condition()?;
            it.expect(Kind::Keyword(Keyword::Else))?;
            it.expression()?;
            Some(Shape::Value)
        })
    }

    /// Reads `a and not b == c`.
    fn condition(&mut self) -> Option<Shape> {
        let mut shape = None;
        loop {
            while self.eat_keyword(Keyword::Not)? {
                shape = Some(Shape::Value);
            }
            let compared = self.comparison()?;
            shape = Some(shape.map_or(compared, |_| Shape::Value));
            if !self.is_keyword(Keyword::And) && !self.is_keyword(Keyword::Or) {
                return shape;
            }
            self.advance()?;
        }
    }

    fn comparison(&mut self) -> Option<Shape> {
        let mut shape = self.operand()?;
        loop {
            match self.token.kind {
                Kind::Operator(Operator::Compare) | Kind::Keyword(Keyword::In) => self.advance()?,
                Kind::Keyword(Keyword::Is) => {
                    self.advance()?;
                    self.eat_keyword(Keyword::Not)?;
                }
                Kind::Keyword(Keyword::Not) => {
                    self.advance()?;
                    self.expect(Kind::Keyword(Keyword::In))?;
                }
                _ => return Some(shape),
            }
            self.operand()?;
            shape = Shape::Value;
        }
    }

    /// Reads `a + -b ** c`.
    fn operand(&mut self) -> Option<Shape> {
        let mut alone = true;
        loop {
            while self.is(Operator::Sign) || self.is(Operator::Invert) {
                self.advance()?;
                alone = false;
            }
            alone &= !self.eat_keyword(Keyword::Await)?;
            let shape = self.primary()?;
            let goes_on = matches!(
                self.token.kind,
                Kind::Operator(
                    Operator::Sign
                        | Operator::Binary
                        | Operator::Star
                        | Operator::Power
                        | Operator::Slash
                        | Operator::At
                )
            );
            if !goes_on {
                return Some(if alone { shape } else { Shape::Value });
            }
            alone = false;
            self.advance()?;
        }
    }

    /// Reads `a.b(c)[d]`.
    pub(super) fn primary(&mut self) -> Option<Shape> {
        // What a call calls: in parentheses it could be anything.
        let mut called = (!self.is(Operator::Open(b'('))).then(|| self.text());
        let mut shape = self.atom()?;
        loop {
            match self.token.kind {
                Kind::Operator(Operator::Dot) => {
                    self.advance()?;
                    let of_sys = called.is_none_or(|it| it == b"sys");
                    called = Some(self.text());
                    if of_sys && called == Some(b"path") {
                        return None;
                    }
                    self.name()?;
                    shape = Shape::Place;
                }
                Kind::Operator(Operator::Open(b'(')) => {
                    if self.head || called.is_none_or(is_told) {
                        return None;
                    }
                    self.deeper(Self::arguments)?;
                    called = Some(b"");
                    shape = Shape::Value;
                }
                Kind::Operator(Operator::Open(b'[')) => {
                    self.deeper(Self::subscript)?;
                    called = Some(b"");
                    shape = Shape::Place;
                }
                _ => return Some(shape),
            }
        }
    }

    fn atom(&mut self) -> Option<Shape> {
        match self.token.kind {
            Kind::Name => {
                self.advance()?;
                return Some(Shape::Name);
            }
            Kind::Number
            | Kind::Keyword(Keyword::Constant)
            | Kind::Operator(Operator::Ellipsis) => self.advance()?,
            Kind::Text | Kind::Fields => self.strings()?,
            Kind::Operator(Operator::Open(b'(')) => return self.deeper(Self::parentheses),
            Kind::Operator(Operator::Open(b'[')) => return self.deeper(Self::list),
            Kind::Operator(Operator::Open(_)) => self.deeper(Self::braces)?,
            _ => return None,
        }
        Some(Shape::Value)
    }

    /// Reads strings that stand side by side. One alone may name a module; what a longer name could
    /// begin with is left to the parser.
    fn strings(&mut self) -> Option<()> {
        let (first, bytes) = (self.token, self.is_bytes());
        let (start, inside) = self.inside()?;
        let (length, dots) = odd::head(inside);
        // One word names nothing.
        let parted = inside.get(length).map_or(dots > 0, |it| *it == b':');
        let named = first.kind == Kind::Text
            && !bytes
            && parted
            && inside != b"sys.modules"
            && std::str::from_utf8(inside).is_ok_and(words::is_path);
        // Of strings side by side, the parser makes one of those with fields, and one of all.
        let mut dotted = 0;
        while matches!(self.token.kind, Kind::Text | Kind::Fields) {
            let fields = self.token.kind == Kind::Fields;
            let sure = self.is_bytes() == bytes && !odd::holds_code(self.text());
            if !sure || fields && self.head {
                return None;
            }
            if fields {
                dotted = dotted.max(odd::head(self.inside()?.1).1);
                self.fields()?;
            }
            self.advance()?;
        }
        if matches!(self.token.kind, Kind::Odd | Kind::OddFields) {
            return None;
        }
        let alone = self.behind == first.end;
        let goes_on = matches!(
            self.token.kind,
            Kind::Operator(Operator::Sign | Operator::Binary | Operator::Dot)
        );
        let begins = dots > 1 && (!named || goes_on);
        if begins || !alone && (length == inside.len() || dotted > 0) {
            return None;
        }
        self.heads += usize::from(dots > 1);
        if named && alone {
            self.literals.push(Named { start, end: start + inside.len(), docstring: false });
        }
        (!matches!(inside, b"sys.modules" | b"python" | b"python3")).then_some(())
    }

    fn is_bytes(&self) -> bool {
        let prefix = self.text().iter().take(2);
        prefix.take_while(|it| it.is_ascii_alphabetic()).any(|it| matches!(it, b'b' | b'B'))
    }

    /// Returns where the inside of a string begins, and the inside.
    fn inside(&self) -> Option<(usize, &'a [u8])> {
        let text = self.text();
        let prefix = text.iter().position(|it| matches!(it, b'"' | b'\''))?;
        let width =
            if text.len() >= prefix + 6 && text[prefix + 1] == text[prefix] { 3 } else { 1 };
        let inside = text.get(prefix + width..text.len() - width)?;
        Some((self.token.start + prefix + width, inside))
    }

    fn parentheses(&mut self) -> Option<Shape> {
        self.advance()?;
        if self.is_keyword(Keyword::Yield) {
            self.yielded()?;
            self.expect(Kind::Operator(Operator::Close(b')')))?;
            return Some(Shape::Value);
        }
        if self.eat(Operator::Close(b')'))? {
            return Some(Shape::Value);
        }
        let heads = self.heads;
        let (shape, count, starred) = self.items(b')')?;
        Some(match (count, shape) {
            // What stands behind the parentheses could go on with a string inside.
            (1, _) if starred || self.heads > heads => return None,
            (1, Shape::Name) => Shape::Place,
            (1, shape) => shape,
            (_, shape) if shape.is_target() => Shape::Places,
            _ => Shape::Value,
        })
    }

    fn list(&mut self) -> Option<Shape> {
        self.advance()?;
        if self.eat(Operator::Close(b']'))? {
            return Some(Shape::Value);
        }
        let (shape, _, _) = self.items(b']')?;
        Some(if shape.is_target() { Shape::Places } else { Shape::Value })
    }

    /// Reads what stands in parentheses or brackets, to behind the closing one: what it all can be
    /// used for, how many there are (more than one where a comma makes a tuple of it), and whether
    /// one is starred.
    fn items(&mut self, close: u8) -> Option<(Shape, usize, bool)> {
        let (mut all, mut count, mut stars) = (Shape::Name, 0, 0);
        loop {
            let starred = self.eat(Operator::Star)?;
            let shape = if starred { self.operand()? } else { self.named()? };
            stars += usize::from(starred);
            all = if count == 0 { shape } else { both(all, shape) };
            count += 1;
            if count == 1 && !starred && self.begins_comprehension() {
                self.comprehension()?;
                self.expect(Kind::Operator(Operator::Close(close)))?;
                return Some((Shape::Value, 1, false));
            }
            if !self.eat(Operator::Comma)? {
                break;
            }
            // A comma makes a tuple of one, too.
            if self.is(Operator::Close(close)) {
                count += 1;
                break;
            }
        }
        self.expect(Kind::Operator(Operator::Close(close)))?;
        let all = if stars > 1 { Shape::Value } else { all };
        Some((all, count, stars > 0))
    }

    fn braces(&mut self) -> Option<()> {
        const CLOSE: Operator = Operator::Close(b'}');
        self.advance()?;
        let mut first = true;
        let mut pairs = None;
        while !self.eat(CLOSE)? {
            let pair = if self.eat(Operator::Power)? {
                self.operand()?;
                true
            } else if self.eat(Operator::Star)? {
                self.operand()?;
                false
            } else {
                self.expression()?;
                let pair = self.eat(Operator::Colon)?;
                if pair {
                    self.expression()?;
                }
                if first && self.begins_comprehension() {
                    self.comprehension()?;
                    return self.expect(Kind::Operator(CLOSE));
                }
                pair
            };
            if *pairs.get_or_insert(pair) != pair {
                return None;
            }
            first = false;
            if !self.eat(Operator::Comma)? {
                return self.expect(Kind::Operator(CLOSE));
            }
        }
        Some(())
    }

    fn begins_comprehension(&self) -> bool {
        self.is_keyword(Keyword::For) || self.is_keyword(Keyword::Async)
    }

    /// Reads `for a in b if c`, once or more.
    fn comprehension(&mut self) -> Option<()> {
        while self.begins_comprehension() {
            self.eat_keyword(Keyword::Async)?;
            self.expect(Kind::Keyword(Keyword::For))?;
            self.targets()?;
            self.expect(Kind::Keyword(Keyword::In))?;
            self.condition()?;
            while self.eat_keyword(Keyword::If)? {
                self.condition()?;
            }
        }
        Some(())
    }

    /// Reads the targets of a loop, up to `in`.
    pub(super) fn targets(&mut self) -> Option<()> {
        loop {
            if !self.primary()?.is_target() {
                return None;
            }
            if !self.eat(Operator::Comma)? || self.is_keyword(Keyword::In) {
                return Some(());
            }
        }
    }

    /// Reads the arguments of a call, to behind the closing parenthesis.
    pub(super) fn arguments(&mut self) -> Option<()> {
        let outer = self.keywords.len();
        let read = self.arguments_behind(outer);
        self.keywords.truncate(outer);
        read
    }

    /// Reads arguments; those of calls around this one have that many names.
    fn arguments_behind(&mut self, outer: usize) -> Option<()> {
        const CLOSE: Operator = Operator::Close(b')');
        self.advance()?;
        let (mut named, mut unpacked, mut first) = (false, false, true);
        while !self.eat(CLOSE)? {
            if self.eat(Operator::Power)? {
                self.expression()?;
                unpacked = true;
            } else if self.eat(Operator::Star)? {
                self.expression()?;
                if unpacked {
                    return None;
                }
            } else {
                let name = self.text();
                let shape = self.named()?;
                if shape == Shape::Name && self.eat(Operator::Assign)? {
                    let known = &self.keywords[outer..];
                    if known.len() == MOST_KEYWORDS || known.contains(&name) {
                        return None;
                    }
                    self.keywords.push(name);
                    self.expression()?;
                    named = true;
                } else if named || unpacked {
                    return None;
                } else if first && self.begins_comprehension() {
                    self.comprehension()?;
                    return self.expect(Kind::Operator(CLOSE));
                }
            }
            first = false;
            if !self.eat(Operator::Comma)? {
                return self.expect(Kind::Operator(CLOSE));
            }
        }
        Some(())
    }

    fn subscript(&mut self) -> Option<()> {
        const CLOSE: Operator = Operator::Close(b']');
        self.advance()?;
        loop {
            self.slice()?;
            if !self.eat(Operator::Comma)? {
                return self.expect(Kind::Operator(CLOSE));
            }
            if self.eat(CLOSE)? {
                return Some(());
            }
        }
    }

    fn slice(&mut self) -> Option<()> {
        let part = |it: &mut Self| match it.token.kind {
            Kind::Operator(Operator::Colon | Operator::Comma | Operator::Close(_)) => Some(false),
            _ => it.expression().map(|_| true),
        };
        let mut some = part(self)?;
        for _ in 0..2 {
            if self.eat(Operator::Colon)? {
                some = true;
                part(self)?;
            }
        }
        some.then_some(())
    }

    /// Reads the parameters of a function, up to what closes them.
    pub(super) fn parameters(&mut self, annotated: bool) -> Option<()> {
        let (mut count, mut slash, mut star, mut default) = (0, false, false, false);
        // After a lone `*`, a name has to follow.
        let mut waits = false;
        loop {
            match self.token.kind {
                Kind::Name => {
                    self.advance()?;
                    self.annotation(annotated)?;
                    if self.eat(Operator::Assign)? {
                        self.expression()?;
                        default = true;
                    } else if default && !star {
                        return None;
                    }
                    waits = false;
                }
                Kind::Operator(Operator::Slash) if count > 0 && !slash && !star => {
                    self.advance()?;
                    slash = true;
                }
                Kind::Operator(Operator::Star) if !star => {
                    self.advance()?;
                    star = true;
                    waits = self.token.kind != Kind::Name;
                    if !waits {
                        self.advance()?;
                        self.annotation(annotated)?;
                    }
                }
                Kind::Operator(Operator::Power) if !waits => {
                    self.advance()?;
                    self.name()?;
                    self.annotation(annotated)?;
                    self.eat(Operator::Comma)?;
                    return Some(());
                }
                _ => return (!waits).then_some(()),
            }
            count += 1;
            if !self.eat(Operator::Comma)? {
                return (!waits).then_some(());
            }
        }
    }

    fn annotation(&mut self, annotated: bool) -> Option<()> {
        if annotated && self.eat(Operator::Colon)? {
            self.expression()?;
        }
        Some(())
    }
}

/// Returns what two items of a list can be used for together.
fn both(one: Shape, other: Shape) -> Shape {
    if one.is_target() && other.is_target() { Shape::Places } else { Shape::Value }
}
