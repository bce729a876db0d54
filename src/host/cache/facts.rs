//! Facts as packs have them.

use std::sync::Arc;

use super::pack;
use crate::facts::{Fresh, Key, Known};
use crate::kept::Kept as _;
use crate::python::FileFacts;
use crate::tree::Id;

/// Returns the key of facts in a pack.
pub(super) fn to_key(Fresh { key, outline, .. }: &Fresh) -> pack::Key {
    pack::key(to_name(key), *outline)
}

/// Returns what tells the facts in a pack from others.
pub(super) fn to_name(key: &Key) -> pack::Name {
    let Key { id, target: (major, minor), stub, shebang } = key;
    pack::to_name(*id, [*major, *minor, u8::from(*stub), u8::from(*shebang)])
}

/// Returns what the key of facts in a pack stands for.
pub(super) fn from_key(key: &pack::Key) -> Key {
    let (id, [major, minor, stub, shebang]) = pack::parts(key);
    Key { id, target: (major, minor), stub: stub != 0, shebang: shebang != 0 }
}

/// Returns the outline of the file whose facts a key in a pack stands for.
pub(super) fn outline(key: &pack::Key) -> Id {
    pack::told(key)
}

/// Returns facts as bytes: none for what is no Python.
pub(super) fn to_bytes(facts: &Known) -> Vec<u8> {
    facts.as_deref().map(FileFacts::to_bytes).unwrap_or_default()
}

/// Reads facts from bytes.
pub(super) fn from_bytes(bytes: &[u8]) -> Option<Known> {
    if bytes.is_empty() {
        return Some(None);
    }
    FileFacts::from_bytes(bytes).map(|facts| Some(Arc::new(facts)))
}
