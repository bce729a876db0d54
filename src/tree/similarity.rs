//! How similar git finds two files: its own count, so that it is known what `git log --follow` and
//! `git diff -M` will see as a rename.
//!
//! As `diffcore-delta.c` and `diffcore-rename.c` of git have it: a file is taken to pieces, its lines or
//! 64 bytes each, and counted is what both files have of the larger one. A last line that is not ended
//! counts only since git 2.44, so here it does not count.

/// What two files of the same pieces score.
const SAME: u64 = 60_000;

/// How large a piece may be.
const PIECE: u64 = 64;

/// How many different pieces git knows: its hash base.
const PIECES: u32 = 107_927;

/// As far as this, git looks for a null byte, which makes a file binary.
const BINARY: usize = 8000;

/// A file taken to pieces.
#[derive(Debug, Clone)]
pub struct Pieces {
    /// Hash of a piece and how many bytes such pieces have, in order.
    bytes: Vec<(u32, u64)>,
    size: u64,
}

/// How similar two files are; more is more similar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Similarity(u64);

impl Similarity {
    /// From here on a file that left and one that came are a rename, where nothing else is asked for.
    pub const RENAME: Self = Self(SAME / 2);
    /// From here on the name of a file tells that it is meant, where it is the only one of that name.
    pub const SAME_NAME: Self = Self(SAME / 4 * 3);
}

impl Pieces {
    /// Takes a file to pieces.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        let is_text = !file[..file.len().min(BINARY)].contains(&0);
        let mut bytes = Vec::new();
        let (mut one, mut two, mut length) = (0_u32, 0_u32, 0_u64);
        for (at, byte) in file.iter().enumerate() {
            if is_text && *byte == b'\r' && file.get(at + 1) == Some(&b'\n') {
                continue;
            }
            let before = one;
            one = ((one << 7) ^ (two >> 25)).wrapping_add(u32::from(*byte));
            two = (two << 7) ^ (before >> 25);
            length += 1;
            if length == PIECE || *byte == b'\n' {
                bytes.push((one.wrapping_add(two.wrapping_mul(0x61)) % PIECES, length));
                (one, two, length) = (0, 0, 0);
            }
        }
        bytes.sort_unstable();
        bytes.dedup_by(|again, first| {
            let same = again.0 == first.0;
            first.1 += if same { again.1 } else { 0 };
            same
        });
        Self { bytes, size: file.len() as u64 }
    }

    /// Tells whether there is nothing in the file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Returns the most that files of these sizes can score.
    #[must_use]
    pub fn at_most(&self, other: &Self) -> Similarity {
        let larger = self.size.max(other.size);
        Similarity((self.size.min(other.size) * SAME).checked_div(larger).unwrap_or_default())
    }

    /// Returns how similar git finds both.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> Similarity {
        let (mut one, mut two) = (self.bytes.as_slice(), other.bytes.as_slice());
        let mut copied = 0;
        while let ([a, more @ ..], [b, others @ ..]) = (one, two) {
            copied += if a.0 == b.0 { a.1.min(b.1) } else { 0 };
            one = if a.0 <= b.0 { more } else { one };
            two = if b.0 <= a.0 { others } else { two };
        }
        let larger = self.size.max(other.size);
        Similarity((copied * SAME).checked_div(larger).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, percent: u64) {
        let similarity = Pieces::of(one.as_bytes()).similarity(&Pieces::of(other.as_bytes()));
        assert_eq!(similarity.0 * 100 / SAME, percent);
    }

    #[test]
    fn shared_lines_count_by_their_length() {
        check("aaaa\nbbbb\n", "bbbb\naaaa\n", 100);
        check("aaaa\nbbbb\n", "aaaa\ncccc\n", 50);
        check("aaaa\n", "aaaa\naaaa\n", 50);
        check("a\n", "b\n", 0);
        check("", "", 0);
    }

    #[test]
    fn long_lines_are_cut_and_line_ends_are_one() {
        let long = "x".repeat(640);
        check(&format!("{long}\n"), &format!("{}y\n", &long[..600]), 89);
        check("aaaa\r\nbbbb\r\n", "aaaa\nbbbb\n", 83);
        check("aaaa\nbbbb", "aaaa\nbbbb", 55);
    }
}
