//! A second vaccination engine in Python, written from the texts of the law, is asked the same as the program.

use std::process::Command;

use crate::process::{Outcome, cargo, root, run, say, timed};

/// Random histories by `--long`, and without it.
const HISTORIES: (u32, u32) = (10_000, 1_000);

pub(crate) fn step(long: bool) -> Outcome {
    cargo(&["build", "--quiet", "--package", "ayumi"])?;
    let script = root().join("tests/vaccine-oracle/run.py");
    let python = || {
        let mut command = Command::new("python3");
        command.arg("-B").arg(&script);
        command
    };
    run(python().arg("--self-test"))?;
    let count = if long { HISTORIES.0 } else { HISTORIES.1 };
    say(&format!("{count} of {} histories (--long plays all)", HISTORIES.0));
    timed("vaccine-oracle", || {
        let program = root().join("target/debug/ayumi");
        run(python().arg("--program").arg(program).args(["--quiet", "--histories", &count.to_string()]))
    })
}
