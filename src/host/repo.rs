//! A repository on disk, found and found fit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{Cause, HostError, Refusal};
use super::git::{Config, Git, Running, complaint};
use super::refuse;
use crate::tree::Id;

/// A git repository with a work tree.
#[derive(Debug, Clone)]
pub struct Repo {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    config: Config,
    git: Git,
    pool: Arc<Pool>,
}

impl Repo {
    /// Finds the repository that `folder` is in, from a subfolder or a linked work tree too.
    ///
    /// # Errors
    /// When there is none, or one that overhaul could get wrong: see [`Refusal`].
    pub fn open(folder: &Path) -> Result<Self, HostError> {
        let (repo, filtered) = Self::begin(folder)?;
        refuse::by_filters(&repo.git, filtered)?;
        Ok(repo)
    }

    /// As [`Repo::open`], but for what git still finds out: which tracked files go through a filter.
    pub(super) fn begin(folder: &Path) -> Result<(Self, Running), HostError> {
        check_folder(folder)?;
        let config = Git::new(folder).begin(&["config", "--list", "-z"])?;
        let Place { root, git_dir, common_dir, split_index } = Place::of(folder)?;
        let config = Config::parse(&config.end()?);
        refuse::by_config(&config)?;
        if split_index {
            return Err(Refusal::SplitIndex.into());
        }
        let git = Git::new(&root).without_filters(refuse::filters(&config));
        let filtered = refuse::begin_filtered(&git)?;
        let pool = Arc::new(Pool::open(&root)?);
        Ok((Self { root, git_dir, common_dir, config, git, pool }, filtered))
    }

    /// Opens the repository that has its root at `folder`.
    ///
    /// # Errors
    /// As for [`Repo::open`]; and when the root is a folder above.
    pub fn open_root(folder: &Path) -> Result<Self, HostError> {
        let repo = Self::open(folder)?;
        match (folder.canonicalize(), repo.root.canonicalize()) {
            (Ok(folder), Ok(root)) if folder == root => Ok(repo),
            _ => Err(Refusal::NotTheRoot { folder: folder.to_owned(), root: repo.root }.into()),
        }
    }

    /// Returns the root of the work tree.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the git directory of this work tree.
    pub(super) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Tells whether a file lies in the work tree; one of which that cannot be told is taken to.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        match (file.canonicalize(), self.root.canonicalize()) {
            (Ok(file), Ok(root)) => file.starts_with(root),
            _ => true,
        }
    }

    /// Returns the git directory that all work trees share.
    pub(super) fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Returns the folder for what is ours and is shared by all work trees.
    pub(super) fn shared_dir(&self) -> PathBuf {
        self.common_dir.join("overhaul")
    }

    /// Returns the folder for what is ours and belongs to one work tree: this one, or the one with
    /// that name.
    pub(super) fn dir_of(&self, work_tree: &str) -> PathBuf {
        self.common_dir.join(work_tree).join("overhaul")
    }

    /// Returns what tells this work tree from the others: its git directory below the common one,
    /// so it is empty for the main one.
    pub(super) fn work_tree_name(&self) -> &str {
        let below = self.git_dir.strip_prefix(&self.common_dir).ok();
        below.and_then(Path::to_str).unwrap_or_default()
    }

    /// Returns the `git` program at work in this repository, its filters overridden.
    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Returns the `git` program as [`Repo::git`] does, with the index that a hook is told to look
    /// at: `git commit --all` has one of its own.
    pub(super) fn git_in_hook(&self) -> Result<Git, Refusal> {
        let Some(named) = std::env::var_os("GIT_INDEX_FILE") else { return Ok(self.git.clone()) };
        let index = self.root.join(&named);
        let folder = index.parent().and_then(|it| it.canonicalize().ok());
        if folder.as_ref() != Some(&self.git_dir) {
            return Err(refuse::named_elsewhere("GIT_INDEX_FILE", &named, &self.root));
        }
        Ok(self.git.clone().with_index(Some(index)))
    }

    /// Returns git's configuration.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the handles on git's library, for what reads later and on other threads.
    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Uses git's library, which waits until what it writes is on the disk, and logs that `who` did
    /// it: both go by its configuration alone, so that gets a file more.
    pub(super) fn durable_library<T>(
        &self,
        who: &git2::Signature<'_>,
        work: impl FnOnce(&git2::Repository) -> T,
    ) -> Result<T, HostError> {
        let file = tempfile::NamedTempFile::new()
            .map_err(|error| HostError::disk("write to", &std::env::temp_dir(), error))?;
        let configured = || {
            let library = open(&self.root)?;
            let mut config = library.config()?;
            config.add_file(file.path(), git2::ConfigLevel::App, false)?;
            config.set_bool("core.fsyncObjectFiles", true)?;
            config.set_str("user.name", who.name()?)?;
            config.set_str("user.email", who.email()?)?;
            Ok(library)
        };
        let library: Result<_, git2::Error> = configured();
        let library = library.map_err(|error| HostError::store("open the repository", &error))?;
        Ok(work(&library))
    }

    /// Uses git's library.
    pub(super) fn library<T>(
        &self,
        work: impl FnOnce(&git2::Repository) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        let fresh = |library: &git2::Repository| {
            // What failed before is not why this fails: asking for it makes the library forget it.
            let _ = git2::Error::last_error(0);
            work(library)
        };
        self.pool.with(fresh).map_err(|error| HostError::store("open the repository", &error))?
    }
}

/// Where a repository is.
struct Place {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    split_index: bool,
}

