//! Release keys of open codes: given to who proves the code's key, put by owners.

use ayumi_protocol::control::What;
use ayumi_protocol::release::{ReleaseAction, ReleaseReply, ReleaseRequest};

use super::{Channel, Problem, session};
use crate::log::{Log, LogError, Release};

impl<L: Log> Channel<L> {
    pub(super) async fn release(&self, request: ReleaseRequest) -> Result<ReleaseReply, Problem> {
        let (caller, now_ms) = (&request.caller, self.now_ms());
        let Some(chain) = self.log.chain(caller.notebook).await? else {
            return Err(self.not_here(caller.notebook).await);
        };
        let keys = session::keys_of(Some(&chain), caller);
        if keys.is_none() {
            return Err(Problem::NotAHolder);
        }
        self.check_caller(caller, keys, now_ms)?;
        self.watch.device(caller.author)?;
        let notebook = caller.notebook;
        // The end of a code that is open; the inner one is that of an invitation.
        let open = |id| match chain.holder(id).map(|holder| holder.what) {
            Some(What::Invitation { expires_at }) if now_ms <= expires_at => Some(Some(expires_at)),
            Some(What::Recovery) => Some(None),
            _ => None,
        };
        match request.action {
            ReleaseAction::Get if open(&caller.author).is_some() => {
                Ok(ReleaseReply { key: self.log.release(notebook, caller.author).await? })
            }
            ReleaseAction::Put { holder, key } if chain.is_owner(&caller.author) => {
                let ends_at = open(&holder).ok_or(Problem::NotAllowed)?;
                match self.log.put_release(Release { notebook, holder, key, ends_at }).await {
                    // It went meanwhile.
                    Err(LogError::NoNotebook) => Err(self.not_here(notebook).await),
                    other => Ok(other.map(|()| ReleaseReply::default())?),
                }
            }
            ReleaseAction::Get | ReleaseAction::Put { .. } => Err(Problem::NotAllowed),
        }
    }
}
