//! `ayumi`: the desktop shell, a thin one over the same core as the phones.
//!
//! It parses a command, calls the core, prints the answer: text for people, one JSON value with `--json`. Errors are
//! one clear line on stderr; exit 2 for bad input, 1 for a failure. `docs/cli.md` lists every command.

mod args;
mod commands;
mod connection;
mod demo;
mod guard;
mod home;
mod output;
mod picture;
mod usage;
mod words;

use std::process::ExitCode;

use clap::Parser;

use args::GlobalArgs;
use commands::Command;

/// あゆみ: a child's handbook that stays yours. Everything works offline and is kept encrypted.
#[derive(Debug, Parser)]
#[command(
    name = "ayumi",
    version,
    after_help = "Example:\n  ayumi init --carer 母\n  ayumi notebook add child --name さくら --sex female --born 令和6年5月3日\n  \
                  ayumi entry add NOTEBOOK growth --on 2024-11-05 weight=7350g length=66.5\n  ayumi growth show NOTEBOOK\n  \
                  ayumi agenda NOTEBOOK\n  ayumi check start NOTEBOOK\n\n\
                  Just looking? ayumi demo"
)]
struct Args {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return usage::report(&error, &arguments),
    };
    if let Ok(folder) = home::folder(&args.global) {
        guard::protect(folder);
    }
    match commands::run(&args.global, &args.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&args.global),
    }
}
