//! Which files can be read, and how far.

use super::facts;
use crate::python::model::Status;

#[test]
fn too_deep_is_broken() {
    let source = format!("import a\nx = {}1\n", "a + ".repeat(60_000));
    let found = facts(&source);
    let Status::Broken { line: 2, column: 5, message } = found.status else { panic!() };
    assert_eq!(message, "too deeply nested");
    assert_eq!(found.imports.len(), 1);
}

#[track_caller]
fn check_status(bytes: &[u8], target: (u8, u8), expected: &str) {
    let found = match super::super::read(bytes, target).status {
        Status::Parsed => "parsed".to_owned(),
        Status::Broken { line, column, message } => format!("{line}:{column} {message}"),
        Status::Undecodable(message) => message,
    };
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn what_does_not_parse_says_where() {
    check_status(b"", (3, 12), "parsed");
    check_status(b"x = 1\r\n\x0cif x:\r\n    y\r\n", (3, 12), "parsed");
    check_status(b"a\rb\r", (3, 12), "parsed");
    check_status(b"x = 1\nx = = 2\n", (3, 12), "2:5 expected an expression");
    check_status(b"print 'x'\n", (3, 12), "1:7 simple statements must be separated");
    check_status(b"try: pass\nexcept A, e: pass\n", (3, 12), "2:8 ");
    check_status(b"match x:\n  case 1: pass\n", (3, 9), "1:1 cannot use `match`");
    check_status(b"x = '\0'", (3, 12), "null byte at offset 5");
    check_status(b"# coding: klingon\n", (3, 12), "unknown encoding `klingon`");
    check_status(
        &vec![b'\n'; 20_000_001],
        (3, 12),
        "1:1 too large to be read whole: 21 MB, at most 20 MB are",
    );
}

#[test]
fn depth_is_no_danger() {
    let deep = [
        format!("x = {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("x = {}1", "a + ".repeat(20_000)),
        format!("x = {}a", "not ".repeat(5_000)),
        format!("x = a{}", ".b".repeat(20_000)),
        format!("x = a{}", "[0]".repeat(20_000)),
        format!("x = {}1{}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("x = {}1", "lambda: ".repeat(5_000)),
        format!("sys.path.insert(0, {}b)", "a / ".repeat(20_000)),
        format!("sys.path = {}[b]", "a + ".repeat(20_000)),
        format!("x = f{}", "()".repeat(20_000)),
        format!("if f{} == 1: pass", "().a".repeat(20_000)),
        format!("if {}a{}: pass", "a and (".repeat(3_000), ")".repeat(3_000)),
        format!("try: pass\nexcept {}a{}: pass", "(".repeat(3_000), ",)".repeat(3_000)),
        format!("x = {}a", "b if c else ".repeat(5_000)),
        format!("if a: pass\n{}", "elif a: pass\n".repeat(3_000)),
        (0..500).map(|it| format!("{}if a:\n", " ".repeat(it))).collect::<String>()
            + &" ".repeat(500)
            + "pass",
        format!("match x:\n  case {}1{}: pass", "[".repeat(3_000), "]".repeat(3_000)),
    ];
    for source in deep {
        let source = format!("{source}\nimport last\n");
        let found = facts(&source);
        assert_eq!(found.status, Status::Parsed, "{}", &source[..30]);
        assert_eq!(found.imports.len(), 1);
    }
}
