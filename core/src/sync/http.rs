//! HTTPS with rustls on ring. Plain HTTP only to this very computer, for trying out.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url, header};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::transport::{LONGEST_RESPONSE, RawResponse, THIS_COMPUTER, Transport, Unreachable, Waiting};

/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take in all.
const WHOLE: Duration = Duration::from_secs(60);

/// A server's address that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the address of a server")]
pub struct BadAddress;

/// Makes a client with connections of its own, that keeps nothing: no cookies, no redirects.
pub(super) fn client(extra_root: Option<&[u8]>) -> Result<Client, BadAddress> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_root {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|_| BadAddress)?).map_err(|_| BadAddress)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let tls = tls.map_err(|_| BadAddress)?.with_root_certificates(roots).with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| BadAddress)
}

/// An HTTPS connection to one server.
#[derive(Debug, Clone)]
pub struct Https {
    client: Client,
    base: Url,
    origin: String,
}

/// Normalises a server's address: scheme, host, port, path without a slash at its end.
///
/// # Errors
/// [`BadAddress`] unless it is `https://…`, or `http://` to this computer.
pub fn normal_address(address: &str) -> Result<String, BadAddress> {
    let url = Url::parse(address.trim()).map_err(|_| BadAddress)?;
    let local = url.host_str().is_some_and(|host| THIS_COMPUTER.contains(&host));
    let usable = url.scheme() == "https" || (url.scheme() == "http" && local);
    if !usable || url.host_str().is_none() || url.query().is_some() || url.fragment().is_some() {
        return Err(BadAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BadAddress);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The origin of an address, as sessions name it: scheme, host (as an A-label) and port, the port always.
///
/// ```
/// use ayumi_core::sync::http::origin_of;
/// assert_eq!(origin_of("https://ayumi.example/app").unwrap(), "https://ayumi.example:443");
/// assert_eq!(origin_of("http://[::1]:8787").unwrap(), "http://[::1]:8787");
/// ```
///
/// # Errors
/// [`BadAddress`] unless it is `https://…`, or `http://` to this computer.
pub fn origin_of(address: &str) -> Result<String, BadAddress> {
    let url = Url::parse(&normal_address(address)?).map_err(|_| BadAddress)?;
    let (host, port) = (url.host_str().ok_or(BadAddress)?, url.port_or_known_default().ok_or(BadAddress)?);
    Ok(format!("{}://{host}:{port}", url.scheme()))
}

impl Https {
    /// Connects to a server. `extra_root` is a certificate (PEM) to trust besides the roots of the web, for a municipality's
    /// own.
    ///
    /// # Errors
    /// [`BadAddress`], also for text that is no certificate.
    pub fn to(address: &str, extra_root: Option<&[u8]>) -> Result<Self, BadAddress> {
        let base = Url::parse(&normal_address(address)?).map_err(|_| BadAddress)?;
        Ok(Self { client: client(extra_root)?, base, origin: origin_of(address)? })
    }

    async fn request(&self, path: &str, body: Vec<u8>) -> Result<RawResponse, Unreachable> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let mut response = self.client.post(url).body(body).send().await.map_err(|_| Unreachable)?;
        let status = response.status().as_u16();
        let wait = response.headers().get(header::RETRY_AFTER);
        let retry_after = wait.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Unreachable)? {
            if body.len() + chunk.len() > LONGEST_RESPONSE {
                return Err(Unreachable);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawResponse { status, body, retry_after })
    }
}

impl Transport for Https {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(self.request(path, body))
    }

    fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_this_computer() {
        for (given, normal) in [
            ("https://ayumi.city.example/", Some("https://ayumi.city.example")),
            ("https://city.example/ayumi/", Some("https://city.example/ayumi")),
            ("http://127.0.0.1:8787", Some("http://127.0.0.1:8787")),
            (" http://localhost:1/ ", Some("http://localhost:1")),
            ("http://city.example", None),
            ("http://127.0.0.1.city.example", None),
            ("https://me:secret@city.example", None),
            ("https://city.example/?a=1", None),
            ("ftp://city.example", None),
            ("city.example", None),
            ("", None),
        ] {
            assert_eq!(normal_address(given).ok().as_deref(), normal, "{given}");
        }
    }
}
