//! Colour for a terminal, or none.

/// Colours text, where colour is wanted. Meaning never rests on colour alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    colour: bool,
}

/// What a text is, which decides its colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// A heading.
    Bold,
    /// Beside the point.
    Dim,
    /// Gone, or wrong.
    Red,
    /// New, or right.
    Green,
    /// To be looked at.
    Yellow,
    /// A place.
    Cyan,
}

impl Paint {
    /// Colours text where `colour` is set.
    pub(super) fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Returns `text` in `ink`.
    pub(super) fn text(self, ink: Ink, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(ink, text.as_bytes())).into_owned()
    }

    /// Returns `bytes`, which hold no line end, in `ink`.
    pub(super) fn bytes(self, ink: Ink, bytes: &[u8]) -> Vec<u8> {
        let code: &[u8] = match ink {
            _ if !self.colour => return bytes.to_vec(),
            Ink::Bold => b"\x1b[1m",
            Ink::Dim => b"\x1b[2m",
            Ink::Red => b"\x1b[31m",
            Ink::Green => b"\x1b[32m",
            Ink::Yellow => b"\x1b[33m",
            Ink::Cyan => b"\x1b[36m",
        };
        [code, bytes, b"\x1b[0m"].concat()
    }
}
