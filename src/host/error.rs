//! Why something could not be done to a repository: refused, with the way out, or failed.

use std::io;
use std::path::{Path, PathBuf};

use crate::path::{PathError, RepoPath};
use crate::tree::ReadError;

/// Who has to act; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// overhaul does not want to: the repository is in a state that it does not touch.
    Refused,
    /// The disk, git or what the user named failed.
    Failed,
}

/// Something in the world did not work.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// overhaul refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The disk failed.
    #[error("failed to {doing} `{}`", path.display())]
    Disk {
        /// Such as "read".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
    /// git's object store or refs failed.
    #[error("failed to {doing}")]
    Store {
        /// Such as "write the commit".
        doing: String,
        /// What git's library said.
        source: Cause,
    },
    /// The `git` program failed.
    #[error("`git {command}` failed")]
    Program {
        /// The arguments that matter.
        command: String,
        /// What it said.
        source: Cause,
    },
    /// The `git` program cannot be started.
    #[error("failed to start `git`")]
    NoGit(#[source] io::Error),
    /// No commit has this name.
    #[error("`{0}` is no commit of this repository")]
    UnknownRevision(String),
    /// git does not know who commits.
    #[error("git has no name and e-mail address to commit with")]
    NoIdentity(#[source] Cause),
    /// One of our own files under the git directory cannot be read.
    #[error("failed to understand `{}`", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The tree that was written is not the tree that was planned.
    #[error("the written tree differs from the planned one; nothing was published")]
    OtherTree,
    /// A planned tree cannot be.
    #[error("`{0}` is a file and a folder in the planned tree")]
    FileAndFolder(RepoPath),
    /// A file of the repository could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No run has this id.
    #[error("no run `{0}` in this repository")]
    UnknownRun(String),
    /// A program does nothing but talk.
    #[error("`{0}` said more than 256 MB, and was ended")]
    Loud(String),
    /// A signal came while a program was at work.
    #[error("interrupted; the program that was at work is ended")]
    Interrupted,
}

/// What overhaul refuses to touch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither the folder nor one above it is a repository.
    #[error("`{}` is not in a git repository", .0.display())]
    NotARepository(PathBuf),
    /// There is a `.git`, and git finds no repository in it.
    #[error("`{}` is not a repository that git can open", .0.display())]
    Broken(PathBuf, #[source] Cause),
    /// The repository begins in a folder above.
    #[error("`{}` is no repository of its own: it lies in `{}`", folder.display(), root.display())]
    NotTheRoot {
        /// The folder.
        folder: PathBuf,
        /// The root of the repository.
        root: PathBuf,
    },
    /// There is no work tree here.
    #[error("`{}` is a repository without a work tree", .0.display())]
    Bare(PathBuf),
    /// `core.worktree` leads elsewhere.
    #[error("the work tree of `{}` is elsewhere, at `{}`", git_dir.display(), root.display())]
    Elsewhere {
        /// The repository.
        git_dir: PathBuf,
        /// Where its configuration says that the work tree is.
        root: PathBuf,
    },
    /// The environment names another repository than the folder.
    #[error("`{variable}` is `{named}`, which is not that of `{}`", root.display())]
    Named {
        /// The variable.
        variable: &'static str,
        /// Its value.
        named: String,
        /// The work tree that the folder is in.
        root: PathBuf,
    },
    /// git trusts the repository, but only because of a setting that its library does not read.
    #[error("only the environment says that the owner of `{}` can be trusted", .0.display())]
    TrustedByEnvironment(PathBuf),
    /// git itself does not trust the repository.
    #[error("git does not trust the owner of `{}`", .0.display())]
    Untrusted(PathBuf),
    /// A part of the files is not checked out.
    #[error("this is a sparse checkout")]
    Sparse,
    /// A part of the objects is not here.
    #[error("this is a partial clone")]
    Partial,
    /// Objects are not named by SHA-1.
    #[error("this repository names its objects by `{0}`, not by `sha1`")]
    ObjectFormat(String),
    /// Refs are not kept as files.
    #[error("this repository keeps its refs as `{0}`, not as `files`")]
    RefFormat(String),
    /// The index is in two files.
    #[error("this repository has a split index")]
    SplitIndex,
    /// A tracked file goes through a filter, such as LFS.
    #[error("`{0}` goes through a filter that `.gitattributes` names, such as `lfs`")]
    Filtered(String),
    /// What git prints of the place would be read as two places.
    #[error("the path of the repository has a line break in it")]
    LineBreak,
    /// git's library cannot open it.
    #[error("this repository is of a kind that overhaul does not know: {0}")]
    Unsupported(String),
    /// A tracked path is none that a checkout could have.
    #[error("the repository holds a path that overhaul does not touch: {0}")]
    OddPath(#[from] PathError),
    /// A tracked path is longer than any system takes.
    #[error("the repository holds a path of more than 4096 bytes")]
    LongPath,
    /// A commit has more paths than anybody could check out.
    #[error("the commit holds more paths than overhaul lists (2,000,000)")]
    Enormous,
    /// The branch has no commit.
    #[error("there is no commit yet")]
    NoCommit,
    /// A link stands where we keep what is ours: it leads elsewhere.
    #[error("`{}` is a symbolic link, and nothing is written through one", .0.display())]
    Linked(PathBuf),
    /// Another overhaul is at work.
    #[error("another overhaul is at work in this repository")]
    Locked,
    /// The branch exists.
    #[error("branch `{0}` exists already")]
    BranchTaken(String),
    /// Junk that was found is gone: somebody else took it.
    #[error("`{0}` is not on the disk any more")]
    Vanished(RepoPath),
    /// No branch may be named so.
    #[error("`{0}` is no name for a branch")]
    BranchName(String),
    /// Another git holds the lock on the branch, or died with it.
    #[error("branch `{branch}` is locked: `{}` exists", lock.display())]
    BranchLocked {
        /// The branch.
        branch: String,
        /// The lock.
        lock: PathBuf,
    },
    /// A branch named like a folder of the new one, or the other way round.
    #[error("branch `{branch}` cannot be beside branch `{other}`")]
    BranchInTheWay {
        /// The one that was to be made.
        branch: String,
        /// The one that exists.
        other: String,
    },
    /// There are changes that a switch would carry along.
    #[error("the work tree has changes that are not committed: `{0}`")]
    Dirty(RepoPath),
    /// What nobody tracks would be overwritten by a switch.
    #[error("{} would be overwritten by the switch, and nobody tracks it", shown(.0))]
    InTheWay(Vec<RepoPath>),
    /// No commits can be listed there.
    #[error("`{0}` cannot list commits: it is no file")]
    NoFile(RepoPath),
    /// git would not switch.
    #[error("git does not switch to branch `{branch}`: {reason}")]
    NoSwitch {
        /// The branch.
        branch: String,
        /// What git said.
        reason: String,
    },
    /// The branch is checked out.
    #[error("branch `{branch}` is checked out at `{}`", root.display())]
    CheckedOut {
        /// The branch.
        branch: String,
        /// The work tree that has it.
        root: PathBuf,
        /// The branch that was there before the run.
        before: Option<String>,
    },
    /// The branch is not as the run left it.
    #[error("branch `{0}` carries commits that are not of this run")]
    ForeignCommits(String),
    /// The run was taken back before.
    #[error("run `{0}` is undone already")]
    Undone(String),
    /// Neither the branch nor its commits can be found in a branch.
    #[error("branch `{0}` is gone, and nothing here was merged from it")]
    Gone(String),
    /// Later changes stand in the way of a revert.
    #[error("later commits changed what this run changed: {}", shown(.0))]
    Conflicts(Vec<RepoPath>),
    /// What the run did is not there any more.
    #[error("nothing that run `{0}` did is left to take back")]
    NothingLeft(String),
    /// The trash of a run is in another work tree.
    #[error("the trash of run `{0}` is in another work tree")]
    OtherWorkTree(String),
}

/// What git, its library or the system said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Cause(pub String);

impl HostError {
    /// Returns who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        // A name that no branch can have is nothing of the repository: it was mistyped.
        let mistyped = matches!(self, Self::Refused(Refusal::BranchName(_)));
        let refused = matches!(self, Self::Refused(_)) && !mistyped;
        if refused { Blame::Refused } else { Blame::Failed }
    }

    /// Returns what could be done about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => refusal.hint(),
            Self::NoGit(_) => Some("install git, and see that it is on `PATH`".to_owned()),
            Self::NoIdentity(_) => Some(
                "run `git config user.name \"Your Name\"` and \
                 `git config user.email you@example.org`"
                    .to_owned(),
            ),
            Self::Record { .. } => {
                Some("another version of overhaul wrote it, or the disk failed".to_owned())
            }
            Self::UnknownRevision(_) => Some("name a branch, a tag or a commit".to_owned()),
            Self::UnknownRun(_) => Some("`overhaul log` lists the runs".to_owned()),
            Self::Disk { .. }
            | Self::Store { .. }
            | Self::Program { .. }
            | Self::OtherTree
            | Self::FileAndFolder(_)
            | Self::Read(_)
            | Self::Loud(_)
            | Self::Interrupted => None,
        }
    }

    pub(super) fn disk(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Disk { doing, path: path.to_owned(), source }
    }

    pub(super) fn store(doing: impl Into<String>, source: &git2::Error) -> Self {
        Self::Store { doing: doing.into(), source: source.into() }
    }
}

