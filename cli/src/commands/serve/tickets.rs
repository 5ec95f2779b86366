//! `serve tickets`: slips of paper with which families begin notebooks. Only their hashes stay at the server.

use ayumi_core::app::TicketCode;
use ayumi_server::postgres::PostgresLog;
use ayumi_server::sqlite::SqliteLog;
use serde_json::json;

use super::store::{StoreOptions, unusable};
use crate::args::GlobalArgs;
use crate::output::{Failure, print};

#[derive(Debug, clap::Args)]
pub(crate) struct TicketsOptions {
    /// How many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub count: u32,
    #[command(flatten)]
    pub store: StoreOptions,
}

pub(super) async fn run(args: &GlobalArgs, options: &TicketsOptions) -> Result<(), Failure> {
    let tickets = (0..options.count).map(|_| TicketCode::generate()).collect::<Result<Vec<_>, _>>();
    let tickets = tickets.map_err(|_| Failure::Other("the operating system gives no random numbers".into()))?;
    let hashes: Vec<_> = tickets.iter().map(TicketCode::hash).collect();
    // A code that is printed counts: it is stored first.
    let stored = match options.store.address()? {
        Some(address) => PostgresLog::add_tickets(&address, &hashes).await,
        None => SqliteLog::add_tickets(&options.store.file(), &hashes),
    };
    let words = "the server's store";
    stored.map_err(|_| Failure::Other(format!("{}; a server makes it at its first start", unusable(words))))?;
    let codes: Vec<String> = tickets.iter().map(TicketCode::to_text).collect();
    print(args, &json!({"tickets": codes}), || codes.iter().map(|code| format!("{code}\n")).collect())
}
