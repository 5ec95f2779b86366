//! Where PostgreSQL is, and how it is reached: the password apart from the address, TLS wherever there is a network.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::log::LogError;

/// How long a connection may take to open, unless the address says otherwise.
const CONNECT: Duration = Duration::from_secs(5);

/// A database, as an operator names it.
#[derive(Clone, Default)]
pub struct Address {
    /// PostgreSQL's own form: `host=… user=… dbname=…`, or `postgres://…`.
    pub url: String,
    /// The password, if the address has none.
    pub password: Option<String>,
    /// Certificates (PEM) to trust instead of the roots of the web: a database rarely has a public one.
    pub roots: Option<PathBuf>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Address {
    /// Whether the address itself holds a password: on a command line everybody on the machine would see it.
    pub fn holds_a_password(&self) -> bool {
        self.url.parse::<Config>().is_ok_and(|config| config.get_password().is_some())
    }

    /// Reads the address.
    ///
    /// Over a network the connection is TLS unless the address says `sslmode=disable`; a socket of this machine needs
    /// none.
    pub(super) fn config(&self) -> Result<Config, LogError> {
        let mut config: Config = self.url.parse().map_err(|_| LogError::Unavailable)?;
        if let Some(password) = &self.password {
            config.password(password);
        }
        let far = config.get_hosts().iter().any(is_far)
            || config.get_hostaddrs().iter().any(|address| !address.is_loopback());
        if config.get_ssl_mode() == SslMode::Prefer {
            // On this machine a distribution's own certificate would only be in the way.
            let mode = if far || self.roots.is_some() { SslMode::Require } else { SslMode::Disable };
            config.ssl_mode(mode);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        Ok(config)
    }

    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, LogError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &self.roots {
            roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| LogError::Unavailable)? {
                let certificate = certificate.map_err(|_| LogError::Unavailable)?;
                roots.add(certificate).map_err(|_| LogError::Unavailable)?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|_| LogError::Unavailable)?.with_root_certificates(roots).with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn is_far(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
            name != "localhost" && !loopback
        }
        #[cfg(unix)]
        Host::Unix(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_a_network_the_database_is_reached_by_tls_unless_told_otherwise() {
        let mode = |url: &str| Address { url: url.into(), ..Address::default() }.config().unwrap().get_ssl_mode();
        for (url, expected) in [
            ("host=/run/postgresql user=ayumi", SslMode::Disable),
            ("host=127.0.0.1 user=ayumi", SslMode::Disable),
            ("postgres://ayumi@localhost/ayumi", SslMode::Disable),
            ("hostaddr=192.0.2.1 user=ayumi", SslMode::Require),
            ("host=localhost sslmode=require", SslMode::Require),
            ("host=db.example user=ayumi", SslMode::Require),
            ("postgres://ayumi@192.0.2.1/ayumi", SslMode::Require),
            ("host=db.example user=ayumi sslmode=disable", SslMode::Disable),
        ] {
            assert_eq!(mode(url), expected, "{url}");
        }
    }

    #[test]
    fn a_password_is_seen_in_an_address_and_never_shown() {
        for (url, holds) in [("host=db.example password=x", true), ("postgres://a:b@c/d", true), ("host=c", false)] {
            let address = Address { url: url.into(), ..Address::default() };
            assert_eq!((address.holds_a_password(), format!("{address:?}").as_str()), (holds, "Address(…)"), "{url}");
        }
    }
}
