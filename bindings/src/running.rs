//! A task in progress: can be aborted, and waited for until everything that it held is dropped.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

/// A task in progress, as the slot tracks it.
pub(crate) struct Running {
    task: AbortHandle,
    dropped: Receiver<()>,
}

impl Running {
    /// Spawns work on a runtime.
    pub(crate) fn spawn<T: Send + 'static>(
        runtime: &Handle,
        work: impl Future<Output = T> + Send + 'static,
    ) -> (JoinHandle<T>, Self) {
        let (on_drop, dropped) = mpsc::channel();
        let task = runtime.spawn(Tracked { work: Box::pin(work), _on_drop: on_drop });
        let running = Self { task: task.abort_handle(), dropped };
        (task, running)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub(crate) fn abort(&self) {
        self.task.abort();
    }

    /// Waits until the task and everything that it held are dropped.
    pub(crate) fn wait(&self, timeout: Duration) {
        // Nothing is ever sent: the other end is dropped.
        let _ = self.dropped.recv_timeout(timeout);
    }
}

/// Work whose sender is dropped after the work itself, whether it finished or was aborted: fields are dropped in this
/// order.
struct Tracked<F> {
    work: Pin<Box<F>>,
    _on_drop: Sender<()>,
}

impl<F: Future> Future for Tracked<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.work.as_mut().poll(context)
    }
}
