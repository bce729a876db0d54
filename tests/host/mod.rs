//! The world, with real git: loading, publishing, undoing.

mod canaries;
mod kill;
mod load;
mod oracle;
mod publish;
mod refuse;
mod support;
mod undo;
mod world;
