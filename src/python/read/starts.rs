//! Python files that code starts: `[sys.executable, "tools/build.py"]`, whatever takes that list.

use ruff_python_ast::Expr;

use super::super::model::Start;
use super::super::parse::span;
use super::Reader;

impl Reader<'_> {
    /// Notes the file that a list starts, where it is the command of one.
    pub(super) fn started(&mut self, elements: &[Expr]) {
        let Some((program, arguments)) = elements.split_first() else { return };
        let is_python = match program {
            Expr::StringLiteral(it) => matches!(it.value.to_str(), "python" | "python3"),
            other => self.is(other, "sys.executable"),
        };
        let mut arguments = arguments.iter().skip_while(|it| is_plain_option(it));
        let Some(file) = arguments.next().filter(|_| is_python) else { return };
        let Some(place) = self.place_of(file).filter(|it| !it.is_file()) else { return };
        let (file, from_file) = (place.text(), place.base.is_some());
        if file.ends_with(".py") {
            let line = self.lines.line(span(program).start);
            let own_path = self.source.contains("PYTHONPATH");
            self.facts.starts.push(Start { file, from_file, line, own_path });
        }
    }
}

/// Tells whether an argument is an option of Python that takes no other one, and after which the
/// folder of the file is on its path: not `-m`, `-c`, `-I`, `-P`.
fn is_plain_option(argument: &Expr) -> bool {
    let text = argument.as_string_literal_expr().map(|it| it.value.to_str());
    let letters = text.and_then(|it| it.strip_prefix('-'));
    letters.is_some_and(|it| !it.is_empty() && it.chars().all(|it| "bBdEOqRsSuv".contains(it)))
}
