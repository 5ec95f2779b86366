//! A municipality's feed over HTTP: the same texts for everybody, which any cache may keep. Nothing of a request but its path and
//! the validator is looked at, and no reply tells two phones apart.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::state::{App, Unanswered};
use crate::feed::served::Edition;
use crate::log::Log;

/// For the manifest and the root statements: phones and caches ask again after a minute.
const SOON: HeaderValue = HeaderValue::from_static("public, max-age=60");
/// For a file: it never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const JSON_LINES: HeaderValue = HeaderValue::from_static("application/jsonl");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");
const NO_SNIFF: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// Around every request of the feed: the rate of an address, counts.
pub(super) async fn watch<L: Log>(State(app): State<Arc<App<L>>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = match app.around.guard.address(&request) {
        Err(problem) => {
            let mut response = Unanswered(problem).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Ok(_) => next.run(request).await,
    };
    app.around.metrics.answered("feed", response.status().as_u16(), begun.elapsed());
    response
}

/// The newest manifest of the feed.
#[utoipa::path(get, path = "/feed/manifest", responses(
    (status = 200, description = "The manifest: lines of JSON (docs/municipal-feed.md); its ETag is its hash", content_type = "application/jsonl"),
    (status = 304, description = "It is the one that If-None-Match names"),
    (status = 404, description = "This server has no feed", content_type = "text/plain")))]
pub(super) async fn manifest<L: Log>(State(app): State<Arc<App<L>>>, asked: Uri, headers: HeaderMap) -> Response {
    let Some(edition) = edition(&app, asked.query()) else { return missing() };
    let Ok(etag) = HeaderValue::from_str(&edition.etag) else { return missing() };
    let kept = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, SOON), NO_SNIFF];
    if headers.get_all(header::IF_NONE_MATCH).iter().any(|named| *named == etag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, JSON_LINES)], edition.manifest.clone()).into_response()
}

/// All root statements of the municipality.
#[utoipa::path(get, path = "/feed/roots", responses(
    (status = 200, description = "The root statements, an empty line between two", content_type = "application/jsonl"),
    (status = 404, description = "This server has no feed", content_type = "text/plain")))]
pub(super) async fn roots<L: Log>(State(app): State<Arc<App<L>>>, asked: Uri) -> Response {
    let Some(edition) = edition(&app, asked.query()) else { return missing() };
    let kept = [(header::CACHE_CONTROL, SOON), NO_SNIFF, (header::CONTENT_TYPE, JSON_LINES)];
    (kept, edition.roots.clone()).into_response()
}

/// A file of the feed by its hash.
#[utoipa::path(get, path = "/feed/{hash}", params(("hash" = String, Path, description = "SHA-256 of the file, 64 hex digits")), responses(
    (status = 200, description = "The file, which never changes", content_type = "application/octet-stream"),
    (status = 404, description = "No edition names it", content_type = "text/plain")))]
pub(super) async fn file<L: Log>(State(app): State<Arc<App<L>>>, asked: Uri, Path(hash): Path<String>) -> Response {
    let found = edition(&app, asked.query()).and_then(|edition| edition.files.get(&hash).cloned());
    let Some(body) = found else { return missing() };
    let kept = [(header::CACHE_CONTROL, FOR_EVER), NO_SNIFF, (header::CONTENT_TYPE, BYTES)];
    (kept, body).into_response()
}

/// The edition of now, for a path without anything behind it: a parameter could mark a phone in a cache.
fn edition<L>(app: &App<L>, query: Option<&str>) -> Option<Arc<Edition>> {
    app.feed.as_ref().filter(|_| query.is_none())?.now()
}

fn missing() -> Response {
    let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store")), NO_SNIFF];
    (StatusCode::NOT_FOUND, headers, "no_feed").into_response()
}
