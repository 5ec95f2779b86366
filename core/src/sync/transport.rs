//! The transport between a phone and a server: one request, one response.
//!
//! On phones and desktops it is HTTPS ([`super::http`]), between two phones a connection ([`super::socket`]); tests play a
//! network of their own.

use std::future::Future;
use std::pin::Pin;

use ayumi_protocol::limits;

/// The longest response that is read: a page whose last item is as long as an item can be, and its surroundings.
pub const LONGEST_RESPONSE: usize = limits::PAGE_BYTES + limits::ENVELOPE_BYTES + 64 * 1024;

/// A server's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Seconds to wait before the next request, if the server says so.
    pub retry_after: Option<u64>,
}

/// No complete response came: no network, no such server, a cut connection, a timeout.
///
/// Whether the server got the request is not known; repeating it is always safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server cannot be reached")]
pub struct Unreachable;

/// A response that is on its way. Dropping it cancels the request.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = Result<RawResponse, Unreachable>> + Send + 'a>>;

/// What this very computer is called in an address.
pub const THIS_COMPUTER: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A connection to a server.
pub trait Transport: Send + Sync {
    /// Posts bytes to a path such as `/v1/sync`.
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a>;

    /// Returns where it dials, as `https://host:port` with the port always; empty without a network. Sessions are opened
    /// for this place only.
    fn origin(&self) -> &str {
        ""
    }

    /// Returns the hash of the handshake that sealed the connection, between two devices: sessions are opened for this
    /// connection only.
    fn handshake(&self) -> Option<[u8; 32]> {
        None
    }
}
