//! The `overhaul` program: hands the command line to the library.

use std::process::ExitCode;

/// Syntax trees are millions of small nodes, made and dropped on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    overhaul::cli::run(std::env::args_os())
}
