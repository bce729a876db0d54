//! The world, with real git: loading, publishing, undoing.

mod support;
