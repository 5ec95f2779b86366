//! Around every request of the channel: limits, time, counts.
//!
//! A body is read whole before its request takes a place, with a deadline and within bounds of its address: who sends
//! slowly keeps nobody out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ayumi_channel::answer::{Endpoint, Problem};
use ayumi_protocol::limits;

use super::state::{App, Unanswered};
use crate::log::Log;

/// Around every request of the channel: limits, time, counts, one line of log without anybody's name.
pub(super) async fn watch<L: Log>(State(app): State<Arc<App<L>>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = Endpoint::from_path(request.uri().path()).unwrap_or(Endpoint::Drawer).name();
    let (caller, response) = match app.around.guard.address(&request) {
        Err(problem) => (None, Unanswered(problem).into_response()),
        Ok(caller) => (caller, answered(&app, caller, request, next).await.unwrap_or_else(|refused| refused)),
    };
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    app.around.metrics.answered(route, status, took);
    if status >= 500 || took > Duration::from_secs(1) {
        tracing::warn!(route, status, ms = took.as_millis() as u64, "request");
    } else if matches!(status, 400 | 403 | 408 | 413 | 421 | 429) {
        // Counted by whoever writes the report of an incident.
        tracing::info!(route, status, caller = app.around.guard.name_of(caller), "refused");
    } else {
        tracing::debug!(route, status, ms = took.as_millis() as u64, "request");
    }
    response
}

/// Around what operators ask: the rate of an address, so that nobody keeps the store busy with it.
pub(super) async fn operators<L: Log>(State(app): State<Arc<App<L>>>, request: Request, next: Next) -> Response {
    match app.around.guard.watcher(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => Unanswered(problem).into_response(),
    }
}

async fn answered<L: Log>(
    app: &App<L>,
    caller: Option<IpAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Response> {
    let guard = &app.around.guard;
    let refused = |problem: Problem| Unanswered(problem).into_response();
    let (head, body) = request.into_parts();
    let told = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // A body of unknown length may be as long as one can be.
    let length = told.unwrap_or(limits::REQUEST_BYTES);
    if length > limits::REQUEST_BYTES {
        return Err(too_long());
    }
    let coming = guard.coming(caller, length).map_err(refused)?;
    let read = tokio::time::timeout(guard.request_time, to_bytes(body, limits::REQUEST_BYTES)).await;
    let bytes = read.map_err(|_| too_slow())?.map_err(|_| too_long())?;
    let place = guard.place(bytes.len()).await.map_err(refused)?;
    let request = Request::from_parts(head, Body::from(bytes));
    let response = tokio::time::timeout(guard.request_time, next.run(request)).await.map_err(|_| too_slow());
    drop((place, coming));
    response
}

fn too_slow() -> Response {
    (StatusCode::REQUEST_TIMEOUT, "too_slow").into_response()
}

fn too_long() -> Response {
    (StatusCode::PAYLOAD_TOO_LARGE, "too_long").into_response()
}
