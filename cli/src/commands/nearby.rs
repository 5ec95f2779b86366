//! `nearby`: two devices in one room, without any server.

use ayumi_core::app::sync::{SyncOutcome, SyncReport};
use ayumi_core::app::{NotebookId, Role};
use serde_json::json;
use tokio::net::TcpListener;

use crate::args::GlobalArgs;
use crate::args::value::{notebook_id, role};
use crate::connection::wait;
use crate::home;
use crate::output::{Failure, hint, print};
use crate::words::{said, tell};
use clap::Subcommand;

fn show(args: &GlobalArgs, report: &SyncReport) -> Result<(), Failure> {
    let value = json!({"outcome": report.outcome.key(), "pushed": report.pushed, "pulled": report.pulled});
    print(args, &value, || {
        let words = match report.outcome {
            SyncOutcome::Full => "all that was written is on both; some photos did not fit, and come over a server",
            SyncOutcome::Done => "both have everything now",
            _ => "not everything went over; try again",
        };
        let (pushed, pulled) = (report.pushed.to_string(), report.pulled.to_string());
        let counts = [("pushed", pushed.as_str()), ("pulled", &pulled)];
        format!(
            "{}: {}\n",
            said(args.locale, words),
            tell(args.locale, "{pushed} changes went over, {pulled} came", &counts)
        )
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum NearbyCommand {
    /// Wait for one device, answer it, take in what it brings
    #[command(
        after_help = "Examples:\n  ayumi nearby wait --listen 0.0.0.0:4030\n  ayumi nearby wait --invite NOTEBOOK --role writer   (without any server)"
    )]
    Wait {
        /// Address and port in the network that both are in
        #[arg(long, default_value = "0.0.0.0:4030")]
        listen: std::net::SocketAddr,
        /// Also open an invitation to this notebook for the device that comes
        #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id)]
        invite: Option<NotebookId>,
        /// What that device may do
        #[arg(long, value_parser = role, value_name = "owner|writer|reader", default_value = "writer")]
        role: Role,
    },
    /// Visit a device that waits
    #[command(
        after_help = "Examples:\n  ayumi nearby visit 192.168.1.20:4030 --code N-04H2-...\n  ayumi nearby visit 192.168.1.20:4030 --code N-04H2-... --join J-04H2-..."
    )]
    Visit {
        /// Its address and port
        address: String,
        /// The code that it shows
        #[arg(long, value_name = "CODE")]
        code: String,
        /// Join a notebook first, with the code that the other device shows
        #[arg(long, value_name = "CODE")]
        join: Option<String>,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &NearbyCommand) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let report = match command {
        NearbyCommand::Wait { listen, invite, role } => wait(async {
            let host = handbook.nearby().host().await?;
            let listener = TcpListener::bind(listen).await;
            let listener = listener.map_err(|error| Failure::File(listen.to_string(), error.kind()))?;
            let address = listener.local_addr().map_or_else(|_| listen.to_string(), |address| address.to_string());
            let code = host.code();
            let words = "waiting on {address}; on the other device: ayumi nearby visit ADDRESS:PORT --code {code}";
            hint(&tell(args.locale, words, &[("address", &address), ("code", &code)]));
            if let Some(notebook) = invite {
                let invited = handbook.members().invite(*notebook, *role, "", host.transport()).await?;
                hint(&format!("with --join {}", invited.code));
            }
            let report = host.welcome(&listener).await?;
            host.end()?;
            Ok::<_, Failure>(report)
        })??,
        NearbyCommand::Visit { address, code, join } => wait(async {
            let device = handbook.nearby().dial(address, code).await?;
            if let Some(code) = join {
                handbook.members().join(code, &device).await?;
            }
            Ok::<_, Failure>(handbook.nearby().visit(&device).await?)
        })??,
    };
    show(args, &report)
}
