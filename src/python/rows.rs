//! Strings that stand together in one row: `("a.b", "f")`, `lazy("a.b", "f")`, `{"f": ("a.b", "x")}`.
//!
//! Who loads things late writes the module and what to take of it as two strings. Which of them belong
//! together is told by where they stand, from the innermost brackets outwards. Read of files that may
//! be edited.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{DictItem, Expr, ExprCall, ExprDict, Keyword, Stmt, StringFlags as _};

use super::parse::{SHALLOW, Tree, span};
use crate::text::Span;

/// A string that may name a module, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The string.
    pub module: Said,
    /// What stands beside it, the nearest first; nothing where it stands alone.
    pub beside: Vec<Beside>,
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The text between the quotes.
    pub text: String,
    /// Where that stands, byte for byte.
    pub span: Span,
    /// Where the literal stands, quotes and all.
    pub whole: Span,
}

/// What stands beside a string between the same brackets, or as its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The strings, in order.
    pub strings: Vec<Said>,
    /// Where all of it stands.
    pub span: Span,
    /// What holds both together.
    pub form: RowForm,
}

/// What holds the strings of a row together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowForm {
    /// The arguments of a call.
    Arguments,
    /// A tuple.
    Tuple,
    /// A list or a set, of which the items may be of one kind.
    List,
    /// The values of a dictionary.
    Record,
    /// The string stands in the value, what is beside it is the key, or the name of the argument.
    Value,
    /// The string is a key, what is beside it is the value.
    Key(Entries),
}

/// The dictionary that a key stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries {
    /// Where it stands, brackets and all.
    pub dict: Span,
    /// All its entries whose key is a string, in order.
    pub all: Vec<Entry>,
}

/// An entry of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Said,
    /// Where the entry stands.
    pub span: Span,
    /// The items of the value, where it is a list, a tuple or a set of strings and of nothing else.
    pub items: Option<Vec<Said>>,
    /// Where the value stands.
    pub value: Span,
}

/// Finds the rows in which a string stands that is `wanted`, in order.
#[must_use]
pub fn rows(source: &str, target: (u8, u8), wanted: &dyn Fn(&str) -> bool) -> Vec<Row> {
    let Some(tree) = Tree::parse(source, target) else { return Vec::new() };
    let depth = tree.depth();
    let mut finder = Finder { source, wanted, around: Vec::new(), rows: Vec::new() };
    if depth <= SHALLOW {
        finder.visit_body(tree.body());
    }
    let rows = finder.rows;
    tree.drop_deep(depth);
    rows
}

