//! `ayumi`: the desktop shell, a thin one over the same core as the phones.
//!
//! It parses a command, calls the core, prints the answer: text for people, one JSON value with `--json`. Errors are one
//! clear line on stderr; exit 2 for bad input, 1 for a failure.

mod args;
mod commands;
mod demo;
mod home;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use output::Failure;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(args.json),
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Init { carer } => commands::init::run(args, carer),
        Command::Notebook(command) => commands::notebook::run(args, command),
        Command::Entry(command) => commands::entry::run(args, command),
        Command::Conflict(command) => commands::conflict::run(args, command),
        Command::Growth(command) => commands::growth::run(args, command),
        Command::Check(command) => commands::check::run(args, command),
        Command::Vaccine(command) => commands::vaccine::run(args, command),
        Command::Agenda(options) => commands::agenda::run(args, options),
        Command::Content(command) => commands::content::run(args, command),
        Command::Export(options) => commands::export::run(args, options),
        Command::Import(options) => commands::import::run(args, options),
        Command::Sync(options) => commands::sync::run(args, options),
        Command::Member(command) => commands::member::run(args, command),
        Command::Join(options) => commands::member::join(args, options),
        Command::Recovery(command) => commands::recovery::run(args, command),
        Command::Recover(options) => commands::recovery::recover(args, options),
        Command::Pack { file } => commands::moving::pack(args, file),
        Command::Unpack { file, code } => commands::moving::unpack(args, file, code),
        Command::Nearby(command) => commands::nearby::run(args, command),
        Command::Serve(options) => commands::serve::run(options),
        Command::Doctor { repair } => commands::doctor::run(args, *repair),
        Command::Demo { keep } => demo::run(args, keep.as_deref()),
        Command::DemoWriter { notebook } => demo::crash::write_until_killed(args, notebook),
    }
}
