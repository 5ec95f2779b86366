//! `serve`: the municipal server.

mod admission;
mod gone;
mod store;
mod tickets;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use ayumi_core::app::{NotebookId, key_letters, origin_of};
use ayumi_server::clock;
use ayumi_server::feed::served::Served;
use ayumi_server::http::floors::{Floors, measure};
use ayumi_server::http::guard::Rates;
use ayumi_server::http::serve::{Patience, Tls, serve};
use ayumi_server::http::{App, Origins, Setup, system_clock};
use ayumi_server::keys::Keys;
use ayumi_server::log::{Log, LogError};
use ayumi_server::postgres::PostgresLog;
use ayumi_server::sqlite::SqliteLog;
use tokio::net::TcpListener;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::output::{Failure, hint};
use admission::AdmissionOptions;
use store::{StoreOptions, keys_of, unusable};

/// What else there is to do at a server's store.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ServeCommand {
    /// Make tickets with which families begin notebooks, one a line; each is for one notebook
    #[command(after_help = "Example:\n  ayumi serve tickets --count 200 --data /var/lib/ayumi > slips.txt")]
    Tickets(tickets::TicketsOptions),
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ServeOptions {
    #[command(subcommand)]
    pub command: Option<ServeCommand>,
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub store: StoreOptions,
    /// Folder of the server's key, apart from the data and its backups (default: DATA-keys beside the data; with
    /// --database it is needed, or AYUMI_SERVER_KEY)
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Folder of the municipality's feed (default: "feed" in the data; with --database none)
    #[arg(long, value_name = "DIR")]
    pub feed: Option<PathBuf>,
    /// The key is lost: take another one. Each phone stops until its carer goes on
    #[arg(long)]
    pub new_key: bool,
    /// Put the next key in the place of the present one, and make another next one. Phones that know this server follow
    #[arg(long, conflicts_with = "new_key")]
    pub rotate_key: bool,
    /// Address and port at which metrics, readiness and the description are answered. Without it they are answered at
    /// --listen if only this very computer reaches that, else nowhere
    #[arg(long, value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// Certificate chain (PEM); with it the server speaks TLS itself
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Where phones reach this server, https://…; once for each name. Without it, only this very computer
    #[arg(long, value_name = "URL")]
    pub public_url: Vec<String>,
    /// A proxy in front names the callers in x-forwarded-for
    #[arg(long)]
    pub behind_proxy: bool,
    #[command(flatten)]
    pub admission: AdmissionOptions,
    /// Megabytes that one notebook may take
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pub quota_mb: u64,
    /// Megabytes that must be free on the data's disk for a new notebook to begin; below a quarter of it nothing is
    /// answered
    #[arg(long, default_value_t = 1024, value_name = "MB")]
    pub disk_floor_mb: u64,
    /// Requests a minute from one address
    #[arg(long, default_value_t = 3_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub address_rate: u32,
    /// Requests a minute of one device in one notebook
    #[arg(long, default_value_t = 600, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub device_rate: u32,
    /// Copy the embedded database to a file that is not there yet, also while the server runs; then end
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub backup: Option<PathBuf>,
    /// The clock was ahead when the last item was taken, and is right now: start although it is behind that time
    #[arg(long)]
    pub clock_was_ahead: bool,
    /// Delete this notebook wholly, also while the server runs; then end. The id stands in plain letters in "notebook
    /// list". It does not begin again here
    #[arg(long, value_name = "ID", value_parser = notebook_id, conflicts_with_all = ["backup", "restored"])]
    pub forget: Option<NotebookId>,
    /// Write the embedded database anew, so that pieces of what was deleted stay in none of its pages; also while the server
    /// runs, whose phones wait for it. Then end
    #[arg(long, conflicts_with_all = ["backup", "restored", "forget", "database"])]
    pub compact: bool,
    /// Years after which a notebook that nobody visited is deleted, 2 or more; without it never
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100))]
    pub unvisited_years: Option<u64>,
    /// A backup was put back: begin a new life of the store, so that phones send again what was lost; then end
    #[arg(long)]
    pub restored: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &ServeOptions) -> Result<(), Failure> {
    let level = std::env::var("AYUMI_LOG").unwrap_or_else(|_| "info".into());
    let filter = tracing_subscriber::EnvFilter::try_new(level)
        .map_err(|_| Failure::Input("AYUMI_LOG does not fit; allowed: error, warn, info, debug".into()))?;
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::File("network".into(), error.kind()))?;
    match &options.command {
        Some(ServeCommand::Tickets(options)) => runtime.block_on(tickets::run(args, options)),
        None => runtime.block_on(start(options)),
    }
}

async fn start(options: &ServeOptions) -> Result<(), Failure> {
    let quota = options.quota_mb.saturating_mul(1024 * 1024);
    let failed = |what: &str| {
        let words = unusable(what);
        move |_: LogError| Failure::Other(words)
    };
    let address = if options.backup.is_some() { None } else { options.store.address()? };
    if let Some(notebook) = options.forget {
        return gone::forget(&options.store, options.keys.as_deref(), address.as_ref(), notebook).await;
    }
    let keys = || {
        let mut named = keys_of(&options.store, options.keys.as_deref(), options.new_key, address.is_some())?;
        if options.rotate_key {
            named.keys = named.keys.rotating();
        }
        Ok::<_, Failure>(named)
    };
    if let Some(address) = &address {
        if options.restored {
            return PostgresLog::rotate_store_epoch(address).await.map_err(failed("the database"));
        }
        let keys = keys()?;
        let log = PostgresLog::open(address, &keys.keys, quota).await.map_err(|error| keys.failure(error))?;
        return listen(options, log, &keys.keys, None).await;
    }
    let file = options.store.file();
    if let Some(backup) = &options.backup {
        return SqliteLog::back_up(&file, backup).map_err(failed("the database or the file"));
    }
    if options.compact {
        return SqliteLog::compact(&file).map_err(failed("the database"));
    }
    if options.restored {
        return SqliteLog::rotate_store_epoch(&file).map_err(failed("the database"));
    }
    let keys = keys()?;
    let log = SqliteLog::open(&file, &keys.keys, quota).map_err(|error| keys.failure(error))?;
    listen(options, log, &keys.keys, Some(options.store.data.clone())).await
}

