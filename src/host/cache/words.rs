//! The words of texts as packs have them.

use super::pack;
use crate::facts::references::{Sieve, SieveKey};
use crate::tree::Id;

/// Returns the key of words in a pack.
pub(super) fn to_key(key: &SieveKey) -> pack::Key {
    let read_as = match key.python {
        Some(((major, minor), stub)) => [1, major, minor, u8::from(stub)],
        None => [0; 4],
    };
    pack::key(pack::to_name(key.id, read_as), Id::from_bytes([0; 20]))
}

/// Returns what the key of words in a pack stands for.
pub(super) fn from_key(key: &pack::Key) -> SieveKey {
    let (id, [python, major, minor, stub]) = pack::parts(key);
    SieveKey { id, python: (python != 0).then_some(((major, minor), stub != 0)) }
}

/// Returns words as bytes.
pub(super) fn to_bytes(sieve: &Sieve) -> Vec<u8> {
    sieve.hashes().iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// Reads words from bytes.
pub(super) fn from_bytes(bytes: &[u8]) -> Sieve {
    let hash = |it: &[u8]| u32::from_le_bytes(it.try_into().unwrap_or_default());
    Sieve::from_hashes(bytes.chunks_exact(4).map(hash))
}
