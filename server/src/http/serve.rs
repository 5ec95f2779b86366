//! Sockets: plain or TLS, slow clients cut off, a graceful end.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::bounds::{self, PerAddress};
use super::guard::Peer;

/// How long the server waits for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a request's header, or between requests.
    pub header: Duration,
    /// For running requests, after a stop signal.
    pub last_requests: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { header: Duration::from_secs(15), last_requests: Duration::from_secs(20) }
    }
}

/// Connections at once, if the process may open as many files; further ones wait in the operating system's queue.
const CONNECTIONS: usize = 10_000;

/// A certificate and its key, PEM files.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The chain, the server's own first.
    pub certificate: PathBuf,
    /// The private key of the server's own certificate.
    pub key: PathBuf,
}

/// The certificate or its key cannot be read, or do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate and its key cannot be used together")]
pub struct BadCertificate;

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`BadCertificate`] if a file cannot be read, or certificate and key do not fit together.
    pub fn acceptor(&self) -> Result<TlsAcceptor, BadCertificate> {
        let chain = CertificateDer::pem_file_iter(&self.certificate).map_err(|_| BadCertificate)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|_| BadCertificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|_| BadCertificate)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|_| BadCertificate)?.with_no_client_auth().with_single_cert(chain, key);
        let mut config = config.map_err(|_| BadCertificate)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Serves until `stop` is done, at most `per_address` connections of one address at once (`None`: a proxy stands in front,
/// and all come from it); then accepts no new connections, lets running requests end, and returns.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    patience: Patience,
    per_address: Option<u64>,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(bounds::connections(CONNECTIONS)));
    let homes = per_address.map(PerAddress::new);
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { break };
        let (socket, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Too many open files, say: wait a moment for some to close.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let under_way = homes.as_ref().map(|homes| homes.begin(peer.ip(), 1));
        if matches!(under_way, Some(None)) {
            // One address has enough; its further connections are closed, and nobody else waits for them.
            continue;
        }
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            handle_socket(socket, peer, router, tls, watcher, patience.header).await;
            drop((permit, under_way));
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(patience.last_requests, graceful.shutdown()).await;
}

async fn handle_socket(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
    header: Duration,
) {
    let _ = socket.set_nodelay(true);
    match tls {
        None => serve_connection(socket, peer, router, watcher, header).await,
        Some(tls) => {
            if let Ok(Ok(secure)) = tokio::time::timeout(header, tls.accept(socket)).await {
                serve_connection(secure, peer, router, watcher, header).await;
            }
        }
    }
}

async fn serve_connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    socket: S,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
    header: Duration,
) {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_headers(64)
        .serve_connection(TokioIo::new(socket), service);
    // A client that goes away in the middle is nothing to report.
    let _ = watcher.watch(connection).await;
}