/// The places for which phones open sessions here.
fn origins(options: &ServeOptions) -> Result<Origins, Failure> {
    if options.public_url.is_empty() {
        return Ok(Origins::Loopback);
    }
    let words =
        |url: &str| Failure::Input(format!("--public-url: \"{url}\"; allowed: an address that begins with https://"));
    let listed = options.public_url.iter().map(|url| origin_of(url).map_err(|_| words(url)));
    Ok(Origins::Listed(listed.collect::<Result<_, _>>()?))
}

/// Refuses a clock that is behind the store.
async fn check_clock<L: Log>(options: &ServeOptions, log: &L) -> Result<(), Failure> {
    let last = log.last_taken().await.map_err(|_| Failure::Other(unusable("the database")))?;
    match clock::behind(system_clock()(), last) {
        Some(behind) if !options.clock_was_ahead => Err(Failure::Other(format!(
            "the clock of this machine is {} minutes behind the time at which the last item was taken. Set it right. If it is right \
             now, and was ahead then: --clock-was-ahead",
            behind.as_secs() / 60
        ))),
        _ => Ok(()),
    }
}

/// Serves a store; `folder` if its data is on a disk of this machine.
async fn listen<L: Log>(options: &ServeOptions, log: L, keys: &Keys, folder: Option<PathBuf>) -> Result<(), Failure> {
    check_clock(options, &log).await?;
    let (gone_list, of_gone) = gone::agreed(&log, keys).await?;
    let tls = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => {
            let files = Tls { certificate: certificate.clone(), key: key.clone() };
            Some(files.acceptor().map_err(|error| Failure::Input(error.to_string()))?)
        }
        _ => None,
    };
    let rate = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    let rates = Rates {
        address_per_minute: rate(options.address_rate),
        device_per_minute: rate(options.device_rate),
        behind_proxy: options.behind_proxy,
        ..Rates::default()
    };
    let (listener, address) = bound(options.listen).await?;
    let admin = match options.admin_listen {
        Some(admin) => Some(bound(admin).await?),
        None => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    hint(&format!("ayumi: serving on {scheme}://{address}"));
    of_gone.iter().for_each(|words| hint(words));
    let of_key = format!("ayumi: its key, for your content pack: {}", key_letters(&log.signer().public_key()));
    if options.public_url.is_empty() && (options.behind_proxy || !address.ip().is_loopback()) {
        hint(
            "ayumi: warning: no --public-url: phones can open sessions from this very computer only. Name each address at which they \
             reach this server.",
        );
    }
    if tls.is_none() && !options.behind_proxy && !address.ip().is_loopback() {
        hint(
            "ayumi: warning: this address can be reached from outside and speaks no TLS: phones refuse it. Give --tls-cert and \
             --tls-key, or put a proxy in front and say --behind-proxy.",
        );
    }
    let setup = Setup {
        rates,
        origins: origins(options)?,
        admission: options.admission.admission(address.ip().is_loopback() && !options.behind_proxy),
        floors: Floors::of_disk(options.disk_floor_mb.saturating_mul(1024 * 1024)),
        feed: options.feed.clone().or_else(|| folder.as_ref().map(|data| data.join("feed"))).map(Served::from),
        measure: measure(folder),
        unvisited_ms: options.unvisited_years.map(gone::years_ms),
        gone_list,
    };
    let app = Arc::new(App::with(Arc::new(log), system_clock(), setup));
    let house = tokio::spawn({
        let app = app.clone();
        async move { app.keep_house().await }
    });
    let per_address = (!rates.behind_proxy).then_some(rates.connections_per_address);
    let serve =
        |listener, router, tls, per_address| serve(listener, router, tls, Patience::default(), per_address, stopped());
    match admin {
        Some((other, admin)) => {
            hint(&format!("ayumi: metrics and readiness on http://{admin}"));
            hint(&of_key);
            let phones = serve(listener, app.clone().public_router(), tls, per_address);
            let operators = serve(other, app.operators_router(), None, Some(rates.connections_per_address));
            tokio::join!(phones, operators);
        }
        None if address.ip().is_loopback() => {
            hint(&of_key);
            serve(listener, app.router(), tls, per_address).await;
        }
        None => {
            hint("ayumi: metrics and readiness are answered nowhere: name a place for them with --admin-listen");
            hint(&of_key);
            serve(listener, app.public_router(), tls, per_address).await;
        }
    }
    house.abort();
    hint("ayumi: stopped; everything that was answered is safe");
    Ok(())
}

/// Takes an address and a port.
async fn bound(at: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let taken = |error: std::io::Error| Failure::File(at.to_string(), error.kind());
    let listener = TcpListener::bind(at).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    Ok((listener, address))
}

/// Ctrl-C, or the signal with which service managers stop a program.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
