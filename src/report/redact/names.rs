//! Values under a name that says that they are secret: `password = "…"`, `API_KEY: …`.

use std::ops::Range;

use super::Syntax;

/// Last words of a name that say it all.
const ALONE: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "authtoken",
    "accesskey",
    "secretkey",
    "privatekey",
];
/// Words that make the last word `key` a secret.
const KEYS: &[&str] =
    &["api", "secret", "access", "private", "signing", "encryption", "auth", "master", "account"];
/// Calls whose first argument names what the second one is the value of.
const LOOKUPS: &[&[u8]] = &[b"get(", b"getenv(", b"setdefault(", b"setenv("];

/// Finds the values in one line.
pub(super) fn values(line: &[u8], syntax: Syntax) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let length = run(&line[at..], is_name);
        if length == 0 {
            at += 1;
            continue;
        }
        let name = at..at + length;
        at = name.end;
        if is_secret(&line[name.clone()])
            && let Some(value) = value_of(line, name, syntax)
        {
            at = value.end;
            found.push(value);
        }
    }
    found
}

/// Tells whether a name says that its value is secret. Its words are looked at from the end:
/// `token_url` is none.
pub(super) fn is_secret(name: &[u8]) -> bool {
    let words = words(name);
    let Some((last, before)) = words.split_last() else { return false };
    ALONE.contains(&last.as_str())
        || (last == "pass" && !before.is_empty())
        || (last == "key" && before.last().is_some_and(|it| KEYS.contains(&it.as_str())))
}

/// Splits `dbPassword`, `DB_PASSWORD` and `db-password` into lower-case words.
fn words(name: &[u8]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for byte in name {
        let cut = !byte.is_ascii_alphanumeric() || (lower && byte.is_ascii_uppercase());
        if cut {
            words.push(String::new());
        }
        lower = byte.is_ascii_lowercase();
        if let Some(word) = words.last_mut().filter(|_| byte.is_ascii_alphanumeric()) {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

/// Finds the value of the secret name at `name`.
fn value_of(line: &[u8], name: Range<usize>, syntax: Syntax) -> Option<Range<usize>> {
    let quoted = line.get(name.end).is_some_and(|it| is_quote(*it));
    let mut at = name.end + usize::from(quoted);
    let spaces = run(&line[at..], is_space);
    at += spaces;
    let sign = *line.get(at)?;
    let next = line.get(at + 1).copied();
    let looked_up = || {
        let head = &line[..name.start.saturating_sub(1)];
        quoted && LOOKUPS.iter().any(|it| head.ends_with(it))
    };
    match sign {
        b'=' if next == Some(b'=') => return None,
        b':' | b'=' => {}
        b',' if looked_up() => {}
        _ if line[name.clone()].starts_with(b"--") && spaces > 0 && syntax == Syntax::Settings => {
            return plain(line, at);
        }
        _ => return None,
    }
    // `:=` and `=>` are two signs.
    at += 1 + usize::from(matches!((sign, next), (b':', Some(b'=')) | (b'=', Some(b'>'))));
    let gap = run(&line[at..], is_space);
    if let Some(value) = quote(line, at + gap) {
        return Some(value);
    }
    match syntax {
        Syntax::Settings => plain(line, at + gap),
        Syntax::Prose if sign == b'=' && spaces + gap == 0 => plain(line, at),
        Syntax::Code if sign == b':' => annotated(line, at),
        Syntax::Code | Syntax::Prose => None,
    }
}

/// Finds what stands between the quotes that open at `at`, or behind a letter there (`b"…"`).
fn quote(line: &[u8], at: usize) -> Option<Range<usize>> {
    let at = at + run(&line[at..], |it| it.is_ascii_alphabetic()).min(2);
    let mark = *line.get(at).filter(|it| is_quote(**it))?;
    let width = if line[at..].starts_with(&[mark; 3]) { 3 } else { 1 };
    let start = at + width;
    let mut end = start;
    while end < line.len() && !line[end..].starts_with(&[mark; 3][..width]) {
        end += 1 + usize::from(line[end] == b'\\');
    }
    Some(start..end.min(line.len())).filter(|it| !it.is_empty())
}

/// Finds a value without quotes. What refers to something else, or is no value, is none.
fn plain(line: &[u8], at: usize) -> Option<Range<usize>> {
    if let Some(value) = quote(line, at) {
        return Some(value);
    }
    let length = run(&line[at..], |it| !is_space(it) && !matches!(it, b',' | b';' | b'"' | b'\''));
    let value = &line[at..at + length];
    let reference = value.first().is_none_or(|it| b"${}<>[]()%*&!|#-\\".contains(it));
    let word = String::from_utf8_lossy(value).to_ascii_lowercase();
    let none = matches!(word.as_str(), "true" | "false" | "null" | "none" | "yes" | "no" | "~");
    (!reference && !none).then_some(at..at + length)
}

/// Finds the value behind a type: ` str = "…"`.
fn annotated(line: &[u8], at: usize) -> Option<Range<usize>> {
    let is_type = |it: u8| is_name(it) || is_space(it) || matches!(it, b'[' | b']' | b'|');
    let equals = at + run(&line[at..], is_type);
    if line.get(equals) != Some(&b'=') {
        return None;
    }
    quote(line, equals + 1 + run(&line[equals + 1..], is_space))
}

fn run(bytes: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|it| accept(**it)).count()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}
