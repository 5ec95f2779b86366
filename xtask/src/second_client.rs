//! A client of the notebook channel in Python, written from docs/protocol.md, plays with the program and against it.

use std::process::Command;

use crate::process::{Outcome, cargo, root};
use crate::tools;

pub(crate) fn run() -> Outcome {
    let python = tools::python("second-client")?;
    cargo(&["build", "--quiet", "--package", "ayumi"])?;
    let script = root().join("tests/second-client/run.py");
    crate::process::run(Command::new(python).arg("-B").arg(script).arg(root().join("target/debug/ayumi")))
}
