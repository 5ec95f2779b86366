//! `conflict`: list and settle.

use serde_json::Value;

use super::entry::conflict_json;
use crate::args::{Args, ConflictCommand};
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn run(args: &Args, command: &ConflictCommand) -> Result<(), Failure> {
    let entries = home::open(args)?.entries();
    if let ConflictCommand::Settle { id, field, version } = command {
        entries.settle(*id, field, *version)?;
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
