//! What developers and CI run: `cargo xtask test`. Only the standard library, so that it starts at once.

mod bench;
mod bindings;
mod fhir;
mod fuzz;
mod openapi;
mod phones;
mod pictures;
mod process;
mod release;
mod second_client;
mod setup;
mod sizes;
mod stock;
mod swift;
mod tools;
mod vaccine_oracle;

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use process::{Outcome, cargo, command, root, run, say};

const HELP: &str = "cargo xtask COMMAND

  test [--long]          everything CI checks; --long plays all rounds of the long tests (10,000 families …), not a tenth
  test --only STEP       one step: setup, format, spelling, lint, docs, licences, tests, fhir, stock, second-client,
                         vaccine-oracle, openapi, bindings, phones, pictures
  setup                  installs what the steps need (Debian packages as root, Python packages), or says the command for it
  bindings [accept]      builds the library for Kotlin and Swift and what is generated from it; accepts a changed surface
  release                what a release must have: each rule that leads to a doctor is signed by a professional
  sizes                  what the library on a phone is made of: which crate costs what
  fix                    format and apply what the linter can mend
  bench [PART]           benchmarks next to the floor and to peers; PART: save, import, seven-years, growth, insight, sync, lane, load, attack, peers,
                         border
  fuzz [TARGET] [SECS]   each fuzz target (or one) for so many seconds (300); needs a nightly toolchain

Examples:
  cargo xtask test
  cargo xtask test --only lint
  cargo xtask fuzz import_csv 60";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["setup"] => setup::run(),
        ["test", options @ ..] => test(options),
        ["fix"] => fix(),
        ["bindings"] => bindings::build().and_then(|()| bindings::golden(false)),
        ["release"] => release::check(),
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

/// Whether the tests play all rounds.
static LONG_TESTS: AtomicBool = AtomicBool::new(false);

type Step = (&'static str, fn() -> Outcome);

const STEPS: &[Step] = &[
    ("setup", || {
        say("cargo xtask setup installs what the steps need and is missing");
        setup::run()
    }),
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("spelling", spelling),
    ("lint", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])?;
        // Fuzzing needs another compiler; its targets must compile with this one, too.
        cargo(&["check", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target", "--locked", "--quiet"])
    }),
    ("docs", || {
        run(command("cargo", &["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))
    }),
    ("licences", || cargo(&["deny", "--log-level", "error", "check", "licenses", "bans", "sources"])),
    ("tests", tests),
    ("fhir", || fhir::test(LONG_TESTS.load(Ordering::Relaxed).then_some(LONG))),
    ("stock", stock::run),
    ("second-client", second_client::run),
    ("vaccine-oracle", || vaccine_oracle::step(LONG_TESTS.load(Ordering::Relaxed))),
    ("openapi", openapi::run),
    ("bindings", bindings::test),
    ("phones", phones::run),
    ("pictures", || pictures::step(LONG_TESTS.load(Ordering::Relaxed))),
];

/// Set, the tests play all rounds of what is long; unset, a tenth.
const LONG: &str = "AYUMI_LONG";

fn test(options: &[&str]) -> Outcome {
    let (long, only) = match options {
        [] => (false, None),
        ["--long"] => (true, None),
        ["--only", step] => (false, Some(*step)),
        ["--only", step, "--long"] | ["--long", "--only", step] => (true, Some(*step)),
        _ => return Err(format!("test takes --long and --only STEP\n\n{HELP}")),
    };
    if long {
        LONG_TESTS.store(true, Ordering::Relaxed);
    }
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

fn tests() -> Outcome {
    let mut tests = command("cargo", &["test", "--workspace"]);
    if LONG_TESTS.load(Ordering::Relaxed) {
        tests.env(LONG, "1");
    }
    run(&mut tests)
}

/// Looks for misspelt words; `typos.toml` has the words that only look misspelt.
fn spelling() -> Outcome {
    let python = tools::python("typos")?;
    run(Command::new(python.with_file_name("typos")).current_dir(root()))
}

fn fix() -> Outcome {
    cargo(&["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged"])?;
    cargo(&["fmt", "--all"])
}
