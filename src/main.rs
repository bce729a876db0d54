//! The `overhaul` program: hands the command line to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    overhaul::cli::run(std::env::args_os())
}
