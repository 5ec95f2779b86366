//! What is printed: one JSON value with `--json`, text for people without; errors as one line on stderr.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use ayumi_core::app::{Error, Locale, Thing};
use chrono::{TimeZone, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::guard;
use crate::words;

/// A command that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The core says why.
    Core(Error),
    /// A file that the command names.
    File(String, std::io::ErrorKind),
    /// A file of the handbook, which no output replaces.
    Own(String),
    /// Bad input that the shell itself found.
    Input(String),
    /// The same with blanks to fill in: the English sentence, and what goes into it.
    Wrong(&'static str, Vec<(&'static str, String)>),
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
            Self::Input(_) | Self::Wrong(..) | Self::Own(_) => 2,
            Self::Core(Error::Invalid { .. }) => 2,
            Self::Core(Error::NotFound { what }) if *what != Thing::Handbook => 2,
            Self::Silent(code) => *code,
            _ => 1,
        }
    }

    fn words(&self, locale: Locale) -> String {
        match self {
            Self::Core(error) => words::error(locale, error),
            Self::File(name, kind) => format!("{name}: {}", words::say(locale, file_words(*kind), &[])),
            Self::Own(name) => format!("{name}: {}", words::say(locale, "file.own", &[])),
            Self::Input(words) | Self::Other(words) => words::said(locale, words),
            Self::Wrong(english, blanks) => {
                let blanks: Vec<(&str, &str)> = blanks.iter().map(|(name, value)| (*name, value.as_str())).collect();
                words::tell(locale, english, &blanks)
            }
            Self::Silent(_) => String::new(),
        }
    }

    /// A stable key for scripts.
    const fn code(&self) -> &'static str {
        match self {
            Self::Core(error) => error.code(),
            Self::File(..) => "file",
            Self::Input(_) | Self::Wrong(..) | Self::Own(_) => "invalid",
            Self::Other(_) | Self::Silent(_) => "failed",
        }
    }

    /// Prints the line and gives the exit code.
    pub(crate) fn report(&self, args: &GlobalArgs) -> ExitCode {
        let words = self.words(args.locale);
        if !words.is_empty() {
            let mut value = json!({"error": self.code(), "message": words});
            if let Self::Core(Error::Invalid { why }) = self {
                value["field"] = why.field.as_str().into();
                value["reason"] = why.reason.key().into();
            }
            let line = if args.json { value.to_string() } else { format!("ayumi: {words}") };
            // Nobody left to tell if stderr is closed.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        ExitCode::from(self.exit())
    }
}

/// The key of the words for what the operating system says.
const fn file_words(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::NotFound => "file.missing",
        std::io::ErrorKind::PermissionDenied => "file.not_allowed",
        std::io::ErrorKind::StorageFull => "file.full",
        std::io::ErrorKind::ReadOnlyFilesystem => "file.read_only",
        std::io::ErrorKind::IsADirectory => "file.is_folder",
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => "file.not_a_folder",
        _ => "file.io",
    }
}

/// Prints JSON with `--json`, else the text.
pub(crate) fn print(args: &GlobalArgs, value: &Value, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let words = if args.json { format!("{value:#}\n") } else { harmless(&text()) };
    let mut out = std::io::stdout().lock();
    match out.write_all(words.as_bytes()).and_then(|()| out.flush()) {
        // A pipe that was closed (`| head`) has read enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::File("stdout".into(), error.kind()))
        }
        _ => Ok(()),
    }
}

/// Text without what a terminal obeys or a reader cannot see: names and words come from other people's devices.
fn harmless(text: &str) -> String {
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
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

/// Asks before something that cannot be taken back. Who runs it in a script has decided already.
pub(crate) fn agrees(question: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    hint(question);
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|_| Failure::Other("no answer could be read".into()))?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
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

/// Formats a time for people and scripts.
pub(crate) fn time(millis: u64) -> String {
    let time = i64::try_from(millis).ok().and_then(|millis| Utc.timestamp_millis_opt(millis).single());
    time.unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Reads a file that the command names.
pub(crate) fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))
}

/// Opens a new file that nobody but its owner may read: what is exported is a family's, too.
pub(crate) fn private_file(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    for_owner_only(std::fs::OpenOptions::new().write(true).create(true).truncate(true)).open(path)
}

/// Makes a file that these options create one for its owner only.
pub(crate) fn for_owner_only(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Refuses a file of the handbook as an output.
pub(crate) fn not_own(path: &std::path::Path) -> Result<(), Failure> {
    if guard::is_own(path) { Err(Failure::Own(path.display().to_string())) } else { Ok(()) }
}

/// Writes a file whole or not at all: into a neighbour first, then moved over. Never one of the handbook's own.
pub(crate) fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    not_own(path)?;
    let failed = |error: std::io::Error| Failure::File(path.display().to_string(), error.kind());
    let name = path
        .file_name()
        .ok_or_else(|| Failure::Wrong("{file}: not a file name", vec![("file", path.display().to_string())]))?;
    let mut temporary = name.to_os_string();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = private_file(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_others_wrote_does_not_move_the_cursor_or_turn_the_text_around() {
        assert_eq!(harmless("父\u{1b}[2J\r\u{7}\u{202e}x\n\t"), "父\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}x\n\t");
        assert_eq!(harmless("さくら 👶🏽 1.2 kg"), "さくら 👶🏽 1.2 kg");
    }
}
