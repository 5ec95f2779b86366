//! `nearby`: two devices in one room, without any server.

use ayumi_core::app::sync::{SyncOutcome, SyncReport};
use ayumi_core::sync::socket::Socket;
use serde_json::json;
use tokio::net::TcpListener;

use super::sync::wait;
use crate::args::{Args, NearbyCommand};
use crate::home;
use crate::output::{Failure, hint, print};

fn told(args: &Args, report: &SyncReport) -> Result<(), Failure> {
    let value = json!({"outcome": report.outcome.key(), "pushed": report.pushed, "pulled": report.pulled});
    print(args, &value, || {
        let words = match report.outcome {
            SyncOutcome::Full => "all that was written is on both; some photos did not fit, and come over a server",
            SyncOutcome::Done => "both have everything now",
            _ => "not everything went over; try again",
        };
        format!("{words}: {} changes went over, {} came\n", report.pushed, report.pulled)
    })
}

pub(crate) fn run(args: &Args, command: &NearbyCommand) -> Result<(), Failure> {
    let book = home::open(args)?;
    let report = match command {
        NearbyCommand::Wait { listen, invite, role } => wait(async {
            let host = book.host().await?;
            let listener = TcpListener::bind(listen).await;
            let listener = listener.map_err(|error| Failure::File(listen.to_string(), error.kind()))?;
            let address = listener.local_addr().map_or_else(|_| listen.to_string(), |address| address.to_string());
            hint(&format!("waiting on {address}; on the other device: ayumi nearby visit ADDRESS:PORT"));
            if let Some(notebook) = invite {
                let invited = book.members().invite(*notebook, *role, "", host.way()).await?;
                hint(&format!("with --join {}", invited.code));
            }
            let report = host.welcome(&listener).await?;
            host.end()?;
            Ok::<_, Failure>(report)
        })??,
        NearbyCommand::Visit { address, join } => wait(async {
            let way = Socket::to(address).await.map_err(|_| ayumi_core::app::Error::Offline)?;
            if let Some(code) = join {
                book.join(code, &way).await?;
            }
            Ok::<_, Failure>(book.visit(&way).await?)
        })??,
    };
    told(args, &report)
}
