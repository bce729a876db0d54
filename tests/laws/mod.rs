//! The promises of the design, L1 to L11, on generated and on real repositories.

mod generate;
mod junk;
mod pure;
mod undo;
mod world;
