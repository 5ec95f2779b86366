//! The stock SQLCipher tool reads a handbook of ours, writes into it, and ours finds nothing wrong with it.

use std::process::Command;

use crate::process::{Outcome, cargo, root};
use crate::tools;

pub(crate) fn run() -> Outcome {
    let python = tools::python("stock")?;
    cargo(&["build", "--quiet", "--package", "ayumi"])?;
    let script = root().join("tests/stock/sqlcipher.py");
    crate::process::run(Command::new(python).arg(script).arg(root().join("target/debug/ayumi")))
}
