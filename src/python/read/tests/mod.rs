//! What one file says, as text: `check_…(source, expected)` for each part of the facts.

use super::super::model::FileFacts;

mod imports;
mod listings;
mod literals;
mod names;
mod paths;
mod snippets;
mod status;

fn facts(source: &str) -> FileFacts {
    super::read(source.as_bytes(), (3, 12))
}
