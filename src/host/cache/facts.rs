//! Facts as packs have them.

use std::sync::Arc;

use super::pack;
use crate::facts::{Key, Known};
use crate::kept::Kept as _;
use crate::python::FileFacts;

/// Returns the key of facts in a pack.
pub(super) fn to_key(key: &Key) -> pack::Key {
    let Key { id, target: (major, minor), stub, shebang } = key;
    pack::key(*id, [*major, *minor, u8::from(*stub), u8::from(*shebang)])
}

/// Returns what the key of facts in a pack stands for.
pub(super) fn from_key(key: &pack::Key) -> Key {
    let (id, [major, minor, stub, shebang]) = pack::parts(key);
    Key { id, target: (major, minor), stub: stub != 0, shebang: shebang != 0 }
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
