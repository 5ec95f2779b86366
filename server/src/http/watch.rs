//! Around every request of the channel: limits, time, counts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ayumi_channel::answer::{Endpoint, Problem};

use super::state::{App, Unanswered};
use crate::log::Log;

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
