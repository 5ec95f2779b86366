//! Photos, thumbnails and snapshots in sealed chunks.

use std::sync::Arc;

use axum::body::Bytes as Body;
use axum::extract::State;
use axum::response::Response;

use ayumi_channel::answer::Endpoint;

use super::state::{App, Unanswered};
use crate::log::Log;

/// Takes a chunk from a writer; gives chunks to a member.
#[utoipa::path(post, path = "/v1/blob", request_body(content = inline(String), content_type = "application/octet-stream"), responses(
    (status = 200, description = "What there is of it (docs/protocol.md)", content_type = "application/octet-stream"),
    (status = 400, description = "Not a message of this protocol", content_type = "text/plain"),
    (status = 401, description = "Show your key: a challenge", content_type = "application/octet-stream"),
    (status = 403, description = "The key may not do this", content_type = "text/plain"),
    (status = 404, description = "No such notebook", content_type = "text/plain"),
    (status = 410, description = "The server has it no more, and signs that", content_type = "application/octet-stream"),
    (status = 408, description = "Too slow", content_type = "text/plain"),
    (status = 413, description = "Too long", content_type = "text/plain"),
    (status = 429, description = "Too many requests", content_type = "text/plain"),
    (status = 503, description = "Not now; nothing was taken", content_type = "text/plain"),
    (status = 507, description = "The notebook has no room left", content_type = "text/plain")))]
pub(super) async fn blob<L: Log>(State(app): State<Arc<App<L>>>, body: Body) -> Result<Response, Unanswered> {
    app.reply(Endpoint::Blob, &body).await
}
