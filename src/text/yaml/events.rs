//! What stands in a text of YAML, in order, and where. The only place that knows the parser.
//!
//! The parser is stricter than those that people run: it refuses a bracket that stands no deeper than the
//! key of its list, as many a workflow has it. So where it does, it is given the bracket on the line before.

use saphyr_parser::{Event as Parsed, Parser, ScalarStyle};

use crate::text::{Lines, Span};

/// How deep a text may be nested.
const DEEPEST: usize = 1000;
/// As many brackets are given to the parser as it wants them.
const ROUNDS: usize = 200;

/// Something that stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// What it is.
    pub event: Event,
    /// Where it stands, behind its anchor and its tag, with its quotes.
    pub span: Span,
    /// The name of its anchor.
    pub anchor: Option<String>,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A scalar.
    Scalar {
        /// What it says.
        text: String,
        /// How it is written.
        style: Style,
        /// A tag says what it means.
        tagged: bool,
    },
    /// A second place of what has an anchor: `*name`.
    Alias,
    /// The beginning of a mapping.
    Mapping,
    /// The beginning of a list.
    List,
    /// The end of a mapping or a list.
    End,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// Between quotes.
    Quoted,
    /// Below a `|` or a `>`.
    Block,
}

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
}

/// Reads a whole text.
///
/// # Errors
/// Where it is no YAML.
pub fn events(source: &str) -> Result<Vec<Met>, Wrong> {
    let mut text = source.to_owned();
    for _ in 0..ROUNDS {
        let (at, message) = match read(&text) {
            Ok(events) => return Ok(events),
            Err(wrong) => wrong,
        };
        match raised(&text, at) {
            Some(raised) => text = raised,
            None => return Err(Wrong { line: Lines::new(source).line(at), message }),
        }
    }
    Err(Wrong { line: 1, message: "too many brackets stand where none may".to_owned() })
}

/// Reads a text as the parser does; says where it does not, and why.
fn read(text: &str) -> Result<Vec<Met>, (usize, String)> {
    // The parser counts characters.
    let places: Vec<usize> = match text.is_ascii() {
        true => Vec::new(),
        false => text.char_indices().map(|(at, _)| at).collect(),
    };
    let place = |index: usize| match text.is_ascii() {
        true => index.min(text.len()),
        false => places.get(index).copied().unwrap_or(text.len()),
    };
    let (mut found, mut depth) = (Vec::new(), 0_usize);
    for parsed in Parser::new_from_str(text) {
        let (parsed, span) =
            parsed.map_err(|error| (place(error.marker().index()), error.info().to_owned()))?;
        let start = place(span.start.index());
        let Some(event) = event(&parsed) else { continue };
        match event {
            Event::Mapping | Event::List => depth += 1,
            Event::End => depth = depth.saturating_sub(1),
            Event::Scalar { .. } | Event::Alias => {}
        }
        if depth > DEEPEST {
            return Err((start, "nested too deeply".to_owned()));
        }
        let span = start..place(span.end.index()).max(start);
        // What stands below a `|` may begin with a `&`, too.
        let bare = matches!(parsed, Parsed::Scalar(_, _, 0, None));
        let (start, anchor) = if bare { (start, None) } else { properties(text, &span) };
        // The parser counts the blanks behind a scalar in.
        let end = match event {
            Event::Scalar { .. } => start + text[start..span.end.max(start)].trim_end().len(),
            Event::Alias | Event::Mapping | Event::List | Event::End => span.end,
        };
        found.push(Met { event, span: start..end.max(start), anchor });
    }
    Ok(found)
}

fn event(parsed: &Parsed<'_>) -> Option<Event> {
    Some(match parsed {
        Parsed::Scalar(text, style, _, tag) => {
            let style = match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
            };
            Event::Scalar { text: text.to_string(), style, tagged: tag.is_some() }
        }
        Parsed::Alias(_) => Event::Alias,
        Parsed::MappingStart(..) => Event::Mapping,
        Parsed::SequenceStart(..) => Event::List,
        Parsed::MappingEnd | Parsed::SequenceEnd => Event::End,
        Parsed::Nothing
        | Parsed::StreamStart
        | Parsed::StreamEnd
        | Parsed::DocumentStart(_)
        | Parsed::DocumentEnd => return None,
    })
}

/// Returns where a node begins behind its anchor and its tag, and its anchor.
fn properties(text: &str, span: &Span) -> (usize, Option<String>) {
    let (mut at, mut anchor) = (span.start, None);
    while let Some(rest) = text.get(at..span.end).filter(|it| it.starts_with(['&', '!'])) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if let Some(name) = rest[..end].strip_prefix('&') {
            anchor = Some(name.to_owned());
        }
        at += end + rest[end..].len() - rest[end..].trim_start().len();
    }
    (at, anchor)
}

/// Returns a text of the same length in which the bracket that begins the line at a place stands on the
/// line before, comments between aside.
fn raised(text: &str, at: usize) -> Option<String> {
    let start = text.get(..at)?.rfind('\n')? + 1;
    if !text[start..].trim_start_matches(' ').starts_with([']', '}']) {
        return None;
    }
    let mut blank = start;
    loop {
        let line = text[..blank - 1].rfind('\n').map_or(0, |it| it + 1);
        let code = line + code_end(&text[line..blank - 1])?;
        blank = code;
        if !text[line..code].trim().is_empty() {
            break;
        }
        blank = line;
        if line == 0 {
            return None;
        }
    }
    let mut raised = text.to_owned();
    raised.replace_range(blank..start, &" ".repeat(start - blank));
    Some(raised)
}

/// Returns where the comment of a line begins, or the line ends; `None` where a quote stays open.
fn code_end(line: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, ' ');
    for (at, character) in line.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if character == '#' && before.is_whitespace() => return Some(at),
            None if matches!(character, '"' | '\'') && !before.is_alphanumeric() => {
                quote = Some(character);
            }
            None => {}
        }
        before = character;
    }
    quote.is_none().then_some(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows each scalar by the text at its span.
    #[track_caller]
    fn check(source: &str, expected: &str) {
        let found = events(source).unwrap();
        let scalars = found.iter().filter(|it| matches!(it.event, Event::Scalar { .. }));
        let shown: Vec<&str> = scalars.map(|it| &source[it.span.clone()]).collect();
        assert_eq!(shown.join("|"), expected);
    }

    #[test]
    fn brackets_may_stand_below_their_key() {
        check("a:\n  b: [\n    \"é\",\n  ]\n  c: d\n", "a|b|\"é\"|c|d");
        check(
            "a:\n  b: [\n    \"x\", # é ]\n\n    # y\n  ]\n  c: {\n    'd': \"e\"\r\n  }\n",
            "a|b|\"x\"|c|'d'|\"e\"",
        );
        check("on:\n  push:\n    branches: [\n      'a # b'\n    ]\n", "on|push|branches|'a # b'");
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let line = |source: &str| events(source).unwrap_err().line;
        assert_eq!(line("a: b\n  c: d\n"), 2);
        assert_eq!(line(&"[".repeat(5000)), 1);
    }
}
