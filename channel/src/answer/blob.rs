//! Photos, thumbnails, snapshots and archives in sealed chunks.

use ayumi_protocol::blob::{
    BlobAction, BlobName, BlobReply, BlobRequest, SNAPSHOT_HEAD, archive_name, snapshot_name, stored_name,
};
use ayumi_protocol::control::State;
use ayumi_protocol::key::KeyId;
use ayumi_protocol::{NotebookId, limits};

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
            BlobAction::Status | BlobAction::Get { .. } | BlobAction::Gather { .. } => chain.may_read(&caller.author),
            BlobAction::Drop { slot } => {
                chain.is_owner(&caller.author) || (chain.may_read(&caller.author) && *slot == caller.author)
            }
        };
        let closed = chain.closing_at(self.log.signer().own_keys()).is_some();
        if !allowed || closed {
            return Err(if keys.is_some() { Problem::NotAllowed } else { Problem::NotAHolder });
        }
        self.watch.device(caller.author)?;
        let notebook = caller.notebook;
        if beside(notebook).contains(&request.name) {
            return self.beside(&chain, caller.author, &request.name, request.action).await;
        }
        self.stored(notebook, caller.author, &request.name, request.action).await
    }

    /// Does with a blob what was asked, which its caller may ask.
    async fn stored(
        &self,
        notebook: NotebookId,
        author: KeyId,
        name: &BlobName,
        action: BlobAction,
    ) -> Result<BlobReply, Problem> {
        Ok(match action {
            BlobAction::Status => self.log.blob(notebook, stored_name(author, name), None).await?,
            BlobAction::Get { slot, from } => self.log.blob(notebook, stored_name(slot, name), Some(from)).await?,
            BlobAction::Gather { slot, more } => {
                self.gather(notebook, std::iter::once((*name, slot)).chain(more)).await?
            }
            BlobAction::Drop { slot } => {
                self.log.drop_blob(notebook, stored_name(slot, name)).await?;
                BlobReply::default()
            }
            BlobAction::Put { number, of, bytes } => {
                let name = stored_name(author, name);
                match self.log.put_chunk(Chunk { notebook, name, number, of, bytes }).await {
                    // It went meanwhile.
                    Err(LogError::NoNotebook) => return Err(self.not_here(notebook).await),
                    put => put?,
                }
            }
        })
    }

    /// Gives blobs of one chunk together. Snapshots and archives, which are given under conditions only, are not among them.
    async fn gather(
        &self,
        notebook: NotebookId,
        places: impl Iterator<Item = (BlobName, KeyId)>,
    ) -> Result<BlobReply, Problem> {
        let beside = beside(notebook);
        // What has no name of its own is under no name.
        let stored = |(name, slot)| if beside.contains(&name) { BlobName::default() } else { stored_name(slot, &name) };
        let names: Vec<BlobName> = places.map(stored).collect();
        let of = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let chunks = self.log.gather(notebook, names).await?;
        let there = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        Ok(BlobReply { of, there, chunks, ..BlobReply::default() })
    }

    /// Does with a snapshot or an archive what was asked. What was erased comes back by none: it is taken only of who knows all that was
    /// erased, its chunks in their order, and given only while nothing was erased since.
    async fn beside(
        &self,
        chain: &State,
        caller: KeyId,
        name: &BlobName,
        action: BlobAction,
    ) -> Result<BlobReply, Problem> {
        let notebook = chain.notebook();
        match action {
            BlobAction::Status | BlobAction::Drop { .. } | BlobAction::Gather { .. } => {
                self.stored(notebook, caller, name, action).await
            }
            BlobAction::Get { slot, from } => {
                let first = self.log.blob(notebook, stored_name(slot, name), Some(0)).await?;
                if first.chunks.first().is_some_and(|first| !knows_what_was_erased(chain, first)) {
                    self.log.drop_blob(notebook, stored_name(slot, name)).await?;
                    return Ok(BlobReply::default());
                }
                if from == 0 { Ok(first) } else { self.stored(notebook, caller, name, action).await }
            }
            BlobAction::Put { number, of, ref bytes } => {
                let goes_on = match number {
                    0 => knows_what_was_erased(chain, bytes),
                    _ => self.log.blob(notebook, stored_name(caller, name), None).await?.there >= number,
                };
                if !goes_on || of > limits::SNAPSHOT_CHUNKS.max(limits::ARCHIVE_CHUNKS) {
                    return Err(Problem::NotAllowed);
                }
                let reply = self.stored(notebook, caller, name, action).await?;
                // Words that went meanwhile may be in it.
                let erased = self.log.chain(notebook).await?.and_then(|now| now.last_erasure());
                if erased != chain.last_erasure() {
                    self.log.drop_blob(notebook, stored_name(caller, name)).await?;
                    return Err(Problem::NotAllowed);
                }
                Ok(reply)
            }
        }
    }

    /// Drops all snapshots and archives of a notebook: words were erased that may be in them.
    pub(super) async fn drop_beside(&self, notebook: NotebookId) -> Result<(), Problem> {
        let Some(chain) = self.log.chain(notebook).await? else { return Ok(()) };
        for maker in chain.present_and_past_members() {
            for name in beside(notebook) {
                self.log.drop_blob(notebook, stored_name(*maker, &name)).await?;
            }
        }
        Ok(())
    }
}

/// What stands beside a log and holds words of it.
fn beside(notebook: NotebookId) -> [BlobName; 2] {
    [snapshot_name(notebook), archive_name(notebook)]
}

/// Whether the maker of a snapshot or an archive, of which this is the first chunk, knew all statements that erased words.
fn knows_what_was_erased(chain: &State, first: &[u8]) -> bool {
    let head = first.first_chunk::<SNAPSHOT_HEAD>().and_then(|head| chain.place_of(head));
    head.is_some_and(|head| chain.last_erasure().is_none_or(|erased| erased <= head))
}
