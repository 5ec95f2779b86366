//! One question, one answer. On phones and desktops over HTTPS ([`super::http`]); tests play a network of their own.

use std::future::Future;
use std::pin::Pin;

use ayumi_protocol::limits;

/// Longest answer that is read: a page whose last item is as long as an item can be, and its surroundings.
pub const LONGEST_ANSWER: usize = limits::PAGE_BYTES + limits::ENVELOPE_BYTES + 64 * 1024;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Seconds that the server asks to wait.
    pub retry_after: Option<u64>,
}

/// Nothing came back, or not whole: no network, no such server, cut off, too slow. Whether the server got the
/// question is not known; asking again is always safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server cannot be reached")]
pub struct Unreachable;

/// An answer that is on its way. Dropping it cancels the question.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Answer, Unreachable>> + Send + 'a>>;

/// The way to a server.
pub trait Transport: Send + Sync {
    /// Posts bytes to a path such as `/v1/sync`.
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a>;
}
