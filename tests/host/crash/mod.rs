//! Crash safety: whatever writes is killed, or fails, at each of the system calls by which it
//! writes, and leaves the repository as before or as after.
//!
//! `nth.c` counts these calls, and lets one of them be the last, or fail. Here a sample of them is
//! tried in each scene; `tests/crash/run` tries all, and kills at random moments of a large plan.

mod cache;
mod calls;
mod interrupted;
mod kills;
mod scenes;
mod sight;
mod tracer;

/// Tells whether `tests/crash/run` asks for all, not for a sample.
fn all() -> bool {
    std::env::var_os("CRASH").is_some_and(|it| it == "all")
}
