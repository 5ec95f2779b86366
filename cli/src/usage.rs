//! Wrong arguments, in the language that was chosen, and as JSON where JSON was asked for.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use ayumi_core::app::Locale;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde_json::json;

use crate::words::{said, say};

/// Says what is wrong with the arguments. Help and version are no errors.
pub(crate) fn report(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody left to tell if the stream is closed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !as_json(arguments) {
        let _ = error.print();
    }
    let words = words(error, locale(arguments));
    let line = if as_json(arguments) {
        json!({"error": "invalid", "message": words}).to_string()
    } else {
        format!("ayumi: {words}")
    };
    let _ = writeln!(std::io::stderr(), "{line}");
    ExitCode::from(2)
}

/// Arguments in front of `--`, which ends the flags.
fn flags(arguments: &[OsString]) -> impl Iterator<Item = &str> {
    arguments.iter().skip(1).filter_map(|argument| argument.to_str()).take_while(|argument| *argument != "--")
}

fn as_json(arguments: &[OsString]) -> bool {
    flags(arguments).any(|argument| argument == "--json")
}

/// The language that the arguments ask for, whatever else is wrong with them.
fn locale(arguments: &[OsString]) -> Locale {
    let all: Vec<&str> = flags(arguments).collect();
    let behind = all.windows(2).find(|pair| pair[0] == "--locale").map(|pair| pair[1]);
    let given = behind.or_else(|| all.iter().find_map(|argument| argument.strip_prefix("--locale=")));
    given.and_then(Locale::from_key).unwrap_or_default()
}

/// One line: what is wrong, what fits, where help is.
fn words(error: &clap::Error, locale: Locale) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(all)) => all.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::StyledStrs(all)) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let given = context(ContextKind::InvalidValue);
    let first = match error.kind() {
        ErrorKind::MissingRequiredArgument => say(locale, "usage.missing", &[("what", &argument)]),
        ErrorKind::MissingSubcommand => {
            say(locale, "usage.missing", &[("what", &context(ContextKind::ValidSubcommand))])
        }
        ErrorKind::UnknownArgument => say(locale, "usage.unknown", &[("what", &argument)]),
        ErrorKind::InvalidSubcommand => {
            say(locale, "usage.unknown", &[("what", &context(ContextKind::InvalidSubcommand))])
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = context(ContextKind::ValidValue);
            let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let source = source.strip_prefix("allowed: ").unwrap_or(&source);
            let source = said(locale, source);
            let allowed = if valid.is_empty() { source.as_str() } else { &valid };
            if allowed.is_empty() {
                say(locale, "usage.missing", &[("what", &argument)])
            } else {
                say(locale, "usage.value", &[("what", &argument), ("given", &given), ("allowed", allowed)])
            }
        }
        ErrorKind::ArgumentConflict => {
            let prior = context(ContextKind::PriorArg);
            say(locale, "usage.conflict", &[("what", &format!("{argument}, {prior}"))])
        }
        _ => say(locale, "usage.other", &[]),
    };
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand].map(context).concat();
    let suggested = if suggested.is_empty() { String::new() } else { format!(" ({suggested}?)") };
    let help = say(locale, "usage.help", &[("command", "ayumi")]);
    format!("{first}{suggested}. {help}")
}
