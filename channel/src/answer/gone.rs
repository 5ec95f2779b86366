//! What is said of a notebook that is not here: the server's signed word if it is gone, else that there is none.

use ayumi_protocol::NotebookId;
use ayumi_protocol::exchange::{Proof, Request};

use super::{Channel, Problem};
use crate::gone::Trace;
use crate::log::{Log, LogResult};

impl<L: Log> Channel<L> {
    /// Says that a notebook is not here.
    pub(super) async fn not_here(&self, notebook: NotebookId) -> Problem {
        match self.log.trace(notebook).await {
            Ok(Some(trace)) => self.gone(notebook, trace),
            Ok(None) => Problem::NoNotebook,
            Err(error) => error.into(),
        }
    }

    fn gone(&self, notebook: NotebookId, trace: Trace) -> Problem {
        Problem::Gone(self.log.signer().gone(notebook, trace.why, trace.when_ms).to_bytes())
    }

    /// Says so at once if the notebook may not begin again. One that may begins by a request that founds it; who has shown
    /// no key yet is asked to do so.
    pub(super) async fn refuse_what_is_gone(&self, request: &Request, founds: bool) -> LogResult<Result<(), Problem>> {
        let notebook = request.caller.notebook;
        let asks = !founds && request.caller.proof != Proof::None;
        Ok(match self.log.trace(notebook).await? {
            Some(trace) if asks || !trace.why.may_begin_again() => Err(self.gone(notebook, trace)),
            _ => Ok(()),
        })
    }
}
