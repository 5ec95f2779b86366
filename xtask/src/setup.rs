//! `cargo xtask setup`: everything that the steps need beside Rust.

use std::path::Path;

use crate::process::Outcome;
use crate::swift;
use crate::tools::{
    BROWSER, JAVA, PYTHON, RUST_SOURCE, debian, deny, has_browser, has_java, has_rust_source, python, works,
};

/// Debian packages, and the check that says whether they are installed.
type Packages = (&'static [&'static str], fn() -> bool);

const DEBIAN: &[Packages] = &[
    (&["gcc"], || works("cc", &["--version"])),
    (&["python3"], || works("python3", &["--version"])),
    (&["python3-venv"], || works("python3", &["-c", "import ensurepip, venv"])),
    (&["postgresql"], || Path::new("/usr/lib/postgresql").exists()),
    (JAVA, has_java),
    (BROWSER, has_browser),
    (RUST_SOURCE, has_rust_source),
    (&["mmdebstrap"], || swift::is_installed() || works("mmdebstrap", &["--version"])),
];

/// Installs everything that a step of `cargo xtask test` needs, or returns the command that installs it.
pub(crate) fn run() -> Outcome {
    let missing: Vec<&str> =
        DEBIAN.iter().filter(|(_, is_there)| !is_there()).flat_map(|(packages, _)| *packages).copied().collect();
    debian(&missing)?;
    deny()?;
    for name in PYTHON.iter().map(|(name, _)| name) {
        python(name)?;
    }
    swift::install()
}
