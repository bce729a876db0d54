//! Secrets that are known by their shape alone, whatever name they stand under.

use std::ops::Range;

use bstr::ByteSlice;

/// How the tokens of well-known services begin, and how long they are at least.
const TOKENS: &[(&[u8], usize)] = &[
    (b"AIza", 39),
    (b"AKIA", 20),
    (b"ASIA", 20),
    (b"ghp_", 40),
    (b"gho_", 40),
    (b"ghu_", 40),
    (b"ghs_", 40),
    (b"ghr_", 40),
    (b"github_pat_", 40),
    (b"glpat-", 26),
    (b"hf_", 34),
    (b"npm_", 40),
    (b"pypi-", 50),
    (b"rk_live_", 24),
    (b"sk-", 32),
    (b"sk_live_", 24),
    (b"sk_test_", 24),
    (b"xoxa-", 20),
    (b"xoxb-", 20),
    (b"xoxp-", 20),
    (b"xoxr-", 20),
    (b"xoxs-", 20),
];

/// Finds the secrets of one line.
pub(super) fn secrets(line: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let length = line[at..].iter().take_while(|it| is_token(**it)).count();
        let word = &line[at..at + length];
        if length > 0 && (is_known(word) || is_web_token(word)) {
            found.push(at..at + length);
        }
        at += length + 1;
    }
    found.extend(passwords(line));
    found.extend(authorisation(line));
    found
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_known(word: &[u8]) -> bool {
    let digit = word.iter().any(u8::is_ascii_digit);
    digit && TOKENS.iter().any(|(head, least)| word.len() >= *least && word.starts_with(head))
}

/// Tells whether a word is a JSON web token: three parts, of which the first two begin as `{"` does
/// in base 64.
fn is_web_token(word: &[u8]) -> bool {
    let parts: Vec<&[u8]> = word.split(|it| *it == b'.').collect();
    matches!(parts.as_slice(), [head, body, _] if head.starts_with(b"eyJ") && body.starts_with(b"eyJ"))
}

/// Finds the passwords in addresses: `://user:password@host`.
fn passwords(line: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for head in line.find_iter(b"://") {
        let start = head + 3;
        let ends = |it: &u8| it.is_ascii_whitespace() || matches!(it, b'/' | b'"' | b'\'' | b'`');
        let length = line[start..].iter().position(ends).unwrap_or(line.len() - start);
        let authority = &line[start..start + length];
        let (Some(colon), Some(end)) = (authority.find_byte(b':'), authority.rfind_byte(b'@'))
        else {
            continue;
        };
        let reference = authority.get(colon + 1).is_some_and(|it| b"${<%".contains(it));
        if colon + 1 < end && !reference {
            found.push(start + colon + 1..start + end);
        }
    }
    found
}

/// Finds what follows `Authorization: Bearer` and the like.
fn authorisation(line: &[u8]) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    if lower.find(b"authorization").is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for scheme in [b"bearer ".as_slice(), b"basic ", b"token "] {
        for at in lower.find_iter(scheme) {
            let start = at + scheme.len();
            let value = |it: &&u8| is_token(**it) || matches!(**it, b'=' | b'+' | b'/' | b'~');
            found.push(start..start + line[start..].iter().take_while(value).count());
        }
    }
    found
}
