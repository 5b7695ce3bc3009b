//! The program.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    interregnum::main(std::env::args_os())
}
