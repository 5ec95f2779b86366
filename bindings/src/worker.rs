//! The background thread for network operations. Writing what a server sent happens there too, never on a shell's own
//! thread.

use std::future::Future;

use ayumi_core::app::{Error, Handbook, Https};
use once_cell::sync::Lazy;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;

use crate::Result;
use crate::panic::InCall;
use crate::report::log_error;
use crate::running::Running;
use crate::slot::Slot;

static WORKER: Lazy<Option<Handle>> = Lazy::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    let handle = runtime.handle().clone();
    let run = move || {
        let _call = InCall::begin();
        runtime.block_on(std::future::pending::<()>());
    };
    std::thread::Builder::new().name("ayumi".into()).spawn(run).ok()?;
    Some(handle)
});

/// Starts work in the background; closing the slot aborts it.
pub(crate) fn spawn<T: Send + 'static>(
    slot: &Slot,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<JoinHandle<Result<T>>> {
    let worker = WORKER.as_ref().ok_or(Error::Io)?;
    let (task, running) = Running::spawn(worker, work);
    slot.track(running);
    Ok(task)
}

/// Aborts its task when it is dropped: a future that nobody awaits any more stops.
pub(crate) struct AbortOnDrop<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for the end of a task; `None` if it was aborted.
pub(crate) async fn finished<T>(mut task: AbortOnDrop<Result<T>>) -> Option<Result<T>> {
    match (&mut task.0).await {
        Ok(result) => Some(result),
        Err(error) if error.is_panic() => Some(Err(Error::Internal { code: -1 })),
        Err(_) => None,
    }
}

/// Does work in the background and waits for its result.
pub(crate) async fn run<T, F>(slot: &Slot, call: &str, work: impl FnOnce(Handbook) -> F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let handbook = slot.handbook()?;
    let task = AbortOnDrop(spawn(slot, work(handbook.clone()))?);
    log_error(&handbook, call, finished(task).await.unwrap_or(Err(Error::Offline)))
}

/// Sends a request to the configured server and waits for its result.
pub(crate) async fn request<T, F>(
    slot: &Slot,
    call: &str,
    work: impl FnOnce(Handbook, Https) -> F + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    run(slot, call, move |handbook| async move {
        let transport = handbook.sync().server_connection()?;
        work(handbook, transport).await
    })
    .await
}
