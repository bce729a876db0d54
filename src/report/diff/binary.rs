//! Git's binary patches: the whole new content and the whole old one, deflated, in base 85.
//!
//! The layout is that of git's `emit_binary_diff_body`: a line holds up to 52 bytes, and its first
//! letter tells how many.

use std::io::{self, Read as _};

use flate2::Compression;
use flate2::read::ZlibEncoder;

const DIGITS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const BYTES_A_LINE: usize = 52;

/// Tells whether git takes these bytes for binary: a NUL among the first 8000.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(8000)].contains(&0)
}

/// Writes the patch that turns `old` into `new`, and back.
///
/// # Errors
/// When the compressor fails.
pub(super) fn write(old: &[u8], new: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(b"GIT binary patch\n");
    literal(new, out)?;
    literal(old, out)
}

fn literal(bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(format!("literal {}\n", bytes.len()).as_bytes());
    let mut deflated = Vec::new();
    ZlibEncoder::new(bytes, Compression::default()).read_to_end(&mut deflated)?;
    for line in deflated.chunks(BYTES_A_LINE) {
        let letter = match line.len() {
            short @ 0..=26 => b'A' + short as u8 - 1,
            long => b'a' + long as u8 - 27,
        };
        out.push(letter);
        line.chunks(4).for_each(|four| digits(four, out));
        out.push(b'\n');
    }
    out.push(b'\n');
    Ok(())
}

/// Writes up to four bytes, taken as a big-endian number and padded with zeros, as five digits.
fn digits(four: &[u8], out: &mut Vec<u8>) {
    let mut number = (0..4).fold(0u32, |sum, at| {
        let byte = four.get(at).copied().unwrap_or_default();
        sum << 8 | u32::from(byte)
    });
    let mut five = [0; 5];
    for digit in five.iter_mut().rev() {
        *digit = DIGITS[(number % 85) as usize];
        number /= 85;
    }
    out.extend_from_slice(&five);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_makes_binary() {
        assert!(is_binary(b"a\0b"));
        assert!(!is_binary(b"caf\xe9\n"));
        assert!(!is_binary(&[&[b'a'; 8000][..], &[0]].concat()));
    }

    #[test]
    fn digits_are_those_of_git() {
        let mut out = Vec::new();
        digits(&[0, 0, 0, 0], &mut out);
        digits(&[0xff, 0xff, 0xff, 0xff], &mut out);
        digits(&[1], &mut out);
        assert_eq!(out, b"00000|NsC00RR91");
    }

    #[test]
    fn the_patch_has_both_directions() {
        let mut out = Vec::new();
        write(b"", b"\0\0", &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let heads: Vec<&str> = text.lines().filter(|it| it.starts_with("literal")).collect();
        assert_eq!(heads, ["literal 2", "literal 0"]);
        assert!(text.starts_with("GIT binary patch\n") && text.ends_with("\n\n"));
    }
}