impl From<&git2::Error> for Cause {
    fn from(error: &git2::Error) -> Self {
        // It forgets why where a file cannot be removed.
        let silent = error.class() == git2::ErrorClass::None;
        // Where the system has nothing to say, the library ends in the middle of a sentence.
        let message = error.message().trim_end_matches([':', ' ']);
        Self(if silent { "the disk refused".to_owned() } else { message.to_owned() })
    }
}

impl Refusal {
    /// Returns the way out.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotARepository(_) => {
                "run `git init`, `git add --all` and `git commit`, or name a repository with `-C`"
                    .to_owned()
            }
            Self::Broken(..) => {
                "mend what is named, or clone again; `git worktree repair` in the main repository \
                 mends work trees after it moved"
                    .to_owned()
            }
            Self::NotTheRoot { root, .. } => format!("name `{}`", root.display()),
            Self::Bare(_) => "run it in a clone: `git clone REPOSITORY FOLDER`".to_owned(),
            Self::Elsewhere { root, .. } => format!("run it in `{}`", root.display()),
            Self::Named { variable, .. } => {
                format!("run it without `{variable}`, or in the folder that it means")
            }
            Self::TrustedByEnvironment(root) => {
                format!(
                    "say it in a file: `git config --global --add safe.directory {}`",
                    root.display()
                )
            }
            Self::Untrusted(root) => {
                format!("if you do: `git config --global --add safe.directory {}`", root.display())
            }
            Self::Sparse => "run `git sparse-checkout disable`, or use a full clone".to_owned(),
            Self::Partial => "use a clone made without `--filter`".to_owned(),
            Self::ObjectFormat(_) => {
                "export it into a repository made with `git init --object-format=sha1`".to_owned()
            }
            Self::RefFormat(_) => "run `git refs migrate --ref-format=files`".to_owned(),
            Self::SplitIndex => {
                "run `git config core.splitIndex false` and `git update-index --no-split-index`"
                    .to_owned()
            }
            Self::Filtered(_) => {
                "take `filter=` out of the attributes, for LFS with `git lfs migrate export`"
                    .to_owned()
            }
            Self::Enormous => {
                "a few objects can stand for thousands of millions of files; name another commit \
                 with `--base`"
                    .to_owned()
            }
            Self::NoCommit => "commit what you have first, so that nothing can be lost".to_owned(),
            Self::Linked(_) => "put a folder or a file in its place".to_owned(),
            Self::Locked => "wait for it to end, then try again".to_owned(),
            Self::Vanished(_) => "plan again".to_owned(),
            Self::BranchTaken(_) | Self::BranchName(_) | Self::BranchInTheWay { .. } => {
                "choose another with `--branch NAME`".to_owned()
            }
            Self::BranchLocked { .. } => {
                "another git is at work there; where none is, remove the file, then try again"
                    .to_owned()
            }
            Self::Dirty(_) => "commit or stash them first, or leave out `--switch`".to_owned(),
            Self::CheckedOut { before, .. } => {
                let other = before.as_deref().unwrap_or("BRANCH");
                format!("run `git switch {other}` there, then try again")
            }
            Self::ForeignCommits(branch) => {
                format!("if nobody needs them: `git branch -D {branch}`")
            }
            Self::Conflicts(_) => {
                "revert the commits by hand, with `git revert`, or undo the later changes first"
                    .to_owned()
            }
            Self::OtherWorkTree(_) => {
                "run it where the run was made; `git worktree list` shows all work trees".to_owned()
            }
            Self::Gone(_) => {
                "what it put in the trash comes back with `overhaul trash restore RUN`".to_owned()
            }
            Self::InTheWay(_) => {
                "move it away, or leave `--switch` out and look at the branch later".to_owned()
            }
            Self::LineBreak => "move it to a folder with a plain name".to_owned(),
            Self::Unsupported(_)
            | Self::OddPath(_)
            | Self::LongPath
            | Self::NoFile(_)
            | Self::NoSwitch { .. }
            | Self::Undone(_)
            | Self::NothingLeft(_) => return None,
        };
        Some(hint)
    }
}

fn shown(paths: &[RepoPath]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}
