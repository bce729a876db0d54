//! The program from the outside: one file per command.

mod frame;
mod playbook;
