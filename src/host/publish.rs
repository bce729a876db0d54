//! Making a plan visible: objects first, then the record, then one new ref.
//!
//! A kill before the ref leaves loose objects that no ref names, and a record that the next command
//! forgets. All that the ref leads to is on the disk before the ref is, so a power cut is as a kill. The checkout, its branch, the index and the stash are not touched; hooks have no part.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use super::branch;
use super::error::{HostError, Refusal};
use super::files::settle;
use super::identity::Identity;
use super::ignored::listing;
use super::load::Base;
use super::lock::Lock;
use super::recover::recover;
use super::repo::{Repo, oid_of, path_of};
use super::runs::{Format, Record, Run, Stage, next_id};
use super::trash;
use crate::path::RepoPath;
use crate::plan::Junk;
use crate::tree::{Id, Tree};

/// What is to be published.
#[derive(Debug)]
pub struct Publication<'a> {
    /// The commit that the first new commit follows.
    pub base: &'a Base,
    /// The new branch, as `branch_name` gives it or as the user named it; `None` without commits.
    pub branch: Option<String>,
    /// The commits, first to last.
    pub commits: Vec<NewCommit<'a>>,
    /// The playbook's name, for the log.
    pub playbook: String,
    /// The variables, for the log.
    pub vars: BTreeMap<String, String>,
    /// Files on disk that git will delete in a checkout of the branch: copied to the trash.
    pub trash: Vec<Trash>,
    /// What leaves the disk, and is moved to the trash.
    pub junk: Vec<Junk>,
    /// The commits that `git blame` is to look through, if any: listed in one more commit.
    pub ignored: Option<Ignored>,
}

/// A file that git will delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trash {
    /// The file.
    pub path: RepoPath,
    /// Whether it is junk: then a switch does not put it back.
    pub stays: bool,
}

/// Commits that `git blame` is to look through.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// Their places among the commits.
    pub commits: Vec<usize>,
    /// What the commit says that lists them.
    pub message: String,
}

/// A commit to make.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// What it holds.
    pub tree: &'a Tree,
    /// What it says.
    pub message: String,
}

/// Publishes commits on a new branch, and moves what leaves the disk to the trash.
///
/// # Errors
/// When another overhaul is at work, the branch cannot be made, nobody is there to commit, or
/// writing fails. Nothing is visible then; but where the trash is on another file system, what was
/// copied there may have to be removed by the next command.
pub fn publish(repo: &Repo, publication: &Publication<'_>) -> Result<Run, HostError> {
    let lock = Lock::take(repo)?;
    recover(repo, &lock)?;
    // It was found before the lock was taken.
    let gone =
        |it: &&Junk| fs::symlink_metadata(repo.root().join(path_of(it.path.as_bytes()))).is_err();
    if let Some(junk) = publication.junk.iter().find(gone) {
        return Err(Refusal::Vanished(junk.path.clone()).into());
    }
    let record = match &publication.branch {
        Some(branch) => publish_branch(repo, publication, branch, &lock)?,
        None => publish_record(repo, publication, &lock)?,
    };
    trash::clear(repo, record.id)?;
    record.run(repo)?.ok_or_else(|| HostError::UnknownRun(record.id.to_string()))
}

/// Publishes commits, and what leaves the disk: the branch makes both happen.
fn publish_branch(
    repo: &Repo,
    publication: &Publication<'_>,
    branch: &str,
    lock: &Lock,
) -> Result<Record, HostError> {
    branch::check_free(repo, branch)?;
    branch::check_unlocked(repo, branch, &[])?;
    let who = Identity::of(repo)?;
    let made = commit(repo, publication, &who)?;
    let mut record = begin(repo, publication, who.time(), &made)?;
    prepare(repo, publication, &record)?;
    let reason = format!("overhaul: {}", publication.playbook);
    let published = take(repo, publication, &record)
        .and_then(|()| branch::create(repo, branch, made.tip, &who, &reason));
    published.or_else(|error| {
        recover(repo, lock)?;
        // What counts is whether the branch appeared.
        if branch::has(repo, branch, made.tip)? { Ok(()) } else { Err(error) }
    })?;
    record.stage = Stage::Published;
    // The branch is there: the next command will note it where the disk does not let us.
    let _ = record.save(repo);
    Ok(record)
}

/// Publishes what leaves the disk, where there is nothing to commit: the record makes it happen.
fn publish_record(
    repo: &Repo,
    publication: &Publication<'_>,
    lock: &Lock,
) -> Result<Record, HostError> {
    let made = Made { tip: publication.base.commit, tree: publication.base.tree };
    let mut record = begin(repo, publication, now(repo), &made)?;
    prepare(repo, publication, &record)?;
    let published = take(repo, publication, &record).and_then(|()| {
        record.stage = Stage::Published;
        record.save(repo)
    });
    published.or_else(|error| recover(repo, lock).and(Err(error)))?;
    Ok(record)
}

