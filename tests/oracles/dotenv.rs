//! Env files are read as python-dotenv reads them, and the plain ones as a shell does.

use std::process::Command;

use overhaul::text::dotenv::{Kind, pieces};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// What a line of an env file is made of.
const PARTS: [&str; 24] = [
    "A", "B_1", "export ", "export\t", "=", "=", " ", "#", "'", "\"", "\\", "\\'", "\\\"", "\\n",
    "\n", "\n", "\r\n", "x", "${A}", "é", "- y", " # c", "\r", "\t",
];

/// Returns texts of the parts, always the same.
fn texts(parts: &'static [&'static str], count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(prop::sample::select(parts), 0..16);
    let text = |_| strategy.new_tree(&mut runner).unwrap().current().concat();
    (0..count).map(text).collect()
}

/// Returns name, value and whether it is wrong, of each line that says something.
fn bindings(source: &str) -> Value {
    let pieces = pieces(source).into_iter().filter_map(|it| match it.kind {
        Kind::Assignment(it) => Some(json!([it.name, it.value.map(|it| it.text), false])),
        Kind::Unknown => Some(json!([null, null, true])),
        Kind::Blank | Kind::Comment => None,
    });
    pieces.collect()
}

#[test]
fn python_dotenv_reads_the_same() {
    let texts = texts(&PARTS, 4000);
    let input: String = texts.iter().map(|it| format!("{}\n", json!(it))).collect();
    let answers = super::ask("dotenv.py", &input);
    let answered = texts.iter().zip(&answers).filter(|(_, answer)| !answer.is_null());
    let differences: Vec<String> = answered
        .filter(|(text, answer)| bindings(text) != **answer)
        .map(|(text, answer)| format!("{text:?}\n  {}\n  {answer}", bindings(text)))
        .collect();
    super::report(&differences);
}

#[test]
fn a_shell_reads_plain_files_the_same() {
    const LINES: &[&str] = &[
        "A=x\n",
        "B=\n",
        "export C=1.5\n",
        "\n",
        "A='a b # c'\n",
        "B=\"d # e\" # f\n",
        "C=y # z\n",
        "# A=0\n",
        "B='two\nlines'\n",
        "A=x#y\n",
        "export B=\"it's\"\n",
    ];
    let texts = texts(LINES, 100);
    for text in texts {
        let mut expected = [("A", String::new()), ("B", String::new()), ("C", String::new())];
        for piece in pieces(&text) {
            if let Kind::Assignment(it) = piece.kind
                && let Some(slot) = expected.iter_mut().find(|(name, _)| *name == it.name)
            {
                slot.1 = it.value.map(|it| it.text).unwrap_or_default();
            }
        }
        let script = format!("{text}\nprintf '%s|%s|%s' \"$A\" \"$B\" \"$C\"");
        let output = Command::new("sh").env_clear().args(["-c", &script]).output().unwrap();
        let expected = expected.map(|it| it.1).join("|");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{text:?}");
    }
}
