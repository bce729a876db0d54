//! Plans, shows, verifies and applies clean-ups of Python repositories.
//!
//! Modules are listed lowest layer first: a module may use only the ones above its own line, and
//! `tests/layers.rs` reads this very list to enforce it.
//!
//! ```text
//! host::load ─ Snapshot → facts::index → plan::plan (each step: Tree + Facts → changes)
//!                            → verify (before, after) → Verified → host::publish
//!                                                    └ report
//! ```

// ── pure: values in, values out; no disk, no git, no clock, no terminal ──

pub mod path;
pub mod text;
pub mod data;
pub mod finding;
pub mod kept;
pub mod python;
pub mod tree;
pub mod facts;
pub mod rewrite;
pub mod steps;
pub mod playbook;
pub mod plan;
pub mod verify;
pub mod audit;
pub mod report;

// ── edge: the world ──

pub mod host;
pub mod flow;
pub mod batch;
pub mod cli;
