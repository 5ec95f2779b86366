//! The transport of a municipality's feed: texts that are the same for everybody. A request says nothing of who asks.
//!
//! It shares no connection with the notebook channel: whoever sees both cannot tell by them that they are of one phone.

use std::future::Future;
use std::pin::Pin;

#[cfg(feature = "http")]
use reqwest::{Client, header};

#[cfg(feature = "http")]
use super::http::{BadAddress, client, normal_address};
use super::transport::Unreachable;

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The body; one that is longer than was asked for ends behind the first byte too many.
    pub body: Vec<u8>,
    /// The server's time in seconds since 1970, if the reply bears one.
    pub date: Option<u64>,
}

/// An answer that is on its way. Dropping it cancels the request.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, Unreachable>> + Send + 'a>>;

/// A connection to a municipality's feed.
pub trait Fetch: Send + Sync {
    /// Fetches a path such as `/feed/manifest`, unless it is what the validator names. More than `longest` bytes and one are not
    /// read.
    fn fetch<'a>(&'a self, path: &'a str, validator: Option<&'a str>, longest: usize) -> Fetching<'a>;
}

/// The feed over HTTPS.
#[cfg(feature = "http")]
#[derive(Debug, Clone)]
pub struct FeedHttps {
    client: Client,
    base: String,
}

#[cfg(feature = "http")]
impl FeedHttps {
    /// Connects to a municipality's feed. `extra_root` is a certificate (PEM) to trust besides the roots of the web.
    ///
    /// # Errors
    /// [`BadAddress`], also for text that is no certificate.
    pub fn to(address: &str, extra_root: Option<&[u8]>) -> Result<Self, BadAddress> {
        Ok(Self { client: client(extra_root)?, base: normal_address(address)? })
    }

    async fn get(&self, path: &str, validator: Option<&str>, longest: usize) -> Result<Fetched, Unreachable> {
        let mut request = self.client.get(format!("{}{path}", self.base));
        if let Some(validator) = validator {
            request = request.header(header::IF_NONE_MATCH, validator);
        }
        let mut response = request.send().await.map_err(|_| Unreachable)?;
        let status = response.status().as_u16();
        let date = response.headers().get(header::DATE).and_then(|date| seconds(date.to_str().ok()?));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| Unreachable)? {
            let room = longest.saturating_add(1).saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if body.len() > longest {
                break;
            }
        }
        Ok(Fetched { status, body, date })
    }
}

#[cfg(feature = "http")]
impl Fetch for FeedHttps {
    fn fetch<'a>(&'a self, path: &'a str, validator: Option<&'a str>, longest: usize) -> Fetching<'a> {
        Box::pin(self.get(path, validator, longest))
    }
}

/// Reads HTTP's form of a time.
#[cfg(feature = "http")]
fn seconds(date: &str) -> Option<u64> {
    u64::try_from(chrono::DateTime::parse_from_rfc2822(date).ok()?.timestamp()).ok()
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    /// RFC 9110, 5.6.7.
    #[test]
    fn https_time_is_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("soon"), None);
    }
}
