//! The writer thread. It commits all jobs that wait together, and replies only after the commit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::chains::Chains;
use crate::log::{LogError, LogResult};

/// The most jobs in one transaction.
const TOGETHER: usize = 256;

/// State of the writer between jobs.
pub(super) struct Shared {
    /// Chains including the changes of this transaction; cleared if its commit fails.
    pub(super) chains: Arc<Chains>,
    /// The most bytes of a notebook.
    pub(super) quota: u64,
}

/// One unit of work for the writer.
pub(super) trait Job: Send {
    /// Does the work; returns whether the transaction can still be committed.
    fn work(&mut self, tx: &Transaction<'_>, shared: &mut Shared) -> bool;
    /// Sends the result; after a failed commit nothing was stored. A caller that stopped waiting will retry.
    fn answer(self: Box<Self>, committed: bool);
}

/// The sending side of the job queue.
pub(super) type Jobs = Sender<Box<dyn Job>>;

/// A job, and the channel for its result.
pub(super) struct Task<T, W> {
    work: Option<W>,
    result: LogResult<T>,
    answer: oneshot::Sender<LogResult<T>>,
}

impl<T, W> Task<T, W> {
    pub(super) fn new(work: W, answer: oneshot::Sender<LogResult<T>>) -> Self {
        Self { work: Some(work), result: Err(LogError::Unavailable), answer }
    }
}

impl<T: Send, W: FnOnce(&Transaction<'_>, &mut Shared) -> LogResult<T> + Send> Job for Task<T, W> {
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

/// Owns the writing connection and runs the jobs.
pub(super) struct Writer {
    connection: Connection,
    shared: Shared,
}

impl Writer {
    /// Starts the thread; it runs until all senders are dropped.
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
        // A job that failed half-way must leave nothing: then the whole transaction is dropped and all callers retry.
        jobs.iter_mut().all(|job| job.work(&tx, &mut self.shared)) && tx.commit().is_ok()
    }
}
