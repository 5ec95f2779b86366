//! Limits: requests by address and by device, requests at once, time of one request.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::Request;
use ayumi_channel::answer::Problem;
use ayumi_protocol::key::KeyId;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::Semaphore;

/// How long a request may take in all, its body included.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(30);

/// Rate limits by address and by device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests a minute from one address (a /64 counts as one). Many homes can share one, so it is high.
    pub address_per_minute: NonZeroU32,
    /// Requests a minute of one device in one notebook.
    pub device_per_minute: NonZeroU32,
    /// Requests that run at once; further ones are sent away at once, so that a storm cannot fill the memory.
    pub at_once: usize,
    /// Whether a proxy in front names the caller's address in `x-forwarded-for` (the last entry counts).
    pub behind_proxy: bool,
    /// How long a request may take in all, its body included.
    pub request_time: Duration,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            address_per_minute: rate(3_000),
            device_per_minute: rate(600),
            at_once: 512,
            behind_proxy: false,
            request_time: REQUEST_TIME,
        }
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// Enforces the limits.
pub(super) struct Guard {
    addresses: Limiter<IpAddr>,
    devices: Limiter<KeyId>,
    pub(super) at_once: Semaphore,
    behind_proxy: bool,
    pub(super) request_time: Duration,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(…)")
    }
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
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(rates.address_per_minute)),
            devices: RateLimiter::keyed(Quota::per_minute(rates.device_per_minute)),
            at_once: Semaphore::new(rates.at_once),
            behind_proxy: rates.behind_proxy,
            request_time: rates.request_time,
        }
    }

    pub(super) fn device(&self, author: KeyId) -> Result<(), Problem> {
        check(&self.devices, &author)
    }

    pub(super) fn address(&self, request: &Request) -> Result<(), Problem> {
        let direct = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let forwarded = || {
            let header = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            header.rsplit(',').next()?.trim().parse().ok()
        };
        let address = if self.behind_proxy { forwarded().or(direct) } else { direct };
        address.map_or(Ok(()), |address| check(&self.addresses, &one_home(address)))
    }
}

/// One subscriber of IPv6 has a /64 at least.
fn one_home(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() >> 64 << 64)),
        four => four,
    }
}