/// Writes down what is to happen.
fn prepare(repo: &Repo, publication: &Publication<'_>, record: &Record) -> Result<(), HostError> {
    trash::store(repo, record.id, &publication.trash, &publication.junk)?;
    record.save(repo)?;
    settle(repo.common_dir())
}

/// Moves what leaves the disk.
fn take(repo: &Repo, publication: &Publication<'_>, record: &Record) -> Result<(), HostError> {
    if publication.junk.is_empty() { Ok(()) } else { trash::take(repo, record.id) }
}

/// Returns the time as git tells it for a commit or, where nobody could commit, as the clock does.
fn now(repo: &Repo) -> i64 {
    let clock = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    };
    Identity::of(repo).map_or_else(|_| clock().unwrap_or_default(), |it| it.time())
}

fn begin(
    repo: &Repo,
    publication: &Publication<'_>,
    time: i64,
    made: &Made,
) -> Result<Record, HostError> {
    Ok(Record {
        format: Format::One,
        id: next_id(repo)?,
        stage: Stage::Publishing,
        playbook: publication.playbook.clone(),
        vars: publication.vars.clone(),
        branch: publication.branch.clone(),
        base: publication.base.commit,
        base_branch: branch::current(repo)?,
        tip: made.tip,
        tree: made.tree,
        commits: publication.commits.len() + usize::from(publication.ignored.is_some()),
        time,
        work_tree: repo.work_tree_name().to_owned(),
    })
}

/// What the branch ends in.
struct Made {
    tip: Id,
    tree: Id,
}

/// Writes the commits.
fn commit(repo: &Repo, publication: &Publication<'_>, who: &Identity) -> Result<Made, HostError> {
    let base = publication.base;
    let mut made = Made { tip: base.commit, tree: base.tree };
    let mut ids = Vec::new();
    for new in &publication.commits {
        made = add(repo, who, &made, new.tree, &new.message)?;
        ids.push(made.tip);
    }
    let Some((ignored, last)) = publication.ignored.as_ref().zip(publication.commits.last()) else {
        return Ok(made);
    };
    let named = |at: &usize| Some((*ids.get(*at)?, publication.commits[*at].message.as_str()));
    let commits: Vec<(Id, &str)> = ignored.commits.iter().filter_map(named).collect();
    add(repo, who, &made, &listing(last.tree, &commits)?, &ignored.message)
}

/// Writes one more commit.
fn add(
    repo: &Repo,
    who: &Identity,
    last: &Made,
    tree: &Tree,
    message: &str,
) -> Result<Made, HostError> {
    check_shape(tree)?;
    let tip = repo.library(|library| {
        let written = write_tree(library, tree)?;
        write_commit(library, who, message, written, last.tip)
    })?;
    Ok(Made { tip, tree: tree.id() })
}

/// Refuses a tree in which a path is a file and a folder: git would write it, and choke on it.
fn check_shape(tree: &Tree) -> Result<(), HostError> {
    let entries = tree.entries();
    for path in entries.keys() {
        if let Some(folder) = path.folders().find(|it| entries.contains_key(it)) {
            return Err(HostError::FileAndFolder(folder));
        }
    }
    Ok(())
}

/// Writes the blobs and folders of `tree` that git does not have yet.
fn write_tree(library: &git2::Repository, tree: &Tree) -> Result<git2::Oid, HostError> {
    let failed = |error| HostError::store("write to the object store", &error);
    let store = library.odb().map_err(failed)?;
    let used: std::collections::BTreeSet<Id> = tree.entries().values().map(|it| it.id).collect();
    for (id, bytes) in tree.fresh().filter(|(id, _)| used.contains(id)) {
        write_object(&store, git2::ObjectType::Blob, bytes, id)?;
    }
    for (id, body) in tree.objects() {
        write_object(&store, git2::ObjectType::Tree, &body, id)?;
    }
    oid_of(tree.id()).map_err(failed)
}

/// Writes an object where it is missing; git's own hash of it has to be ours.
fn write_object(
    store: &git2::Odb<'_>,
    kind: git2::ObjectType,
    bytes: &[u8],
    id: Id,
) -> Result<(), HostError> {
    let written = store.write(kind, bytes);
    let written = written.map_err(|error| HostError::store("write to the object store", &error))?;
    if written.as_bytes() == id.as_bytes() { Ok(()) } else { Err(HostError::OtherTree) }
}

/// Writes one commit that nothing points at.
pub(super) fn write_commit(
    library: &git2::Repository,
    who: &Identity,
    message: &str,
    tree: git2::Oid,
    parent: Id,
) -> Result<Id, HostError> {
    let failed = |error| HostError::store("write a commit", &error);
    let parent = oid_of(parent).and_then(|it| library.find_commit(it)).map_err(failed)?;
    let tree = library.find_tree(tree).map_err(failed)?;
    let message = format!("{}\n", message.trim_end());
    let commit = library
        .commit(None, &who.author, &who.committer, &message, &tree, &[&parent])
        .map_err(failed)?;
    super::repo::id_of(commit)
}
