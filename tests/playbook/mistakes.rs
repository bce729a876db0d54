//! Each mistake that a playbook can have, and the page that its writer sees.
//!
//! The cases are in `mistakes.md`: a title, a playbook, the page. `UPDATE=1` rewrites the pages.

use std::fmt::Write as _;

use overhaul::playbook::{self, Inputs, PlaybookError, Unset};
use proptest::prelude::*;

use crate::docs::check_file;

/// Reads `text` with `--set` arguments as a plan would.
fn read(text: &[u8], set: &[(String, String)]) -> Result<playbook::Playbook, PlaybookError> {
    let inputs = Inputs { set, date: "20260102", unset: Unset::IsMistake };
    playbook::read("play.toml", text, &inputs)
}

/// Returns the page that shows every mistake.
fn page(error: &PlaybookError) -> String {
    let theme = miette::GraphicalTheme::unicode_nocolor();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut page = String::new();
    for mistake in &error.mistakes {
        handler.render_report(&mut page, mistake).unwrap();
    }
    page.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Returns what stands in the block that opens with three backticks and `kind`, and its other words.
fn block<'a>(case: &'a str, kind: &str) -> (&'a str, &'a str) {
    let (_, rest) = case.split_once(&format!("```{kind}")).unwrap();
    let (words, rest) = rest.split_once('\n').unwrap();
    (words, rest.split_once("```").unwrap().0)
}

#[test]
fn every_mistake_is_shown_where_it_is() {
    let cases = include_str!("mistakes.md");
    let mut cases = cases.split("\n## ");
    let mut current = format!("{}\n", cases.next().unwrap().trim_end());
    for case in cases {
        let title = case.lines().next().unwrap();
        let (words, text) = block(case, "toml");
        let set = words.split_once("--set ").and_then(|(_, it)| it.split_once('='));
        let set: Vec<_> = set.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        let error = read(text.as_bytes(), &set).expect_err(title);
        let page = page(&error);
        write!(current, "\n## {title}\n\n```toml{words}\n{text}```\n\n```text\n{page}```\n")
            .unwrap();
    }
    check_file("tests/playbook/mistakes.md", &current);
}

#[test]
fn bytes_that_are_not_utf8_are_shown_where_they_are() {
    let error = read(b"name = \"x\"\nwhy = \"caf\xe9\"\n", &[]).unwrap_err();
    let expected = "  × not UTF-8 from byte 22 on
   ╭─[play.toml:2:11]
 1 │ name = \"x\"
 2 │ why = \"caf�\"
   ·           ▲
   ╰────
  help: a playbook is a TOML file, and TOML is UTF-8
";
    assert_eq!(page(&error), expected);
}

#[test]
fn variables_that_double_each_other_do_not_fill_the_memory() {
    let mut text = String::from("name = \"x\"\n[vars]\nv0 = \"0123456789\"\n");
    for number in 1..64 {
        let before = number - 1;
        writeln!(text, "v{number} = \"{{{{ v{before} }}}}{{{{ v{before} }}}}\"").unwrap();
    }
    let error = read(text.as_bytes(), &[]).unwrap_err();
    assert_eq!(error.mistakes[0].message, "the value becomes too long");
}

/// A playbook with a bit of everything, to be damaged.
const SAMPLE: &str = r#"
name = "sample"
requires = ">=0.1"
[vars]
archive = { default = "archive/{{ date }}", help = "é" }
[keep]
paths = ["a", "!a/**/b"]
[[sprint]]
name = "one"
[[step]]
sprint = "one"
kind = "remove"
paths = ["{{ archive }}/x", 'y']
when = { exists = "a" }
[[check]]
manual = "done"
"#;

/// Reads, and looks at every place that a mistake names.
fn survives(text: &[u8]) {
    if let Err(error) = read(text, &[]) {
        assert!(!error.mistakes.is_empty());
        page(&error);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes);
    }

    #[test]
    fn toml_like_text_is_read_without_a_panic(text in "[a-z=\\[\\]{}\"'.%#! \n/*é]{0,200}") {
        survives(text.as_bytes());
    }

    #[test]
    fn a_damaged_playbook_is_read_without_a_panic(
        at in 0..SAMPLE.len(),
        length in 0..40_usize,
        new in "[a-z=\\[\\]{}\"'. \n/*é]{0,12}",
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, new.bytes());
        survives(&bytes);
    }
}
