//! Git's object ids, computed without git: <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.

use std::collections::BTreeMap;
use std::fmt;
use std::iter::Peekable;
use std::str::FromStr;

use bstr::ByteSlice as _;
use sha1::{Digest as _, Sha1};

use super::Entry;
use crate::kept::Kept;
use crate::path::RepoPath;

/// A SHA-1 object id. Shown as 40 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 20]);

impl Id {
    /// Takes the 20 bytes of an id.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Returns the 20 bytes of the id.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl Kept for Id {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (id, rest) = from.split_first_chunk()?;
        *from = rest;
        Some(Self(*id))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is not 40 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an object id")]
pub struct BadId(String);

impl FromStr for Id {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId(text.to_owned());
        if text.len() != 40 || !text.is_ascii() {
            return Err(bad());
        }
        let mut bytes = [0; 20];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

/// Returns the id that git gives to a blob of these bytes.
#[must_use]
pub fn blob_id(bytes: &[u8]) -> Id {
    object_id("blob", bytes)
}

/// Hashes a blob that comes in pieces: it need not fit into memory.
pub struct BlobHash(Sha1);

impl BlobHash {
    /// Begins a blob of that many bytes.
    #[must_use]
    pub fn new(length: u64) -> Self {
        Self(Sha1::new_with_prefix(format!("blob {length}\0")))
    }

    /// Adds the bytes that come next.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the id that git gives to the blob.
    #[must_use]
    pub fn id(self) -> Id {
        Id(self.0.finalize().into())
    }
}

fn object_id(kind: &str, bytes: &[u8]) -> Id {
    let mut hash = Sha1::new();
    hash.update(format!("{kind} {}\0", bytes.len()));
    hash.update(bytes);
    Id(hash.finalize().into())
}

/// Returns the id that git gives to the tree of these entries.
#[must_use]
pub fn tree_id(entries: &BTreeMap<RepoPath, Entry>) -> Id {
    folder_id(&mut entries.iter().peekable(), 0, &mut |_, _| {})
}

/// Returns git's tree objects of these entries: id and bytes, what is inside first, the root last.
pub(super) fn tree_objects(entries: &BTreeMap<RepoPath, Entry>) -> Vec<(Id, Vec<u8>)> {
    let mut objects = Vec::new();
    folder_id(&mut entries.iter().peekable(), 0, &mut |id, body| objects.push((id, body)));
    objects
}

/// Hashes the folder whose entries come next, and hands each tree object to `made`; `skip` is the
/// length of its path with the slash.
fn folder_id<'a>(
    entries: &mut Peekable<impl Iterator<Item = (&'a RepoPath, &'a Entry)>>,
    skip: usize,
    made: &mut dyn FnMut(Id, Vec<u8>),
) -> Id {
    let head = entries.peek().map_or(Vec::new(), |(first, _)| first.as_bytes()[..skip].to_vec());
    // Git sorts a folder as if its name ended in a slash; whole paths in byte order come out so.
    let mut rows: Vec<(Vec<u8>, &str, Id)> = Vec::new();
    while let Some((path, entry)) = entries.peek() {
        let Some(below) = path.as_bytes().strip_prefix(head.as_slice()) else { break };
        match below.find_byte(b'/') {
            Some(slash) => {
                let name = below[..slash].to_vec();
                let id = folder_id(entries, skip + slash + 1, made);
                rows.push((name, "40000", id));
            }
            None => {
                rows.push((below.to_vec(), entry.mode.octal(), entry.id));
                entries.next();
            }
        }
    }
    let mut body = Vec::new();
    for (name, mode, id) in rows {
        body.extend_from_slice(mode.as_bytes());
        body.push(b' ');
        body.extend_from_slice(&name);
        body.push(0);
        body.extend_from_slice(id.as_bytes());
    }
    let id = object_id("tree", &body);
    made(id, body);
    id
}
