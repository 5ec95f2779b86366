//! Limits on everything: how often an address and a device may ask, how many requests run at once, how long one may take.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ayumi_protocol::key::KeyId;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::{App, Endpoint, Problem, REQUEST_TIME, Unanswered};
use crate::log::Log;

/// How often who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests a minute from one address (a /64 counts as one). Many homes can share one, so it is high.
    pub address_per_minute: NonZeroU32,
    /// Requests a minute of one device in one notebook.
    pub device_per_minute: NonZeroU32,
    /// Requests that run at once; further ones are sent away at once, so that a storm cannot fill the memory.
    pub at_once: usize,
    /// Whether a proxy in front names the caller's address in `x-forwarded-for` (its last entry is taken).
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

/// Keeps the limits.
pub(super) struct Guard {
    addresses: Limiter<IpAddr>,
    devices: Limiter<KeyId>,
    at_once: Semaphore,
    behind_proxy: bool,
    request_time: Duration,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard(…)")
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(limiter: &Limiter<K>, key: &K) -> Result<(), Problem> {
    // Keys that have not asked for a while are forgotten, now and then.
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

    fn address(&self, request: &Request) -> Result<(), Problem> {
        let direct = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        let told = || {
            let header = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            header.rsplit(',').next()?.trim().parse().ok()
        };
        let address = if self.behind_proxy { told().or(direct) } else { direct };
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

/// Around every request of the channel: limits, time, counts, one line of log without anybody's name.
pub(super) async fn watch<L: Log>(State(app): State<Arc<App<L>>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = Endpoint::from_path(request.uri().path()).unwrap_or(Endpoint::Drawer).name();
    let response = match (app.around.guard.at_once.try_acquire(), app.around.guard.address(&request)) {
        (Err(_), _) => Unanswered(Problem::TooMany(1)).into_response(),
        (_, Err(problem)) => Unanswered(problem).into_response(),
        (Ok(_permit), Ok(())) => match tokio::time::timeout(app.around.guard.request_time, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::REQUEST_TIMEOUT, "too_slow").into_response(),
        },
    };
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.around.metrics.answered(route, status, took);
    if status >= 500 || took > Duration::from_secs(1) {
        tracing::warn!(route, status, ms = took.as_millis() as u64, "request");
    } else {
        tracing::debug!(route, status, ms = took.as_millis() as u64, "request");
    }
    response
}
