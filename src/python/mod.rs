//! One Python file as a value: imports, names, strings and uses, with byte ranges.
//!
//! Nothing here sees a second file, and nothing outside sees the parser. [`FileFacts`] is what most
//! files need and what a cache may keep; [`Bindings`] is read only of files that are edited.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's tree has more kinds of nodes than facts are made of"
)]

mod asks;
mod bindings;
mod bound;
mod code;
#[cfg(test)]
mod fixture;
mod kept;
mod library;
mod model;
mod outline;
mod own;
mod parse;
mod read;
mod rows;
mod skim;
mod words;

pub use asks::{Asked, Asks};
pub use bindings::{bindings, parts};
pub use bound::Bound;
pub use code::{code_lines, is_same_code};
pub use library::is_stdlib_submodule;
pub use model::{
    All, Anchor, Attempt, Binding, Bindings, DefinitionKind, FileFacts, Form, Framework, Getattr,
    Import, ImportedName, Listed, Listing, Literal, Mentioned, Names, Owner, Part, PathInsert,
    PathSpot, Snippet, Start, Status, Target, Use,
};
pub use own::{OwnBase, OwnPath, OwnStep, OwnText, own_paths};
pub use read::{read, read_stub, snippets};
pub use rows::{Beside, Entries, Entry, Row, RowForm, Said, rows};
pub use words::{NEWEST, is_builtin, is_identifier, is_keyword, is_stdlib};
