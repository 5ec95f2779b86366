//! The notebook channel over HTTP: bytes in, bytes out (`docs/protocol.md`). Stateless: everything that lasts is in the store, so
//! several processes on one PostgreSQL work as one.
//!
//! | module | idea |
//! |---|---|
//! | [`sync`] | one round trip: append, and what stands behind the cursor |
//! | [`blob`] | photos and snapshots in chunks |
//! | [`drawer`] | where recovery prints find their notebooks |
//! | [`session`] | who calls: challenges, tokens |
//! | [`guard`] | limits: bodies, rates, how many at once |
//! | [`metrics`] | counts for operators, without anybody's name |
//! | [`serve`] | sockets, TLS, slow clients, a graceful end |

pub mod blob;
pub mod drawer;
pub mod guard;
pub mod metrics;
pub mod serve;
pub mod session;
pub mod sync;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use utoipa::OpenApi;

use crate::log::{Log, LogError};
use ayumi_protocol::blob::BlobRequest;
use ayumi_protocol::drawer::DrawerRequest;
use ayumi_protocol::exchange::Request;
use ayumi_protocol::limits;
use guard::{Guard, Rates};
use metrics::Metrics;

/// Milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The operating system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64))
}

/// What handlers share.
#[derive(Debug)]
pub struct App<L> {
    /// The store.
    pub log: Arc<L>,
    clock: ClockBox,
    guard: Guard,
    metrics: Metrics,
}

struct ClockBox(Clock);

impl std::fmt::Debug for ClockBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Why a request gets no answer of its own kind. The body is the key, in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Not a message of this protocol.
    Malformed,
    /// The key that was shown holds nothing here (any more).
    NotAHolder,
    /// The caller may not do this.
    NotAllowed,
    /// There is no such notebook.
    NoNotebook,
    /// Too many requests; seconds to wait.
    TooMany(u64),
    /// The notebook has no room left.
    Quota,
    /// The store cannot be used now; nothing was taken.
    Unavailable,
    /// Show your key: a challenge to sign.
    Challenge(Vec<u8>),
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::NoNotebook => Self::NoNotebook,
            LogError::Quota => Self::Quota,
            LogError::Control(_) | LogError::Envelope(_) => Self::NotAllowed,
            LogError::Unavailable => Self::Unavailable,
        }
    }
}

impl Problem {
    /// HTTP's status and the body.
    pub fn parts(self) -> (StatusCode, Vec<u8>) {
        let (status, key) = match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::NotAHolder => (StatusCode::FORBIDDEN, "not_a_holder"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "not_allowed"),
            Self::NoNotebook => (StatusCode::NOT_FOUND, "no_notebook"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many"),
            Self::Quota => (StatusCode::INSUFFICIENT_STORAGE, "quota"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Challenge(bytes) => return (StatusCode::UNAUTHORIZED, bytes),
        };
        (status, key.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let wait = match self {
            Self::TooMany(seconds) => Some(seconds),
            Self::Unavailable => Some(5),
            _ => None,
        };
        let (status, body) = self.parts();
        let mut response = (status, Bytes(body)).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A body of bytes, without headers that cost more than it.
struct Bytes(Vec<u8>);

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        Response::new(axum::body::Body::from(self.0))
    }
}

impl<L: Log> App<L> {
    /// With a store, a clock, and how often who may ask.
    pub fn new(log: Arc<L>, clock: Clock, rates: Rates) -> Self {
        Self { log, clock: ClockBox(clock), guard: Guard::new(rates), metrics: Metrics::default() }
    }

    fn now_ms(&self) -> u64 {
        (self.clock.0)()
    }

    /// The answer to a request of the channel: everything but sockets, rates per address and time.
    ///
    /// # Errors
    /// A [`Problem`], with its status.
    pub async fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>, Problem> {
        let malformed = |_| Problem::Malformed;
        match path {
            "/v1/sync" => Ok(self.exchange(&Request::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            "/v1/blob" => Ok(self.chunks(BlobRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            "/v1/drawer" => Ok(self.open_drawer(DrawerRequest::from_bytes(body).map_err(malformed)?).await?.to_bytes()),
            _ => Err(Problem::Malformed),
        }
    }

    /// All routes.
    pub fn router(self: Arc<Self>) -> Router {
        let channel = Router::new()
            .route("/v1/sync", post(sync::sync::<L>))
            .route("/v1/blob", post(blob::blob::<L>))
            .route("/v1/drawer", post(drawer::drawer::<L>))
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
async fn readyz<L: Log>(State(app): State<Arc<App<L>>>) -> Result<&'static str, Problem> {
    if app.log.ready().await { Ok("ready") } else { Err(Problem::Unavailable) }
}

/// Counts in Prometheus' text form.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Counts in Prometheus' text form", content_type = "text/plain")))]
async fn metrics_text<L: Log>(State(app): State<Arc<App<L>>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}
