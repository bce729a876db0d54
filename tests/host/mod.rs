//! The world, with real git: loading, publishing, undoing.

mod canaries;
mod crash;
mod load;
mod oracle;
mod publish;
mod refuse;
mod renames;
mod shapes;
mod support;
mod undo;
mod world;
