//! What developers and CI run: `cargo xtask test`. Only the standard library, so that it starts at once.

mod bench;
mod bindings;
mod fuzz;
mod openapi;
mod phones;
mod sizes;
mod stock;
mod swift;
mod tools;

use std::process::{Command, ExitCode};
use std::time::Instant;

/// A step that failed, in words.
type Outcome = Result<(), String>;

const HELP: &str = "cargo xtask COMMAND

  test [--only STEP]     everything CI checks: format, lint, docs, licences, tests, stock, openapi, bindings, phones
  bindings [accept]      builds the library for Kotlin and Swift and what is generated from it; accepts a changed surface
  sizes                  what the library on a phone is made of: which crate costs what
  fix                    format and apply what the linter can mend
  bench [PART]           benchmarks next to the floor and to peers; PART: save, import, seven-years, growth, insight, sync, load, peers, border
  fuzz [TARGET] [SECS]   each fuzz target (or one) for so many seconds (300); needs a nightly toolchain

Examples:
  cargo xtask test
  cargo xtask test --only lint
  cargo xtask fuzz import_csv 60";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test(None),
        ["test", "--only", step] => test(Some(step)),
        ["fix"] => fix(),
        ["bindings"] => bindings::build().and_then(|()| bindings::golden(false)),
        ["sizes"] => sizes::report(),
        ["bindings", "accept"] => bindings::build().and_then(|()| bindings::golden(true)),
        ["bench", rest @ ..] => bench::run(rest.first().copied()),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        _ => {
            say(HELP);
            return ExitCode::from(if matches!(words.as_slice(), [] | ["help" | "--help"]) { 0 } else { 2 });
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&format!("\nxtask: {why}"));
            ExitCode::FAILURE
        }
    }
}

type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("install", tools::install),
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("lint", || cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])),
    ("docs", || {
        run(command("cargo", &["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("licences", || cargo(&["deny", "--log-level", "error", "check", "licenses", "bans", "sources"])),
    ("tests", || cargo(&["test", "--workspace"])),
    ("stock", stock::run),
    ("openapi", openapi::run),
    ("bindings", bindings::test),
    ("phones", phones::run),
];

fn test(only: Option<&str>) -> Outcome {
    if let Some(name) = only.filter(|name| !STEPS.iter().any(|(step, _)| step == name)) {
        let names: Vec<&str> = STEPS.iter().map(|(step, _)| *step).collect();
        return Err(format!("no step \"{name}\"; there are: {}", names.join(", ")));
    }
    let mut times = Vec::new();
    for (name, step) in STEPS.iter().filter(|(name, _)| only.is_none_or(|wanted| wanted == *name)) {
        say(&format!("\n== {name}"));
        let start = Instant::now();
        step().map_err(|why| format!("{name}: {why}"))?;
        times.push(format!("{name} {:.0} s", start.elapsed().as_secs_f64()));
    }
    say(&format!("\nall well: {}", times.join(", ")));
    Ok(())
}

/// Does a part of a step, and says how long it took.
fn timed(name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    let start = Instant::now();
    work()?;
    say(&format!("{name}: {:.0} s", start.elapsed().as_secs_f64()));
    Ok(())
}

fn fix() -> Outcome {
    cargo(&["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged"])?;
    cargo(&["fmt", "--all"])
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

fn cargo(args: &[&str]) -> Outcome {
    run(&mut command("cargo", args))
}

fn run(command: &mut Command) -> Outcome {
    let told = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{told} ended with {status}")),
        Err(error) => Err(format!("{told} did not start: {error}")),
    }
}

fn make_folder(path: &std::path::Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The repository's root.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Into::into).unwrap_or_default()
}

fn say(words: &str) {
    use std::io::Write;
    // Nobody left to tell if stdout is closed.
    let _ = writeln!(std::io::stdout(), "{words}");
}
