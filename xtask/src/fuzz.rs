//! Fuzzing: each target from its seeds for some minutes.

use crate::process::{Outcome, cargo, command, make_folder, root, say};
use crate::tools;

pub(crate) fn run(args: &[&str]) -> Outcome {
    let seconds = args.iter().find_map(|arg| arg.parse::<u32>().ok()).unwrap_or(300);
    let only = args.iter().find(|arg| arg.parse::<u32>().is_err());
    if !tools::works("cargo", &["fuzz", "--version"]) {
        say("installing cargo-fuzz (once)");
        cargo(&["install", "cargo-fuzz", "--locked", "--quiet"])?;
    }
    let mut targets: Vec<String> = std::fs::read_dir(root().join("fuzz/seeds"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| only.is_none_or(|wanted| wanted == name))
        .collect();
    targets.sort();
    if targets.is_empty() {
        return Err("no such target; see fuzz/seeds".into());
    }
    for target in targets {
        say(&format!("\n== {target}, {seconds} s"));
        let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        make_folder(&root().join(&corpus))?;
        let time = format!("-max_total_time={seconds}");
        let limits = ["-rss_limit_mb=4096", "-timeout=30", "-max_len=16384", "-verbosity=0", "-print_final_stats=1"];
        let mut fuzz = command("cargo", &["+nightly", "fuzz", "run", &target, &corpus, &seeds, "--", &time]);
        crate::process::run(fuzz.args(limits))?;
    }
    Ok(())
}
