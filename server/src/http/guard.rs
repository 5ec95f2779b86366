//! Limits: requests by address and by device, requests at once, time of one request.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::HeaderMap;
use ayumi_channel::answer::Problem;
use ayumi_protocol::key::KeyId;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ring::hmac;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::bounds::{PerAddress, UnderWay, one_home};
use crate::signer::random;

/// How long a request may take in all, its body included.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Limits by address and by device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests a minute from one address (a /64 counts as one). Many homes can share one, so it is high.
    pub address_per_minute: NonZeroU32,
    /// Requests a minute of one device in one notebook.
    pub device_per_minute: NonZeroU32,
    /// Requests that are worked on at once; a quarter of the places is for short ones, which read. A place is taken when
    /// the whole body is there, so who sends slowly holds none.
    pub at_once: usize,
    /// Requests of one address that are under way at once, their bodies whole or not.
    pub unfinished_per_address: u64,
    /// Connections of one address at once; behind a proxy all come from one, and it bounds nothing.
    pub connections_per_address: u64,
    /// Whether a proxy in front names the caller's address in `x-forwarded-for` (the last entry counts).
    pub behind_proxy: bool,
    /// How long a body may take to come, and then its answer.
    pub request_time: Duration,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            address_per_minute: rate(3_000),
            device_per_minute: rate(600),
            at_once: 512,
            unfinished_per_address: 128,
            connections_per_address: 256,
            behind_proxy: false,
            request_time: REQUEST_TIME,
        }
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// Bytes of bodies that are on their way, of one address and of all.
const BODIES_OF_ADDRESS: u64 = 32 * 1024 * 1024;
const BODIES: usize = 512 * 1024 * 1024;
/// A body up to this length is a question; longer ones bring something.
const SHORT_BODY: usize = 1024;

/// Enforces the limits.
pub(super) struct Guard {
    addresses: Limiter<IpAddr>,
    devices: Limiter<KeyId>,
    unfinished: Arc<PerAddress>,
    bodies_of_address: Arc<PerAddress>,
    bodies: Arc<Semaphore>,
    short: Semaphore,
    long: Semaphore,
    behind_proxy: bool,
    /// Makes names of callers that mean nothing outside this process.
    caller_key: hmac::Key,
    pub(super) request_time: Duration,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(…)")
    }
}

/// What a request holds while its body comes.
pub(super) struct Coming {
    _request: Option<UnderWay>,
    _bytes: Option<UnderWay>,
    _room: OwnedSemaphorePermit,
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), Problem> {
    // Keys without recent requests are dropped, now and then.
    if limiter.len() > 100_000 {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        Problem::TooMany(wait.as_secs() + 1)
    })
}

impl Guard {
    pub(super) fn new(rates: Rates) -> Self {
        let short = (rates.at_once / 4).max(1);
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(rates.address_per_minute)),
            devices: RateLimiter::keyed(Quota::per_minute(rates.device_per_minute)),
            unfinished: PerAddress::new(rates.unfinished_per_address),
            bodies_of_address: PerAddress::new(BODIES_OF_ADDRESS),
            bodies: Arc::new(Semaphore::new(BODIES)),
            short: Semaphore::new(short),
            long: Semaphore::new(rates.at_once.saturating_sub(short).max(1)),
            behind_proxy: rates.behind_proxy,
            // Without randomness the names are those of another process, which harms nobody.
            caller_key: hmac::Key::new(hmac::HMAC_SHA256, &random::<32>().unwrap_or_default()),
            request_time: rates.request_time,
        }
    }

    pub(super) fn device(&self, author: KeyId) -> Result<(), Problem> {
        check(&self.devices, &author)
    }

    /// Returns the caller's address, and counts the request.
    ///
    /// # Errors
    /// [`Problem::TooMany`]; [`Problem::Malformed`] if a proxy names no address that can be read.
    pub(super) fn address(&self, request: &Request) -> Result<Option<IpAddr>, Problem> {
        let address = if self.behind_proxy { Some(forwarded(request.headers())?) } else { direct(request) };
        self.count(address)?;
        Ok(address)
    }

    /// As [`Self::address`], for who watches the server: it may ask past the proxy, which then names nobody.
    pub(super) fn watcher(&self, request: &Request) -> Result<(), Problem> {
        if self.behind_proxy && request.headers().contains_key(FORWARDED) {
            return self.address(request).map(drop);
        }
        self.count(direct(request))
    }

    fn count(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        address.map_or(Ok(()), |address| check(&self.addresses, &one_home(address)))
    }

    /// Makes room for a body of so many bytes.
    ///
    /// # Errors
    /// [`Problem::TooMany`].
    pub(super) fn coming(&self, address: Option<IpAddr>, bytes: usize) -> Result<Coming, Problem> {
        let full = || Problem::TooMany(1);
        let begin = |bounds: &Arc<PerAddress>, weight: u64| {
            address.map(|address| bounds.begin(address, weight).ok_or_else(full)).transpose()
        };
        let permits = u32::try_from(bytes.max(1)).map_err(|_| full())?;
        Ok(Coming {
            _request: begin(&self.unfinished, 1)?,
            _bytes: begin(&self.bodies_of_address, bytes as u64)?,
            _room: self.bodies.clone().try_acquire_many_owned(permits).map_err(|_| full())?,
        })
    }

    /// Waits for a place to be worked on.
    ///
    /// # Errors
    /// [`Problem::TooMany`] if none is free within the time of a request.
    pub(super) async fn place(&self, body_bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
        let places = if body_bytes <= SHORT_BODY { &self.short } else { &self.long };
        match tokio::time::timeout(self.request_time, places.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Problem::TooMany(1)),
        }
    }

    /// Names a caller for a report of an incident: the same within this process, and no address.
    pub(super) fn name_of(&self, address: Option<IpAddr>) -> String {
        let text = address.map(|address| one_home(address).to_string()).unwrap_or_default();
        let tag = hmac::sign(&self.caller_key, text.as_bytes());
        tag.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The header in which a proxy names its caller.
const FORWARDED: &str = "x-forwarded-for";

/// Returns the address at the other end of the connection.
fn direct(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0.ip())
}

/// Reads the address that the nearest proxy names: the last entry of all lines, with or without a port.
fn forwarded(headers: &HeaderMap) -> Result<IpAddr, Problem> {
    let lines: Option<Vec<&str>> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().ok()).collect();
    let lines = lines.ok_or(Problem::Malformed)?;
    let last = lines.last().and_then(|line| line.rsplit(',').next()).map(str::trim).ok_or(Problem::Malformed)?;
    let bare = last.trim_start_matches('[').trim_end_matches(']');
    bare.parse().or_else(|_| last.parse::<SocketAddr>().map(|socket| socket.ip())).map_err(|_| Problem::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_names_is_read_in_every_form_and_what_cannot_be_read_is_refused() {
        let read = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            forwarded(&headers).ok().map(|address| address.to_string())
        };
        for (lines, expected) in [
            (&["203.0.113.7"][..], Some("203.0.113.7")),
            (&["198.51.100.1, 203.0.113.7"], Some("203.0.113.7")),
            (&["198.51.100.1", "203.0.113.7"], Some("203.0.113.7")),
            (&["203.0.113.7:4711"], Some("203.0.113.7")),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["[2001:db8::1]:4711"], Some("2001:db8::1")),
            (&[], None),
            (&["203.0.113.7, unknown"], None),
            (&["203.0.113.7,"], None),
        ] {
            assert_eq!(read(lines).as_deref(), expected, "{lines:?}");
        }
    }
}
