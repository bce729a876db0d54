//! Path names as git writes them in a diff: plain, or C-style in double quotes where a byte is odd.
//!
//! This is git's `quote_c_style` with `core.quotePath` at its default: a control character, a quote,
//! a backslash or a byte beyond ASCII makes the whole name quoted.

use crate::path::RepoPath;

/// Returns the path, quoted where it has to be.
pub(in crate::report) fn quoted(path: &RepoPath) -> String {
    // What is quoted, and what needs no quotes, is ASCII.
    String::from_utf8_lossy(&name("", path)).into_owned()
}

/// Returns `prefix` and the path, quoted as one where it has to be: `a/x.py`, `"a/\303\251.py"`.
pub(super) fn name(prefix: &str, path: &RepoPath) -> Vec<u8> {
    let bytes = path.as_bytes();
    let odd = |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
    if !bytes.iter().any(odd) {
        return [prefix.as_bytes(), bytes].concat();
    }
    let mut out = vec![b'"'];
    out.extend_from_slice(prefix.as_bytes());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b' '..=b'~' => out.push(*byte),
            0x07 => out.extend(b"\\a"),
            0x08 => out.extend(b"\\b"),
            b'\t' => out.extend(b"\\t"),
            b'\n' => out.extend(b"\\n"),
            0x0b => out.extend(b"\\v"),
            0x0c => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            _ => out.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &[u8], expected: &str) {
        let path = RepoPath::from_bytes(path).unwrap();
        assert_eq!(String::from_utf8(name("a/", &path)).unwrap(), expected);
    }

    #[test]
    fn plain_names_stay_plain() {
        check(b"pkg/mod one.py", "a/pkg/mod one.py");
        check(b"it's #1, ok?", "a/it's #1, ok?");
    }

    #[test]
    fn odd_bytes_are_quoted() {
        check(b"a\tb", "\"a/a\\tb\"");
        check(b"q\"\\", "\"a/q\\\"\\\\\"");
        check("é".as_bytes(), "\"a/\\303\\251\"");
        check(b"\xff\x01\x7f", "\"a/\\377\\001\\177\"");
        check(b"\x07\x08\n\x0b\x0c\r", "\"a/\\a\\b\\n\\v\\f\\r\"");
    }
}
