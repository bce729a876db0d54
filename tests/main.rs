//! One integration binary: every test that needs the whole crate, git or Python.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests build real repositories and stop at the first surprise"
)]

mod cases;
mod cli;
mod docs;
mod host;
mod laws;
mod layers;
mod oracles;
mod pages;
mod playbook;
mod report;
mod seeds;
mod support;
mod truth;
