//! Release keys of open codes: what lets a code open its notebook.

use std::sync::Arc;

use axum::body::Bytes as Body;
use axum::extract::State;
use axum::response::Response;

use ayumi_channel::answer::Endpoint;

use super::state::{App, Unanswered};
use crate::log::Log;

/// Gives the release key of the caller's code, or puts one.
#[utoipa::path(post, path = "/v1/release", request_body(content = inline(String), content_type = "application/octet-stream"), responses(
    (status = 200, description = "The release key, if there is one (docs/protocol.md)", content_type = "application/octet-stream"),
    (status = 400, description = "Not a message of this protocol", content_type = "text/plain"),
    (status = 401, description = "A challenge to sign", content_type = "application/octet-stream"),
    (status = 403, description = "Not a holder, or not allowed", content_type = "text/plain"),
    (status = 404, description = "No such notebook", content_type = "text/plain"),
    (status = 408, description = "Too slow", content_type = "text/plain"),
    (status = 410, description = "The notebook is gone", content_type = "application/octet-stream"),
    (status = 413, description = "Too long", content_type = "text/plain"),
    (status = 421, description = "Another server was dialled", content_type = "text/plain"),
    (status = 429, description = "Too many requests", content_type = "text/plain"),
    (status = 503, description = "Not now; nothing was taken", content_type = "text/plain"),
    (status = 507, description = "No room", content_type = "text/plain")))]
pub(super) async fn release<L: Log>(State(app): State<Arc<App<L>>>, body: Body) -> Result<Response, Unanswered> {
    app.reply(Endpoint::Release, &body).await
}