/// What stands around an expression.
#[derive(Clone, Copy)]
enum Around<'a> {
    Call(&'a ExprCall),
    Keyword(&'a Keyword),
    Items(&'a Expr, &'a [Expr]),
    Dict(&'a ExprDict),
    Entry(&'a ExprDict, &'a DictItem),
    /// `TABLE["key"] = …`: the key, and the statement.
    Assigned(&'a Expr, &'a Stmt),
    /// Anything else: what is in it belongs to nothing outside.
    Other,
}

struct Finder<'a, 's> {
    source: &'s str,
    wanted: &'s dyn Fn(&str) -> bool,
    around: Vec<Around<'a>>,
    rows: Vec<Row>,
}

impl<'a> Finder<'a, '_> {
    fn within(&mut self, around: Around<'a>, work: impl FnOnce(&mut Self)) {
        self.around.push(around);
        work(self);
        self.around.pop();
    }

    /// Reads a literal of one piece, in which the text stands as it is.
    fn said(&self, expression: &Expr) -> Option<Said> {
        let part = expression.as_string_literal_expr()?.as_single_part_string()?;
        let whole = span(part);
        let start = whole.start + part.flags.opener_len().to_usize();
        let (text, span) = (part.as_str(), start..start + part.as_str().len());
        let plain = span.end <= whole.end && self.source.get(span.clone()) == Some(text);
        plain.then(|| Said { text: text.to_owned(), span, whole })
    }

    /// Returns the strings among some expressions, but for one of them.
    fn strings<'e>(&self, all: impl Iterator<Item = &'e Expr>, own: &Span) -> Vec<Said> {
        all.filter_map(|it| self.said(it)).filter(|it| it.whole != *own).collect()
    }

    /// As [`Finder::strings`], with those in lists and tuples.
    fn strings_below<'e>(&self, all: impl Iterator<Item = &'e Expr>, own: &Span) -> Vec<Said> {
        let below = all.flat_map(|it| match items(it) {
            Some(items) => items.iter().collect(),
            None => vec![it],
        });
        self.strings(below, own)
    }

    fn literal(&mut self, expression: &'a Expr) {
        let Some(module) = self.said(expression).filter(|it| (self.wanted)(&it.text)) else {
            return;
        };
        let mut beside = Vec::new();
        let mut direct = true;
        for around in self.around.iter().rev() {
            let found = match *around {
                Around::Keyword(it) => self.argument(it),
                Around::Assigned(key, statement) => Some(self.keyed(key, span(statement))),
                Around::Entry(dict, item) => self.entry(&module, dict, item),
                Around::Dict(it) if direct => self.record(&module, it),
                Around::Call(it) => self.arguments(&module, it, direct),
                Around::Items(whole, items) => self.items(&module, (whole, items), direct),
                Around::Dict(_) | Around::Other => None,
            };
            let Some(found) = found else { break };
            direct &= matches!(around, Around::Keyword(_) | Around::Entry(..));
            let is_last = matches!(around, Around::Dict(_));
            beside.push(found);
            if is_last {
                break;
            }
        }
        self.rows.push(Row { module, beside });
    }

    /// The name of an argument is no string, but says as much: `dict(f="a.b")`.
    fn argument(&self, keyword: &Keyword) -> Option<Beside> {
        let name = keyword.arg.as_ref()?;
        let said = Said { text: name.to_string(), span: span(name), whole: span(name) };
        Some(Beside { strings: vec![said], span: span(keyword), form: RowForm::Value })
    }

    fn keyed(&self, key: &Expr, whole: Span) -> Beside {
        let strings = self.said(key).into_iter().collect();
        Beside { strings, span: whole, form: RowForm::Value }
    }

    fn entry(&self, module: &Said, dict: &ExprDict, item: &DictItem) -> Option<Beside> {
        let key = item.key.as_ref()?;
        if span(key) != module.whole {
            return Some(self.keyed(key, span(key).start..span(&item.value).end));
        }
        let strings = self.strings_below(std::iter::once(&item.value), &module.whole);
        let all = dict.items.iter().filter_map(|it| {
            let key = it.key.as_ref()?;
            let items =
                items(&it.value).and_then(|items| items.iter().map(|it| self.said(it)).collect());
            let value = span(&it.value);
            Some(Entry { key: self.said(key)?, span: span(key).start..value.end, items, value })
        });
        let form = RowForm::Key(Entries { dict: span(dict), all: all.collect() });
        Some(Beside { strings, span: span(key).start..span(&item.value).end, form })
    }

    fn record(&self, module: &Said, dict: &ExprDict) -> Option<Beside> {
        let values = dict.items.iter().map(|it| &it.value);
        if !values.clone().any(|it| span(it) == module.whole) {
            return None;
        }
        let strings = self.strings(values, &module.whole);
        Some(Beside { strings, span: span(dict), form: RowForm::Record })
    }

    fn arguments(&self, module: &Said, call: &ExprCall, direct: bool) -> Option<Beside> {
        let plain = call.arguments.args.iter();
        let all: Vec<&Expr> =
            plain.chain(call.arguments.keywords.iter().map(|it| &it.value)).collect();
        let strings = self.sequence(module, &all, direct)?;
        Some(Beside { strings, span: span(call), form: RowForm::Arguments })
    }

    fn items(
        &self,
        module: &Said,
        (whole, items): (&Expr, &[Expr]),
        direct: bool,
    ) -> Option<Beside> {
        let strings = self.sequence(module, &items.iter().collect::<Vec<_>>(), direct)?;
        let form = if whole.is_tuple_expr() { RowForm::Tuple } else { RowForm::List };
        Some(Beside { strings, span: span(whole), form })
    }

    /// Returns what stands beside a string in a sequence; nothing where that is one of several rows, or
    /// where the module is only started: `-m a.b`.
    fn sequence(&self, module: &Said, all: &[&Expr], direct: bool) -> Option<Vec<Said>> {
        if !direct {
            let rows = all.iter().filter(|it| items(it).is_some() || it.is_dict_expr());
            let own = |it: &&&Expr| {
                span(**it).start <= module.whole.start && module.whole.end <= span(**it).end
            };
            let others = rows.filter(|it| !own(it)).count();
            return (others == 0).then(|| self.strings(all.iter().copied(), &module.whole));
        }
        let started = all.windows(2).any(|pair| {
            span(pair[1]) == module.whole && self.said(pair[0]).is_some_and(|it| it.text == "-m")
        });
        (!started).then(|| self.strings_below(all.iter().copied(), &module.whole))
    }
}

