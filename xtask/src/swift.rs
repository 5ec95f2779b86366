//! Swift on Linux: Debian trixie's compiler in a folder of its own, so that nothing of it is installed on the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, make_folder, root, run, say};
use crate::tools;

const SUITE: &str = "trixie";
const PACKAGES: &str = "swiftlang,libc6-dev,libstdc++-14-dev,dash,coreutils,base-files,usrmerge";

fn folder() -> PathBuf {
    root().join("target/swift/root")
}

fn stamp() -> PathBuf {
    root().join("target/swift/installed")
}

fn wanted() -> String {
    format!("{SUITE} {PACKAGES}")
}

/// Returns whether Swift's folder is there and whole.
pub(crate) fn is_installed() -> bool {
    std::fs::read_to_string(stamp()).is_ok_and(|there| there == wanted())
}

/// Installs Swift into a folder of the build.
pub(crate) fn install() -> Outcome {
    if is_installed() {
        return Ok(());
    }
    if !tools::works("mmdebstrap", &["--version"]) {
        tools::debian(&["mmdebstrap"])?;
    }
    if folder().exists() {
        return Err(format!(
            "{} is there but not whole; make sure that nothing is mounted in it, then remove it",
            folder().display()
        ));
    }
    make_folder(&root().join("target/swift"))?;
    say("Swift into a folder of its own (once, a minute, 2.6 GB)");
    let mut install = Command::new("mmdebstrap");
    install.args(["--quiet", "--mode=root", "--variant=extract", "--aptopt=APT::Install-Recommends \"false\""]);
    run(install.arg(format!("--include={PACKAGES}")).arg(SUITE).arg(folder()))?;
    std::fs::write(stamp(), wanted()).map_err(|error| error.to_string())
}

/// Mounts what Swift needs into the folder and runs the rest of the words there. The mounts are this process's own:
/// they end with it, however it ends, and nobody who removes the folder removes what was mounted.
const INSIDE: &str = "set -e
mount -t proc proc \"$1/proc\"
mount --bind /dev \"$1/dev\"
mount --bind \"$2\" \"$1/work\"
folder=$1
shift 2
exec chroot \"$folder\" \"$@\"";

/// Runs the package's tests.
pub(crate) fn test(server: &str, library: &Path) -> Outcome {
    swift(server, library, &["test"])
}

/// Runs `swift …` on the package.
pub(crate) fn swift(server: &str, library: &Path, words: &[&str]) -> Outcome {
    install()?;
    let inside = Path::new("/work").join(library.strip_prefix(root()).unwrap_or(library));
    for name in ["proc", "dev", "work"] {
        make_folder(&folder().join(name))?;
    }
    let mut swift = Command::new("unshare");
    swift.args(["--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh"]).arg(folder()).arg(root());
    swift.args(["/usr/bin/env", "-i", "PATH=/usr/libexec/swift/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/tmp"]);
    swift.arg(format!("AYUMI_LIBRARY={}", inside.display())).arg(format!("AYUMI_TEST_SERVER={server}"));
    let (verb, rest) = words.split_first().ok_or("swift needs a verb")?;
    swift.args(["swift", verb, "--package-path", "/work/bindings/swift", "--scratch-path", "/work/target/swift/build"]);
    // GNU ld cannot link it.
    run(swift.args(["-Xswiftc", "-use-ld=lld"]).args(rest))
}
