//! One playbook over one repository, from the words that were meant to a branch: plan, prove, look
//! around, try out, publish.
//!
//! What `plan`, `apply` and a campaign share. Nothing here asks or prints: what a person should know
//! is in what is returned.

mod applying;
mod error;
mod exit;
mod planning;
mod playbooks;
mod programs;
mod status;

pub use applying::{
    Published, Trial, publish, published_before, respelling, stands_clear, try_out,
};
pub use error::FlowError;
pub use exit::Exit;
pub use planning::{Beside, Planned, Request, beside, interrupted, make, make_and_look, unproved};
pub use playbooks::{Found, Origin};
pub use status::{Status, status};
