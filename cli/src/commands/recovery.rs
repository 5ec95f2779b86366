//! `recovery print`, `recover`.

use ayumi_core::app::texts;
use serde_json::json;
use std::path::PathBuf;

use super::join::JoinOptions;
use crate::args::GlobalArgs;
use crate::connection::{connect, wait};
use crate::output::{Failure, print};
use crate::{home, picture};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RecoveryCommand {
    /// Make a new print for all notebooks that this device owns; prints made before are void
    #[command(after_help = "Example:\n  ayumi recovery print --svg recovery.svg")]
    Print {
        /// A page to print, with the code as text and as a picture
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &RecoveryCommand) -> Result<(), Failure> {
    let RecoveryCommand::Print { svg } = command;
    let handbook = home::open(args)?;
    let server = connect(&handbook, None, None)?;
    let made = wait(handbook.members().print_recovery(&server))??;
    if let Some(path) = svg {
        let server = handbook.sync().server()?.unwrap_or_default();
        let lines = [texts::booklet("print_keep", args.locale), texts::booklet("print_warn", args.locale), &server];
        picture::write_page(path, &made.code, &lines)?;
    }
    print(args, &json!({"code": made.code, "notebooks": made.notebooks}), || {
        format!(
            "{}\nopens {} notebooks on a new device, once. Keep it in the paper handbook; prints made before are void.\n",
            made.code,
            made.notebooks.len()
        )
    })
}

pub(crate) fn recover(args: &GlobalArgs, options: &JoinOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let server = connect(&handbook, options.server.as_deref(), None)?;
    let recovered = wait(handbook.members().recover(&options.code, &server))??;
    print(args, &json!({"notebooks": recovered}), || {
        let list: String = recovered.iter().map(|id| format!("{id}\n")).collect();
        format!("everything is back:\n{list}The print is used up; make a new one with: ayumi recovery print\n")
    })
}
