//! Bytes ⇄ text: encodings, line ends, and edits applied without overlap.
//!
//! A [`Text`] remembers what it takes to give back the very bytes that it was read from. Spans are
//! byte offsets into its UTF-8 source (without the BOM), line ends as they stand in the file.

use std::ops::Range;

/// A half-open range of byte offsets.
pub type Span = Range<usize>;

/// A replacement of one span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}
