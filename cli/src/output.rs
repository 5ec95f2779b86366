//! What is printed: one JSON value with `--json`, text for people without; errors as one line on stderr.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use ayumi_core::app::{Error, Thing};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::args::GlobalArgs;

/// A command that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core says why.
    Core(Error),
    /// A file that the command names.
    File(String, std::io::ErrorKind),
    /// Bad input that the shell itself found.
    Input(String),
    /// Something else failed.
    Other(String),
    /// The command has said everything already.
    Silent(u8),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failure {
    /// Exit 2 for bad input, 1 for a failure.
    fn exit(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Core(Error::Invalid { .. }) => 2,
            Self::Core(Error::NotFound { what }) if *what != Thing::Handbook => 2,
            Self::Silent(code) => *code,
            _ => 1,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Core(Error::NotFound { what: Thing::Handbook }) => {
                "there is no handbook here yet; make one with: ayumi init --carer NAME".into()
            }
            Self::Core(error) => error.to_string(),
            Self::File(name, kind) => format!("{name}: {}", file_words(*kind)),
            Self::Input(words) | Self::Other(words) => words.clone(),
            Self::Silent(_) => String::new(),
        }
    }

    /// Prints the line and gives the exit code.
    pub(crate) fn report(&self, as_json: bool) -> ExitCode {
        let code = match self {
            Self::Core(error) => error.code(),
            Self::File(..) => "file",
            Self::Input(_) => "invalid",
            Self::Other(_) | Self::Silent(_) => "failed",
        };
        let words = self.words();
        if !words.is_empty() {
            let line =
                if as_json { json!({"error": code, "message": words}).to_string() } else { format!("ayumi: {words}") };
            // Nobody left to tell if stderr is closed.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        ExitCode::from(self.exit())
    }
}

const fn file_words(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::NotFound => "there is no such file or folder",
        std::io::ErrorKind::PermissionDenied => "not allowed",
        std::io::ErrorKind::StorageFull => "the disk is full",
        std::io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        std::io::ErrorKind::IsADirectory => "it is a folder",
        _ => "it could not be read or written",
    }
}

/// Prints JSON with `--json`, else the text.
pub(crate) fn print(args: &GlobalArgs, value: &Value, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let words = if args.json { format!("{value:#}\n") } else { text() };
    let mut out = std::io::stdout().lock();
    match out.write_all(words.as_bytes()).and_then(|()| out.flush()) {
        // A pipe that was closed (`| head`) has read enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::File("stdout".into(), error.kind()))
        }
        _ => Ok(()),
    }
}

/// A line of the story; with `--json` stdout stays one value.
pub(crate) fn say(args: &GlobalArgs, words: &str) {
    if !args.json {
        // Nobody left to tell if stdout is closed.
        let _ = std::io::Write::write_all(&mut std::io::stdout(), format!("{words}\n").as_bytes());
    }
}

/// A note beside the answer; on stderr, so that stdout stays clean.
pub(crate) fn hint(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// A progress bar on a terminal, nothing in a pipe.
pub(crate) fn progress(total: Option<u64>) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    match total {
        Some(total) => {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total).with_style(style)
        }
        None => ProgressBar::new_spinner(),
    }
}

/// Reads a file that the command names.
pub(crate) fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))
}

/// Writes a file whole or not at all: into a neighbour first, then moved over.
pub(crate) fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::File(path.display().to_string(), error.kind());
    let name = path.file_name().ok_or_else(|| Failure::Input(format!("{}: not a file name", path.display())))?;
    let mut temporary = name.to_os_string();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.map_err(failed)
}
