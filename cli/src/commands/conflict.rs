//! `conflict`: list and settle.

use ayumi_core::app::EntryName;
use serde_json::Value;

use super::entry::conflict_json;
use crate::args::GlobalArgs;
use crate::args::value::entry_name;
use crate::home;
use crate::output::{Failure, print};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ConflictCommand {
    /// List what is to settle
    #[command(after_help = "Example:\n  ayumi --json conflict list")]
    List,
    /// Settle a field with the value of one version
    #[command(after_help = "Example:\n  ayumi conflict settle ID weight 2")]
    Settle {
        #[arg(value_parser = entry_name)]
        id: EntryName,
        field: String,
        version: u32,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &ConflictCommand) -> Result<(), Failure> {
    let entries = home::open(args)?.entries();
    if let ConflictCommand::Settle { id, field, version } = command {
        entries.settle(id, field, *version)?;
    }
    let open = entries.conflicts()?;
    let values: Vec<Value> = open.iter().map(conflict_json).collect();
    print(args, &Value::from(values), || {
        let mut text = String::new();
        for conflict in &open {
            text += &format!("{} {}\n", conflict.entry, conflict.field);
            for value in &conflict.values {
                text += &format!("  {}: {} ({}, {})\n", value.version, value.value, value.at, value.device);
            }
        }
        text
    })
}
