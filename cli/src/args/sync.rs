//! Commands of the notebook channel: sync, member, join, recovery, serve.

use std::path::PathBuf;

use ayumi_core::model::NotebookId;
use ayumi_protocol::control::Role;
use clap::Subcommand;

use super::notebook_id;

#[derive(Debug, clap::Args)]
pub(crate) struct SyncOptions {
    /// The municipality's server; remembered. Another one than before gets everything, and nothing is lost
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Stop after so many milliseconds; the next sync goes on
    #[arg(long, value_name = "N")]
    pub budget_ms: Option<u64>,
    /// Go on with a notebook that had stopped
    #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id)]
    pub go_on: Option<NotebookId>,
    /// Trust this certificate too (PEM); remembered nowhere
    #[arg(long, value_name = "FILE", env = "AYUMI_CA")]
    pub ca: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Open an invitation: a code that lets one device in, once, within a day
    #[command(after_help = "Example:\n  ayumi member invite NOTEBOOK --role writer --name 父 --svg code.svg")]
    Invite {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// reader reads; writer writes too; owner also says who else does
        #[arg(long, value_parser = role, value_name = "owner|writer|reader")]
        role: Role,
        /// Whom it is for, for your own list
        #[arg(long, default_value = "")]
        name: String,
        /// Also draw the code
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Members, open invitations, the recovery print
    #[command(after_help = "Example:\n  ayumi member list NOTEBOOK")]
    List {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Take a member, a lost phone, an invitation or the print out; a new key is made for those who stay
    #[command(after_help = "Example:\n  ayumi member remove NOTEBOOK MEMBER")]
    Remove {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "member list"
        member: String,
    },
    /// Change what a member may do
    #[command(after_help = "Example:\n  ayumi member role NOTEBOOK MEMBER --role owner")]
    Role {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "member list"
        member: String,
        #[arg(long, value_parser = role, value_name = "owner|writer|reader")]
        role: Role,
    },
    /// Leave a notebook; what is in it stays on this device
    #[command(after_help = "Example:\n  ayumi member leave NOTEBOOK")]
    Leave {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct JoinOptions {
    /// As it was given; blanks and dashes do not matter
    pub code: String,
    /// The municipality's server, if the code does not name it
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

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
        after_help = "Examples:\n  ayumi nearby visit 192.168.1.20:4030\n  ayumi nearby visit 192.168.1.20:4030 --join J-04H2-..."
    )]
    Visit {
        /// Its address and port
        address: String,
        /// Join a notebook first, with the code that the other device shows
        #[arg(long, value_name = "CODE")]
        join: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeOptions {
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:8787")]
    pub listen: std::net::SocketAddr,
    /// Folder of the embedded database
    #[arg(long, value_name = "DIR", default_value = "ayumi-server", conflicts_with = "database")]
    pub data: PathBuf,
    /// PostgreSQL instead, as its tools take it: "host=… user=… dbname=…" or postgres://…
    #[arg(long, value_name = "ADDRESS")]
    pub database: Option<String>,
    /// Certificate chain (PEM); with it the server speaks TLS itself
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front names the callers in x-forwarded-for
    #[arg(long)]
    pub behind_proxy: bool,
    /// Megabytes that one notebook may take
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pub quota_mb: u64,
    /// Requests a minute from one address
    #[arg(long, default_value_t = 3_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub address_rate: u32,
    /// Requests a minute of one device in one notebook
    #[arg(long, default_value_t = 600, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub device_rate: u32,
    /// Copy the embedded database to a file that is not there yet, also while the server runs; then end
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub backup: Option<PathBuf>,
    /// A backup was put back: begin a new life of the store, so that phones send again what was lost; then end
    #[arg(long)]
    pub restored: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_key(text).ok_or_else(|| "allowed: owner, writer, reader".into())
}
