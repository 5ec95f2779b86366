//! What the steps need and a machine with only Rust lacks. Installed by package name; what cannot be installed is said.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Outcome, cargo, root, run, say};

const DENY: &str = "0.20.2";
/// A program, and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[("cc", "gcc"), ("python3", "python3")];

pub(crate) fn install() -> Outcome {
    let missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !works(program, &["--version"])).map(|(_, package)| *package).collect();
    debian(&missing)?;
    if !std::path::Path::new("/usr/lib/postgresql").exists() {
        debian(&["postgresql"])?;
    }
    if !works("python3", &["-c", "import ensurepip, venv"]) {
        debian(&["python3-venv"])?;
    }
    if !works("cargo", &["deny", "--version"]) {
        say("installing cargo-deny (once, some minutes)");
        cargo(&["install", "cargo-deny", "--locked", "--quiet", "--version", DENY])?;
    }
    Ok(())
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
        return Err(format!("please install: {names} (on Debian: sudo apt-get install {names})"));
    }
    say(&format!("installing {names}"));
    run(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    run(Command::new("apt-get").args(["install", "--quiet=2", "--yes", "--no-install-recommends"]).args(packages))
}

/// npm, to install packages with.
pub(crate) fn node() -> Outcome {
    if works("npm", &["--version"]) { Ok(()) } else { debian(&["nodejs", "npm"]) }
}

/// A Python with these packages, in a folder of the build.
pub(crate) fn python(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
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
