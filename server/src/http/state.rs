//! What the handlers of the channel share: the channel itself, limits and counts, and how a problem becomes a response.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ayumi_channel::answer::{Admission, Channel, Clock, Endpoint, Origins, Problem, Watch};
use ayumi_protocol::exchange::{Answer, Item};
use ayumi_protocol::key::KeyId;

use tokio::sync::Mutex;

use super::floors::{Floors, Left, Measure, Watched};
use super::guard::{Guard, Rates};
use super::metrics::Metrics;
use crate::feed::served::Served;
use crate::gone::Due;
use crate::gone_list::GoneList;
use crate::log::Log;

/// How often the store is asked whether it can be used.
const ASKED_EVERY: Duration = Duration::from_secs(1);
/// How often notebooks whose time has come are looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
/// In which of those rounds all notebooks are looked at: once a day.
const UNVISITED_EVERY: u64 = 144;

/// The shared state of the handlers.
pub struct App<L> {
    pub(super) channel: Channel<L>,
    clock: Clock,
    pub(super) around: Arc<Around>,
    /// When the store was asked last whether it can be used, and what it said.
    readiness: Mutex<Option<(Instant, bool)>>,
    unvisited_ms: Option<u64>,
    gone_list: Option<GoneList>,
    pub(super) feed: Option<Served>,
}

impl<L> std::fmt::Debug for App<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App(…)")
    }
}

/// What an operator decides about a server.
pub struct Setup {
    /// Rates and bounds.
    pub rates: Rates,
    /// The places at which it is reached.
    pub origins: Origins,
    /// Who may begin a notebook.
    pub admission: Admission,
    /// What must be left of disk and files.
    pub floors: Floors,
    /// Says what is left.
    pub measure: Measure,
    /// After how many milliseconds without a visit a notebook ends; `None`: never.
    pub unvisited_ms: Option<u64>,
    /// Where it is listed what was closed or forgotten.
    pub gone_list: Option<GoneList>,
    /// The municipality's feed, if this server has one.
    pub feed: Option<Served>,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup(…)")
    }
}

impl Default for Setup {
    /// For this very computer only, with every usual bound and no floors.
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            origins: Origins::Loopback,
            admission: Admission::default(),
            floors: Floors::default(),
            measure: Arc::new(Left::default),
            unvisited_ms: None,
            gone_list: None,
            feed: None,
        }
    }
}

/// Rate limits and metrics around request handling.
#[derive(Debug)]
pub(super) struct Around {
    floors: Watched,
    pub(super) guard: Guard,
    pub(super) metrics: Metrics,
}

impl Watch for Around {
    fn device(&self, author: KeyId) -> Result<(), Problem> {
        self.guard.device(author)
    }

    fn founding(&self) -> Result<(), Problem> {
        self.floors.room(true)
    }

    fn synced(&self, answers: &[Answer], items: &[Item]) {
        self.metrics.synced(answers, items);
    }
}

/// A problem as HTTP's response. The body is its key, in text; of a challenge and of what is gone it is what the server says.
#[derive(Debug)]
pub(super) struct Unanswered(pub(super) Problem);

impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let (status, wait, body) = (self.0.status(), self.0.retry_after(), self.0.into_body());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let signed = [StatusCode::UNAUTHORIZED, StatusCode::GONE].contains(&status);
        let kind = if signed { "application/octet-stream" } else { "text/plain" };
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A body of bytes.
pub(super) struct Bytes(Vec<u8>);

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/octet-stream")], self.0).into_response()
    }
}

impl<L: Log> App<L> {
    /// Makes the server's state from a store, a clock, rate limits and the places where it is reached.
    pub fn new(log: Arc<L>, clock: Clock, rates: Rates, origins: Origins) -> Self {
        Self::with(log, clock, Setup { rates, origins, ..Setup::default() })
    }

    /// Makes the server's state as an operator set it up.
    pub fn with(log: Arc<L>, clock: Clock, setup: Setup) -> Self {
        let Setup { rates, origins, admission, floors, measure, unvisited_ms, gone_list, feed } = setup;
        let floors = Watched::new(floors, measure, clock.clone());
        let around = Arc::new(Around { floors, guard: Guard::new(rates), metrics: Metrics::default() });
        let channel = Channel::new(log, clock.clone(), around.clone(), origins)
            .admitting(admission)
            .ending_unvisited(unvisited_ms);
        let readiness = Mutex::new(None);
        Self { channel, clock, around, readiness, unvisited_ms, gone_list, feed }
    }

    /// Handles a request of the channel: everything but sockets, rates per address and time.
    ///
    /// # Errors
    /// Any [`Problem`] of [`Channel::answer`]; [`Problem::NoRoom`] below a floor.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        self.around.floors.room(false)?;
        self.channel.answer(path, body).await
    }

    /// Deletes notebooks whose time has come; returns how many. `all` looks for those, too, that nobody visited.
    ///
    /// # Errors
    /// [`Problem::Unavailable`].
    pub async fn expire(&self, all: bool) -> Result<u64, Problem> {
        let now_ms = (self.clock)();
        let unvisited_since = self.unvisited_ms.filter(|_| all).map(|time| now_ms.saturating_sub(time));
        Ok(self.channel.log.expire(Due { now_ms, unvisited_since }).await?)
    }

    /// Keeps the store in order, for as long as the server runs.
    pub async fn keep_house(&self) {
        for round in 0_u64.. {
            match self.expire(round.is_multiple_of(UNVISITED_EVERY)).await {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "notebooks ended"),
                Err(_) => tracing::warn!("notebooks could not be ended"),
            }
            if let Some(list) = &self.gone_list
                && list.agree_with(&*self.channel.log).await.is_err()
            {
                tracing::warn!("the list of what is gone could not be kept");
            }
            tokio::time::sleep(HOUSEKEEPING).await;
        }
    }

    /// Whether the store can be used. It is asked once a second, however often somebody wants to know.
    pub(super) async fn is_ready(&self) -> bool {
        let mut last = self.readiness.lock().await;
        match *last {
            Some((asked, ready)) if asked.elapsed() < ASKED_EVERY => ready,
            _ => {
                let ready = self.channel.log.ready().await;
                *last = Some((Instant::now(), ready));
                ready
            }
        }
    }

    /// Handles one request of an endpoint, as HTTP's reply.
    pub(super) async fn reply(&self, endpoint: Endpoint, body: &[u8]) -> Result<Response, Unanswered> {
        let bytes = self.answer(endpoint.path(), body).await?;
        Ok(Bytes(bytes).into_response())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_signs_is_sent_as_bytes_and_a_problems_key_as_text() {
        let kind = |problem: Problem| Unanswered(problem).into_response().headers()[header::CONTENT_TYPE].clone();
        for bytes in [Problem::Gone(vec![1]), Problem::Challenge(vec![1])] {
            assert_eq!(kind(bytes), "application/octet-stream");
        }
        assert_eq!(kind(Problem::NoNotebook), "text/plain");
    }
}
