//! The format `text`: for people, at a terminal or in a log.
//!
//! A summary first, then the details, then one line that says it all. What is long is folded or cut,
//! and says how much was cut; `-v` shows everything. Secrets are redacted.

use super::{Format, TextOptions};

mod campaign;
mod difference;
mod disk;
mod moves;
mod paint;
mod plan;
mod proof;
mod stat;
mod status;
mod users;
mod verify;

use paint::{Ink, Paint};

pub(super) static FORMAT: Format = Format {
    name: "text",
    about: "for people",
    plan: plan::render,
    verify: Some(verify::render),
    why: Some(users::why),
    status: Some(status::render),
    log: Some(users::log),
    batch: Some(campaign::render),
};

/// How many rows of one list are shown.
const MOST: usize = 10;

/// Returns the rows that are shown, and a row that says how many are not.
fn shorten(mut rows: Vec<String>, options: TextOptions) -> Vec<String> {
    // One row more takes no more room than saying that it is not shown.
    if !options.verbose && rows.len() > MOST + 1 {
        let more = rows.split_off(MOST).len();
        rows.push(format!("… and {more} more"));
    }
    rows
}

/// Returns `1 file`, `2 files`.
fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ if one.ends_with('y') => format!("{number} {}ies", &one[..one.len() - 1]),
        _ => format!("{number} {one}s"),
    }
}

/// Returns `12 bytes`, `3.4 kB`, `1.2 GB`.
fn size(bytes: u64) -> String {
    const WORDS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return count(usize::try_from(bytes).unwrap_or_default(), "byte");
    }
    // In tenths, and down: what is told is there at least.
    let (mut tenths, mut at) = (bytes / 100, 0);
    while tenths >= 10_000 && at + 1 < WORDS.len() {
        (tenths, at) = (tenths / 1000, at + 1);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, WORDS[at])
}

/// Replaces the control characters of a line, which could steer a terminal, by `^` and a letter.
fn visible(line: &[u8]) -> Vec<u8> {
    let body = line.strip_suffix(b"\r").unwrap_or(line);
    let mut out = Vec::with_capacity(line.len());
    for byte in body {
        match byte {
            b'\t' => out.push(*byte),
            0..=0x1f | 0x7f => out.extend([b'^', byte ^ 0x40]),
            _ => out.push(*byte),
        }
    }
    out.extend_from_slice(&line[body.len()..]);
    out
}

/// Returns a line of a file as it is shown in a sentence: trimmed, without control characters.
fn excerpt(line: &str) -> String {
    String::from_utf8_lossy(&visible(line.trim().as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let rows = |number: usize| (0..number).map(|it| it.to_string()).collect::<Vec<_>>();
        let options = TextOptions::default();
        assert_eq!(shorten(rows(11), options).len(), 11);
        assert_eq!(shorten(rows(47), options).last().unwrap(), "… and 37 more");
        assert_eq!(shorten(rows(47), TextOptions { verbose: true, ..options }).len(), 47);
    }

    #[test]
    fn plurals() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(2, "dependency"), "2 dependencies");
    }

    #[test]
    fn sizes_have_three_digits_or_four() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (8_312_345_678, "8.3 GB"),
            (u64::MAX, "18446744.0 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn control_characters_are_seen() {
        assert_eq!(visible(b"\x1b[31m\ta\x7f\r"), b"^[[31m\ta^?\r");
    }
}