impl Place {
    /// Asks git, which also judges whether the owner can be trusted.
    fn of(folder: &Path) -> Result<Self, HostError> {
        // Below, git answers with a path a line.
        if folder.canonicalize().is_ok_and(|it| it.as_os_str().as_encoded_bytes().contains(&b'\n'))
        {
            return Err(Refusal::LineBreak.into());
        }
        let output = Git::new(folder).output(&[
            "rev-parse",
            "--absolute-git-dir",
            "--git-common-dir",
            "--show-toplevel",
            "--shared-index-path",
        ])?;
        let mut lines = output.stdout.split(|byte| *byte == b'\n').map(os_path);
        let (Some(git_dir), Some(common)) = (lines.next().flatten(), lines.next().flatten()) else {
            return Err(no_repository(folder, complaint(&output)).into());
        };
        let Some(root) = lines.next().flatten() else {
            return Err(Refusal::Bare(git_dir).into());
        };
        let split_index = lines.next().flatten().is_some();
        let real = |path: PathBuf| {
            path.canonicalize().map_err(|error| HostError::disk("find", &path, error))
        };
        let (git_dir, common_dir) = (real(git_dir)?, real(folder.join(common))?);
        if !is_home_of(&root, &git_dir) {
            return Err(Refusal::Elsewhere { git_dir, root }.into());
        }
        refuse::by_environment(&git_dir, &root)?;
        Ok(Self { root, git_dir, common_dir, split_index })
    }
}

fn check_folder(folder: &Path) -> Result<(), HostError> {
    let meta = std::fs::metadata(folder).map_err(|error| HostError::disk("open", folder, error))?;
    if !meta.is_dir() {
        return Err(Refusal::NotARepository(folder.to_owned()).into());
    }
    Ok(())
}

fn no_repository(folder: &Path, complaint: String) -> Refusal {
    // The folder that we are in says nothing to whoever is told of it.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let finds_none = complaint.starts_with("not a git repository");
    let broken = ["invalid gitfile", "bad config"].iter().any(|it| complaint.starts_with(it));
    let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let root = real.ancestors().find(|it| it.join(".git").symlink_metadata().is_ok());
    if let (Some(root), true) = (root, finds_none || broken) {
        let lack = refuse::lack_of(named_git_dir(root), shared_git_dir(root));
        Refusal::Broken(root.join(".git"), Cause(lack.unwrap_or(complaint)))
    } else if finds_none {
        Refusal::NotARepository(folder)
    } else if complaint.contains("dubious ownership") {
        // git names the root, which need not be where we began to look.
        let root = complaint.split('\'').nth(1).map_or(folder, PathBuf::from);
        Refusal::Untrusted(root)
    } else {
        Refusal::Unsupported(complaint)
    }
}

/// Tells whether `.git` in `root` is, or names, `git_dir`: a `core.worktree` could lead anywhere.
fn is_home_of(root: &Path, git_dir: &Path) -> bool {
    match (named_git_dir(root).and_then(|it| it.canonicalize().ok()), git_dir.canonicalize()) {
        (Some(named), Ok(git_dir)) => named == git_dir,
        _ => false,
    }
}

/// Returns the git directory that `.git` in `root` is, or names.
fn named_git_dir(root: &Path) -> Option<PathBuf> {
    let dot_git = root.join(".git");
    if dot_git.is_dir() {
        return Some(dot_git);
    }
    let text = std::fs::read_to_string(&dot_git).ok()?;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

/// Returns the git directory that the work tree at `root` shares with the others of its repository,
/// as its files tell: without asking git, so it is no more than a hint.
#[must_use]
pub fn shared_git_dir(root: &Path) -> Option<PathBuf> {
    let git_dir = named_git_dir(root)?;
    let common = match std::fs::read_to_string(git_dir.join("commondir")) {
        Ok(text) => git_dir.join(text.trim_end()),
        Err(_) => git_dir,
    };
    common.canonicalize().ok()
}

/// Returns a line of git's output as a path; `None` for an empty one.
fn os_path(line: &[u8]) -> Option<PathBuf> {
    (!line.is_empty()).then(|| path_of(line))
}

/// Returns bytes as a path of this system.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// Returns bytes as a path of this system.
#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Handles on git's library. One serves one thread at a time, so each thread takes its own.
pub(super) struct Pool {
    root: PathBuf,
    idle: Mutex<Vec<git2::Repository>>,
}

impl Pool {
    fn open(root: &Path) -> Result<Self, Refusal> {
        let first = open(root).map_err(|error| {
            // git itself has trusted the owner before.
            if error.code() == git2::ErrorCode::Owner {
                Refusal::TrustedByEnvironment(root.to_owned())
            } else {
                Refusal::Unsupported(error.message().to_owned())
            }
        })?;
        Ok(Self { root: root.to_owned(), idle: Mutex::new(vec![first]) })
    }

    /// Lends a handle.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&git2::Repository) -> T,
    ) -> Result<T, git2::Error> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let handle = match taken {
            Some(handle) => handle,
            None => open(&self.root)?,
        };
        let result = work(&handle);
        idle().push(handle);
        Ok(result)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("root", &self.root).finish_non_exhaustive()
    }
}

fn open(root: &Path) -> Result<git2::Repository, git2::Error> {
    let nowhere: [&Path; 0] = [];
    git2::Repository::open_ext(root, git2::RepositoryOpenFlags::NO_SEARCH, nowhere)
}

/// Returns our id of an object.
pub(super) fn id_of(oid: git2::Oid) -> Result<Id, HostError> {
    let bytes: [u8; 20] = oid.as_bytes().try_into().map_err(|_| HostError::Store {
        doing: "read an object id".to_owned(),
        source: Cause(format!("`{oid}` is no SHA-1")),
    })?;
    Ok(Id::from_bytes(bytes))
}

/// Returns git's id of an object.
pub(super) fn oid_of(id: Id) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_bytes(id.as_bytes())
}
