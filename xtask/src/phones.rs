//! Types and cfgs of the bindings and the core for phones, without a phone's tools: Debian's compiler builds the
//! standard library from its source, and C compilers are stand-ins that make empty files. It proves that our Rust and
//! its dependencies check for these targets; it proves nothing about C (SQLCipher, zstd, ring's assembler), linking
//! or running.

use std::path::Path;
use std::process::Command;

use crate::process::{Outcome, command, make_folder, root, say};
use crate::tools;

const TARGETS: &[&str] = &["aarch64-linux-android", "aarch64-apple-ios"];

/// Makes what it is asked to make, empty: objects, and archives of them.
const STAND_IN: &str = "#!/bin/sh
for word in \"$@\"; do
  [ \"$before\" = \"-o\" ] && : > \"$word\"
  case \"$word\" in *.a) : > \"$word\" ;; esac
  before=$word
done
exit 0
";

pub(crate) fn run() -> Outcome {
    tools::rust_source()?;
    let folder = root().join("target/phones");
    make_folder(&folder)?;
    // xcrun is Apple's way to find a compiler.
    for name in ["stand-in", "xcrun"] {
        stand_in(&folder.join(name))?;
    }
    TARGETS.iter().try_for_each(|target| {
        say(target);
        crate::process::run(&mut check(&folder, target))
    })
}

fn stand_in(path: &Path) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, STAND_IN).map_err(|error| error.to_string())?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())
}

fn check(folder: &Path, target: &str) -> Command {
    let mut check = command("cargo", &["check", "--quiet", "--profile", "types", "--package", "ayumi-ffi"]);
    check.args([
        "--package",
        "ayumi-core",
        "--features",
        "ayumi-core/nearby",
        "-Zbuild-std=std,panic_abort",
        "--target",
        target,
    ]);
    let variable = target.replace('-', "_");
    let cc = folder.join("stand-in");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    check.env("PATH", std::env::join_paths(paths).unwrap_or(path.clone()));
    check.env(format!("CC_{variable}"), &cc).env(format!("AR_{variable}"), &cc);
    // The toolchain file names rustup's compiler; this check has its own, and its own folder.
    check.env("RUSTC", tools::DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", folder.join("target"));
    check
}
