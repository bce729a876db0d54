//! Declared encodings are decoded as CPython decodes them, or refused.

use overhaul::text::Text;

/// Names that files in the wild declare, in the spellings that they use.
const COOKIES: [&str; 40] = [
    "utf-8",
    "UTF-8",
    "utf8",
    "utf_8",
    "U8",
    "utf-8-unix",
    "utf-8-sig",
    "latin-1",
    "Latin1",
    "latin_1",
    "latin-1-unix",
    "l1",
    "iso-8859-1",
    "ISO8859-1",
    "iso8859_1",
    "iso-8859-1-dos",
    "ascii",
    "us-ascii",
    "cp1252",
    "windows-1252",
    "cp1251",
    "windows_1250",
    "cp1254",
    "iso-8859-15",
    "iso8859-15",
    "iso-8859-2",
    "latin2",
    "koi8-r",
    "koi8_u",
    "cp866",
    "mac-roman",
    "shift_jis",
    "cp932",
    "euc-jp",
    "iso-2022-jp",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
    "klingon",
];

/// Bytes that mean something else in each, or nothing in some.
const COMMENTS: [&str; 12] =
    ["6162", "e9", "80", "81", "9d", "a4", "c3a9", "ff", "8140", "82a0", "b0a1", "e38182"];

/// The web's tables are wider than Python's in two places, and narrower in two.
const KNOWN: [(&str, &str); 4] =
    [("gbk", "80"), ("euc-kr", "82a0"), ("cp932", "ff"), ("cp932", "80")];

#[test]
fn python_decodes_the_same() {
    let lines = COOKIES.iter().flat_map(|cookie| COMMENTS.map(|it| format!("{cookie}\t{it}\n")));
    let answers = super::ask("encodings.py", &lines.collect::<String>());
    assert_eq!(answers.len(), COOKIES.len() * COMMENTS.len());
    let mut differences = Vec::new();
    for answer in answers {
        let (cookie, comment) =
            (answer["cookie"].as_str().unwrap(), answer["comment"].as_str().unwrap());
        if KNOWN.contains(&(cookie, comment)) {
            continue;
        }
        let mut source = format!("# coding: {cookie}\n# ").into_bytes();
        let digits = (0..comment.len()).step_by(2).map(|at| &comment[at..at + 2]);
        source.extend(digits.map(|it| u8::from_str_radix(it, 16).unwrap()));
        source.push(b'\n');
        let ours = Text::decode_python(&source).map(|it| it.source().to_owned());
        if ours.as_deref().ok() != answer["text"].as_str() {
            differences.push(format!("{answer} is not {ours:?}"));
        }
    }
    super::report(&differences);
}
