//! Bytes ⇄ text: encodings, line ends, and edits applied without overlap.
//!
//! A [`Text`] remembers what it takes to give back the very bytes that it was read from. Spans are
//! byte offsets into its UTF-8 source (without the BOM), line ends as they stand in the file.

use std::ops::Range;

mod cookie;
pub mod dotenv;
mod edit;
mod encoding;
pub mod ini;
mod lines;
mod plain;
pub mod requirement;
mod search;
pub mod yaml;

pub use edit::{Overlap, TextEdit, apply};
pub use encoding::{DecodeError, EncodeError, Text, python_source};
pub use lines::{Lines, line_end};
pub use plain::Plain;
pub use search::{Hit, Regex};

/// A half-open range of byte offsets.
pub type Span = Range<usize>;
