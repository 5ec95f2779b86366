//! Drawers of recovery sheets. Callers do not authenticate: only a holder of a recovery sheet's code knows a drawer's
//! name and can sign for it.

use ayumi_protocol::drawer::{DrawerReply, DrawerRequest};

use super::{Channel, Problem};
use crate::log::Log;

impl<L: Log> Channel<L> {
    pub(super) async fn open_drawer(&self, request: DrawerRequest) -> Result<DrawerReply, Problem> {
        if !request.is_signed() {
            return Err(Problem::NotAllowed);
        }
        let id = request.drawer();
        self.watch.device(id)?;
        let now_ms = self.now_ms();
        Ok(match request {
            DrawerRequest::Look(id) => self.log.drawer(id, now_ms).await?,
            DrawerRequest::Fill { edition, sealed, .. } => self.log.fill_drawer(id, edition, sealed, now_ms).await?,
        })
    }
}
