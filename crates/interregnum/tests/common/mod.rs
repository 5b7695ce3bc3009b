//! Running the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, to be run in the root of the repository, where `models/` is.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interregnum"));
    command.current_dir(root());
    command
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the program to its end.
#[allow(dead_code)]
pub fn run(args: &[&str]) -> Output {
    program().args(args).output().expect("the program starts")
}

/// Standard output of a run that must succeed.
#[allow(dead_code)]
pub fn stdout(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
