//! HAPI reads the FHIR documents that the tests write: the frozen ones, and those of random handbooks.

use std::path::Path;
use std::process::Command;

use crate::process::{Outcome, command, root, run};
use crate::tools;

/// Writes the documents of random handbooks (`long`: all of them), then has HAPI validate them against base R4.
pub(crate) fn test(long: Option<&str>) -> Outcome {
    tools::java()?;
    let mut write =
        command("cargo", &["test", "--quiet", "--package", "ayumi-core", "--test", "engines", "fhir::random::"]);
    if let Some(variable) = long {
        write.env(variable, "1");
    }
    run(&mut write)?;
    validate(&root())
}

/// Its jars come from Maven Central by name, once; the validation itself needs no network.
fn validate(root: &Path) -> Outcome {
    run(Command::new("mvn").args(["--quiet", "--batch-mode", "test"]).current_dir(root.join("tests/fhir")))
}
