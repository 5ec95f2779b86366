//! Photos in sealed chunks.

use ayumi_protocol::blob::{BlobAction, BlobName, BlobReply, BlobRequest};
use ayumi_protocol::key::{KeyId, hash_for};

use super::{Channel, Problem, session};
use crate::log::{Chunk, Log, LogError};

impl<L: Log> Channel<L> {
    pub(super) async fn chunks(&self, request: BlobRequest) -> Result<BlobReply, Problem> {
        let (caller, now_ms) = (&request.caller, self.now_ms());
        let Some(chain) = self.log.chain(caller.notebook).await? else {
            return Err(self.not_here(caller.notebook).await);
        };
        let keys = session::keys_of(Some(&chain), caller);
        self.check_caller(caller, keys, now_ms)?;
        let allowed = match &request.action {
            BlobAction::Put { .. } => chain.may_write(&caller.author),
            BlobAction::Status | BlobAction::Get { .. } => chain.may_read(&caller.author),
            BlobAction::Drop { slot } => {
                chain.is_owner(&caller.author) || (chain.may_read(&caller.author) && *slot == caller.author)
            }
        };
        let closed = chain.closing_at(&self.log.signer().public_key()).is_some();
        if !allowed || closed {
            return Err(if keys.is_some() { Problem::NotAllowed } else { Problem::NotAHolder });
        }
        self.watch.device(caller.author)?;
        let notebook = caller.notebook;
        let reply = match request.action {
            BlobAction::Status => self.log.blob(notebook, in_slot(caller.author, &request.name), None).await?,
            BlobAction::Get { slot, from } => self.log.blob(notebook, in_slot(slot, &request.name), Some(from)).await?,
            BlobAction::Drop { slot } => {
                self.log.drop_blob(notebook, in_slot(slot, &request.name)).await?;
                BlobReply::default()
            }
            BlobAction::Put { number, of, bytes } => {
                let name = in_slot(caller.author, &request.name);
                match self.log.put_chunk(Chunk { notebook, name, number, of, bytes }).await {
                    // It went meanwhile.
                    Err(LogError::NoNotebook) => return Err(self.not_here(notebook).await),
                    other => other?,
                }
            }
        };
        Ok(reply)
    }
}

/// Names a blob in its author's slot: what two authors put under one name are two blobs.
fn in_slot(author: KeyId, name: &BlobName) -> BlobName {
    hash_for("ayumi blob slot 2", &[&author.0[..], name].concat())
}
