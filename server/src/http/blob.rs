//! Photos and snapshots in sealed chunks.

use std::sync::Arc;

use axum::body::Bytes as Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest};

use super::{App, Bytes, Problem, session};
use crate::log::{Chunk, Log};

/// Takes a chunk from a writer; gives chunks to a member.
#[utoipa::path(post, path = "/v1/blob", request_body(content = inline(String), content_type = "application/octet-stream"), responses(
    (status = 200, description = "What there is of it (docs/protocol.md)", content_type = "application/octet-stream"),
    (status = 400, description = "Not a message of this protocol", content_type = "text/plain"),
    (status = 401, description = "Show your key: a challenge", content_type = "application/octet-stream"),
    (status = 403, description = "The key may not do this", content_type = "text/plain"),
    (status = 404, description = "No such notebook", content_type = "text/plain"),
    (status = 408, description = "Too slow", content_type = "text/plain"),
    (status = 413, description = "Too long", content_type = "text/plain"),
    (status = 429, description = "Too many requests", content_type = "text/plain"),
    (status = 503, description = "Not now; nothing was taken", content_type = "text/plain"),
    (status = 507, description = "The notebook has no room left", content_type = "text/plain")))]
pub(super) async fn blob<L: Log>(State(app): State<Arc<App<L>>>, body: Body) -> Result<Response, Problem> {
    app.answer("/v1/blob", &body).await.map(|bytes| Bytes(bytes).into_response())
}

impl<L: Log> App<L> {
    pub(super) async fn chunks(&self, request: BlobRequest) -> Result<BlobReply, Problem> {
        let (caller, now_ms) = (&request.caller, self.now_ms());
        let chain = self.log.chain(caller.notebook).await?;
        let keys = session::keys_of(chain.as_deref(), caller);
        self.check_caller(caller, keys, now_ms)?;
        let Some(chain) = &chain else { return Err(Problem::NoNotebook) };
        let allowed = match &request.action {
            BlobAction::Put { .. } => chain.may_write(&caller.author),
            BlobAction::Status | BlobAction::Get { .. } => chain.may_read(&caller.author),
        };
        if !allowed {
            return Err(if keys.is_some() { Problem::NotAllowed } else { Problem::NotAHolder });
        }
        self.guard.device(caller.author)?;
        let (notebook, name) = (caller.notebook, request.name);
        let reply = match request.action {
            BlobAction::Status => self.log.blob(notebook, name, None).await?,
            BlobAction::Get { from } => self.log.blob(notebook, name, Some(from)).await?,
            BlobAction::Put { number, of, bytes } => {
                self.log.put_chunk(Chunk { notebook, name, number, of, bytes }).await?
            }
        };
        Ok(reply)
    }
}
