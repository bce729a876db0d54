//! The encoding that a Python file declares in one of its first two lines (PEP 263), found the way
//! CPython's tokenizer finds it.

/// Returns the declared encoding as it is written, without looking at a BOM.
pub(super) fn declared(bytes: &[u8]) -> Option<&str> {
    let mut rest = bytes;
    for _ in 0..2 {
        let end = rest.iter().position(|it| matches!(it, b'\n' | b'\r')).unwrap_or(rest.len());
        let line = &rest[..end];
        let code = line.iter().position(|it| !matches!(it, b' ' | b'\t' | b'\x0c'));
        match code {
            Some(at) if line[at] == b'#' => {
                if let Some(name) = in_comment(&line[at..]) {
                    return Some(name);
                }
            }
            Some(_) => return None,
            None => {}
        }
        let ended_by = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = rest.get(end + ended_by..)?;
    }
    None
}

/// Finds `coding[:=] name`; a `coding` without a name is passed over.
fn in_comment(comment: &[u8]) -> Option<&str> {
    let mut rest = comment;
    while let Some(at) = rest.windows(6).position(|it| it == b"coding") {
        rest = &rest[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let blank = rest[1..].iter().position(|it| !matches!(it, b' ' | b'\t'));
        let name = &rest[1 + blank.unwrap_or(0)..];
        let length = name.iter().position(|it| !is_name(*it)).unwrap_or(name.len());
        if length > 0 {
            return std::str::from_utf8(&name[..length]).ok();
        }
    }
    None
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: Option<&str>) {
        assert_eq!(declared(source.as_bytes()), expected, "{source:?}");
    }

    #[test]
    fn first_two_lines_are_read() {
        check("# -*- coding: latin-1 -*-\n", Some("latin-1"));
        check("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", Some("cp1252"));
        check("\n\x0c # coding:\tkoi8-r", Some("koi8-r"));
        check("\r# coding: ascii\r", Some("ascii"));
        check("\r\n# coding: ascii\r\n", Some("ascii"));
    }

    #[test]
    fn anything_else_is_none() {
        check("", None);
        check("\n\n# coding: latin-1\n", None);
        check("x = 1\n# coding: latin-1\n", None);
        check("x = 1 # coding: latin-1\n", None);
        check("# coding : latin-1\n", None);
        check("# encoding\n", None);
        check("\"\"\"\n# coding: latin-1\n\"\"\"\n", None);
    }

    #[test]
    fn a_coding_without_a_name_is_passed_over() {
        check("# coding: coding: utf-8", Some("coding"));
        check("# coding: (coding=utf-8)", Some("utf-8"));
    }
}
