//! Fuzzing: each target from its seeds for some minutes. The wire forms' seeds are the frozen ones of `fixtures/protocol`.

use crate::process::{Outcome, cargo, command, make_folder, root, say};
use crate::tools;

/// The targets that read wire forms.
const WIRE: [&str; 3] = ["channel", "exchange", "wire"];

pub(crate) fn run(args: &[&str]) -> Outcome {
    let seconds = args.iter().find_map(|arg| arg.parse::<u32>().ok()).unwrap_or(300);
    let only = args.iter().find(|arg| arg.parse::<u32>().is_err());
    let forms = frozen_forms()?;
    if !tools::works("cargo", &["fuzz", "--version"]) {
        say("installing cargo-fuzz (once)");
        cargo(&["install", "cargo-fuzz", "--locked", "--quiet"])?;
    }
    let mut targets: Vec<String> = std::fs::read_dir(root().join("fuzz/seeds"))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .chain(WIRE.map(str::to_owned))
        .filter(|name| only.is_none_or(|wanted| wanted == name))
        .collect();
    targets.sort();
    if targets.is_empty() {
        return Err("no such target; see fuzz/seeds".into());
    }
    for target in targets {
        say(&format!("\n== {target}, {seconds} s"));
        let wire = WIRE.contains(&target.as_str());
        let corpus = format!("fuzz/corpus/{target}");
        let seeds = if wire { forms.clone() } else { format!("fuzz/seeds/{target}") };
        make_folder(&root().join(&corpus))?;
        let time = format!("-max_total_time={seconds}");
        let limits = ["-rss_limit_mb=4096", "-timeout=30", "-max_len=16384", "-verbosity=0", "-print_final_stats=1"];
        let mut fuzz = command("cargo", &["+nightly", "fuzz", "run", &target, &corpus, &seeds, "--", &time]);
        crate::process::run(fuzz.args(limits))?;
    }
    Ok(())
}

/// Writes the frozen forms of the protocol as bytes, and returns the folder.
fn frozen_forms() -> Result<String, String> {
    let folder = "fuzz/corpus/frozen".to_owned();
    make_folder(&root().join(&folder))?;
    let failed = |error: std::io::Error| error.to_string();
    for file in std::fs::read_dir(root().join("fixtures/protocol")).map_err(failed)? {
        let path = file.map_err(failed)?.path();
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        let hex: Vec<char> = text.lines().filter(|line| !line.starts_with('#')).flat_map(str::chars).collect();
        let digit = |digit: &char| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = hex.chunks(2).map(|pair| Some(digit(pair.first()?)? << 4 | digit(pair.get(1)?)?));
        let bytes: Vec<u8> = pairs.collect::<Option<_>>().ok_or_else(|| format!("{} is not hex", path.display()))?;
        let name = path.file_stem().unwrap_or_default();
        std::fs::write(root().join(&folder).join(name), bytes).map_err(failed)?;
    }
    Ok(folder)
}
