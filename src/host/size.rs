//! How many paths a commit has, counted without listing them: a few small objects can stand for
//! thousands of millions, which neither git nor we would ever come to the end of.

use std::collections::{BTreeMap, HashMap};

use super::error::{HostError, Refusal};
use super::load::LONGEST_PATH;
use super::repo::{Repo, oid_of};
use crate::path::RepoPath;
use crate::tree::{Entry, Id, tree_id};

/// No checkout that we know of has a fourth of these, in number or in bytes of their names.
const MOST: Size = Size { paths: 2_000_000, bytes: 1 << 29 };

/// What the paths of a tree come to.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    paths: u64,
    bytes: u64,
}

/// Refuses a tree that is too large to be listed.
pub(super) fn check(repo: &git2::Repository, tree: Id) -> Result<(), HostError> {
    let root = oid_of(tree).map_err(|error| HostError::store("read a tree", &error))?;
    let size = size_of(repo, root, 0, &mut HashMap::new())?;
    if size.paths > MOST.paths || size.bytes > MOST.bytes {
        return Err(Refusal::Enormous.into());
    }
    Ok(())
}

/// Refuses a commit that is checked out and too large to be compared with `staged`.
pub(super) fn check_head(repo: &Repo, staged: &BTreeMap<RepoPath, Entry>) -> Result<(), HostError> {
    match repo.commit("HEAD") {
        // Nothing but what is listed already.
        Ok(head) if head.tree == tree_id(staged) => Ok(()),
        Ok(head) => repo.library(|library| check(library, head.tree)),
        // There is none yet, or what is wrong with it is for others to say.
        Err(_) => Ok(()),
    }
}

/// Counts a tree, each folder once, however often it stands in it.
fn size_of(
    repo: &git2::Repository,
    tree: git2::Oid,
    depth: usize,
    known: &mut HashMap<git2::Oid, Size>,
) -> Result<Size, HostError> {
    if let Some(size) = known.get(&tree) {
        return Ok(*size);
    }
    // A name and a slash for each folder.
    if 2 * depth > LONGEST_PATH {
        return Err(Refusal::LongPath.into());
    }
    let failed = |error| HostError::store(format!("read tree `{tree}`"), &error);
    let mut size = Size::default();
    for row in &repo.find_tree(tree).map_err(failed)? {
        let name = row.name_bytes().len() as u64 + 1;
        let below = if row.kind() == Some(git2::ObjectType::Tree) {
            size_of(repo, row.id(), depth + 1, known)?
        } else {
            Size { paths: 1, bytes: 0 }
        };
        size.paths = size.paths.saturating_add(below.paths);
        let bytes = below.paths.saturating_mul(name).saturating_add(below.bytes);
        size.bytes = size.bytes.saturating_add(bytes);
    }
    known.insert(tree, size);
    Ok(size)
}
