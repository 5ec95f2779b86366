//! The notebook channel over HTTP: bytes in, bytes out (`docs/protocol.md`). Stateless: everything that lasts is in the store, so
//! several processes on one PostgreSQL work as one.
//!
//! | module | idea |
//! |---|---|
//! | [`sync`] | one round trip: append, and what stands behind the cursor |
//! | [`blob`] | photos and snapshots in chunks |
//! | [`drawer`] | where recovery prints find their notebooks |
//! | [`guard`] | limits: bodies, rates, how many at once |
//! | [`metrics`] | counts for operators, without anybody's name |
//! | [`serve`] | sockets, TLS, slow clients, a graceful end |

pub mod blob;
pub mod drawer;
pub mod guard;
pub mod metrics;
pub mod serve;
pub mod sync;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use utoipa::OpenApi;

use crate::log::Log;
use ayumi_channel::answer::{Channel, Watch};
pub use ayumi_channel::answer::{Clock, Endpoint, Problem};
use ayumi_protocol::exchange::{Answer, Item};
use ayumi_protocol::key::KeyId;
use ayumi_protocol::limits;
use guard::{Guard, Rates};
use metrics::Metrics;

/// The operating system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64))
}

/// What handlers share.
#[derive(Debug)]
pub struct App<L> {
    channel: Channel<L>,
    around: Arc<Around>,
}

/// What stands around the answering of a server: limits and counts.
#[derive(Debug)]
struct Around {
    guard: Guard,
    metrics: Metrics,
}

impl Watch for Around {
    fn device(&self, author: KeyId) -> Result<(), Problem> {
        self.guard.device(author)
    }

    fn synced(&self, answers: &[Answer], items: &[Item]) {
        self.metrics.synced(answers, items);
    }
}

/// A problem, on its way out. The body is its key, in text.
#[derive(Debug)]
struct Unanswered(Problem);

impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let (status, wait, body) = (self.0.status(), self.0.retry_after(), self.0.into_body());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if status == StatusCode::UNAUTHORIZED { "application/octet-stream" } else { "text/plain" };
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A body of bytes.
struct Bytes(Vec<u8>);

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/octet-stream")], self.0).into_response()
    }
}

impl<L: Log> App<L> {
    /// With a store, a clock, and how often who may ask.
    pub fn new(log: Arc<L>, clock: Clock, rates: Rates) -> Self {
        let around = Arc::new(Around { guard: Guard::new(rates), metrics: Metrics::default() });
        Self { channel: Channel::new(log, clock, around.clone()), around }
    }

    /// The answer to a request of the channel: everything but sockets, rates per address and time.
    ///
    /// # Errors
    /// A [`Problem`], with its status.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        self.channel.answer(path, body).await
    }

    /// Handles one request of an endpoint, as HTTP's reply.
    async fn reply(&self, endpoint: Endpoint, body: &[u8]) -> Result<Response, Unanswered> {
        let bytes = self.answer(endpoint.path(), body).await?;
        Ok(Bytes(bytes).into_response())
    }

    /// All routes.
    pub fn router(self: Arc<Self>) -> Router {
        let channel = Router::new()
            .route(Endpoint::Sync.path(), post(sync::sync::<L>))
            .route(Endpoint::Blob.path(), post(blob::blob::<L>))
            .route(Endpoint::Drawer.path(), post(drawer::drawer::<L>))
            .layer(DefaultBodyLimit::max(limits::REQUEST_BYTES))
            .layer(axum::middleware::from_fn_with_state(self.clone(), guard::watch::<L>));
        Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz::<L>))
            .route("/metrics", get(metrics_text::<L>))
            .route("/openapi.json", get(openapi))
            .merge(channel)
            .with_state(self)
    }
}

/// How long a request may take in all, its body included.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ayumi municipal server: the notebook channel",
        description = "Bodies are binary; their forms are in docs/protocol.md. The server orders and keeps what devices send and can read \
                       nothing of it."
    ),
    paths(sync::sync, blob::blob, drawer::drawer, healthz, readyz, metrics_text, openapi)
)]
struct Api;

/// This description.
#[utoipa::path(get, path = "/openapi.json", responses((status = 200, description = "This description", content_type = "application/json")))]
async fn openapi() -> Response {
    let text = Api::openapi().to_json().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "The process lives", content_type = "text/plain")))]
async fn healthz() -> &'static str {
    "ok"
}

/// The store can be used.
#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, description = "The store can be used", content_type = "text/plain"),
    (status = 503, description = "Not now", content_type = "text/plain")))]
async fn readyz<L: Log>(State(app): State<Arc<App<L>>>) -> Result<&'static str, Unanswered> {
    if app.channel.log.ready().await { Ok("ready") } else { Err(Problem::Unavailable.into()) }
}

/// Counts in Prometheus' text form.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Counts in Prometheus' text form", content_type = "application/openmetrics-text")))]
async fn metrics_text<L: Log>(State(app): State<Arc<App<L>>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.around.metrics.text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The description writes its paths as literals: its macro takes nothing else.
    #[test]
    fn the_description_has_the_path_of_every_endpoint() {
        let paths = Api::openapi().paths.paths;
        for endpoint in Endpoint::ALL {
            assert!(paths.contains_key(endpoint.path()), "{}", endpoint.path());
        }
    }
}
