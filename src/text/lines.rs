//! Lines as Python counts them: ended by `\n`, `\r\n` or a lone `\r`.

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of `source`.
    #[must_use]
    pub fn new(source: &'a str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = Vec::with_capacity(source.len() / 32 + 1);
        starts.push(0);
        let mut end = |at: usize| {
            let at = at + 1;
            if !bytes[at - 1..].starts_with(b"\r\n") {
                starts.push(at);
            }
        };
        let (words, rest) = bytes.as_chunks();
        for (number, word) in words.iter().enumerate() {
            let mut ends = line_ends(u64::from_le_bytes(*word));
            while ends != 0 {
                end(number * size_of::<u64>() + ends.trailing_zeros() as usize / 8);
                ends &= ends - 1;
            }
        }
        let done = bytes.len() - rest.len();
        let ends = rest.iter().enumerate().filter(|(_, byte)| matches!(byte, b'\n' | b'\r'));
        ends.for_each(|(at, _)| end(done + at));
        Self { source, starts }
    }

    /// Returns line and column of a byte offset, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let before = self.source.as_bytes().get(self.starts[line]..offset).unwrap_or_default();
        // A continuation byte of UTF-8 is no character of its own.
        let characters = before.iter().filter(|byte| *byte & 0xc0 != 0x80).count();
        (count(line + 1), count(characters + 1))
    }

    /// Returns the line of a byte offset, from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        count(self.starts.partition_point(|start| *start <= offset))
    }
}

/// Returns a set high bit for each of eight bytes that is a line feed or a carriage return: lines are
/// too short for it to pay to search for the end of each.
fn line_ends(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const LOW: u64 = ONES * 0x7f;
    // Most words of a text have no control character, and so neither of the two.
    let control = word.wrapping_sub(ONES * 0x20) & !word & !LOW;
    if control == 0 {
        return 0;
    }
    let other = |byte: u8| {
        let differs = word ^ (ONES * u64::from(byte));
        ((differs & LOW) + LOW) | differs | LOW
    };
    !(other(b'\n') & other(b'\r'))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Returns the line end that most lines of `source` have: `\n`, `\r\n` or `\r`; `\n` where it has
/// none.
#[must_use]
pub fn line_end(source: &str) -> &'static str {
    let windows = source.matches("\r\n").count();
    let unix = source.matches('\n').count() - windows;
    let mac = source.matches('\r').count() - windows;
    if windows > unix && windows >= mac {
        "\r\n"
    } else if mac > unix {
        "\r"
    } else {
        "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_wherever_python_ends_them() {
        for place in 0..20 {
            for end in ["\n", "\r", "\r\n", "\n\r", "\r\r\n", "\u{8a}", "\u{b}", "\u{e}\n\u{c}"] {
                let source = format!("{}{end}{}", "é".repeat(place), "x".repeat(9));
                let plain = source.replace("\r\n", "\n").replace('\r', "\n");
                let last = Lines::new(&source).line(source.len());
                assert_eq!(last as usize, plain.split('\n').count(), "{source:?}");
            }
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let source = "a\nbé☃c\r\nd\re";
        let lines = Lines::new(source);
        let at = |text: &str| lines.position(source.find(text).unwrap());
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("c"), (2, 4));
        assert_eq!(at("d"), (3, 1));
        assert_eq!(at("e"), (4, 1));
        assert_eq!(lines.position(source.len()), (4, 2));
        assert_eq!(lines.line(source.len()), 4);
        assert_eq!(Lines::new("").position(0), (1, 1));
    }

    #[test]
    fn the_dominant_line_end_wins() {
        assert_eq!(line_end(""), "\n");
        assert_eq!(line_end("a\nb\r\n"), "\n");
        assert_eq!(line_end("a\r\nb\r\nc\n"), "\r\n");
        assert_eq!(line_end("a\rb\rc\n"), "\r");
    }
}
