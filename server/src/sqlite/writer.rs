//! The one writer. Jobs that have gathered while the disk was busy are committed together; nobody is answered before.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::chains::Chains;
use crate::log::{Answer, LogError};

/// Jobs in one transaction at most.
const TOGETHER: usize = 256;

/// What the writer keeps between jobs.
pub(super) struct Shared {
    /// Chains as they are after what was written; forgotten when a commit fails.
    pub(super) chains: Arc<Chains>,
    /// Bytes that a notebook may take.
    pub(super) quota: u64,
}

/// Something to write.
pub(super) trait Job: Send {
    /// Does it; whether the transaction can still be committed.
    fn work(&mut self, tx: &Transaction<'_>, shared: &mut Shared) -> bool;
    /// Answers; after a failed commit nothing was taken. Whoever does not wait any more asks again.
    fn answer(self: Box<Self>, committed: bool);
}

/// Where jobs are sent.
pub(super) type Jobs = Sender<Box<dyn Job>>;

/// A job with its answer.
pub(super) struct Task<T, W> {
    work: Option<W>,
    result: Answer<T>,
    answer: oneshot::Sender<Answer<T>>,
}

impl<T, W> Task<T, W> {
    pub(super) fn new(work: W, answer: oneshot::Sender<Answer<T>>) -> Self {
        Self { work: Some(work), result: Err(LogError::Unavailable), answer }
    }
}

impl<T: Send, W: FnOnce(&Transaction<'_>, &mut Shared) -> Answer<T> + Send> Job for Task<T, W> {
    fn work(&mut self, tx: &Transaction<'_>, shared: &mut Shared) -> bool {
        if let Some(work) = self.work.take() {
            self.result = work(tx, shared);
        }
        !matches!(self.result, Err(LogError::Unavailable))
    }

    fn answer(self: Box<Self>, committed: bool) {
        let _ = self.answer.send(if committed { self.result } else { Err(LogError::Unavailable) });
    }
}

/// Writes.
pub(super) struct Writer {
    connection: Connection,
    shared: Shared,
}

impl Writer {
    /// On a thread of its own, until nobody can send jobs any more.
    pub(super) fn start(connection: Connection, shared: Shared) -> Result<(Jobs, JoinHandle<()>), LogError> {
        let (jobs, received) = channel();
        let mut writer = Self { connection, shared };
        let thread = std::thread::Builder::new().name("ayumi-writer".into());
        let thread = thread.spawn(move || writer.run(&received)).map_err(|_| LogError::Unavailable)?;
        Ok((jobs, thread))
    }

    fn run(&mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = jobs.recv() {
            let mut gathered: Vec<_> = std::iter::once(first).chain(jobs.try_iter().take(TOGETHER - 1)).collect();
            let committed = self.write(&mut gathered);
            if !committed {
                self.shared.chains.forget();
            }
            gathered.into_iter().for_each(|job| job.answer(committed));
        }
    }

    fn write(&mut self, jobs: &mut [Box<dyn Job>]) -> bool {
        let Ok(tx) = self.connection.transaction_with_behavior(TransactionBehavior::Immediate) else { return false };
        // One that failed half-way must leave nothing: then nothing of the lot is taken, and all ask again.
        jobs.iter_mut().all(|job| job.work(&tx, &mut self.shared)) && tx.commit().is_ok()
    }
}
