//! The writer thread. It commits all jobs that wait together, and replies only after the commit.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use ayumi_protocol::control::ServerKey;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::connection::write_over;
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
    /// The server's public keys: the present one, and those before it.
    pub(super) server: Vec<ServerKey>,
    /// A notebook was deleted, and may still stand in the write-ahead log.
    pub(super) deleted: bool,
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
    /// The store as this connection knew it: another number says that another process wrote.
    version: i64,
}

impl Writer {
    /// Starts the thread; it runs until all senders are dropped.
    pub(super) fn start(connection: Connection, shared: Shared) -> Result<(Jobs, JoinHandle<()>), LogError> {
        let (jobs, received) = channel();
        let mut writer = Self { connection, shared, version: 0 };
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
            if self.shared.deleted {
                self.shared.deleted = !write_over(&self.connection);
            }
            gathered.into_iter().for_each(|job| job.answer(committed));
        }
    }

    fn write(&mut self, jobs: &mut [Box<dyn Job>]) -> bool {
        let Ok(tx) = self.connection.transaction_with_behavior(TransactionBehavior::Immediate) else { return false };
        let version =
            tx.prepare_cached("PRAGMA data_version").and_then(|mut known| known.query_row([], |row| row.get(0)));
        let Ok(version) = version else { return false };
        // An operator may have deleted a notebook meanwhile.
        if std::mem::replace(&mut self.version, version) != version {
            self.shared.chains.forget();
        }
        jobs.iter_mut().all(|job| Self::run_one(&tx, job.as_mut(), &mut self.shared)) && tx.commit().is_ok()
    }

    /// Runs a job. One that fails half-way leaves nothing and keeps no other one back. Returns whether the transaction
    /// still stands: a full disk, say, ends it as a whole.
    fn run_one(tx: &Transaction<'_>, job: &mut dyn Job, shared: &mut Shared) -> bool {
        let run = |sql: &str| tx.prepare_cached(sql).and_then(|mut statement| statement.execute([])).is_ok();
        if !run("SAVEPOINT job") {
            return false;
        }
        let undone = job.work(tx, shared) || {
            // Chains in memory may hold what is taken back.
            shared.chains.forget();
            run("ROLLBACK TO job")
        };
        undone && !tx.is_autocommit() && run("RELEASE job")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_fails_leaves_nothing_and_keeps_no_other_one_back() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE seen (n INTEGER)").unwrap();
        let shared = Shared { chains: Arc::new(Chains::default()), quota: 0, server: Vec::new(), deleted: false };
        let mut writer = Writer { connection, shared, version: 0 };
        let (mut jobs, mut answers): (Vec<Box<dyn Job>>, Vec<_>) = (Vec::new(), Vec::new());
        for n in 0..5_i64 {
            let (answer, answered) = oneshot::channel();
            let work = move |tx: &Transaction<'_>, _: &mut Shared| {
                tx.execute("INSERT INTO seen (n) VALUES (?1)", [n]).map_err(|_| LogError::Unavailable)?;
                if n % 2 == 1 { Err(LogError::Unavailable) } else { Ok(n) }
            };
            jobs.push(Box::new(Task::new(work, answer)));
            answers.push(answered);
        }
        let committed = writer.write(&mut jobs);
        jobs.into_iter().for_each(|job| job.answer(committed));
        let answers: Vec<LogResult<i64>> =
            answers.into_iter().map(|answered| answered.blocking_recv().unwrap()).collect();
        let failed = || Err(LogError::Unavailable);
        assert_eq!(answers, [Ok(0), failed(), Ok(2), failed(), Ok(4)]);
        let sum: i64 = writer.connection.query_row("SELECT sum(n) FROM seen", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 6);
    }
}
