//! The world, with real git: loading, publishing, undoing.

mod canaries;
mod load;
mod refuse;
mod support;
