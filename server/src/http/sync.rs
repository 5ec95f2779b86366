//! One round trip of the notebook channel.

use std::sync::Arc;

use axum::body::Bytes as Body;
use axum::extract::State;
use axum::response::Response;

use ayumi_channel::answer::Endpoint;

use super::state::{App, Unanswered};
use crate::log::Log;

/// Appends what a device has, and gives what stands behind its cursor.
#[utoipa::path(post, path = "/v1/sync", request_body(content = inline(String), content_type = "application/octet-stream"), responses(
    (status = 200, description = "The reply (docs/protocol.md)", content_type = "application/octet-stream"),
    (status = 400, description = "Not a message of this protocol", content_type = "text/plain"),
    (status = 401, description = "Show your key: a challenge", content_type = "application/octet-stream"),
    (status = 403, description = "The key holds nothing here", content_type = "text/plain"),
    (status = 404, description = "No such notebook", content_type = "text/plain"),
    (status = 410, description = "The server has it no more, and signs that", content_type = "application/octet-stream"),
    (status = 408, description = "Too slow", content_type = "text/plain"),
    (status = 413, description = "Too long", content_type = "text/plain"),
    (status = 429, description = "Too many requests", content_type = "text/plain"),
    (status = 503, description = "Not now; nothing was taken", content_type = "text/plain")))]
pub(super) async fn sync<L: Log>(State(app): State<Arc<App<L>>>, body: Body) -> Result<Response, Unanswered> {
    app.reply(Endpoint::Sync, &body).await
}
