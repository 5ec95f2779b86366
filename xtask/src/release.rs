//! What must be signed before anything is released: the core's content, built as a release builds it.

use crate::process::{Outcome, command, run, say};

/// Set, the core's build refuses rules that send a family to a doctor and that no professional has signed.
pub(crate) const RELEASE: &str = "AYUMI_RELEASE";

/// Refuses what no professional has signed.
pub(crate) fn check() -> Outcome {
    run(command("cargo", &["check", "--quiet", "--package", "ayumi-core"]).env(RELEASE, "1"))?;
    say("every rule that leads to a doctor is signed");
    Ok(())
}
