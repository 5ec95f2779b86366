//! Photos and snapshots in sealed chunks.

use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::{BlobAction, BlobReply, BlobRequest, SNAPSHOT_HEAD, snapshot_name, stored_name};
use ayumi_protocol::control::State;
use ayumi_protocol::key::KeyId;

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
            BlobAction::Status => self.log.blob(notebook, stored_name(caller.author, &request.name), None).await?,
            BlobAction::Get { slot, from } => {
                self.log.blob(notebook, stored_name(slot, &request.name), Some(from)).await?
            }
            BlobAction::Drop { slot } => {
                self.log.drop_blob(notebook, stored_name(slot, &request.name)).await?;
                BlobReply::default()
            }
            BlobAction::Put { number, of, bytes } => {
                if request.name == snapshot_name(notebook) {
                    self.check_snapshot(&chain, caller.author, number, &bytes).await?;
                }
                let name = stored_name(caller.author, &request.name);
                match self.log.put_chunk(Chunk { notebook, name, number, of, bytes }).await {
                    // It went meanwhile.
                    Err(LogError::NoNotebook) => return Err(self.not_here(notebook).await),
                    other => other?,
                }
            }
        };
        Ok(reply)
    }

    /// Takes a snapshot only of who knows what was erased, and its chunks in their order: what was erased comes back by none.
    async fn check_snapshot(&self, chain: &State, maker: KeyId, number: u32, bytes: &[u8]) -> Result<(), Problem> {
        let notebook = chain.notebook();
        if number > 0 {
            let there = self.log.blob(notebook, stored_name(maker, &snapshot_name(notebook)), None).await?.there;
            return if there >= number { Ok(()) } else { Err(Problem::NotAllowed) };
        }
        let head = bytes.first_chunk::<SNAPSHOT_HEAD>().and_then(|head| chain.place_of(head));
        let knows = head.is_some_and(|head| chain.last_erasure().is_none_or(|erased| erased <= head));
        if knows { Ok(()) } else { Err(Problem::NotAllowed) }
    }

    /// Drops all snapshots of a notebook: words were erased that may be in them.
    pub(super) async fn drop_snapshots(&self, chain: &State) -> Result<(), Problem> {
        let notebook: NotebookId = chain.notebook();
        for maker in chain.present_and_past_members() {
            self.log.drop_blob(notebook, stored_name(*maker, &snapshot_name(notebook))).await?;
        }
        Ok(())
    }
}
