//! Programs and packages beside Rust, installed by name. Each step asks for its own, so that it runs alone on a bare
//! machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Outcome, cargo, root, run, say};

const DENY: &str = "0.20.2";
/// The step `bindings` compiles and tests Kotlin with these.
pub(crate) const JAVA: &[&str] = &["openjdk-17-jdk-headless", "maven"];

/// The step `phones` has a compiler build the standard library from its source; rustup's lacks the source.
pub(crate) const RUST_SOURCE: &[&str] = &["rustc-web", "rust-web-src"];

/// Debian's compiler.
pub(crate) const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// The step `pictures` lays pages out with a browser, in the letters that they ask for first.
pub(crate) const BROWSER: &[&str] = &["chromium-headless-shell", "fonts-morisawa-bizud-gothic"];

const HEADLESS: &str = "/usr/bin/chromium-headless-shell";
const FONT: &str = "/usr/share/fonts/truetype/bizud-gothic";

pub(crate) fn has_browser() -> bool {
    Path::new(HEADLESS).exists() && Path::new(FONT).exists()
}

/// Returns the browser, installed if need be.
pub(crate) fn browser() -> Result<PathBuf, String> {
    if !has_browser() {
        debian(BROWSER)?;
    }
    Ok(PathBuf::from(HEADLESS))
}

/// Installs cargo-deny.
pub(crate) fn deny() -> Outcome {
    if works("cargo", &["deny", "--version"]) {
        return Ok(());
    }
    say("installing cargo-deny (once, some minutes)");
    cargo(&["install", "cargo-deny", "--locked", "--quiet", "--version", DENY])
}

pub(crate) fn has_java() -> bool {
    works("mvn", &["--version"]) && works("javac", &["-version"])
}

pub(crate) fn has_rust_source() -> bool {
    Path::new("/usr/lib/rustlib/src/rust/library").exists() && Path::new(DEBIAN_RUSTC).exists()
}

/// Java and Maven, for Kotlin.
pub(crate) fn java() -> Outcome {
    if has_java() { Ok(()) } else { debian(JAVA) }
}

/// Debian's compiler with the standard library's source.
pub(crate) fn rust_source() -> Outcome {
    if has_rust_source() { Ok(()) } else { debian(RUST_SOURCE) }
}

/// Whether a program runs.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    let quiet = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Installs Debian packages as root; else says which.
pub(crate) fn debian(packages: &[&str]) -> Outcome {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let root_user = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if !root_user || !works("apt-get", &["--version"]) {
        return Err(format!(
            "these packages are missing and only root can install them; please run\n  sudo apt-get install --no-install-recommends {names}"
        ));
    }
    say(&format!("installing {names}"));
    run(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    run(Command::new("apt-get").args(["install", "--quiet=2", "--yes", "--no-install-recommends"]).args(packages))
}

/// npm, to install packages with.
pub(crate) fn node() -> Outcome {
    if works("npm", &["--version"]) { Ok(()) } else { debian(&["nodejs", "npm"]) }
}

/// Python packages of the steps, each set in a folder of its own.
pub(crate) const PYTHON: &[(&str, &[&str])] = &[
    ("openapi", &["schemathesis==4.32.5"]),
    ("second-client", &["cryptography==50.0.2", "zstandard==0.25.0"]),
    ("stock", &["sqlcipher3-binary==0.6.0"]),
    ("typos", &["typos==1.52.0"]),
];

/// Returns a Python with one of the sets of [`PYTHON`], installed if need be.
pub(crate) fn python(name: &str) -> Result<PathBuf, String> {
    let packages = PYTHON.iter().find(|(known, _)| *known == name).map(|(_, packages)| *packages);
    python_with(name, packages.ok_or("no such set of Python packages")?)
}

/// Returns a Python with these packages, in a folder of the build.
pub(crate) fn python_with(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = root().join("target/tools").join(name);
    let python = folder.join("bin/python");
    let stamp = folder.join("installed");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    say(&format!("installing {}", packages.join(" ")));
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
    std::fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(python)
}