impl<'a> SourceOrderVisitor<'a> for Finder<'a, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Assign(it) = statement
            && let [Expr::Subscript(target)] = it.targets.as_slice()
        {
            let around = Around::Assigned(&target.slice, statement);
            self.within(around, |finder| finder.visit_expr(&it.value));
        } else {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::StringLiteral(_) => self.literal(expression),
            Expr::Call(call) => {
                self.within(Around::Other, |finder| finder.visit_expr(&call.func));
                self.within(Around::Call(call), |finder| {
                    for argument in &call.arguments.args {
                        finder.visit_expr(argument);
                    }
                    for keyword in &call.arguments.keywords {
                        finder.within(Around::Keyword(keyword), |finder| {
                            finder.visit_expr(&keyword.value);
                        });
                    }
                });
            }
            Expr::Dict(dict) => self.within(Around::Dict(dict), |finder| {
                for item in &dict.items {
                    finder.within(Around::Entry(dict, item), |finder| {
                        item.key.iter().for_each(|it| finder.visit_expr(it));
                        finder.visit_expr(&item.value);
                    });
                }
            }),
            _ => match items(expression) {
                Some(items) => self.within(Around::Items(expression, items), |finder| {
                    items.iter().for_each(|it| finder.visit_expr(it));
                }),
                None => self.within(Around::Other, |finder| walk_expr(finder, expression)),
            },
        }
    }
}

/// Returns the items of a list, a tuple or a set.
fn items(expression: &Expr) -> Option<&[Expr]> {
    match expression {
        Expr::List(it) => Some(&it.elts),
        Expr::Tuple(it) => Some(&it.elts),
        Expr::Set(it) => Some(&it.elts),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what stands beside `"a.b"`, the nearest first.
    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let rows = rows(source, (3, 13), &|it| it == "a.b");
        let shown = |it: &Beside| {
            let form = match &it.form {
                RowForm::Arguments => "call",
                RowForm::Tuple => "tuple",
                RowForm::List => "list",
                RowForm::Record => "record",
                RowForm::Value => "value",
                RowForm::Key(_) => "key",
            };
            let strings: Vec<&str> = it.strings.iter().map(|it| it.text.as_str()).collect();
            format!("{form}: {}", strings.join(" "))
        };
        let shown: Vec<String> = rows.iter().flat_map(|it| it.beside.iter().map(shown)).collect();
        assert_eq!(shown, expected, "{source}");
    }

    #[test]
    fn what_stands_beside_a_string() {
        check("x = ('a.b', 'f', ('g',), *h)", &["tuple: f g"]);
        check("x = ['a.b', 'f']", &["list: f"]);
        check("x = 'a.b'", &[]);
        check("x = {'a.b': ['f', 'g']}", &["key: f g"]);
        check("x = {'k': 'a.b', 'l': 'f'}", &["value: k", "record: f"]);
        check("x['f'] = 'a.b', 'g'", &["tuple: g", "value: f"]);
    }

    #[test]
    fn what_stands_around_brackets() {
        check("x = {'f': ('a.b', 'g')}", &["tuple: g", "value: f"]);
        check("getattr(load('a.b'), 'f')", &["call: ", "call: f"]);
        check("x = dict(f=lazy(name='a.b'))", &["value: name", "call: ", "value: f", "call: "]);
        check("x = [('a.b', 'f'), ('c', 'g')]", &["tuple: f"]);
        check("load('a.b').f('g')", &["call: "]);
    }

    #[test]
    fn what_is_started_is_no_row() {
        check("run(['python', '-m', 'a.b', 'f'])", &[]);
        check("run('python', '-m', 'a.b', 'f')", &[]);
    }
}
