//! The world: the disk, git, other programs. The only layer that reads or writes any of them.
//!
//! [`Repo::open`] refuses what overhaul could get wrong; a [`Repo`] gives snapshots of commits, of
//! the index and of the work tree ([`Looking`], where there is something to do meanwhile); [`publish`] makes everything visible with one ref. Nothing that
//! a repository holds ever runs code here: `git` is started in one place only, disarmed. This layer
//! does, it does not talk: whatever a person should know is in what it returns.

#![expect(clippy::disallowed_methods, reason = "this is the layer that the fence is for")]

mod branch;
mod cache;
mod contents;
mod error;
mod exec;
mod files;
mod git;
mod identity;
mod ignored;
mod interrupt;
mod junk;
mod load;
mod lock;
mod process;
mod program;
mod publish;
mod recover;
mod refuse;
mod repo;
mod runs;
mod scratch;
mod size;
mod status;
mod switch;
mod trash;
mod undo;
mod venv;

pub use branch::{branch_name, check_branch_name};
pub use cache::Cache;
pub use error::{Blame, Cause, HostError, Refusal};
pub use exec::{Checkout, CheckoutError, Ended, Ran};
pub use files::{list_folder, read_file, write_file};
pub use ignored::IGNORED;
pub use interrupt::{end_where_interrupted, is_interrupted};
pub use load::{Base, Looking, WorkTree};
pub use program::run_program;
pub use publish::{Ignored, NewCommit, Publication, Trash, publish};
pub use recover::{Interrupted, end_interrupted, interrupted};
pub use repo::{Repo, shared_git_dir};
pub use runs::{Run, RunState, commits, runs};
pub use scratch::Scratch;
pub use switch::{check_clean, check_clear, switch};
pub use trash::{Restored, Trashed, empty_trash, restore, trash};
pub use undo::{How, Undone, undo};
pub use venv::installed;
