//! The notebook channel over HTTP: bytes in, bytes out (`docs/protocol.md`). Stateless: everything that lasts is in
//! the store, so several processes on one PostgreSQL work as one.
//!
//! | module | idea |
//! |---|---|
//! | [`sync`] | one round trip: append, and read after the cursor |
//! | [`blob`] | photos, thumbnails and snapshots in chunks |
//! | [`drawer`] | where recovery sheets find their notebooks |
//! | [`release`] | what lets a code open its notebook |
//! | [`feed`] | a municipality's feed, the same for everybody |
//! | [`guard`] | limits: bodies, rates, how many at once |
//! | `bounds` | what one address may have under way |
//! | [`floors`] | what must be left of disk and files |
//! | `watch` | the limits, a deadline and counts around each request |
//! | [`metrics`] | counts for operators, without anybody's name |
//! | [`serve`] | sockets, TLS, slow clients, a graceful end |

pub mod blob;
mod bounds;
pub mod drawer;
pub mod feed;
pub mod floors;
pub mod guard;
pub mod metrics;
pub mod release;
pub mod serve;
mod state;
pub mod sync;
mod watch;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
pub use ayumi_channel::answer::{Admission, Clock, Endpoint, Origins, Problem};
use utoipa::OpenApi;

use state::Unanswered;
pub use state::{App, Setup};

use crate::log::Log;

impl<L: Log> App<L> {
    /// Builds the router of all routes, for a server that only this very computer reaches.
    pub fn router(self: Arc<Self>) -> Router {
        self.clone().public_router().merge(self.operators_router())
    }

    /// Builds the router of what phones ask, and of the one question that tells nothing.
    pub fn public_router(self: Arc<Self>) -> Router {
        let channel = Router::new()
            .route(Endpoint::Sync.path(), post(sync::sync::<L>))
            .route(Endpoint::Blob.path(), post(blob::blob::<L>))
            .route(Endpoint::Drawer.path(), post(drawer::drawer::<L>))
            .route(Endpoint::Release.path(), post(release::release::<L>))
            // `watch` reads the body, and bounds it.
            .layer(DefaultBodyLimit::disable())
            .layer(axum::middleware::from_fn_with_state(self.clone(), watch::watch::<L>));
        let feed = Router::new()
            .route("/feed/manifest", get(feed::manifest::<L>))
            .route("/feed/roots", get(feed::roots::<L>))
            .route("/feed/{hash}", get(feed::file::<L>))
            .layer(axum::middleware::from_fn_with_state(self.clone(), feed::watch::<L>));
        Router::new()
            .route("/healthz", get(healthz))
            .merge(channel)
            .layer(axum::middleware::map_response(plain_bytes))
            // A feed says itself how long it may be kept.
            .merge(feed)
            .with_state(self)
    }

    /// Builds the router of what operators ask: counts and readiness tell how busy a city is.
    pub fn operators_router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/readyz", get(readyz::<L>))
            .route("/metrics", get(metrics_text::<L>))
            .route("/openapi.json", get(openapi))
            .layer(axum::middleware::from_fn_with_state(self.clone(), watch::operators::<L>))
            .layer(axum::middleware::map_response(plain_bytes))
            .with_state(self)
    }
}

/// Nothing that the server answers is guessed at or kept by whoever stands between.
async fn plain_bytes(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns the operating system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ayumi municipal server: the notebook channel, the feed",
        description = "Bodies of the notebook channel are binary; their forms are in docs/protocol.md. The server orders and keeps what \
                       devices send and can read nothing of it. The feed is in docs/municipal-feed.md: the same for everybody."
    ),
    paths(
        sync::sync,
        blob::blob,
        drawer::drawer,
        release::release,
        feed::manifest,
        feed::roots,
        feed::file,
        healthz,
        readyz,
        metrics_text,
        openapi
    )
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
    if app.is_ready().await { Ok("ready") } else { Err(Problem::Unavailable.into()) }
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
        for path in ["/feed/manifest", "/feed/roots", "/feed/{hash}"] {
            assert!(paths.contains_key(path), "{path}");
        }
    }
}
