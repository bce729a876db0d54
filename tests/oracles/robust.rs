//! Reading never panics, whatever the bytes, and what it says of a place is true of that place.

use overhaul::python::{self, Binding, Target};
use overhaul::text::{Span, Text};
use proptest::prelude::*;

/// Pieces that Python is made of, whole and broken.
const PIECES: [&str; 64] = [
    "import ",
    "from ",
    "as ",
    "a",
    "b.c",
    "..",
    ".",
    "*",
    ", ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    "\n",
    "\r\n",
    "\r",
    "\n    ",
    "\n\t",
    "\x0c",
    " ",
    "\\\n",
    "def f",
    "class C",
    "lambda ",
    "if ",
    "else",
    "elif ",
    "try",
    "except ",
    "ImportError",
    "finally",
    "with ",
    "for ",
    " in ",
    "while ",
    "match ",
    "case ",
    "global a",
    "nonlocal a",
    "del ",
    "return ",
    "__all__",
    " = ",
    " += ",
    " := ",
    "'a.b'",
    "\"",
    "'''",
    "f'{",
    "}'",
    "r\"\\",
    "#",
    "# coding: latin-1\n",
    "é",
    "ﬁ",
    "𝐚",
    "1",
    "type ",
    "sys.path.insert(0, ",
    "__import__(",
    "@",
];

/// Checks every span of the facts and of the bindings against the source.
fn spans_hold(bytes: &[u8], version: (u8, u8)) {
    let facts = python::read(bytes, version);
    let Ok(text) = Text::decode_python(bytes) else { return };
    let source = text.source();
    let slice = |span: &Span| {
        let text = source.get(span.clone());
        text.unwrap_or_else(|| panic!("{span:?} of {source:?}")).to_owned()
    };
    for it in &facts.imports {
        slice(&it.statement);
        slice(&it.span);
        if let Target::Names(names) = &it.target {
            names.iter().for_each(|it| drop(slice(&it.span)));
        }
    }
    for it in &facts.literals {
        assert_eq!(slice(&it.span), it.text);
    }
    for binding in facts.names.bound.values() {
        match binding {
            Binding::Definition { span, .. } => drop(slice(span)),
            Binding::Import { import, .. } => assert!(*import < facts.imports.len()),
        }
    }
    let bindings =
        python::bindings(source, &facts.imports, &std::collections::BTreeMap::new(), version);
    for (_, span) in bindings.uses.values().flatten().flat_map(|it| &it.parts) {
        slice(span);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        spans_hold(&bytes, (3, 12));
    }

    #[test]
    fn any_text_can_be_read(text in "\\PC{0,200}") {
        spans_hold(text.as_bytes(), (3, 12));
    }

    #[test]
    fn any_heap_of_python_can_be_read(
        pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60),
        minor in 7u8..15,
    ) {
        spans_hold(pieces.concat().as_bytes(), (3, minor));
    }

    #[test]
    fn a_damaged_file_can_be_read(at in 0usize..2000, length in 0usize..80, put in "\\PC{0,4}") {
        let mut bytes = include_bytes!("facts.py").to_vec();
        let (start, end) = (at.min(bytes.len()), (at + length).min(bytes.len()));
        bytes.splice(start..end, put.into_bytes());
        spans_hold(&bytes, (3, 12));
    }
}
