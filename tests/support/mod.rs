//! Repositories for tests: built in a few lines, hermetic, thrown away.
//!
//! A [`Repo`] has its own home, identity and clock, so no test sees the machine that it runs on:
//! `Repo::new().file("a.py", "X = 1\n").commit("first")`. [`Repo::run`] starts the real program
//! in it and gives a [`Ran`], whose assertions fail at the caller's line.

mod ran;
mod repo;
mod state;

pub(crate) use ran::Ran;
pub(crate) use repo::Repo;
pub(crate) use state::State;
