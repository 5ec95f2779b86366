//! Drawers of recovery sheets. Nobody is asked who they are: only who has a recovery sheet's code knows a drawer's
//! name, and only they can sign for it.

use std::sync::Arc;

use axum::body::Bytes as Body;
use axum::extract::State;
use axum::response::Response;

use ayumi_channel::answer::Endpoint;

use super::state::{App, Unanswered};
use crate::log::Log;

/// What is in a drawer, or puts something in.
#[utoipa::path(post, path = "/v1/drawer", request_body(content = inline(String), content_type = "application/octet-stream"), responses(
    (status = 200, description = "What is in it (docs/protocol.md)", content_type = "application/octet-stream"),
    (status = 400, description = "Not a message of this protocol", content_type = "text/plain"),
    (status = 403, description = "Not signed by the drawer's key", content_type = "text/plain"),
    (status = 408, description = "Too slow", content_type = "text/plain"),
    (status = 413, description = "Too long", content_type = "text/plain"),
    (status = 429, description = "Too many requests", content_type = "text/plain"),
    (status = 503, description = "Not now; nothing was taken", content_type = "text/plain"),
    (status = 507, description = "No room", content_type = "text/plain")))]
pub(super) async fn drawer<L: Log>(State(app): State<Arc<App<L>>>, body: Body) -> Result<Response, Unanswered> {
    app.reply(Endpoint::Drawer, &body).await
}
