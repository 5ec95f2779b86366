//! The thread on which what waits for a server, waits. Writing what came happens there too, never on a shell's own thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Context, Poll};
use std::time::Duration;

use ayumi_core::app::{Error, Handbook};
use ayumi_core::sync::http::Https;
use once_cell::sync::Lazy;
use tokio::runtime::{Builder, Handle};
use tokio::task::{AbortHandle, JoinHandle};

use crate::Result;
use crate::quiet::Inside;
use crate::slot::{Slot, told};

static WORKER: Lazy<Option<Handle>> = Lazy::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    let handle = runtime.handle().clone();
    let run = move || {
        let _inside = Inside::begin();
        runtime.block_on(std::future::pending::<()>());
    };
    std::thread::Builder::new().name("ayumi".into()).spawn(run).ok()?;
    Some(handle)
});

/// Begins something; it goes on by itself.
pub(crate) fn begin<T: Send + 'static>(
    slot: &Slot,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<JoinHandle<Result<T>>> {
    let (gone, when_gone) = mpsc::channel();
    let task = WORKER.as_ref().ok_or(Error::Io)?.spawn(Told { work: Box::pin(work), _gone: gone });
    slot.runs(Running { task: task.abort_handle(), gone: when_gone });
    Ok(task)
}

/// Work that tells when it is gone, ended or aborted, with everything that it held. Fields are dropped in this order.
struct Told<F> {
    work: Pin<Box<F>>,
    _gone: Sender<()>,
}

impl<F: Future> Future for Told<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.work.as_mut().poll(context)
    }
}

/// Work on its way, as the slot knows it.
pub(crate) struct Running {
    task: AbortHandle,
    gone: Receiver<()>,
}

impl Running {
    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub(crate) fn abort(&self) {
        self.task.abort();
    }

    /// Waits until nothing of it is left.
    pub(crate) fn wait(&self, patience: Duration) {
        // Nothing is ever sent: the other end goes.
        let _ = self.gone.recv_timeout(patience);
    }
}

/// Aborts when it is dropped: a future that nobody waits for any more stops.
pub(crate) struct Held<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for something that was begun; `None` if it was cancelled.
pub(crate) async fn ended<T>(mut task: Held<Result<T>>) -> Option<Result<T>> {
    match (&mut task.0).await {
        Ok(result) => Some(result),
        Err(error) if error.is_panic() => Some(Err(Error::Internal { code: -1 })),
        Err(_) => None,
    }
}

/// Begins something and waits for it.
pub(crate) async fn wait<T, F>(slot: &Slot, call: &str, work: impl FnOnce(Handbook) -> F) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let book = slot.book()?;
    let task = Held(begin(slot, work(book.clone()))?);
    told(&book, call, ended(task).await.unwrap_or(Err(Error::Offline)))
}

/// Asks the known server and waits.
pub(crate) async fn ask<T, F>(
    slot: &Slot,
    call: &str,
    work: impl FnOnce(Handbook, Https) -> F + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    wait(slot, call, move |book| async move {
        let way = book.way()?;
        work(book, way).await
    })
    .await
}
