//! Programs that the steps start, and what they print.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A step that failed, in words.
pub(crate) type Outcome = Result<(), String>;

/// Does a part of a step and prints how long it took.
pub(crate) fn timed(name: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    let start = Instant::now();
    work()?;
    say(&format!("{name}: {:.0} s", start.elapsed().as_secs_f64()));
    Ok(())
}

/// Returns a command that will run at the root.
pub(crate) fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// Runs cargo at the root.
pub(crate) fn cargo(args: &[&str]) -> Outcome {
    run(&mut command("cargo", args))
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let told = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{told} ended with {status}")),
        Err(error) => Err(format!("{told} did not start: {error}")),
    }
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Into::into).unwrap_or_default()
}

/// Prints a line.
pub(crate) fn say(words: &str) {
    // Nobody left to tell if stdout is closed.
    let _ = writeln!(std::io::stdout(), "{words}");
}
