//! Files of which most functions are not parsed have the facts of files that are parsed whole.
//!
//! `read` itself compares both in a debug build; here it gets the standard library, damaged.

use std::fs;

use overhaul::python;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::library;

/// What is put into a file, or in the place of a line of it.
const PIECES: [&str; 98] = [
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "f\"",
    "rb'",
    "u'",
    "t'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\\",
    "\\\n",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\x0c",
    " ",
    "    ",
    "\n    ",
    "#",
    ";",
    ":",
    ",",
    ".",
    "=",
    ":=",
    "+=",
    "->",
    "*",
    "**",
    "/",
    "@",
    "~",
    "!",
    "é",
    "\u{a0}",
    "\0",
    "@d\n",
    "async ",
    "await ",
    "def f(a, b=1): pass\n",
    "def f[T](x): pass",
    "def f(a, a): pass",
    "def f(x=(y := 1)): pass",
    "def f(a, /, b, *, c) -> 'e.f': return 1",
    "lambda a=lambda: 1, *b: a",
    "match x:\n        case [a, *b]: pass\n",
    "match ",
    "case ",
    "type X = int\n",
    "print x",
    "yield ",
    "f'{a['b']}'",
    "f\"{x!r:>{w}}\"",
    "f'{a\\n}'",
    "f'{lambda x: 1}'",
    "f'{f('a.b')}'",
    "'a.b.c'",
    "'a.' 'b.c'",
    "f'a.b.{c}'",
    "('x.y')",
    "'a.b.%s' % c",
    "import a",
    "from a import b",
    "global g",
    "nonlocal g",
    "sys.path.append('a')",
    "(sys).path.append('a')",
    "@sys.path.append('a')",
    "sys.modules[n] = 1",
    "globals()",
    "getLogger('a')",
    "except* A:",
    "except A, B:",
    "with (a as b):",
    "for a in *b, c:",
    "return *a, b",
    "a[b:=1]",
    "a[*b]",
    "0777",
    "1__0",
    "<>",
    "f(a)(b)",
    "f() = 1",
    "(a): int = 1",
    "0if 1else 2",
    "'\\N{DASH}'",
    "if x: y; z\n",
    "class A(B, m=C): x = 1",
    "raise A from b",
    "{**a, 'b': c}",
    "\n\n",
];

/// One damage: where it is done, what is put there, and in the place of what.
type Damage = (Index, &'static str, u8);

fn damaged(mut text: String, damages: &[Damage]) -> String {
    for (index, piece, kind) in damages {
        let at = text.floor_char_boundary(index.index(text.len() + 1));
        let line = text[..at].rfind('\n').map_or(0, |it| it + 1);
        let start = line + text[line..].len() - text[line..].trim_start_matches(' ').len();
        let end = text[start..].find('\n').map_or(text.len(), |it| start + it);
        match kind {
            0 => text.insert_str(at, piece),
            1 => text.replace_range(at..text.ceil_char_boundary(at + 1), piece),
            2 => text.replace_range(at..text.ceil_char_boundary(at + 3), ""),
            3 => text.replace_range(start..end, piece),
            _ => {
                let indented = format!("{piece}\n{}", &text[line..start]);
                text.insert_str(start, &indented);
            }
        }
    }
    text
}

#[test]
fn a_damaged_library_reads_the_same_both_ways() {
    const LONGEST: usize = 20_000;
    let (version, files) = library();
    let texts = files.iter().filter_map(|it| fs::read_to_string(it).ok());
    let texts: Vec<String> = texts.filter(|it| it.len() < LONGEST).collect();
    let damage = (any::<Index>(), select(&PIECES[..]), 0..5_u8);
    let damages = prop::collection::vec(damage, 1..4);
    let changes = (select(texts), damages, 8..=python::NEWEST.1);
    proptest!(ProptestConfig::with_cases(1024), |((text, damages, minor) in changes)| {
        let text = damaged(text, &damages);
        drop(python::read(text.as_bytes(), (version.0, minor)));
    });
}
